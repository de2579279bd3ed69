/* SPDX-License-Identifier: MIT
 *
 * A thread reads handles of a name store while the ring goes round under it: the words that they stood for, or nothing.
 */
#include "tests/unit/engine/check_main.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/base/name_store.h"

static uint64_t shared_handle[64];
static uint32_t shared_number[64];
static bool shared_end;

static void *reader(void *wrong)
{
	while (!__atomic_load_n(&shared_end, __ATOMIC_RELAXED)) {
		for (uint32_t i = 0; i < NSC_ARRAY_LEN(shared_handle); i++) {
			uint64_t handle = __atomic_load_n(&shared_handle[i], __ATOMIC_ACQUIRE);
			struct nsc_named named;
			unsigned number;

			if (!nsc_named_read(handle, &named))
				continue;
			named.name[10] = '\0';
			number = (unsigned)strtoul(named.name, NULL, 10);
			if (named.name_length != 10 + number % (NSC_NAME_MAX - 9) || number % 64 != i)
				++*(unsigned *)wrong;
		}
	}
	return NULL;
}

START_TEST(read_beside_the_writer)
{
	struct nsc_arena *arena;
	struct nsc_name_store *store = open_store(&arena, false);
	unsigned wrong = 0;
	struct nsc_named named;
	pthread_t thread;

	ck_assert(!pthread_create(&thread, NULL, reader, &wrong));
	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t place = (i * 37) % 64;

		shared_number[place] = (i / 64) * 64 + place;
		make(&named, shared_number[place]);
		__atomic_store_n(&shared_handle[place], nsc_name_store_put(store, &named, &counters), __ATOMIC_RELEASE);
	}
	__atomic_store_n(&shared_end, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(wrong, 0);
	close_store(store, arena);
}
END_TEST

CHECK_MAIN("name_store_stress", read_beside_the_writer)
