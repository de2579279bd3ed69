/* SPDX-License-Identifier: MIT
 *
 * The rings of the recorder: what is kept of each packet, what gives way, and what a walk finds while that happens.
 */
#include "engine/rings/recorder.h"

#include <pthread.h>
#include <string.h>

#include "engine/rings/recorder_parts.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/flow/support.h"

enum { WORKERS_MAX = 3 };

static struct nsc_arena *arena;
static struct nsc_recorder *recorder;
static struct nsc_recorder_ring *ring[WORKERS_MAX];
static struct nsc_recorder_walk *walk;
static struct nsc_counters counters;
static struct nsc_rx rx = { .linktype = { [NSC_LINK_ETHERNET] = 1, [NSC_LINK_RAW_IPV4] = 228 } };
static uint8_t bytes[NSC_PACKET_BYTES_MAX];
static uint64_t sent; /* packets, of all rings: packet number i has the time i */

static void open_recorder_with(struct nsc_recorder_options options, uint32_t workers, bool live)
{
	struct nsc_error error;

	memset(&counters, 0, sizeof(counters));
	sent = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + (i >> 8));
	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_recorder_open(&recorder, arena, &error), 0);
	for (uint32_t i = 0; i < workers; i++)
		ck_assert_int_eq(nsc_recorder_ring_open(&ring[i], recorder, &options, workers, live, arena, &error), 0);
}

static void open_recorder(uint64_t mib, uint32_t workers, bool live)
{
	open_recorder_with((struct nsc_recorder_options){ .bytes = mib << 20 }, workers, live);
}

static void open_walk(uint64_t from_ns, uint64_t to_ns, bool hold)
{
	struct nsc_recorder_walk_options options = { .from_ns = from_ns, .to_ns = to_ns, .hold = hold };
	struct nsc_error error;

	ck_assert_int_eq(nsc_recorder_walk_open(&walk, recorder, &options, &error), 0);
}

static uint32_t length_of(uint64_t number)
{
	return (uint32_t)(number * 7919 % 1515);
}

static struct nsc_packet packet_of(uint64_t number)
{
	return (struct nsc_packet){
		.data = bytes + number % 1000,
		.ts_ns = number,
		.clock_ns = number,
		.cap_len = length_of(number),
		.wire_len = 2000,
		.fate = NSC_FATE_FLOW,
		.interface = (uint8_t)number,
		.link = number % 2 ? NSC_LINK_ETHERNET : NSC_LINK_RAW_IPV4,
	};
}

static void send_burst(uint32_t to, uint32_t n)
{
	struct nsc_packet pkt[NSC_BURST_MAX];

	for (uint32_t i = 0; i < n; i++)
		pkt[i] = packet_of(++sent);
	nsc_recorder_burst(ring[to], &rx, pkt, n, 0, &counters);
	for (uint32_t i = 0; i < recorder->workers; i++)
		nsc_recorder_advance(ring[i], sent, 0);
}

static void send(uint32_t to, uint64_t packets)
{
	for (; packets; packets -= NSC_MIN(packets, NSC_BURST_MAX))
		send_burst(to, (uint32_t)NSC_MIN(packets, NSC_BURST_MAX));
}

static bool is_whole(const struct nsc_packet_record *record)
{
	struct nsc_packet pkt = packet_of(record->ts_ns);

	return record->cap_len == pkt.cap_len && record->len == pkt.cap_len && record->wire_len == 2000 &&
	       record->fate == NSC_FATE_FLOW && record->interface == pkt.interface && record->link == pkt.link &&
	       record->linktype == rx.linktype[pkt.link] && !memcmp(nsc_packet_bytes(record), pkt.data, record->len);
}

/* Reads until the walk has no more for now: how many packets, each whole and later than the one before. */
static uint64_t last_ns;
static enum nsc_recorder_state state;

static uint64_t read_all(void)
{
	const struct nsc_packet_record *record;
	uint64_t n = 0, wrong = 0;

	while ((state = nsc_recorder_walk_next(walk, &record)) <= NSC_RECORDER_MORE) {
		if (state == NSC_RECORDER_MORE)
			continue;
		n++;
		wrong += !is_whole(record) || record->ts_ns <= last_ns;
		last_ns = record->ts_ns;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_ptr_null(record);
	return n;
}

static void close_all(void)
{
	nsc_recorder_walk_close(walk);
	walk = NULL;
	nsc_arena_close(arena);
	last_ns = 0;
}

START_TEST(gives_back_what_was_recorded)
{
	open_recorder(2, 1, false);
	open_walk(0, UINT64_MAX, false);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_int_eq(state, NSC_RECORDER_NOTHING);
	send(0, 1000);
	ck_assert_uint_eq(read_all(), 1000);
	send(0, 1);
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_int_eq(state, NSC_RECORDER_NOTHING);
	ck_assert_uint_eq(nsc_recorder_clock(recorder), 1001);
	nsc_recorder_end(ring[0]);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_int_eq(state, NSC_RECORDER_END);
	ck_assert_uint_eq(nsc_recorder_clock(recorder), UINT64_MAX);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_PACKETS], 1001);
	ck_assert_uint_eq(nsc_recorder_walk_numbers(walk).packets, 1001);
	ck_assert_uint_eq(nsc_recorder_walk_numbers(walk).bytes, counters.value[NSC_C_RECORDER_BYTES]);
	close_all();
}
END_TEST

/* The ring is passed over many times: what remains is what came last, and the rest is counted, whoever counts. */
START_TEST(the_oldest_give_way)
{
	struct nsc_recorder_span span;
	uint64_t there;

	open_recorder(2, 1, false);
	open_walk(0, UINT64_MAX, false);
	nsc_recorder_span(recorder, 0, &span);
	ck_assert(span.oldest_ns == NSC_UNKNOWN && !span.packets && !span.wrapped);
	send(0, 100000);
	there = read_all();
	ck_assert_uint_gt(there, 1000);
	ck_assert_uint_eq(last_ns, 100000);
	ck_assert_uint_eq(nsc_recorder_walk_numbers(walk).overwritten, 100000 - there);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_OVERWRITTEN], 100000 - there);
	nsc_recorder_span(recorder, 0, &span);
	ck_assert_uint_eq(span.packets, there);
	ck_assert_uint_eq(span.oldest_ns, 100000 - there + 1);
	ck_assert_uint_eq(span.newest_ns, 100000);
	ck_assert_uint_eq(span.held_ns, there - 1);
	ck_assert(span.wrapped);
	close_all();
}
END_TEST

/* A walk that was in the middle of the ring when it was overwritten. */
START_TEST(counts_what_went_under_it)
{
	const struct nsc_packet_record *record;
	uint64_t read = 0, numbered = 0, wrong = 0, overwritten;

	open_recorder(2, 1, false);
	open_walk(0, UINT64_MAX, false);
	for (uint32_t round = 0; round < 400; round++) {
		send(0, round * 131 % 5000);
		for (uint32_t i = 0; i < round * 37 % 3000; i++) {
			enum nsc_recorder_state now = nsc_recorder_walk_next(walk, &record);

			if (now != NSC_RECORDER_PACKET)
				break;
			overwritten = nsc_recorder_walk_numbers(walk).overwritten;
			read++;
			wrong += !is_whole(record) || record->number <= numbered || record->number != record->ts_ns ||
				 record->number != read + overwritten;
			numbered = record->number;
		}
	}
	ck_assert_uint_eq(wrong, 0);
	last_ns = numbered;
	read += read_all();
	ck_assert_uint_eq(read + nsc_recorder_walk_numbers(walk).overwritten, sent);
	ck_assert_uint_gt(nsc_recorder_walk_numbers(walk).overwritten, 0);
	close_all();
}
END_TEST

START_TEST(begins_and_ends_where_it_shall)
{
	static const uint64_t from[] = { 0, 1, 500, 5000, 9999, 10000, 10001 };

	open_recorder(8, 1, false);
	send(0, 10000);
	for (size_t i = 0; i < NSC_ARRAY_LEN(from); i++) {
		for (size_t j = i; j < NSC_ARRAY_LEN(from); j++) {
			uint64_t first = NSC_MAX(from[i], (uint64_t)1), last = NSC_MIN(from[j], (uint64_t)10000);

			last_ns = 0;
			open_walk(from[i], from[j], false);
			nsc_recorder_walk_until_now(walk);
			ck_assert_uint_eq(read_all(), last < first ? 0 : last - first + 1);
			ck_assert_int_eq(state, NSC_RECORDER_END);
			nsc_recorder_walk_close(walk);
		}
	}
	/* Whole blocks before the begin are not read. */
	open_walk(9999, UINT64_MAX, false);
	read_all();
	ck_assert_uint_lt(nsc_recorder_walk_numbers(walk).passed, 2000);
	close_all();
}
END_TEST

START_TEST(merges_workers_by_their_clocks)
{
	open_recorder(8, 3, false);
	open_walk(0, UINT64_MAX, false);
	for (uint32_t i = 0; i < 300; i++)
		send(i * 7 % 3, 1 + i % 5);
	/* Nobody but the last one may still record something with the last packet's time. */
	ck_assert_uint_ge(read_all(), sent - 5);
	for (uint32_t i = 0; i < 3; i++)
		nsc_recorder_end(ring[i]);
	read_all();
	ck_assert_int_eq(state, NSC_RECORDER_END);
	ck_assert_uint_eq(nsc_recorder_walk_numbers(walk).packets, sent);
	ck_assert_uint_eq(nsc_recorder_walk_numbers(walk).early, 0);
	close_all();
}
END_TEST

/* The order waits for a worker that is behind; until_now does not. */
START_TEST(waits_for_a_worker_that_is_behind)
{
	struct nsc_packet pkt = packet_of(5);

	open_recorder(8, 2, false);
	open_walk(0, UINT64_MAX, false);
	nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
	nsc_recorder_advance(ring[0], 5, 0);
	ck_assert_uint_eq(read_all(), 0);
	ck_assert_int_eq(state, NSC_RECORDER_NOTHING);
	ck_assert_uint_eq(nsc_recorder_clock(recorder), 0);
	nsc_recorder_advance(ring[1], 5, 0);
	ck_assert_uint_eq(read_all(), 0);
	nsc_recorder_advance(ring[1], 6, 0);
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_uint_eq(nsc_recorder_clock(recorder), 5);
	pkt = packet_of(7);
	nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
	ck_assert_uint_eq(read_all(), 0);
	nsc_recorder_walk_until_now(walk);
	ck_assert_uint_eq(read_all(), 1);
	ck_assert_int_eq(state, NSC_RECORDER_END);
	close_all();
}
END_TEST

static void *send_much(void *context)
{
	const uint32_t *to = context;

	send(*to, 60000);
	for (uint32_t i = 0; i < recorder->workers; i++)
		nsc_recorder_end(ring[i]);
	return NULL;
}

/* Offline the worker waits for it, and nothing is lost; live it does not. */
START_TEST(holds_what_it_has_not_read)
{
	bool live = _i % 2, other = _i / 2;
	uint32_t to = 0;
	uint64_t read = 0, lost;
	pthread_t thread;

	open_recorder(other ? 4 : 2, other ? 2 : 1, live);
	open_walk(0, UINT64_MAX, true);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_much, &to), 0);
	while (!live && !__atomic_load_n(&counters.value[NSC_C_RECORDER_WAITS], __ATOMIC_RELAXED))
		sched_yield(); /* it comes to wait, since nothing is read */
	do {
		read += read_all();
		if (state == NSC_RECORDER_NOTHING)
			sched_yield();
	} while (read + nsc_recorder_walk_numbers(walk).overwritten < 60000);
	pthread_join(thread, NULL);
	lost = nsc_recorder_walk_numbers(walk).overwritten;
	ck_assert_uint_eq(read + lost, 60000);
	ck_assert(live || !lost);
	ck_assert(!live || !counters.value[NSC_C_RECORDER_WAITS]);
	close_all();
}
END_TEST

START_TEST(walks_are_few)
{
	struct nsc_recorder_walk *all[NSC_RECORDER_WALKS], *more;
	struct nsc_recorder_walk_options options = { .to_ns = UINT64_MAX };
	struct nsc_error error;

	open_recorder(2, 1, false);
	for (uint32_t i = 0; i < NSC_RECORDER_WALKS; i++)
		ck_assert_int_eq(nsc_recorder_walk_open(&all[i], recorder, &options, &error), 0);
	ck_assert_int_eq(nsc_recorder_walk_open(&more, recorder, &options, &error), -16);
	nsc_recorder_walk_close(all[3]);
	ck_assert_int_eq(nsc_recorder_walk_open(&all[3], recorder, &options, &error), 0);
	options.from_ns = 2;
	options.to_ns = 1;
	ck_assert_int_eq(nsc_recorder_walk_open(&more, recorder, &options, &error), -22);
	close_all();
}
END_TEST

/* Packets as long as they can be, and as short, in the smallest ring. */
START_TEST(takes_packets_of_any_length)
{
	struct nsc_packet pkt = { .data = bytes, .fate = NSC_FATE_ARP, .link = NSC_LINK_ETHERNET };
	const struct nsc_packet_record *record;

	open_recorder(2, 1, false);
	for (uint32_t length = 0; length <= 200; length++) {
		pkt.ts_ns = pkt.clock_ns = ++sent;
		pkt.cap_len = length;
		pkt.data = bytes + sizeof(bytes) - length;
		nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
	}
	for (uint32_t i = 0; i < 9; i++) {
		pkt.ts_ns = pkt.clock_ns = ++sent;
		pkt.cap_len = NSC_PACKET_BYTES_MAX - i;
		pkt.data = bytes + i;
		open_walk(sent, sent, false);
		nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
		nsc_recorder_walk_until_now(walk);
		while (nsc_recorder_walk_next(walk, &record) == NSC_RECORDER_MORE)
			;
		ck_assert_ptr_nonnull(record);
		ck_assert_uint_eq(record->len, NSC_PACKET_BYTES_MAX - i);
		ck_assert_mem_eq(nsc_packet_bytes(record), bytes + i, record->len);
		nsc_recorder_walk_close(walk);
	}
	walk = NULL;
	close_all();
}
END_TEST

static bool is_odd(const void *context, const struct nsc_packet *pkt, uint16_t linktype)
{
	return pkt->ts_ns & 1 && linktype == 1;
}

START_TEST(leaves_out_what_the_filter_refuses)
{
	open_recorder_with((struct nsc_recorder_options){ .bytes = 2 << 20, .matches = is_odd }, 1, false);
	open_walk(0, UINT64_MAX, false);
	send(0, 1001);
	ck_assert_uint_eq(read_all(), 501);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_PACKETS], 501);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_FILTERED], 500);
	close_all();
}
END_TEST

static uint32_t recorded_length(struct nsc_packet pkt)
{
	const struct nsc_packet_record *record;

	pkt.ts_ns = pkt.clock_ns = ++sent;
	pkt.data = bytes;
	open_walk(sent, sent, false);
	nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
	nsc_recorder_walk_until_now(walk);
	while (nsc_recorder_walk_next(walk, &record) == NSC_RECORDER_MORE)
		;
	ck_assert_ptr_nonnull(record);
	ck_assert_uint_eq(record->cap_len, pkt.cap_len);
	nsc_recorder_walk_close(walk);
	return record->len;
}

START_TEST(keeps_headers_only)
{
	struct nsc_packet tcp = { .cap_len = 1000, .l3_off = 14, .l4_off = 34, .l4_len = 32, .ip_version = 4 };
	struct nsc_packet ipv4 = { .cap_len = 1000, .l3_off = 14, .ip_version = 4, .fate = NSC_FATE_ICMP };

	open_recorder_with((struct nsc_recorder_options){ .bytes = 2 << 20, .headers_only = true }, 1, false);
	ck_assert_uint_eq(recorded_length(tcp), 66);
	tcp.cap_len = 60;
	ck_assert_uint_eq(recorded_length(tcp), 60);
	tcp.cap_len = 1000;
	tcp.l4_len = 0;
	ck_assert_uint_eq(recorded_length(tcp), 38);
	bytes[14] = 0x45;
	ck_assert_uint_eq(recorded_length(ipv4), 34);
	bytes[14] = 0x4f;
	ck_assert_uint_eq(recorded_length(ipv4), 74);
	bytes[14] = 0x40;
	ck_assert_uint_eq(recorded_length(ipv4), 34);
	ipv4.ip_version = 6;
	ck_assert_uint_eq(recorded_length(ipv4), 54);
	ck_assert_uint_eq(recorded_length((struct nsc_packet){ .cap_len = 60, .l3_off = 14, .fate = NSC_FATE_ARP }),
			  42);
	ck_assert_uint_eq(recorded_length((struct nsc_packet){
				  .cap_len = 60, .link = NSC_LINK_ETHERNET, .fate = NSC_FATE_NON_IP }),
			  14);
	ck_assert_uint_eq(recorded_length((struct nsc_packet){
				  .cap_len = 60, .link = NSC_LINK_RAW_IPV4, .fate = NSC_FATE_TRUNCATED_L3 }),
			  0);
	walk = NULL;
	close_all();
}
END_TEST

/* 10,000 flows with 5 small packets each, and between them, if it is there, one with 1 GB; the time for which the
 * small ones are held, in packets of theirs. */
static uint64_t held_beside(bool elephant, uint64_t cutoff)
{
	enum { FLOWS = 10000, SMALL = 5 * FLOWS, LARGE = 112000, ELEPHANT = 8 };
	const struct nsc_decode_options decode = { .seed = test_seed };
	const struct nsc_cutoff_options first = { .bytes = cutoff, .decode = &decode };
	uint8_t frame[FRAME_BYTES];
	struct nsc_recorder_span span;
	struct nsc_packet pkt;
	struct nsc_cutoff *cut;
	uint64_t large = 0;

	open_recorder_with((struct nsc_recorder_options){ .bytes = 2 << 20 }, 1, false);
	if (cutoff) {
		ck_assert_int_eq(nsc_cutoff_open(&cut, arena, &first, NULL), 0);
		nsc_recorder_cut(ring[0], cut);
	}
	for (uint32_t i = 0; i < SMALL; i++) {
		struct event e = { .clock_ns = i, .ts_ns = i, .flow = 16 + i % FLOWS, .len = 100 };

		packet_of_event(&pkt, frame, &e, &test_seed);
		nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
		e.flow = ELEPHANT;
		e.len = 9000;
		packet_of_event(&pkt, frame, &e, &test_seed);
		for (; elephant && large < (uint64_t)(i + 1) * LARGE / SMALL; large++)
			nsc_recorder_burst(ring[0], &rx, &pkt, 1, 0, &counters);
		nsc_recorder_advance(ring[0], i, 0);
	}
	ck_assert(!cutoff || !counters.value[NSC_C_RECORDER_CUT_FORGOTTEN]);
	ck_assert(!cutoff || counters.value[NSC_C_RECORDER_CUT_BYTES] > 1000000000);
	nsc_recorder_span(recorder, 0, &span);
	ck_assert(span.wrapped);
	nsc_arena_close(arena);
	return span.held_ns;
}

START_TEST(an_elephant_pushes_nothing_out)
{
	uint64_t without = held_beside(false, 0), beside = held_beside(true, 0), cut = held_beside(true, 16384);

	ck_assert_uint_lt(beside * 2, without);
	ck_assert_uint_ge(cut + 100, without); /* but for the 2 packets that are kept of it */
}
END_TEST

START_TEST(cuts_to_the_snaplen)
{
	struct nsc_packet pkt = { .cap_len = 1000 };

	open_recorder_with((struct nsc_recorder_options){ .bytes = 2 << 20, .snaplen = 96 }, 1, false);
	ck_assert_uint_eq(recorded_length(pkt), 96);
	pkt.cap_len = 95;
	ck_assert_uint_eq(recorded_length(pkt), 95);
	walk = NULL;
	close_all();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recorder");
	TCase *tcase = tcase_create("recorder");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, gives_back_what_was_recorded);
	tcase_add_test(tcase, the_oldest_give_way);
	tcase_add_test(tcase, counts_what_went_under_it);
	tcase_add_test(tcase, begins_and_ends_where_it_shall);
	tcase_add_test(tcase, merges_workers_by_their_clocks);
	tcase_add_test(tcase, waits_for_a_worker_that_is_behind);
	tcase_add_loop_test(tcase, holds_what_it_has_not_read, 0, 4);
	tcase_add_test(tcase, walks_are_few);
	tcase_add_test(tcase, takes_packets_of_any_length);
	tcase_add_test(tcase, leaves_out_what_the_filter_refuses);
	tcase_add_test(tcase, keeps_headers_only);
	tcase_add_test(tcase, cuts_to_the_snaplen);
	tcase_add_test(tcase, an_elephant_pushes_nothing_out);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
