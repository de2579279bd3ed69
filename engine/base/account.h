/* SPDX-License-Identifier: MIT
 *
 * The cycle account of a thread: what each stage worked, and what the thread waited in between for another one. The
 * cycle counter is read at the borders of stages, once per burst; a wait reads it twice, and nothing pays for the waits
 * that there are not. Work and waits together are exactly the time from the first border to the last one.
 *
 * Thread: the owner of the counters. Allocates, blocks: never.
 */
#ifndef NETSCOPE_BASE_ACCOUNT_H
#define NETSCOPE_BASE_ACCOUNT_H

#include "engine/base/cycles.h"
#include "netscope/counters.h"

/* What follows belongs to the stage of the next border. */
nsc_always_inline void nsc_account_begin(struct nsc_counters *counters)
{
	counters->stamp = nsc_cycles();
}

/* A border: all since the one before was `stage` (of the class CYCLES, or of WAITED where all of it was a wait), but
 * for what was waited. */
nsc_always_inline void nsc_account(struct nsc_counters *counters, unsigned stage)
{
	uint64_t now = nsc_cycles();

	nsc_count(counters, stage, now - counters->stamp);
	counters->stamp = now;
}

/* Within a stage the thread has waited from `began` (cycles, not before the last border) until now: `waited` has that,
 * and the stage goes without it. */
nsc_always_inline void nsc_account_waited(struct nsc_counters *counters, unsigned waited, uint64_t began)
{
	uint64_t cycles = nsc_cycles() - began;

	nsc_count(counters, waited, cycles);
	counters->stamp += cycles;
}

#endif
