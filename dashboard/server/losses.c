/* SPDX-License-Identifier: MIT
 *
 * Losses and limits that were hit: found by the endings of counters' names, so that a new counter cannot be forgotten;
 * what to do about each is a table.
 */
#include "dashboard/server/parts.h"

#include <string.h>

static const struct {
	const char *counter, *advice;
} advices[] = {
	{ "flow_evicted",
	  "The flow table was full, and the longest silent flows ended early: raise --max-flows, or shorten "
	  "--flow-timeout-s." },
	{ "tcp_blocks_full",
	  "More TCP flows had something outstanding than there was room for: their round trip times are "
	  "incomplete, everything else is not." },
	{ "alerts_dropped",
	  "The writer was too slow for so many alerts: longer cooldowns, or a faster disk for --alerts-jsonl." },
	{ "detect_key_evicted",
	  "More keys came in one epoch than detectors remember: raise analysis.anomalies.memory_mb; small ones may "
	  "be missed." },
	{ "detect_sketch_full",
	  "More keys came than sketches fit: raise analysis.anomalies.memory_mb; counts of different ones are low." },
	{ "detect_skipped", "Epochs of the detectors were dropped before a busy publisher: alerts may be missing." },
	{ "snapshot_missed", "The publisher was late; totals lose nothing, the numbers are in a later tick." },
};

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static bool is_loss(unsigned counter)
{
	static const char *const endings[] = { "_drops", "_dropped", "_full", "_evicted", "_skipped", "_lost" };
	const struct nsc_counter_info *info = &nsc_counter_table[counter];

	for (size_t i = 0; i < NSC_ARRAY_LEN(endings); i++)
		if (ends_with(info->name, endings[i]))
			return info->kind == NSC_COUNTER;
	return false;
}

static const char *advice_for(unsigned counter)
{
	const char *name = nsc_counter_table[counter].name;

	for (unsigned i = 0; i < NSC_LOSS_COUNT; i++)
		if (nsc_loss_table[i].counter == counter)
			return nsc_loss_table[i].advice;
	for (size_t i = 0; i < NSC_ARRAY_LEN(advices); i++)
		if (!strcmp(advices[i].counter, name))
			return advices[i].advice;
	return "A limit was hit here: see the counters of this place, and docs/architecture.md, \"Full means\".";
}

/* The n-th counter that stands for a loss has the n-th place. */
void nsc_losses_note(uint64_t since[NSC_WEB_LOSSES], const struct nsc_view *view)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NSC_C_COUNT && n < NSC_WEB_LOSSES; i++) {
		uint64_t count = view->totals.value[i];

		if (!is_loss(i))
			continue;
		if (!since[n] && count && count != NSC_UNKNOWN)
			since[n] = view->start_ns;
		n++;
	}
}

static void show_loss(struct nsc_json *json, unsigned counter, uint64_t count, uint64_t since_ns)
{
	const struct nsc_counter_info *info = &nsc_counter_table[counter];

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "place", info->place);
	nsc_json_add_text(json, "counter", info->name);
	nsc_json_add_text(json, "what", info->help);
	nsc_json_add_text(json, "unit", info->unit);
	nsc_json_add_u64(json, "count", count);
	nsc_json_add_time(json, "since", since_ns ? since_ns : NSC_UNKNOWN);
	nsc_json_add_text(json, "advice", advice_for(counter));
	nsc_json_close(json, '}');
}

void nsc_show_losses(struct nsc_web *web, struct nsc_json *json)
{
	uint64_t since[NSC_WEB_LOSSES];
	unsigned n = 0;

	pthread_mutex_lock(&web->mutex);
	memcpy(since, web->loss_since, sizeof(since));
	pthread_mutex_unlock(&web->mutex);
	nsc_json_open(json, '[');
	for (unsigned i = 0; web->view->seq && i < NSC_C_COUNT && n < NSC_WEB_LOSSES; i++) {
		uint64_t count = web->view->totals.value[i];

		if (!is_loss(i))
			continue;
		if (count && count != NSC_UNKNOWN)
			show_loss(json, i, count, since[n]);
		n++;
	}
	nsc_json_close(json, ']');
}
