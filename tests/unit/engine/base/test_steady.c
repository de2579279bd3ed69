/* SPDX-License-Identifier: MIT
 *
 * Steady time: what is late, what moves the clock, what is a step and what an outlier.
 */
#include "netscope/steady.h"

#include "tests/unit/engine/check_main.h"

#define SECOND NSC_NS_PER_SEC
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define NOON (1700000000 * SECOND)
#define YEAR_2096 (4000000000 * SECOND)

/* As a source that looks at one packet at a time. Returns the packet's clock. */
static uint64_t see(struct nsc_steady *clock, uint64_t ts_ns)
{
	static const struct nsc_steady_context alone = { .begins = true };
	uint64_t before_ns = clock->hand.now_ns;

	if (!nsc_steady_follow(&clock->hand, ts_ns))
		ck_assert_int_eq(nsc_steady_look(clock, ts_ns, &alone), NSC_STEADY_TAKEN);
	ck_assert_uint_ge(clock->hand.now_ns, before_ns);
	return clock->hand.now_ns;
}

/* As a reader of files, which knows the next time. */
static uint64_t see_before(struct nsc_steady *clock, uint64_t ts_ns, uint64_t next_ns)
{
	const struct nsc_steady_context asks = { .begins = true, .asks = true };
	const struct nsc_steady_context knows = { .begins = true, .next_ns = &next_ns };

	if (nsc_steady_look(clock, ts_ns, &asks) == NSC_STEADY_ASKS)
		ck_assert_int_eq(nsc_steady_look(clock, ts_ns, &knows), NSC_STEADY_TAKEN);
	return clock->hand.now_ns;
}

/* `n` packets, a second apart, from ts_ns on. Returns the last one's clock. */
static uint64_t see_seconds(struct nsc_steady *clock, uint64_t ts_ns, unsigned n)
{
	uint64_t now_ns = 0;

	for (unsigned i = 0; i < n; i++)
		now_ns = see(clock, ts_ns + i * SECOND);
	return now_ns;
}

static void begin(struct nsc_steady *clock)
{
	*clock = (struct nsc_steady){ .steps = 0 };
	ck_assert_uint_eq(see_seconds(clock, NOON - 19 * SECOND, 20), NOON);
}

static void require_counts(struct nsc_steady *clock, uint64_t outliers, uint64_t steps)
{
	nsc_steady_end(clock);
	ck_assert_uint_eq(clock->outliers, outliers);
	ck_assert_uint_eq(clock->steps, steps);
}

START_TEST(time_in_order_is_the_clock)
{
	struct nsc_steady clock;

	begin(&clock);
	ck_assert_uint_eq(see(&clock, NOON), NOON);
	ck_assert_uint_eq(see(&clock, NOON + 1), NOON + 1);
	ck_assert(nsc_steady_follow(&clock.hand, NOON + NSC_STEADY_SLACK_NS));
	ck_assert_uint_eq(clock.hand.offset_ns, 0);
	require_counts(&clock, 0, 0);
}
END_TEST

START_TEST(late_packets_have_the_clock_of_the_one_before)
{
	struct nsc_steady clock;

	begin(&clock);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(see(&clock, NOON - NSC_STEADY_SLACK_NS), NOON);
	require_counts(&clock, 0, 0);
}
END_TEST

START_TEST(a_pause_moves_the_clock_at_once)
{
	struct nsc_steady clock;
	uint64_t now_ns = NOON;

	begin(&clock);
	for (unsigned i = 0; i < 50; i++) { /* one packet every two hours */
		now_ns += 2 * HOUR;
		ck_assert_uint_eq(see(&clock, now_ns), now_ns);
	}
	now_ns += DAY;
	ck_assert_uint_eq(see(&clock, now_ns), now_ns);
	now_ns += NSC_STEADY_LEAP_NS;
	ck_assert_uint_eq(see(&clock, now_ns), now_ns);
	ck_assert_uint_eq(clock.hand.offset_ns, 0);
	require_counts(&clock, 0, 0);
}
END_TEST

START_TEST(one_absurd_time_moves_nothing)
{
	static const uint64_t absurd[] = { 0,
					   1,
					   INT64_MAX,
					   1ull << 63,
					   UINT64_MAX,
					   YEAR_2096,
					   NOON + NSC_STEADY_LEAP_NS + 2,
					   NOON - NSC_STEADY_SLACK_NS - 1,
					   NOON + (1ull << 63),
					   NOON - (1ull << 63) };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(absurd); i++) {
		struct nsc_steady clock;

		begin(&clock);
		ck_assert_uint_eq(see(&clock, absurd[i]), NOON);
		ck_assert_uint_eq(see(&clock, NOON + 1), NOON + 1);
		ck_assert_uint_eq(see(&clock, absurd[i]), NOON + 1); /* the last one */
		require_counts(&clock, 2, 0);
		ck_assert_uint_eq(clock.log.outlier.from_ns, NOON);
		ck_assert_uint_eq(clock.log.outlier.to_ns, absurd[i]);
	}
}
END_TEST

START_TEST(an_absurd_first_packet)
{
	static const uint64_t absurd[] = { YEAR_2096, INT64_MAX, 1ull << 62, NOON + 9 * DAY };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(absurd); i++) {
		struct nsc_steady clock = { .steps = 0 };
		uint64_t first_ns = see(&clock, absurd[i]);

		ck_assert_uint_eq(first_ns + clock.hand.offset_ns, absurd[i]);
		ck_assert_uint_eq(see(&clock, NOON), first_ns);
		for (unsigned k = 1; k < 300; k++) {
			see(&clock, NOON + k * 10 * SECOND);
			ck_assert_uint_eq(clock.hand.now_ns + clock.hand.offset_ns, NOON + k * 10 * SECOND);
		}
		require_counts(&clock, 0, 1);
		ck_assert_uint_eq(clock.log.step[0].from_ns, absurd[i]);
		ck_assert_uint_eq(clock.log.step[0].to_ns, NOON);
	}
}
END_TEST

START_TEST(a_first_packet_of_1970)
{
	static const uint64_t old[] = { 0, 1, 5 * SECOND, UINT64_MAX, UINT64_MAX - DAY };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(old); i++) {
		struct nsc_steady clock = { .steps = 0 };

		see(&clock, old[i]);
		see(&clock, NOON);
		for (unsigned k = 1; k < 100; k++) {
			see(&clock, NOON + k);
			ck_assert_uint_eq(clock.hand.now_ns + clock.hand.offset_ns, NOON + k);
		}
		require_counts(&clock, 0, 1);
	}
}
END_TEST

START_TEST(a_clock_set_back_goes_on)
{
	static const uint64_t by[] = { 10 * SECOND, 30 * SECOND, HOUR, 9 * DAY, NOON - DAY };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(by); i++) {
		struct nsc_steady clock;
		uint64_t then_ns = NOON - by[i] + 250000000;

		begin(&clock);
		ck_assert_uint_eq(see_seconds(&clock, then_ns, NSC_STEADY_RUN - 1), NOON);
		ck_assert_uint_eq(see(&clock, then_ns + (NSC_STEADY_RUN - 1) * SECOND),
				  NOON + 250000000 + (NSC_STEADY_RUN - 1) * SECOND);
		ck_assert_uint_eq(see(&clock, then_ns + 60 * SECOND), NOON + 250000000 + 60 * SECOND);
		ck_assert_uint_eq(clock.hand.now_ns + clock.hand.offset_ns, then_ns + 60 * SECOND);
		require_counts(&clock, 0, 1);
	}
}
END_TEST

START_TEST(a_run_that_breaks_off_is_outliers)
{
	struct nsc_steady clock;

	begin(&clock);
	ck_assert_uint_eq(see_seconds(&clock, NOON - HOUR, NSC_STEADY_RUN - 1), NOON);
	ck_assert_uint_eq(see(&clock, NOON + SECOND), NOON + SECOND);
	ck_assert_uint_eq(see_seconds(&clock, NOON - HOUR, NSC_STEADY_RUN - 1), NOON + SECOND);
	for (unsigned i = 0; i < 100; i++) /* and times that do not agree with each other are no run */
		ck_assert_uint_eq(see(&clock, NOON - HOUR - i * 10 * SECOND), NOON + SECOND);
	require_counts(&clock, 2 * (NSC_STEADY_RUN - 1) + 100, 0);
}
END_TEST

START_TEST(a_leap_that_the_next_packet_confirms)
{
	struct nsc_steady clock;
	uint64_t later_ns = NOON + 30 * DAY;

	begin(&clock);
	ck_assert_uint_eq(see(&clock, later_ns), NOON); /* nobody knows yet */
	ck_assert_uint_eq(see(&clock, later_ns + 1), later_ns + 1);
	require_counts(&clock, 0, 1);
	begin(&clock);
	ck_assert_uint_eq(see_before(&clock, later_ns, later_ns + 1), later_ns); /* who reads ahead knows */
	ck_assert_uint_eq(see_before(&clock, later_ns + 1, later_ns + 2), later_ns + 1);
	require_counts(&clock, 0, 1);
	begin(&clock);
	ck_assert_uint_eq(see_before(&clock, later_ns, NOON + 1), NOON);
	ck_assert_uint_eq(see_before(&clock, NOON + 1, NOON + 2), NOON + 1);
	require_counts(&clock, 1, 0);
}
END_TEST

START_TEST(an_outlier_beside_a_real_leap)
{
	struct nsc_steady clock;
	uint64_t later_ns = NOON + 30 * DAY;

	begin(&clock);
	ck_assert_uint_eq(see_before(&clock, YEAR_2096, later_ns), later_ns);
	ck_assert_uint_eq(see_before(&clock, later_ns, later_ns + 1), later_ns);
	require_counts(&clock, 1, 1);
	begin(&clock);
	ck_assert_uint_eq(see_before(&clock, later_ns, YEAR_2096), later_ns);
	ck_assert_uint_eq(see_before(&clock, YEAR_2096, later_ns + 1), later_ns);
	ck_assert_uint_eq(see_before(&clock, later_ns + 1, later_ns + 2), later_ns + 1);
	require_counts(&clock, 1, 1);
}
END_TEST

START_TEST(every_packet_a_leap)
{
	struct nsc_steady clock;

	begin(&clock);
	for (unsigned i = 1; i < 20; i++) /* alone, each one confirms the one before it */
		ck_assert_uint_eq(see(&clock, NOON + i * 30 * DAY), NOON + (i - 1) * 30 * DAY);
	require_counts(&clock, 1, 18);
}
END_TEST

/* Set ahead by an hour, and put right again. */
START_TEST(a_step_that_is_taken_back)
{
	struct nsc_steady clock;
	uint64_t now_ns;

	begin(&clock);
	now_ns = see_seconds(&clock, NOON + HOUR, 10);
	ck_assert_uint_eq(now_ns, NOON + HOUR + 9 * SECOND);
	now_ns = see_seconds(&clock, NOON + 10 * SECOND, 10);
	ck_assert_uint_eq(now_ns, NOON + HOUR + 18 * SECOND);
	require_counts(&clock, 0, 1);
}
END_TEST

/* Two interfaces whose clocks differ by 5 s, or by an hour, ten packets each. */
/* A capture whose times count from 0, as those of simulators do. */
START_TEST(a_step_that_is_taken_back_to_before_the_beginning)
{
	struct nsc_steady clock = { .steps = 0 };

	ck_assert_uint_eq(see(&clock, 0), 0);
	ck_assert_uint_eq(see(&clock, 0 - HOUR), 0);
	ck_assert_uint_lt(see(&clock, 0 - HOUR), SECOND); /* a step back: on with its part of a second */
	ck_assert_uint_lt(see(&clock, 0 - SECOND), SECOND);
	ck_assert_uint_eq(see(&clock, 3 * SECOND), 3 * SECOND);
	require_counts(&clock, 0, 2);
}
END_TEST

START_TEST(two_clocks_that_take_turns)
{
	static const uint64_t apart[] = { 20 * SECOND, HOUR, 30 * DAY };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(apart); i++) {
		struct nsc_steady clock;
		uint64_t ms = 1000000;

		begin(&clock);
		for (unsigned turn = 0; turn < 100; turn++)
			for (unsigned k = 0; k < 10; k++)
				see(&clock, NOON + (turn * 10 + k) * ms - (turn % 2 ? apart[i] : 0));
		ck_assert_uint_lt(clock.hand.now_ns, NOON + 5 * SECOND);
		require_counts(&clock, 0, 100 - 1);
	}
}
END_TEST

START_TEST(a_step_waits_for_the_next_burst)
{
	static const struct nsc_steady_context inside = { .begins = false };
	struct nsc_steady clock, before;

	begin(&clock);
	see_seconds(&clock, NOON - HOUR, NSC_STEADY_RUN - 1);
	before = clock;
	ck_assert_int_eq(nsc_steady_look(&clock, NOON - HOUR + 8 * SECOND, &inside), NSC_STEADY_STEPS);
	ck_assert_mem_eq(&clock, &before, sizeof(clock));
	see(&clock, NOON - HOUR + 8 * SECOND);
	require_counts(&clock, 0, 1);
}
END_TEST

START_TEST(a_clock_that_was_set)
{
	struct nsc_steady clock;

	begin(&clock);
	nsc_steady_set(&clock, -HOUR);
	ck_assert_uint_eq(see(&clock, NOON - HOUR + 5), NOON + 5);
	nsc_steady_set(&clock, 9 * DAY);
	ck_assert_uint_eq(see(&clock, NOON - HOUR + 9 * DAY + 7), NOON + 7);
	nsc_steady_idle(&clock, NOON - HOUR + 9 * DAY + 100 * SECOND);
	ck_assert_uint_eq(clock.hand.now_ns, NOON + 100 * SECOND);
	nsc_steady_idle(&clock, NOON - HOUR + 9 * DAY);
	ck_assert_uint_eq(clock.hand.now_ns, NOON + 100 * SECOND);
	require_counts(&clock, 0, 2);
}
END_TEST

START_TEST(the_first_steps_are_kept)
{
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];
	struct nsc_steady clock;

	begin(&clock);
	for (unsigned i = 1; i <= NSC_STEADY_STEPS_KEPT + 3; i++)
		see_seconds(&clock, NOON - i * HOUR, NSC_STEADY_RUN);
	ck_assert_uint_eq(nsc_steady_log_read(&clock.log, step), NSC_STEADY_STEPS_KEPT);
	ck_assert_uint_eq(step[0].from_ns, NOON);
	ck_assert_uint_eq(step[0].to_ns, NOON - HOUR);
	ck_assert_uint_eq(step[1].from_ns, NOON - HOUR + 7 * SECOND);
	require_counts(&clock, 0, NSC_STEADY_STEPS_KEPT + 3);
}
END_TEST

static uint64_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state ^ *state >> 29;
}

/* Any times, seen one at a time or with the next one known: the clock never falls, and stays where nothing wraps. */
START_TEST(any_times)
{
	static const uint64_t border[] = { 0, NOON, 1ull << 62, 1ull << 63, UINT64_MAX };
	uint64_t state = 7, next_ns = 0;
	struct nsc_steady clock = { .steps = 0 };

	for (unsigned i = 0; i < 300000; i++) {
		uint64_t ts_ns = next_ns, before_ns = clock.hand.now_ns, kind = draw(&state) % 16;

		if (i % 1000 == 0)
			clock = (struct nsc_steady){ .steps = 0 };
		before_ns = clock.hand.now_ns;
		next_ns = kind < 8    ? ts_ns + draw(&state) % SECOND
			  : kind < 12 ? ts_ns + draw(&state) % (NSC_STEADY_LEAP_NS + 2)
				      : border[draw(&state) % NSC_ARRAY_LEN(border)] + draw(&state) % 3 - 1;
		if (kind == 12)
			next_ns = draw(&state);
		if (kind % 2 && !nsc_steady_follow(&clock.hand, ts_ns))
			see_before(&clock, ts_ns, next_ns);
		else if (kind % 2 == 0)
			see(&clock, ts_ns);
		ck_assert_uint_ge(clock.hand.now_ns, before_ns);
		ck_assert_uint_lt(clock.hand.now_ns, (1ull << 63) + NSC_STEADY_LEAP_NS);
	}
}
END_TEST

CHECK_MAIN("steady", time_in_order_is_the_clock, late_packets_have_the_clock_of_the_one_before,
	   a_pause_moves_the_clock_at_once, one_absurd_time_moves_nothing, an_absurd_first_packet,
	   a_first_packet_of_1970, a_clock_set_back_goes_on, a_run_that_breaks_off_is_outliers,
	   a_leap_that_the_next_packet_confirms, an_outlier_beside_a_real_leap, every_packet_a_leap,
	   a_step_that_is_taken_back, a_step_that_is_taken_back_to_before_the_beginning, two_clocks_that_take_turns,
	   a_step_waits_for_the_next_burst, a_clock_that_was_set, the_first_steps_are_kept, any_times)
