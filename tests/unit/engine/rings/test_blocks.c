/* SPDX-License-Identifier: MIT
 *
 * One thread plays all readers: who gets which packet, in which order, with which clocks, whatever was read ahead and
 * however much of a block had to be walked again.
 */
#include "engine/rings/blocks.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_blocks.h"

enum { READERS = 3, TICK = 1000 };

static struct nsc_arena *arena;
static struct nsc_blocks *blocks;
static struct nsc_idle worker[NSC_WORKERS_MAX];
static struct nsc_counters counters[NSC_WORKERS_MAX];
static struct fake_blocks source;
static bool stop;
static uint64_t tick_ns = TICK, epoch_ns;
static const struct nsc_decode_options decode = { .seed = FAKE_SEED };

static void set_up(uint32_t n, uint64_t packets, uint32_t per_block)
{
	struct nsc_blocks_options options = {
		.source = &source.rx,
		.decode = &decode,
		.readers = n,
		.tick_ns = tick_ns,
		.epoch_ns = epoch_ns,
		.stop = &stop,
	};

	stop = false;
	memset(counters, 0, sizeof(counters));
	fake_blocks_open(&source, packets, per_block);
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_blocks_open(&blocks, &options, arena, NULL), 0);
	for (uint32_t i = 0; i < n; i++) {
		nsc_idle_init(&worker[i], NSC_POLL_ADAPTIVE, false);
		nsc_blocks_connect(blocks, i, &worker[i], &counters[i]);
	}
}

static void tear_down(void)
{
	nsc_arena_close(arena);
}

static uint64_t counted(unsigned counter)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < NSC_WORKERS_MAX; i++)
		sum += counters[i].value[counter];
	return sum;
}

/* --- what a reader sees ------------------------------------------------------------------------ */

struct seen {
	uint64_t packets, sum, wrong, borders, clock_ns, offset_ns;
	uint64_t border_sum; /* of the clocks of all borders */
	uint32_t last;       /* number of the packet before, plus 1 */
	uint32_t state;
};

static struct nsc_burst burst;

static void see(struct seen *s, uint32_t reader)
{
	struct nsc_rx *rx = nsc_blocks_rx(blocks, reader);

	nsc_rx_poll(rx, &burst);
	s->wrong += burst.clock_ns < s->clock_ns;
	if (!burst.n && burst.state == NSC_RX_MORE && burst.clock_ns != s->clock_ns) {
		s->borders++;
		s->border_sum += burst.clock_ns;
	}
	for (uint32_t i = 0; i < burst.n; i++) {
		uint32_t number = fake_number(&burst.pkt[i]);

		s->wrong += number >= source.packets || number < s->last || burst.pkt[i].fate != NSC_FATE_FLOW;
		s->wrong +=
			burst.pkt[i].clock_ns != fake_blocks_clock(number) || burst.pkt[i].clock_ns > burst.clock_ns;
		s->wrong += burst.offset_ns != fake_blocks_offset(number);
		s->wrong += burst.pkt[i].clock_ns / tick_ns != burst.clock_ns / tick_ns;
		s->last = number + 1;
		s->packets++;
		s->sum += number;
	}
	s->clock_ns = burst.clock_ns;
	s->offset_ns = burst.offset_ns;
	s->state = burst.state;
	nsc_rx_release(rx, burst.loan);
}

/* Polls readers in an order of `seed` until all have ended. */
static void see_all(struct seen *seen, uint32_t n, uint64_t seed)
{
	uint32_t left = n;

	memset(seen, 0, n * sizeof(*seen));
	for (uint64_t polls = 0; left; polls++) {
		uint32_t i = (uint32_t)((seed = seed * 6364136223846793005 + 1442695040888963407) >> 33) % n;

		ck_assert_uint_lt(polls, 10000000);
		if (seen[i].state >= NSC_RX_END)
			continue;
		see(&seen[i], i);
		left -= seen[i].state >= NSC_RX_END;
	}
}

static void check_all(const struct seen *seen, uint32_t n, uint64_t packets)
{
	uint64_t found = 0, sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		ck_assert_uint_eq(seen[i].wrong, 0);
		ck_assert_uint_eq(seen[i].borders, seen[0].borders);
		ck_assert_uint_eq(seen[i].border_sum, seen[0].border_sum);
		ck_assert_uint_eq(seen[i].clock_ns, packets ? fake_blocks_clock(packets - 1) : 0);
		ck_assert_uint_eq(seen[i].state, NSC_RX_END);
		found += seen[i].packets;
		sum += seen[i].sum;
	}
	ck_assert_uint_eq(found, packets);
	ck_assert_uint_eq(sum, packets ? packets * (packets - 1) / 2 : 0);
}

/* --- tests ------------------------------------------------------------------------------------- */

START_TEST(every_packet_once_and_in_order)
{
	static const uint32_t readers[] = { 1, 2, 3, 8 };
	struct seen seen[8];

	for (uint32_t i = 0; i < NSC_ARRAY_LEN(readers); i++) {
		set_up(readers[i], 20000, 150);
		see_all(seen, readers[i], 42 + i);
		check_all(seen, readers[i], 20000);
		ck_assert_uint_eq(counted(NSC_C_BLOCKS), (20000 + 149) / 150);
		ck_assert_uint_eq(counted(NSC_C_BLOCKS_AGAIN), 0);
		tear_down();
	}
}
END_TEST

/* The same borders for one reader and for eight, epochs too. */
START_TEST(same_borders_for_all)
{
	struct seen one, eight[8];

	tick_ns = 777;
	epoch_ns = 1111;
	set_up(1, 5000, 97);
	see_all(&one, 1, 1);
	tear_down();
	set_up(8, 5000, 64);
	see_all(eight, 8, 2);
	check_all(eight, 8, 5000);
	tear_down();
	ck_assert_uint_eq(one.borders, eight[0].borders);
	ck_assert_uint_eq(one.border_sum, eight[0].border_sum);
	ck_assert_uint_gt(one.borders, 5000 * 50 / 777);
	tick_ns = TICK;
	epoch_ns = 0;
}
END_TEST

START_TEST(blocks_that_do_not_stand)
{
	struct seen seen[READERS];

	set_up(READERS, 20000, 150);
	source.wrong_every = 3;
	see_all(seen, READERS, 7);
	check_all(seen, READERS, 20000);
	ck_assert_uint_gt(counted(NSC_C_BLOCKS_AGAIN), 20000 / 150 / 4);
	tear_down();
}
END_TEST

/* More spans in a block than lie near. */
START_TEST(steps_of_time)
{
	struct seen seen[READERS];

	fake_blocks_step_every = 7;
	set_up(READERS, 3000, 150);
	source.wrong_every = 1;
	see_all(seen, READERS, 7);
	check_all(seen, READERS, 3000);
	tear_down();
	fake_blocks_step_every = 0;
}
END_TEST

START_TEST(nothing_to_read)
{
	struct seen seen[READERS];

	set_up(READERS, 0, 150);
	see_all(seen, READERS, 1);
	check_all(seen, READERS, 0);
	tear_down();
}
END_TEST

START_TEST(a_source_that_fails)
{
	struct seen seen[READERS];

	set_up(READERS, 1000, 150);
	source.fails = true;
	see_all(seen, READERS, 3);
	for (uint32_t i = 0; i < READERS; i++) {
		ck_assert_uint_eq(seen[i].state, NSC_RX_FAILED);
		ck_assert_str_eq(nsc_blocks_rx(blocks, i)->error.text, "the fake has failed");
	}
	tear_down();
}
END_TEST

/* What was joined is taken by everybody, and no more. */
START_TEST(a_stop)
{
	struct seen seen[READERS] = { 0 };
	uint64_t found = 0;

	set_up(READERS, 1u << 30, 150);
	for (uint32_t i = 0; i < 300; i++)
		see(&seen[i % READERS], i % READERS);
	stop = true;
	for (uint32_t i = 0; i < READERS; i++)
		for (uint32_t polls = 0; seen[i].state < NSC_RX_END; polls++) {
			ck_assert_uint_lt(polls, 1000);
			see(&seen[i], i);
		}
	for (uint32_t i = 0; i < READERS; i++) {
		ck_assert_uint_eq(seen[i].wrong, 0);
		found += seen[i].packets;
	}
	ck_assert_uint_eq(found, source.joined_packets);
	ck_assert_uint_gt(found, 1000);
	tear_down();
}
END_TEST

/* A reader that stands still holds back no more than the blocks that there are. */
START_TEST(one_reader_stands_still)
{
	struct seen seen[READERS] = { 0 };

	set_up(READERS, 1u << 30, 150);
	for (uint32_t i = 0; i < 2000; i++)
		see(&seen[i % 2], i % 2);
	ck_assert_uint_eq(seen[0].state, NSC_RX_IDLE);
	ck_assert_uint_eq(seen[1].state, NSC_RX_IDLE);
	ck_assert_uint_eq(counted(NSC_C_BLOCKS), 2 * NSC_BLOCKS_EACH);
	ck_assert_uint_ge(counted(NSC_C_BLOCK_WAITS), 2);
	ck_assert_uint_eq(nsc_blocks_rx(blocks, 0)->waited, NSC_C_WAITED_BLOCK);
	for (uint32_t i = 0; i < 2000; i++)
		see(&seen[2], 2);
	for (uint32_t i = 0; i < 2000; i++)
		see(&seen[i % 2], i % 2);
	ck_assert_uint_gt(counted(NSC_C_BLOCKS), 3 * NSC_BLOCKS_EACH);
	tear_down();
}
END_TEST

START_TEST(impossible_numbers)
{
	struct nsc_blocks_options options = { .source = &source.rx, .decode = &decode, .tick_ns = 1 };
	struct nsc_error error;

	fake_blocks_open(&source, 0, 1);
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_lt(nsc_blocks_open(&blocks, &options, arena, &error), 0);
	options.readers = NSC_WORKERS_MAX + 1;
	ck_assert_int_lt(nsc_blocks_open(&blocks, &options, arena, &error), 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("blocks", every_packet_once_and_in_order, same_borders_for_all, blocks_that_do_not_stand, steps_of_time,
	   nothing_to_read, a_source_that_fails, a_stop, one_reader_stands_still, impossible_numbers)
