/* SPDX-License-Identifier: MIT
 *
 * From counters to Prometheus metrics.
 */
#include "netscope/metric.h"

#include <stdio.h>
#include <string.h>

const struct nsc_metric_info nsc_metric_table[NSC_METRIC_COUNT] = {
#define NSC_X(id, name, type, labels, help) [NSC_METRIC_##id] = { name, type, labels, help },
	NSC_METRICS(NSC_X)
#undef NSC_X
};

/* Whether `word` of `length` characters is a whole word of a name like "flow_created". */
static bool metric_has_word(const char *name, const char *word, size_t length)
{
	for (const char *at = name; at; at = strchr(at, '_'), at += at ? 1 : 0)
		if (!strncmp(at, word, length) && (at[length] == '_' || at[length] == '\0'))
			return true;
	return false;
}

/* Whether a name says its unit already, in the plural or, as "query_answered" does for queries, in the singular. */
static bool metric_says_unit(const char *name, const char *unit)
{
	size_t length = strlen(unit);
	char singular[32];

	if (metric_has_word(name, unit, length) || metric_has_word(name, unit, length - 1))
		return true;
	snprintf(singular, sizeof(singular), "%.*sy", (int)length - 3, unit);
	return !strcmp(unit + length - 3, "ies") && metric_has_word(name, singular, strlen(singular));
}

static void metric_share(struct nsc_metric *metric, const char *name, const char *help, const char *label,
			 const char *value)
{
	snprintf(metric->name, sizeof(metric->name), "netscope_%s", name);
	metric->help = help;
	metric->label = label;
	metric->value = value;
}

void nsc_metric_of(struct nsc_metric *metric, unsigned counter)
{
	const struct nsc_counter_info *info = &nsc_counter_table[counter];
	bool gauge = info->class == NSC_CLASS_GAUGE, says = metric_says_unit(info->name, info->unit);

	*metric = (struct nsc_metric){ .type = gauge ? "gauge" : "counter", .help = info->help };
	if (info->class == NSC_CLASS_FATE)
		metric_share(metric, "fate_packets_total", "packets by what became of them", "fate",
			     info->name + sizeof("fate_") - 1);
	else if (info->class == NSC_CLASS_CYCLES)
		metric_share(metric, "cycles_total", "cycles of the time stamp counter by stage", "stage",
			     info->name + sizeof("cycles_") - 1);
	else if (info->class == NSC_CLASS_WAITED)
		metric_share(metric, "waited_cycles_total", "cycles that threads waited for others, by what for", "for",
			     nsc_counter_waited(counter));
	else
		snprintf(metric->name, sizeof(metric->name), "netscope_%s%s%s%s", info->name, says ? "" : "_",
			 says ? "" : info->unit, gauge ? "" : "_total");
}
