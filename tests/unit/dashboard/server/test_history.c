/* SPDX-License-Identifier: MIT
 *
 * The chart's past: ticks of any length become points, quiet seconds are zeros, unknown ones are missing; a day of
 * ticks takes no more room than an hour.
 */
#include "dashboard/server/history.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

#define START (1700000000ull * NSC_NS_PER_SEC)

static struct nsc_history history;
static struct nsc_history_rings rings;
static struct nsc_point points[NSC_HISTORY_MOST + 8];

static void tick(uint64_t start_ns, uint64_t length_ns, uint64_t packets, uint64_t empty, bool final)
{
	static struct nsc_view view;

	view.start_ns = start_ns;
	view.end_ns = start_ns + length_ns;
	view.tick_packets = packets;
	view.tick_bytes = packets * 100;
	view.empty_ticks = empty;
	view.final = final;
	view.totals.value[NSC_C_FLOW_ACTIVE] = packets * 2;
	nsc_history_add(&history, &view, packets % 7, false);
}

static uint32_t copy(unsigned series, uint64_t after_ns)
{
	return nsc_history_copy(&history, series, after_ns, points, NSC_ARRAY_LEN(points));
}

START_TEST(short_ticks_add_up)
{
	nsc_history_init(&history, &rings);
	for (uint64_t i = 0; i < 25; i++)
		tick(START + i * NSC_NS_PER_SEC / 10, NSC_NS_PER_SEC / 10, 10, 0, false);
	ck_assert_uint_eq(copy(0, 0), 2);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_PACKETS], 100);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_BYTES], 10000);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_DROPS], 30);
	ck_assert_uint_eq(points[1].start_ns, START + NSC_NS_PER_SEC);
	ck_assert_uint_eq(points[1].length_ns, NSC_NS_PER_SEC);
	ck_assert_uint_eq(points[1].value[NSC_HISTORY_FLOWS], 20);
	tick(START + 25 * NSC_NS_PER_SEC / 10, NSC_NS_PER_SEC / 10, 3, 0, true); /* the last one closes what is open */
	ck_assert_uint_eq(copy(0, 0), 3);
	ck_assert_uint_eq(points[2].value[NSC_HISTORY_PACKETS], 53);
	ck_assert_uint_eq(copy(1, 0), 1);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_PACKETS], 253);
	ck_assert_uint_eq(copy(0, START + NSC_NS_PER_SEC), 1);
}
END_TEST

START_TEST(the_link_was_down)
{
	struct nsc_view view = { .start_ns = START };

	nsc_history_init(&history, &rings);
	for (uint64_t i = 0; i < 6; i++, view.start_ns = view.end_ns) {
		view.end_ns = view.start_ns + NSC_NS_PER_SEC / 2;
		view.tick_packets = i < 2 || i > 3;
		nsc_history_add(&history, &view, 0, i == 3); /* the second half of the second second */
	}
	ck_assert_uint_eq(copy(0, 0), 3);
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_int_eq(points[i].down, i == 1);
}
END_TEST

START_TEST(long_ticks_are_points_of_their_own)
{
	nsc_history_init(&history, &rings);
	for (uint64_t i = 0; i < 4; i++)
		tick(START + i * 5 * NSC_NS_PER_SEC, 5 * NSC_NS_PER_SEC, 50, 0, false);
	ck_assert_uint_eq(copy(0, 0), 4);
	ck_assert_uint_eq(points[3].length_ns, 5 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(copy(1, 0), 2);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_PACKETS], 100);
}
END_TEST

START_TEST(quiet_is_zero_and_unknown_is_missing)
{
	nsc_history_init(&history, &rings);
	tick(START, NSC_NS_PER_SEC, 5, 0, false);
	tick(START + 4 * NSC_NS_PER_SEC, NSC_NS_PER_SEC, 6, 3, false); /* three ticks passed without a packet */
	tick(START + 8 * NSC_NS_PER_SEC, NSC_NS_PER_SEC, 7, 0, false); /* nobody knows what was between */
	ck_assert_uint_eq(copy(0, 0), 6);
	for (unsigned i = 1; i < 4; i++) {
		ck_assert_uint_eq(points[i].start_ns, START + i * NSC_NS_PER_SEC);
		ck_assert_uint_eq(points[i].value[NSC_HISTORY_PACKETS], 0);
	}
	ck_assert_uint_eq(points[4].value[NSC_HISTORY_PACKETS], 6);
	ck_assert_uint_eq(points[5].start_ns, START + 8 * NSC_NS_PER_SEC);
}
END_TEST

START_TEST(unknown_drops_stay_unknown)
{
	static struct nsc_view view = { .start_ns = START, .end_ns = START + NSC_NS_PER_SEC };

	nsc_history_init(&history, &rings);
	nsc_history_add(&history, &view, NSC_UNKNOWN, false);
	ck_assert_uint_eq(copy(0, 0), 1);
	ck_assert(points[0].value[NSC_HISTORY_DROPS] == NSC_UNKNOWN);
}
END_TEST

START_TEST(a_day_keeps_what_is_promised)
{
	uint32_t n, wrong = 0;

	nsc_history_init(&history, &rings);
	for (uint64_t i = 0; i < 86400 * 2; i++)
		tick(START + i * NSC_NS_PER_SEC / 2, NSC_NS_PER_SEC / 2, 1, 0, false);
	n = copy(0, 0);
	ck_assert_uint_ge(n, 15 * 60);
	ck_assert_uint_eq(points[n - 1].start_ns, START + 86399 * NSC_NS_PER_SEC);
	for (uint32_t i = 0; i < n; i++)
		wrong += points[i].value[NSC_HISTORY_PACKETS] != 2 ||
			 (i && points[i].start_ns != points[i - 1].start_ns + NSC_NS_PER_SEC);
	n = copy(1, 0);
	ck_assert_uint_ge(n, 360);
	for (uint32_t i = 0; i < n; i++)
		wrong += points[i].value[NSC_HISTORY_PACKETS] != 20;
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(copy(2, 0), 1440);
	ck_assert_uint_eq(points[0].start_ns, START - START % (60 * NSC_NS_PER_SEC));
	ck_assert_uint_eq(points[1439].value[NSC_HISTORY_PACKETS], 120);
	ck_assert_uint_eq(copy(3, 0), 144);
	ck_assert_uint_eq(points[1].value[NSC_HISTORY_PACKETS], 1200);
	ck_assert_uint_eq(nsc_history_copy(&history, 0, 0, points, 8), 8);
	ck_assert_uint_eq(points[7].start_ns, START + 86399 * NSC_NS_PER_SEC);
	tick(START + 1000000 * NSC_NS_PER_SEC, NSC_NS_PER_SEC, 1, 1827199,
	     false); /* eleven quiet days: the ring and no more */
	ck_assert_uint_eq(copy(0, 0), NSC_HISTORY_SECONDS);
}
END_TEST

/* From a second of 2001 to the last one that a clock can show, with the end of the tick cut where time ends. */
START_TEST(a_jump_to_the_end_of_time)
{
	const uint64_t early = 1000000000 * NSC_NS_PER_SEC, late = UINT64_MAX - 500000000 + 1;
	const uint64_t last_tick = late - late % NSC_NS_PER_SEC;
	uint32_t n, wrong = 0;

	nsc_history_init(&history, &rings);
	tick(early, NSC_NS_PER_SEC, 5, 0, false);
	tick(last_tick, UINT64_MAX - last_tick, 6, (last_tick - early) / NSC_NS_PER_SEC - 1, true);
	for (unsigned series = 0; series < NSC_HISTORY_STEPS; series++) {
		uint64_t step_ns = nsc_history_step_secs[series] * NSC_NS_PER_SEC;

		n = copy(series, 0);
		ck_assert_uint_eq(n, history.series[series].room);
		ck_assert_uint_eq(points[n - 1].start_ns, last_tick - last_tick % step_ns);
		ck_assert_uint_eq(points[n - 1].value[NSC_HISTORY_PACKETS], 6);
		for (uint32_t i = 1; i < n; i++)
			wrong += points[i].start_ns != points[i - 1].start_ns + step_ns ||
				 points[i - 1].value[NSC_HISTORY_PACKETS];
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(history.series[0].end_ns, UINT64_MAX);
}
END_TEST

/* Time 0 is a time, and what came in it is followed by zeros as any other. */
START_TEST(begins_at_time_zero)
{
	nsc_history_init(&history, &rings);
	tick(0, NSC_NS_PER_SEC, 5, 0, false);
	tick(3 * NSC_NS_PER_SEC, NSC_NS_PER_SEC, 6, 2, true);
	ck_assert_uint_eq(nsc_history_copy(&history, 0, 0, points, NSC_ARRAY_LEN(points)), 4); /* after 0: all */
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_PACKETS], 5);
	ck_assert_uint_eq(points[1].start_ns, NSC_NS_PER_SEC);
	ck_assert_uint_eq(points[3].value[NSC_HISTORY_PACKETS], 6);
}
END_TEST

CHECK_MAIN("history", a_jump_to_the_end_of_time, begins_at_time_zero, short_ticks_add_up, the_link_was_down,
	   long_ticks_are_points_of_their_own, quiet_is_zero_and_unknown_is_missing, unknown_drops_stay_unknown,
	   a_day_keeps_what_is_promised)
