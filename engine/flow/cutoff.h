/* SPDX-License-Identifier: MIT
 *
 * The first bytes of each flow: which packets come within them, for outputs that leave out the rest of large flows.
 *
 * A flow is what the key of the flow table says. A packet is within when its flow had fewer than `bytes` on the wire in
 * its direction before it; so the first one always is, and what is kept of a direction is `bytes` and less than one
 * packet. A flow begins anew with a SYN, and when it was silent for the timeout (or up to 34 ms longer).
 * Packets without a flow are always within. All of that depends on the packets alone.
 *
 * The table is full: of a few flows the one that was silent longest is forgotten, and counted; it begins anew then, so
 * that more is kept, never less.
 */
#ifndef NETSCOPE_FLOW_CUTOFF_H
#define NETSCOPE_FLOW_CUTOFF_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/decode.h"

struct nsc_cutoff; /* one thread's */

struct nsc_cutoff_options {
	uint64_t bytes;                          /* 1..NSC_CUTOFF_MAX (engine.h) */
	uint64_t timeout_ns;                     /* 0 = flows never time out */
	const struct nsc_decode_options *decode; /* seed, key and tunnels are copied */
};

/* Bytes that one takes: places for 786,432 flows, of which more than 150,000 are taken before one is forgotten. */
uint64_t nsc_cutoff_memory(void);

/* 0 or -errno and one sentence. Thread: control. Allocates: from `arena`, and touches it. */
int nsc_cutoff_open(struct nsc_cutoff **cutoff, struct nsc_arena *arena, const struct nsc_cutoff_options *options,
		    struct nsc_error *error);

/* Of pkt[0..n), n <= 64, decoded, those with a bit in `wanted` that are within, as bits. The others that were wanted
 * are counted in `cut`, their bytes in the counter behind it, and forgotten flows in the next one. Packets come in the
 * order of their clocks. Thread: owner. Allocates, blocks: never. */
uint64_t nsc_cutoff_burst(struct nsc_cutoff *cutoff, const struct nsc_packet *pkt, uint32_t n, uint64_t wanted,
			  struct nsc_counters *counters, unsigned cut);

#endif
