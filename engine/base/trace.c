/* SPDX-License-Identifier: MIT */
#include "engine/base/trace.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "engine/base/assert.h"

uint64_t nsc_trace_bytes(const struct nsc_trace_options *options)
{
	return options->count ? sizeof(struct nsc_trace) + options->count * sizeof(struct nsc_trace_packet) : 0;
}

int nsc_trace_open(struct nsc_trace **trace, const struct nsc_trace_options *options, struct nsc_arena *arena,
		   struct nsc_error *error)
{
	*trace = nsc_arena_alloc(arena, nsc_trace_bytes(options));
	if (!*trace)
		return nsc_fail(error, -ENOMEM, "no memory to trace %u packets", options->count);
	(*trace)->options = options;
	(*trace)->n = 0;
	return 0;
}

uint32_t nsc_trace_next(const struct nsc_trace *trace, const struct nsc_rx *rx, const struct nsc_packet *pkt,
			uint32_t n)
{
	const struct nsc_trace_options *o = trace->options;
	uint32_t i = 0;

	while (i < n && !o->matches(o->context, &pkt[i], rx->linktype[pkt[i].link]))
		i++;
	return i;
}

void nsc_trace_begin(struct nsc_trace *trace, const struct nsc_counters *counters)
{
	trace->before = *counters;
}

static void trace_add(struct nsc_trace_packet *packet, unsigned counter, uint64_t by)
{
	if (packet->n_changes == NSC_TRACE_CHANGES) {
		packet->left_out++;
		return;
	}
	packet->change[packet->n_changes++] = (struct nsc_trace_change){
		.counter = (uint16_t)counter,
		.by = (uint32_t)NSC_MIN(by, (uint64_t)UINT32_MAX),
	};
}

/* A gauge says how much there is, not what was done. */
static void trace_add_changes(struct nsc_trace_packet *packet, const struct nsc_counters *before,
			      const struct nsc_counters *after)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		if (after->value[i] != before->value[i] && nsc_counter_table[i].class != NSC_CLASS_GAUGE)
			trace_add(packet, i, after->value[i] - before->value[i]);
}

static void trace_fill_ends(struct nsc_trace_packet *packet, const struct nsc_packet *pkt)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	unsigned from = pkt->ip_version == 4 ? 12 : 8, length = pkt->ip_version == 4 ? 4 : 16;

	if (!pkt->ip_version || pkt->l3_off + from + 2 * length > pkt->cap_len)
		return;
	packet->ip_version = pkt->ip_version;
	memcpy(packet->source, ip + from, length);
	memcpy(packet->target, ip + from + length, length);
	if (pkt->fate != NSC_FATE_FLOW || pkt->l4_off == 0)
		return;
	packet->source_port = pkt->src_port;
	packet->target_port = pkt->dst_port;
}

struct nsc_trace_packet *nsc_trace_end(struct nsc_trace *trace, const struct nsc_counters *counters,
				       const struct nsc_packet *pkt)
{
	struct nsc_trace_packet *packet = &trace->packet[trace->n];

	nsc_assert(trace->n < trace->options->count, "who is full looks for no packet");
	trace->n++;
	*packet = (struct nsc_trace_packet){
		.ts_ns = pkt->ts_ns,
		.wire_len = pkt->wire_len,
		.cap_len = pkt->cap_len,
		.ip_proto = pkt->ip_proto,
		.tcp_flags = pkt->tcp_flags,
		.fate = pkt->fate,
		.capture_core = -1,
		.worker_core = -1,
	};
	trace_fill_ends(packet, pkt);
	trace_add_changes(packet, &trace->before, counters);
	return packet;
}

void nsc_trace_join(struct nsc_trace_packet *packet, const struct nsc_trace_packet *worker)
{
	packet->worked = true;
	packet->worker = worker->worker;
	packet->worker_core = worker->worker_core;
	packet->depth = worker->depth;
	packet->left_out += worker->left_out;
	for (uint32_t i = 0; i < worker->n_changes; i++)
		trace_add(packet, worker->change[i].counter, worker->change[i].by);
}
