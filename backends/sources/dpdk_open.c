/* SPDX-License-Identifier: MIT
 *
 * Laying a port of DPDK out: queues, mbufs, who shares packets out, whose clock stamps them.
 */
#include "dpdk_internal.h"

#include <errno.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linktype.h"

enum {
	CACHE = 256 /* which holds half as many again */,
	KEY_BYTES_MAX = 64,
	CLOCK_LOOK_MS = 20,
	ELEMENT_BYTES = 256 /* headers of an mbuf, and room */
};

#define EAL_BYTES (64ull << 20) /* of DPDK itself, and of its drivers */
/* In the queue, lent and about to be; and what lies in the caches of two threads: who opens it, and its worker. */
#define MBUFS (NSC_DPDK_DESCRIPTORS + (NSC_DPDK_LOANS + 1) * NSC_BURST_MAX + 3 * CACHE)
#define ROOM_BYTES (NSC_DPDK_MTU + RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_PKTMBUF_HEADROOM)

struct dpdk_layout {
	const struct nsc_dpdk_options *options;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	uint16_t id;
	uint32_t queues;
	uint16_t descriptors;
	uint16_t mtu;
	bool small_pages, shares;
	int stamp_at;
	uint64_t stamp_flag;
	uint8_t key[KEY_BYTES_MAX];
};

/* --- who shares packets out ------------------------------------------------------------------- */

/* Addresses alone, with a key whose halves are the same: both directions of a flow, and its fragments, come to one
 * queue. What has no address comes to the first. */
static void layout_share(struct dpdk_layout *l)
{
	uint8_t bytes = l->info.hash_key_size ? l->info.hash_key_size : 40;

	for (unsigned i = 0; i < KEY_BYTES_MAX; i++)
		l->key[i] = i & 1 ? 0x5a : 0x6d;
	l->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	l->conf.rx_adv_conf.rss_conf.rss_key = l->key;
	l->conf.rx_adv_conf.rss_conf.rss_key_len = NSC_MIN(bytes, (uint8_t)KEY_BYTES_MAX);
	l->conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IP & l->info.flow_type_rss_offloads;
	l->shares = true;
}

static int layout_choose_queues(struct dpdk_layout *l, struct nsc_error *error)
{
	const struct nsc_dpdk_options *o = l->options;
	const uint64_t both = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;
	bool can = (l->info.flow_type_rss_offloads & both) == both;

	if (o->queues > l->info.max_rx_queues)
		return nsc_fail(error, -EINVAL, "--dpdk-queues %u: '%s' has %u", o->queues, o->port.name,
				l->info.max_rx_queues);
	l->queues = o->queues ? o->queues : can && l->info.max_rx_queues >= o->live.rings ? o->live.rings : 1;
	if (l->queues > 1 && can)
		layout_share(l);
	return 0;
}

/* --- whose clock ------------------------------------------------------------------------------ */

static int layout_refuse_stamps(const struct dpdk_layout *l, const char *why, struct nsc_error *error)
{
	return nsc_fail(error, -EOPNOTSUPP, "'%s' %s: leave --timestamps hardware out", l->options->port.name, why);
}

/* Most interfaces count ticks of their own. Only a clock of nanoseconds that somebody has set can be taken as it is. */
static int layout_check_clock(const struct dpdk_layout *l, struct nsc_error *error)
{
	struct timespec pause = { .tv_nsec = CLOCK_LOOK_MS * 1000000L };
	uint64_t first, second, now_ns = nsc_clock_ns(CLOCK_REALTIME), passed_ns;
	const uint64_t day_ns = 86400 * NSC_NS_PER_SEC;

	if (rte_eth_read_clock(l->id, &first))
		return layout_refuse_stamps(l, "does not tell what its clock says", error);
	nanosleep(&pause, NULL);
	passed_ns = nsc_clock_ns(CLOCK_REALTIME) - now_ns;
	if (rte_eth_read_clock(l->id, &second))
		return layout_refuse_stamps(l, "does not tell what its clock says", error);
	if (first - now_ns + day_ns > 2 * day_ns || second - first < passed_ns / 2 || second - first > passed_ns * 2)
		return layout_refuse_stamps(l, "has a clock that does not count nanoseconds since 1970", error);
	return 0;
}

static int layout_choose_clock(struct dpdk_layout *l, struct nsc_error *error)
{
	if (l->options->live.stamps != NSC_STAMPS_HARDWARE)
		return 0;
	if (!(l->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP) ||
	    rte_mbuf_dyn_rx_timestamp_register(&l->stamp_at, &l->stamp_flag))
		return layout_refuse_stamps(l, "does not stamp the packets it receives", error);
	l->conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	return 0;
}

/* --- the port --------------------------------------------------------------------------------- */

static int layout_refuse(const struct dpdk_layout *l, int status, const char *what, struct nsc_error *error)
{
	const char *line = nsc_dpdk_first_line();

	return nsc_fail(error, status, "'%s' cannot be %s: %s%s%s", l->options->port.name, what, strerror(-status),
			line[0] ? "; DPDK says: " : "", line);
}

static int layout_find(struct dpdk_layout *l, struct nsc_error *error)
{
	const char *line = nsc_dpdk_first_line();
	int status;

	if (rte_eth_dev_get_port_by_name(l->options->port.name, &l->id))
		return nsc_fail(error, -ENODEV, "DPDK has made no port of \"%.300s\"%s%s",
				l->options->port.device ? l->options->port.device : l->options->port.name,
				line[0] ? ": " : ": it has no driver for it", line);
	status = rte_eth_dev_info_get(l->id, &l->info);
	return status ? layout_refuse(l, status, "asked", error) : 0;
}

/* A frame is one mbuf. A driver that does not take the long one gets the usual. */
static int layout_configure(struct dpdk_layout *l, struct nsc_error *error)
{
	uint16_t none = 0;
	int status;

	l->mtu = NSC_MAX(NSC_MIN(NSC_DPDK_MTU, l->info.max_mtu), (uint16_t)RTE_ETHER_MTU);
	l->conf.rxmode.mtu = l->mtu;
	status = rte_eth_dev_configure(l->id, (uint16_t)l->queues, 0, &l->conf);
	if (status && l->mtu != RTE_ETHER_MTU) {
		l->conf.rxmode.mtu = l->mtu = RTE_ETHER_MTU;
		status = rte_eth_dev_configure(l->id, (uint16_t)l->queues, 0, &l->conf);
	}
	l->descriptors = NSC_DPDK_DESCRIPTORS;
	if (!status)
		status = rte_eth_dev_adjust_nb_rx_tx_desc(l->id, &l->descriptors, &none);
	return status ? layout_refuse(l, status, "configured", error) : 0;
}

static int layout_queue(const struct dpdk_layout *l, struct nsc_dpdk_queue *q, struct nsc_error *error)
{
	struct rte_eth_rxconf conf = l->info.default_rxconf;
	int node = rte_eth_dev_socket_id(l->id), status;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "nsc_%u_%u", l->id, q->queue);
	q->pool = rte_pktmbuf_pool_create(name, MBUFS, CACHE, 0, ROOM_BYTES, node);
	if (!q->pool)
		return nsc_fail(error, -rte_errno, "no memory for %u packets of queue %u of '%s': %s", (unsigned)MBUFS,
				q->queue, l->options->port.name, rte_strerror(rte_errno));
	conf.offloads = l->conf.rxmode.offloads;
	status = rte_eth_rx_queue_setup(l->id, q->queue, l->descriptors, (unsigned)node, &conf, q->pool);
	return status ? layout_refuse(l, status, "given its queues", error) : 0;
}

static int layout_start(const struct dpdk_layout *l, struct nsc_error *error)
{
	bool all = l->options->live.promiscuous;
	int status = all ? rte_eth_promiscuous_enable(l->id) : rte_eth_promiscuous_disable(l->id);

	if (status && status != -ENOTSUP)
		return layout_refuse(l, status, all ? "made promiscuous" : "made not promiscuous", error);
	status = rte_eth_stats_reset(l->id);
	if (!status || status == -ENOTSUP)
		status = rte_eth_dev_start(l->id);
	return status ? layout_refuse(l, status, "started", error) : 0;
}

/* --- its queues ------------------------------------------------------------------------------- */

static struct nsc_dpdk_queue *queue_make(const struct dpdk_layout *l, struct nsc_live *live, uint32_t number)
{
	const struct nsc_live_options *o = &l->options->live;
	struct nsc_dpdk_queue *q = aligned_alloc(alignof(struct nsc_dpdk_queue), sizeof(*q));

	if (!q)
		return NULL;
	memset(q, 0, sizeof(*q));
	nsc_live_port_init(&q->port, live, o, 0, &nsc_dpdk_ops, nsc_dpdk_look);
	q->port.rx.linktype[NSC_LINK_ETHERNET] = NSC_LINKTYPE_ETHERNET;
	if (!q->port.own_clock)
		q->port.rx.clock = "netscope";
	q->port.own.kernel_seen = NSC_UNKNOWN; /* and none of it is lost */
	q->port.filter = live->filter;
	q->port.recheck[false] = q->port.recheck[true] = live->filter->whole;
	nsc_rx_counters_copy(&q->port.shared, &q->port.own);
	q->snaplen = o->snaplen ? o->snaplen : UINT32_MAX;
	q->id = l->id;
	q->queue = (uint16_t)number;
	q->queues = l->queues;
	q->stamp_at = l->stamp_at;
	q->stamp_flag = l->stamp_flag;
	q->driver = l->info.driver_name;
	q->descriptors = q->to_drain = l->descriptors;
	q->mtu = l->mtu;
	q->small_pages = l->small_pages;
	q->shares = l->shares;
	q->few = l->queues < o->rings;
	return q;
}

/* `live` is one user of itself already: the first queue. */
static int queues_open(const struct dpdk_layout *l, struct nsc_live *live, struct nsc_rx **rx, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < l->queues && !status; i++) {
		struct nsc_dpdk_queue *q = queue_make(l, live, i);

		if (!q)
			return nsc_fail(error, -ENOMEM, "no memory to capture on '%s'", l->options->port.name);
		live->users += i > 0;
		rx[i] = &q->port.rx;
		status = layout_queue(l, q, error);
	}
	return status;
}

static void queues_close(const struct dpdk_layout *l, struct nsc_live *live, struct nsc_rx **rx)
{
	for (uint32_t i = 0; i < l->queues && rx[i]; i++)
		nsc_rx_close(rx[i]);
	if (!rx[0])
		nsc_live_release(live);
	memset(rx, 0, l->queues * sizeof(rx[0]));
}

static int layout_open(struct dpdk_layout *l, struct nsc_live *live, struct nsc_rx **rx, struct nsc_error *error)
{
	int status = layout_find(l, error);

	if (!status)
		status = layout_choose_queues(l, error);
	if (!status)
		status = layout_choose_clock(l, error);
	if (!status)
		status = layout_configure(l, error);
	memset(rx, 0, NSC_MAX(l->queues, 1u) * sizeof(rx[0]));
	if (!status)
		status = queues_open(l, live, rx, error);
	if (!status)
		status = layout_start(l, error);
	if (!status && l->stamp_flag)
		status = layout_check_clock(l, error);
	if (!status)
		nsc_dpdk_look(nsc_live_port_of(rx[0]));
	return status;
}

static int dpdk_open_live(struct nsc_live **live, const struct nsc_live_options *o, struct nsc_error *error)
{
	int row = nsc_linktype_row(NSC_LINKTYPE_ETHERNET), status = nsc_live_open(live, o, error);

	if (status)
		return status;
	status = nsc_live_compile(*live, o, (unsigned)row, true, error);
	if (status)
		nsc_live_release(*live);
	return status;
}

int nsc_rx_dpdk_open(struct nsc_rx **rx, uint32_t *n, const struct nsc_dpdk_options *o, struct nsc_error *error)
{
	struct nsc_dpdk_options named = *o;
	struct dpdk_layout l = { .options = &named };
	struct nsc_dpdk_start start = { .port = &o->port, .say = o->say };
	uint32_t most = o->queues ? o->queues : o->live.rings;
	struct nsc_live *live;
	int status = nsc_dpdk_device_check("/sys", &o->port, error);

	named.live.interface = o->port.name;
	named.live.apart = true;
	if (!status)
		status = dpdk_open_live(&live, &named.live, error);
	if (status)
		return status;
	start.bytes = EAL_BYTES + (uint64_t)most * MBUFS * (ROOM_BYTES + ELEMENT_BYTES);
	status = nsc_dpdk_start(&start, &l.small_pages, error);
	if (status) {
		nsc_live_release(live);
		return status;
	}
	status = layout_open(&l, live, rx, error);
	if (status) {
		queues_close(&l, live, rx);
		return status;
	}
	nsc_dpdk_started();
	*n = l.queues;
	return 0;
}

bool nsc_rx_dpdk_describe(const struct nsc_rx *rx, char *text, size_t size)
{
	const struct nsc_dpdk_queue *q = (const struct nsc_dpdk_queue *)rx;

	snprintf(text, size, "%s, %u queue%s of %u descriptors%s, frames up to %u bytes, %s%s", q->driver, q->queues,
		 q->queues == 1 ? "" : "s", q->descriptors,
		 q->shares       ? ", shared out by addresses"
		 : q->queues > 1 ? ", shared out as the port does"
				 : "",
		 q->mtu + RTE_ETHER_HDR_LEN,
		 q->small_pages ? "pages of 4 KiB, because too few huge pages are free (docs/capture.md)"
				: "huge pages",
		 q->few ? "; it cannot share flows out to more queues, so that a thread takes packets for all workers"
			: "");
	return q->small_pages || q->few;
}
