/* SPDX-License-Identifier: MIT */
#include "engine/rings/alerts.h"

int nsc_alert_ring_open(struct nsc_alert_ring *alerts, struct nsc_arena *arena, bool live, struct nsc_error *error)
{
	alerts->live = live;
	alerts->batch = NULL;
	return nsc_channel_open(&alerts->channel, arena, NSC_ALERT_BATCHES, sizeof(struct nsc_alert_batch), true,
				error);
}

static bool alerts_begin(struct nsc_alert_ring *alerts, struct nsc_counters *counters)
{
	alerts->batch = alerts->live ? nsc_channel_acquire(alerts->channel)
				     : nsc_channel_acquire_or_wait(alerts->channel, counters, NSC_C_ALERT_WAITS,
								   NSC_C_WAITED_ALERTS);
	if (!alerts->batch)
		return false;
	alerts->batch->n = 0;
	return true;
}

struct nsc_alert *nsc_alert_ring_add(struct nsc_alert_ring *alerts, struct nsc_counters *counters)
{
	if (alerts->batch && alerts->batch->n == NSC_ALERT_BATCH)
		nsc_alert_ring_flush(alerts);
	if (!alerts->batch && !alerts_begin(alerts, counters)) {
		nsc_count_loss(counters, NSC_C_ALERTS_DROPPED, 1);
		return NULL;
	}
	return &alerts->batch->alert[alerts->batch->n++];
}

void nsc_alert_ring_flush(struct nsc_alert_ring *alerts)
{
	if (!alerts->batch)
		return;
	nsc_channel_send(alerts->channel, alerts->batch);
	alerts->batch = NULL;
}
