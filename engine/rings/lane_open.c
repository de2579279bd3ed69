/* SPDX-License-Identifier: MIT
 *
 * Lays out the lanes and hands out what others need of them: the workers' sources, counters, doorbells.
 */
#include "engine/rings/lane_parts.h"

#include <errno.h>
#include <string.h>

static uint32_t lane_bursts(uint32_t lane_packets)
{
	return NSC_MAX(lane_packets / NSC_BURST_MAX + (lane_packets % NSC_BURST_MAX != 0), 2u);
}

uint64_t nsc_lanes_bytes(uint32_t lanes, uint32_t lane_packets)
{
	uint64_t each = sizeof(struct nsc_burst) + sizeof(struct nsc_burst *) + sizeof(uint64_t);

	return sizeof(struct nsc_lanes) + lanes * (sizeof(struct nsc_lane) + lane_bursts(lane_packets) * each);
}

static int lane_open(struct nsc_lanes *lanes, struct nsc_lane *lane, uint32_t bursts, struct nsc_arena *arena,
		     struct nsc_error *error)
{
	int failed = nsc_channel_open(&lane->channel, arena, bursts, sizeof(struct nsc_burst), true, error);

	if (failed)
		return failed;
	lane->rx = (struct nsc_rx){ .ops = &nsc_lane_rx_ops, .live = lanes->source->live, .decoded = true };
	memcpy(lane->rx.linktype, lanes->source->linktype, sizeof(lane->rx.linktype));
	for (unsigned link = NSC_LINK_SEVERAL; link < NSC_LINK_COUNT; link++)
		lane->rx.linktype[link] = nsc_link_number(link);
	lane->bursts = bursts;
	lane->free = nsc_arena_alloc(arena, bursts * sizeof(*lane->free));
	lane->loans = nsc_arena_alloc(arena, bursts * sizeof(*lane->loans));
	if (!lane->free || !lane->loans)
		return nsc_fail(error, -ENOMEM, "no memory for a lane of %u bursts", bursts);
	while (lane->n_free < bursts)
		lane->free[lane->n_free++] = nsc_channel_acquire(lane->channel);
	return 0;
}

int nsc_lanes_open(struct nsc_lanes **lanes, const struct nsc_lanes_options *options, struct nsc_arena *arena,
		   struct nsc_error *error)
{
	struct nsc_lanes *new;
	int failed = 0;

	if (!options->lanes || options->lanes > NSC_WORKERS_MAX || !options->tick_ns)
		return nsc_fail(error, -EINVAL, "lanes for %u workers are impossible", options->lanes);
	new = nsc_arena_alloc(arena, sizeof(*new) + options->lanes * sizeof(new->lane[0]));
	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for %u lanes", options->lanes);
	new->source = options->source;
	new->decode = *options->decode;
	new->decode.counters = &new->counters;
	new->tap = options->tap;
	new->trace = options->trace;
	new->stop = options->stop;
	new->tick_ns = options->tick_ns;
	new->epoch_ns = options->epoch_ns;
	new->n = options->lanes;
	nsc_idle_init(&new->idle, options->poll, options->crowded);
	nsc_count(&new->counters, NSC_C_TAPS, options->tap != NULL);
	for (uint32_t i = 0; i < new->n && !failed; i++)
		failed = lane_open(new, &new->lane[i], lane_bursts(options->lane_packets), arena, error);
	*lanes = new;
	return failed;
}

struct nsc_rx *nsc_lanes_rx(struct nsc_lanes *lanes, uint32_t i)
{
	return &lanes->lane[i].rx;
}

/* Batches: a wake-up costs as much as several bursts. Capture is woken when half of the lane is free again, a worker
 * offline when a quarter is full. Live, latency counts. */
void nsc_lanes_connect(struct nsc_lanes *lanes, uint32_t i, struct nsc_idle *worker)
{
	struct nsc_lane *lane = &lanes->lane[i];
	struct nsc_channel_doorbells doorbells = {
		.sender = &lanes->idle,
		.receiver = worker,
		.receiver_above = lanes->source->live ? 0 : lane->bursts / 4,
		.sender_below = lane->bursts / 2 + 1,
		.hasty = true,
	};

	nsc_channel_connect(lane->channel, &doorbells);
	if (lanes->source->live)
		nsc_idle_trust_doorbell(worker);
}

void nsc_lanes_write_down(struct nsc_lanes *lanes, uint32_t i, struct nsc_timeline *capture,
			  struct nsc_timeline *worker)
{
	lanes->counters.timeline = capture;
	lanes->lane[i].timeline = worker;
}

bool nsc_lanes_failed(const struct nsc_lanes *lanes)
{
	return lanes->burst.state == NSC_RX_FAILED;
}

const struct nsc_counters *nsc_lanes_counters(const struct nsc_lanes *lanes)
{
	return &lanes->counters;
}
