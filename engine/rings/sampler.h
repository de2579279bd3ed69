/* SPDX-License-Identifier: MIT
 *
 * Samples of packets for the dashboard, taken by each worker: a channel of chunks into which one packet of so many is
 * copied, or packets of certain flows only. It holds no loan, and nobody waits or is woken: the dashboard looks by
 * itself, and while every chunk is with it, packets pass by uncopied (SAMPLE_MISSED).
 *
 * Which packets they are may change while the run goes on: a filter comes through a channel of one buffer, and the
 * worker takes it between two bursts. The buffer is back with the dashboard when the filter holds.
 */
#ifndef NETSCOPE_RINGS_SAMPLER_H
#define NETSCOPE_RINGS_SAMPLER_H

#include "engine/flow/table.h"
#include "engine/rings/channel.h"
#include "netscope/engine.h"

struct nsc_sampler {
	/* read only after open */
	struct nsc_channel *channel;
	struct nsc_channel *filters; /* struct nsc_sample_filter, from the dashboard */
	uint32_t every;              /* one of so many, >= 1 */
	uint32_t bytes;              /* at most so many of each */
	/* the worker's */
	alignas(NSC_CACHE_LINE) struct nsc_packet_chunk *chunk; /* being filled; NULL: none yet */
	uint64_t number;                                        /* of the last packet that came by */
	uint32_t skip;                   /* packets to pass over before the next sample; with a filter: that match */
	struct nsc_sample_filter filter; /* mode ALL at first */
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_sampler_open(struct nsc_sampler **sampler, struct nsc_arena *arena, uint32_t every, uint32_t bytes,
		     struct nsc_error *error);
uint64_t nsc_sampler_memory(uint32_t bytes); /* bytes that takes, but for a few hundred */

/* Takes a new filter, if one has come. Between two bursts, also when nothing comes. Thread: worker. */
void nsc_sampler_look(struct nsc_sampler *sampler);

/* Copies the packets of a burst whose turn it is, decoded; with the mode ALL. Thread: worker. Allocates, blocks: never.
 */
void nsc_sampler_burst(struct nsc_sampler *sampler, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		       struct nsc_counters *counters);

/* The same with the other modes, when the burst is counted in `table`; `clock_ns`: packet time of its end. */
void nsc_sampler_burst_of_flows(struct nsc_sampler *sampler, const struct nsc_flow_table *table, uint64_t clock_ns,
				const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
				struct nsc_counters *counters);

/* Nothing comes for the moment: what is there goes on its way, unless so much waits for the dashboard already that
 * chunks are better filled. Thread: worker. */
void nsc_sampler_flush(struct nsc_sampler *sampler);
void nsc_sampler_end(struct nsc_sampler *sampler); /* nothing will ever come again */

#endif
