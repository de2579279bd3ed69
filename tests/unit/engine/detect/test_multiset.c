/* SPDX-License-Identifier: MIT
 *
 * Sets and series against naive ones: random elements, random gaps, forms from inline to the largest; the order within
 * an epoch must not matter; the error of estimates; what happens without memory.
 */
#include "engine/detect/multiset.h"

#include <math.h>
#include <string.h>

#include "engine/detect/hash.h"
#include "tests/unit/engine/check_main.h"

enum { MIB = 1 << 20 };

static const uint64_t seed[2] = { 0x243f6a8885a308d3, 0x13198a2e03707344 };
static struct nsc_arena *arena;
static struct nsc_pool pool;
static struct nsc_multisets multisets;
static uint64_t state;

static bool no_room(void *context, uint32_t order)
{
	return false;
}

static void set_up(uint32_t window, uint64_t memory)
{
	memset(&pool, 0, sizeof(pool));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_pool_open(&pool, arena, memory, NULL), 0);
	multisets = (struct nsc_multisets){ .pool = &pool, .make_room = no_room, .window = window };
	for (int i = 0; i < 2; i++)
		multisets.scratch[i] = nsc_arena_alloc(arena, NSC_MULTISET_SLOTS_MAX * sizeof(uint64_t));
	state = 88172645463325252ull;
}

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Numbers in a row, as addresses and ports come. */
static uint64_t hash_of(uint64_t number)
{
	return nsc_detect_hash(seed, number, 4);
}

/* --- sets ------------------------------------------------------------------------------------- */

enum { UNIVERSE = 6000 };

static uint32_t seen[UNIVERSE]; /* epoch + 1 of the last time */

static uint64_t naive(uint32_t epoch, uint32_t window)
{
	uint64_t different = 0;

	for (uint32_t i = 0; i < UNIVERSE; i++)
		different += seen[i] && epoch + 1 - seen[i] < window;
	return different;
}

/* `n` numbers of 0..range-1 in each epoch, with gaps up to twice the window now and then. */
static void compare(uint32_t window, uint32_t range, uint32_t n, uint32_t epochs)
{
	struct nsc_multiset multiset;
	uint32_t epoch = 65000, wrong = 0; /* the epoch's 16 bits run over */
	uint8_t form = 0;

	set_up(window, 8 * MIB);
	memset(seen, 0, sizeof(seen));
	for (uint32_t e = 0; e < epochs; e++) {
		uint64_t got, want;

		epoch += draw() % 16 ? 1 : 1 + (uint32_t)(draw() % (2 * window));
		multisets.now = (uint16_t)epoch;
		for (uint32_t i = 0; i < n; i++) {
			uint64_t number = draw() % range;

			nsc_multiset_note(&multisets, &multiset, &form, hash_of(number));
			seen[number] = epoch + 1;
		}
		got = nsc_multiset_different(&multisets, &multiset, form);
		want = naive(epoch, window);
		wrong += want < NSC_MULTISET_EXACT ? got != want : got < NSC_MULTISET_EXACT;
		wrong += nsc_multiset_set_bound(&multiset, form) < want;
	}
	ck_assert_msg(!wrong, "window %u, range %u, %u a time: %u of %u wrong", window, range, n, wrong, epochs);
	ck_assert_uint_eq(multisets.full, 0);
	nsc_multiset_clear(&multisets, &multiset, &form);
	ck_assert_uint_eq(pool.free, pool.size);
	nsc_arena_close(arena);
}

START_TEST(small_sets_are_exact)
{
	compare(1, 3, 2, 2000);
	compare(5, 4, 1, 2000);
	compare(50, 12, 2, 3000);
	compare(50, 40, 3, 3000);
	compare(7, 33, 9, 2000);
}
END_TEST

START_TEST(large_sets_are_exact_up_to_k)
{
	compare(50, 300, 20, 1000);
	compare(20, 4000, 300, 300);
	compare(50, UNIVERSE, 400, 400);
	compare(3, UNIVERSE, 4000, 100);
}
END_TEST

/* Far more different ones than fit: what an epoch has is turned over by the next, and the answer stays an estimate of
 * the truth. */
START_TEST(estimates_are_within_two_percent)
{
	static const uint32_t sizes[] = { 5000, 20000, 65536, 300000, 1000000 };
	double squares = 0, bias = 0;
	uint32_t n = 0;

	for (uint32_t s = 0; s < NSC_ARRAY_LEN(sizes); s++) {
		for (uint32_t trial = 0; trial < 20; trial++) {
			struct nsc_multiset multiset;
			uint8_t form = 0;
			double error;

			set_up(50, 4 * MIB);
			for (uint32_t i = 0; i < sizes[s]; i++) {
				multisets.now = (uint16_t)(i / (sizes[s] / 40 + 1));
				nsc_multiset_note(&multisets, &multiset, &form, hash_of((uint64_t)trial << 40 | i));
			}
			error = (double)nsc_multiset_different(&multisets, &multiset, form) / sizes[s] - 1;
			ck_assert_uint_eq(multisets.full, 0);
			squares += error * error;
			bias += error;
			n++;
			nsc_arena_close(arena);
		}
	}
	ck_assert_msg(sqrt(squares / n) < 0.02, "standard error %.4f", sqrt(squares / n));
	ck_assert_msg(fabs(bias / n) < 0.006, "bias %.4f", bias / n);
}
END_TEST

/* The same elements of each epoch in another order: the same answer at every epoch's end, estimates included. */
START_TEST(order_within_an_epoch_does_not_matter)
{
	enum { EPOCHS = 60, EACH = 3000 };
	static uint64_t answer[EPOCHS];
	uint32_t differ = 0;

	for (uint32_t pass = 0; pass < 2; pass++) {
		struct nsc_multiset multiset;
		uint8_t form = 0;

		set_up(20, 8 * MIB);
		for (uint32_t e = 0; e < EPOCHS; e++) {
			multisets.now = (uint16_t)e;
			for (uint32_t i = 0; i < EACH; i++) {
				uint32_t k = pass ? EACH - 1 - i * 7 % EACH : i;

				nsc_multiset_note(&multisets, &multiset, &form, hash_of(e * 1000ull + k));
			}
			if (!pass)
				answer[e] = nsc_multiset_different(&multisets, &multiset, form);
			else
				differ += answer[e] != nsc_multiset_different(&multisets, &multiset, form);
		}
		ck_assert_uint_eq(multisets.full, 0);
		nsc_arena_close(arena);
	}
	ck_assert_uint_gt(answer[EPOCHS - 1], NSC_MULTISET_EXACT);
	ck_assert_uint_eq(differ, 0);
}
END_TEST

/* A flood within one epoch: most elements are turned away by the bound, and the answer does not depend on which came
 * first. */
START_TEST(one_epoch_of_many)
{
	for (uint32_t n = 5000; n < 1500000; n = n * 4 / 3) {
		uint64_t answer[2];

		for (uint32_t pass = 0; pass < 2; pass++) {
			struct nsc_multiset multiset;
			uint8_t form = 0;

			set_up(50, 4 * MIB);
			for (uint32_t i = 0; i < n; i++)
				nsc_multiset_note(&multisets, &multiset, &form, hash_of(pass ? n - 1 - i : i));
			answer[pass] = nsc_multiset_different(&multisets, &multiset, form);
			nsc_arena_close(arena);
		}
		ck_assert_uint_eq(answer[0], answer[1]);
		ck_assert_double_lt(fabs((double)answer[0] / n - 1), 0.07);
	}
}
END_TEST

START_TEST(the_smallest_hash_is_an_element_too)
{
	struct nsc_multiset multiset;
	uint8_t form = 0;

	set_up(5, MIB);
	nsc_multiset_note(&multisets, &multiset, &form, 0);
	nsc_multiset_note(&multisets, &multiset, &form, 7);
	nsc_multiset_note(&multisets, &multiset, &form, UINT64_MAX);
	ck_assert_uint_eq(nsc_multiset_different(&multisets, &multiset, form), 2); /* 0 and 7 are the same 48 bits */
	nsc_arena_close(arena);
}
END_TEST

START_TEST(purge_takes_out_what_left)
{
	struct nsc_multiset multiset;
	uint8_t form = 0;

	for (uint32_t n = 1; n <= 1000; n *= 10) {
		set_up(5, MIB);
		for (uint32_t i = 0; i < n; i++)
			nsc_multiset_note(&multisets, &multiset, &form, hash_of(i));
		multisets.now = 60000;
		nsc_multiset_purge(&multisets, &multiset, &form, false);
		ck_assert_uint_eq(nsc_multiset_set_bound(&multiset, form), 0);
		multisets.now = 2; /* 65538: what was seen in epoch 0 would look young */
		ck_assert_uint_eq(nsc_multiset_different(&multisets, &multiset, form), 0);
		nsc_multiset_clear(&multisets, &multiset, &form);
		nsc_arena_close(arena);
	}
}
END_TEST

/* Without a block the set stays as large as it is; what has no room is counted, and the newest stay. */
START_TEST(without_room_the_oldest_go)
{
	struct nsc_multiset multiset;
	uint8_t form = 0;

	set_up(50, MIB);
	while (nsc_pool_take(&pool, 0) != NSC_POOL_NONE)
		;
	for (uint32_t e = 0; e < 10; e++) {
		multisets.now = (uint16_t)e;
		nsc_multiset_note(&multisets, &multiset, &form, hash_of(e));
	}
	ck_assert_uint_eq(form, NSC_MULTISET_INLINE);
	ck_assert_uint_eq(multisets.full, 8);
	ck_assert_uint_eq(nsc_multiset_different(&multisets, &multiset, form), 2);
	nsc_multiset_note(&multisets, &multiset, &form, hash_of(9));
	ck_assert_uint_eq(multisets.full, 8);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(a_large_set_without_room_keeps_the_newest)
{
	struct nsc_multiset multiset;
	uint8_t form = 0;
	uint32_t first;

	set_up(50, MIB);
	for (uint32_t i = 0; i < 60; i++)
		nsc_multiset_note(&multisets, &multiset, &form, hash_of(i));
	while (nsc_pool_take(&pool, 0) != NSC_POOL_NONE)
		;
	multisets.now = 1;
	for (uint32_t i = 60; i < 400; i++)
		nsc_multiset_note(&multisets, &multiset, &form, hash_of(i));
	first = (uint32_t)nsc_multiset_different(&multisets, &multiset, form);
	ck_assert_uint_gt(multisets.full, 0);
	ck_assert_uint_gt(first, 30);
	multisets.now = 50; /* epoch 0 has left: all that are there are of epoch 1 */
	ck_assert_uint_eq(nsc_multiset_different(&multisets, &multiset, form), first);
	nsc_arena_close(arena);
}
END_TEST

/* --- series ----------------------------------------------------------------------------------- */

enum { SERIES_EPOCHS = 4000 };

static void compare_series(uint32_t window, uint32_t most)
{
	static uint64_t count[SERIES_EPOCHS * 4];
	uint32_t epoch = 0, wrong = 0;
	struct nsc_multiset multiset;
	uint8_t form = 0;

	set_up(window, 2 * MIB);
	memset(count, 0, sizeof(count));
	for (uint32_t e = 0; e < SERIES_EPOCHS; e++) {
		uint64_t sum = 0;

		epoch += draw() % 32 ? 1 : 1 + (uint32_t)(draw() % 60);
		if (epoch >= NSC_ARRAY_LEN(count))
			break;
		multisets.now = (uint16_t)(epoch + 60000);
		for (uint64_t i = draw() % 4; i > 0; i--) {
			uint32_t some = 1 + (uint32_t)(draw() % most);

			nsc_multiset_count(&multisets, &multiset, &form, some);
			count[epoch] += some;
		}
		for (uint32_t i = 0; i < window && i <= epoch; i++)
			sum += count[epoch - i];
		wrong += nsc_multiset_series_bound(&multiset, form) < sum;
		wrong += nsc_multiset_sum(&multisets, &multiset, &form) != sum;
	}
	ck_assert_msg(!wrong, "window %u, up to %u: %u wrong", window, most, wrong);
	ck_assert_uint_eq(multisets.full, 0);
	nsc_multiset_clear(&multisets, &multiset, &form);
	ck_assert_uint_eq(pool.free, pool.size);
	nsc_arena_close(arena);
}

START_TEST(series_are_exact)
{
	compare_series(1, 10);
	compare_series(3, 10);
	compare_series(50, 3);
	compare_series(50, 400000);
	compare_series(3000, 100000);
}
END_TEST

START_TEST(a_series_without_room_forgets_the_oldest)
{
	struct nsc_multiset multiset;
	uint8_t form = 0;

	set_up(50, MIB);
	while (nsc_pool_take(&pool, 0) != NSC_POOL_NONE)
		;
	for (uint32_t e = 0; e < 6; e++) {
		multisets.now = (uint16_t)e;
		nsc_multiset_count(&multisets, &multiset, &form, 10);
	}
	ck_assert_uint_eq(nsc_multiset_sum(&multisets, &multiset, &form), 40);
	ck_assert_uint_eq(multisets.full, 2);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("multiset", small_sets_are_exact, large_sets_are_exact_up_to_k, estimates_are_within_two_percent,
	   order_within_an_epoch_does_not_matter, one_epoch_of_many, the_smallest_hash_is_an_element_too,
	   purge_takes_out_what_left, without_room_the_oldest_go, a_large_set_without_room_keeps_the_newest,
	   series_are_exact, a_series_without_room_forgets_the_oldest)
