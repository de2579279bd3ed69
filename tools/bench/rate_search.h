/* SPDX-License-Identifier: MIT
 *
 * The search for the highest rate at which nothing is lost, in the way of RFC 2544: first as fast as the sender goes,
 * then halves between the highest rate without a loss and the lowest with one. A loss is repeated before it counts,
 * because other work on the machine makes losses too, and the rate that is found is repeated before it is believed.
 *
 * Knows no clock and no link: it says which rate to try, and is told what came of it.
 *
 * Thread: any, one owner. Allocates: never.
 */
#ifndef TOOLS_BENCH_RATE_SEARCH_H
#define TOOLS_BENCH_RATE_SEARCH_H

#include "netscope/base.h"

enum { NSC_RATE_REPEATS_MAX = 20, NSC_RATE_TRIALS_MAX = 200 };

enum nsc_rate_end {
	NSC_RATE_GO_ON,
	NSC_RATE_FOUND,     /* a higher rate loses */
	NSC_RATE_OF_SENDER, /* nothing was lost at the most that the sender can do */
	NSC_RATE_NONE,      /* even the lowest rate loses */
	NSC_RATE_UNDECIDED, /* out of trials */
};

struct nsc_rate_rules {
	double resolution;   /* 0.001..0.5: the search ends when the two rates are as near as this */
	double lowest;       /* > 0: no lower rate is tried, frames per second */
	unsigned repeats;    /* 1..NSC_RATE_REPEATS_MAX: trials without a loss until a rate is believed */
	unsigned forgiven;   /* trials with a loss at one rate that do not count yet */
	unsigned trials_max; /* 1..NSC_RATE_TRIALS_MAX */
};

struct nsc_rate_trial {
	double reached; /* frames per second that the sender did reach, > 0 */
	bool lossy;
};

struct nsc_rate_search {
	struct nsc_rate_rules rules;
	enum nsc_rate_end end;
	double asked;     /* the rate to try; INFINITY: as fast as it goes */
	double low, high; /* highest without a loss, 0: none; lowest with, INFINITY: none */
	double sender;    /* the most that any trial reached */
	double step;      /* by how much to go down when a rate that was found is not confirmed */
	bool confirming, settling;
	unsigned trials, lossy_trials;
	unsigned disturbed_trials; /* that say nothing: the sender did not reach what it has reached before */
	unsigned clean, lossy;     /* of the rate under way */
	double lossy_rate;         /* the least that its lossy trials reached */
	double clean_rate[NSC_RATE_REPEATS_MAX];
};

void nsc_rate_search_begin(struct nsc_rate_search *search, const struct nsc_rate_rules *rules);

/* What came of a trial at `asked`. While `end` is NSC_RATE_GO_ON, `asked` is the next one. */
void nsc_rate_search_take(struct nsc_rate_search *search, const struct nsc_rate_trial *trial);

/* FOUND, OF_SENDER: the median of what the trials reached that confirmed it, and the least and the most. UNDECIDED: the
 * highest rate that was without a loss at least once. 0: none. */
struct nsc_rate_found {
	double median, least, most;
	unsigned clean, lossy; /* trials at this rate */
};
void nsc_rate_search_found(const struct nsc_rate_search *search, struct nsc_rate_found *found);

#endif
