/* SPDX-License-Identifier: MIT
 *
 * See stats.h.
 */
#include "perf/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLINGS 400u

static int stats_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which a share `q` of the sorted ones lies, between two of them in proportion. n > 0. */
static double stats_quantile(const double *sorted, uint32_t n, double q)
{
	double at = q * (n - 1);
	uint32_t below = (uint32_t)at;

	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] + (sorted[below + 1] - sorted[below]) * (at - below);
}

void stats_of(struct stats *s, const double *sample, uint32_t n)
{
	double sorted[STATS_SAMPLES_MAX];

	*s = (struct stats){ .n = 0, .min = NAN, .lower_quartile = NAN, .median = NAN };
	for (uint32_t i = 0; i < n; i++)
		if (!isnan(sample[i]))
			sorted[s->n++] = sample[i];
	if (!s->n)
		return;
	qsort(sorted, s->n, sizeof(sorted[0]), stats_by_value);
	s->min = sorted[0];
	s->lower_quartile = stats_quantile(sorted, s->n, 0.25);
	s->median = stats_quantile(sorted, s->n, 0.5);
}

static double stats_median(const double *sample, uint32_t n)
{
	struct stats s;

	stats_of(&s, sample, n);
	return s.median;
}

/* xorshift64 */
static uint32_t stats_draw(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 32) * below >> 32);
}

static void stats_interval(struct stats_ratio *r)
{
	double medians[RESAMPLINGS], drawn[STATS_SAMPLES_MAX];
	uint64_t state = 88172645463325252ull;

	for (uint32_t i = 0; i < RESAMPLINGS; i++) {
		for (uint32_t k = 0; k < r->n; k++)
			drawn[k] = r->sample[stats_draw(&state, r->n)];
		medians[i] = stats_median(drawn, r->n);
	}
	qsort(medians, RESAMPLINGS, sizeof(medians[0]), stats_by_value);
	r->low = stats_quantile(medians, RESAMPLINGS, 0.025);
	r->high = stats_quantile(medians, RESAMPLINGS, 0.975);
}

void stats_ratio_of(struct stats_ratio *r, const double *a, const double *b, uint32_t n)
{
	double of_a[STATS_SAMPLES_MAX], of_b[STATS_SAMPLES_MAX];
	struct stats figures_a, figures_b;

	r->n = 0;
	r->median = r->quartiles = r->low = r->high = NAN;
	for (uint32_t i = 0; i < n; i++) {
		if (!(a[i] > 0) || isnan(b[i]))
			continue;
		of_a[r->n] = a[i];
		of_b[r->n] = b[i];
		r->sample[r->n++] = b[i] / a[i];
	}
	if (!r->n)
		return;
	stats_of(&figures_a, of_a, r->n);
	stats_of(&figures_b, of_b, r->n);
	r->median = stats_median(r->sample, r->n);
	r->quartiles = figures_b.lower_quartile / figures_a.lower_quartile;
	stats_interval(r);
}

enum stats_verdict stats_judge(const struct stats_ratio *r, double looked_for)
{
	double slower = 1 + looked_for / 2, faster = 1 / slower;
	double low = fmin(r->median, r->quartiles), high = fmax(r->median, r->quartiles);

	if (r->n < STATS_PAIRS_MIN)
		return STATS_GO_ON;
	if (low > slower && r->low > 1)
		return STATS_SLOWER;
	if (high < faster && r->high < 1)
		return STATS_FASTER;
	if (low >= faster && high <= slower && r->low > 1 / (1 + looked_for) && r->high < 1 + looked_for)
		return STATS_SAME;
	return r->n < STATS_PAIRS_MAX ? STATS_GO_ON : STATS_UNDECIDED;
}

const char *stats_verdict_name(enum stats_verdict verdict)
{
	static const char *const names[] = {
		[STATS_GO_ON] = "not yet known", [STATS_SAME] = "same",           [STATS_SLOWER] = "slower",
		[STATS_FASTER] = "faster",       [STATS_UNDECIDED] = "undecided",
	};

	return names[verdict];
}
