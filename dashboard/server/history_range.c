/* SPDX-License-Identifier: MIT
 *
 * Any span of the history, in any number of points: points of one tier, so many of them added up to one.
 */
#include "dashboard/server/history.h"

#include "netscope/histogram.h"

enum { FIRST_BUCKET = 88, BUCKETS_IN_ONE = 2 }; /* of netscope/histogram.h: see history.c */

uint64_t nsc_history_bucket_end(unsigned bucket)
{
	return nsc_histogram_bucket_end(FIRST_BUCKET + BUCKETS_IN_ONE * bucket + BUCKETS_IN_ONE - 1);
}

uint64_t nsc_history_quantile(const uint32_t count[NSC_HISTORY_BUCKETS], double q)
{
	uint64_t all = 0, seen = 0;

	for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++)
		all += count[i];
	for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++) {
		seen += count[i];
		if (count[i] && (double)seen >= q * (double)all)
			return nsc_history_bucket_end(i);
	}
	return 0;
}

/* --- which tier ------------------------------------------------------------------------------- */

static uint64_t tier_first(const struct nsc_series *s)
{
	return s->n - NSC_MIN(s->n, (uint64_t)s->room);
}

/* Point `at`, the one being filled behind all others; NULL: there is none. */
static const struct nsc_point *tier_point(const struct nsc_series *s, uint64_t at)
{
	if (at < s->n)
		return &s->ring[at % s->room];
	return s->open.length_ns ? &s->open : NULL;
}

static const struct nsc_point_samples *tier_samples(const struct nsc_series *s, uint64_t at)
{
	return at < s->n ? &s->samples[at % s->room] : &s->open_samples;
}

/* Where the oldest point that is shown starts; UINT64_MAX: there is none. */
static uint64_t tier_begin(const struct nsc_history *h, const struct nsc_series *s)
{
	for (uint64_t at = tier_first(s); at <= s->n; at++) {
		const struct nsc_point *point = tier_point(s, at);

		if (point && !nsc_history_hides(h, point))
			return nsc_history_start(h, point);
	}
	return UINT64_MAX;
}

static uint64_t point_end(const struct nsc_history *h, const struct nsc_point *point)
{
	uint64_t end_ns;

	return __builtin_add_overflow(nsc_history_start(h, point), point->length_ns, &end_ns) ? UINT64_MAX : end_ns;
}

/* Where the newest point ends, the one being filled included; 0: there is none. */
static uint64_t tier_end(const struct nsc_history *h, const struct nsc_series *s)
{
	const struct nsc_point *newest = tier_point(s, s->n);

	if (!newest && s->n)
		newest = tier_point(s, s->n - 1);
	return newest ? point_end(h, newest) : 0;
}

static bool tier_reaches(const struct nsc_history *h, unsigned series, uint64_t from_ns)
{
	const struct nsc_series *s = &h->series[series];
	bool gone = s->cut || s->n > s->room; /* else it has all that there is */

	return !gone || series == h->n_series - 1 || tier_begin(h, s) <= from_ns;
}

void nsc_history_plan(const struct nsc_history *h, struct nsc_history_range *range, uint32_t most)
{
	const struct nsc_series *s = h->series;
	uint64_t begin_ns, end_ns, steps = 1;

	while (!tier_reaches(h, (unsigned)(s - h->series), range->from_ns))
		s++;
	begin_ns = NSC_MAX(range->from_ns, tier_begin(h, s));
	end_ns = NSC_MIN(range->to_ns, tier_end(h, s));
	if (end_ns > begin_ns) /* a span of so many steps touches one more between two multiples of the step */
		steps = (end_ns - begin_ns - 1) / (s->step_ns * (most - 1)) + 1;
	range->series = (unsigned)(s - h->series);
	range->step_ns = NSC_MIN(steps, UINT64_MAX / s->step_ns) * s->step_ns;
	range->at = 0;
	range->over = false;
}

/* --- points ----------------------------------------------------------------------------------- */

static bool range_has(const struct nsc_history *h, const struct nsc_history_range *range, const struct nsc_point *point)
{
	uint64_t start_ns = nsc_history_start(h, point);

	return start_ns >= range->from_ns && start_ns < range->to_ns && !nsc_history_hides(h, point);
}

static void range_begin(const struct nsc_history *h, const struct nsc_history_range *range,
			const struct nsc_point *point, struct nsc_point *out)
{
	*out = (struct nsc_point){ .start_ns = nsc_history_start(h, point),
				   .length_ns = NSC_MAX(point->length_ns, range->step_ns) };
	if (range->step_ns != h->series[range->series].step_ns)
		out->start_ns -= out->start_ns % range->step_ns;
}

uint32_t nsc_history_part(const struct nsc_history *h, struct nsc_history_range *range, struct nsc_point *out,
			  struct nsc_point_samples *samples, uint32_t max)
{
	const struct nsc_series *s = &h->series[range->series];
	const struct nsc_point *point;
	uint64_t last = 0;
	uint32_t n = 0;

	range->at = NSC_MAX(range->at, tier_first(s));
	for (; (point = tier_point(s, range->at)); range->at++) {
		uint64_t number = nsc_history_start(h, point) / range->step_ns;

		if (range_has(h, range, point)) {
			if (!n || number != last) {
				if (n == max)
					return n;
				range_begin(h, range, point, &out[n++]);
			}
			nsc_point_add(&out[n - 1], &samples[n - 1], point, tier_samples(s, range->at));
			out[n - 1].known_ns = NSC_MIN(out[n - 1].known_ns, out[n - 1].length_ns); /* a restart in it */
			last = number;
		}
		if (range->at == s->n)
			break;
	}
	range->over = true;
	return n;
}

uint64_t nsc_history_complete(const struct nsc_history *h, const struct nsc_history_range *range)
{
	const struct nsc_series *s = &h->series[range->series];

	return s->open.length_ns ? nsc_history_start(h, &s->open) : tier_end(h, s);
}
