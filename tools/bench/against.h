/* SPDX-License-Identifier: MIT
 *
 * This program and another build of it, in turn on the same packets, until the rule of perf/stats.h decides or the time
 * is over.
 *
 * Thread: control. Allocates: room for all pairs. Blocks: for the processes that it starts.
 */
#ifndef TOOLS_BENCH_AGAINST_H
#define TOOLS_BENCH_AGAINST_H

#include "tools/bench/measure.h"

struct nsc_bench_duel {
	struct nsc_bench_input input;
	bool rows;                           /* all flows are written as CSV, to /dev/null */
	uint32_t pairs, look;                /* so many were run; after so many it is asked whether they are enough */
	double sample[2][STATS_SAMPLES_MAX]; /* CPU ns of whole processes: the other program's, this one's */
	double max_rss;
	struct stats_ratio ratio; /* this one over the other */
	enum stats_verdict verdict;
};

/* Over n duels whose inputs are open, for `seconds` in all. `other`: path of the other program. 0, or -errno and one
 * sentence when one of the two cannot be run. */
int nsc_bench_against(struct nsc_bench_duel *duel, unsigned n, const char *other, double seconds,
		      struct nsc_error *error);

/* Of all of them: slower when one is, else undecided when one is or there is none, else faster when one is, else the
 * same. */
enum stats_verdict nsc_bench_verdict_of(const enum stats_verdict *verdict, unsigned n);

#endif
