/* SPDX-License-Identifier: MIT
 *
 * Alerts on their way from the publisher, which decides, to the writer and its sinks: a channel of batches.
 *
 * No batch is free: offline the publisher waits (counted ALERT_WAITS); live the alerts are dropped (ALERTS_DROPPED).
 */
#ifndef NETSCOPE_RINGS_ALERTS_H
#define NETSCOPE_RINGS_ALERTS_H

#include "engine/rings/channel.h"
#include "netscope/alert.h"

#define NSC_ALERT_BATCH 64u
#define NSC_ALERT_BATCHES 64u

struct nsc_alert_batch {
	uint32_t n; /* 1..NSC_ALERT_BATCH */
	struct nsc_alert alert[NSC_ALERT_BATCH];
};

#define NSC_ALERT_RING_BYTES (NSC_ALERT_BATCHES * (uint64_t)sizeof(struct nsc_alert_batch))

struct nsc_alert_ring {
	/* read only after open */
	struct nsc_channel *channel;
	bool live;
	/* the publisher's */
	alignas(NSC_CACHE_LINE) struct nsc_alert_batch *batch; /* being filled; NULL: none */
};

/* `live`: of the source. 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_alert_ring_open(struct nsc_alert_ring *alerts, struct nsc_arena *arena, bool live, struct nsc_error *error);

/* The place of the next alert, to be filled at once; NULL when it must be dropped (and is counted).
 * Thread: publisher. Allocates: never. Blocks: offline, for a writer that is behind. */
struct nsc_alert *nsc_alert_ring_add(struct nsc_alert_ring *alerts, struct nsc_counters *counters);
/* What was added goes on its way. Thread: publisher. */
void nsc_alert_ring_flush(struct nsc_alert_ring *alerts);

#endif
