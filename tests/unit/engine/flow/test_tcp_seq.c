/* SPDX-License-Identifier: MIT
 *
 * The rules of the sequence analysis (docs/tcp.md), one by one: conversations of a few segments, and what is counted.
 */
#include "tests/unit/engine/flow/pool.h"
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

#define MS 1000000ull
#define A 0u /* the client in these conversations; endpoint a, too */
#define B 1u
#define SYN NSC_TCP_SYN
#define ACK NSC_TCP_ACK
#define FIN NSC_TCP_FIN
#define RST NSC_TCP_RST

struct talk {
	struct nsc_flow_table_options options;
	struct rig *rig;
	uint64_t now_ns, clock_ns;
	uint32_t base[2]; /* added to all numbers of each side */
	uint16_t window[2];
	uint8_t frame[128];
	struct nsc_packet pkt;
};

static struct talk *talk_open_with(uint8_t analyses)
{
	struct talk *t = calloc(1, sizeof(*t));

	t->options = rig_options(4);
	t->options.analyses = analyses;
	t->options.timeout_ns = 0;
	t->rig = rig_open(t->options);
	t->now_ns = TEST_EPOCH;
	t->window[A] = t->window[B] = 8192;
	return t;
}

static struct talk *talk_open(void)
{
	return talk_open_with(NSC_ANALYSIS_ALL);
}

static void send_packet(struct talk *t)
{
	nsc_flow_table_burst(t->rig->t, &t->pkt, 1, &t->rig->counters, &t->rig->output);
}

/* An Ethernet frame with IPv4 and TCP headers; the payload is not there (snapped), its length is. */
static void say_flags(struct talk *t, unsigned from, uint32_t seq, uint32_t ack, uint32_t len, uint8_t flags)
{
	uint8_t *ip = t->frame + 14;

	t->clock_ns = NSC_MAX(t->clock_ns, t->now_ns);
	memset(t->frame, 0, sizeof(t->frame));
	put32(ip + 12, from == A ? 0x0a000001u : 0x0a000002u);
	put32(ip + 16, from == A ? 0x0a000002u : 0x0a000001u);
	ip[20 + 14] = (uint8_t)(t->window[from] >> 8);
	ip[20 + 15] = (uint8_t)t->window[from];
	t->pkt = (struct nsc_packet){ .data = t->frame,
				      .ts_ns = t->now_ns,
				      .clock_ns = t->clock_ns,
				      .cap_len = 54,
				      .wire_len = 54 + len,
				      .hash = 0x12345678,
				      .tcp_seq = seq + t->base[from],
				      .tcp_ack = flags & ACK ? ack + t->base[!from] : ack,
				      .payload_len = len,
				      .l3_off = 14,
				      .l4_off = 34,
				      .l4_len = 20,
				      .src_port = from == A ? 1000 : 80,
				      .dst_port = from == A ? 80 : 1000,
				      .ip_version = 4,
				      .ip_proto = NSC_PROTO_TCP,
				      .tcp_flags = flags,
				      .dir = (uint8_t)from,
				      .fate = NSC_FATE_FLOW };
	send_packet(t);
}

static void say(struct talk *t, unsigned from, uint32_t seq, uint32_t ack, uint32_t len)
{
	say_flags(t, from, seq, ack, len, ACK);
}

static void after(struct talk *t, uint64_t ns)
{
	t->now_ns += ns;
}

/* SYN, SYN+ACK, ACK in two steps of `half_ns`; both sides then stand at 1. */
static void shake_hands(struct talk *t, uint64_t half_ns)
{
	say_flags(t, A, 0, 0, 0, SYN);
	after(t, half_ns);
	say_flags(t, B, 0, 1, 0, SYN | ACK);
	after(t, half_ns);
	say(t, A, 1, 1, 0);
}

/* The last record of the conversation. */
static struct nsc_flow_record end(struct talk *t)
{
	struct nsc_flow_record last;

	rig_finish(t->rig, t->clock_ns);
	ck_assert_uint_gt(t->rig->records.n, 0);
	last = t->rig->records.at[t->rig->records.n - 1];
	rig_close(t->rig);
	free(t);
	return last;
}

static void expect(struct talk *t, uint32_t retransmissions, uint32_t out_of_order, uint32_t lost,
		   uint32_t zero_windows)
{
	struct nsc_flow_record r = end(t);

	ck_assert_uint_eq(r.retransmissions, retransmissions);
	ck_assert_uint_eq(r.out_of_order, out_of_order);
	ck_assert_uint_eq(r.lost_segments, lost);
	ck_assert_uint_eq(r.zero_windows, zero_windows);
}

START_TEST(a_clean_transfer_counts_nothing)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	shake_hands(t, 5 * MS);
	for (uint32_t i = 0; i < 10; i++) {
		say(t, A, 1 + i * 100, 1, 100);
		after(t, 7 * MS);
		say(t, B, 1, 101 + i * 100, 0);
	}
	r = end(t);
	ck_assert_uint_eq(r.retransmissions + r.out_of_order + r.lost_segments + r.zero_windows, 0);
	ck_assert_uint_eq(r.rtt_samples, 12);
	ck_assert_uint_eq(r.rtt_min_ns, 5 * MS);
	ck_assert_uint_eq(r.rtt_last_ns, 7 * MS);
	ck_assert_uint_eq(r.rtt_handshake_ns, 10 * MS);
	ck_assert_uint_eq(r.analyses, NSC_ANALYSIS_ALL);
}
END_TEST

START_TEST(bytes_sent_again_are_a_retransmission)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 101, 1, 100);
	after(t, 200 * MS);
	say(t, A, 1, 1, 100);
	say(t, A, 150, 1, 100); /* overlaps by a half, and goes beyond */
	say(t, A, 250, 1, 100); /* in place */
	expect(t, 2, 0, 0, 0);
}
END_TEST

START_TEST(the_end_sent_again_is_one_however_quick)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	after(t, 1);
	say(t, A, 1, 1, 100);
	expect(t, 1, 0, 0, 0);
}
END_TEST

START_TEST(overtaken_within_3_ms_is_out_of_order)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	after(t, 3 * MS - 1);
	say(t, A, 101, 1, 100);
	expect(t, 0, 1, 0, 0);
}
END_TEST

START_TEST(after_3_ms_it_is_a_retransmission)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	after(t, 3 * MS);
	say(t, A, 101, 1, 100);
	expect(t, 1, 0, 0, 0);
}
END_TEST

START_TEST(the_handshake_sets_the_window)
{
	for (unsigned late = 0; late < 2; late++) {
		struct talk *t = talk_open();

		shake_hands(t, 10 * MS);
		say(t, A, 101, 1, 100);
		after(t, 20 * MS - !late);
		say(t, A, 1, 1, 100);
		expect(t, late, !late, 0, 0);
	}
}
END_TEST

START_TEST(without_round_trips_the_window_is_3_ms)
{
	struct talk *t = talk_open_with(NSC_ANALYSIS_ORDER);
	struct nsc_flow_record r;

	shake_hands(t, 10 * MS);
	say(t, A, 101, 1, 100);
	after(t, 4 * MS);
	say(t, A, 1, 1, 100);
	ck_assert_ptr_null(t->rig->t->rtt);
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.rtt_samples + r.rtt_min_ns + r.rtt_handshake_ns, 0);
	ck_assert_uint_eq(r.analyses, NSC_ANALYSIS_ORDER);
}
END_TEST

START_TEST(what_is_acknowledged_already_is_spurious)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 101, 1, 100);
	say(t, B, 1, 201, 0);
	after(t, 1); /* within the window, but acknowledged */
	say(t, A, 1, 1, 100);
	say(t, B, 1, 501, 0); /* of something that was not captured */
	say(t, A, 401, 1, 100);
	expect(t, 2, 0, 1, 0);
}
END_TEST

START_TEST(acknowledged_payload_before_a_fin_is_spurious)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, B, 1, 201, 0); /* its data, not captured, but not its FIN */
	say_flags(t, A, 101, 1, 100, FIN | ACK);
	expect(t, 1, 0, 0, 0);
}
END_TEST

static struct talk *asked_twice(uint64_t wait_ns)
{
	struct talk *t = talk_open();

	shake_hands(t, 50 * MS);
	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	say(t, B, 1, 101, 0);
	say(t, B, 1, 101, 0);
	say(t, B, 1, 101, 0);
	after(t, wait_ns);
	say(t, A, 101, 1, 50);
	return t;
}

START_TEST(duplicate_acknowledgements_make_it_a_fast_retransmission)
{
	expect(asked_twice(19 * MS), 1, 0, 1, 0); /* half of the hole is left */
	expect(asked_twice(21 * MS), 0, 1, 1, 0); /* too late for that, but within the round trip */
}
END_TEST

START_TEST(keep_alives_are_not_judged)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	say(t, B, 1, 101, 0);
	for (uint32_t len = 0; len < 2; len++) {
		after(t, 1000 * MS);
		say(t, A, 100, 1, len);
		after(t, 4 * MS);
		say(t, B, 1, 101, 0);
	}
	say(t, A, 100, 1, 100); /* 99 new bytes: the one before was a keep-alive's */
	r = end(t);
	ck_assert_uint_eq(r.retransmissions + r.out_of_order, 0);
	ck_assert_uint_eq(r.rtt_samples,
			  1); /* the one that carried a byte: the others took no time, or waited for nothing */
	ck_assert_uint_eq(r.rtt_last_ns, 4 * MS);
}
END_TEST

/* What is old stays old: the keep-alive does not open the reordering window. Several that wait give one sample, from
 * the oldest. */
START_TEST(a_keep_alive_is_no_news)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	say(t, A, 101, 1, 100);
	after(t, MS);
	say(t, B, 1, 201, 0);
	after(t, 1000 * MS);
	say(t, A, 200, 1, 1);
	say(t, B, 1, 0, 0); /* an old acknowledgement: nothing of this is known to have arrived */
	after(t, MS);
	say(t, A, 1, 1, 100);
	for (unsigned i = 0; i < 7; i++) {
		after(t, 1000 * MS);
		say(t, A, 200, 1, 1);
	}
	ck_assert(pool_holds(&t->rig->t->tcp[0]));
	ck_assert_uint_eq(t->rig->t->block_used, 0);
	say(t, B, 1, 201, 0);
	ck_assert(!pool_holds(&t->rig->t->tcp[0]));
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.out_of_order, 0);
	ck_assert_uint_eq(r.rtt_samples, 2);
	ck_assert_uint_eq(r.rtt_last_ns, 7001 * MS);
}
END_TEST

START_TEST(answers_to_keep_alives_are_no_duplicates)
{
	struct talk *t = talk_open();

	shake_hands(t, 50 * MS);
	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	say(t, B, 1, 101, 0);
	for (unsigned i = 0; i < 3; i++) {
		say(t, A, 300, 1, 0);
		say(t, B, 1, 101, 0);
	}
	say(t, A, 101, 1, 100); /* asked for by nobody: within the round trip, so out of order */
	expect(t, 0, 1, 0, 0);
}
END_TEST

START_TEST(probes_against_a_closed_window)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	t->window[B] = 0;
	say(t, B, 1, 101, 0);
	say(t, A, 101, 1, 1);
	say(t, B, 1, 101, 0);
	say(t, A, 101, 1, 1);
	t->window[B] = 8192;
	say(t, B, 1, 101, 0);
	say(t, A, 101, 1, 100); /* the probes did not raise anything */
	expect(t, 0, 0, 0, 2);
}
END_TEST

/* The receiver keeps the byte of the probe and opens its window: the sender goes on behind it. */
START_TEST(a_probe_whose_byte_is_taken_leaves_no_hole)
{
	for (uint32_t gap = 0; gap < 2; gap++) {
		struct talk *t = talk_open();

		say(t, A, 1, 1, 100);
		t->window[B] = 0;
		say(t, B, 1, 101, 0);
		say(t, A, 101, 1, 1);
		t->window[B] = 8192;
		say(t, B, 1, 102, 0);
		say(t, A, 102 + 10 * gap, 1, 100); /* the second time something is missing behind the byte, too */
		say(t, A, 203 + 10 * gap, 1, 100); /* one byte is missing, and there was no probe */
		expect(t, 0, 0, 1 + gap, 1);
	}
}
END_TEST

/* The byte was taken, and comes again. */
START_TEST(a_probe_that_is_acknowledged_is_spurious_the_second_time)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	t->window[B] = 0;
	say(t, B, 1, 101, 0);
	say(t, A, 101, 1, 1);
	say(t, B, 1, 102, 0);
	say(t, A, 101, 1, 1);
	t->window[B] = 8192;
	say(t, B, 1, 102, 0);
	say(t, A, 102, 1, 100);
	expect(t, 1, 0, 0, 2);
}
END_TEST

START_TEST(a_window_of_0_with_a_control_flag_is_none)
{
	struct talk *t = talk_open();

	t->window[A] = t->window[B] = 0;
	say_flags(t, A, 0, 0, 0, SYN);
	say_flags(t, B, 0, 1, 0, SYN | ACK);
	say_flags(t, A, 1, 1, 0, FIN | ACK);
	say_flags(t, B, 1, 2, 0, RST | ACK);
	expect(t, 0, 0, 0, 0);
}
END_TEST

START_TEST(holes_are_lost_until_they_are_filled)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 301, 1, 100); /* 101..300 */
	say(t, A, 501, 1, 100); /* 401..500 */
	after(t, 10 * MS);
	say(t, A, 401, 1, 100);
	say(t, A, 151, 1, 50); /* from the middle of the first: two are left */
	expect(t, 2, 0, 2, 0);
}
END_TEST

/* Whether round trips are measured makes no difference to what is lost. */
START_TEST(holes_in_a_capture_of_one_direction_are_filled)
{
	static const uint8_t analyses[] = { NSC_ANALYSIS_ALL, NSC_ANALYSIS_ORDER };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(analyses); i++) {
		struct talk *t = talk_open_with(analyses[i]);

		for (uint32_t k = 0; k < 20; k++)
			say(t, A, 1 + k * 100, 1, 100);
		say(t, A, 2101, 1, 100);
		for (uint32_t k = 0; k < 20; k++)
			say(t, A, 2201 + k * 100, 1, 100);
		say(t, A, 2001, 1, 100);
		expect(t, 0, 1, 0, 0);
	}
}
END_TEST

START_TEST(a_hole_that_is_acknowledged_stays_lost)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	say(t, A, 301, 1, 100);
	say(t, B, 1, 401, 0);
	ck_assert(!pool_holds(&t->rig->t->tcp[0]));
	say(t, A, 401, 1, 100);
	expect(t, 0, 0, 1, 0);
}
END_TEST

START_TEST(numbers_wrap_around)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	t->base[A] = 0xffffff9cu; /* -100 */
	t->base[B] = 0xfffffffeu;
	shake_hands(t, 5 * MS);
	for (uint32_t i = 0; i < 4; i++) {
		say(t, A, 1 + i * 60, 1, 60);
		after(t, 6 * MS);
		say(t, B, 1, 61 + i * 60, 0);
	}
	after(t, 50 * MS);
	say(t, A, 61, 1, 120); /* over the edge, again */
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.out_of_order + r.lost_segments, 0);
	ck_assert_uint_eq(r.rtt_samples, 6);
}
END_TEST

START_TEST(karn_no_sample_from_what_was_sent_twice)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	say(t, B, 1, 1, 0);
	after(t, MS);
	say(t, A, 101, 1, 100);
	say(t, A, 201, 1, 100);
	say(t, A, 301, 1, 100);
	after(t, 200 * MS);
	say(t, A, 101, 1, 200); /* the two segments before as one */
	after(t, MS);
	say(t, B, 1, 201, 0);
	say(t, B, 1, 301, 0);
	say(t, B, 1, 401, 0);
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.rtt_samples, 1);
	ck_assert_uint_eq(r.rtt_last_ns, 201 * MS);
}
END_TEST

START_TEST(one_acknowledgement_of_several_segments_is_one_sample)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, B, 1, 1, 0);
	for (uint32_t i = 0; i < 5; i++) {
		say(t, A, 1 + i * 100, 1, 100);
		after(t, MS);
	}
	say(t, B, 1, 301, 0); /* the third: 3 ms ago */
	say(t, B, 1, 350, 0); /* inside a segment: none */
	after(t, MS);
	say(t, B, 1, 501, 0); /* the fifth */
	ck_assert(!pool_holds(&t->rig->t->tcp[0]));
	r = end(t);
	ck_assert_uint_eq(r.rtt_samples, 2);
	ck_assert_uint_eq(r.rtt_min_ns, 2 * MS);
	ck_assert_uint_eq(r.rtt_ewma_ns, (7 * 3 * MS + 2 * MS + 4) / 8);
}
END_TEST

START_TEST(time_that_runs_backwards)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	t->now_ns -= MS;
	say(t, A, 101, 1, 100); /* by its time before what overtook it: no reordering that we know of */
	say(t, B, 1, 301, 0);   /* before it was sent */
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.out_of_order, 0);
	ck_assert_uint_eq(r.rtt_samples, 0);
}
END_TEST

static void pass(struct talk *t, uint64_t ns)
{
	t->now_ns += ns;
	t->clock_ns += ns;
}

/* A clock that is set back again and again, more often than offsets have numbers: what waits across a step gives no
 * sample, what comes behind it does. */
START_TEST(time_that_steps)
{
	const uint64_t back = 50 * 3600 * NSC_NS_PER_SEC; /* in 48 bits an interval of 28 hours */
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	t->clock_ns = t->now_ns;
	for (uint32_t i = 0; i < 50; i++) {
		say(t, A, 1 + 150 * i, 1, 50);
		say(t, A, 51 + 150 * i, 1, 50);
		pass(t, 5 * MS);
		t->now_ns -= back;
		nsc_flow_table_set_offset(t->rig->t, t->now_ns - t->clock_ns);
		say(t, B, 1, 51 + 150 * i, 0);
		say(t, B, 1, 101 + 150 * i, 0);
		say(t, A, 101 + 150 * i, 1, 50);
		pass(t, 5 * MS);
		say(t, B, 1, 151 + 150 * i, 0);
	}
	ck_assert_uint_eq(t->rig->counters.value[NSC_C_TCP_STEPPED], 50);
	r = end(t);
	ck_assert_uint_eq(r.rtt_samples, 50);
	ck_assert_uint_eq(r.rtt_min_ns, 5 * MS);
	ck_assert_uint_eq(r.rtt_ewma_ns, 5 * MS);
}
END_TEST

/* A packet that strays from the clock is neither the begin nor the end of an interval. */
START_TEST(outliers_give_no_sample)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;
	uint64_t now_ns;

	t->clock_ns = t->now_ns;
	for (uint32_t i = 0; i < 10; i++) {
		bool sent = i % 3 == 1, acked = i % 3 == 2;

		now_ns = t->now_ns;
		t->now_ns = sent ? 0 : now_ns;
		say(t, A, 1 + 100 * i, 1, 100);
		t->now_ns = acked ? 1 : now_ns + 5 * MS;
		t->clock_ns += acked ? 0 : 5 * MS;
		say(t, B, 1, 101 + 100 * i, 0);
		t->now_ns = t->clock_ns = now_ns + 10 * MS;
	}
	r = end(t);
	ck_assert_uint_eq(r.rtt_samples, 4);
	ck_assert_uint_eq(r.rtt_min_ns, 5 * MS);
	ck_assert_uint_eq(r.rtt_ewma_ns, 5 * MS);
}
END_TEST

START_TEST(a_repeated_syn_is_a_retransmission)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say_flags(t, A, 0, 0, 0, SYN);
	after(t, 1000 * MS);
	say_flags(t, A, 0, 0, 0, SYN);
	after(t, 5 * MS);
	say_flags(t, B, 0, 1, 0, SYN | ACK);
	after(t, 5 * MS);
	say(t, A, 1, 1, 0);
	r = end(t);
	ck_assert_uint_eq(r.retransmissions, 1);
	ck_assert_uint_eq(r.rtt_samples, 1);            /* of the SYN+ACK */
	ck_assert_uint_eq(r.rtt_handshake_ns, 10 * MS); /* from the latest SYN */
}
END_TEST

/* A copy of the SYN that comes late does not measure the handshake anew; nor does it narrow the reordering window. */
START_TEST(a_late_syn_leaves_the_handshake_alone)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	shake_hands(t, 10 * MS);
	after(t, MS);
	say_flags(t, A, 0, 0, 0, SYN);
	after(t, 1000);
	say(t, A, 101, 1, 100);
	after(t, 15 * MS);
	say(t, A, 1, 1, 100);
	r = end(t);
	ck_assert_uint_eq(r.rtt_handshake_ns, 20 * MS);
	ck_assert_uint_eq(r.retransmissions, 1); /* the SYN */
	ck_assert_uint_eq(r.out_of_order, 1);
}
END_TEST

START_TEST(a_syn_that_is_tried_again_goes_on_in_a_new_record)
{
	struct talk *t = talk_open();
	struct rig *rig = t->rig;

	say_flags(t, A, 0, 0, 0, SYN);
	say_flags(t, B, 0, 1, 0, RST | ACK);
	after(t, 500 * MS);
	say_flags(t, A, 0, 0, 0, SYN); /* the same number */
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 1);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_REUSED);
	ck_assert_uint_eq(rig->records.at[0].retransmissions, 0);
	say_flags(t, B, 0, 1, 0, RST | ACK);
	after(t, 500 * MS);
	say_flags(t, A, 7000, 0, 0, SYN); /* another: nothing is known of it */
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 2);
	ck_assert_uint_eq(rig->records.at[1].retransmissions, 1);
	expect(t, 0, 0, 0, 0);
}
END_TEST

START_TEST(fragments_and_broken_headers_are_passed_over)
{
	struct talk *t = talk_open();

	say(t, A, 1, 1, 100);
	t->frame[20] = 0x20; /* more fragments */
	send_packet(t);
	t->frame[20] = 0x40; /* don't fragment: analysed, and a retransmission */
	send_packet(t);
	t->pkt.l4_len = 0; /* the header is longer than the packet */
	send_packet(t);
	expect(t, 1, 0, 0, 0);
}
END_TEST

/* IPv6 with a header between it and TCP: `type`, and 8 bytes of it, of which the fourth is `flags`. */
static uint32_t retransmissions_behind(uint8_t type, uint8_t flags)
{
	struct talk *t = talk_open();
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	memset(t->frame + 14, 0, 40 + 8 + 20);
	t->frame[14] = 0x60;
	t->frame[20] = type;
	t->frame[54] = NSC_PROTO_TCP;
	t->frame[57] = flags;
	t->pkt.ip_version = 6;
	t->pkt.l4_off = 62;
	send_packet(t);
	send_packet(t);
	rig_finish(t->rig, t->clock_ns);
	r = t->rig->records.at[0].ip_version == 6 ? t->rig->records.at[0] : t->rig->records.at[1];
	rig_close(t->rig);
	free(t);
	return r.retransmissions;
}

START_TEST(ipv6_fragments_are_passed_over)
{
	ck_assert_uint_eq(retransmissions_behind(60, 1), 1); /* destination options */
	ck_assert_uint_eq(retransmissions_behind(44, 1), 0); /* the first fragment */
	ck_assert_uint_eq(retransmissions_behind(44, 0), 1); /* the only one: the packet is whole */
}
END_TEST

START_TEST(a_reset_gives_back_what_was_outstanding)
{
	struct talk *t = talk_open();

	say(t, B, 1, 1, 0);
	for (uint32_t i = 0; i < 20; i++)
		say(t, A, 1 + i * 100, 1, 100);
	ck_assert(pool_holds(&t->rig->t->tcp[0]));
	say_flags(t, A, 2001, 1, 0, RST | ACK);
	ck_assert(!pool_holds(&t->rig->t->tcp[0]));
	expect(t, 0, 0, 0, 0);
}
END_TEST

START_TEST(without_analyses_there_is_neither_work_nor_memory)
{
	struct talk *t = talk_open_with(0);
	struct nsc_flow_table_options all = t->options, none = t->options;
	struct nsc_flow_record r;

	all.analyses = NSC_ANALYSIS_ALL;
	say(t, A, 1, 1, 100);
	say(t, A, 1, 1, 100);
	ck_assert(!t->rig->t->tcp && !t->rig->t->rtt && !t->rig->t->block);
	ck_assert_uint_ge(nsc_flow_table_bytes(&all),
			  nsc_flow_table_bytes(&none) + 4 * (sizeof(struct flow_tcp) + sizeof(struct flow_rtt)));
	r = end(t);
	ck_assert_uint_eq(r.analyses, 0);
	ck_assert_uint_eq(r.retransmissions + r.rtt_samples, 0);
}
END_TEST

START_TEST(half_of_the_analyses)
{
	struct talk *t = talk_open_with(NSC_ANALYSIS_OUT_OF_ORDER);
	struct nsc_flow_record r;

	say(t, A, 1, 1, 100);
	say(t, A, 201, 1, 100);
	say(t, A, 101, 1, 100);
	after(t, 10 * MS);
	say(t, A, 1, 1, 100);
	r = end(t);
	ck_assert_uint_eq(r.out_of_order, 1);
	ck_assert_uint_eq(r.retransmissions, 0);
	ck_assert_uint_eq(r.analyses, NSC_ANALYSIS_OUT_OF_ORDER);
}
END_TEST

CHECK_MAIN("sequence analysis", a_clean_transfer_counts_nothing, bytes_sent_again_are_a_retransmission,
	   the_end_sent_again_is_one_however_quick, overtaken_within_3_ms_is_out_of_order,
	   after_3_ms_it_is_a_retransmission, the_handshake_sets_the_window, without_round_trips_the_window_is_3_ms,
	   what_is_acknowledged_already_is_spurious, acknowledged_payload_before_a_fin_is_spurious,
	   duplicate_acknowledgements_make_it_a_fast_retransmission, keep_alives_are_not_judged,
	   a_keep_alive_is_no_news, answers_to_keep_alives_are_no_duplicates, probes_against_a_closed_window,
	   a_probe_whose_byte_is_taken_leaves_no_hole, a_probe_that_is_acknowledged_is_spurious_the_second_time,
	   a_window_of_0_with_a_control_flag_is_none, holes_are_lost_until_they_are_filled,
	   holes_in_a_capture_of_one_direction_are_filled, a_hole_that_is_acknowledged_stays_lost, numbers_wrap_around,
	   karn_no_sample_from_what_was_sent_twice, one_acknowledgement_of_several_segments_is_one_sample,
	   time_that_runs_backwards, time_that_steps, outliers_give_no_sample, a_repeated_syn_is_a_retransmission,
	   a_late_syn_leaves_the_handshake_alone, a_syn_that_is_tried_again_goes_on_in_a_new_record,
	   fragments_and_broken_headers_are_passed_over, ipv6_fragments_are_passed_over,
	   a_reset_gives_back_what_was_outstanding, without_analyses_there_is_neither_work_nor_memory,
	   half_of_the_analyses)
