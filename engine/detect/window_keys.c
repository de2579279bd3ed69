/* SPDX-License-Identifier: MIT
 *
 * The keys of a window: an index by open addressing (linear, with whole hashes, so that taking one out moves others
 * back to where they belong without looking at entries), entries with a free list, and the cursors that go round both.
 */
#include <errno.h>

#include "engine/detect/window_parts.h"

enum {
	RECLAIM = 2, /* entries that the cursor looks at for each new one: dead ones are found before they are missed */
	SWEEP = 4,   /* slots of the index that its cursor looks at for each new key */
	CHOICE = 8,  /* entries or slots from which the one to be forgotten is chosen */
	LOOK = 64,   /* slots at most, when none of the first ones will do: empty ones lie together */
	EVICTIONS = 4, /* keys that may be forgotten for one block */
	STARVED = 8,   /* one in so many requests gets a block at the expense of others */
};

/* --- memory ----------------------------------------------------------------------------------- */

struct layout {
	uint64_t pool;
	uint32_t capacity, index_bits, stride;
};

/* Half for multisets; of the rest at most half for the index, which is at most 3/4 full. */
static struct layout window_layout(const struct nsc_measure *measure, uint64_t memory)
{
	struct layout l = { .stride = (uint32_t)(sizeof(struct nsc_window_entry) +
						 measure->n_multisets * sizeof(struct nsc_multiset)) };
	uint64_t each = l.stride + sizeof(uint32_t), keys;

	memory = NSC_MAX(memory, NSC_WINDOW_MEMORY_MIN);
	l.pool = NSC_MAX(memory / 2 * 64 / 65 >> 20, 1ull) << 20;
	keys = memory - nsc_pool_bytes(l.pool) - l.stride;
	for (l.index_bits = 10; l.index_bits < 30 && sizeof(struct nsc_window_slot) << (l.index_bits + 1) <= keys / 2;)
		l.index_bits++;
	keys -= sizeof(struct nsc_window_slot) << l.index_bits;
	l.capacity = (uint32_t)NSC_MIN(keys / each, (1ull << l.index_bits) / 4 * 3);
	return l;
}

uint64_t nsc_window_bytes(const struct nsc_measure *measure, uint64_t memory)
{
	struct layout l = window_layout(measure, memory);

	return nsc_pool_bytes(l.pool) + (sizeof(struct nsc_window_slot) << l.index_bits) +
	       (l.capacity + 1ull) * l.stride + l.capacity * sizeof(uint32_t);
}

static bool window_make_room(void *context, uint32_t order);

int nsc_window_open(struct nsc_window *w, struct nsc_arena *arena, const struct nsc_window_options *o,
		    struct nsc_error *error)
{
	struct layout l = window_layout(o->measure, o->memory);
	int failed = nsc_pool_open(&w->pool, arena, l.pool, error);

	if (failed)
		return failed;
	w->measure = o->measure;
	memcpy(w->seed, o->seed, sizeof(w->seed));
	w->stride = l.stride;
	w->capacity = l.capacity;
	w->index_bits = l.index_bits;
	w->index = nsc_arena_alloc(arena, sizeof(*w->index) << l.index_bits);
	w->entries = nsc_arena_alloc(arena, (l.capacity + 1ull) * l.stride);
	w->candidate = nsc_arena_alloc(arena, l.capacity * sizeof(*w->candidate));
	if (!w->index || !w->entries || !w->candidate)
		return nsc_fail(error, -ENOMEM, "no memory for %u keys of the detectors", l.capacity);
	w->cursor = 1;
	w->singles = o->measure->pack != NULL;
	for (uint32_t i = 0; i < o->measure->n_multisets; i++)
		w->sums |= o->measure->multiset[i].series;
	memset(w->gate, 0xff, sizeof(w->gate));
	w->multisets = (struct nsc_multisets){ .pool = &w->pool,
					       .scratch = { o->scratch[0], o->scratch[1] },
					       .make_room = window_make_room,
					       .context = w,
					       .window = o->window };
	return 0;
}

static void window_lower_gates(struct nsc_window *w, const struct nsc_rule *rule)
{
	for (uint32_t i = 0; i < w->measure->n_multisets; i++)
		w->gate[i] = NSC_MIN(w->gate[i], rule->at_least[i]);
}

/* Whether one contact is never enough for an alert. */
static bool window_gates_want_two(const struct nsc_window *w)
{
	for (uint32_t i = 0; i < w->measure->n_multisets; i++)
		if (w->gate[i] <= 1)
			return false;
	return true;
}

void nsc_window_add_rule(struct nsc_window *w, const struct nsc_rule *rule)
{
	w->rule[w->n_rules++] = rule;
	w->wanted[false] |= rule->contacts & ~rule->if_answered;
	w->wanted[true] |= rule->contacts & ~rule->if_silent;
	w->contacts = w->wanted[true];
	window_lower_gates(w, rule);
	w->singles = w->singles && window_gates_want_two(w);
}

void nsc_window_rules_changed(struct nsc_window *w)
{
	memset(w->gate, 0xff, sizeof(w->gate));
	for (uint32_t i = 0; i < w->n_rules; i++)
		if (w->rule[i]->enabled)
			window_lower_gates(w, w->rule[i]);
	if (!w->singles || window_gates_want_two(w))
		return;
	nsc_window_reset(w);
	w->singles = false;
}

/* --- the index -------------------------------------------------------------------------------- */

static uint64_t entry_key(const struct nsc_window *w, const struct nsc_window_entry *entry)
{
	struct nsc_detect_key name = { .port = entry->port, .ip_version = entry->ip_version };

	memcpy(name.addr, entry->addr, sizeof(name.addr));
	return window_key(w->measure->hash(&name, w->seed));
}

static bool slot_is_entry(const struct nsc_window_slot *slot)
{
	return slot->key & WINDOW_ENTRY;
}

static struct nsc_window_slot *index_slot_after(const struct nsc_window *w, struct nsc_window_slot *slot)
{
	return &w->index[(uint32_t)(slot + 1 - w->index) & ((1u << w->index_bits) - 1)];
}

static uint32_t index_find(const struct nsc_window *w, uint64_t key, const struct nsc_detect_key *name)
{
	for (struct nsc_window_slot *slot = window_slot(w, key); slot->key; slot = index_slot_after(w, slot))
		if (slot_is_entry(slot) && !((slot->key ^ key) >> 17) &&
		    window_is_key(nsc_window_at(w, (uint32_t)slot->value), name))
			return (uint32_t)slot->value;
	return 0;
}

struct nsc_window_entry *nsc_window_find(const struct nsc_window *w, const struct nsc_detect_key *name)
{
	uint32_t number = index_find(w, window_key(w->measure->hash(name, w->seed)), name);

	return number ? nsc_window_at(w, number) : NULL;
}

static void index_insert(struct nsc_window *w, uint64_t key, uint64_t value)
{
	struct nsc_window_slot *slot = &w->index[window_home(w, key)];

	while (slot->key)
		slot = index_slot_after(w, slot);
	*slot = (struct nsc_window_slot){ .key = key, .value = value };
	w->keys++;
}

/* The ones behind it that would be nearer to their home move up, so that no look-up stops too early. */
void window_remove(struct nsc_window *w, struct nsc_window_slot *slot)
{
	uint32_t mask = (1u << w->index_bits) - 1, hole = (uint32_t)(slot - w->index);

	for (uint32_t i = (hole + 1) & mask; w->index[i].key; i = (i + 1) & mask) {
		uint32_t home = window_home(w, w->index[i].key);

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		w->index[hole] = w->index[i];
		hole = i;
	}
	w->index[hole].key = 0;
	w->keys--;
}

static void index_remove_entry(struct nsc_window *w, uint64_t key, uint32_t number)
{
	struct nsc_window_slot *slot = &w->index[window_home(w, key)];

	while (!slot_is_entry(slot) || (uint32_t)slot->value != number)
		slot = index_slot_after(w, slot);
	window_remove(w, slot);
}

/* --- keys with one contact -------------------------------------------------------------------- */

static struct nsc_window_slot *index_next_slot(struct nsc_window *w)
{
	w->index_cursor = (w->index_cursor + 1) & ((1u << w->index_bits) - 1);
	return &w->index[w->index_cursor];
}

/* A slot that is cleared may get another one from behind: it is looked at again. */
void window_sweep(struct nsc_window *w, uint32_t slots)
{
	for (uint32_t i = 0; i < slots; i++) {
		struct nsc_window_slot *slot = index_next_slot(w);

		while (slot->key && !slot_is_entry(slot) && !multiset_lives(&w->multisets, slot->key))
			window_remove(w, slot);
	}
}

/* The index has as many keys as it may: the one of a few that was silent longest goes. */
static bool index_forget_single(struct nsc_window *w)
{
	struct nsc_window_slot *oldest = NULL;

	for (uint32_t i = 0; i < CHOICE || (!oldest && i < LOOK); i++) {
		struct nsc_window_slot *slot = index_next_slot(w);

		if (slot->key && !slot_is_entry(slot) &&
		    (!oldest || multiset_age(&w->multisets, slot->key) > multiset_age(&w->multisets, oldest->key)))
			oldest = slot;
	}
	if (!oldest)
		return false;
	w->evicted++;
	window_remove(w, oldest);
	return true;
}

static bool index_has_room(struct nsc_window *w)
{
	return w->keys < (1u << w->index_bits) / 4 * 3 || index_forget_single(w);
}

void window_insert_single(struct nsc_window *w, uint64_t key, uint64_t packed)
{
	window_sweep(w, SWEEP);
	if (index_has_room(w))
		index_insert(w, key | w->multisets.now, packed);
	else
		w->turned_away++;
}

/* --- entries ---------------------------------------------------------------------------------- */

void window_empty(struct nsc_window *w, struct nsc_window_entry *entry)
{
	for (uint32_t i = 0; i < w->measure->n_multisets; i++)
		nsc_multiset_clear(&w->multisets, &entry->multiset[i], &entry->form[i]);
}

void window_fill(struct nsc_window *w, struct nsc_window_entry *entry, const uint64_t value[NSC_MEASURE_MULTISETS])
{
	for (uint32_t i = 0; i < w->measure->n_multisets; i++) {
		if (!value[i])
			continue;
		if (w->measure->multiset[i].series)
			nsc_multiset_count(&w->multisets, &entry->multiset[i], &entry->form[i], (uint32_t)value[i]);
		else
			nsc_multiset_note(&w->multisets, &entry->multiset[i], &entry->form[i], value[i]);
	}
}

static void window_forget(struct nsc_window *w, uint32_t number)
{
	struct nsc_window_entry *entry = nsc_window_at(w, number);

	index_remove_entry(w, entry_key(w, entry), number);
	window_empty(w, entry);
	entry->ip_version = 0;
	memcpy(entry->addr, &w->free_head, sizeof(w->free_head));
	w->free_head = number;
}

static bool entry_is_dead(const struct nsc_window *w, const struct nsc_window_entry *entry)
{
	return w->now - entry->touched >= w->multisets.window && w->now >= entry->quiet;
}

static struct nsc_window_entry *window_next_entry(struct nsc_window *w)
{
	w->cursor = w->cursor < w->used ? w->cursor + 1 : 1;
	return nsc_window_at(w, w->cursor);
}

static void window_reclaim(struct nsc_window *w)
{
	for (uint32_t i = 0; i < RECLAIM && w->used; i++) {
		struct nsc_window_entry *entry = window_next_entry(w);

		if (entry->ip_version && !entry->listed && w->cursor != w->pinned && entry_is_dead(w, entry))
			window_forget(w, w->cursor);
	}
}

/* Elements that would be lost with it; and whether any of them lie in the pool. */
static uint64_t entry_weight(const struct nsc_window *w, const struct nsc_window_entry *entry, bool *blocks)
{
	uint64_t weight = 0;

	*blocks = false;
	for (uint32_t i = 0; i < w->measure->n_multisets; i++) {
		bool block = entry->form[i] & NSC_MULTISET_BLOCK;

		weight += block ? entry->multiset[i].n : entry->form[i];
		*blocks |= block;
	}
	return weight;
}

/* Forgets one key: a dead one if there is one near, else the lightest. With `blocks` it must have some in the pool.
 */
static bool window_evict(struct nsc_window *w, bool blocks)
{
	uint64_t least = UINT64_MAX;
	uint32_t best = 0;

	for (uint32_t i = 0; i < CHOICE && w->used; i++) {
		const struct nsc_window_entry *entry = window_next_entry(w);
		bool has_blocks;
		uint64_t weight = entry_weight(w, entry, &has_blocks) << 32 | entry->touched;

		if (!entry->ip_version || entry->listed || w->cursor == w->pinned || (blocks && !has_blocks))
			continue;
		if (entry_is_dead(w, entry))
			weight = 0;
		if (weight >= least)
			continue;
		least = weight;
		best = w->cursor;
	}
	if (!best)
		return false;
	w->evicted += least != 0;
	window_forget(w, best);
	return true;
}

/* When the pool is full, looking for others' blocks costs more than all the rest of a contact. So only some of those
 * who ask get it: whoever gathers much asks often. */
static bool window_make_room(void *context, uint32_t order)
{
	struct nsc_window *w = context;

	if (w->starved++ % STARVED)
		return false;
	for (uint32_t i = 0; i < EVICTIONS; i++) {
		window_evict(w, true);
		if (nsc_pool_has(&w->pool, order))
			return true;
	}
	return false;
}

static uint32_t window_take_entry(struct nsc_window *w)
{
	uint32_t number;

	window_reclaim(w);
	if (!w->free_head && w->used < w->capacity)
		return ++w->used;
	if (!w->free_head && !window_evict(w, false))
		return 0;
	number = w->free_head;
	memcpy(&w->free_head, nsc_window_at(w, number)->addr, sizeof(w->free_head));
	return number;
}

/* An entry of its own for a key that has none; 0 when there is none to be had. */
static uint32_t window_new_entry(struct nsc_window *w, uint64_t key, const struct nsc_detect_key *name)
{
	uint32_t number = window_take_entry(w);
	struct nsc_window_entry *entry = nsc_window_at(w, number);

	if (!number)
		return 0;
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->addr, name->addr, sizeof(entry->addr));
	entry->port = name->port;
	entry->ip_version = name->ip_version;
	entry->touched = w->now;
	entry->purged = (uint8_t)(w->age / NSC_MULTISET_PURGE);
	index_insert(w, key | WINDOW_ENTRY, number);
	return number;
}

uint32_t window_find_or_insert(struct nsc_window *w, uint64_t key, const struct nsc_detect_key *name)
{
	uint32_t number = index_find(w, key, name);

	if (number || !index_has_room(w))
		return number;
	return window_new_entry(w, key, name);
}

/* Taking an entry may move slots about: the single contact leaves the index first. */
uint32_t window_promote(struct nsc_window *w, struct nsc_window_slot *slot, const struct nsc_detect_key *name)
{
	struct nsc_window_slot single = *slot;
	uint64_t value[NSC_MEASURE_MULTISETS] = { 0 };
	uint16_t now = w->multisets.now;
	uint32_t number;

	window_remove(w, slot);
	number = window_new_entry(w, window_key(single.key), name);
	if (!number)
		return 0;
	w->measure->unpack(single.value, w->seed, value);
	w->multisets.now = (uint16_t)single.key;
	window_fill(w, nsc_window_at(w, number), value);
	w->multisets.now = now;
	return number;
}

void nsc_window_reset(struct nsc_window *w)
{
	for (uint32_t number = 1; number <= w->used; number++)
		if (nsc_window_at(w, number)->ip_version)
			window_empty(w, nsc_window_at(w, number));
	memset(w->index, 0, sizeof(*w->index) << w->index_bits);
	w->used = w->keys = w->free_head = w->n_candidates = w->index_cursor = 0;
	w->cursor = 1;
}
