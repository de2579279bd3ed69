/* SPDX-License-Identifier: MIT
 *
 * Losses and limits that were hit: the counters of these two classes.
 */
#include "dashboard/server/parts.h"

#include <string.h>

static bool loss_is(unsigned counter)
{
	return nsc_counter_table[counter].class == NSC_CLASS_LOSS ||
	       nsc_counter_table[counter].class == NSC_CLASS_LIMIT;
}

void nsc_losses_note(struct nsc_loss_seen seen[NSC_C_COUNT], const struct nsc_view *view)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		uint64_t count = view->totals.value[i];

		if (!loss_is(i) || count == NSC_UNKNOWN || count <= seen[i].count)
			continue;
		seen[i].count = count;
		seen[i].last = nsc_view_start_time(view);
		if (!seen[i].since)
			seen[i].since = seen[i].last;
	}
}

static void loss_add_time(struct nsc_json *json, const char *key, uint64_t ns)
{
	nsc_json_key(json, key);
	if (ns)
		nsc_json_time(json, ns);
	else
		nsc_json_null(json);
}

static void loss_show(struct nsc_json *json, unsigned counter, uint64_t count, const struct nsc_loss_seen *seen)
{
	const struct nsc_counter_info *info = &nsc_counter_table[counter];

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "place", info->place);
	nsc_json_add_text(json, "counter", info->name);
	nsc_json_add_text(json, "class", nsc_counter_class_name(info->class));
	nsc_json_add_text(json, "what", info->help);
	nsc_json_add_text(json, "unit", info->unit);
	nsc_json_add_u64(json, "count", count);
	loss_add_time(json, "since", seen->since);
	loss_add_time(json, "last", seen->last);
	nsc_json_add_text(json, "advice", nsc_loss_table[counter].advice);
	nsc_json_close(json, '}');
}

void nsc_show_losses(struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_loss_seen seen[NSC_C_COUNT];

	pthread_mutex_lock(&web->mutex);
	memcpy(seen, web->loss, sizeof(seen));
	pthread_mutex_unlock(&web->mutex);
	nsc_json_add_open(json, "losses", '[');
	for (unsigned i = 0; web->view->seq && i < NSC_C_COUNT; i++) {
		uint64_t count = web->view->totals.value[i];

		if (loss_is(i) && count && count != NSC_UNKNOWN)
			loss_show(json, i, count, &seen[i]);
	}
	nsc_json_close(json, ']');
}
