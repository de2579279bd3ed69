/* SPDX-License-Identifier: MIT
 *
 * Durations, in buckets of 8 per power of two of nanoseconds: a quantile is known to an eighth.
 *
 * Bucket b < 8: b ns. Else: octave o = b / 8, from 2^(o+2) ns, eighths b % 8. The last one has no end: 16.1 s and more.
 */
#ifndef NETSCOPE_HISTOGRAM_H
#define NETSCOPE_HISTOGRAM_H

#include "netscope/base.h"

#define NSC_HISTOGRAM_BUCKETS 256u

struct nsc_histogram {
	uint64_t count[NSC_HISTOGRAM_BUCKETS];
	uint64_t max_ns;
	uint64_t sum_ns; /* modulo 2^64 */
};

/* X(NAME, "member of JSON", "what is counted", "what it says"): what each worker measures, since its start. */
#define NSC_DURATIONS(X)                                                                                               \
	X(ROUND, "round_ns", "rounds", "time of a worker's round with packets, from poll to sweep")                    \
	X(AGE, "age_ns", "bursts", "live: from the time stamp of a burst's oldest packet until it was counted")        \
	X(QUEUE, "queue_ns", "bursts", "with lanes: from when a burst was sent until its worker took it")

enum nsc_duration {
#define NSC_X(name, member, counted, help) NSC_DURATION_##name,
	NSC_DURATIONS(NSC_X)
#undef NSC_X
		NSC_DURATION_COUNT
};

struct nsc_duration_info {
	const char *member, *counted, *help;
};

extern const struct nsc_duration_info nsc_duration_table[NSC_DURATION_COUNT];

void nsc_histogram_note(struct nsc_histogram *histogram, uint64_t ns);
uint64_t nsc_histogram_total(const struct nsc_histogram *histogram); /* of all buckets */
void nsc_histogram_add(struct nsc_histogram *sum, const struct nsc_histogram *part);
/* Upper bound in ns of the bucket that holds quantile q (0..1); 0 when empty; never above max_ns. */
uint64_t nsc_histogram_quantile(const struct nsc_histogram *histogram, double q);
unsigned nsc_histogram_bucket(uint64_t ns);         /* any ns: 0..NSC_HISTOGRAM_BUCKETS - 1 */
uint64_t nsc_histogram_bucket_end(unsigned bucket); /* the last ns in it; buckets as above */

#endif
