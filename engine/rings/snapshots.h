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

#include "engine/base/name_sums.h"
#include "engine/rings/channel.h"
#include "netscope/view.h"

#define NSC_SNAPSHOTS 8u

struct nsc_snapshot {
	uint64_t tick;        /* clock_ns / tick_ns: the same number at every worker */
	uint64_t empty_ticks; /* ticks that the clock passed over since the one before */
	uint64_t clock_ns;    /* final: the clock of the whole input; else the first clock beyond the tick */
	uint64_t offset_ns;   /* packet time minus the clock when the tick began, modulo 2^64 */
	struct nsc_microburst microburst;
	bool final;           /* the last one: the worker has ended, and its counters with it */
	uint32_t n_top;       /* 0..`top_flows` of the open */
	uint32_t names_bytes; /* of what is packed (base/name_sums.h) behind top[] of the open; 0 without names */
	uint32_t names_at;    /* where, from the begin of the snapshot */
	struct nsc_counters counters;
	struct nsc_histogram duration[NSC_DURATION_COUNT];
	struct nsc_histogram rtt;  /* round trip times, if somebody asked for them */
	struct nsc_top_flow top[]; /* [n_top], by bytes and key */
};

nsc_always_inline uint32_t nsc_snapshot_names_at(uint32_t top_flows)
{
	return (uint32_t)(sizeof(struct nsc_snapshot) + top_flows * sizeof(struct nsc_top_flow));
}

nsc_always_inline uint64_t nsc_snapshot_bytes(uint32_t top_flows, bool names)
{
	return nsc_snapshot_names_at(top_flows) + (names ? NSC_NAME_SUMS_PACKED : 0);
}

/* Bytes that nsc_snapshots_open takes, but for a few hundred. */
nsc_always_inline uint64_t nsc_snapshots_bytes(uint32_t top_flows, bool names)
{
	return NSC_SNAPSHOTS * nsc_snapshot_bytes(top_flows, names);
}

/* Room for NSC_SNAPSHOTS snapshots of `top_flows` (0..NSC_TOP_MAX), and of the bytes by name. 0 or -errno and one
 * sentence. Thread: control. Allocates: all from `arena`, and touches it. */
nsc_always_inline int nsc_snapshots_open(struct nsc_channel **snapshots, struct nsc_arena *arena, uint32_t top_flows,
					 bool names, struct nsc_error *error)
{
	return nsc_channel_open(snapshots, arena, NSC_SNAPSHOTS, nsc_snapshot_bytes(top_flows, names), true, error);
}

#endif
