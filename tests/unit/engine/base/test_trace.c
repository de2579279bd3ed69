/* SPDX-License-Identifier: MIT
 *
 * What is noted of a packet that is traced: its ends, what its counters did, and no more than there is room for.
 */
#include "engine/base/trace.h"

#include "../check_main.h"

#include <string.h>

static struct nsc_arena *arena;
static struct nsc_trace *trace;
static struct nsc_counters counters;
static struct nsc_trace_options options;
static struct nsc_rx rx;

static bool is_long(const void *context, const struct nsc_packet *pkt, uint16_t linktype)
{
	return pkt->wire_len >= *(const uint32_t *)context && linktype == 1;
}

static void set_up(uint32_t count, const uint32_t *least)
{
	options = (struct nsc_trace_options){ .count = count, .matches = is_long, .context = least };
	counters = (struct nsc_counters){ .stamp = 0 };
	rx.linktype[NSC_LINK_ETHERNET] = 1;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_trace_open(&trace, &options, arena, NULL), 0);
}

static const uint32_t hundred = 100;

START_TEST(looks_for_the_next_one)
{
	struct nsc_packet pkt[4] = { { .wire_len = 60 }, { .wire_len = 99 }, { .wire_len = 100 }, { .wire_len = 60 } };

	set_up(2, &hundred);
	for (unsigned i = 0; i < 4; i++)
		pkt[i].link = NSC_LINK_ETHERNET;
	ck_assert(nsc_trace_wants(trace) && !nsc_trace_wants(NULL));
	ck_assert_uint_eq(nsc_trace_next(trace, &rx, pkt, 4), 2);
	ck_assert_uint_eq(nsc_trace_next(trace, &rx, pkt + 2, 2), 0);
	ck_assert_uint_eq(nsc_trace_next(trace, &rx, pkt + 3, 1), 1);
	ck_assert_uint_eq(nsc_trace_next(trace, &rx, pkt, 0), 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(notes_what_counters_did)
{
	const uint8_t frame[64] = { [26] = 10, 0, 0, 1, 10, 0, 0, 2 };
	struct nsc_packet pkt = { .data = frame,
				  .cap_len = 64,
				  .wire_len = 100,
				  .l3_off = 14,
				  .l4_off = 34,
				  .ip_version = 4,
				  .src_port = 5,
				  .dst_port = 80,
				  .ip_proto = NSC_PROTO_TCP,
				  .fate = NSC_FATE_FLOW };
	struct nsc_trace_packet *noted;

	set_up(1, &hundred);
	nsc_count(&counters, NSC_C_FLOW_CREATED, 7);
	nsc_trace_begin(trace, &counters);
	nsc_count(&counters, NSC_C_FLOW_CREATED, 1);
	nsc_count(&counters, NSC_C_CYCLES_FLOW, 1ull << 40);
	nsc_count(&counters, NSC_C_FLOW_ACTIVE, 1); /* a gauge */
	noted = nsc_trace_end(trace, &counters, &pkt);
	ck_assert(!nsc_trace_wants(trace));
	ck_assert_uint_eq(noted->n_changes, 2);
	ck_assert_uint_eq(noted->change[0].counter, NSC_C_FLOW_CREATED);
	ck_assert_uint_eq(noted->change[0].by, 1);
	ck_assert_uint_eq(noted->change[1].counter, NSC_C_CYCLES_FLOW);
	ck_assert_uint_eq(noted->change[1].by, UINT32_MAX);
	ck_assert(!memcmp(noted->source, frame + 26, 4) && !memcmp(noted->target, frame + 30, 4));
	ck_assert_uint_eq(noted->source_port, 5);
	ck_assert_uint_eq(noted->target_port, 80);
	ck_assert(!noted->worked && noted->worker_core == -1 && noted->capture_core == -1);
	nsc_arena_close(arena);
}
END_TEST

/* A header that the capture has cut has no addresses to tell. */
START_TEST(reads_no_address_that_is_not_there)
{
	const uint8_t frame[64] = { 0 };
	struct nsc_packet pkt = { .data = frame, .cap_len = 33, .wire_len = 100, .l3_off = 14, .ip_version = 4 };

	set_up(1, &hundred);
	nsc_trace_begin(trace, &counters);
	ck_assert_uint_eq(nsc_trace_end(trace, &counters, &pkt)->ip_version, 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(joins_two_halves_as_far_as_there_is_room)
{
	struct nsc_trace_packet capture = { .n_changes = NSC_TRACE_CHANGES - 1, .lanes = true, .worker_core = -1 };
	struct nsc_trace_packet worker = { .n_changes = 3, .worker = 2, .worker_core = 5, .depth = 1, .left_out = 4 };

	for (unsigned i = 0; i < 3; i++)
		worker.change[i] =
			(struct nsc_trace_change){ .counter = (uint16_t)(NSC_C_FLOW_CREATED + i), .by = i + 1 };
	nsc_trace_join(&capture, &worker);
	ck_assert_uint_eq(capture.n_changes, NSC_TRACE_CHANGES);
	ck_assert_uint_eq(capture.left_out, 6);
	ck_assert_uint_eq(capture.change[NSC_TRACE_CHANGES - 1].counter, NSC_C_FLOW_CREATED);
	ck_assert(capture.worked && capture.worker == 2 && capture.worker_core == 5 && capture.depth == 1);
}
END_TEST

CHECK_MAIN("trace", looks_for_the_next_one, notes_what_counters_did, reads_no_address_that_is_not_there,
	   joins_two_halves_as_far_as_there_is_room)
