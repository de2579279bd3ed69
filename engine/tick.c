/* SPDX-License-Identifier: MIT
 *
 * The border between two ticks.
 */
#include "engine/tick.h"

#include <string.h>

#include "engine/base/assert.h"

void nsc_tick_init(struct nsc_tick *tick, struct nsc_channel *snapshots, uint64_t length_ns, bool live)
{
	*tick = (struct nsc_tick){
		.length_ns = length_ns,
		.snapshots = snapshots,
		.snapshot = nsc_channel_acquire(snapshots),
		.live = live,
	};
}

void nsc_tick_begin(struct nsc_tick *tick, uint64_t clock_ns)
{
	uint64_t number = clock_ns / tick->length_ns;
	bool first = !nsc_tick_has_begun(tick);

	nsc_assert(first || number > tick->number, "a tick has a later number than the one before it");
	tick->empty = first ? 0 : number - tick->number - 1;
	tick->number = number;
	tick->period = nsc_period_of(clock_ns, tick->length_ns);
}

static void tick_fill(const struct nsc_tick *tick, uint64_t clock_ns, bool final, const struct nsc_counters *counters,
		      const struct nsc_histogram *duration)
{
	struct nsc_snapshot *snapshot = tick->snapshot;

	snapshot->tick = tick->number;
	snapshot->empty_ticks = tick->empty;
	snapshot->clock_ns = clock_ns;
	snapshot->offset_ns = tick->offset_ns;
	snapshot->microburst = tick->microburst;
	snapshot->final = final;
	snapshot->counters = *counters;
	memcpy(snapshot->duration, duration, sizeof(snapshot->duration));
	if (tick->rtts)
		snapshot->rtt = *tick->rtts;
}

/* The snapshot that is sent counts itself. One that cannot be sent is written again at the next tick. */
void nsc_tick_send(struct nsc_tick *tick, uint64_t clock_ns, struct nsc_counters *counters,
		   const struct nsc_histogram *duration)
{
	struct nsc_snapshot *next = tick->live
					    ? nsc_channel_acquire(tick->snapshots)
					    : nsc_channel_acquire_or_wait(tick->snapshots, counters,
									  NSC_C_SNAPSHOT_WAITS, NSC_C_WAITED_SNAPSHOTS);

	nsc_count(counters, next ? NSC_C_SNAPSHOT_SENT : NSC_C_SNAPSHOT_MISSED, 1);
	if (!next)
		return;
	tick_fill(tick, clock_ns, false, counters, duration);
	nsc_channel_send(tick->snapshots, tick->snapshot);
	tick->snapshot = next;
}

void nsc_tick_send_last(struct nsc_tick *tick, uint64_t clock_ns, struct nsc_counters *counters,
			const struct nsc_histogram *duration)
{
	nsc_count(counters, NSC_C_SNAPSHOT_SENT, 1);
	tick_fill(tick, clock_ns, true, counters, duration);
	nsc_channel_send(tick->snapshots, tick->snapshot);
	tick->snapshot = NULL;
}
