/* SPDX-License-Identifier: MIT
 *
 * Blocks do not overlap, come together again, and the pool ends where it says.
 */
#include "engine/detect/pool.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { MIB = 1 << 20 };

static struct nsc_arena *arena;
static struct nsc_pool pool;

static void set_up(uint64_t bytes)
{
	memset(&pool, 0, sizeof(pool));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_pool_open(&pool, arena, bytes, NULL), 0);
}

START_TEST(whole_blocks_only)
{
	set_up(3 * MIB + 12345);
	ck_assert_uint_eq(pool.free, 3 * MIB / NSC_POOL_UNIT);
	ck_assert_uint_eq(nsc_pool_bytes(3 * MIB + 12345), 3 * MIB / NSC_POOL_UNIT * 65);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_ne(nsc_pool_take(&pool, NSC_POOL_ORDERS - 1), NSC_POOL_NONE);
	ck_assert(!nsc_pool_has(&pool, 0));
	ck_assert_uint_eq(nsc_pool_take(&pool, 0), NSC_POOL_NONE);
	nsc_arena_close(arena);
}
END_TEST

/* Cut into the smallest pieces and given back in another order, it is whole again. */
START_TEST(what_was_cut_comes_together)
{
	uint32_t n = 2 * MIB / NSC_POOL_UNIT, taken = 0, wrong = 0;
	static bool seen[2 * MIB / NSC_POOL_UNIT];

	set_up(2 * MIB);
	for (uint32_t unit; (unit = nsc_pool_take(&pool, 0)) != NSC_POOL_NONE; taken++) {
		wrong += unit >= n || seen[unit];
		seen[unit] = true;
	}
	ck_assert_uint_eq(taken, n);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(pool.free, 0);
	for (uint32_t i = 0; i < n; i++)
		nsc_pool_give(&pool, i * 7919 % n, 0);
	ck_assert_uint_eq(pool.free, n);
	ck_assert_uint_ne(nsc_pool_take(&pool, NSC_POOL_ORDERS - 1), NSC_POOL_NONE);
	ck_assert_uint_ne(nsc_pool_take(&pool, NSC_POOL_ORDERS - 1), NSC_POOL_NONE);
	nsc_arena_close(arena);
}
END_TEST

struct held {
	uint32_t unit, order, mark;
};

static void fill(const struct held *h)
{
	uint32_t *words = nsc_pool_at(&pool, h->unit);

	for (uint32_t i = 0; i < (16u << h->order); i++)
		words[i] = h->mark;
}

static bool is_whole(const struct held *h)
{
	const uint32_t *words = nsc_pool_at(&pool, h->unit);

	for (uint32_t i = 0; i < (16u << h->order); i++)
		if (words[i] != h->mark)
			return false;
	return true;
}

/* Random sizes, each block full of its own number: none ever finds another's. */
START_TEST(blocks_do_not_overlap)
{
	static struct held held[4096];
	uint32_t n = 0, broken = 0, units = 0, state = 1;

	set_up(4 * MIB);
	for (uint32_t step = 0; step < 200000; step++) {
		state = state * 1664525 + 1013904223;
		if (n < NSC_ARRAY_LEN(held) && state >> 31) {
			struct held h = { .order = state >> 24 & 7, .mark = step };

			h.unit = nsc_pool_take(&pool, h.order);
			if (h.unit == NSC_POOL_NONE)
				continue;
			fill(&h);
			held[n++] = h;
			units += 1u << h.order;
		} else if (n) {
			uint32_t i = (state >> 8) % n;

			broken += !is_whole(&held[i]);
			nsc_pool_give(&pool, held[i].unit, held[i].order);
			units -= 1u << held[i].order;
			held[i] = held[--n];
		}
	}
	ck_assert_uint_eq(broken, 0);
	ck_assert_uint_eq(pool.free, 4 * MIB / NSC_POOL_UNIT - units);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("pool", whole_blocks_only, what_was_cut_comes_together, blocks_do_not_overlap)
