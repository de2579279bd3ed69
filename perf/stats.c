/* SPDX-License-Identifier: MIT
 *
 * See stats.h.
 */
#include "perf/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLINGS 1000u

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

static double stats_lower_quartile(const double *sample, uint32_t n)
{
	struct stats s;

	stats_of(&s, sample, n);
	return s.lower_quartile;
}

static double stats_faster_half(const double *sample, uint32_t n)
{
	double sorted[STATS_SAMPLES_MAX], sum = 0;
	uint32_t half = (n + 1) / 2;

	memcpy(sorted, sample, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), stats_by_value);
	for (uint32_t i = 0; i < half; i++)
		sum += sorted[i];
	return sum / half;
}

/* Of RESAMPLINGS figures each. */
static void stats_ends(struct stats_ratio *r, double *medians, double *halves)
{
	qsort(medians, RESAMPLINGS, sizeof(medians[0]), stats_by_value);
	qsort(halves, RESAMPLINGS, sizeof(halves[0]), stats_by_value);
	r->low = stats_quantile(medians, RESAMPLINGS, 0.025);
	r->high = stats_quantile(medians, RESAMPLINGS, 0.975);
	r->halves_low = stats_quantile(halves, RESAMPLINGS, 0.025);
	r->halves_high = stats_quantile(halves, RESAMPLINGS, 0.975);
	r->halves_least = stats_quantile(halves, RESAMPLINGS, 0.005);
	r->halves_most = stats_quantile(halves, RESAMPLINGS, 0.995);
}

/* Rounds are drawn whole: a's and b's sample of the same one. */
static void stats_intervals(struct stats_ratio *r, const double *a, const double *b)
{
	double medians[RESAMPLINGS], halves[RESAMPLINGS];
	double drawn[STATS_SAMPLES_MAX], of_a[STATS_SAMPLES_MAX], of_b[STATS_SAMPLES_MAX];
	uint64_t state = 88172645463325252ull;

	for (uint32_t i = 0; i < RESAMPLINGS; i++) {
		for (uint32_t k = 0; k < r->n; k++) {
			uint32_t round = stats_draw(&state, r->n);

			drawn[k] = r->sample[round];
			of_a[k] = a[round];
			of_b[k] = b[round];
		}
		medians[i] = stats_median(drawn, r->n);
		halves[i] = stats_faster_half(of_b, r->n) / stats_faster_half(of_a, r->n);
	}
	stats_ends(r, medians, halves);
}

static void stats_ratio_clear(struct stats_ratio *r)
{
	r->n = 0;
	r->median = r->quartiles = r->low = r->high = NAN;
	r->halves = r->halves_low = r->halves_high = r->halves_least = r->halves_most = NAN;
}

void stats_ratio_of(struct stats_ratio *r, const double *a, const double *b, uint32_t n)
{
	double of_a[STATS_SAMPLES_MAX], of_b[STATS_SAMPLES_MAX];

	stats_ratio_clear(r);
	for (uint32_t i = 0; i < n; i++) {
		if (!(a[i] > 0) || isnan(b[i]))
			continue;
		of_a[r->n] = a[i];
		of_b[r->n] = b[i];
		r->sample[r->n++] = b[i] / a[i];
	}
	if (!r->n)
		return;
	r->median = stats_median(r->sample, r->n);
	r->quartiles = stats_lower_quartile(of_b, r->n) / stats_lower_quartile(of_a, r->n);
	r->halves = stats_faster_half(of_b, r->n) / stats_faster_half(of_a, r->n);
	stats_intervals(r, of_a, of_b);
}

static void stats_redraw(double *drawn, const double *sample, uint32_t n, uint64_t *state)
{
	for (uint32_t i = 0; i < n; i++)
		drawn[i] = sample[stats_draw(state, n)];
}

void stats_change_of(struct stats_ratio *r, const double *a, uint32_t na, const double *b, uint32_t nb)
{
	double medians[RESAMPLINGS], halves[RESAMPLINGS], of_a[STATS_SAMPLES_MAX], of_b[STATS_SAMPLES_MAX];
	uint64_t state = 88172645463325252ull;

	stats_ratio_clear(r);
	r->n = NSC_MIN(na, nb);
	if (!r->n)
		return;
	r->median = stats_median(b, nb) / stats_median(a, na);
	r->quartiles = stats_lower_quartile(b, nb) / stats_lower_quartile(a, na);
	r->halves = stats_faster_half(b, nb) / stats_faster_half(a, na);
	for (uint32_t i = 0; i < RESAMPLINGS; i++) {
		stats_redraw(of_a, a, na, &state);
		stats_redraw(of_b, b, nb, &state);
		medians[i] = stats_median(of_b, nb) / stats_median(of_a, na);
		halves[i] = stats_faster_half(of_b, nb) / stats_faster_half(of_a, na);
	}
	stats_ends(r, medians, halves);
}

enum stats_verdict stats_judge(const struct stats_ratio *r, double looked_for, uint32_t least)
{
	double whole = 1 + looked_for, most = 1 + looked_for * 2 / 3, half = 1 + looked_for / 2,
	       third = 1 + looked_for / 3;

	if (r->n < least)
		return STATS_GO_ON;
	if (r->halves > most && r->halves_least > 1 && r->median > third)
		return STATS_SLOWER;
	if (r->halves < 1 / most && r->halves_most < 1 && r->median < 1 / third)
		return STATS_FASTER;
	if (r->halves <= half && r->halves >= 1 / half && r->halves_low > 1 / whole && r->halves_high < whole &&
	    r->median > 1 / whole && r->median < whole)
		return STATS_SAME;
	return STATS_GO_ON;
}

uint32_t stats_next_look(uint32_t pairs)
{
	uint32_t look = STATS_PAIRS_MIN;

	while (look <= pairs)
		look += look / 2;
	return look;
}

const char *stats_verdict_name(enum stats_verdict verdict)
{
	static const char *const names[] = {
		[STATS_GO_ON] = "not yet known", [STATS_SAME] = "same",           [STATS_SLOWER] = "slower",
		[STATS_FASTER] = "faster",       [STATS_UNDECIDED] = "undecided",
	};

	return names[verdict];
}
