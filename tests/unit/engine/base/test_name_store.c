/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/base/name_store.h"

static bool is_number(uint64_t handle, uint32_t number)
{
	struct nsc_named want, have;

	make(&want, number);
	return nsc_named_read(handle, &have) && have.app == want.app && have.source == want.source &&
	       have.name_length == want.name_length && have.alpn_length == want.alpn_length &&
	       have.ja4_length == want.ja4_length && !memcmp(have.name, want.name, want.name_length) &&
	       !memcmp(have.alpn, want.alpn, want.alpn_length) && !memcmp(have.ja4, want.ja4, want.ja4_length);
}

START_TEST(kept_once)
{
	struct nsc_arena *arena;
	struct nsc_name_store *store = open_store(&arena, false);
	uint64_t handle[500];
	struct nsc_named named;
	unsigned wrong = 0;

	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < NSC_ARRAY_LEN(handle); i++) {
			uint64_t got;

			make(&named, i);
			got = nsc_name_store_put(store, &named, &counters);
			wrong += round && got != handle[i];
			handle[i] = got;
			wrong += !is_number(got, i);
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(counters.value[NSC_C_NAME_FORGOTTEN], 0);
	nsc_name_store_close(store);
	ck_assert(!nsc_named_read(handle[0], &named) && !named.app && !named.name_length);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(no_words)
{
	struct nsc_named named;

	ck_assert(!nsc_named_read(NSC_NAME_HANDLE_OFF, &named) && !nsc_named_read(NSC_NAME_HANDLE_NONE, &named));
	ck_assert(!nsc_named_read(UINT64_MAX, &named) && !nsc_named_read(1ull << NSC_NAME_POSITION_BITS | 20, &named));
}
END_TEST

/* A ring that goes round many times: what was forgotten reads as nothing, the rest as it was, and each flow that lost
 * its name is counted. */
static void go_round(bool keep)
{
	enum { N = 60000, BACK = 1000 };
	static uint64_t handle[N];
	struct nsc_arena *arena;
	struct nsc_name_store *store = open_store(&arena, keep);
	unsigned wrong = 0, gone = 0, dropped = 0;
	struct nsc_named named;

	for (uint32_t i = 0; i < N; i++) {
		make(&named, i);
		handle[i] = nsc_name_store_put(store, &named, &counters);
		if (i % 3 == 0) {
			nsc_name_store_drop(store, handle[i]);
			dropped++;
		}
		wrong += !is_number(handle[i], i);
		if (i >= BACK)
			wrong += !is_number(handle[i - BACK], i - BACK);
	}
	for (uint32_t i = 0; i < N; i++) {
		bool there = nsc_named_read(handle[i], &named);

		gone += !there && (keep || i % 3 != 0);
		wrong += there && !is_number(handle[i], i);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(gone, N / 3);
	ck_assert_uint_eq(counters.value[NSC_C_NAME_FORGOTTEN], gone);
	close_store(store, arena);
}

START_TEST(oldest_gives_way)
{
	go_round(false);
	go_round(true);
}
END_TEST

CHECK_MAIN("name_store", kept_once, no_words, oldest_gives_way)
