/* SPDX-License-Identifier: MIT
 *
 * Alerts on their way from the publisher, which decides, to the writer and its sinks: batches of up to 64 in a bounded
 * channel.
 *
 * No batch is free: offline the publisher waits (counted ALERT_WAITS); live the alerts are dropped (ALERTS_DROPPED).
 */
#ifndef NETSCOPE_RINGS_ALERT_QUEUE_H
#define NETSCOPE_RINGS_ALERT_QUEUE_H

#include "engine/base/idle.h"
#include "engine/rings/channel.h"
#include "netscope/alert.h"
#include "netscope/counters.h"

#define NSC_ALERT_BATCH 64u
#define NSC_ALERT_BATCHES 64u

struct nsc_alert_batch {
	uint32_t n;
	struct nsc_alert alert[NSC_ALERT_BATCH];
};

struct nsc_alert_queue {
	/* read only after open */
	struct nsc_channel *channel;
	struct nsc_idle *publisher; /* whom to wake when a batch has come back */
	struct nsc_idle *writer;    /* whom to wake when one has come */
	bool live;
	/* the publisher's */
	alignas(NSC_CACHE_LINE) struct nsc_alert_batch *batch; /* being filled; NULL: none */
};

/* 0 or -errno. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_alert_queue_open(struct nsc_alert_queue *queue, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_alert_queue_bytes(void);

/* The place of the next alert, to be filled at once; NULL when it must be dropped (and is counted).
 * Thread: publisher. Allocates: never. Blocks: offline, for a writer that is behind. */
struct nsc_alert *nsc_alert_queue_add(struct nsc_alert_queue *queue, struct nsc_counters *counters);
/* What was added goes on its way. */
void nsc_alert_queue_flush(struct nsc_alert_queue *queue);

/* The oldest batch, or NULL. Thread: writer. Allocates, blocks: never. */
struct nsc_alert_batch *nsc_alert_queue_receive(struct nsc_alert_queue *queue);
void nsc_alert_queue_give_back(struct nsc_alert_queue *queue, struct nsc_alert_batch *batch);

#endif
