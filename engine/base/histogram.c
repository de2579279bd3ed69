/* SPDX-License-Identifier: MIT */
#include "netscope/histogram.h"

unsigned nsc_histogram_bucket(uint64_t ns)
{
	unsigned exponent, bucket;

	if (ns < 8)
		return (unsigned)ns;
	exponent = 63u - (unsigned)__builtin_clzll(ns);
	bucket = (exponent - 2) * 8 + (unsigned)(ns >> (exponent - 3) & 7);
	return NSC_MIN(bucket, NSC_HISTOGRAM_BUCKETS - 1);
}

uint64_t nsc_histogram_bucket_end(unsigned bucket)
{
	return bucket < 8 ? bucket : ((uint64_t)(8 + bucket % 8 + 1) << (bucket / 8 - 1)) - 1;
}

const struct nsc_duration_info nsc_duration_table[NSC_DURATION_COUNT] = {
#define NSC_X(name, member_text, counted_text, help_text)                                                              \
	[NSC_DURATION_##name] = { .member = member_text, .counted = counted_text, .help = help_text },
	NSC_DURATIONS(NSC_X)
#undef NSC_X
};

void nsc_histogram_note(struct nsc_histogram *histogram, uint64_t ns)
{
	histogram->count[nsc_histogram_bucket(ns)]++;
	histogram->max_ns = NSC_MAX(histogram->max_ns, ns);
	histogram->sum_ns += ns;
}

uint64_t nsc_histogram_total(const struct nsc_histogram *histogram)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++)
		total += histogram->count[i];
	return total;
}

void nsc_histogram_add(struct nsc_histogram *sum, const struct nsc_histogram *part)
{
	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++)
		sum->count[i] += part->count[i];
	sum->max_ns = NSC_MAX(sum->max_ns, part->max_ns);
	sum->sum_ns += part->sum_ns;
}

/* The last bucket has no end of its own: everything longer is in it. */
static uint64_t histogram_bucket_bound(const struct nsc_histogram *histogram, unsigned bucket)
{
	if (bucket == NSC_HISTOGRAM_BUCKETS - 1)
		return histogram->max_ns;
	return NSC_MIN(nsc_histogram_bucket_end(bucket), histogram->max_ns);
}

uint64_t nsc_histogram_quantile(const struct nsc_histogram *histogram, double q)
{
	double wanted = q * (double)nsc_histogram_total(histogram);
	uint64_t seen = 0;

	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->count[i];
		if (histogram->count[i] && (double)seen >= wanted)
			return histogram_bucket_bound(histogram, i);
	}
	return 0;
}
