/* SPDX-License-Identifier: MIT
 *
 * Four readers of one source in blocks: every packet arrives once, at the worker of its flow, in order, and its bytes
 * are still there when the worker reads them. Some blocks do not stand. Each poll mode.
 */
#include <pthread.h>

#include "engine/rings/blocks.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_blocks.h"

enum { READERS = 4, PACKETS = 200000 };

struct reader {
	struct nsc_rx *rx;
	struct nsc_idle idle;
	struct nsc_counters counters;
	uint64_t packets, sum, wrong;
	uint32_t last[FAKE_BLOCKS_FLOWS];
	struct nsc_burst burst;
};

static struct reader reader[READERS];
static struct fake_blocks source;
static const struct nsc_decode_options decode = { .seed = FAKE_SEED };

static void check_packet(struct reader *r, const struct nsc_packet *pkt)
{
	uint32_t number = fake_number(pkt);
	uint16_t flow = pkt->src_port;

	r->packets++;
	r->sum += number;
	r->wrong += number >= PACKETS || flow >= FAKE_BLOCKS_FLOWS || pkt->fate != NSC_FATE_FLOW;
	if (number >= PACKETS || flow >= FAKE_BLOCKS_FLOWS)
		return;
	r->wrong += r->last[flow] > number || pkt->clock_ns != fake_blocks_clock(number);
	r->last[flow] = number + 1;
}

static void *run_reader(void *context)
{
	struct reader *r = context;
	uint64_t clock_ns = 0;

	do {
		nsc_rx_poll(r->rx, &r->burst);
		for (uint32_t i = 0; i < r->burst.n; i++)
			check_packet(r, &r->burst.pkt[i]);
		nsc_rx_release(r->rx, r->burst.loan);
		r->wrong += r->burst.clock_ns < clock_ns;
		clock_ns = r->burst.clock_ns;
		if (r->burst.state == NSC_RX_IDLE)
			nsc_idle_wait(&r->idle);
		else
			nsc_idle_reset(&r->idle);
	} while (r->burst.state < NSC_RX_END);
	return NULL;
}

static void run(enum nsc_poll_mode mode, uint32_t per_block, uint32_t wrong_every)
{
	static bool stop;
	struct nsc_blocks_options options = {
		.source = &source.rx,
		.decode = &decode,
		.readers = READERS,
		.tick_ns = 100000,
		.stop = &stop,
	};
	struct nsc_blocks *blocks;
	struct nsc_arena *arena;
	pthread_t thread[READERS];

	fake_blocks_open(&source, PACKETS, per_block);
	source.wrong_every = wrong_every;
	memset(reader, 0, sizeof(reader));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_blocks_open(&blocks, &options, arena, NULL), 0);
	for (uint32_t i = 0; i < READERS; i++) {
		nsc_idle_init(&reader[i].idle, mode, true);
		nsc_blocks_connect(blocks, i, &reader[i].idle, &reader[i].counters);
		reader[i].rx = nsc_blocks_rx(blocks, i);
	}
	for (uint32_t i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, run_reader, &reader[i]), 0);
	for (uint32_t i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	nsc_arena_close(arena);
}

static void check(void)
{
	uint64_t packets = 0, sum = 0, wrong = 0, shared = 0;

	for (unsigned i = 0; i < READERS; i++) {
		packets += reader[i].packets;
		sum += reader[i].sum;
		wrong += reader[i].wrong;
	}
	for (unsigned flow = 0; flow < FAKE_BLOCKS_FLOWS; flow++) {
		unsigned owners = 0;

		for (unsigned i = 0; i < READERS; i++)
			owners += reader[i].last[flow] != 0;
		shared += owners != 1;
	}
	ck_assert_uint_eq(packets, PACKETS);
	ck_assert_uint_eq(sum, (uint64_t)PACKETS * (PACKETS - 1) / 2);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(shared, 0);
}

START_TEST(adaptive)
{
	run(NSC_POLL_ADAPTIVE, 100, 5);
	check();
}
END_TEST

START_TEST(busy)
{
	run(NSC_POLL_BUSY, 1000, 0);
	check();
}
END_TEST

START_TEST(block)
{
	run(NSC_POLL_BLOCK, 30, 2);
	check();
}
END_TEST

CHECK_MAIN("blocks_stress", adaptive, busy, block)
