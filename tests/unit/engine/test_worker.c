/* SPDX-License-Identifier: MIT
 *
 * A worker in the test's own thread: bursts cut at ticks, gaps, fates, the last snapshot and records, stop.
 */
#include "engine/worker.h"

#include <string.h>

#include "engine/base/cycles.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"

enum { TICK = 1000000, TOP = 4 };

static struct nsc_arena *arena;
static struct nsc_idle publisher, writer;
static struct nsc_channel *snapshots;
static struct nsc_records records;
static struct nsc_worker worker;
static struct fake_source source;
static bool stop, drain;
static uint64_t timeout_ns;
static const struct nsc_decode_options decode = { .seed = FAKE_SEED };

static void set_up(struct fake_packet (*make)(uint64_t), uint64_t packets, uint32_t burst, bool live)
{
	struct nsc_flow_table_options options = {
		.max_flows = 1000,
		.timeout_ns = timeout_ns,
		.tick_ns = TICK,
		.top_flows = TOP,
		.seed = decode.seed,
	};
	struct nsc_worker_options w = {
		.rx = &source.rx,
		.decode = &decode,
		.records = &records,
		.tick_ns = TICK,
		.tsc_hz = nsc_cycles_measure_hz(),
		.drain = drain,
		.stop = &stop,
	};

	memset(&worker, 0, sizeof(worker));
	memset(&records, 0, sizeof(records));
	fake_open(&source, make, packets, burst, 4);
	source.rx.live = live;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_snapshots_open(&snapshots, arena, TOP, false, NULL), 0);
	w.snapshots = snapshots;
	nsc_channel_connect(snapshots,
			    &(struct nsc_channel_doorbells){ .sender = &worker.idle, .receiver = &publisher });
	ck_assert_int_eq(nsc_records_open(&records, arena, 0, 0, NULL), 0);
	nsc_channel_connect(records.channel,
			    &(struct nsc_channel_doorbells){ .sender = &worker.idle, .receiver = &writer });
	ck_assert_int_eq(nsc_flow_table_open(&w.table, &options, arena, NULL), 0);
	nsc_worker_init(&worker, &w);
}

static void tear_down(void)
{
	nsc_arena_close(arena);
	nsc_rx_close(&source.rx);
	stop = drain = false; /* the next test may be in the same process */
	timeout_ns = 0;
}

static uint64_t packets_of(const struct nsc_snapshot *snapshot)
{
	return snapshot ? snapshot->counters.value[NSC_C_WORKER_PACKETS] : 0;
}

/* 10 packets in tick 70, 10 in tick 71, none in 72 to 74, 10 in tick 75. */
static struct fake_packet three_ticks(uint64_t i)
{
	static const uint64_t tick[] = { 70, 71, 75 };

	return (struct fake_packet){ tick[i / 10] * TICK + i % 10 * 1000, (uint32_t)(i % 5), (uint32_t)(100 + i % 5) };
}

/* Whatever the bursts are, each tick holds the same packets. */
START_TEST(ticks_do_not_depend_on_bursts)
{
	for (uint32_t burst = 1; burst <= 30; burst += burst < 3 ? 1 : 9) {
		struct nsc_snapshot *first, *second, *last;

		set_up(three_ticks, 30, burst, false);
		nsc_worker_run(&worker);
		first = nsc_channel_receive(snapshots);
		second = nsc_channel_receive(snapshots);
		last = nsc_channel_receive(snapshots);
		ck_assert_ptr_null(nsc_channel_receive(snapshots));
		ck_assert_uint_eq(packets_of(first), 10);
		ck_assert_uint_eq(packets_of(second), 20);
		ck_assert_uint_eq(packets_of(last), 30);
		ck_assert_uint_eq(first->tick, 70);
		ck_assert_uint_eq(second->tick, 71);
		ck_assert_uint_eq(last->tick, 75);
		ck_assert_uint_eq(second->empty_ticks, 0);
		ck_assert_uint_eq(last->empty_ticks, 3);
		ck_assert(!first->final && !second->final && last->final);
		ck_assert_uint_eq(last->clock_ns, three_ticks(29).clock_ns);
		ck_assert_uint_eq(first->n_top, TOP);
		ck_assert_uint_eq(first->top[0].tick_bytes, 208);
		tear_down();
	}
}
END_TEST

START_TEST(the_last_snapshot_has_everything)
{
	struct nsc_snapshot *last = NULL, *snapshot;
	const uint64_t *value;

	set_up(three_ticks, 30, 64, false);
	nsc_worker_run(&worker);
	while ((snapshot = nsc_channel_receive(snapshots)))
		last = snapshot;
	value = last->counters.value;
	ck_assert_uint_eq(value[NSC_C_FATE + NSC_FATE_FLOW], 30);
	ck_assert_uint_eq(value[NSC_C_FLOW_PACKETS], 30);
	ck_assert_uint_eq(value[NSC_C_FLOW_CREATED], 5);
	ck_assert_uint_eq(value[NSC_C_FLOW_REMAINED], 5);
	ck_assert_uint_eq(value[NSC_C_WORKER_BYTES], source.bytes);
	ck_assert_uint_eq(value[NSC_C_RECORD_SENT], 0); /* the remaining flows are read from the table */
	ck_assert_uint_eq(value[NSC_C_SNAPSHOT_SENT], 3);
	ck_assert_uint_gt(value[NSC_C_CYCLES_FLOW], 0);
	ck_assert_uint_gt(value[NSC_C_CYCLES_DECODE], 0);
	ck_assert_uint_gt(last->duration[NSC_DURATION_ROUND].max_ns, 0);
	tear_down();
}
END_TEST

static void poll_every_other_time(struct nsc_rx *rx, struct nsc_burst *burst)
{
	static bool nothing;

	nothing = !nothing;
	if (!nothing) {
		fake_poll(rx, burst);
		return;
	}
	burst->n = 0;
	burst->state = NSC_RX_IDLE;
}

/* Of a source that waits for other threads no time is idle. */
START_TEST(a_source_that_waits_is_not_idle)
{
	for (unsigned waited = 0; waited < 2; waited++) {
		const uint64_t *value = worker.counters.value;
		struct nsc_rx_ops ops;

		set_up(three_ticks, 30, 3, false);
		ops = *source.rx.ops;
		ops.poll = poll_every_other_time;
		source.rx.ops = &ops;
		source.rx.waited = waited ? NSC_C_WAITED_BLOCK : 0;
		nsc_worker_run(&worker);
		ck_assert_uint_eq(value[NSC_C_FLOW_PACKETS], 30);
		ck_assert_uint_ge(value[NSC_C_WORKER_EMPTY_POLLS], 10);
		ck_assert_int_eq(value[NSC_C_WAITED_BLOCK] > 0, waited);
		ck_assert_int_eq(value[NSC_C_CYCLES_EMPTY] + value[NSC_C_CYCLES_IDLE] == 0, waited);
		tear_down();
	}
}
END_TEST

/* Timeout 3.5 ticks: what came before the gap has ended when the input has, and what came after it remains. */
START_TEST(ended_records_arrive_and_the_rest_remains)
{
	struct nsc_flow_record rest[8];
	struct nsc_flow_chunk *chunk;
	uint64_t ended = 0, remained = 0;
	uint32_t n;

	timeout_ns = 3500000;
	drain = true;
	set_up(three_ticks, 30, 7, false);
	nsc_worker_run(&worker);
	ck_assert(nsc_channel_ended(records.channel));
	chunk = nsc_channel_receive(records.channel);
	ck_assert_ptr_nonnull(chunk);
	ck_assert_uint_eq(chunk->n, 5);
	ck_assert_ptr_null(nsc_channel_receive(records.channel));
	for (uint32_t i = 0; i < chunk->n; i++)
		ended += chunk->record[i].packets[0] + chunk->record[i].packets[1];
	n = nsc_flow_table_drain(worker.table, rest, NSC_ARRAY_LEN(rest));
	ck_assert_uint_eq(n, 5);
	for (uint32_t i = 0; i < n; i++)
		remained += rest[i].packets[0] + rest[i].packets[1];
	ck_assert_uint_eq(ended, 20);
	ck_assert_uint_eq(remained, 10);
	tear_down();
}
END_TEST

static struct fake_packet mixed(uint64_t i)
{
	return (struct fake_packet){ 70 * (uint64_t)TICK + i, i % 4 ? 1 : FAKE_NO_FLOW, 100 };
}

START_TEST(every_fate_is_counted)
{
	struct nsc_snapshot *last;

	set_up(mixed, 1000, 64, false);
	nsc_worker_run(&worker);
	last = nsc_channel_receive(snapshots);
	ck_assert_uint_eq(last->counters.value[NSC_C_FATE + NSC_FATE_FLOW], 750);
	ck_assert_uint_eq(last->counters.value[NSC_C_FATE + NSC_FATE_ARP], 250);
	ck_assert_uint_eq(last->counters.value[NSC_C_WORKER_BURSTS], 16);
	ck_assert_uint_eq(source.released, 16);
	tear_down();
}
END_TEST

START_TEST(no_packet_at_all)
{
	struct nsc_snapshot *last;

	set_up(mixed, 0, 64, false);
	nsc_worker_run(&worker);
	last = nsc_channel_receive(snapshots);
	ck_assert(last->final);
	ck_assert_uint_eq(packets_of(last), 0);
	ck_assert_ptr_null(nsc_channel_receive(records.channel));
	tear_down();
}
END_TEST

static struct fake_packet a_tick_each(uint64_t i)
{
	return (struct fake_packet){ (70 + i) * (uint64_t)TICK, 1, 100 };
}

/* Nobody takes the snapshots: live the worker goes on, counts what it could not send, and still sends the last. */
START_TEST(live_misses_snapshots_and_goes_on)
{
	struct nsc_snapshot *last = NULL, *snapshot;
	uint64_t received = 0;

	set_up(a_tick_each, 100, 64, true);
	nsc_worker_run(&worker);
	while ((snapshot = nsc_channel_receive(snapshots))) {
		last = snapshot;
		received++;
	}
	ck_assert_uint_eq(received, NSC_SNAPSHOTS);
	ck_assert(last->final);
	ck_assert_uint_eq(packets_of(last), 100);
	ck_assert_uint_eq(last->counters.value[NSC_C_SNAPSHOT_SENT], NSC_SNAPSHOTS);
	ck_assert_uint_eq(last->counters.value[NSC_C_SNAPSHOT_MISSED], 100 - NSC_SNAPSHOTS);
	tear_down();
}
END_TEST

START_TEST(stops_after_a_burst)
{
	struct nsc_snapshot *last;

	stop = true;
	set_up(mixed, 1000, 64, false);
	nsc_worker_run(&worker);
	last = nsc_channel_receive(snapshots);
	ck_assert(last->final);
	ck_assert_uint_eq(packets_of(last), 64);
	ck_assert_uint_eq(last->counters.value[NSC_C_FLOW_PACKETS], 48);
	tear_down();
}
END_TEST

/* Time 0, a usual time, and the last two ticks that there are, with the last nanosecond of all. */
static struct fake_packet from_end_to_end(uint64_t i)
{
	static const uint64_t clock_ns[] = {
		0, 0, 5 * TICK, 1700000000 * NSC_NS_PER_SEC, UINT64_MAX - TICK, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX
	};

	return (struct fake_packet){ clock_ns[i], (uint32_t)i, 100 };
}

START_TEST(any_clock_is_a_clock)
{
	static const uint64_t packets[] = { 2, 3, 4, 5, 8 };

	for (uint32_t burst = 1; burst <= 8; burst++) {
		struct nsc_snapshot *snapshot;
		uint64_t number = 0;

		set_up(from_end_to_end, 8, burst, false);
		nsc_worker_run(&worker);
		for (unsigned i = 0; i < NSC_ARRAY_LEN(packets); i++) {
			snapshot = nsc_channel_receive(snapshots);
			ck_assert_uint_eq(packets_of(snapshot), packets[i]);
			ck_assert_uint_eq(snapshot->tick, from_end_to_end(packets[i] - 1).clock_ns / TICK);
			ck_assert_uint_eq(snapshot->empty_ticks, i ? snapshot->tick - number - 1 : 0);
			ck_assert_int_eq(snapshot->final, i == NSC_ARRAY_LEN(packets) - 1);
			number = snapshot->tick;
		}
		ck_assert_uint_eq(snapshot->clock_ns, UINT64_MAX);
		ck_assert_ptr_null(nsc_channel_receive(snapshots));
		tear_down();
	}
}
END_TEST

/* Asked to stop, a live source still gives what it holds; another one just is not polled any more. */
START_TEST(stop_drains_a_live_source)
{
	struct nsc_snapshot *last = NULL, *snapshot;

	set_up(three_ticks, 1000, 1, true);
	source.rx.ops = &fake_live_ops;
	source.drained = 25;
	stop = true;
	nsc_worker_run(&worker);
	while ((snapshot = nsc_channel_receive(snapshots)))
		last = snapshot;
	ck_assert_uint_eq(source.stops, 25);     /* after every round but the last, which was its end */
	ck_assert_uint_eq(packets_of(last), 26); /* the one before it was asked, and 25 */
	ck_assert_int_eq(worker.burst.state, NSC_RX_END);
	stop = false;
	tear_down();
}
END_TEST

/* Sleep is where packets wake the worker, and only once the ladder has come to it. */
START_TEST(an_idle_worker_sleeps_at_its_source)
{
	set_up(three_ticks, 0, 1, true);
	source.rx.ops = &fake_live_ops;
	nsc_idle_init(&worker.idle, NSC_POLL_ADAPTIVE, true);
	source.packets = 1;
	source.loans = 0; /* has one, and never gives it */
	for (unsigned i = 0; i < 100; i++) {
		nsc_rx_poll(&source.rx, &worker.burst);
		ck_assert_int_eq(worker.burst.state, NSC_RX_IDLE);
		if (nsc_idle_may_sleep(&worker.idle))
			nsc_rx_wait(&source.rx, 1000);
		else
			nsc_idle_wait(&worker.idle);
	}
	ck_assert_uint_eq(source.waits, 92);
	source.loans = 4;
	tear_down();
}
END_TEST

CHECK_MAIN("worker", any_clock_is_a_clock, stop_drains_a_live_source, an_idle_worker_sleeps_at_its_source,
	   ticks_do_not_depend_on_bursts, the_last_snapshot_has_everything, ended_records_arrive_and_the_rest_remains,
	   every_fate_is_counted, no_packet_at_all, live_misses_snapshots_and_goes_on, stops_after_a_burst,
	   a_source_that_waits_is_not_idle)
