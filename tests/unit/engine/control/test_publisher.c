/* SPDX-License-Identifier: MIT
 *
 * Merging, with hand-made snapshots: ticks in order and once, totals, tick numbers, top lists, ticks that were missed,
 * the end.
 */
#include "engine/control/publisher.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { WORKERS = 2, TOP = 3, TICK = 1000 };

static struct nsc_arena *arena;
static struct nsc_views views;
static struct nsc_channel *snapshots[WORKERS];
static struct nsc_idle worker_idle;
static struct nsc_failure failure;
static struct nsc_sinks sinks = { .failure = &failure };
static struct nsc_publisher publisher;
static struct nsc_view *view;
static uint64_t kernel_drops = NSC_UNKNOWN;

static void source_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
	counters->delivered = 1000;
	counters->kernel_drops = kernel_drops;
	counters->nic_drops = NSC_UNKNOWN;
}

static const struct nsc_rx_ops source_ops = { .name = "counting", .counters = source_counters };
static struct nsc_rx source = { .ops = &source_ops };
static struct nsc_rx *const sources[] = { &source };

static void set_up(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_views_open(&views, arena, WORKERS, NULL), 0);
	publisher = (struct nsc_publisher){
		.views = &views,
		.sinks = &sinks,
		.source = sources,
		.n_sources = 1,
		.tick_ns = TICK,
		.workers = WORKERS,
		.top_flows = TOP,
		.core = { 4, -1 },
	};
	for (unsigned i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(nsc_snapshots_open(&snapshots[i], arena, TOP, false, NULL), 0);
		nsc_channel_connect(snapshots[i], &(struct nsc_channel_doorbells){ .sender = &worker_idle,
										   .receiver = &publisher.idle });
		publisher.snapshots[i] = snapshots[i];
	}
	view = calloc(1, nsc_view_bytes(WORKERS));
	nsc_engine_reader_register();
}

static void tear_down(void)
{
	nsc_engine_reader_leave();
	nsc_arena_close(arena);
	free(view);
}

static struct nsc_snapshot *begin(unsigned worker, uint64_t tick, uint64_t packets)
{
	struct nsc_snapshot *snapshot = nsc_channel_acquire(snapshots[worker]);

	ck_assert_ptr_nonnull(snapshot);
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->tick = tick;
	snapshot->clock_ns = tick * TICK + 700;
	snapshot->counters.value[NSC_C_WORKER_PACKETS] = packets;
	snapshot->counters.value[NSC_C_WORKER_BYTES] = packets * 100;
	return snapshot;
}

static void send(unsigned worker, uint64_t tick, uint64_t packets, bool final)
{
	struct nsc_snapshot *snapshot = begin(worker, tick, packets);

	snapshot->final = final;
	nsc_channel_send(snapshots[worker], snapshot);
}

/* One step; returns whether it made a view, copied to `view`. */
static bool step(void)
{
	bool ended = false;

	if (!nsc_publisher_step(&publisher, &ended))
		return false;
	ck_assert(nsc_views_copy(&views, view));
	ck_assert_int_eq(view->final, ended);
	return true;
}

START_TEST(waits_for_every_worker)
{
	set_up();
	send(0, 50, 10, false);
	ck_assert(!step());
	ck_assert(!step());
	send(1, 50, 5, false);
	ck_assert(step());
	ck_assert_uint_eq(view->seq, 1);
	ck_assert_uint_eq(view->tick, 0);
	ck_assert_uint_eq(view->start_ns, 50 * TICK);
	ck_assert_uint_eq(view->end_ns, 51 * TICK);
	ck_assert_uint_eq(view->tick_packets, 15);
	ck_assert_uint_eq(view->tick_bytes, 1500);
	ck_assert_uint_eq(view->totals.value[NSC_C_WORKER_PACKETS], 15);
	ck_assert_uint_eq(view->totals.value[NSC_C_RX_DELIVERED], 1000);
	ck_assert_int_eq(view->worker[0].core, 4);
	ck_assert_int_eq(view->worker[1].core, -1);
	ck_assert(!step());
	tear_down();
}
END_TEST

START_TEST(ticks_hold_what_is_new)
{
	set_up();
	for (unsigned i = 0; i < WORKERS; i++) {
		send(i, 50, 10, false);
		send(i, 51, 30, false);
		send(i, 53, 31, true);
	}
	ck_assert(step());
	ck_assert_uint_eq(view->tick_packets, 20);
	ck_assert(step());
	ck_assert_uint_eq(view->tick_packets, 40);
	ck_assert(!view->final);
	ck_assert(step());
	ck_assert_uint_eq(view->tick_packets, 2);
	ck_assert_uint_eq(view->tick, 3);
	ck_assert(view->final);
	ck_assert_uint_eq(view->end_ns, 53 * TICK + 701);
	tear_down();
}
END_TEST

/* Live: worker 1 could not send tick 51; its next snapshot brings all. */
START_TEST(a_missed_tick_loses_nothing)
{
	set_up();
	send(0, 50, 10, false);
	send(1, 50, 10, false);
	send(0, 51, 20, false);
	send(1, 52, 40, false);
	ck_assert(step());
	ck_assert(step());
	ck_assert_uint_eq(view->tick, 1);
	ck_assert_uint_eq(view->tick_packets, 10);
	ck_assert_uint_eq(view->worker[1].counters.value[NSC_C_WORKER_PACKETS], 10);
	send(0, 52, 21, false);
	ck_assert(step());
	ck_assert_uint_eq(view->tick, 2);
	ck_assert_uint_eq(view->tick_packets, 31);
	tear_down();
}
END_TEST

START_TEST(an_ended_worker_waits_for_the_others)
{
	set_up();
	send(0, 52, 9, true);
	send(1, 50, 1, false);
	ck_assert(step());
	ck_assert_uint_eq(view->totals.value[NSC_C_WORKER_PACKETS], 1);
	send(1, 51, 2, false);
	ck_assert(step());
	ck_assert(!view->final);
	send(1, 52, 3, true);
	ck_assert(step());
	ck_assert(view->final);
	ck_assert_uint_eq(view->totals.value[NSC_C_WORKER_PACKETS], 12);
	tear_down();
}
END_TEST

static struct nsc_top_flow top_flow(uint64_t bytes, uint8_t address)
{
	return (struct nsc_top_flow){
		.tick_bytes = bytes,
		.flow = { .ip_version = 4,
			  .proto = NSC_PROTO_TCP,
			  .addr_a = { 10, 0, 0, address },
			  .addr_b = { 10, 0, 1, 1 } },
	};
}

START_TEST(top_lists_merge_by_bytes_then_key)
{
	struct nsc_snapshot *a, *b;

	set_up();
	a = begin(0, 50, 1);
	a->n_top = 2;
	a->top[0] = top_flow(900, 1);
	a->top[1] = top_flow(500, 9);
	b = begin(1, 50, 1);
	b->n_top = 3;
	b->top[0] = top_flow(500, 2);
	b->top[1] = top_flow(400, 3);
	b->top[2] = top_flow(300, 4);
	nsc_channel_send(snapshots[0], a);
	nsc_channel_send(snapshots[1], b);
	ck_assert(step());
	ck_assert_uint_eq(view->n_top, TOP);
	ck_assert_uint_eq(view->top[0].flow.addr_a[3], 1);
	ck_assert_uint_eq(view->top[1].flow.addr_a[3], 2);
	ck_assert_uint_eq(view->top[2].flow.addr_a[3], 9);
	tear_down();
}
END_TEST

START_TEST(drops_are_unknown_or_of_the_tick)
{
	static struct nsc_counters capture;

	set_up();
	for (unsigned i = 0; i < WORKERS; i++)
		for (uint64_t tick = 50; tick < 53; tick++)
			send(i, tick, 0, false);
	ck_assert(step());
	ck_assert_uint_eq(view->tick_drops, NSC_UNKNOWN);
	ck_assert_uint_eq(view->totals.value[NSC_C_RX_KERNEL_DROPS], NSC_UNKNOWN);
	publisher.capture = &capture;
	capture.value[NSC_C_LANE_FULL] = 4;
	kernel_drops = 100;
	ck_assert(step());
	ck_assert_uint_eq(view->tick_drops, 104);
	kernel_drops = 107;
	ck_assert(step());
	ck_assert_uint_eq(view->tick_drops, 7);
	ck_assert(view->lanes);
	tear_down();
}
END_TEST

/* Ticks that time cuts end at its last nanosecond, and so does the final view of it. */
START_TEST(the_last_tick_ends_with_time)
{
	const uint64_t last = UINT64_MAX / TICK;

	set_up();
	for (unsigned i = 0; i < WORKERS; i++) {
		send(i, 0, 1, false);
		send(i, last, 2, false);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		struct nsc_snapshot *snapshot = begin(i, last, 2);

		snapshot->final = true;
		snapshot->clock_ns = UINT64_MAX;
		nsc_channel_send(snapshots[i], snapshot);
	}
	ck_assert(step());
	ck_assert_uint_eq(view->start_ns, 0);
	ck_assert_uint_eq(view->end_ns, TICK);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert(step());
		ck_assert_uint_eq(view->start_ns, last * TICK);
		ck_assert_uint_eq(view->end_ns, UINT64_MAX);
	}
	ck_assert(view->final);
	tear_down();
}
END_TEST

/* Live, rings end in ticks of their own. The final view is not earlier than the one before it. */
START_TEST(the_final_tick_is_the_latest)
{
	set_up();
	send(0, 50, 1, false);
	send(1, 50, 1, false);
	ck_assert(step());
	send(1, 51, 2, true);
	for (uint64_t tick = 51; tick < 55; tick++) {
		send(0, tick, tick, false);
		ck_assert(step());
	}
	ck_assert_uint_eq(view->tick, 4);
	send(0, 55, 60, true);
	ck_assert(step());
	ck_assert(view->final);
	ck_assert_uint_eq(view->tick, 5);
	ck_assert_uint_eq(view->start_ns, 55 * TICK);
	tear_down();
}
END_TEST

CHECK_MAIN("publisher", the_final_tick_is_the_latest, the_last_tick_ends_with_time, waits_for_every_worker,
	   ticks_hold_what_is_new, a_missed_tick_loses_nothing, an_ended_worker_waits_for_the_others,
	   top_lists_merge_by_bytes_then_key, drops_are_unknown_or_of_the_tick)
