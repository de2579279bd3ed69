/* SPDX-License-Identifier: MIT */
#include "engine/dns/table.h"

#include <errno.h>
#include <string.h>

#include "engine/base/assert.h"
#include "netscope/heap.h"

enum { FORGET_CANDIDATES = 8 };

uint64_t nsc_dns_table_bytes(uint32_t capacity)
{
	return capacity * (sizeof(struct nsc_dns_entry) + sizeof(uint64_t) + sizeof(uint32_t));
}

int nsc_dns_table_open(struct nsc_dns_table *t, struct nsc_arena *arena, uint32_t capacity, uint32_t top,
		       struct nsc_error *error)
{
	*t = (struct nsc_dns_table){ .capacity = capacity, .mask = capacity - 1, .top = top };
	t->weight = nsc_arena_alloc(arena, capacity * sizeof(*t->weight));
	t->head = t->weight ? nsc_arena_alloc(arena, capacity * sizeof(*t->head)) : NULL;
	for (uint32_t i = 0; t->head && i < capacity / NSC_DNS_BLOCK; i++)
		if (!(t->block[i] = nsc_arena_alloc(arena, NSC_DNS_BLOCK * sizeof(struct nsc_dns_entry))))
			t->head = NULL;
	return t->head ? 0 : nsc_fail(error, -ENOMEM, "no memory for what DNS says");
}

nsc_always_inline struct nsc_dns_entry *table_at(const struct nsc_dns_table *t, uint32_t number)
{
	return &t->block[number / NSC_DNS_BLOCK][number % NSC_DNS_BLOCK];
}

/* --- keys ------------------------------------------------------------------------------------- */

struct nsc_dns_entry *nsc_dns_table_find(const struct nsc_dns_table *t, uint64_t hash)
{
	struct nsc_dns_entry *entry;

	for (uint32_t i = t->head[hash >> 16 & t->mask]; i; i = entry->next) {
		entry = table_at(t, i - 1);
		if (entry->hash == hash)
			return entry;
	}
	return NULL;
}

static void table_unlink(struct nsc_dns_table *t, const struct nsc_dns_entry *entry)
{
	uint32_t *link = &t->head[entry->hash >> 16 & t->mask];

	while (*link != entry->number + 1)
		link = &table_at(t, *link - 1)->next;
	*link = entry->next;
}

/* Whoever comes next may take the place. */
static void table_withdraw(struct nsc_dns_table *t, const struct nsc_dns_entry *entry)
{
	uint32_t i = 0;

	while (t->candidate[i] != entry->number)
		i++;
	t->candidate[i] = t->candidate[--t->n];
	t->threshold = 0;
}

static struct nsc_dns_entry *table_forget(struct nsc_dns_table *t)
{
	uint32_t least = t->hand;
	struct nsc_dns_entry *entry;

	for (uint32_t i = t->hand + 1; i < t->hand + FORGET_CANDIDATES; i++)
		if (t->weight[i] < t->weight[least])
			least = i;
	t->hand = (t->hand + FORGET_CANDIDATES) & t->mask;
	entry = table_at(t, least);
	if (t->weight[least] & NSC_DNS_CANDIDATE)
		table_withdraw(t, entry);
	table_unlink(t, entry);
	return entry;
}

/* A latency is seldom there, and its histogram is large. */
static void entry_clear(struct nsc_dns_entry *entry)
{
	if (entry->latency.max_ns || entry->latency.count[0])
		memset(&entry->latency, 0, sizeof(entry->latency));
	memset(&entry->counts, 0, sizeof(entry->counts));
}

struct nsc_dns_entry *nsc_dns_table_get(struct nsc_dns_table *t, uint64_t hash, const void *key, uint32_t length,
					bool *forgot)
{
	struct nsc_dns_entry *entry = nsc_dns_table_find(t, hash);
	uint32_t *head = &t->head[hash >> 16 & t->mask], number = t->used;

	*forgot = false;
	if (entry)
		return entry;
	nsc_assert(length && length <= NSC_NAME_MAX, "a key has 1 to 255 bytes");
	*forgot = t->used == t->capacity;
	entry = *forgot ? table_forget(t) : table_at(t, t->used++);
	number = *forgot ? entry->number : number;
	entry_clear(entry);
	entry->number = number;
	t->weight[number] = 0;
	entry->hash = hash;
	entry->key_length = (uint8_t)length;
	memcpy(entry->key, key, length);
	entry->next = *head;
	*head = number + 1;
	return entry;
}

/* --- the top ---------------------------------------------------------------------------------- */

static int table_key_compare(const uint8_t *x, uint32_t x_length, const uint8_t *y, uint32_t y_length)
{
	int order = memcmp(x, y, NSC_MIN(x_length, y_length));

	return order ? order : (int)x_length - (int)y_length;
}

static bool entry_is_worse(const struct nsc_dns_entry *x, const struct nsc_dns_entry *y)
{
	if (x->counts.queries != y->counts.queries)
		return x->counts.queries < y->counts.queries;
	return table_key_compare(x->key, x->key_length, y->key, y->key_length) > 0;
}

#define ENTRY_WORSE(t, x, y) entry_is_worse(table_at(t, x), table_at(t, y))
NSC_HEAP(worst_entry, uint32_t, const struct nsc_dns_table *, ENTRY_WORSE)

/* Best first. */
static void table_cut(struct nsc_dns_table *t)
{
	const struct nsc_dns_entry *worst;

	worst_entry_sort(t, t->candidate, t->n);
	for (; t->n > t->top; t->n--)
		t->weight[t->candidate[t->n - 1]] &= ~NSC_DNS_CANDIDATE;
	if (t->n < t->top)
		return;
	worst = table_at(t, t->candidate[t->n - 1]);
	t->threshold = worst->counts.queries;
	t->worst_length = worst->key_length;
	memcpy(t->worst, worst->key, worst->key_length);
}

void nsc_dns_table_offer(struct nsc_dns_table *t, struct nsc_dns_entry *entry)
{
	uint64_t candidate = t->weight[entry->number] & NSC_DNS_CANDIDATE;

	t->weight[entry->number] = entry->counts.queries | candidate;
	if (candidate || entry->counts.queries < t->threshold)
		return;
	if (t->threshold && entry->counts.queries == t->threshold &&
	    table_key_compare(entry->key, entry->key_length, t->worst, t->worst_length) > 0)
		return;
	if (t->n == 2 * t->top)
		table_cut(t);
	t->candidate[t->n++] = entry->number;
	t->weight[entry->number] |= NSC_DNS_CANDIDATE;
}

uint32_t nsc_dns_table_best(struct nsc_dns_table *t, const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX])
{
	table_cut(t);
	for (uint32_t i = 0; i < t->n; i++)
		best[i] = table_at(t, t->candidate[i]);
	return t->n;
}
