/* SPDX-License-Identifier: MIT
 *
 * The worker's end of a lane: a source whose packets arrive decoded.
 */
#include <string.h>

#include "engine/base/timeline.h"
#include "engine/rings/lane_parts.h"

static void lane_poll_nothing(struct nsc_lane *lane, struct nsc_burst *burst)
{
	burst->n = 0;
	burst->state = lane->ended ? NSC_RX_END : NSC_RX_IDLE;
	burst->clock_ns = lane->clock_ns;
	burst->offset_ns = lane->offset_ns;
	burst->loan = 0;
	nsc_channel_ring_sender(lane->channel);
}

/* The lines that the capture thread has written are far away: those of the next burst are asked for now, and come while
 * the stages work on this one. */
static void lane_receive_ahead(struct nsc_lane *lane)
{
	const uint8_t *line = (const uint8_t *)(lane->coming = nsc_channel_receive(lane->channel));

	for (uint32_t i = 0; line && i < sizeof(struct nsc_burst); i += NSC_CACHE_LINE)
		nsc_prefetch(line + i);
}

/* Bursts come in the order in which they were sent: both ends count them. */
static void lane_tag_burst(struct nsc_lane *lane)
{
	if (lane->timeline)
		nsc_timeline_tag(lane->timeline, NSC_TIMELINE_LANE_RECEIVE,
				 NSC_MIN(nsc_channel_waiting(lane->channel), UINT16_MAX), lane->received);
	lane->received++;
}

static void lane_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_lane *lane = (struct nsc_lane *)rx;
	struct nsc_burst *from = lane->coming ? lane->coming : nsc_channel_receive(lane->channel);

	lane->coming = NULL;
	if (!from) {
		lane_poll_nothing(lane, burst);
		return;
	}
	lane_tag_burst(lane);
	burst->n = from->n;
	burst->state = from->state;
	burst->clock_ns = lane->clock_ns = from->clock_ns;
	burst->offset_ns = lane->offset_ns = from->offset_ns;
	burst->loan = from->loan;
	burst->sent = from->sent;
	memcpy(rx->linktype, (const uint8_t *)from + offsetof(struct nsc_lane_head, linktype),
	       sizeof(((struct nsc_lane_head *)NULL)->linktype));
	memcpy(burst->pkt, from->pkt, from->n * sizeof(from->pkt[0]));
	lane->ended = from->state == NSC_RX_END;
	if (from->n)
		lane->held = from;
	else
		nsc_channel_give_back(lane->channel, from);
	lane_receive_ahead(lane);
}

uint32_t nsc_lanes_waiting(const struct nsc_rx *rx)
{
	const struct nsc_lane *lane = (const struct nsc_lane *)rx;

	return nsc_channel_waiting(lane->channel) + (lane->coming != NULL);
}

static void lane_release(struct nsc_rx *rx, uint64_t loan)
{
	struct nsc_lane *lane = (struct nsc_lane *)rx;

	if (lane->held)
		nsc_channel_give_back(lane->channel, lane->held);
	lane->held = NULL;
}

/* A lane counts nothing of its own: the source and the capture thread do. */
static void lane_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
}

static void lane_close(struct nsc_rx *rx)
{
}

const struct nsc_rx_ops nsc_lane_rx_ops = {
	.name = "lane",
	.poll = lane_poll,
	.release = lane_release,
	.counters = lane_counters,
	.close = lane_close,
	.waiting = nsc_lanes_waiting,
};
