/* SPDX-License-Identifier: MIT
 *
 * Samples of packets for the dashboard, taken by each worker: a channel of chunks into which one packet of so many is
 * copied. It holds no loan, and nobody waits or is woken: the dashboard looks by itself, and while every chunk is with
 * it, packets pass by uncopied (SAMPLE_MISSED).
 */
#ifndef NETSCOPE_RINGS_SAMPLER_H
#define NETSCOPE_RINGS_SAMPLER_H

#include "engine/rings/channel.h"
#include "netscope/engine.h"

struct nsc_sampler {
	/* read only after open */
	struct nsc_channel *channel;
	uint32_t every; /* one of so many, >= 1 */
	uint32_t bytes; /* at most so many of each */
	/* the worker's */
	alignas(NSC_CACHE_LINE) struct nsc_packet_chunk *chunk; /* being filled; NULL: none yet */
	uint64_t number;                                        /* of the last packet that came by */
	uint32_t skip;                                          /* packets to pass over before the next sample */
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_sampler_open(struct nsc_sampler **sampler, struct nsc_arena *arena, uint32_t every, uint32_t bytes,
		     struct nsc_error *error);
uint64_t nsc_sampler_memory(uint32_t bytes); /* bytes that takes, but for a few hundred */

/* Copies the packets of a burst whose turn it is, decoded. Thread: worker. Allocates, blocks: never. */
void nsc_sampler_burst(struct nsc_sampler *sampler, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		       struct nsc_counters *counters);

/* Nothing comes for the moment, or ever again: what is there goes on its way. Thread: worker. */
void nsc_sampler_flush(struct nsc_sampler *sampler);

#endif
