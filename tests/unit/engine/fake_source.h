/* SPDX-License-Identifier: MIT
 *
 * A source for tests: packets from a function, in bursts of a given size, each burst a loan of its own. The frames of a
 * loan are overwritten when it ends, so that whoever reads them too late finds no frame but FAKE_RELEASED.
 */
#ifndef NETSCOPE_TESTS_FAKE_SOURCE_H
#define NETSCOPE_TESTS_FAKE_SOURCE_H

#include <stdlib.h>
#include <string.h>

#include "netscope/rx.h"

enum { FAKE_FRAME = 64, FAKE_RELEASED = 0xdd, FAKE_NO_FLOW = 0xffff };

/* As random as a seed drawn at start: a simple one would steer every flow to the same worker. */
#define FAKE_SEED                                                                                                      \
	{                                                                                                              \
		{                                                                                                      \
			0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0xd6e8feb86659fd93                 \
		}                                                                                                      \
	}

struct fake_packet {
	uint64_t clock_ns;
	uint32_t flow;     /* 0..65534: a UDP flow of its own; FAKE_NO_FLOW: an ARP frame */
	uint32_t wire_len; /* >= FAKE_FRAME */
};

struct fake_source {
	struct nsc_rx rx;
	struct fake_packet (*make)(uint64_t i);
	uint64_t packets, next; /* how many in all; how many so far */
	uint32_t burst, loans;  /* packets in a burst; bursts that may be lent at once */
	uint64_t lent, released;
	uint64_t clock_ns, bytes;
	uint64_t offset_ns; /* packet time minus clock */
	uint64_t fail_at;   /* fails before this packet; 0 = never */
	uint8_t *frames;    /* loans * NSC_BURST_MAX * FAKE_FRAME */
	uint64_t drained;   /* live: how many packets more it has when it is asked to stop */
	unsigned stops, waits;
};

static inline void fake_frame(uint8_t *frame, uint64_t number, uint32_t flow)
{
	static const uint8_t udp[FAKE_FRAME] = {
		[12] = 0x08, [14] = 0x45, [17] = 50, [22] = 64, [23] = 17, [26] = 10,
		[29] = 1,    [30] = 10,   [33] = 2,  [36] = 0,  [37] = 53, [39] = 30,
	};
	uint32_t low = (uint32_t)number;

	memcpy(frame, udp, sizeof(udp));
	if (flow == FAKE_NO_FLOW)
		frame[13] = 0x06;
	frame[34] = (uint8_t)(flow >> 8);
	frame[35] = (uint8_t)flow;
	memcpy(frame + 42, &low, sizeof(low));
}

/* The number that fake_frame wrote; 0xdddddddd when the loan has ended. */
static inline uint32_t fake_number(const struct nsc_packet *pkt)
{
	uint32_t number;

	memcpy(&number, pkt->data + 42, sizeof(number));
	return number;
}

static inline void fake_fill(struct fake_source *source, struct nsc_burst *burst, uint8_t *frame)
{
	while (burst->n < source->burst && source->next < source->packets) {
		struct fake_packet made = source->make(source->next);

		fake_frame(frame, source->next, made.flow);
		burst->pkt[burst->n++] = (struct nsc_packet){
			.data = frame,
			.ts_ns = made.clock_ns + source->offset_ns,
			.clock_ns = made.clock_ns,
			.cap_len = FAKE_FRAME,
			.wire_len = made.wire_len,
			.link = NSC_LINK_ETHERNET,
		};
		source->bytes += made.wire_len;
		source->clock_ns = made.clock_ns;
		__atomic_store_n(&source->next, source->next + 1, __ATOMIC_RELAXED);
		frame += FAKE_FRAME;
	}
}

static inline void fake_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct fake_source *source = (struct fake_source *)rx;
	bool failed = source->fail_at && source->next >= source->fail_at;

	burst->n = 0;
	burst->state = NSC_RX_IDLE;
	if (!failed && source->next < source->packets && source->lent - source->released < source->loans) {
		fake_fill(source, burst, source->frames + source->lent % source->loans * NSC_BURST_MAX * FAKE_FRAME);
		source->lent++;
		burst->state = NSC_RX_MORE;
	}
	if (failed)
		burst->state = NSC_RX_FAILED;
	else if (source->next == source->packets)
		burst->state = NSC_RX_END;
	if (failed)
		strcpy(source->rx.error.text, "the fake source failed as asked");
	burst->clock_ns = source->clock_ns;
	burst->offset_ns = source->offset_ns;
	burst->loan = source->lent;
}

static inline void fake_release(struct nsc_rx *rx, uint64_t loan)
{
	struct fake_source *source = (struct fake_source *)rx;

	for (; source->released < loan && source->released < source->lent; source->released++)
		memset(source->frames + source->released % source->loans * NSC_BURST_MAX * FAKE_FRAME, FAKE_RELEASED,
		       (size_t)NSC_BURST_MAX * FAKE_FRAME);
}

static inline void fake_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	const struct fake_source *source = (const struct fake_source *)rx;
	uint64_t delivered = __atomic_load_n(&source->next, __ATOMIC_RELAXED);

	*counters = (struct nsc_rx_counters){
		.received = delivered,
		.delivered = delivered,
		.kernel_drops = source->rx.live ? 0 : NSC_UNKNOWN,
		.nic_drops = NSC_UNKNOWN,
		.kernel_seen = NSC_UNKNOWN,
	};
}

static inline void fake_close(struct nsc_rx *rx)
{
	free(((struct fake_source *)rx)->frames);
}

/* Live: the door is shut, and what is inside already comes out. */
static inline void fake_stop(struct nsc_rx *rx)
{
	struct fake_source *source = (struct fake_source *)rx;

	if (!source->stops++)
		source->packets = NSC_MIN(source->packets, source->next + source->drained);
}

static inline void fake_wait(struct nsc_rx *rx, uint64_t timeout_ns)
{
	((struct fake_source *)rx)->waits++;
}

static const struct nsc_rx_ops fake_live_ops = {
	.name = "fake live",
	.poll = fake_poll,
	.release = fake_release,
	.counters = fake_counters,
	.close = fake_close,
	.stop = fake_stop,
	.wait = fake_wait,
};

static const struct nsc_rx_ops fake_ops = {
	.name = "fake",
	.poll = fake_poll,
	.release = fake_release,
	.counters = fake_counters,
	.close = fake_close,
};

static inline void fake_open(struct fake_source *source, struct fake_packet (*make)(uint64_t), uint64_t packets,
			     uint32_t burst, uint32_t loans)
{
	*source = (struct fake_source){
		.rx = { .ops = &fake_ops },
		.make = make,
		.packets = packets,
		.burst = burst,
		.loans = loans,
		.frames = malloc((size_t)loans * NSC_BURST_MAX * FAKE_FRAME),
	};
	if (!source->frames)
		abort();
}

#endif
