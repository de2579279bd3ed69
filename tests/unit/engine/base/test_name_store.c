/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/name_store.h"

static struct nsc_counters counters;

static struct nsc_name_store *open_store(struct nsc_arena **arena, bool keep)
{
	struct nsc_name_store *store;
	struct nsc_error error;

	if (nsc_arena_open(arena, &error) || nsc_name_store_open(&store, *arena, 0, keep, &error))
		abort();
	memset(&counters, 0, sizeof(counters));
	return store;
}

static void close_store(struct nsc_name_store *store, struct nsc_arena *arena)
{
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}

/* A name from a number, of a length from it. */
static void make(struct nsc_named *named, uint32_t number)
{
	memset(named, 0, sizeof(*named));
	named->app = NSC_APP_TLS;
	named->source = NSC_APP_SOURCE_PAYLOAD;
	named->name_length = (uint8_t)(10 + number % (NSC_NAME_MAX - 9));
	memset(named->name, 'x', named->name_length);
	snprintf(named->name, 11, "%010u", number);
	named->name[10] = 'x';
	named->alpn_length = (uint8_t)(number % (NSC_ALPN_MAX + 1));
	memset(named->alpn, 'a', named->alpn_length);
	named->ja4_length = number & 1 ? NSC_JA4_LENGTH : 0;
	memset(named->ja4, 'j', named->ja4_length);
}

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
