/* SPDX-License-Identifier: MIT
 *
 * Three workers send snapshots of many ticks to a real publisher: each tick comes out once, in order, with the sum of
 * all; afterwards the same live, where workers may miss ticks, and the totals must still be right at the end.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control/publisher.h"
#include "tests/unit/engine/check_main.h"

enum { WORKERS = 3, TICKS = 5000, TICK = 1000, TOP = 4, FIRST = 77 };

struct sender {
	struct nsc_channel *snapshots;
	struct nsc_idle idle;
	struct nsc_counters counters;
	uint32_t index;
	bool live;
};

static struct sender sender[WORKERS];
static struct nsc_publisher publisher;
static uint64_t ticks, disorder, wrong_sums, wrong_tops, last_packets;

static uint64_t packets_until(uint32_t worker, uint64_t tick)
{
	return (tick + 1) * (worker + 1);
}

static void fill(struct nsc_snapshot *snapshot, uint32_t worker, uint64_t tick)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->tick = FIRST + tick;
	snapshot->clock_ns = (FIRST + tick) * TICK;
	snapshot->final = tick == TICKS - 1;
	snapshot->counters.value[NSC_C_WORKER_PACKETS] = packets_until(worker, tick);
	snapshot->n_top = TOP;
	for (unsigned i = 0; i < TOP; i++)
		snapshot->top[i] = (struct nsc_top_flow){
			.tick_bytes = tick + 100 - i * 10 - worker,
			.flow = { .ip_version = 4, .proto = NSC_PROTO_UDP, .port_a = (uint16_t)(worker * TOP + i) },
		};
}

static void *send_ticks(void *context)
{
	struct sender *s = context;

	for (uint64_t tick = 0; tick < TICKS; tick++) {
		struct nsc_snapshot *snapshot;

		if (s->live && tick < TICKS - 1)
			snapshot = nsc_channel_acquire(s->snapshots);
		else
			snapshot = nsc_channel_acquire_or_wait(s->snapshots, &s->counters, NSC_C_SNAPSHOT_WAITS,
							       NSC_C_WAITED_SNAPSHOTS);
		if (snapshot) {
			fill(snapshot, s->index, tick);
			nsc_channel_send(s->snapshots, snapshot);
		}
		if (tick % 64 == s->index)
			sched_yield();
	}
	return NULL;
}

static int on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	bool live = sender[0].live;
	uint64_t want = 0;

	for (uint32_t i = 0; i < WORKERS; i++)
		want += packets_until(i, view->tick);
	disorder += live ? view->tick < ticks : view->tick != ticks;
	wrong_sums += !live && view->totals.value[NSC_C_WORKER_PACKETS] != want;
	wrong_tops += !live && (view->n_top != TOP || view->top[0].tick_bytes != view->tick + 100 ||
				view->top[1].tick_bytes != view->tick + 99 || view->top[1].flow.port_a != TOP);
	last_packets = view->totals.value[NSC_C_WORKER_PACKETS];
	ticks = live ? view->tick : ticks + 1;
	return 0;
}

static void source_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
}

static const struct nsc_rx_ops source_ops = { .name = "counting", .counters = source_counters };
static struct nsc_rx source = { .ops = &source_ops };
static struct nsc_rx *const sources[] = { &source };
static const struct nsc_sink_ops sink_ops = { .name = "checking", .tick = on_tick };
static struct nsc_sink sink = { .ops = &sink_ops }, *list[] = { &sink };
static struct nsc_failure failure;
static struct nsc_sinks sinks = { .sink = list, .n = 1, .failure = &failure };
static struct nsc_views views;

static void run(bool live)
{
	struct nsc_arena *arena;
	pthread_t thread[WORKERS];

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
	};
	nsc_idle_init(&publisher.idle, NSC_POLL_BLOCK, true);
	for (uint32_t i = 0; i < WORKERS; i++) {
		sender[i].index = i;
		sender[i].live = live;
		nsc_idle_init(&sender[i].idle, NSC_POLL_ADAPTIVE, true);
		ck_assert_int_eq(nsc_snapshots_open(&sender[i].snapshots, arena, TOP, false, NULL), 0);
		nsc_channel_connect(
			sender[i].snapshots,
			&(struct nsc_channel_doorbells){ .sender = &sender[i].idle, .receiver = &publisher.idle });
		publisher.snapshots[i] = sender[i].snapshots;
	}
	for (uint32_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, send_ticks, &sender[i]), 0);
	nsc_publisher_run(&publisher);
	for (uint32_t i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	nsc_arena_close(arena);
}

START_TEST(every_tick_once)
{
	run(false);
	ck_assert_uint_eq(ticks, TICKS);
	ck_assert_uint_eq(disorder, 0);
	ck_assert_uint_eq(wrong_sums, 0);
	ck_assert_uint_eq(wrong_tops, 0);
	ck_assert_uint_eq(last_packets, (uint64_t)TICKS * (1 + 2 + 3));
}
END_TEST

START_TEST(live_may_miss_but_ends_right)
{
	ticks = disorder = last_packets = 0;
	run(true);
	ck_assert_uint_eq(disorder, 0);
	ck_assert_uint_eq(ticks, TICKS - 1);
	ck_assert_uint_eq(last_packets, (uint64_t)TICKS * (1 + 2 + 3));
}
END_TEST

CHECK_MAIN("snapshots_stress", every_tick_once, live_may_miss_but_ends_right)
