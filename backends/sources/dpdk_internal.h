/* SPDX-License-Identifier: MIT
 *
 * A queue of a port as the parts of the DPDK source see it: dpdk.c takes packets out of it, dpdk_open.c lays it out,
 * dpdk_eal.c starts DPDK. These three alone are compiled with DPDK's flags.
 */
#ifndef NETSCOPE_SOURCES_DPDK_INTERNAL_H
#define NETSCOPE_SOURCES_DPDK_INTERNAL_H

#include <rte_ethdev.h>

#include "dpdk.h"
#include "live.h"

#define NSC_DPDK_LOANS 8u          /* bursts of a queue that may be lent at once */
#define NSC_DPDK_DESCRIPTORS 2048u /* of a queue, where the port has so many */
#define NSC_DPDK_MTU 9000u         /* of a port that can: a frame is one mbuf */

struct nsc_dpdk_loan {
	struct rte_mbuf *mbuf[NSC_BURST_MAX];
	uint32_t n;
};

struct nsc_dpdk_queue {
	struct nsc_live_port port;
	struct nsc_dpdk_loan loan[NSC_DPDK_LOANS]; /* [number % NSC_DPDK_LOANS] */
	uint64_t lent, released;                   /* numbers of the last loan made and of the last one ended */
	uint32_t snaplen;                          /* UINT32_MAX = all */
	uint32_t to_drain;  /* packets that are still taken once it was stopped: what its descriptors may hold */
	uint16_t id, queue; /* of the port, of the queue */
	bool registered;    /* its thread is known to DPDK, which has a cache of mbufs for it */
	/* the interface's clock, where that stamps: */
	int stamp_at;        /* byte of an mbuf */
	uint64_t stamp_flag; /* 0: this program stamps, once a burst */
	/* for people */
	struct rte_mempool *pool;
	const char *driver;
	uint32_t queues, descriptors, mtu;
	bool small_pages, few, shares;
};

extern const struct nsc_rx_ops nsc_dpdk_ops;

/* Asks the driver for its counts. Thread: owner, or control before the start. */
void nsc_dpdk_look(struct nsc_live_port *port);

struct nsc_dpdk_start {
	const struct nsc_dpdk_port *port;
	uint64_t bytes; /* of mbufs and all else */
	void (*say)(const char *line);
};

/* Starts DPDK with the one port, once in the life of a process; *small_pages: there are no huge ones. This thread's
 * cores are what they were before. */
int nsc_dpdk_start(const struct nsc_dpdk_start *start, bool *small_pages, struct nsc_error *error);

/* The first line that DPDK has written into its log since the start of what failed; "" = none. */
const char *nsc_dpdk_first_line(void);

/* From now on lines go to `say`. */
void nsc_dpdk_started(void);

#endif
