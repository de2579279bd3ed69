/* SPDX-License-Identifier: MIT
 *
 * A lane as its two ends see it: lane.c is the capture thread's end, lane_rx.c the worker's. The halves lie on lines of
 * their own, one writer each; what passes between them goes through the channel alone.
 */
#ifndef NETSCOPE_RUNTIME_LANE_PARTS_H
#define NETSCOPE_RUNTIME_LANE_PARTS_H

#include "engine/runtime/channel.h"
#include "engine/runtime/lane.h"

struct nsc_lane {
	/* the worker's side */
	alignas(NSC_CACHE_LINE) struct nsc_rx rx;
	struct nsc_burst *held;    /* the burst whose packets the worker has, given back by release */
	struct nsc_burst *coming;  /* the one after it: received, and on its way into this core's cache */
	struct nsc_idle *capture;  /* whom to wake when bursts have gone back */
	uint64_t clock_ns;
	bool ended;
	/* the capture thread's side */
	alignas(NSC_CACHE_LINE) struct nsc_burst *filling; /* NULL: none yet */
	uint32_t n;                /* packets in it */
	uint32_t n_free;           /* bursts in free[] */
	struct nsc_burst **free;
	uint64_t *loans;           /* oldest loan of each burst that is out, [bursts], by number of sending */
	uint64_t filling_loan;     /* the same of `filling` */
	uint64_t sent, returned;   /* bursts; they return in the order in which they were sent */
	struct nsc_idle *worker;   /* whom to wake when bursts have come */
	/* read only after open */
	alignas(NSC_CACHE_LINE) struct nsc_channel *channel;
	uint32_t bursts;
};

extern const struct nsc_rx_ops nsc_lane_rx_ops;

#endif
