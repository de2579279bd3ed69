/* SPDX-License-Identifier: MIT
 *
 * Ticks from one end of time to the other, and the snapshots that close them.
 */
#include "engine/tick.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { TICK = 1000000 };

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher;
static struct nsc_channel *snapshots;
static struct nsc_counters counters;
static struct nsc_histogram durations[NSC_DURATION_COUNT];
static struct nsc_tick tick;

static void set_up(bool live)
{
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_snapshots_open(&snapshots, arena, 0, false, NULL), 0);
	nsc_channel_connect(snapshots, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &publisher });
	nsc_tick_init(&tick, snapshots, TICK, live);
}

START_TEST(begins_anywhere_and_counts_what_it_passes_over)
{
	set_up(false);
	ck_assert(!nsc_tick_has_begun(&tick));
	ck_assert(!nsc_period_holds(&tick.period, 0));
	nsc_tick_begin(&tick, 0);
	ck_assert(nsc_tick_has_begun(&tick) && nsc_period_holds(&tick.period, 0));
	ck_assert_uint_eq(tick.empty, 0);
	nsc_tick_begin(&tick, TICK);
	ck_assert_uint_eq(tick.number, 1);
	ck_assert_uint_eq(tick.empty, 0);
	nsc_tick_begin(&tick, UINT64_MAX);
	ck_assert_uint_eq(tick.number, UINT64_MAX / TICK);
	ck_assert_uint_eq(tick.empty, UINT64_MAX / TICK - 2);
	ck_assert(nsc_period_holds(&tick.period, UINT64_MAX));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(a_snapshot_says_which_tick_and_counts_itself)
{
	struct nsc_snapshot *snapshot;

	set_up(false);
	nsc_tick_begin(&tick, 70 * TICK + 5);
	nsc_count(&counters, NSC_C_WORKER_PACKETS, 9);
	nsc_tick_send(&tick, 72 * TICK, &counters, durations);
	nsc_tick_begin(&tick, 72 * TICK);
	nsc_tick_send_last(&tick, 72 * TICK + 7, &counters, durations);
	snapshot = nsc_channel_receive(snapshots);
	ck_assert_uint_eq(snapshot->tick, 70);
	ck_assert_uint_eq(snapshot->clock_ns, 72 * TICK);
	ck_assert_uint_eq(snapshot->counters.value[NSC_C_WORKER_PACKETS], 9);
	ck_assert_uint_eq(snapshot->counters.value[NSC_C_SNAPSHOT_SENT], 1);
	ck_assert(!snapshot->final);
	snapshot = nsc_channel_receive(snapshots);
	ck_assert_uint_eq(snapshot->tick, 72);
	ck_assert_uint_eq(snapshot->empty_ticks, 1);
	ck_assert_uint_eq(snapshot->clock_ns, 72 * TICK + 7);
	ck_assert(snapshot->final);
	ck_assert_ptr_null(nsc_channel_receive(snapshots));
	nsc_arena_close(arena);
}
END_TEST

/* Nobody takes them. The last one still has its place. */
START_TEST(live_a_tick_is_left_out)
{
	struct nsc_snapshot *snapshot = NULL, *next;

	set_up(true);
	for (uint64_t i = 0; i < 20; i++) {
		nsc_tick_begin(&tick, i * TICK);
		nsc_tick_send(&tick, (i + 1) * TICK, &counters, durations);
	}
	nsc_tick_send_last(&tick, 20 * TICK, &counters, durations);
	for (uint32_t i = 0; i < NSC_SNAPSHOTS; i++) {
		next = nsc_channel_receive(snapshots);
		ck_assert_ptr_nonnull(next);
		snapshot = next;
	}
	ck_assert(snapshot->final);
	ck_assert_uint_eq(snapshot->counters.value[NSC_C_SNAPSHOT_SENT], NSC_SNAPSHOTS);
	ck_assert_uint_eq(snapshot->counters.value[NSC_C_SNAPSHOT_MISSED], 21 - NSC_SNAPSHOTS);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("tick", begins_anywhere_and_counts_what_it_passes_over, a_snapshot_says_which_tick_and_counts_itself,
	   live_a_tick_is_left_out)
