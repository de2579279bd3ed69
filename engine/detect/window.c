/* SPDX-License-Identifier: MIT
 *
 * Merging contacts into keys. With a million sources a contact misses the cache three times: index, entry, block. So
 * contacts go through four stages in groups, each stage one group behind the one before it: hash and ask for the index;
 * find and ask for the entry; ask for its blocks; add. The table of keys itself is in window_keys.c.
 */
#include "engine/detect/attacks.h"
#include "engine/detect/window_parts.h"

#define GROUP 16u
#define STAGES 4u

struct look {
	struct nsc_detect_key name;
	uint64_t key;     /* as slots have it */
	uint64_t packed;  /* 0: cannot be, or is of no use */
	uint32_t packets; /* that it stands for */
	uint32_t number;  /* of the entry; 0 = not found at once, or a single contact */
	uint64_t add[NSC_MEASURE_MULTISETS];
};

struct group {
	uint32_t n;
	struct look look[GROUP];
};

/* --- whether a rule may be reached, and whether it is ----------------------------------------- */

static uint64_t window_bound(const struct nsc_window *w, const struct nsc_window_entry *entry, uint32_t i)
{
	return w->measure->multiset[i].series ? nsc_multiset_series_bound(&entry->multiset[i], entry->form[i])
					      : nsc_multiset_set_bound(&entry->multiset[i], entry->form[i]);
}

/* Thresholds from above are left out: a value that is too large now may not be so at the epoch's end. */
static bool rule_may_be_reached(const struct nsc_rule *rule, const uint64_t *bound, uint32_t n)
{
	bool any = false, all = rule->enabled;

	for (uint32_t i = 0; i < n; i++) {
		bool reached = bound[i] >= rule->at_least[i];

		if (rule->at_least[i] == NSC_ALERT_NONE)
			continue;
		any |= reached;
		all &= reached;
	}
	return rule->any ? any && rule->enabled : all;
}

static bool rule_is_reached(const struct nsc_rule *rule, const uint64_t *value, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (rule->at_most[i] != NSC_ALERT_NONE && value[i] > rule->at_most[i])
			return false;
	return rule_may_be_reached(rule, value, n);
}

nsc_always_inline void window_list_candidate(struct nsc_window *w, struct nsc_window_entry *entry, uint32_t number)
{
	uint64_t bound[NSC_MEASURE_MULTISETS];
	bool may = false;

	for (uint32_t i = 0; i < w->measure->n_multisets; i++) {
		bound[i] = window_bound(w, entry, i);
		may |= bound[i] >= w->gate[i];
	}
	if (nsc_likely(!may))
		return;
	may = false;
	for (uint32_t i = 0; i < w->n_rules; i++)
		may |= rule_may_be_reached(w->rule[i], bound, w->measure->n_multisets);
	if (!may)
		return;
	entry->listed = true;
	w->candidate[w->n_candidates++] = number;
}

static uint64_t window_value(struct nsc_window *w, struct nsc_window_entry *entry, uint32_t i)
{
	uint64_t most = w->measure->multiset[i].most, value;

	if (w->measure->multiset[i].series)
		return nsc_multiset_sum(&w->multisets, &entry->multiset[i], &entry->form[i]);
	value = nsc_multiset_different(&w->multisets, &entry->multiset[i], entry->form[i]);
	return most ? NSC_MIN(value, most) : value;
}

const struct nsc_rule *nsc_window_verdict(struct nsc_window *w, struct nsc_window_entry *entry,
					  uint64_t value[NSC_MEASURE_MULTISETS])
{
	for (uint32_t i = 0; i < w->measure->n_multisets; i++)
		value[i] = window_value(w, entry, i);
	for (uint32_t i = 0; i < w->n_rules; i++)
		if (rule_is_reached(w->rule[i], value, w->measure->n_multisets))
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

/* --- merging ---------------------------------------------------------------------------------- */

/* First contact of a key in this epoch. */
static void window_enter_epoch(struct nsc_window *w, struct nsc_window_entry *entry)
{
	uint8_t purged = (uint8_t)(w->age / NSC_MULTISET_PURGE);

	if (w->now - entry->touched >= w->multisets.window) {
		window_empty(w, entry);
		if (w->now >= entry->quiet)
			entry->quiet = 0; /* as if the cursor had forgotten it */
	}
	for (uint32_t i = 0; entry->purged != purged && i < w->measure->n_multisets; i++)
		nsc_multiset_purge(&w->multisets, &entry->multiset[i], &entry->form[i], w->measure->multiset[i].series);
	entry->purged = purged;
	entry->touched = w->now;
}

static void window_count_attack(const struct nsc_window *w, const struct nsc_window_entry *entry, uint32_t packets)
{
	struct nsc_detect_key key = { .port = entry->port, .ip_version = entry->ip_version };

	memcpy(key.addr, entry->addr, sizeof(key.addr));
	if (w->attacks)
		nsc_attacks_count(w->attacks, (unsigned)__builtin_ctz(w->kind), &key, packets);
}

static void window_add(struct nsc_window *w, uint32_t number, const struct look *look)
{
	struct nsc_window_entry *entry = nsc_window_at(w, number);

	w->pinned = number;
	if (entry->touched != w->now)
		window_enter_epoch(w, entry);
	window_fill(w, entry, look->add);
	w->pinned = 0;
	if (nsc_unlikely(entry->quiet)) /* it has raised an alert */
		window_count_attack(w, entry, look->packets);
	if (!entry->listed && w->now >= entry->quiet)
		window_list_candidate(w, entry, number);
}

/* The number of the entry that this contact goes into, which may be new; 0 when there is no room. *done: it needs none,
 * because it is the only one of its key. */
static uint32_t window_place(struct nsc_window *w, const struct look *look, bool *done)
{
	struct nsc_window_slot *slot = window_slot(w, look->key);

	if (!w->singles || slot->key & WINDOW_ENTRY)
		return window_find_or_insert(w, look->key, &look->name);
	if (slot->key && multiset_lives(&w->multisets, slot->key)) {
		*done = !w->sums && slot->value == look->packed;
		if (!*done)
			return window_promote(w, slot, &look->name);
		slot->key = look->key | w->multisets.now;
		return 0;
	}
	if (slot->key)
		window_remove(w, slot);
	if (!look->packed)
		return window_find_or_insert(w, look->key, &look->name);
	window_insert_single(w, look->key, look->packed);
	*done = true;
	return 0;
}

/* A record of UDP may stand for any number of packets, and a handshake is no part of an attack. A flow is one packet of
 * a scan, and all that it has of a flood. */
static uint32_t contact_packets(const struct nsc_window *w, const struct nsc_contact_record *record)
{
	if (record->kind == NSC_CONTACT_UDP || record->kind == NSC_CONTACT_HANDSHAKE)
		return 0;
	return !w->sums && NSC_CONTACT_BIT(record->kind) & NSC_CONTACTS_UDP_PROBE ? 1 : record->count;
}

/* Stage 1: the next contacts that this window wants. Returns where they ended. */
static uint32_t group_read(const struct nsc_window *w, const struct nsc_contact *contact, uint32_t at, uint32_t n,
			   struct group *group)
{
	for (group->n = 0; at < n && group->n < GROUP; at++) {
		struct look *look = &group->look[group->n];
		uint64_t hash;

		if (!(w->contacts & NSC_CONTACT_BIT(contact[at].record->kind)) || contact[at].ignored & w->kind)
			continue;
		memset(look->add, 0, sizeof(look->add));
		w->measure->read(&contact[at], w->seed, &look->name, &hash, look->add);
		look->packets = contact_packets(w, contact[at].record);
		look->packed = w->singles ? w->measure->pack(&contact[at]) : 0;
		look->key = window_key(hash);
		nsc_prefetch_write(&w->index[window_home(w, look->key)]);
		group->n++;
	}
	return at;
}

/* Stage 2 */
static void group_find_entries(const struct nsc_window *w, struct group *group)
{
	for (uint32_t i = 0; i < group->n; i++) {
		const struct nsc_window_slot *slot = window_slot(w, group->look[i].key);

		group->look[i].number = slot->key & WINDOW_ENTRY ? (uint32_t)slot->value : 0;
		if (group->look[i].number)
			nsc_prefetch_write(nsc_window_at(w, group->look[i].number));
	}
}

/* Stage 3 */
static void group_find_blocks(const struct nsc_window *w, struct group *group)
{
	for (uint32_t i = 0; i < group->n; i++) {
		const struct look *look = &group->look[i];
		const struct nsc_window_entry *entry = nsc_window_at(w, look->number);

		for (uint32_t k = 0; look->number && k < w->measure->n_multisets; k++)
			if (look->add[k] && !w->measure->multiset[k].series)
				nsc_multiset_prefetch(&w->multisets, &entry->multiset[k], entry->form[k], look->add[k]);
	}
}

/* Stage 4. What was found may have been forgotten meanwhile, or was another key of the same hash. */
static void group_add(struct nsc_window *w, struct group *group)
{
	for (uint32_t i = 0; i < group->n; i++) {
		struct look *look = &group->look[i];
		uint32_t number = look->number;
		bool done = false;

		if (!number || !window_is_key(nsc_window_at(w, number), &look->name))
			number = window_place(w, look, &done);
		if (number)
			window_add(w, number, look);
		else if (!done)
			w->turned_away++;
	}
}

void nsc_window_hear(struct nsc_window *w, bool answers)
{
	w->contacts = w->wanted[answers];
}

void nsc_window_merge(struct nsc_window *w, const struct nsc_contact *contact, uint32_t n)
{
	struct group group[STAGES];
	uint32_t at = 0;

	for (uint32_t i = 0; i < STAGES; i++)
		group[i].n = 0;
	for (uint32_t round = 0, idle = 0; idle < STAGES; round++) {
		group_add(w, &group[(round + 1) % STAGES]);
		at = group_read(w, contact, at, n, &group[round % STAGES]);
		group_find_entries(w, &group[(round + 3) % STAGES]);
		group_find_blocks(w, &group[(round + 2) % STAGES]);
		idle = group[round % STAGES].n ? 0 : idle + 1;
	}
}

/* Elements and single contacts know their epoch modulo 2^16 only: the cursor must have been everywhere before an old
 * one looks young. A jump of a window's length makes them all old, and a longer one no older; were it counted in full,
 * packets that are an hour apart would cost a walk over the whole index each.
 */
void nsc_window_enter(struct nsc_window *w, uint32_t epoch)
{
	uint64_t passed = NSC_MIN(epoch - w->now, w->multisets.window), slots = 1ull << w->index_bits;

	w->now = epoch;
	w->age += (uint32_t)passed;
	w->multisets.now = (uint16_t)w->age;
	if (w->singles)
		window_sweep(w, (uint32_t)(passed >= NSC_MULTISET_PURGE ? slots
									: (slots / NSC_MULTISET_PURGE + 1) * passed));
}
