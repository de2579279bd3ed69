/* SPDX-License-Identifier: MIT */
#include "engine/base/rounds.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_counters counters;

static uint64_t counted(void)
{
	return counters.value[NSC_C_ROUND_SOURCE] + counters.value[NSC_C_ROUND_OFF_CORE] +
	       counters.value[NSC_C_ROUND_FAULTED] + counters.value[NSC_C_ROUND_OWN];
}

START_TEST(time_in_the_source_is_the_sources)
{
	struct nsc_rounds rounds = { .left = 0 };

	counters = (struct nsc_counters){ .stamp = 0 };
	nsc_rounds_begin(&rounds);
	nsc_rounds_long(&rounds, NSC_ROUND_LONG_NS + 1, 1, &counters);
	nsc_rounds_long(&rounds, 9 * NSC_ROUND_LONG_NS, 9 * NSC_ROUND_LONG_NS, &counters);
	ck_assert_uint_eq(counters.value[NSC_C_ROUND_SOURCE], 2);
	ck_assert_uint_eq(counted(), 2);
}
END_TEST

START_TEST(a_sleep_is_off_the_core)
{
	struct nsc_rounds rounds = { .left = 0 };

	counters = (struct nsc_counters){ .stamp = 0 };
	nsc_rounds_begin(&rounds);
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	nsc_rounds_long(&rounds, 2 * NSC_ROUND_LONG_NS, 0, &counters);
	ck_assert_uint_eq(counters.value[NSC_C_ROUND_OFF_CORE], 1);
	ck_assert_uint_eq(counted(), 1);
}
END_TEST

/* Without an interruption in between: repeated until there was none. */
static unsigned cause_of(bool fault)
{
	for (;;) {
		uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct nsc_rounds rounds = { .left = 0 };

		ck_assert_ptr_ne(page, MAP_FAILED);
		counters = (struct nsc_counters){ .stamp = 0 };
		nsc_rounds_begin(&rounds);
		if (fault)
			*(volatile uint8_t *)page = 1;
		nsc_rounds_long(&rounds, 2 * NSC_ROUND_LONG_NS, 0, &counters);
		munmap(page, 4096);
		ck_assert_uint_eq(counted(), 1);
		if (!counters.value[NSC_C_ROUND_OFF_CORE])
			return counters.value[NSC_C_ROUND_FAULTED] ? NSC_C_ROUND_FAULTED : NSC_C_ROUND_OWN;
	}
}

START_TEST(a_page_fault_and_nothing_at_all)
{
	ck_assert_uint_eq(cause_of(true), NSC_C_ROUND_FAULTED);
	ck_assert_uint_eq(cause_of(false), NSC_C_ROUND_OWN);
}
END_TEST

/* What happened before the last look is no cause. */
START_TEST(looks_again_after_a_while_and_after_a_sleep)
{
	struct nsc_rounds rounds = { .left = 0 };

	for (uint32_t i = 0; i < NSC_ROUNDS_LOOK; i++)
		nsc_rounds_begin(&rounds);
	ck_assert_uint_eq(rounds.left, 0);
	rounds.usage.given = UINT64_MAX;
	nsc_rounds_begin(&rounds);
	ck_assert_uint_ne(rounds.usage.given, UINT64_MAX);
	ck_assert_uint_eq(rounds.left, NSC_ROUNDS_LOOK - 1);
	nsc_rounds_slept(&rounds);
	rounds.usage.given = UINT64_MAX;
	nsc_rounds_begin(&rounds);
	ck_assert_uint_ne(rounds.usage.given, UINT64_MAX);
}
END_TEST

/* --- in the timeline -------------------------------------------------------------------------- */

/* What the last mark of this kind says. */
static uint64_t marked(unsigned what)
{
	struct nsc_timeline_event *event = malloc(nsc_timeline_room(counters.timeline) * sizeof(*event));
	uint64_t value = 0;
	uint32_t recent, n;

	ck_assert_ptr_nonnull(event);
	n = nsc_timeline_copy(counters.timeline, event, &recent);
	for (uint32_t i = 0; i < n; i++)
		value = event[i].what == what ? event[i].value : value;
	free(event);
	return value;
}

static void sleep_20_ms(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

/* A cycle is taken for a nanosecond, at which a sleep lasts longer. */
START_TEST(a_long_one_is_told)
{
	struct nsc_rounds rounds = { .left = 0 };
	struct nsc_arena *arena;
	uint64_t began;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	counters = (struct nsc_counters){ .stamp = 0 };
	ck_assert_int_eq(nsc_timeline_open(&counters.timeline, arena, 1024, 1e9, NULL), 0);
	nsc_rounds_look(&rounds);
	nsc_rounds_tell(&rounds, counters.timeline->long_cycles, &counters); /* not long enough: not even a look */
	ck_assert_uint_eq(counters.timeline->next, 0);
	began = nsc_cycles();
	sleep_20_ms();
	nsc_rounds_tell(&rounds, nsc_cycles() - began, &counters);
	ck_assert_uint_ge(marked(NSC_TIMELINE_BLOCKED), 10000);
	nsc_timeline_border(counters.timeline, nsc_cycles(), NSC_C_CYCLES_TICK, 0);
	sleep_20_ms();
	nsc_rounds_long(&rounds, 20000000, 0, &counters);
	ck_assert_uint_ge(marked(NSC_TIMELINE_BLOCKED), 15000);
	ck_assert_uint_le(marked(NSC_TIMELINE_BLOCKED), 20000);
	ck_assert_uint_eq(marked(NSC_C_ROUND_OFF_CORE), 1);
	counters.timeline = NULL;
	nsc_rounds_tell(&rounds, UINT64_MAX, &counters);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("rounds", time_in_the_source_is_the_sources, a_sleep_is_off_the_core, a_page_fault_and_nothing_at_all,
	   looks_again_after_a_while_and_after_a_sleep, a_long_one_is_told)
