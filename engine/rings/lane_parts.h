/* SPDX-License-Identifier: MIT
 *
 * A lane as its two ends see it: lane.c is the capture thread's end, lane_rx.c the worker's; lane_open.c lays both out.
 * The halves lie on lines of their own, one writer each; what passes between them goes through the channel alone.
 */
#ifndef NETSCOPE_RINGS_LANE_PARTS_H
#define NETSCOPE_RINGS_LANE_PARTS_H

#include "engine/rings/channel.h"
#include "engine/rings/lane.h"

struct nsc_lane {
	/* the worker's side */
	alignas(NSC_CACHE_LINE) struct nsc_rx rx;
	struct nsc_burst *held;   /* the burst whose packets the worker has, given back by release */
	struct nsc_burst *coming; /* the one after it: received, and on its way into this core's cache */
	struct nsc_idle *capture; /* whom to wake when bursts have gone back */
	uint64_t clock_ns;
	bool ended;
	/* the capture thread's side */
	alignas(NSC_CACHE_LINE) struct nsc_burst *filling; /* NULL: none yet */
	uint32_t n;                                        /* packets in it */
	uint32_t n_free;                                   /* bursts in free[] */
	struct nsc_burst **free;
	uint64_t *loans;         /* oldest loan of each burst that is out, [bursts], by number of sending */
	uint64_t filling_loan;   /* the same of `filling` */
	uint64_t sent, returned; /* bursts; they return in the order in which they were sent */
	struct nsc_idle *worker; /* whom to wake when bursts have come */
	/* read only after open */
	alignas(NSC_CACHE_LINE) struct nsc_channel *channel;
	uint32_t bursts;
};

/* What the capture thread has; others read `counters` and, after the end, the state of `burst`. */
struct nsc_lanes {
	struct nsc_rx *source;
	const struct nsc_decode_options *decode;
	struct nsc_tap *tap;
	const bool *stop;
	uint32_t n;
	uint32_t rounds; /* since the last reclaim */
	uint64_t tick_ns, epoch_ns;
	uint64_t border_ns; /* the first clock that lies beyond tick or epoch; 0 before the first packet */
	uint64_t clock_ns;  /* clock of the last packet steered */
	uint64_t kept;      /* all loans before this one were ended */
	uint64_t stamp;
	bool waiting; /* the source's last poll found every loan out */
	struct nsc_idle idle;
	struct nsc_counters counters;
	struct nsc_burst burst;
	struct nsc_lane lane[];
};

extern const struct nsc_rx_ops nsc_lane_rx_ops;

#endif
