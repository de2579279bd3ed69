/* SPDX-License-Identifier: MIT
 *
 * The tap: records whole and in order over chunk borders, the largest packet, cut packets, live loss, the flush.
 */
#include "engine/rings/tap.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/slow.h"

static struct nsc_arena *arena;
static struct nsc_tap *tap;
static struct nsc_idle writer;
static struct nsc_counters counters;
static struct nsc_rx rx = { .linktype = { [NSC_LINK_ETHERNET] = 1, [NSC_LINK_RAW] = 101 } };
static uint8_t bytes[NSC_PACKET_BYTES_MAX];

static struct nsc_packet_frame frame;

static void open_tap(uint32_t packet_bytes, bool live)
{
	struct nsc_error error;

	memset(&counters, 0, sizeof(counters));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	rx.live = live;
	nsc_idle_init(&writer, NSC_POLL_ADAPTIVE, true);
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_tap_open(&tap, arena, packet_bytes, frame, 1, false, &error), 0);
	nsc_tap_connect(tap, &writer);
}

/* Packet i of a run: its length and the place of its bytes tell which it is. */
static uint32_t length_of(uint64_t i)
{
	return (uint32_t)(i * 7919 % 3001);
}

static struct nsc_packet packet(uint64_t i, uint32_t cap_len)
{
	return (struct nsc_packet){
		.data = bytes + i % 1000,
		.ts_ns = i * 1000,
		.cap_len = cap_len,
		.wire_len = cap_len + 1,
		.hash = 1,
		.link = i % 5 ? NSC_LINK_ETHERNET : NSC_LINK_RAW,
		.fate = i % 3 ? NSC_FATE_FLOW : NSC_FATE_ARP,
	};
}

static void send_burst(uint64_t first, uint32_t n)
{
	struct nsc_packet pkt[NSC_BURST_MAX];

	for (uint32_t i = 0; i < n; i++)
		pkt[i] = packet(first + i, length_of(first + i));
	nsc_tap_burst(tap, &rx, pkt, n, &counters);
}

/* Whether this is the copy of packet `number` - 1. */
static bool is_copy(const struct nsc_packet_record *record, uint64_t number, uint32_t cap_len, uint32_t len)
{
	struct nsc_packet want = packet(number - 1, cap_len), got = nsc_packet_of(record);

	return record->number == number && record->ts_ns == want.ts_ns && record->cap_len == cap_len &&
	       record->len == len && record->wire_len == want.wire_len && record->link == want.link &&
	       record->fate == want.fate && record->linktype == rx.linktype[want.link] && got.cap_len == len &&
	       got.link == want.link && got.ts_ns == want.ts_ns && !memcmp(got.data, want.data, len);
}

/* The records of one chunk follow `before`: returns the last one's number, 0 when one is wrong. */
static uint64_t check_chunk(const struct nsc_packet_chunk *chunk, uint64_t before)
{
	const struct nsc_packet_record *record = nsc_packet_first(chunk);

	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		before++;
		if (!is_copy(record, before, length_of(before - 1), length_of(before - 1)))
			return 0;
	}
	return (const uint8_t *)(record + 1) >= chunk->data + chunk->bytes ? before : 0;
}

enum { PACKETS = 20000 };

static void *take_all(void *context)
{
	uint64_t *number = context;

	for (bool ended = false;;) {
		struct nsc_packet_chunk *chunk;

		ended = nsc_channel_ended(tap->channel);
		chunk = nsc_channel_receive(tap->channel);
		if (chunk) {
			*number = check_chunk(chunk, *number);
			nsc_channel_give_back(tap->channel, chunk);
		} else if (ended) {
			return NULL;
		}
		sched_yield();
	}
}

START_TEST(offline_all_arrive_in_order)
{
	uint64_t number = 0;
	pthread_t thread;

	open_tap(NSC_PACKET_BYTES_MAX, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, take_all, &number), 0);
	for (uint64_t i = 0; i < PACKETS;) {
		uint32_t n = (uint32_t)NSC_MIN(1 + i % NSC_BURST_MAX, PACKETS - i);

		send_burst(i, n);
		if (i % 11 == 0)
			nsc_tap_flush(tap, 0);
		i += n;
	}
	nsc_tap_end(tap);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(number, PACKETS);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_PACKETS], PACKETS);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_FULL], 0);
	nsc_arena_close(arena);
}
END_TEST

/* A writer that sleeps is woken for half of the chunks, and at once when the source pauses. Its ladder: one call goes
 * to the announcement of sleep. */
static void announce_sleep(void)
{
	nsc_idle_reset(&writer);
	while (!nsc_idle_asleep(&writer))
		nsc_idle_wait(&writer);
}

START_TEST(offline_rings_for_half_of_the_chunks)
{
	uint64_t i = 0;

	open_tap(NSC_PACKET_BYTES_MAX, false);
	announce_sleep();
	for (; nsc_idle_asleep(&writer); i++)
		send_burst(i * NSC_BURST_MAX, NSC_BURST_MAX);
	ck_assert_uint_eq(nsc_channel_waiting(tap->channel), tap->chunks / 2);
	for (struct nsc_packet_chunk *chunk; (chunk = nsc_channel_receive(tap->channel));)
		nsc_channel_give_back(tap->channel, chunk);
	announce_sleep();
	nsc_tap_flush(tap, 0);
	ck_assert(!nsc_idle_asleep(&writer));
	ck_assert_uint_eq(nsc_channel_waiting(tap->channel), 1);
	announce_sleep();
	nsc_tap_flush(tap, 0); /* it fell asleep beside it */
	ck_assert(!nsc_idle_asleep(&writer));
	nsc_arena_close(arena);
}
END_TEST

/* A tap whose owner has run ahead waits, and says so and for how long; copying takes no longer for it. */
START_TEST(offline_waits_for_the_writer)
{
	for (unsigned i = 0; i < SLOW_HOLDS; i++) {
		struct slow slow = { .counters = &counters, .waits = NSC_C_TAP_WAITS, .hold = slow_holds[i] };
		uint64_t sent = 0, began;
		pthread_t thread;

		open_tap(NSC_PACKET_BYTES_MAX, false);
		slow.channel = tap->channel;
		nsc_account_begin(&counters);
		began = counters.stamp;
		ck_assert_int_eq(pthread_create(&thread, NULL, slow_receiver, &slow), 0);
		for (; !counters.value[NSC_C_TAP_WAITS]; sent += NSC_BURST_MAX)
			send_burst(sent, NSC_BURST_MAX);
		nsc_account(&counters, NSC_C_CYCLES_TAP);
		pthread_join(thread, NULL);
		ck_assert_uint_eq(counters.value[NSC_C_TAP_PACKETS], sent);
		ck_assert_uint_eq(counters.value[NSC_C_TAP_FULL], 0);
		ck_assert_uint_ge(counters.value[NSC_C_WAITED_TAP], slow.held);
		ck_assert_uint_le(counters.value[NSC_C_CYCLES_TAP], counters.stamp - began - slow.held);
		nsc_arena_close(arena);
	}
}
END_TEST

START_TEST(live_drops_and_counts)
{
	uint64_t sent = 0, chunks = 0, last = 0;
	struct nsc_packet_chunk *chunk;

	open_tap(NSC_PACKET_BYTES_MAX, true);
	for (; !counters.value[NSC_C_TAP_FULL]; sent += NSC_BURST_MAX)
		send_burst(sent, NSC_BURST_MAX);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_PACKETS] + counters.value[NSC_C_TAP_FULL], sent);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_WAITS], 0);
	for (; (chunk = nsc_channel_receive(tap->channel)); chunks++) {
		last = check_chunk(chunk, last);
		nsc_channel_give_back(tap->channel, chunk);
	}
	ck_assert_uint_eq(last, counters.value[NSC_C_TAP_PACKETS]);
	ck_assert_uint_eq(chunks, tap->chunks);
	/* What comes after the gap keeps its number. */
	send_burst(sent, 1);
	nsc_tap_end(tap);
	chunk = nsc_channel_receive(tap->channel);
	ck_assert_ptr_nonnull(chunk);
	ck_assert_uint_eq(nsc_packet_first(chunk)->number, sent + 1);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(the_largest_packet)
{
	struct nsc_packet pkt[2] = { packet(0, NSC_PACKET_BYTES_MAX), packet(1000, 100) };
	struct nsc_packet_chunk *first, *second;

	open_tap(NSC_PACKET_BYTES_MAX, false);
	nsc_tap_burst(tap, &rx, pkt, 2, &counters);
	nsc_tap_end(tap);
	first = nsc_channel_receive(tap->channel);
	second = nsc_channel_receive(tap->channel);
	ck_assert_ptr_nonnull(second);
	ck_assert_uint_eq(first->n, 1);
	ck_assert(is_copy(nsc_packet_first(first), 1, NSC_PACKET_BYTES_MAX, NSC_PACKET_BYTES_MAX));
	ck_assert_uint_eq(nsc_packet_first(second)->len, 100);
	ck_assert_uint_eq(nsc_packet_first(second)->number, 2);
	nsc_arena_close(arena);
}
END_TEST

/* Packets lie side by side, each with its frame, from the first byte to the last that is taken. */
START_TEST(packets_lie_in_the_frame_that_a_sink_wants)
{
	static const struct nsc_packet_frame frames[] = { { .head = 16 }, { .head = 28, .mask = 3, .tail = 4 } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(frames); i++) {
		const struct nsc_packet_record *record;
		const struct nsc_packet_chunk *chunk;
		uint32_t at = 0;

		frame = frames[i];
		open_tap(NSC_PACKET_BYTES_MAX, false);
		send_burst(0, NSC_BURST_MAX);
		nsc_tap_end(tap);
		chunk = nsc_channel_receive(tap->channel);
		ck_assert_ptr_nonnull(chunk);
		ck_assert_uint_eq(chunk->n, NSC_BURST_MAX);
		ck_assert_mem_eq(&chunk->frame, &frame, sizeof(frame));
		ck_assert_uint_eq(check_chunk(chunk, 0), NSC_BURST_MAX);
		record = nsc_packet_first(chunk);
		for (uint32_t k = 0; k < chunk->n; k++, record = nsc_packet_next(record)) {
			ck_assert_ptr_eq(nsc_packet_bytes(record), chunk->data + at + frame.head);
			at += frame.head + (record->len + frame.mask) / (frame.mask + 1u) * (frame.mask + 1u) +
			      frame.tail;
		}
		ck_assert_uint_eq(chunk->bytes, at);
		nsc_arena_close(arena);
	}
	frame = (struct nsc_packet_frame){ 0 };
}
END_TEST

START_TEST(no_more_than_the_sinks_want)
{
	struct nsc_packet pkt[3] = { packet(0, 99), packet(1, 100), packet(2, NSC_PACKET_BYTES_MAX) };
	const struct nsc_packet_record *record;

	open_tap(100, false);
	nsc_tap_burst(tap, &rx, pkt, 3, &counters);
	nsc_tap_end(tap);
	record = nsc_packet_first(nsc_channel_receive(tap->channel));
	ck_assert(is_copy(record, 1, 99, 99));
	record = nsc_packet_next(record);
	ck_assert(is_copy(record, 2, 100, 100));
	record = nsc_packet_next(record);
	ck_assert(is_copy(record, 3, NSC_PACKET_BYTES_MAX, 100));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(a_pause_sends_unless_the_writer_is_busy)
{
	open_tap(NSC_PACKET_BYTES_MAX, true);
	nsc_tap_flush(tap, 0);
	ck_assert_ptr_null(nsc_channel_receive(tap->channel));
	send_burst(0, 1);
	nsc_tap_flush(tap, 0);
	send_burst(1, 1);
	nsc_tap_flush(tap, 0);
	ck_assert_uint_eq(nsc_channel_waiting(tap->channel), 1);
	ck_assert_ptr_nonnull(nsc_channel_receive(tap->channel));
	nsc_tap_flush(tap, 0);
	ck_assert_uint_eq(nsc_channel_waiting(tap->channel), 1);
	ck_assert(!nsc_channel_ended(tap->channel));
	nsc_tap_end(tap);
	ck_assert(nsc_channel_ended(tap->channel));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
	struct nsc_error error;

	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_lt(nsc_tap_open(&tap, arena, 0, frame, 1, false, &error), 0);
	ck_assert_int_lt(nsc_tap_open(&tap, arena, NSC_PACKET_BYTES_MAX + 1, frame, 1, false, &error), 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("tap", offline_all_arrive_in_order, offline_rings_for_half_of_the_chunks, offline_waits_for_the_writer,
	   live_drops_and_counts, the_largest_packet, packets_lie_in_the_frame_that_a_sink_wants,
	   no_more_than_the_sinks_want, a_pause_sends_unless_the_writer_is_busy, impossible_sizes_are_refused)
