/* SPDX-License-Identifier: MIT
 *
 * The keys of a window: an index by open addressing (linear, with whole hashes, so that taking one out moves others back to where
 * they belong without looking at entries), entries with a free list, and the hand that goes round them.
 */
#include <errno.h>

#include "engine/detect/window_parts.h"

enum {
	RECLAIM = 2,     /* entries that the hand looks at for each new key: dead ones are found before they are missed */
	CHOICE = 16,     /* entries from which the one to be forgotten is chosen */
	EVICTIONS = 4,   /* keys that may be forgotten for one block */
	STARVED = 8,     /* one in so many asks gets a block at the expense of others */
};

/* --- memory -------------------------------------------------------------------------------------------------------- */

struct layout {
	uint64_t pool;
	uint32_t capacity, index_bits, stride;
};

/* A third for bags; the rest for keys: entry, place among the candidates, and an index that is at most 3/4 full. */
static struct layout layout_of(const struct nsc_measure *measure, uint64_t memory)
{
	struct layout l = {.stride = (uint32_t)(sizeof(struct nsc_window_entry) + measure->n_bags * sizeof(struct nsc_bag))};
	uint64_t each = l.stride + sizeof(uint32_t), keys, left;

	memory = NSC_MAX(memory, NSC_WINDOW_MEMORY_MIN);
	l.pool = NSC_MAX(memory / 3 * 64 / 65 >> 20, 1ull) << 20;
	keys = memory - nsc_pool_bytes(l.pool) - each;
	for (l.index_bits = 10; l.index_bits < 30; l.index_bits++)
		if (((1ull << l.index_bits) / 4 * 3) * each + (8ull << l.index_bits) >= keys)
			break;
	left = keys > (8ull << l.index_bits) ? (keys - (8ull << l.index_bits)) / each : 0;
	if (left < (1ull << l.index_bits) / 4) { /* the smaller index leaves more room */
		l.index_bits--;
		left = (keys - (8ull << l.index_bits)) / each;
	}
	l.capacity = (uint32_t)NSC_MIN(left, (1ull << l.index_bits) / 4 * 3);
	return l;
}

uint64_t nsc_window_bytes(const struct nsc_measure *measure, uint64_t memory)
{
	struct layout l = layout_of(measure, memory);

	return nsc_pool_bytes(l.pool) + (8ull << l.index_bits) + (l.capacity + 1ull) * l.stride +
	       l.capacity * sizeof(uint32_t);
}

static bool make_room(void *context, uint32_t order);

int nsc_window_open(struct nsc_window *w, struct nsc_arena *arena, const struct nsc_window_options *o, struct nsc_error *error)
{
	struct layout l = layout_of(o->measure, o->memory);
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
	w->hand = 1;
	memset(w->gate, 0xff, sizeof(w->gate));
	w->bags = (struct nsc_bags){.pool = &w->pool,
				    .scratch = {o->scratch[0], o->scratch[1]},
				    .make_room = make_room,
				    .context = w,
				    .window = o->window};
	return 0;
}

void nsc_window_add_rule(struct nsc_window *w, const struct nsc_rule *rule)
{
	w->rule[w->n_rules++] = rule;
	w->contacts |= rule->contacts;
	for (uint32_t i = 0; i < w->measure->n_bags; i++)
		w->gate[i] = NSC_MIN(w->gate[i], rule->at_least[i]);
}

/* --- the index ----------------------------------------------------------------------------------------------------- */

static uint32_t key_hash(const struct nsc_window *w, const struct nsc_detect_key *key)
{
	return (uint32_t)(w->measure->hash(key, w->seed) >> 32);
}

static uint32_t hash_of(const struct nsc_window *w, const struct nsc_window_entry *entry)
{
	struct nsc_detect_key key = {.port = entry->port, .ip_version = entry->ip_version};

	memcpy(key.addr, entry->addr, sizeof(key.addr));
	return key_hash(w, &key);
}

static uint32_t find(const struct nsc_window *w, uint32_t hash, const struct nsc_detect_key *key)
{
	uint32_t mask = (1u << w->index_bits) - 1;

	for (uint32_t i = window_home(w, hash); w->index[i]; i = (i + 1) & mask)
		if (w->index[i] >> 32 == hash && window_is_key(nsc_window_at(w, (uint32_t)w->index[i]), key))
			return (uint32_t)w->index[i];
	return 0;
}

struct nsc_window_entry *nsc_window_find(const struct nsc_window *w, const struct nsc_detect_key *key)
{
	uint32_t number = find(w, key_hash(w, key), key);

	return number ? nsc_window_at(w, number) : NULL;
}

static void index_insert(struct nsc_window *w, uint32_t hash, uint32_t number)
{
	uint32_t mask = (1u << w->index_bits) - 1, i = window_home(w, hash);

	while (w->index[i])
		i = (i + 1) & mask;
	w->index[i] = (uint64_t)hash << 32 | number;
}

/* The ones behind it that would be nearer to their home move up, so that no look-up stops too early. */
static void index_remove(struct nsc_window *w, uint32_t hash, uint32_t number)
{
	uint32_t mask = (1u << w->index_bits) - 1, hole = window_home(w, hash);

	while (w->index[hole] != ((uint64_t)hash << 32 | number))
		hole = (hole + 1) & mask;
	for (uint32_t i = (hole + 1) & mask; w->index[i]; i = (i + 1) & mask) {
		uint32_t home = window_home(w, (uint32_t)(w->index[i] >> 32));

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		w->index[hole] = w->index[i];
		hole = i;
	}
	w->index[hole] = 0;
}

/* --- entries ------------------------------------------------------------------------------------------------------- */

void window_empty(struct nsc_window *w, struct nsc_window_entry *entry)
{
	for (uint32_t i = 0; i < w->measure->n_bags; i++)
		nsc_bag_clear(&w->bags, &entry->bag[i], &entry->form[i]);
}

static void forget(struct nsc_window *w, uint32_t number)
{
	struct nsc_window_entry *entry = nsc_window_at(w, number);

	index_remove(w, hash_of(w, entry), number);
	window_empty(w, entry);
	entry->ip_version = 0;
	memcpy(entry->addr, &w->free_head, sizeof(w->free_head));
	w->free_head = number;
	w->held--;
}

static bool is_dead(const struct nsc_window *w, const struct nsc_window_entry *entry)
{
	return w->now - entry->touched >= w->bags.window && w->now >= entry->quiet;
}

static struct nsc_window_entry *next_at_hand(struct nsc_window *w)
{
	w->hand = w->hand < w->used ? w->hand + 1 : 1;
	return nsc_window_at(w, w->hand);
}

static void reclaim(struct nsc_window *w)
{
	for (uint32_t i = 0; i < RECLAIM && w->used; i++) {
		struct nsc_window_entry *entry = next_at_hand(w);

		if (entry->ip_version && !entry->listed && w->hand != w->pinned && is_dead(w, entry))
			forget(w, w->hand);
	}
}

/* Elements that would be lost with it; and whether any of them lie in the pool. */
static uint64_t weight_of(const struct nsc_window *w, const struct nsc_window_entry *entry, bool *blocks)
{
	uint64_t weight = 0;

	*blocks = false;
	for (uint32_t i = 0; i < w->measure->n_bags; i++) {
		bool block = entry->form[i] & NSC_BAG_BLOCK;

		weight += block ? entry->bag[i].n : entry->form[i];
		*blocks |= block;
	}
	return weight;
}

/* Forgets one key: a dead one if there is one at hand, else the lightest. With `blocks` it must have some in the pool. */
static bool evict(struct nsc_window *w, bool blocks)
{
	uint64_t least = UINT64_MAX;
	uint32_t best = 0;

	for (uint32_t i = 0; i < CHOICE && w->used; i++) {
		const struct nsc_window_entry *entry = next_at_hand(w);
		bool has_blocks;
		uint64_t weight = weight_of(w, entry, &has_blocks) << 32 | entry->touched;

		if (!entry->ip_version || entry->listed || w->hand == w->pinned || (blocks && !has_blocks))
			continue;
		if (is_dead(w, entry))
			weight = 0;
		if (weight >= least)
			continue;
		least = weight;
		best = w->hand;
	}
	if (!best)
		return false;
	w->evicted += least != 0;
	forget(w, best);
	return true;
}

/* When the pool is full, looking for others' blocks costs more than all the rest of a contact. So only some of those who ask get
 * it: whoever gathers much asks often. */
static bool make_room(void *context, uint32_t order)
{
	struct nsc_window *w = context;

	if (w->starved++ % STARVED)
		return false;
	for (uint32_t i = 0; i < EVICTIONS; i++) {
		evict(w, true);
		if (nsc_pool_has(&w->pool, order))
			return true;
	}
	return false;
}

static uint32_t take_entry(struct nsc_window *w)
{
	uint32_t number;

	reclaim(w);
	if (!w->free_head && w->used < w->capacity)
		return ++w->used;
	if (!w->free_head && !evict(w, false))
		return 0;
	number = w->free_head;
	memcpy(&w->free_head, nsc_window_at(w, number)->addr, sizeof(w->free_head));
	return number;
}

uint32_t window_find_or_insert(struct nsc_window *w, uint32_t hash, const struct nsc_detect_key *key)
{
	uint32_t number = find(w, hash, key);
	struct nsc_window_entry *entry;

	if (number)
		return number;
	number = take_entry(w);
	if (!number)
		return 0;
	entry = nsc_window_at(w, number);
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->addr, key->addr, sizeof(entry->addr));
	entry->port = key->port;
	entry->ip_version = key->ip_version;
	entry->touched = w->now;
	entry->era = (uint8_t)(w->now / NSC_BAG_PURGE);
	index_insert(w, hash, number);
	w->held++;
	return number;
}

void nsc_window_reset(struct nsc_window *w)
{
	for (uint32_t number = 1; number <= w->used; number++)
		if (nsc_window_at(w, number)->ip_version)
			window_empty(w, nsc_window_at(w, number));
	memset(w->index, 0, sizeof(*w->index) << w->index_bits);
	w->used = w->held = w->free_head = w->n_candidates = 0;
	w->hand = 1;
}
