/* SPDX-License-Identifier: MIT
 *
 * What one thread notes of the packets that are traced (netscope/trace.h).
 */
#ifndef NETSCOPE_BASE_TRACE_H
#define NETSCOPE_BASE_TRACE_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/rx.h"
#include "netscope/trace.h"

struct nsc_trace { /* its thread's until that has ended */
	const struct nsc_trace_options *options;
	uint32_t n; /* packets noted, 0..options->count */
	struct nsc_counters before;
	struct nsc_trace_packet packet[]; /* [options->count] */
};

/* Bytes that nsc_trace_open takes. */
uint64_t nsc_trace_bytes(const struct nsc_trace_options *options);

/* 0 or -errno and one sentence. `options` stay the caller's, and where they are. Thread: control. Allocates: from
 * `arena`. */
int nsc_trace_open(struct nsc_trace **trace, const struct nsc_trace_options *options, struct nsc_arena *arena,
		   struct nsc_error *error);

nsc_always_inline bool nsc_trace_wants(const struct nsc_trace *trace)
{
	return nsc_unlikely(trace != NULL) && trace->n < trace->options->count;
}

/* How many packets come before the next one that is wanted, 0..n. Thread: the owner. Allocates: never. */
uint32_t nsc_trace_next(const struct nsc_trace *trace, const struct nsc_rx *rx, const struct nsc_packet *pkt,
			uint32_t n);

/* Around the stages of a single packet: a border of the account must stand before and after. `end` fills what the
 * packet and the counters say, and gives the place for the rest. Thread: the owner. Allocates: never. */
void nsc_trace_begin(struct nsc_trace *trace, const struct nsc_counters *counters);
struct nsc_trace_packet *nsc_trace_end(struct nsc_trace *trace, const struct nsc_counters *counters,
				       const struct nsc_packet *pkt);

/* Appends what a worker noted to what capture did of the same packet. Thread: control. */
void nsc_trace_join(struct nsc_trace_packet *packet, const struct nsc_trace_packet *worker);

#endif
