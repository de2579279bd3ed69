/* SPDX-License-Identifier: MIT
 *
 * Taking bursts out of a queue of DPDK: no copy, no system call.
 *
 * A loan is a burst of mbufs, refused ones included: they go back to their pool together. No filter stands before the
 * queue, so that it has no exact end: when it was stopped, what its descriptors may hold by then is still taken.
 */
#include "dpdk_internal.h"

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <stdlib.h>
#include <time.h>

#include <pcap/bpf.h>

enum { SLEEP_NS = 50 * 1000 }; /* 1500 frames of 64 bytes come in 100 us at 10 Gbit/s, and a queue has 2048 */

/* --- packets ---------------------------------------------------------------------------------- */

nsc_always_inline uint64_t dpdk_stamp(const struct nsc_dpdk_queue *q, const struct rte_mbuf *mbuf, uint64_t now_ns)
{
	if (nsc_likely(!(mbuf->ol_flags & q->stamp_flag)))
		return now_ns;
	return *RTE_MBUF_DYNFIELD(mbuf, q->stamp_at, const rte_mbuf_timestamp_t *);
}

/* A frame of several mbufs has its first one as captured bytes, and is counted as snapped. */
static uint32_t dpdk_describe(struct nsc_dpdk_queue *q, struct nsc_packet *pkt, struct rte_mbuf *const *mbuf,
			      uint32_t taken)
{
	uint64_t now_ns = nsc_clock_ns(CLOCK_REALTIME);
	uint32_t n = 0;

	for (uint32_t i = 0; i < taken; i++) {
		const struct rte_mbuf *m = mbuf[i];
		const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);

		q->port.own.received_bytes += m->pkt_len;
		if (nsc_live_refused(&q->port, frame, m->pkt_len, m->data_len, false))
			continue;
		nsc_live_describe(&q->port, &pkt[n++], frame, dpdk_stamp(q, m, now_ns),
				  NSC_MIN(m->data_len, q->snaplen), m->pkt_len, NSC_LINK_ETHERNET);
	}
	return n;
}

/* --- the end ---------------------------------------------------------------------------------- */

static uint32_t dpdk_wanted(struct nsc_dpdk_queue *q)
{
	uint32_t most = q->port.stopped_ns ? NSC_MIN(q->to_drain, NSC_BURST_MAX) : NSC_BURST_MAX;

	if (q->lent - q->released == NSC_DPDK_LOANS)
		return 0;
	return q->port.discards ? most : nsc_live_claim(&q->port, most);
}

/* Empty, or what was there when it was stopped is taken. */
static void dpdk_look_for_end(struct nsc_dpdk_queue *q, uint32_t wanted, uint32_t taken)
{
	if (nsc_likely(!q->port.stopped_ns))
		return;
	q->to_drain -= taken;
	if (!q->to_drain || (wanted && !taken)) {
		nsc_dpdk_look(&q->port);
		nsc_live_end(&q->port, false);
	}
}

/* --- the table of operations ------------------------------------------------------------------ */

/* Takes and gives away mbufs by way of a cache that DPDK keeps for threads that it knows. */
static void dpdk_register(struct nsc_dpdk_queue *q)
{
	q->registered = true;
	(void)rte_thread_register(); /* only a matter of speed */
}

static void dpdk_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_dpdk_queue *q = (struct nsc_dpdk_queue *)rx;
	struct nsc_dpdk_loan *loan = &q->loan[(q->lent + 1) % NSC_DPDK_LOANS];
	bool over = q->port.state != NSC_RX_MORE;
	uint32_t wanted = over ? 0 : dpdk_wanted(q), taken = 0, n = 0;

	if (nsc_unlikely(!q->registered))
		dpdk_register(q);
	if (wanted)
		taken = rte_eth_rx_burst(q->id, q->queue, loan->mbuf, (uint16_t)wanted);
	if (q->port.discards) {
		q->port.own.left += taken;
	} else {
		n = taken ? dpdk_describe(q, burst->pkt, loan->mbuf, taken) : 0;
		nsc_live_delivered(&q->port, wanted, n);
		q->port.own.received += taken;
		q->port.own.delivered += n;
		q->port.own.filtered += taken - n;
	}
	if (n) {
		loan->n = taken;
		q->lent++;
	} else if (taken) {
		rte_pktmbuf_free_bulk(loan->mbuf, taken);
	}
	if (!over && !n)
		dpdk_look_for_end(q, wanted, taken);
	else if (nsc_unlikely(q->port.stopped_ns) && !over)
		q->to_drain -= taken;
	nsc_live_end_poll(&q->port, burst, n, taken, q->lent);
}

static void dpdk_release(struct nsc_rx *rx, uint64_t number)
{
	struct nsc_dpdk_queue *q = (struct nsc_dpdk_queue *)rx;

	while (q->released < NSC_MIN(number, q->lent)) {
		struct nsc_dpdk_loan *loan = &q->loan[++q->released % NSC_DPDK_LOANS];

		rte_pktmbuf_free_bulk(loan->mbuf, loan->n);
	}
}

/* Nothing would wake it: it sleeps for less than it takes a fast port to fill the queue. */
static void dpdk_wait(struct nsc_rx *rx, uint64_t timeout_ns)
{
	struct timespec time = { .tv_nsec = (long)NSC_MIN(timeout_ns, (uint64_t)SLEEP_NS) };

	nanosleep(&time, NULL);
}

static void dpdk_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	nsc_rx_counters_copy(counters, &((const struct nsc_live_port *)rx)->shared);
}

/* Nobody polls any more. A device is left to the kernel, which resets it when the process ends: the sandbox does not
 * let its driver do that. */
static void dpdk_close(struct nsc_rx *rx)
{
	struct nsc_dpdk_queue *q = (struct nsc_dpdk_queue *)rx;

	dpdk_release(rx, q->lent);
	nsc_live_release(q->port.live);
	free(q);
}

const struct nsc_rx_ops nsc_dpdk_ops = {
	.name = "dpdk",
	.poll = dpdk_poll,
	.release = dpdk_release,
	.counters = dpdk_counters,
	.close = dpdk_close,
	.stop = nsc_live_stop,
	.wait = dpdk_wait,
};

/* --- the driver's counts ---------------------------------------------------------------------- */

/* They are of the whole port: its first queue has them. */
void nsc_dpdk_look(struct nsc_live_port *port)
{
	struct nsc_dpdk_queue *q = (struct nsc_dpdk_queue *)port;
	struct rte_eth_stats stats;

	if (q->queue || rte_eth_stats_get(q->id, &stats))
		return;
	port->own.nic_drops = stats.imissed + stats.ierrors;
	port->own.stack_drops = stats.rx_nombuf;
}
