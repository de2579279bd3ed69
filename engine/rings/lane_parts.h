/* SPDX-License-Identifier: MIT
 *
 * A lane as its two ends see it: lane.c is the capture thread's end, lane_rx.c the worker's; lane_open.c lays both out.
 * The halves lie on lines of their own, one writer each; what passes between them goes through the channel alone.
 */
#ifndef NETSCOPE_RINGS_LANE_PARTS_H
#define NETSCOPE_RINGS_LANE_PARTS_H

#include "engine/base/period.h"
#include "engine/base/rounds.h"
#include "engine/base/trace.h"
#include "engine/rings/channel.h"
#include "engine/rings/lane.h"

/* The first line of a burst in a lane, as capture writes it whole. Behind what every burst has, it says which of
 * several numbers a link type came with: the beginning of the worker's nsc_rx.linktype, the rest of which is constant.
 */
struct nsc_lane_head {
	alignas(NSC_CACHE_LINE) uint32_t n;
	uint32_t state;
	uint64_t clock_ns, loan, offset_ns, sent;
	uint16_t linktype[NSC_LINK_SEVERAL];
};

static_assert(sizeof(struct nsc_lane_head) == offsetof(struct nsc_burst, pkt), "the head is one line");
static_assert(offsetof(struct nsc_lane_head, n) == offsetof(struct nsc_burst, n), "as in the burst");
static_assert(offsetof(struct nsc_lane_head, state) == offsetof(struct nsc_burst, state), "as in the burst");
static_assert(offsetof(struct nsc_lane_head, clock_ns) == offsetof(struct nsc_burst, clock_ns), "as in the burst");
static_assert(offsetof(struct nsc_lane_head, loan) == offsetof(struct nsc_burst, loan), "as in the burst");
static_assert(offsetof(struct nsc_lane_head, offset_ns) == offsetof(struct nsc_burst, offset_ns), "as in the burst");
static_assert(offsetof(struct nsc_lane_head, sent) == offsetof(struct nsc_burst, sent), "as in the burst");

struct nsc_lane {
	/* the worker's side */
	alignas(NSC_CACHE_LINE) struct nsc_rx rx;
	struct nsc_burst *held;   /* the burst whose packets the worker has, given back by release */
	struct nsc_burst *coming; /* the one after it: received, and on its way into this core's cache */
	uint64_t clock_ns, offset_ns;
	struct nsc_timeline *timeline; /* the worker's; NULL: none */
	uint32_t received;             /* bursts, modulo 2^32 */
	bool ended;
	/* the capture thread's side */
	alignas(NSC_CACHE_LINE) struct nsc_burst *filling; /* NULL: none yet */
	uint32_t n;                                        /* packets in it */
	uint32_t n_free;                                   /* bursts in free[] */
	struct nsc_burst **free;
	uint64_t *loans;         /* oldest loan of each burst that is out, [bursts], by number of sending */
	uint64_t filling_loan;   /* the same of `filling` */
	uint64_t sent, returned; /* bursts; they return in the order in which they were sent */
	/* read only after open */
	alignas(NSC_CACHE_LINE) struct nsc_channel *channel;
	uint32_t bursts;
};

/* What the capture thread has; others read `counters` and, after the end, the state of `burst`. */
struct nsc_lanes {
	struct nsc_rx *source;
	struct nsc_decode_options decode;
	struct nsc_tap *tap;
	struct nsc_trace *trace; /* NULL: nobody traces packets */
	const bool *stop;
	uint32_t n;
	uint32_t rounds;         /* since the last reclaim */
	struct nsc_rounds usage; /* for the timeline: why some took long */
	uint64_t tick_ns, epoch_ns;
	struct nsc_period uncut;             /* what tick and epoch have in common; empty before the first packet */
	uint64_t clock_ns;                   /* clock of the last packet steered */
	uint64_t offset_ns;                  /* the source's, of all packets that are in bursts being filled */
	uint64_t kept;                       /* all loans before this one were ended */
	bool waiting;                        /* the source's last poll found every loan out */
	uint16_t linktype[NSC_LINK_SEVERAL]; /* the source's, of all packets that are in bursts being filled */
	struct nsc_idle idle;
	struct nsc_counters counters;
	struct nsc_burst burst;
	struct nsc_lane lane[];
};

extern const struct nsc_rx_ops nsc_lane_rx_ops;

#endif
