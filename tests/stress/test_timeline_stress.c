/* SPDX-License-Identifier: MIT
 *
 * A reader copies a timeline again and again while its owner writes, over many minutes and thousands of turns of the
 * ring: every event in a copy is whole, and they are in order.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "engine/base/timeline.h"
#include "tests/unit/engine/check_main.h"

enum { EVENTS = 256, ROUNDS = 400000, MINUTE = 60 * 100 };

static struct nsc_timeline *timeline;
static bool over;

/* Each event tells its own number three times over. */
static void *write_events(void *context)
{
	uint64_t number = 0;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t began = number + 1;

		for (unsigned i = 0; i < 2 + round % 7; i++) {
			number++;
			timeline->last = number;
			nsc_timeline_put(timeline, number, NSC_C_CYCLES_FLOW, (uint32_t)number, (uint32_t)number);
		}
		nsc_timeline_round(timeline, began, number);
		if (round % 1024 == 0)
			sched_yield();
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	return NULL;
}

START_TEST(copies_are_whole)
{
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];
	uint64_t torn = 0, disorder = 0, copies = 0, copied = 0, wrong_rounds = 0;
	struct nsc_timeline_event *event;
	struct nsc_arena *arena;
	pthread_t thread;
	bool last = false;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_timeline_open(&timeline, arena, EVENTS, MINUTE / 60.0, NULL), 0);
	timeline->minute_ends = MINUTE;
	event = malloc(nsc_timeline_room(timeline) * sizeof(*event));
	ck_assert_ptr_nonnull(event);
	ck_assert_int_eq(pthread_create(&thread, NULL, write_events, NULL), 0);
	while (!last) {
		uint64_t before = 0;
		uint32_t recent, n, n_rounds;

		last = __atomic_load_n(&over, __ATOMIC_ACQUIRE);
		n = nsc_timeline_copy(timeline, event, &recent);
		n_rounds = nsc_timeline_rounds(timeline, round);
		for (uint32_t i = 0; i < n; i++) {
			if (event[i].what == NSC_TIMELINE_BREAK)
				continue;
			torn += event[i].n != (uint16_t)event[i].cycles ||
				event[i].value != (uint32_t)event[i].cycles || event[i].what != NSC_C_CYCLES_FLOW;
			disorder += event[i].cycles <= before;
			before = event[i].cycles;
		}
		for (uint32_t i = 0; i < n_rounds; i++)
			wrong_rounds += round[i].ended - round[i].began > 8;
		copies++;
		copied += n;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(torn, 0);
	ck_assert_uint_eq(disorder, 0);
	ck_assert_uint_eq(wrong_rounds, 0);
	ck_assert_uint_gt(copied, EVENTS);
	ck_assert_uint_ge(copies, 1);
	free(event);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("timeline_stress", copies_are_whole)
