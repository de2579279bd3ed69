/* SPDX-License-Identifier: MIT
 *
 * Four workers behind lanes: every packet arrives once, at the worker of its flow, in order, and its bytes are still
 * there when the worker reads them (the source overwrites them when their loan ends). Small lanes and few loans, so
 * that the reader waits all the time; each poll mode.
 */
#include <pthread.h>
#include <sched.h>

#include "engine/rings/lane.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"

enum { WORKERS = 4, PACKETS = 200000, FLOWS = 500 };

struct worker {
	struct nsc_rx *rx;
	struct nsc_idle idle;
	uint64_t packets, sum, late, disorder, clock_back;
	uint32_t last[FLOWS];
	struct nsc_burst burst;
};

static struct worker worker[WORKERS];
static struct nsc_lanes *lanes;
static struct fake_source source;
static const struct nsc_decode_options decode = { .seed = FAKE_SEED };

static struct fake_packet traffic(uint64_t i)
{
	uint32_t flow = (uint32_t)(i * 2654435761u >> 12) % FLOWS;

	return (struct fake_packet){ 1000000 + i * 100, flow, 100 };
}

static void check_packet(struct worker *w, const struct nsc_packet *pkt)
{
	uint32_t number = fake_number(pkt), flow;

	w->packets++;
	w->sum += number;
	w->late += number >= PACKETS;
	if (number >= PACKETS)
		return;
	flow = traffic(number).flow;
	w->disorder += w->last[flow] > number;
	w->last[flow] = number + 1;
	w->late += pkt->fate != NSC_FATE_FLOW || pkt->src_port != flow;
}

static void *run_worker(void *context)
{
	struct worker *w = context;
	uint64_t clock_ns = 0;

	do {
		nsc_rx_poll(w->rx, &w->burst);
		for (uint32_t i = 0; i < w->burst.n; i++)
			check_packet(w, &w->burst.pkt[i]);
		nsc_rx_release(w->rx, w->burst.loan);
		w->clock_back += w->burst.clock_ns < clock_ns;
		clock_ns = w->burst.clock_ns;
		if (w->burst.state == NSC_RX_IDLE)
			nsc_idle_wait(&w->idle);
		else
			nsc_idle_reset(&w->idle);
	} while (w->burst.state < NSC_RX_END);
	return NULL;
}

static void run(enum nsc_poll_mode mode, uint32_t loans)
{
	static bool stop;
	struct nsc_lanes_options options = {
		.source = &source.rx,
		.decode = &decode,
		.lanes = WORKERS,
		.lane_packets = 256,
		.tick_ns = 100000,
		.poll = mode,
		.crowded = true,
		.stop = &stop,
	};
	struct nsc_arena *arena;
	pthread_t thread[WORKERS];

	fake_open(&source, traffic, PACKETS, 48, loans);
	memset(worker, 0, sizeof(worker));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_lanes_open(&lanes, &options, arena, NULL), 0);
	for (uint32_t i = 0; i < WORKERS; i++) {
		nsc_idle_init(&worker[i].idle, mode, true);
		nsc_lanes_connect(lanes, i, &worker[i].idle);
		worker[i].rx = nsc_lanes_rx(lanes, i);
	}
	for (uint32_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, run_worker, &worker[i]), 0);
	nsc_lanes_run(lanes);
	for (uint32_t i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	nsc_arena_close(arena);
	nsc_rx_close(&source.rx);
}

static void check(void)
{
	uint64_t packets = 0, sum = 0, wrong = 0, owners[FLOWS] = { 0 }, shared = 0;

	for (unsigned i = 0; i < WORKERS; i++) {
		packets += worker[i].packets;
		sum += worker[i].sum;
		wrong += worker[i].late + worker[i].disorder + worker[i].clock_back;
		for (unsigned flow = 0; flow < FLOWS; flow++)
			owners[flow] += worker[i].last[flow] != 0;
	}
	for (unsigned flow = 0; flow < FLOWS; flow++)
		shared += owners[flow] != 1;
	ck_assert_uint_eq(packets, PACKETS);
	ck_assert_uint_eq(sum, (uint64_t)PACKETS * (PACKETS - 1) / 2);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(shared, 0);
}

START_TEST(adaptive)
{
	run(NSC_POLL_ADAPTIVE, 3);
	check();
}
END_TEST

START_TEST(busy)
{
	run(NSC_POLL_BUSY, 64);
	check();
}
END_TEST

START_TEST(block)
{
	run(NSC_POLL_BLOCK, 16);
	check();
}
END_TEST

CHECK_MAIN("lane_stress", adaptive, busy, block)
