/* SPDX-License-Identifier: MIT
 *
 * The cycle account of a thread: what each stage worked, and what the thread waited in between for another one. The
 * cycle counter is read at the borders of stages, once per burst; a wait reads it twice, and nothing pays for the waits
 * that there are not. Work and waits together are exactly the time from the first border to the last one. A thread that
 * has a timeline writes each border down there, too.
 *
 * Thread: the owner of the counters. Allocates, blocks: never.
 */
#ifndef NETSCOPE_BASE_ACCOUNT_H
#define NETSCOPE_BASE_ACCOUNT_H

#include "engine/base/timeline.h"

/* What follows belongs to the stage of the next border. */
nsc_always_inline void nsc_account_begin(struct nsc_counters *counters)
{
	counters->stamp = nsc_cycles();
	if (counters->timeline)
		counters->timeline->gap = counters->stamp;
}

/* A border: all since the one before was `stage` (of the class CYCLES, or of WAITED where all of it was a wait), but
 * for what was waited. `n` packets were worked on, 0 to 65535: for the timeline. */
nsc_always_inline void nsc_account_burst(struct nsc_counters *counters, unsigned stage, uint32_t n)
{
	uint64_t now = nsc_cycles();

	nsc_count(counters, stage, now - counters->stamp);
	counters->stamp = now;
	if (counters->timeline)
		nsc_timeline_border(counters->timeline, now, stage, n);
}

nsc_always_inline void nsc_account(struct nsc_counters *counters, unsigned stage)
{
	nsc_account_burst(counters, stage, 0);
}

/* The same where there was nothing to do: in the timeline short rests become one. */
nsc_always_inline void nsc_account_rest(struct nsc_counters *counters, unsigned stage)
{
	uint64_t now = nsc_cycles();

	nsc_count(counters, stage, now - counters->stamp);
	if (counters->timeline)
		nsc_timeline_rest(counters->timeline, counters->stamp, now, stage);
	counters->stamp = now;
}

/* Within a stage the thread has waited from `began` (cycles, not before the last border) until now: `waited` has that,
 * and the stage goes without it. */
nsc_always_inline void nsc_account_waited(struct nsc_counters *counters, unsigned waited, uint64_t began)
{
	uint64_t now = nsc_cycles();

	nsc_count(counters, waited, now - began);
	counters->stamp += now - began;
	if (counters->timeline) {
		nsc_timeline_border(counters->timeline, began, NSC_TIMELINE_PART, 0);
		nsc_timeline_border(counters->timeline, now, waited, 0);
	}
}

#endif
