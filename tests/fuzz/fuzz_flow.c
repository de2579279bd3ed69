/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: TCP segments of four connections, eleven bytes each, through the flow table with all analyses. The pool
 * must be whole afterwards, and the counts must not say more than was sent.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/flow/table.h"
#include "tests/unit/engine/flow/pool.h"

#define FLOWS 4u
#define SEGMENT 11u
#define SEGMENTS_MAX 2000u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Numbers that are near each other: 12 bits of steps of 16, and the edge of 2^32 in their middle. */
static uint32_t number(const uint8_t *at)
{
	return ((at[0] | (uint32_t)at[1] << 8) & 0xfff) * 16 - 0x8000 + (at[1] >> 4);
}

static void make_segment(struct nsc_packet *pkt, uint8_t frame[64], const uint8_t *b, uint64_t *clock_ns)
{
	uint64_t ts_ns = *clock_ns + (uint64_t)b[9] * b[9] * 10000 - (b[10] & 1 ? 1000000 : 0);
	uint8_t flow = b[0] & 3, dir = b[0] >> 2 & 1;

	memset(frame, 0, 64);
	frame[14] = 0x45;
	frame[26] = dir ? 200 : flow;
	frame[30] = dir ? flow : 200;
	frame[48] = b[10] & 2 ? 0 : 32; /* window */
	*clock_ns = NSC_MAX(*clock_ns, ts_ns);
	*pkt = (struct nsc_packet){ .data = frame,
				    .ts_ns = ts_ns,
				    .clock_ns = *clock_ns,
				    .cap_len = 54,
				    .wire_len = 54,
				    .hash = 77777u * (flow + 1u),
				    .tcp_seq = number(b + 1),
				    .tcp_ack = number(b + 3),
				    .payload_len = b[5] | (b[6] & 7u) << 8,
				    .l3_off = 14,
				    .l4_off = 34,
				    .l4_len = b[10] & 4 ? 0 : 20,
				    .src_port = 5,
				    .dst_port = 5,
				    .ip_version = 4,
				    .ip_proto = NSC_PROTO_TCP,
				    .tcp_flags = b[7] & 0x3f,
				    .dir = dir,
				    .fate = NSC_FATE_FLOW };
}

static struct nsc_flow_table *open_table(struct nsc_arena **arena, uint8_t analyses)
{
	struct nsc_flow_table_options options = { .max_flows = FLOWS, .tick_ns = NSC_NS_PER_SEC, .analyses = analyses };
	struct nsc_flow_table *table = NULL;
	struct nsc_error error;

	require(!nsc_arena_open(arena, &error) && !nsc_flow_table_open(&table, &options, *arena, &error));
	return table;
}

static void check(const struct nsc_flow_table *t, size_t segments)
{
	uint32_t entries[FLOWS];

	require(pool_faults(t, t->used, entries) == 0);
	for (uint32_t id = 0; id < t->used; id++) {
		const struct flow_tcp_counts *s = &t->tcp_counts[id];

		require((uint64_t)s->retransmissions + s->out_of_order <= segments && s->zero_windows <= segments);
		require(s->lost <= 2 * segments);
		require(!t->rtt || t->rtt[id].samples <= segments);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t segments = size ? NSC_MIN((size - 1) / SEGMENT, (size_t)SEGMENTS_MAX) : 0;
	struct nsc_flow_output output = { .chunk = NULL };
	struct nsc_counters counters = { 0 };
	uint64_t clock_ns = 1700000000 * NSC_NS_PER_SEC;
	struct nsc_arena *arena;
	struct nsc_flow_table *t;

	if (!segments)
		return 0;
	t = open_table(&arena, bytes[0] % 7 + 1);
	if (bytes[0] & 0x80)
		t->block_max = 4; /* an empty pool is near */
	for (size_t i = 0; i < segments; i++) {
		struct nsc_packet pkt;
		uint8_t frame[64];

		make_segment(&pkt, frame, bytes + 1 + i * SEGMENT, &clock_ns);
		nsc_flow_table_burst(t, &pkt, 1, &counters, &output);
	}
	check(t, segments);
	nsc_arena_close(arena);
	return 0;
}
