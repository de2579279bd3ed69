/* SPDX-License-Identifier: MIT
 *
 * One thread plays capture and workers: who gets which packet, in which order, with which clocks; what a full lane
 * does; when loans end.
 */
#include "engine/rings/lane.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"
#include "tests/unit/engine/slow.h"

enum { LANES = 3, TICK = 1000, FLOWS = 50 };

static struct nsc_arena *arena;
static struct nsc_lanes *lanes;
static struct nsc_idle worker[NSC_WORKERS_MAX];
static struct fake_source source;
static struct nsc_burst burst;
static bool stop;
static uint64_t tick_ns = TICK, epoch_ns;
static const struct nsc_decode_options decode = { .seed = FAKE_SEED };

static void set_up(struct fake_packet (*make)(uint64_t), uint64_t packets, uint32_t per_burst, uint32_t loans,
		   bool live, uint32_t n, uint32_t lane_packets)
{
	struct nsc_lanes_options options = {
		.source = &source.rx,
		.decode = &decode,
		.lanes = n,
		.lane_packets = lane_packets,
		.tick_ns = tick_ns,
		.epoch_ns = epoch_ns,
		.stop = &stop,
	};

	stop = false; /* the tests may run in one process */
	fake_open(&source, make, packets, per_burst, loans);
	source.rx.live = live;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_lanes_open(&lanes, &options, arena, NULL), 0);
	for (uint32_t i = 0; i < n; i++) {
		nsc_idle_init(&worker[i], NSC_POLL_ADAPTIVE, false);
		nsc_lanes_connect(lanes, i, &worker[i]);
	}
}

static void tear_down(void)
{
	nsc_arena_close(arena);
	nsc_rx_close(&source.rx);
}

static uint64_t counted(unsigned counter)
{
	return nsc_lanes_counters(lanes)->value[counter];
}

/* 20 packets per tick, and nothing at all in ticks 10 to 14. */
static struct fake_packet steady(uint64_t i)
{
	uint64_t clock_ns = 5000000 + i * 50;

	return (struct fake_packet){ clock_ns + (clock_ns >= 5010000 ? 5000 : 0), i % FLOWS, 100 };
}

static struct fake_packet some_without_flow(uint64_t i)
{
	return (struct fake_packet){ 5000000 + i, i % 3 ? FAKE_NO_FLOW : (uint32_t)(i % FLOWS), 100 };
}

static struct fake_packet at_time_zero(uint64_t i)
{
	return (struct fake_packet){ 0, (uint32_t)(i % FLOWS), 100 };
}

START_TEST(every_packet_goes_to_the_lane_of_its_flow)
{
	int lane_of[FLOWS];
	uint32_t last[LANES] = { 0 }, seen[LANES] = { 0 }, wrong = 0;

	for (unsigned f = 0; f < FLOWS; f++)
		lane_of[f] = -1;
	set_up(steady, 1000, 37, 64, false, LANES, 4096);
	nsc_lanes_run(lanes);
	for (int i = 0; i < LANES; i++) {
		struct nsc_rx *rx = nsc_lanes_rx(lanes, i);

		do {
			nsc_rx_poll(rx, &burst);
			for (uint32_t k = 0; k < burst.n; k++, seen[i]++) {
				uint32_t number = fake_number(&burst.pkt[k]), flow = number % FLOWS;

				wrong += lane_of[flow] >= 0 && lane_of[flow] != i;
				lane_of[flow] = i;
				wrong += seen[i] && number <= last[i];
				wrong += burst.pkt[k].fate != NSC_FATE_FLOW;
				last[i] = number;
			}
			nsc_rx_release(rx, burst.loan);
		} while (burst.state < NSC_RX_END);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(seen[0] + seen[1] + seen[2], 1000);
	ck_assert(seen[0] && seen[1] && seen[2]);
	ck_assert_uint_eq(counted(NSC_C_LANE_PACKETS), 1000);
	ck_assert_uint_eq(counted(NSC_C_LANE_WAITS), 0);
	tear_down();
}
END_TEST

/* Reads lane i to its end; notes the first clock of each tick that the lane was told of, once. */
static unsigned borders_of(int i, uint64_t *borders, unsigned most, uint64_t *end_ns)
{
	struct nsc_rx *rx = nsc_lanes_rx(lanes, (uint32_t)i);
	uint64_t tick = UINT64_MAX;
	unsigned n = 0;

	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t k = 0; k < burst.n; k++)
			if (burst.pkt[k].clock_ns / TICK != tick)
				return 0; /* a packet of a tick that nobody announced */
		nsc_rx_release(rx, burst.loan);
		if (burst.clock_ns / TICK != tick && n < most)
			borders[n++] = burst.clock_ns;
		tick = burst.clock_ns / TICK;
	} while (burst.state < NSC_RX_END);
	*end_ns = burst.clock_ns;
	return n;
}

START_TEST(all_lanes_hear_of_the_same_borders)
{
	uint64_t borders[LANES][64], end_ns[LANES];
	unsigned n[LANES];

	set_up(steady, 1000, 37, 64, false, LANES, 8192);
	nsc_lanes_run(lanes);
	for (int i = 0; i < LANES; i++)
		n[i] = borders_of(i, borders[i], 64, &end_ns[i]);
	ck_assert_uint_eq(n[0], 50); /* 1000 packets, 20 in each tick; the empty ticks are passed over */
	ck_assert_uint_eq(borders[0][0], 5000000);
	ck_assert_uint_eq(end_ns[0], steady(999).clock_ns);
	for (int i = 1; i < LANES; i++) {
		ck_assert_uint_eq(n[i], n[0]);
		ck_assert_mem_eq(borders[i], borders[0], n[0] * sizeof(uint64_t));
		ck_assert_uint_eq(end_ns[i], end_ns[0]);
	}
	tear_down();
}
END_TEST

/* The same borders when they are those of epochs, under a tick that never ends. */
START_TEST(all_lanes_hear_of_epochs)
{
	uint64_t borders[LANES][64], end_ns;

	tick_ns = 1ull << 62;
	epoch_ns = TICK;
	set_up(steady, 1000, 37, 64, false, LANES, 8192);
	nsc_lanes_run(lanes);
	for (int i = 0; i < LANES; i++)
		ck_assert_uint_eq(borders_of(i, borders[i], 64, &end_ns), 50);
	ck_assert_mem_eq(borders[1], borders[0], 50 * sizeof(uint64_t));
	ck_assert_mem_eq(borders[2], borders[0], 50 * sizeof(uint64_t));
	tear_down();
	tick_ns = TICK;
	epoch_ns = 0;
}
END_TEST

/* Ticks and epochs that fit badly: no packet comes before the border of either. */
START_TEST(ticks_and_epochs_together)
{
	const uint64_t epoch = 700;
	uint32_t wrong = 0, packets = 0;

	epoch_ns = epoch;
	set_up(steady, 1000, 37, 64, false, LANES, 8192);
	nsc_lanes_run(lanes);
	for (uint32_t i = 0; i < LANES; i++) {
		struct nsc_rx *rx = nsc_lanes_rx(lanes, i);
		uint64_t clock_ns = 0;

		do {
			nsc_rx_poll(rx, &burst);
			for (uint32_t k = 0; k < burst.n; k++, packets++)
				wrong += burst.pkt[k].clock_ns / TICK != clock_ns / TICK ||
					 burst.pkt[k].clock_ns / epoch != clock_ns / epoch;
			clock_ns = burst.clock_ns;
			nsc_rx_release(rx, burst.loan);
		} while (burst.state < NSC_RX_END);
	}
	ck_assert_uint_eq(packets, 1000);
	ck_assert_uint_eq(wrong, 0);
	tear_down();
	epoch_ns = 0;
}
END_TEST

/* The number on disk of a link changes between two bursts of the source: no burst of a lane mixes them. */
START_TEST(link_types_travel_with_their_packets)
{
	uint32_t seen = 0, wrong = 0;

	set_up(steady, 60, 10, 64, false, LANES, 4096);
	source.rx.linktype[NSC_LINK_ETHERNET] = 1;
	for (unsigned i = 0; i < 3; i++)
		nsc_lanes_step(lanes);
	source.rx.linktype[NSC_LINK_ETHERNET] = 147;
	nsc_lanes_run(lanes);
	for (int i = 0; i < LANES; i++) {
		struct nsc_rx *rx = nsc_lanes_rx(lanes, i);

		do {
			nsc_rx_poll(rx, &burst);
			for (uint32_t k = 0; k < burst.n; k++, seen++)
				wrong += rx->linktype[burst.pkt[k].link] != (fake_number(&burst.pkt[k]) < 30 ? 1 : 147);
			nsc_rx_release(rx, burst.loan);
		} while (burst.state < NSC_RX_END);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(seen, 60);
	tear_down();
}
END_TEST

START_TEST(packets_without_a_flow_arrive_too)
{
	uint64_t fates[2] = { 0 };

	set_up(some_without_flow, 900, 64, 64, false, LANES, 8192);
	nsc_lanes_run(lanes);
	for (uint32_t i = 0; i < LANES; i++) {
		do {
			nsc_rx_poll(nsc_lanes_rx(lanes, i), &burst);
			for (uint32_t k = 0; k < burst.n; k++)
				fates[burst.pkt[k].fate == NSC_FATE_ARP]++;
			nsc_rx_release(nsc_lanes_rx(lanes, i), burst.loan);
		} while (burst.state < NSC_RX_END);
	}
	ck_assert_uint_eq(fates[0], 300);
	ck_assert_uint_eq(fates[1], 600);
	tear_down();
}
END_TEST

START_TEST(time_zero_is_a_time)
{
	uint64_t packets = 0;

	set_up(at_time_zero, 200, 64, 64, false, LANES, 4096);
	nsc_lanes_run(lanes);
	for (uint32_t i = 0; i < LANES; i++) {
		do {
			nsc_rx_poll(nsc_lanes_rx(lanes, i), &burst);
			packets += burst.n;
		} while (burst.state < NSC_RX_END);
	}
	ck_assert_uint_eq(packets, 200);
	tear_down();
}
END_TEST

static struct fake_packet at_the_end_of_time(uint64_t i)
{
	return (struct fake_packet){ UINT64_MAX - (i < 100 ? 199 - i : 0), (uint32_t)(i % FLOWS), 100 };
}

/* The last ticks and epochs of time are as good as any: all lanes hear of them, and of their last nanosecond. */
START_TEST(the_end_of_time_is_a_time)
{
	epoch_ns = 70;
	set_up(at_the_end_of_time, 300, 64, 64, false, LANES, 4096);
	nsc_lanes_run(lanes);
	for (uint32_t i = 0, packets = 0; i < LANES; i++) {
		do {
			nsc_rx_poll(nsc_lanes_rx(lanes, i), &burst);
			packets += burst.n;
		} while (burst.state < NSC_RX_END);
		ck_assert_uint_eq(burst.clock_ns, UINT64_MAX);
		ck_assert_uint_eq(packets, i == LANES - 1 ? 300 : packets);
	}
	tear_down();
	epoch_ns = 0;
}
END_TEST

START_TEST(live_drops_at_a_full_lane_and_counts)
{
	uint64_t packets = 0;

	set_up(some_without_flow, 2000, 64, 64, true, 2, 128);
	while (nsc_lanes_step(lanes))
		;
	ck_assert_uint_gt(counted(NSC_C_LANE_FULL), 0);
	ck_assert_uint_eq(counted(NSC_C_LANE_WAITS), 0);
	for (uint32_t i = 0; i < 2; i++) {
		do {
			nsc_rx_poll(nsc_lanes_rx(lanes, i), &burst);
			packets += burst.n;
			nsc_rx_release(nsc_lanes_rx(lanes, i), burst.loan);
		} while (burst.state != NSC_RX_IDLE);
	}
	ck_assert_uint_eq(packets, counted(NSC_C_LANE_PACKETS));
	ck_assert_uint_le(counted(NSC_C_LANE_PACKETS) + counted(NSC_C_LANE_FULL), 2000);
	tear_down();
}
END_TEST

/* 64 packets of the first flow, then many of the second. */
static struct fake_packet one_then_the_other(uint64_t i)
{
	return (struct fake_packet){ 5000000 + i, i >= 64, 100 };
}

/* Capture looked just before the worker announced its sleep, so nobody was woken. It must not stay so while other lanes
 * are busy and this one gets nothing more. */
START_TEST(live_a_missed_doorbell_is_rung_soon)
{
	uint32_t first = 0, rounds = 0;

	tick_ns = 1ull << 62;
	set_up(one_then_the_other, 6400, 64, 1000, true, 2, 8192);
	nsc_lanes_step(lanes);
	first = nsc_lanes_waiting(nsc_lanes_rx(lanes, 1)) == 2; /* the border that begins every lane, and the packets */
	worker[first].asleep = 1;
	while (nsc_idle_asleep(&worker[first]) && nsc_lanes_step(lanes))
		rounds++;
	ck_assert(!nsc_idle_asleep(&worker[first]));
	ck_assert_uint_gt(rounds, 0);
	ck_assert_uint_le(rounds, 32);
	tick_ns = TICK;
	tear_down();
}
END_TEST

/* One sleep of a worker: long only where every burst rings. */
START_TEST(only_live_lanes_let_workers_sleep_long)
{
	set_up(steady, 10, 10, 64, true, LANES, 8192);
	ck_assert_uint_eq(worker[LANES - 1].longest_ns, 100 * 1000 * 1000);
	tear_down();
	set_up(steady, 10, 10, 64, false, LANES, 8192);
	ck_assert_uint_eq(worker[LANES - 1].longest_ns, 1000 * 1000);
	tear_down();
}
END_TEST

/* The source may lend two bursts: the second poll after that finds nothing until a worker has released. */
START_TEST(loans_end_in_order_when_bursts_come_back)
{
	struct nsc_rx *rx;
	uint32_t late = 0;

	set_up(steady, 640, 10, 2, false, 1, 8192);
	rx = nsc_lanes_rx(lanes, 0);
	for (unsigned i = 0; i < 200 && source.next < source.packets; i++) {
		for (unsigned k = 0; k < 3; k++)
			nsc_lanes_step(lanes);
		ck_assert_uint_le(source.lent - source.released, 2);
		do {
			nsc_rx_poll(rx, &burst);
			for (uint32_t k = 0; k < burst.n; k++)
				late += fake_number(&burst.pkt[k]) >= 640;
			nsc_rx_release(rx, burst.loan);
		} while (burst.state != NSC_RX_IDLE);
	}
	ck_assert_uint_eq(late, 0);
	ck_assert_uint_eq(source.next, 640);
	ck_assert_uint_gt(counted(NSC_C_LANE_WAITS), 0);
	tear_down();
}
END_TEST

/* A worker: takes nothing until capture waits and it has held for a while, then all to the end. */
static void *late_worker(void *context)
{
	struct nsc_burst *mine = aligned_alloc(alignof(struct nsc_burst), sizeof(*mine));

	slow_hold(context);
	do {
		nsc_rx_poll(nsc_lanes_rx(lanes, 0), mine);
		nsc_rx_release(nsc_lanes_rx(lanes, 0), mine->loan);
		if (!mine->n)
			sched_yield();
	} while (mine->state < NSC_RX_END);
	free(mine);
	return NULL;
}

static uint64_t worked(void)
{
	uint64_t sum = counted(NSC_C_CYCLES_EMPTY);

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		sum += nsc_counter_stage(i) ? counted(i) : 0;
	return sum;
}

/* Capture waits for a full lane: that is not steering, nor any other work. */
START_TEST(a_slow_worker_makes_no_work)
{
	for (unsigned i = 0; i < SLOW_HOLDS; i++) {
		struct slow slow = { .waits = NSC_C_LANE_WAITS, .hold = slow_holds[i] };
		uint64_t began, all;
		pthread_t thread;

		set_up(steady, 5000, 64, 1000, false, 1, 1024);
		slow.counters = nsc_lanes_counters(lanes);
		ck_assert_int_eq(pthread_create(&thread, NULL, late_worker, &slow), 0);
		began = nsc_cycles();
		nsc_lanes_run(lanes);
		all = nsc_cycles() - began;
		pthread_join(thread, NULL);
		ck_assert_uint_gt(counted(NSC_C_LANE_WAITS), 0);
		ck_assert_uint_ge(counted(NSC_C_WAITED_LANE), slow.held);
		ck_assert_uint_le(worked(), all - slow.held);
		tear_down();
	}
}
END_TEST

/* Every loan is out, so the source has nothing: capture waits for workers, and has not run dry. */
START_TEST(loans_that_are_out_are_waited_for)
{
	uint64_t began;

	set_up(steady, 5000, 64, 4, false, 1, 4096);
	while (!counted(NSC_C_LANE_WAITS))
		nsc_lanes_step(lanes);
	began = nsc_cycles();
	while (nsc_cycles() - began < 1000000)
		;
	nsc_lanes_step(lanes);
	ck_assert_uint_ge(counted(NSC_C_WAITED_LANE), 1000000);
	ck_assert_uint_eq(counted(NSC_C_CYCLES_EMPTY), 0);
	tear_down();
}
END_TEST

START_TEST(stop_ends_after_the_burst)
{
	set_up(steady, 1000, 50, 64, false, 1, 8192);
	stop = true;
	nsc_lanes_run(lanes);
	ck_assert_uint_eq(source.next, 50);
	ck_assert_uint_eq(counted(NSC_C_LANE_PACKETS), 50);
	ck_assert(!nsc_lanes_failed(lanes));
	tear_down();
}
END_TEST

START_TEST(failure_is_the_end_too)
{
	set_up(steady, 1000, 50, 64, false, 1, 8192);
	source.fail_at = 100;
	nsc_lanes_run(lanes);
	ck_assert_uint_eq(counted(NSC_C_LANE_PACKETS), 100);
	ck_assert(nsc_lanes_failed(lanes));
	do {
		nsc_rx_poll(nsc_lanes_rx(lanes, 0), &burst);
		nsc_rx_release(nsc_lanes_rx(lanes, 0), burst.loan);
	} while (burst.state == NSC_RX_MORE);
	ck_assert_int_eq(burst.state, NSC_RX_END);
	tear_down();
}
END_TEST

CHECK_MAIN("lane", every_packet_goes_to_the_lane_of_its_flow, all_lanes_hear_of_the_same_borders,
	   all_lanes_hear_of_epochs, ticks_and_epochs_together, link_types_travel_with_their_packets,
	   packets_without_a_flow_arrive_too, time_zero_is_a_time, live_drops_at_a_full_lane_and_counts,
	   live_a_missed_doorbell_is_rung_soon, only_live_lanes_let_workers_sleep_long,
	   loans_end_in_order_when_bursts_come_back, a_slow_worker_makes_no_work, loans_that_are_out_are_waited_for,
	   stop_ends_after_the_burst, failure_is_the_end_too, the_end_of_time_is_a_time)
