/* SPDX-License-Identifier: MIT
 *
 * What a reader finds of what the owner wrote: the newest events, in order; short rests as one; the longest round of
 * each minute with what came before and after.
 */
#include "engine/base/timeline.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/account.h"
#include "tests/unit/engine/check_main.h"

enum { EVENTS = 256, SECOND = 1000 }; /* cycles of a second */

static struct nsc_arena *arena;
static struct nsc_timeline *timeline;
static struct nsc_timeline_event *event;
static uint32_t n, recent;

static void open_timeline(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_timeline_open(&timeline, arena, EVENTS, SECOND, NULL), 0);
	timeline->minute_ends = 60 * SECOND;
	event = malloc(nsc_timeline_room(timeline) * sizeof(*event));
	ck_assert_ptr_nonnull(event);
}

static void close_timeline(void)
{
	free(event);
	nsc_arena_close(arena);
}

static void copy(void)
{
	n = nsc_timeline_copy(timeline, event, &recent);
	ck_assert_uint_le(n, nsc_timeline_room(timeline));
}

static void write_borders(uint64_t from, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		nsc_timeline_border(timeline, from + i, NSC_C_CYCLES_FLOW, 7);
}

START_TEST(the_newest_events_in_order)
{
	uint64_t faults = 0;

	open_timeline();
	copy();
	ck_assert_uint_eq(n, 0);
	write_borders(1, 3);
	copy();
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(event[0].cycles, 1);
	ck_assert_uint_eq(event[0].what, NSC_C_CYCLES_FLOW);
	ck_assert_uint_eq(event[0].n, 7);
	write_borders(4, 2 * EVENTS);
	copy();
	ck_assert_uint_eq(n, EVENTS - 1); /* one place is the owner's */
	for (uint32_t i = 0; i < n; i++)
		faults += event[i].cycles != 3 + 2 * EVENTS - (n - 1) + i;
	ck_assert_uint_eq(faults, 0);
	ck_assert_uint_eq(recent, 0);
	close_timeline();
}
END_TEST

START_TEST(short_rests_become_one)
{
	open_timeline();
	nsc_timeline_border(timeline, 10, NSC_C_CYCLES_FLOW, 1);
	for (uint64_t i = 1; i <= 20; i++)
		nsc_timeline_rest(timeline, 10 * i, 10 * i + 10, NSC_C_CYCLES_EMPTY);
	nsc_timeline_rest(timeline, 210, 210 + NSC_TIMELINE_SHORT, NSC_C_CYCLES_IDLE);
	nsc_timeline_rest(timeline, 210 + NSC_TIMELINE_SHORT, 220 + NSC_TIMELINE_SHORT, NSC_C_CYCLES_EMPTY);
	nsc_timeline_border(timeline, 230 + NSC_TIMELINE_SHORT, NSC_C_CYCLES_RX, 1);
	copy();
	ck_assert_uint_eq(n, 5);
	ck_assert_uint_eq(event[1].what, NSC_TIMELINE_NOTHING);
	ck_assert_uint_eq(event[1].cycles, 210);
	ck_assert_uint_eq(event[2].what, NSC_C_CYCLES_IDLE);
	ck_assert_uint_eq(event[3].what, NSC_TIMELINE_NOTHING);
	ck_assert_uint_eq(event[4].what, NSC_C_CYCLES_RX);
	close_timeline();
}
END_TEST

START_TEST(marks_of_one_kind_become_one)
{
	open_timeline();
	nsc_timeline_border(timeline, 10, NSC_C_CYCLES_FLOW, 1);
	for (unsigned i = 0; i < 100; i++)
		nsc_timeline_mark(timeline, NSC_C_LANE_FULL, 3);
	nsc_timeline_mark(timeline, NSC_C_TAP_FULL, 1);
	nsc_timeline_mark(timeline, NSC_C_LANE_FULL, UINT64_MAX);
	nsc_timeline_mark(timeline, NSC_C_LANE_FULL, 1);
	copy();
	ck_assert_uint_eq(n, 4);
	ck_assert_uint_eq(event[1].what, NSC_C_LANE_FULL);
	ck_assert_uint_eq(event[1].value, 300);
	ck_assert_uint_eq(event[1].cycles, 10);
	ck_assert_uint_eq(event[3].value, UINT32_MAX);
	close_timeline();
}
END_TEST

/* A wait cuts its stage into two; together they are what the account has. */
START_TEST(the_account_writes_itself_down)
{
	static struct nsc_counters counters;
	uint64_t wait;

	open_timeline();
	counters.timeline = timeline;
	nsc_account_begin(&counters);
	nsc_account_burst(&counters, NSC_C_CYCLES_RX, 64);
	wait = nsc_cycles();
	nsc_account_waited(&counters, NSC_C_WAITED_RECORDS, wait);
	nsc_account_burst(&counters, NSC_C_CYCLES_FLOW, 64);
	nsc_count_loss(&counters, NSC_C_LANE_FULL, 2);
	copy();
	ck_assert_uint_eq(n, 6);
	ck_assert_uint_eq(event[0].what, NSC_TIMELINE_NOTHING);
	ck_assert_uint_eq(event[1].what, NSC_C_CYCLES_RX);
	ck_assert_uint_eq(event[1].cycles - event[0].cycles, counters.value[NSC_C_CYCLES_RX]);
	ck_assert_uint_eq(event[2].what, NSC_TIMELINE_PART);
	ck_assert_uint_eq(event[2].cycles, wait);
	ck_assert_uint_eq(event[3].what, NSC_C_WAITED_RECORDS);
	ck_assert_uint_eq(event[3].cycles - wait, counters.value[NSC_C_WAITED_RECORDS]);
	ck_assert_uint_eq(event[4].cycles - event[3].cycles + wait - event[1].cycles,
			  counters.value[NSC_C_CYCLES_FLOW]);
	ck_assert_uint_eq(event[5].what, NSC_C_LANE_FULL);
	close_timeline();
}
END_TEST

static void write_round(uint64_t began, uint64_t cycles)
{
	nsc_timeline_border(timeline, began + cycles / 2, NSC_C_CYCLES_RX, 1);
	nsc_timeline_border(timeline, began + cycles, NSC_C_CYCLES_FLOW, 1);
	nsc_timeline_round(timeline, began, began + cycles);
}

static void write_rounds(uint64_t from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		write_round(from + 10 * (uint64_t)i, 10);
}

/* Of each minute, although the ring has long gone on. */
START_TEST(the_longest_round_of_each_minute_is_kept)
{
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];
	uint64_t disorder = 0;

	open_timeline();
	for (uint64_t minute = 0; minute < 3; minute++) {
		uint64_t from = minute * 61 * SECOND;

		write_rounds(from + 1, 1000);
		write_round(from + 10001, 500 + minute);
		write_rounds(from + 11000, 1000);
	}
	ck_assert_uint_eq(nsc_timeline_rounds(timeline, round), 3);
	copy();
	for (uint32_t minute = 0; minute < 3; minute++) {
		uint64_t began = minute * 61ull * SECOND + 10001;
		uint32_t before = 0, after = 0, within = 0, at = 0, broken = 0;

		ck_assert_uint_eq(round[minute].began, began);
		ck_assert_uint_eq(round[minute].ended, began + 500 + minute);
		while (at < n && event[at].cycles != began + 500 + minute)
			at++;
		ck_assert_uint_lt(at, n);
		within = event[at - 1].cycles == began + (500 + minute) / 2;
		for (uint32_t i = at - 1; i-- && event[i].what != NSC_TIMELINE_BREAK;)
			before++;
		for (uint32_t i = at + 1; i < n && event[i].what != NSC_TIMELINE_BREAK; i++)
			after++;
		for (uint32_t i = 0; i < n; i++)
			broken += event[i].what == NSC_TIMELINE_BREAK;
		ck_assert_uint_eq(within, 1);
		ck_assert_uint_ge(before, NSC_TIMELINE_BEFORE);
		ck_assert_uint_ge(after, NSC_TIMELINE_AFTER);
		ck_assert_uint_eq(broken, 3);
	}
	for (uint32_t i = 1; i < n; i++)
		disorder += event[i].what != NSC_TIMELINE_BREAK && event[i - 1].what != NSC_TIMELINE_BREAK &&
			    event[i].cycles < event[i - 1].cycles;
	ck_assert_uint_eq(disorder, 0);
	close_timeline();
}
END_TEST

/* What is in a kept round and in the ring is in the copy once. */
START_TEST(a_round_that_is_still_in_the_ring_comes_once)
{
	open_timeline();
	write_rounds(1, 10);
	write_round(101, 50);
	write_rounds(151, 5);
	copy();
	ck_assert_uint_eq(n, 32);
	for (uint32_t i = 1; i < n; i++)
		ck_assert_uint_gt(event[i].cycles, event[i - 1].cycles);
	close_timeline();
}
END_TEST

/* What is still in the ring before it is in the copy, too. */
START_TEST(a_round_late_in_the_ring_hides_nothing)
{
	open_timeline();
	write_rounds(1, 100);
	write_round(1001, 50);
	write_rounds(1051, 10);
	copy();
	ck_assert_uint_eq(n, 222);
	ck_assert_uint_eq(recent, 0);
	for (uint32_t i = 1; i < n; i++)
		ck_assert_uint_gt(event[i].cycles, event[i - 1].cycles);
	close_timeline();
}
END_TEST

START_TEST(an_hour_is_kept)
{
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];

	open_timeline();
	for (uint64_t minute = 0; minute < 100; minute++)
		write_round(minute * 61 * SECOND + 1, 20 + minute);
	ck_assert_uint_eq(nsc_timeline_rounds(timeline, round), NSC_TIMELINE_MINUTES);
	ck_assert_uint_eq(round[0].ended - round[0].began, 20 + 100 - NSC_TIMELINE_MINUTES);
	ck_assert_uint_eq(round[NSC_TIMELINE_MINUTES - 1].ended - round[NSC_TIMELINE_MINUTES - 1].began, 119);
	copy();
	close_timeline();
}
END_TEST

/* Longer than the ring: the copy has its end. */
START_TEST(a_round_of_very_many_events)
{
	open_timeline();
	write_borders(1, 10 * EVENTS);
	nsc_timeline_round(timeline, 1, 10 * EVENTS);
	write_borders(10 * EVENTS + 1, 10 * EVENTS);
	nsc_timeline_round(timeline, 10 * EVENTS + 1, 20 * EVENTS);
	copy();
	ck_assert_uint_gt(n, EVENTS / 2);
	close_timeline();
}
END_TEST

START_TEST(threads_without_an_account)
{
	nsc_timeline_now(NULL, NSC_TIMELINE_VIEW, 1);
	nsc_timeline_rest_now(NULL, NSC_TIMELINE_SLEEP);
	nsc_timeline_turn(NULL);
	nsc_timeline_core(NULL);
	nsc_timeline_own(NULL);
	nsc_timeline_rest_for(NULL, NSC_TIMELINE_SLEEP, 0);
	open_timeline();
	ck_assert_uint_eq(nsc_timeline_owner(timeline), 0);
	nsc_timeline_own(timeline);
	ck_assert_uint_eq(nsc_timeline_owner(timeline), getpid());
	nsc_timeline_rest_now(timeline, NSC_TIMELINE_SLEEP);
	nsc_timeline_now(timeline, NSC_TIMELINE_VIEW, 100000);
	nsc_timeline_core(timeline);
	nsc_timeline_turn(timeline);
	copy();
	ck_assert_uint_ge(n, 3);
	ck_assert_uint_eq(event[n - 1].what, NSC_TIMELINE_CORE);
	ck_assert_uint_eq(event[n - 2].what, NSC_TIMELINE_VIEW);
	ck_assert_uint_eq(event[n - 2].n, UINT16_MAX);
	close_timeline();
}
END_TEST

/* A test's second has so few cycles that any rest is late, and none can be that was to last for ages. */
START_TEST(a_rest_that_was_too_long_is_told)
{
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];
	uint64_t began;

	open_timeline();
	timeline->minute_ends = UINT64_MAX;
	nsc_timeline_now(timeline, NSC_TIMELINE_FRAME, 0);
	nsc_timeline_rest_for(timeline, NSC_TIMELINE_SLEEP, NSC_NS_PER_SEC * NSC_NS_PER_SEC);
	copy();
	for (uint32_t i = 0; i < n; i++)
		ck_assert_uint_ne(event[i].what, NSC_TIMELINE_LATE);
	nsc_timeline_now(timeline, NSC_TIMELINE_FRAME, 0);
	nsc_timeline_turn(timeline);
	began = timeline->last;
	while (nsc_cycles() < began + 100)
		;
	nsc_timeline_rest_for(timeline, NSC_TIMELINE_SLEEP, 5 * NSC_NS_PER_SEC / SECOND);
	timeline->longest = 0;
	nsc_timeline_turn(timeline);
	copy();
	ck_assert_uint_ge(n, 2);
	ck_assert_uint_eq(event[n - 2].what, NSC_TIMELINE_SLEEP);
	ck_assert_uint_eq(event[n - 2].cycles, began + 5);
	ck_assert_uint_eq(event[n - 1].what, NSC_TIMELINE_LATE);
	ck_assert_uint_eq(nsc_timeline_rounds(timeline, round), 1);
	ck_assert_uint_eq(round[0].began, began + 5);
	ck_assert_uint_eq(round[0].ended, event[n - 1].cycles);
	close_timeline();
}
END_TEST

/* A turn that follows a short rest is no round: the rest is put together with the next one, and ends behind the last
 * border. */
START_TEST(a_turn_without_work_is_no_round)
{
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];

	open_timeline();
	timeline->minute_ends = UINT64_MAX;
	nsc_timeline_now(timeline, NSC_TIMELINE_FRAME, 0);
	timeline->turn_began = timeline->last + 1000;
	timeline->gap = timeline->last + 1000;
	nsc_timeline_turn(timeline);
	ck_assert_uint_eq(nsc_timeline_rounds(timeline, round), 0);
	close_timeline();
}
END_TEST

/* How much of a mark stands in the last span; 0: none. */
static uint64_t marked(unsigned what)
{
	copy();
	for (uint32_t i = n - 1; i-- > 0 && event[i].what >= NSC_TIMELINE_LANE_SEND;)
		if (event[i].what == what)
			return event[i].value;
	return 0;
}

static void wait_a_while(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void touch_pages(void)
{
	char *page = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(page != MAP_FAILED);
	madvise(page, 64 * 4096, MADV_NOHUGEPAGE);
	for (unsigned i = 0; i < 64; i++)
		page[i * 4096] = 1;
	munmap(page, 64 * 4096);
}

/* A cycle is taken for a nanosecond, at which a span that lasts is longer than a millisecond all the more. */
START_TEST(a_long_span_says_why)
{
	open_timeline();
	timeline->long_cycles = 1000000;
	nsc_timeline_rest_now(timeline, NSC_TIMELINE_SLEEP);
	wait_a_while();
	nsc_timeline_now(timeline, NSC_TIMELINE_VIEW, 1);
	ck_assert_uint_ge(marked(NSC_TIMELINE_BLOCKED), 1000);
	ck_assert_uint_eq(marked(NSC_TIMELINE_OFF_CORE), 0);
	wait_a_while();
	nsc_timeline_rest_now(timeline, NSC_TIMELINE_SLEEP); /* has no cause, and is none of what follows */
	touch_pages();
	while (nsc_cycles() - timeline->last < 40000000)
		;
	nsc_timeline_now(timeline, NSC_TIMELINE_VIEW, 1);
	ck_assert_uint_eq(marked(NSC_TIMELINE_BLOCKED), 0);
	ck_assert_uint_ge(marked(NSC_TIMELINE_FAULTED), 64);
	nsc_timeline_now(timeline, NSC_TIMELINE_VIEW, 1); /* a short one says nothing */
	ck_assert_uint_eq(marked(NSC_TIMELINE_BLOCKED), 0);
	close_timeline();
}
END_TEST

CHECK_MAIN("timeline", the_newest_events_in_order, short_rests_become_one, marks_of_one_kind_become_one,
	   the_account_writes_itself_down, the_longest_round_of_each_minute_is_kept,
	   a_round_that_is_still_in_the_ring_comes_once, a_round_late_in_the_ring_hides_nothing, an_hour_is_kept,
	   a_round_of_very_many_events, threads_without_an_account, a_rest_that_was_too_long_is_told,
	   a_turn_without_work_is_no_round, a_long_span_says_why)
