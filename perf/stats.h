/* SPDX-License-Identifier: MIT
 *
 * The statistics of the benchmarks: pure functions of samples. A sample that is NAN is a round that failed, and is left
 * out. Means of all samples are never taken: one disturbed round of a hundred moves them by more than what is looked
 * for.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef NETSCOPE_PERF_STATS_H
#define NETSCOPE_PERF_STATS_H

#include "netscope/base.h"

#define STATS_SAMPLES_MAX 512u

/* n <= STATS_SAMPLES_MAX everywhere. */

struct stats {      /* of one way */
	uint32_t n; /* samples that were not NAN; when 0, what follows is NAN */
	double min, lower_quartile, median;
};

void stats_of(struct stats *s, const double *sample, uint32_t n);

/* b over a, in rounds that ran both, one just after the other. */
struct stats_ratio {
	uint32_t n;       /* rounds in which both are there, and a > 0; when 0, what follows is NAN */
	double median;    /* of the ratios of single rounds */
	double quartiles; /* lower quartile of b over that of a */
	double low, high; /* 95 % interval of `median`, by 1000 resamplings; the same for the same samples */
	double halves;    /* mean of the faster half of b over that of a */
	double halves_low, halves_high;   /* 95 % interval of `halves` */
	double halves_least, halves_most; /* 99 % */
	double sample[STATS_SAMPLES_MAX];
};

void stats_ratio_of(struct stats_ratio *r, const double *a, const double *b, uint32_t n);

/* b over a where the two were not sampled together: na and nb samples of different times. `median` is that of b over
 * that of a, `quartiles` and `halves` as above; n is the smaller number of samples, and `sample` is not set. */
void stats_change_of(struct stats_ratio *r, const double *a, uint32_t na, const double *b, uint32_t nb);

enum stats_verdict {
	STATS_GO_ON,     /* fewer pairs than are asked for, or the figures disagree */
	STATS_SAME,      /* b takes as long as a */
	STATS_SLOWER,    /* b takes longer */
	STATS_FASTER,    /* b takes less */
	STATS_UNDECIDED, /* who asked has no time left; no rule says it */
};

#define STATS_PAIRS_MIN 40u

/* The rule by which two programs are compared, in pairs of runs of 0.1 to 0.3 s in random order. `looked_for` is the
 * difference, > 0: 0.03 is 3 %. The means of the faster halves decide: work that goes on beside makes runs longer,
 * never shorter, so that the faster half is what was hardly disturbed, and a mean of it moves less than any single
 * quantile. Slower and faster are said when the figure lies beyond two thirds of what is looked for, its 99 % interval
 * leaves out 1, and the median of ratios lies beyond a third; the same, when the figure lies within half of it, the 95
 * % interval within the whole, and the median of ratios, too. Fewer than `least` pairs decide nothing. To be asked
 * after so many pairs as stats_next_look says, for each look may be wrong. Decision 30 has what that finds and misses.
 */
enum stats_verdict stats_judge(const struct stats_ratio *r, double looked_for, uint32_t least);

/* After how many pairs, more than `pairs`, to ask: STATS_PAIRS_MIN, and then half as many again each time. */
uint32_t stats_next_look(uint32_t pairs);

const char *stats_verdict_name(enum stats_verdict verdict); /* "same" */

#endif
