/* SPDX-License-Identifier: MIT
 *
 * The keys with the most queries are those that a look at all of them finds, in one order; who gives way when there are
 * too many.
 */
#include "engine/dns/table.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { CAPACITY = NSC_DNS_BLOCK, TOP = 7 };

static struct nsc_arena *arena;
static struct nsc_dns_table table;

static void set_up(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_dns_table_open(&table, arena, CAPACITY, TOP, NULL), 0);
}

static uint64_t hash_of(uint32_t key)
{
	return (key + 1) * 0x9e3779b97f4a7c15ull;
}

static bool ask(uint32_t key)
{
	struct nsc_dns_entry *entry;
	char text[16];
	bool forgot;

	snprintf(text, sizeof(text), "%u", key);
	entry = nsc_dns_table_get(&table, hash_of(key), text, (uint32_t)strlen(text), &forgot);
	entry->counts.queries++;
	nsc_dns_table_offer(&table, entry);
	return forgot;
}

static bool key_is(const struct nsc_dns_entry *entry, uint32_t key)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", key);
	return entry->key_length == strlen(text) && !memcmp(entry->key, text, strlen(text));
}

/* The best of count[] in the table's order: most queries, then the text of the key. */
static uint32_t best_of(const uint32_t *counts, const bool *taken)
{
	char best_text[16] = "", text[16];
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < CAPACITY; i++) {
		snprintf(text, sizeof(text), "%u", i);
		if (!counts[i] || taken[i] || (best != UINT32_MAX && counts[i] < counts[best]))
			continue;
		if (best != UINT32_MAX && counts[i] == counts[best] && strcmp(text, best_text) > 0)
			continue;
		best = i;
		memcpy(best_text, text, sizeof(text));
	}
	return best;
}

START_TEST(the_best_of_all)
{
	const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX];
	uint32_t counts[CAPACITY] = { 0 }, wrong = 0;
	uint64_t state = 1;

	set_up();
	for (uint32_t round = 0; round < 200; round++) {
		bool taken[CAPACITY] = { false };
		uint32_t n;

		for (uint32_t i = 0; i < 40; i++) {
			uint32_t key;

			state = state * 6364136223846793005ull + 1442695040888963407ull;
			key = (uint32_t)(state >> 33) % CAPACITY;
			key = state >> 60 & 1 ? key : key % 20;
			counts[key]++;
			wrong += ask(key);
		}
		n = nsc_dns_table_best(&table, best);
		wrong += n != TOP;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t key = best_of(counts, taken);

			wrong += !key_is(best[i], key) || best[i]->counts.queries != counts[key];
			taken[key] = true;
		}
	}
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
}
END_TEST

/* Of eight at the hand the one with the fewest, the first of several. */
START_TEST(who_gives_way)
{
	uint32_t wrong = 0;

	set_up();
	for (uint32_t i = 0; i < CAPACITY; i++)
		for (uint32_t k = 0; k < 2 + (i % 8 == 3); k++)
			wrong += ask(i);
	ck_assert_uint_eq(wrong, 0);
	ask(5);
	ask(0);
	ck_assert(ask(CAPACITY));
	ck_assert_ptr_null(nsc_dns_table_find(&table, hash_of(1)));
	ck_assert(ask(CAPACITY + 1));
	ck_assert_ptr_null(nsc_dns_table_find(&table, hash_of(8)));
	for (uint32_t i = 0; i < 100000; i++)
		wrong += !ask(CAPACITY + 2 + i);
	for (uint32_t i = 3; i < CAPACITY; i += 8) /* once those that came once are there, they drive each other out */
		wrong += !nsc_dns_table_find(&table, hash_of(i));
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
}
END_TEST

/* One of the best that is forgotten is not told any more, and another one takes its place. */
START_TEST(the_best_may_be_forgotten)
{
	const struct nsc_dns_entry *best[NSC_DNS_TOP_MAX];
	uint32_t n;

	set_up();
	for (uint32_t i = 0; i < 3 * CAPACITY; i++)
		ask(i);
	n = nsc_dns_table_best(&table, best);
	ck_assert_uint_le(n, TOP);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_ptr_eq(nsc_dns_table_find(&table, best[i]->hash), best[i]);
	for (uint32_t k = 0; k < 3; k++)
		ask(3 * CAPACITY - 1);
	ck_assert_uint_ge(nsc_dns_table_best(&table, best), 1);
	ck_assert(key_is(best[0], 3 * CAPACITY - 1));
	nsc_arena_close(arena);
}
END_TEST

/* A link holds bits 16..47 of the hash: the rest tells keys apart that have these in common. */
START_TEST(hashes_alike)
{
	const uint64_t hash[] = { 0x123400005678aaaa, 0x123400005678bbbb, 0xabcd00005678aaaa, 0x1234f0005678aaaa };
	struct nsc_dns_entry *entry[NSC_ARRAY_LEN(hash)];
	bool forgot;

	set_up();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(hash); i++)
		entry[i] = nsc_dns_table_get(&table, hash[i], "abcd" + i, 1, &forgot);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(hash); i++) {
		ck_assert_ptr_eq(nsc_dns_table_find(&table, hash[i]), entry[i]);
		ck_assert_uint_eq(entry[i]->key[0], 'a' + i);
	}
	for (uint32_t i = 0; i < CAPACITY - NSC_ARRAY_LEN(hash); i++)
		ask(i);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(hash); i++) {
		table.hand = 0;
		nsc_dns_table_get(&table, hash_of(2 * CAPACITY + i), "x", 1, &forgot);
		ck_assert(forgot);
		table.weight[entry[i]->number] = 2; /* the next one of the four has the fewest */
		for (unsigned k = 0; k < NSC_ARRAY_LEN(hash); k++)
			ck_assert(!nsc_dns_table_find(&table, hash[k]) == (k <= i));
	}
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("table", the_best_of_all, who_gives_way, the_best_may_be_forgotten, hashes_alike)
