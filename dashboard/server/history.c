/* SPDX-License-Identifier: MIT
 *
 * Four rings of points. A tick goes into the point in which it starts; a tick that is longer than the step is a point
 * of its own. Histograms lie beside the points, so that a point without samples does not touch them.
 */
#include "dashboard/server/history.h"

#include <string.h>

enum { FIRST_BUCKET = 88 }; /* of 256 (netscope/histogram.h): that of 2^13 ns; two of them make one here */

const uint32_t nsc_history_step_secs[NSC_HISTORY_STEPS] = { 1, 10, 60, 600 };

const char *const nsc_history_value_names[NSC_HISTORY_VALUE_COUNT] = {
#define NSC_X(id, name, how, counter) [NSC_HISTORY_##id] = (name),
	NSC_HISTORY_VALUES(NSC_X)
#undef NSC_X
};

enum value_how { HOW_SUM, HOW_MAX, HOW_LAST };

static const struct {
	uint8_t how;
	uint16_t counter; /* NSC_C_COUNT: none */
} history_value[NSC_HISTORY_VALUE_COUNT] = {
#define NSC_X(id, name, how, counter) [NSC_HISTORY_##id] = { HOW_##how, counter },
	NSC_HISTORY_VALUES(NSC_X)
#undef NSC_X
};

static void history_open(struct nsc_history *h, unsigned i, struct nsc_point *ring, struct nsc_point_samples *samples,
			 uint32_t secs, uint32_t room)
{
	h->series[i] =
		(struct nsc_series){ .step_ns = secs * NSC_NS_PER_SEC, .ring = ring, .samples = samples, .room = room };
	h->n_series = i + 1;
}

void nsc_history_init(struct nsc_history *h, struct nsc_history_rings *r)
{
	*h = (struct nsc_history){ 0 };
	history_open(h, 0, r->seconds, r->second_samples, nsc_history_step_secs[0], NSC_HISTORY_SECONDS);
	history_open(h, 1, r->tens, r->ten_samples, nsc_history_step_secs[1], NSC_HISTORY_TENS);
	history_open(h, 2, r->minutes, r->minute_samples, nsc_history_step_secs[2], NSC_HISTORY_MINUTES);
	history_open(h, 3, r->ten_minutes, r->ten_minute_samples, nsc_history_step_secs[3], NSC_HISTORY_TEN_MINUTES);
}

void nsc_history_init_host(struct nsc_history *h, struct nsc_host_rings *r)
{
	*h = (struct nsc_history){ 0 };
	history_open(h, 0, r->tens, r->ten_samples, nsc_history_step_secs[1], NSC_HISTORY_HOST_POINTS);
	history_open(h, 1, r->minutes, r->minute_samples, nsc_history_step_secs[2], NSC_HISTORY_HOST_POINTS);
}

void nsc_history_clear(struct nsc_history *h)
{
	struct nsc_history empty = { .without = h->without };

	for (unsigned i = 0; i < h->n_series; i++)
		history_open(&empty, i, h->series[i].ring, h->series[i].samples,
			     (uint32_t)(h->series[i].step_ns / NSC_NS_PER_SEC), h->series[i].room);
	*h = empty;
}

void nsc_history_leave_out(struct nsc_history *h, enum nsc_history_value value)
{
	h->without |= 1u << value;
}

/* --- points ----------------------------------------------------------------------------------- */

static uint64_t add_known(uint64_t x, uint64_t y)
{
	return x == NSC_UNKNOWN || y == NSC_UNKNOWN ? NSC_UNKNOWN : x + y;
}

static uint64_t max_known(uint64_t x, uint64_t y)
{
	return x == NSC_UNKNOWN || y == NSC_UNKNOWN ? NSC_UNKNOWN : NSC_MAX(x, y);
}

static void samples_add(uint32_t *to, const uint32_t *part)
{
	for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++)
		if (__builtin_add_overflow(to[i], part[i], &to[i]))
			to[i] = UINT32_MAX;
}

void nsc_point_add(struct nsc_point *to, struct nsc_point_samples *to_samples, const struct nsc_point *part,
		   const struct nsc_point_samples *part_samples)
{
	for (unsigned m = 0; m < NSC_HISTORY_MEASURES; m++) {
		if (!nsc_point_has_samples(part, m))
			continue;
		if (nsc_point_has_samples(to, m))
			samples_add(to_samples->count[m], part_samples->count[m]);
		else
			memcpy(to_samples->count[m], part_samples->count[m], sizeof(to_samples->count[m]));
	}
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		to->value[i] = history_value[i].how == HOW_SUM   ? add_known(to->value[i], part->value[i])
			       : history_value[i].how == HOW_MAX ? max_known(to->value[i], part->value[i])
								 : part->value[i];
	to->known_ns += part->known_ns;
	to->down |= part->down;
}

static void samples_copy(struct nsc_point_samples *to, const struct nsc_point *point,
			 const struct nsc_point_samples *from)
{
	for (unsigned m = 0; m < NSC_HISTORY_MEASURES; m++)
		if (nsc_point_has_samples(point, m))
			memcpy(to->count[m], from->count[m], sizeof(to->count[m]));
}

static void series_push(struct nsc_series *s, const struct nsc_point *point, const struct nsc_point_samples *samples)
{
	uint32_t at = (uint32_t)(s->n++ % s->room);

	s->ring[at] = *point;
	samples_copy(&s->samples[at], point, samples);
	if (__builtin_add_overflow(point->start_ns, point->length_ns, &s->end_ns))
		s->end_ns = UINT64_MAX;
	s->fresh = true;
}

void nsc_series_restore(struct nsc_series *s, const struct nsc_point *point, const struct nsc_point_samples *samples)
{
	series_push(s, point, samples);
	s->fresh = false;
}

static void series_close_open(struct nsc_series *s)
{
	if (s->open.length_ns)
		series_push(s, &s->open, &s->open_samples);
	s->open.length_ns = 0;
}

/* Ticks that the clock passed over: nothing came, and that is known. Ends at to_ns; the ring holds no more than its
 * room, so no more points are made, however far the clock jumped. */
static void series_push_quiet(struct nsc_series *s, uint64_t from_ns, uint64_t to_ns, const struct nsc_point *tick)
{
	struct nsc_point quiet = { .length_ns = s->step_ns, .known_ns = s->step_ns, .down = tick->down };
	uint64_t n = to_ns > from_ns ? (to_ns - from_ns) / s->step_ns : 0, left = NSC_MIN(n, (uint64_t)s->room);

	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		quiet.value[i] = tick->value[i] == NSC_UNKNOWN ? NSC_UNKNOWN : 0;
	for (quiet.start_ns = from_ns + (n - left) * s->step_ns; left; left--, quiet.start_ns += s->step_ns)
		series_push(s, &quiet, NULL);
}

/* The point is over. What lies between the last view in it and its end is known when ticks were empty. */
static void series_leave_open(struct nsc_series *s, bool quiet, uint64_t before_ns)
{
	uint64_t known_ns = before_ns > s->open.start_ns ? before_ns - s->open.start_ns : 0;

	if (quiet && s->open.length_ns > known_ns)
		s->open.known_ns += s->open.length_ns - known_ns;
	series_close_open(s);
}

/* `tick` starts at its start_ns and is known as a whole; `quiet`: nothing came between the tick before, which ended at
 * before_ns (0: there was none), and this one; `final`: no other follows. */
static void series_add(struct nsc_series *s, const struct nsc_point *tick, const struct nsc_point_samples *samples,
		       uint64_t before_ns, bool quiet, bool final)
{
	uint64_t start_ns = tick->start_ns - tick->start_ns % s->step_ns;
	uint64_t length_ns = NSC_MAX(tick->known_ns, s->step_ns);
	struct nsc_point part = *tick;

	if (s->open.length_ns && s->open.start_ns != start_ns)
		series_leave_open(s, quiet, before_ns);
	if (!s->open.length_ns && quiet && s->fresh)
		series_push_quiet(s, s->end_ns, start_ns, tick);
	if (!s->open.length_ns)
		s->open = (struct nsc_point){ .start_ns = start_ns, .length_ns = length_ns };
	if (quiet && before_ns)
		part.known_ns += tick->start_ns - NSC_MAX(before_ns, start_ns);
	nsc_point_add(&s->open, &s->open_samples, &part, samples);
	if (final || tick->start_ns + tick->known_ns - start_ns >= s->open.length_ns)
		series_close_open(s);
}

/* --- views ------------------------------------------------------------------------------------ */

static void history_grow(struct nsc_history *h, struct nsc_point *tick, unsigned value, uint64_t total)
{
	tick->value[value] = total - h->before[value];
	h->before[value] = total;
}

/* The growth of a histogram of 256 buckets, in 80. */
static void history_sample(struct nsc_history *h, enum nsc_history_measure m, const struct nsc_histogram *total,
			   struct nsc_point *tick, uint32_t count[NSC_HISTORY_BUCKETS])
{
	uint64_t sum[NSC_HISTORY_BUCKETS] = { 0 }, all = 0;

	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++) {
		unsigned to = i < FIRST_BUCKET ? 0 : (i - FIRST_BUCKET) / 2;

		sum[NSC_MIN(to, NSC_HISTORY_BUCKETS - 1u)] += total->count[i];
	}
	for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++) {
		uint64_t more = sum[i] - h->before_samples[m][i];

		h->before_samples[m][i] = sum[i];
		count[i] = (uint32_t)NSC_MIN(more, (uint64_t)UINT32_MAX);
		all += more;
	}
	tick->value[nsc_history_samples_of(m)] = all;
}

static void history_take_dns(struct nsc_history *h, const struct nsc_view *view, struct nsc_point *tick,
			     struct nsc_point_samples *samples)
{
	const uint64_t *answers = view->dns.total.answers;

	if (!view->dns.on) {
		for (unsigned i = NSC_HISTORY_DNS_QUERIES; i <= NSC_HISTORY_DNS_SAMPLES; i++)
			tick->value[i] = NSC_UNKNOWN;
		return;
	}
	history_grow(h, tick, NSC_HISTORY_DNS_NXDOMAIN, answers[3]);
	history_grow(h, tick, NSC_HISTORY_DNS_FAILURES, nsc_dns_answered(&view->dns.total) - answers[0] - answers[3]);
	history_sample(h, NSC_HISTORY_DNS, &view->dns.latency, tick, samples->count[NSC_HISTORY_DNS]);
	if (!view->dns.heard)
		tick->value[NSC_HISTORY_DNS_UNANSWERED] = NSC_UNKNOWN;
}

/* A tick as a point. */
static void history_take_tick(struct nsc_history *h, const struct nsc_view *view, uint64_t drops,
			      struct nsc_point *tick, struct nsc_point_samples *samples)
{
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++) {
		if (history_value[i].counter == NSC_C_COUNT)
			continue;
		if (history_value[i].how == HOW_LAST)
			tick->value[i] = view->totals.value[history_value[i].counter];
		else
			history_grow(h, tick, i, view->totals.value[history_value[i].counter]);
	}
	tick->value[NSC_HISTORY_PACKETS] = view->tick_packets;
	tick->value[NSC_HISTORY_BYTES] = view->tick_bytes;
	tick->value[NSC_HISTORY_DROPS] = drops;
	tick->value[NSC_HISTORY_BURST_PACKETS] = view->microbursts ? view->microburst.packets : NSC_UNKNOWN;
	tick->value[NSC_HISTORY_BURST_BYTES] = view->microbursts ? view->microburst.bytes : NSC_UNKNOWN;
	if (view->rtts)
		history_sample(h, NSC_HISTORY_RTT, &view->rtt, tick, samples->count[NSC_HISTORY_RTT]);
	else
		tick->value[NSC_HISTORY_RTT_SAMPLES] = NSC_UNKNOWN;
	history_take_dns(h, view, tick, samples);
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		if (h->without >> i & 1)
			tick->value[i] = NSC_UNKNOWN;
}

void nsc_history_add(struct nsc_history *h, const struct nsc_view *view, uint64_t drops, bool down)
{
	struct nsc_point tick = { .start_ns = view->start_ns, .known_ns = view->end_ns - view->start_ns, .down = down };
	struct nsc_point_samples samples;

	if (!h->end_ns) {
		h->begin_ns = view->start_ns;
		h->begin_end_ns = view->end_ns;
	}
	h->offset_ns = view->offset_ns;
	history_take_tick(h, view, drops, &tick, &samples);
	for (unsigned i = 0; i < h->n_series; i++)
		series_add(&h->series[i], &tick, &samples, h->end_ns, view->empty_ticks, view->final);
	h->end_ns = view->end_ns;
}

/* --- one host --------------------------------------------------------------------------------- */

static const uint8_t host_value[NSC_HOST_VALUES] = {
	[NSC_HOST_RETRANSMISSIONS] = NSC_HISTORY_RETRANSMISSIONS,
	[NSC_HOST_OUT_OF_ORDER] = NSC_HISTORY_OUT_OF_ORDER,
	[NSC_HOST_GAPS] = NSC_HISTORY_GAPS,
	[NSC_HOST_GAPS_FILLED] = NSC_HISTORY_GAPS_FILLED,
	[NSC_HOST_ZERO_WINDOWS] = NSC_HISTORY_ZERO_WINDOWS,
	[NSC_HOST_OPENED] = NSC_HISTORY_OPENED,
	[NSC_HOST_ESTABLISHED] = NSC_HISTORY_ESTABLISHED,
	[NSC_HOST_REFUSED] = NSC_HISTORY_REFUSED,
	[NSC_HOST_RESETS] = NSC_HISTORY_RESETS,
	[NSC_HOST_UNANSWERED] = NSC_HISTORY_UNANSWERED,
	[NSC_HOST_PACKETS] = NSC_HISTORY_PACKETS,
	[NSC_HOST_BYTES] = NSC_HISTORY_BYTES,
};

/* True when anything has grown. */
static bool history_take_host(struct nsc_history *h, const struct nsc_host *totals, struct nsc_point *tick,
			      struct nsc_point_samples *samples)
{
	bool grown = false;

	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		tick->value[i] = NSC_UNKNOWN;
	for (unsigned i = 0; i < NSC_HOST_VALUES; i++) {
		history_grow(h, tick, host_value[i], totals->value[i]);
		grown |= tick->value[host_value[i]] != 0;
	}
	history_sample(h, NSC_HISTORY_RTT, &totals->rtt, tick, samples->count[NSC_HISTORY_RTT]);
	for (unsigned i = 0; i < NSC_HISTORY_VALUE_COUNT; i++)
		if (h->without >> i & 1)
			tick->value[i] = NSC_UNKNOWN;
	return grown;
}

void nsc_history_add_host(struct nsc_history *h, const struct nsc_host *totals, uint64_t end_ns, uint64_t offset_ns)
{
	struct nsc_point tick = { .start_ns = h->end_ns };
	struct nsc_point_samples samples;
	bool grown;

	h->offset_ns = offset_ns;
	if (!h->end_ns) {
		h->begin_ns = h->begin_end_ns = h->end_ns = end_ns;
		return;
	}
	grown = history_take_host(h, totals, &tick, &samples);
	if (end_ns <= h->end_ns && (!grown || h->end_ns == UINT64_MAX))
		return;
	end_ns = NSC_MAX(end_ns, h->end_ns + 1);
	tick.known_ns = end_ns - h->end_ns;
	for (unsigned i = 0; i < h->n_series; i++)
		series_add(&h->series[i], &tick, &samples, h->end_ns, false, false);
	h->end_ns = end_ns;
}

uint32_t nsc_history_copy(const struct nsc_history *h, unsigned series, uint64_t after_ns, struct nsc_point *out,
			  uint32_t max)
{
	const struct nsc_series *s = &h->series[series];
	uint64_t held = NSC_MIN(s->n, (uint64_t)s->room), first = s->n - NSC_MIN(held, (uint64_t)max);
	uint32_t n = 0;

	for (uint64_t i = first; i < s->n; i++) {
		const struct nsc_point *point = &s->ring[i % s->room];

		if (nsc_history_hides(h, point))
			continue;
		out[n] = *point;
		out[n].start_ns = nsc_history_start(h, point);
		n += !after_ns || out[n].start_ns > after_ns;
	}
	return n;
}
