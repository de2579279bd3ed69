/* SPDX-License-Identifier: MIT
 *
 * "Active flows": those whose last packet lies within the timeout. Counted by the time bucket of the last packet, not
 * by what the sweep has found yet, so that the number of a tick is the same at every run and for any worker count.
 * A bucket is one tick, or several where the timeout has more than 1024 of them.
 */
#include "engine/flow/internal.h"

void flow_active_init(struct flow_active *active, uint64_t timeout_ns, uint64_t tick_ns)
{
	uint64_t ticks = tick_ns ? timeout_ns / tick_ns / ACTIVE_WINDOW_MAX + 1 : 1;

	memset(active, 0, sizeof(*active));
	active->width_ns = tick_ns ? tick_ns * ticks : UINT64_MAX;
	active->window = timeout_ns ? (uint32_t)(timeout_ns / active->width_ns) + 1 : 0;
}

static uint32_t *active_slot(struct flow_active *active, uint64_t bucket)
{
	return &active->count[bucket % (active->window ? active->window : 1)];
}

/* Moves on to the bucket of clock_ns; what leaves the window is active no more. */
void flow_active_advance(struct flow_active *active, uint64_t clock_ns)
{
	uint64_t now = clock_ns / active->width_ns;
	uint64_t steps = now - active->now;

	if (nsc_likely(now <= active->now))
		return;
	active->now = now;
	if (!active->window)
		return;
	steps = NSC_MIN(steps, active->window);
	for (uint64_t i = 0; i < steps; i++) {
		uint32_t *oldest = active_slot(active, now - i);

		active->sum -= *oldest;
		*oldest = 0;
	}
}

void flow_active_begin(struct flow_active *active)
{
	++*active_slot(active, active->now);
	active->sum++;
}

/* A flow whose last packet came at last_clock_ns goes from its bucket, if that still counts. */
void flow_active_leave(struct flow_active *active, uint64_t last_clock_ns)
{
	uint64_t bucket = last_clock_ns / active->width_ns;

	if (active->window && active->now - bucket >= active->window)
		return;
	--*active_slot(active, bucket);
	active->sum--;
}
