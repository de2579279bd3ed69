/* SPDX-License-Identifier: MIT
 *
 * Bytes of the last minute, exactly, without touching more than a flow's first packet of a tick does. The clock is cut
 * into spans of 30 s, at ticks. A flow notes its bytes when a span begins for it, with its first packet there, and
 * keeps what it noted for the span before. So its bytes since the span before the open one are known at any time: 30 to
 * 60 s.
 *
 *                     recent_start_ns      span_start_ns        now
 *      ... |--- span ---|--- the one before ---|--- open ---|
 *
 * A tick that is longer than a span is a span of its own.
 */
#include "engine/flow/internal.h"

static_assert(sizeof(struct flow_recent) == 32, "memory per flow");

void flow_recent_begin(struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns)
{
	t->recent[id] = (struct flow_recent){ .base = { 0 } };
	if (nsc_likely(t->recent_began))
		return;
	t->recent_began = true;
	t->span_start_ns = t->recent_start_ns = clock_ns;
}

void flow_recent_enter(struct nsc_flow_table *t, uint32_t id)
{
	const struct flow_hot *hot = &t->hot[id];
	struct flow_recent *recent = &t->recent[id];

	if (hot->last_clock_ns >= t->span_start_ns)
		return;
	for (unsigned dir = 0; dir < 2; dir++) {
		/* in the span before: silence since then has not changed what it began with */
		recent->before[dir] = hot->last_clock_ns >= t->recent_start_ns ? recent->base[dir] : hot->bytes[dir];
		recent->base[dir] = hot->bytes[dir];
	}
}

/* After silence for longer than a span nothing of the old one is recent. */
void flow_recent_tick(struct nsc_flow_table *t, uint64_t start_ns)
{
	if (!t->recent_began || start_ns / FLOW_SPAN_NS == t->span_start_ns / FLOW_SPAN_NS)
		return;
	t->recent_start_ns = start_ns - t->span_start_ns < 2 * FLOW_SPAN_NS ? t->span_start_ns : start_ns;
	t->span_start_ns = start_ns;
}

bool flow_recent_bytes(const struct nsc_flow_table *t, const struct flow_recent *recent, uint64_t last_clock_ns,
		       const uint64_t bytes[2], uint64_t out[2])
{
	const uint64_t *from = last_clock_ns >= t->span_start_ns ? recent->before : recent->base;

	for (unsigned dir = 0; dir < 2; dir++)
		out[dir] = bytes[dir] - from[dir];
	return last_clock_ns >= t->recent_start_ns;
}
