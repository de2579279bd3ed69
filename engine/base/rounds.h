/* SPDX-License-Identifier: MIT
 *
 * Why a worker's round took long: each round of more than NSC_ROUND_LONG_NS counts under one cause. What the kernel
 * has done to the thread is asked when a round was long, and again after every NSC_ROUNDS_LOOK others, so that the
 * answer is about these rounds. The first cause that fits counts:
 *
 *   ROUND_SOURCE    without polling the source the round was not long
 *   ROUND_OFF_CORE  the scheduler took the core away, or the thread waited for another one
 *   ROUND_FAULTED   page faults
 *   ROUND_OWN       none of these: work, or interrupts and the host, which nobody can tell apart here
 *
 * A thread with a timeline writes down there what the kernel has done to rounds and ticks of more than
 * NSC_ROUND_TOLD_NS.
 *
 * Thread: the worker's own. Allocates, blocks: never.
 */
#ifndef NETSCOPE_BASE_ROUNDS_H
#define NETSCOPE_BASE_ROUNDS_H

#include "engine/base/timeline.h"

#define NSC_ROUND_LONG_NS 50000u
#define NSC_ROUND_TOLD_NS 1000000u
#define NSC_ROUNDS_LOOK 64u

struct nsc_rounds {
	struct nsc_timeline_usage usage; /* of the thread, when it was looked at last */
	uint32_t left;                   /* rounds until it is looked at again; 0: before the next one */
};

/* Looks at what the kernel counts of this thread. */
void nsc_rounds_look(struct nsc_rounds *rounds);

/* Counts a round of `ns` > NSC_ROUND_LONG_NS, of which `source_ns` <= ns went by in the source, and looks. */
void nsc_rounds_long(struct nsc_rounds *rounds, uint64_t ns, uint64_t source_ns, struct nsc_counters *counters);

/* What took so many cycles ends now, and is not counted: looks, and tells the timeline, if there is one and it was
 * longer than NSC_ROUND_TOLD_NS. */
void nsc_rounds_tell(struct nsc_rounds *rounds, uint64_t cycles, const struct nsc_counters *counters);

/* Before the work of a round: looks when it is time. */
nsc_always_inline void nsc_rounds_begin(struct nsc_rounds *rounds)
{
	if (nsc_unlikely(!rounds->left))
		nsc_rounds_look(rounds);
	rounds->left--;
}

/* The thread has slept, which is no cause of what follows. */
nsc_always_inline void nsc_rounds_slept(struct nsc_rounds *rounds)
{
	rounds->left = 0;
}

#endif
