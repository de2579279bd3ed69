/* SPDX-License-Identifier: MIT
 *
 * Snapshots of one worker on their way to the publisher: a channel of totals, never of deltas, so that a snapshot that
 * is not sent loses nothing but its own tick's list of top flows.
 *
 * No snapshot is free: offline the worker waits (counted SNAPSHOT_WAITS); live it leaves the tick out
 * (SNAPSHOT_MISSED).
 */
#ifndef NETSCOPE_RINGS_SNAPSHOTS_H
#define NETSCOPE_RINGS_SNAPSHOTS_H

#include "engine/rings/channel.h"
#include "netscope/view.h"

#define NSC_SNAPSHOTS 8u

struct nsc_snapshot {
	uint64_t tick;        /* clock_ns / tick_ns: the same number at every worker */
	uint64_t empty_ticks; /* ticks that the clock passed over since the one before */
	uint64_t clock_ns;    /* final: the clock of the whole input; else the first clock beyond the tick */
	bool final;           /* the last one: the worker has ended, and its counters with it */
	uint32_t n_top;       /* 0..`top_flows` of the open */
	struct nsc_counters counters;
	struct nsc_histogram round;
	struct nsc_top_flow top[]; /* [n_top], by bytes and key */
};

struct nsc_snapshots {
	struct nsc_channel *channel;
};

nsc_always_inline uint64_t nsc_snapshot_bytes(uint32_t top_flows)
{
	return sizeof(struct nsc_snapshot) + (uint64_t)top_flows * sizeof(struct nsc_top_flow);
}

/* Bytes that nsc_snapshots_open takes, but for a few hundred. */
nsc_always_inline uint64_t nsc_snapshots_bytes(uint32_t top_flows)
{
	return NSC_SNAPSHOTS * nsc_snapshot_bytes(top_flows);
}

/* Room for NSC_SNAPSHOTS snapshots of `top_flows` (0..NSC_TOP_MAX). 0 or -errno and one sentence. Thread: control.
 * Allocates: all from `arena`, and touches it. */
nsc_always_inline int nsc_snapshots_open(struct nsc_snapshots *snapshots, struct nsc_arena *arena, uint32_t top_flows,
					 struct nsc_error *error)
{
	int failed = nsc_channel_open(&snapshots->channel, arena, NSC_SNAPSHOTS, nsc_snapshot_bytes(top_flows), error);

	if (!failed)
		nsc_channel_populate(snapshots->channel);
	return failed;
}

/* Thread: control, before the start. */
nsc_always_inline void nsc_snapshots_connect(struct nsc_snapshots *snapshots, struct nsc_idle *worker,
					     struct nsc_idle *publisher)
{
	nsc_channel_connect(snapshots->channel,
			    &(struct nsc_channel_doorbells){ .sender = worker, .receiver = publisher });
}

/* An empty snapshot, or NULL when the publisher has all. Thread: worker. Allocates, blocks: never. */
nsc_always_inline struct nsc_snapshot *nsc_snapshots_acquire(struct nsc_snapshots *snapshots)
{
	return nsc_channel_acquire(snapshots->channel);
}

/* The same, but waits for one. Thread: worker. Allocates: never. */
nsc_always_inline struct nsc_snapshot *nsc_snapshots_acquire_or_wait(struct nsc_snapshots *snapshots,
								     struct nsc_counters *counters)
{
	return nsc_channel_acquire_or_wait(snapshots->channel, counters, NSC_C_SNAPSHOT_WAITS);
}

nsc_always_inline void nsc_snapshots_send(struct nsc_snapshots *snapshots, struct nsc_snapshot *snapshot)
{
	nsc_channel_send(snapshots->channel, snapshot);
}

/* The oldest snapshot, or NULL; given back once it is merged. Thread: publisher. Allocates, blocks: never. */
nsc_always_inline struct nsc_snapshot *nsc_snapshots_receive(struct nsc_snapshots *snapshots)
{
	return nsc_channel_receive(snapshots->channel);
}

nsc_always_inline void nsc_snapshots_give_back(struct nsc_snapshots *snapshots, struct nsc_snapshot *snapshot)
{
	nsc_channel_give_back(snapshots->channel, snapshot);
}

#endif
