/* SPDX-License-Identifier: MIT
 *
 * What is a blind run and what is not: a second of looks at a time, on a clock that the test keeps.
 */
#include "dashboard/server/watchdog.h"

#include "tests/unit/engine/check_main.h"

#define TICK (NSC_NS_PER_SEC / 10)
#define LOOK (NSC_NS_PER_SEC / 2)

enum { PATIENCE_LOOKS = 7 }; /* 3 s and 3 ticks of 0.1 s, in looks */

static struct nsc_watchdog watchdog;
static uint64_t now_ns, seq, packets;

static void set_up(uint64_t tick_ns)
{
	nsc_watchdog_init(&watchdog, tick_ns);
	now_ns = 1000 * NSC_NS_PER_SEC;
	seq = packets = 0;
}

static uint64_t look_at(bool watched, uint64_t views, uint64_t arrived)
{
	now_ns += LOOK;
	seq += views;
	packets += arrived;
	return nsc_watchdog_look(&watchdog, watched, now_ns, seq, packets);
}

/* Looks of which any says that the run is blind. */
static unsigned alarms(unsigned looks, uint64_t views, uint64_t arrived)
{
	unsigned n = 0;

	for (unsigned i = 0; i < looks; i++)
		n += look_at(true, views, arrived) != 0;
	return n;
}

START_TEST(packets_without_views_are_an_alarm)
{
	set_up(TICK);
	ck_assert_uint_eq(alarms(100, 5, 1000), 0);
	ck_assert_uint_eq(alarms(PATIENCE_LOOKS - 1, 0, 1000), 0);
	ck_assert_uint_eq(alarms(20, 0, 1), 20);
	ck_assert_uint_ge(look_at(true, 0, 1), 13 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(alarms(100, 1, 1000), 0); /* time has caught up */
}
END_TEST

START_TEST(before_the_first_view_too)
{
	set_up(TICK);
	ck_assert_uint_eq(alarms(1, 0, 0), 0);
	ck_assert_uint_eq(alarms(PATIENCE_LOOKS - 1, 0, 10), 0);
	ck_assert_uint_eq(alarms(5, 0, 10), 5);
}
END_TEST

/* One packet, then silence: its tick has to end. */
START_TEST(one_packet_is_enough)
{
	set_up(TICK);
	alarms(3, 1, 10);
	ck_assert_uint_eq(alarms(1, 0, 1), 0);
	ck_assert_uint_eq(alarms(20, 0, 0), 20 - (PATIENCE_LOOKS - 2));
}
END_TEST

/* A clock that begins with the first packet makes no view before it. */
START_TEST(nothing_has_arrived_yet)
{
	set_up(TICK);
	ck_assert_uint_eq(alarms(100000, 0, 0), 0);
}
END_TEST

START_TEST(idle_is_not_blind)
{
	set_up(TICK);
	alarms(10, 1, 10);
	ck_assert_uint_eq(alarms(100000, 1, 0), 0);
}
END_TEST

/* A worker that hangs delivers nothing. */
START_TEST(views_stop_without_packets)
{
	set_up(TICK);
	alarms(10, 1, 10);
	ck_assert_uint_eq(alarms(PATIENCE_LOOKS - 1, 0, 0), 0);
	ck_assert_uint_eq(alarms(20, 0, 0), 20);
}
END_TEST

START_TEST(a_slow_publisher_is_not_blind)
{
	set_up(TICK);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_uint_eq(alarms(1, 1, 1000), 0);
		ck_assert_uint_eq(alarms(PATIENCE_LOOKS - 1, 0, 1000), 0);
	}
}
END_TEST

START_TEST(long_ticks_are_waited_for)
{
	set_up(60 * NSC_NS_PER_SEC);
	ck_assert_uint_eq(alarms(2 * 182, 0, 1000), 0);
	ck_assert_uint_gt(alarms(4, 0, 1000), 0);
	set_up(UINT64_MAX);
	ck_assert_uint_eq(alarms(100000, 0, 1000), 0);
}
END_TEST

/* Link down, ended, starting: whoever is not watched begins anew afterwards. */
START_TEST(only_a_run_that_is_watched)
{
	set_up(TICK);
	alarms(3, 1, 10);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(look_at(false, 0, 10), 0);
	ck_assert_uint_eq(alarms(PATIENCE_LOOKS - 1, 0, 10), 0);
	ck_assert_uint_eq(alarms(3, 0, 10), 3);
}
END_TEST

START_TEST(a_stopped_process_is_not_blind)
{
	set_up(TICK);
	alarms(3, 1, 10);
	alarms(1, 0, 10);
	now_ns += 3600 * NSC_NS_PER_SEC;
	ck_assert_uint_eq(look_at(true, 0, 10), 0);
	ck_assert_uint_eq(look_at(true, 1, 10), 0);
}
END_TEST

CHECK_MAIN("watchdog", packets_without_views_are_an_alarm, before_the_first_view_too, one_packet_is_enough,
	   nothing_has_arrived_yet, idle_is_not_blind, views_stop_without_packets, a_slow_publisher_is_not_blind,
	   long_ticks_are_waited_for, only_a_run_that_is_watched, a_stopped_process_is_not_blind)
