/* SPDX-License-Identifier: MIT
 *
 * The first bytes of each flow: against a model, at the limits, and when there are more flows than places.
 */
#include "engine/flow/cutoff.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/flow/support.h"

static struct nsc_arena *arena;
static struct nsc_cutoff *cutoff;
static struct nsc_counters counters;

static void open_cutoff(uint64_t bytes, uint64_t timeout_ns)
{
	const struct nsc_decode_options decode = { .seed = test_seed };
	const struct nsc_cutoff_options options = { .bytes = bytes, .timeout_ns = timeout_ns, .decode = &decode };

	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_cutoff_open(&cutoff, arena, &options, NULL), 0);
}

static bool is_within(const struct event *e)
{
	uint8_t frame[FRAME_BYTES];
	struct nsc_packet pkt;

	packet_of_event(&pkt, frame, e, &test_seed);
	return nsc_cutoff_burst(cutoff, &pkt, 1, 1, &counters, NSC_C_RECORDER_CUT);
}

START_TEST(agrees_with_a_model)
{
	enum { FLOWS = 4000, PACKETS = 200000, BYTES = 3000 };
	static uint32_t sum[FLOWS][2];
	struct rng rng = { 1 };
	uint64_t wrong = 0, cut = 0, cut_bytes = 0;

	open_cutoff(BYTES, 0);
	for (uint32_t i = 0; i < PACKETS; i++) {
		struct event e = { .clock_ns = TEST_EPOCH + i * 1000ull,
				   .flow = (uint32_t)rng_below(&rng, FLOWS),
				   .len = 60 + (uint32_t)rng_below(&rng, 1400),
				   .from = (uint8_t)rng_below(&rng, 2),
				   .flags = rng_below(&rng, 50) ? NSC_TCP_ACK : NSC_TCP_SYN };
		struct key key = key_of_number(e.flow);
		bool same_ends = !memcmp(&key.end[0], &key.end[1], sizeof(key.end[0])), within;
		unsigned side = same_ends ? 0 : e.from;

		if (key.proto == NSC_PROTO_TCP && e.flags == NSC_TCP_SYN)
			sum[e.flow][0] = sum[e.flow][1] = 0;
		within = sum[e.flow][side] < BYTES;
		wrong += within != is_within(&e);
		sum[e.flow][side] += within ? e.len : 0;
		cut += !within;
		cut_bytes += within ? 0 : e.len;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(cut, 0);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_CUT], cut);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_CUT_BYTES], cut_bytes);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_CUT_FORGOTTEN], 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(begins_anew_after_silence)
{
	struct event e = { .clock_ns = TEST_EPOCH, .flow = 1, .len = 100 };
	unsigned rounds = 0;

	open_cutoff(100, TEST_SECOND);
	for (; rounds < 3; rounds++) {
		ck_assert(is_within(&e));
		ck_assert(!is_within(&e));
		e.clock_ns += TEST_SECOND; /* cut off, but not silent */
		ck_assert(!is_within(&e));
		e.clock_ns += TEST_SECOND + 34 * 1000 * 1000;
	}
	nsc_arena_close(arena);
	open_cutoff(100, 0); /* never */
	ck_assert(is_within(&e));
	e.clock_ns += 10000000 * TEST_SECOND;
	ck_assert(!is_within(&e));
	nsc_arena_close(arena);
}
END_TEST

/* A packet longer than any: what was counted stays above the cut-off. */
START_TEST(counts_no_further_than_it_can)
{
	struct event e = { .clock_ns = TEST_EPOCH, .flow = 1, .len = UINT32_MAX };

	open_cutoff(1ull << 31, 0);
	ck_assert(is_within(&e));
	ck_assert(!is_within(&e));
	e.flow = 9;
	e.len = (1u << 31) - 1;
	ck_assert(is_within(&e));
	ck_assert(is_within(&e));
	ck_assert(!is_within(&e));
	nsc_arena_close(arena);
}
END_TEST

/* What has no flow is never cut off, and what was not wanted is not counted. */
START_TEST(looks_at_flows_only)
{
	uint8_t frame[FRAME_BYTES];
	struct event e = { .clock_ns = TEST_EPOCH, .flow = 1, .len = 100 };
	struct nsc_packet pkt[3];

	open_cutoff(1, 0);
	packet_of_event(&pkt[0], frame, &e, &test_seed);
	pkt[1] = pkt[2] = pkt[0];
	pkt[1].fate = NSC_FATE_ICMP;
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(nsc_cutoff_burst(cutoff, pkt, 3, 2, &counters, NSC_C_RECORDER_CUT), 2);
	ck_assert_uint_eq(nsc_cutoff_burst(cutoff, pkt, 3, 7, &counters, NSC_C_RECORDER_CUT), 3);
	ck_assert_uint_eq(nsc_cutoff_burst(cutoff, pkt, 3, 7, &counters, NSC_C_RECORDER_CUT), 2);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_CUT], 3);
	nsc_arena_close(arena);
}
END_TEST

/* 150,000 flows have a place each. Of 500,000 some are forgotten, and begin anew: nothing is cut off too early. */
START_TEST(forgets_when_it_is_full)
{
	enum { FIT = 150000, MANY = 500000 };
	struct event e = { .clock_ns = TEST_EPOCH, .len = 100 };
	uint64_t too_early = 0;

	open_cutoff(150, 0);
	for (unsigned round = 0; round < 2; round++)
		for (e.flow = 0; e.flow < FIT; e.flow++)
			too_early += !is_within(&e);
	ck_assert_uint_eq(too_early, 0);
	ck_assert_uint_eq(counters.value[NSC_C_RECORDER_CUT_FORGOTTEN], 0);
	for (e.flow = 0; e.flow < FIT; e.flow++)
		too_early += is_within(&e);
	ck_assert_uint_eq(too_early, 0);
	e.clock_ns += TEST_SECOND;
	for (e.flow = FIT; e.flow < MANY; e.flow++)
		too_early += !is_within(&e);
	ck_assert_uint_eq(too_early, 0);
	ck_assert_uint_gt(counters.value[NSC_C_RECORDER_CUT_FORGOTTEN], 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("cutoff", agrees_with_a_model, begins_anew_after_silence, counts_no_further_than_it_can, looks_at_flows_only,
	   forgets_when_it_is_full)
