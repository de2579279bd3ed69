/* SPDX-License-Identifier: MIT
 *
 * Merging taps by time: order, numbers, what waits and what does not, the valve.
 */
#include "engine/rings/tap_merge.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { TAPS = 3 };

static struct nsc_arena *arena;
static struct nsc_tap *tap[TAPS];
static struct nsc_tap_merge *merge;
static struct nsc_idle writer;
static struct nsc_counters counters;
static struct nsc_rx rx = { .live = true, .linktype = { [NSC_LINK_ETHERNET] = 1 } };
static uint8_t bytes[2048];

static void set_up(void)
{
	const struct nsc_packet_frame frame = { .head = 28, .mask = 3, .tail = 4 };
	struct nsc_error error;

	memset(&counters, 0, sizeof(counters));
	nsc_idle_init(&writer, NSC_POLL_ADAPTIVE, true);
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	for (unsigned i = 0; i < TAPS; i++) {
		ck_assert_int_eq(nsc_tap_open(&tap[i], arena, NSC_PACKET_BYTES_MAX, frame, TAPS, true, &error), 0);
		nsc_tap_connect(tap[i], &writer);
	}
	ck_assert_int_eq(nsc_tap_merge_open(&merge, arena, tap, TAPS, &error), 0);
}

static void tear_down(void)
{
	nsc_arena_close(arena);
}

static void give(unsigned i, uint64_t ts_ns, uint32_t len)
{
	struct nsc_packet pkt = {
		.data = bytes, .ts_ns = ts_ns, .cap_len = len, .wire_len = len, .link = NSC_LINK_ETHERNET
	};

	nsc_tap_burst(tap[i], &rx, &pkt, 1, &counters);
}

/* Everything that may go: the times in *ts, how many are returned. Numbers must go on by one. */
static unsigned take(uint64_t *ts, unsigned max)
{
	static uint64_t number;
	const struct nsc_packet_chunk *chunk;
	unsigned n = 0;

	if (!merge->number)
		number = 0;
	while ((chunk = nsc_tap_merge_next(merge))) {
		const struct nsc_packet_record *record = nsc_packet_first(chunk);

		for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
			ck_assert_uint_lt(n, max);
			ck_assert_uint_eq(record->number, ++number);
			ts[n++] = record->ts_ns;
		}
	}
	return n;
}

START_TEST(in_the_order_of_time)
{
	uint64_t ts[3000];
	unsigned n, wrong = 0;

	set_up();
	for (unsigned i = 0; i < 3000; i++)
		give(i * 7 % TAPS, 1000 + i, 60 + i % 700);
	for (unsigned i = 0; i < TAPS; i++)
		nsc_tap_end(tap[i]);
	n = take(ts, 3000);
	ck_assert_uint_eq(n, 3000);
	for (unsigned i = 0; i < n; i++)
		wrong += ts[i] != 1000 + i;
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(merge->counters.value[NSC_C_TAP_EARLY], 0);
	tear_down();
}
END_TEST

START_TEST(waits_for_the_slowest_clock)
{
	uint64_t ts[8];

	set_up();
	give(0, 100, 60);
	give(0, 200, 60);
	nsc_tap_flush(tap[0], 300);
	nsc_tap_flush(tap[1], 150);
	ck_assert_uint_eq(take(ts, 8), 0); /* the third has said nothing yet */
	ck_assert(nsc_channel_awaited(tap[2]->channel));
	nsc_tap_flush(tap[2], 99);
	ck_assert_uint_eq(take(ts, 8), 0);
	nsc_tap_flush(tap[2], 500);
	ck_assert_uint_eq(take(ts, 8), 1); /* the second may still bring 151 to 200 */
	ck_assert_uint_eq(ts[0], 100);
	ck_assert(nsc_channel_awaited(tap[1]->channel));
	ck_assert(!nsc_channel_awaited(tap[2]->channel));
	give(1, 160, 60);
	nsc_tap_flush(tap[1], 400);
	ck_assert_uint_eq(take(ts, 8), 2);
	ck_assert_uint_eq(ts[0], 160);
	ck_assert_uint_eq(ts[1], 200);
	tear_down();
}
END_TEST

/* One that has ended holds nobody back. */
START_TEST(the_end_counts_as_any_time)
{
	uint64_t ts[8];

	set_up();
	give(1, 100, 60);
	nsc_tap_end(tap[0]);
	nsc_tap_end(tap[1]);
	ck_assert_uint_eq(take(ts, 8), 0);
	nsc_tap_end(tap[2]);
	ck_assert_uint_eq(take(ts, 8), 1);
	tear_down();
}
END_TEST

/* A clock that is told while packets lie in a chunk that was not sent would be a lie. */
START_TEST(the_clock_stands_while_packets_are_held)
{
	set_up();
	give(0, 100, 60);
	nsc_tap_flush(tap[0], 200); /* sent: the writer had nothing */
	ck_assert_uint_eq(nsc_channel_marked(tap[0]->channel), 200);
	give(0, 300, 60);
	nsc_tap_flush(tap[0], 400); /* kept: the writer has not even taken the first */
	ck_assert_uint_eq(nsc_channel_marked(tap[0]->channel), 200);
	tear_down();
}
END_TEST

/* No packet is dropped because another queue sleeps: beyond half of the chunks, order is guessed, and counted. */
START_TEST(a_tap_under_pressure_goes_first)
{
	static uint64_t ts[100000];
	unsigned n;

	set_up();
	for (unsigned i = 0; i < 20000; i++)
		give(0, 1000 + i, 1000);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_FULL], 20000 - counters.value[NSC_C_TAP_PACKETS]);
	n = take(ts, NSC_ARRAY_LEN(ts));
	ck_assert_uint_gt(n, counters.value[NSC_C_TAP_PACKETS] / 3);
	ck_assert_uint_eq(merge->counters.value[NSC_C_TAP_EARLY], n);
	tear_down();
}
END_TEST

/* What a live tap dropped leaves a gap in the numbers. */
START_TEST(gaps_stay_gaps)
{
	const struct nsc_packet_chunk *chunk;
	const struct nsc_packet_record *record;

	set_up();
	give(0, 100, 60);
	tap[0]->number += 5;
	give(0, 200, 60);
	for (unsigned i = 0; i < TAPS; i++)
		nsc_tap_end(tap[i]);
	chunk = nsc_tap_merge_next(merge);
	ck_assert_ptr_nonnull(chunk);
	ck_assert_uint_eq(chunk->n, 2);
	record = nsc_packet_first(chunk);
	ck_assert_uint_eq(record->number, 1);
	ck_assert_uint_eq(nsc_packet_next(record)->number, 7);
	tear_down();
}
END_TEST

CHECK_MAIN("tap merge", in_the_order_of_time, waits_for_the_slowest_clock, the_end_counts_as_any_time,
	   the_clock_stands_while_packets_are_held, a_tap_under_pressure_goes_first, gaps_stay_gaps)
