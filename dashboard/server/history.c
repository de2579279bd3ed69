/* SPDX-License-Identifier: MIT
 *
 * Four rings of points. A tick goes into the point in which it starts; a tick that is longer than the step is a point
 * of its own.
 */
#include "dashboard/server/history.h"

const uint32_t nsc_history_step_secs[NSC_HISTORY_STEPS] = { 1, 10, 60, 600 };

void nsc_history_init(struct nsc_history *h)
{
	struct nsc_point *const rings[] = { h->seconds, h->tens, h->minutes, h->ten_minutes };
	static const uint32_t rooms[] = { NSC_HISTORY_SECONDS, NSC_HISTORY_TENS, NSC_HISTORY_MINUTES,
					  NSC_HISTORY_TEN_MINUTES };

	for (unsigned i = 0; i < NSC_HISTORY_STEPS; i++)
		h->series[i] = (struct nsc_series){ .step_ns = nsc_history_step_secs[i] * NSC_NS_PER_SEC,
						    .ring = rings[i],
						    .room = rooms[i] };
}

static void series_push(struct nsc_series *s, const struct nsc_point *point)
{
	s->ring[s->n++ % s->room] = *point;
	if (__builtin_add_overflow(point->start_ns, point->length_ns, &s->end_ns))
		s->end_ns = UINT64_MAX;
}

static void series_close_open(struct nsc_series *s)
{
	if (s->open.length_ns)
		series_push(s, &s->open);
	s->open.length_ns = 0;
}

/* Ticks that the clock passed over: nothing came, and that is known. Ends at to_ns; the ring holds no more than its
 * room, so no more points are made, however far the clock jumped. */
static void series_push_quiet(struct nsc_series *s, uint64_t from_ns, uint64_t to_ns, uint64_t drops, bool down)
{
	struct nsc_point quiet = { .length_ns = s->step_ns, .drops = drops, .down = down };
	uint64_t n = to_ns > from_ns ? (to_ns - from_ns) / s->step_ns : 0, left = NSC_MIN(n, (uint64_t)s->room);

	for (quiet.start_ns = from_ns + (n - left) * s->step_ns; left; left--, quiet.start_ns += s->step_ns)
		series_push(s, &quiet);
}

static uint64_t add_known(uint64_t x, uint64_t y)
{
	return x == NSC_UNKNOWN || y == NSC_UNKNOWN ? NSC_UNKNOWN : x + y;
}

static void series_add(struct nsc_series *s, const struct nsc_view *view, uint64_t drops, bool down)
{
	uint64_t start_ns = view->start_ns - view->start_ns % s->step_ns;
	uint64_t length_ns = NSC_MAX(view->end_ns - view->start_ns, s->step_ns);

	if (s->open.length_ns && s->open.start_ns != start_ns)
		series_close_open(s);
	if (!s->open.length_ns && view->empty_ticks && s->n)
		series_push_quiet(s, s->end_ns, start_ns, drops == NSC_UNKNOWN ? NSC_UNKNOWN : 0, down);
	if (!s->open.length_ns)
		s->open = (struct nsc_point){ .start_ns = start_ns, .length_ns = length_ns };
	s->open.packets += view->tick_packets;
	s->open.bytes += view->tick_bytes;
	s->open.drops = add_known(s->open.drops, drops);
	s->open.down |= down;
	s->open.flows = view->totals.value[NSC_C_FLOW_ACTIVE];
	if (view->final || view->end_ns - start_ns >= s->open.length_ns)
		series_close_open(s);
}

void nsc_history_add(struct nsc_history *h, const struct nsc_view *view, uint64_t drops, bool down)
{
	h->offset_ns = view->offset_ns;
	for (unsigned i = 0; i < NSC_HISTORY_STEPS; i++)
		series_add(&h->series[i], view, drops, down);
}

uint32_t nsc_history_copy(const struct nsc_history *h, unsigned series, uint64_t after_ns, struct nsc_point *out,
			  uint32_t max)
{
	const struct nsc_series *s = &h->series[series];
	uint64_t held = NSC_MIN(s->n, (uint64_t)s->room), first = s->n - NSC_MIN(held, (uint64_t)max);
	uint32_t n = 0;

	for (uint64_t i = first; i < s->n; i++) {
		out[n] = s->ring[i % s->room];
		out[n].start_ns += h->offset_ns;
		n += !after_ns || out[n].start_ns > after_ns;
	}
	return n;
}
