/* SPDX-License-Identifier: MIT
 *
 * A channel of batches with a bell at both ends.
 */
#include "engine/rings/alert_queue.h"

int nsc_alert_queue_open(struct nsc_alert_queue *queue, struct nsc_arena *arena, struct nsc_error *error)
{
	int failed = nsc_channel_open(&queue->channel, arena, NSC_ALERT_BATCHES, sizeof(struct nsc_alert_batch), error);

	if (!failed)
		nsc_channel_populate(queue->channel);
	return failed;
}

uint64_t nsc_alert_queue_bytes(void)
{
	return NSC_ALERT_BATCHES * (uint64_t)sizeof(struct nsc_alert_batch);
}

static bool wait_for_batch(struct nsc_alert_queue *queue, struct nsc_counters *counters)
{
	if (queue->live)
		return false;
	nsc_count(counters, NSC_C_ALERT_WAITS, 1);
	while (!(queue->batch = nsc_channel_acquire(queue->channel)))
		nsc_idle_wait(queue->publisher);
	nsc_idle_reset(queue->publisher);
	return true;
}

struct nsc_alert *nsc_alert_queue_add(struct nsc_alert_queue *queue, struct nsc_counters *counters)
{
	if (queue->batch && queue->batch->n == NSC_ALERT_BATCH)
		nsc_alert_queue_flush(queue);
	if (!queue->batch) {
		queue->batch = nsc_channel_acquire(queue->channel);
		if (!queue->batch && !wait_for_batch(queue, counters)) {
			nsc_count(counters, NSC_C_ALERTS_DROPPED, 1);
			return NULL;
		}
		queue->batch->n = 0;
	}
	return &queue->batch->alert[queue->batch->n++];
}

void nsc_alert_queue_flush(struct nsc_alert_queue *queue)
{
	if (!queue->batch)
		return;
	nsc_channel_send(queue->channel, queue->batch);
	queue->batch = NULL;
	nsc_idle_ring(queue->writer);
}

struct nsc_alert_batch *nsc_alert_queue_receive(struct nsc_alert_queue *queue)
{
	return nsc_channel_receive(queue->channel);
}

void nsc_alert_queue_give_back(struct nsc_alert_queue *queue, struct nsc_alert_batch *batch)
{
	nsc_channel_give_back(queue->channel, batch);
	nsc_idle_ring(queue->publisher);
}
