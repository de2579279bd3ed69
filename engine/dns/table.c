/* SPDX-License-Identifier: MIT */
#include "engine/dns/table.h"

#include <errno.h>
#include <string.h>

#include "engine/base/assert.h"
#include "netscope/heap.h"

enum { FORGET_CANDIDATES = 8 };

uint64_t nsc_dns_table_bytes(uint32_t capacity)
{
	return capacity * (sizeof(struct nsc_dns_entry) + sizeof(struct nsc_histogram) + sizeof(uint64_t) +
			   sizeof(uint32_t) + sizeof(struct nsc_dns_link));
}

int nsc_dns_table_open(struct nsc_dns_table *t, struct nsc_arena *arena, uint32_t capacity, uint32_t top,
		       struct nsc_error *error)
{
	*t = (struct nsc_dns_table){ .capacity = capacity, .mask = capacity - 1, .top = top };
	t->weight = nsc_arena_alloc(arena, capacity * sizeof(*t->weight));
	t->link = t->weight ? nsc_arena_alloc(arena, capacity * sizeof(*t->link)) : NULL;
	t->head = t->link ? nsc_arena_alloc(arena, capacity * sizeof(*t->head)) : NULL;
	for (uint32_t i = 0; t->head && i < capacity / NSC_DNS_BLOCK; i++) {
		t->block[i] = nsc_arena_alloc(arena, NSC_DNS_BLOCK * sizeof(struct nsc_dns_entry));
		t->many[i] = nsc_arena_alloc(arena, NSC_DNS_BLOCK * sizeof(struct nsc_histogram));
		if (!t->block[i] || !t->many[i])
			t->head = NULL;
	}
	return t->head ? 0 : nsc_fail(error, -ENOMEM, "no memory for what DNS says");
}

nsc_always_inline struct nsc_dns_entry *table_at(const struct nsc_dns_table *t, uint32_t number)
{
	return &t->block[number / NSC_DNS_BLOCK][number % NSC_DNS_BLOCK];
}

/* --- keys ------------------------------------------------------------------------------------- */

static uint32_t table_part(uint64_t hash)
{
	return (uint32_t)(hash >> 16);
}

struct nsc_dns_entry *nsc_dns_table_find(const struct nsc_dns_table *t, uint64_t hash)
{
	for (uint32_t i = t->head[table_part(hash) & t->mask]; i; i = t->link[i - 1].next) {
		struct nsc_dns_entry *entry = table_at(t, i - 1);

		if (t->link[i - 1].part == table_part(hash) && entry->hash == hash)
			return entry;
	}
	return NULL;
}

static void table_link(struct nsc_dns_table *t, uint32_t number, uint64_t hash)
{
	uint32_t *head = &t->head[table_part(hash) & t->mask];

	t->link[number] = (struct nsc_dns_link){ .part = table_part(hash), .next = *head };
	*head = number + 1;
}

static void table_unlink(struct nsc_dns_table *t, uint32_t number)
{
	uint32_t *link = &t->head[t->link[number].part & t->mask];

	while (*link != number + 1)
		link = &t->link[*link - 1].next;
	*link = t->link[number].next;
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

/* Whom the hand forgets. */
static uint32_t table_least(const struct nsc_dns_table *t)
{
	uint32_t least = t->hand;

	for (uint32_t i = t->hand + 1; i < t->hand + FORGET_CANDIDATES; i++)
		if (t->weight[i] < t->weight[least])
			least = i;
	return least;
}

/* Whoever is forgotten next will be written over: its lines are far away as a rule. */
static void table_prefetch_least(const struct nsc_dns_table *t)
{
	const uint8_t *entry = (const uint8_t *)table_at(t, table_least(t));

	for (uint32_t at = 0; at < offsetof(struct nsc_dns_entry, key) + NSC_CACHE_LINE; at += NSC_CACHE_LINE)
		nsc_prefetch_write(entry + at);
}

static struct nsc_dns_entry *table_forget(struct nsc_dns_table *t)
{
	uint32_t least = table_least(t);

	t->hand = (t->hand + FORGET_CANDIDATES) & t->mask;
	if (t->weight[least] & NSC_DNS_CANDIDATE)
		table_withdraw(t, table_at(t, least));
	table_unlink(t, least);
	table_prefetch_least(t);
	return table_at(t, least);
}

static struct nsc_histogram *table_many(const struct nsc_dns_table *t, const struct nsc_dns_entry *entry)
{
	return &t->many[entry->number / NSC_DNS_BLOCK][entry->number % NSC_DNS_BLOCK];
}

static void entry_clear(const struct nsc_dns_table *t, struct nsc_dns_entry *entry)
{
	if (entry->samples > NSC_DNS_FEW)
		memset(table_many(t, entry), 0, sizeof(struct nsc_histogram));
	entry->samples = 0;
	memset(&entry->counts, 0, sizeof(entry->counts));
}

struct nsc_dns_entry *nsc_dns_table_get(struct nsc_dns_table *t, uint64_t hash, const void *key, uint32_t length,
					bool *forgot)
{
	struct nsc_dns_entry *entry = nsc_dns_table_find(t, hash);
	uint32_t number = t->used;

	*forgot = false;
	if (entry)
		return entry;
	nsc_assert(length && length <= NSC_NAME_MAX, "a key has 1 to 255 bytes");
	*forgot = t->used == t->capacity;
	entry = *forgot ? table_forget(t) : table_at(t, t->used++);
	number = *forgot ? entry->number : number;
	entry_clear(t, entry);
	entry->number = number;
	t->weight[number] = 0;
	entry->hash = hash;
	entry->key_length = (uint8_t)length;
	memcpy(entry->key, key, length);
	table_link(t, number, hash);
	return entry;
}

/* --- latencies -------------------------------------------------------------------------------- */

static void histogram_note(struct nsc_histogram *histogram, uint64_t ns)
{
	histogram->count[nsc_histogram_bucket(ns)]++;
	histogram->max_ns = NSC_MAX(histogram->max_ns, ns);
}

static void entry_pour_few(const struct nsc_dns_entry *entry, struct nsc_histogram *histogram)
{
	for (uint32_t i = 0; i < NSC_MIN(entry->samples, (uint64_t)NSC_DNS_FEW); i++)
		histogram_note(histogram, entry->few_ns[i]);
}

/* Most names are asked for a few times, and never touch a histogram. */
void nsc_dns_table_note(struct nsc_dns_table *t, struct nsc_dns_entry *entry, uint64_t latency_ns)
{
	if (entry->samples < NSC_DNS_FEW) {
		entry->few_ns[entry->samples++] = latency_ns;
		return;
	}
	if (entry->samples++ == NSC_DNS_FEW)
		entry_pour_few(entry, table_many(t, entry));
	histogram_note(table_many(t, entry), latency_ns);
}

void nsc_dns_table_latency(const struct nsc_dns_table *t, const struct nsc_dns_entry *entry,
			   struct nsc_dns_latency *latency)
{
	struct nsc_histogram few = { .max_ns = 0 };
	const struct nsc_histogram *all = entry->samples > NSC_DNS_FEW ? table_many(t, entry) : &few;

	if (all == &few)
		entry_pour_few(entry, &few);
	*latency = (struct nsc_dns_latency){ .samples = entry->samples,
					     .p50_ns = nsc_histogram_quantile(all, 0.5),
					     .p99_ns = nsc_histogram_quantile(all, 0.99),
					     .max_ns = all->max_ns };
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
