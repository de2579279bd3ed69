/* SPDX-License-Identifier: MIT
 *
 * Merging contacts into keys. Contacts are taken in groups, in three passes: hash and prefetch the index, find and prefetch the
 * entry, add. With a million sources both miss the cache. The table of keys itself is in window_keys.c.
 */
#include "engine/detect/window_parts.h"

#define GROUP 16u

struct look {
	struct nsc_detect_key key;
	uint32_t hash;
	uint32_t number; /* of the first entry whose hash fits; 0 = none */
	uint64_t add[NSC_MEASURE_BAGS];
};

/* --- whether a rule may be reached, and whether it is -------------------------------------------------------------- */

static uint64_t bound_of(const struct nsc_window *w, const struct nsc_window_entry *entry, uint32_t i)
{
	return w->measure->bag[i].series ? nsc_bag_series_bound(&entry->bag[i], entry->form[i])
					 : nsc_bag_set_bound(&entry->bag[i], entry->form[i]);
}

/* Thresholds from above are left out: a value that is too large now may not be so at the epoch's end. */
static bool may_reach(const struct nsc_rule *rule, const uint64_t *bound, uint32_t n)
{
	bool any = false, all = true;

	for (uint32_t i = 0; i < n; i++) {
		bool reached = bound[i] >= rule->at_least[i];

		if (rule->at_least[i] == NSC_ALERT_NONE)
			continue;
		any |= reached;
		all &= reached;
	}
	return rule->any ? any : all;
}

static bool is_reached(const struct nsc_rule *rule, const uint64_t *value, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (rule->at_most[i] != NSC_ALERT_NONE && value[i] > rule->at_most[i])
			return false;
	return may_reach(rule, value, n);
}

static void list_candidate(struct nsc_window *w, struct nsc_window_entry *entry)
{
	uint64_t bound[NSC_MEASURE_BAGS];
	bool may = false;

	for (uint32_t i = 0; i < w->measure->n_bags; i++)
		bound[i] = bound_of(w, entry, i);
	for (uint32_t i = 0; i < w->n_rules; i++)
		may |= may_reach(w->rule[i], bound, w->measure->n_bags);
	if (!may)
		return;
	entry->listed = true;
	w->candidate[w->n_candidates++] = window_number(w, entry);
}

const struct nsc_rule *nsc_window_judge(struct nsc_window *w, struct nsc_window_entry *entry, uint64_t value[NSC_MEASURE_BAGS])
{
	for (uint32_t i = 0; i < w->measure->n_bags; i++)
		value[i] = w->measure->bag[i].series ? nsc_bag_sum(&w->bags, &entry->bag[i], &entry->form[i])
						     : nsc_bag_different(&w->bags, &entry->bag[i], entry->form[i]);
	for (uint32_t i = 0; i < w->n_rules; i++)
		if (is_reached(w->rule[i], value, w->measure->n_bags))
			return w->rule[i];
	return NULL;
}

int nsc_window_compare(const struct nsc_window_entry *x, const struct nsc_window_entry *y)
{
	int order = (int)x->ip_version - y->ip_version;

	if (!order)
		order = memcmp(x->addr, y->addr, sizeof(x->addr));
	return order ? order : (int)x->port - y->port;
}

/* --- merging ------------------------------------------------------------------------------------------------------- */

/* First contact of a key in this epoch. */
static void enter_epoch(struct nsc_window *w, struct nsc_window_entry *entry)
{
	uint8_t era = (uint8_t)(w->now / NSC_BAG_PURGE);

	if (w->now - entry->touched >= w->bags.window)
		window_empty(w, entry);
	for (uint32_t i = 0; entry->era != era && i < w->measure->n_bags; i++)
		nsc_bag_purge(&w->bags, &entry->bag[i], &entry->form[i], w->measure->bag[i].series);
	entry->era = era;
	entry->touched = w->now;
}

static void add(struct nsc_window *w, struct nsc_window_entry *entry, const uint64_t value[NSC_MEASURE_BAGS])
{
	w->pinned = window_number(w, entry);
	if (entry->touched != w->now)
		enter_epoch(w, entry);
	for (uint32_t i = 0; i < w->measure->n_bags; i++) {
		if (!value[i])
			continue;
		if (w->measure->bag[i].series)
			nsc_bag_count(&w->bags, &entry->bag[i], &entry->form[i], value[i]);
		else
			nsc_bag_note(&w->bags, &entry->bag[i], &entry->form[i], value[i]);
	}
	w->pinned = 0;
	if (!entry->listed && w->now >= entry->quiet)
		list_candidate(w, entry);
}

/* The next contacts of the chunk that this window wants. */
static uint32_t read_group(const struct nsc_window *w, const struct nsc_epoch_chunk *chunk, uint32_t *at, struct look *look)
{
	uint32_t n = 0;

	while (n < GROUP && *at < chunk->bytes) {
		const struct nsc_contact_record *record = (const struct nsc_contact_record *)(const void *)(chunk->record + *at);

		*at += nsc_contact_bytes(record->ip_version);
		if (!(w->contacts & NSC_CONTACT_BIT(record->kind)))
			continue;
		w->measure->key(record, &look[n].key);
		memset(look[n].add, 0, sizeof(look[n].add));
		w->measure->add(record, w->seed, look[n].add);
		look[n].hash = window_hash(w, &look[n].key);
		nsc_prefetch(&w->index[window_home(w, look[n].hash)]);
		n++;
	}
	return n;
}

static void add_group(struct nsc_window *w, struct look *look, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		look[i].number = window_candidate(w, look[i].hash);
		if (look[i].number)
			nsc_prefetch_write(nsc_window_at(w, look[i].number));
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t number = look[i].number;

		if (!number || !window_is_key(nsc_window_at(w, number), &look[i].key))
			number = window_find_or_insert(w, look[i].hash, &look[i].key);
		if (number)
			add(w, nsc_window_at(w, number), look[i].add);
		else
			w->turned_away++;
	}
}

void nsc_window_merge(struct nsc_window *w, const struct nsc_epoch_chunk *chunk)
{
	struct look look[GROUP];
	uint32_t at = 0, n;

	while ((n = read_group(w, chunk, &at, look)))
		add_group(w, look, n);
}

void nsc_window_enter(struct nsc_window *w, uint32_t epoch)
{
	w->now = epoch;
	w->bags.now = (uint16_t)epoch;
}
