/* SPDX-License-Identifier: MIT
 *
 * A worker's place in packet time: the tick in progress, and the snapshot that goes to the publisher when it closes.
 *
 * Ticks are periods of one length (base/period.h), numbered from time 0, so that every worker gives the same tick the
 * same number. A clock may be any u64 and never goes back; ticks that it passes over are counted, not closed one by
 * one.
 */
#ifndef NETSCOPE_TICK_H
#define NETSCOPE_TICK_H

#include "engine/base/period.h"
#include "engine/rings/snapshots.h"

struct nsc_tick {
	struct nsc_period period;         /* which clocks it has; holds none before the first packet */
	uint64_t length_ns;               /* > 0 */
	uint64_t number;                  /* clock_ns / length_ns */
	uint64_t empty;                   /* ticks passed over just before this one */
	uint64_t offset_ns;               /* packet time minus clock when it began: the worker sets it */
	struct nsc_microburst microburst; /* of the tick that is over: the same */
	const struct nsc_histogram *rtts; /* goes into snapshots, too; NULL: nobody asks. The worker sets it */
	struct nsc_channel *snapshots;
	struct nsc_snapshot *snapshot; /* where the next one is written: never NULL before the last was sent */
	bool live;                     /* never wait for a snapshot */
};

/* Takes the first snapshot. Thread: control. */
void nsc_tick_init(struct nsc_tick *tick, struct nsc_channel *snapshots, uint64_t length_ns, bool live);

nsc_always_inline bool nsc_tick_has_begun(const struct nsc_tick *tick)
{
	return tick->period.length_ns > 0;
}

/* The tick of clock_ns begins: the first one, or a later one than the one in progress. Thread: worker. */
void nsc_tick_begin(struct nsc_tick *tick, uint64_t clock_ns);

/* Sends the totals of the tick that clock_ns, >= its start, has left; the caller has filled the snapshot's top flows.
 * Counts SNAPSHOT_SENT or, live without an empty snapshot, SNAPSHOT_MISSED: then the next one brings all. Thread:
 * worker. Allocates: never. Blocks: offline, for a publisher that is behind. */
void nsc_tick_send(struct nsc_tick *tick, uint64_t clock_ns, struct nsc_counters *counters,
		   const struct nsc_histogram *duration);

/* The same for the last time, with the clock of the whole input. Blocks: never. */
void nsc_tick_send_last(struct nsc_tick *tick, uint64_t clock_ns, struct nsc_counters *counters,
			const struct nsc_histogram *duration);

#endif
