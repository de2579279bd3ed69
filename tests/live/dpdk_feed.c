/* SPDX-License-Identifier: MIT
 *
 * Packets of a capture file in the rings of a virtual port, for tests/live/dpdk: loaded before the program with
 * LD_PRELOAD, it stands between the source and DPDK. Environment:
 *
 *   DPDK_FEED=FILE        the frames of this file come to the rings of the port net_ring..., those of two addresses to
 *                         one queue, once the first packet is asked for
 *   DPDK_FEED_STAMPS=1    the port has a clock, and stamps the frames with the times of the file
 *   DPDK_FEED_BAD_CLOCK=1 that clock counts something else
 *   DPDK_FEED_POOL=N      the source's pool of mbufs has N only
 */
#include <dlfcn.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MBUFS = 511, FRAME_MAX = 9100, QUEUES_MAX = 16, ETHERNET = 14 };

struct frame {
	uint64_t ts_ns;
	uint32_t cap, wire;
	uint8_t *data;
};

static struct feed {
	struct frame *frame;
	size_t n, room;
	struct rte_ring *ring[QUEUES_MAX];
	uint16_t queues;
	struct rte_mempool *pool;
	int stamp_at;
	uint64_t stamp_flag;
} feed;

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static _Noreturn void give_up(const char *why)
{
	fprintf(stderr, "dpdk_feed: %s\n", why);
	abort();
}

/* --- the file, before files can be opened no more ---------------------------------------------- */

static void load(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	struct pcap_pkthdr *h;
	const u_char *data;

	if (!pcap)
		give_up(why);
	while (pcap_next_ex(pcap, &h, &data) == 1) {
		if (h->caplen > FRAME_MAX)
			give_up("a frame is longer than an mbuf");
		if (feed.n == feed.room) {
			feed.room = feed.room ? feed.room * 2 : 1024;
			feed.frame = realloc(feed.frame, feed.room * sizeof(*feed.frame));
		}
		feed.frame[feed.n] =
			(struct frame){ .ts_ns = (uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec,
					.cap = h->caplen,
					.wire = h->len,
					.data = malloc(h->caplen) };
		memcpy(feed.frame[feed.n++].data, data, h->caplen);
	}
	pcap_close(pcap);
}

/* --- frames to rings --------------------------------------------------------------------------- */

/* As an interface with RSS over addresses does it: both directions, and all fragments, to one. */
static unsigned queue_of(const struct frame *f)
{
	uint32_t at = ETHERNET, sum = 0, from, to;
	uint16_t type = f->cap >= ETHERNET ? (uint16_t)(f->data[12] << 8 | f->data[13]) : 0;

	for (; type == 0x8100 && f->cap >= at + 4; at += 4)
		type = (uint16_t)(f->data[at + 2] << 8 | f->data[at + 3]);
	from = type == 0x0800 ? at + 12 : at + 8;
	to = from + (type == 0x0800 ? 8 : 32);
	if ((type != 0x0800 && type != 0x86dd) || f->cap < to)
		return 0;
	for (uint32_t i = from; i < to; i++)
		sum += f->data[i] * ((i - from) % 4 + 1);
	return sum % feed.queues;
}

static void send_frame(const struct frame *f)
{
	struct rte_mbuf *m;

	while (!(m = rte_pktmbuf_alloc(feed.pool)))
		sched_yield();
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), f->data, f->cap);
	m->data_len = (uint16_t)f->cap;
	m->pkt_len = f->wire;
	if (feed.stamp_flag) {
		*RTE_MBUF_DYNFIELD(m, feed.stamp_at, rte_mbuf_timestamp_t *) = f->ts_ns;
		m->ol_flags |= feed.stamp_flag;
	}
	while (rte_ring_enqueue(feed.ring[queue_of(f)], m))
		sched_yield();
}

static void *send_all(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < feed.n; i++)
		send_frame(&feed.frame[i]);
	return NULL;
}

/* The sandbox wants no other thread before it: this one begins when a worker asks for its first packet. */
int rte_thread_register(void)
{
	static int begun;
	pthread_t thread;

	if (feed.queues && !__atomic_exchange_n(&begun, 1, __ATOMIC_RELAXED) &&
	    pthread_create(&thread, NULL, send_all, NULL))
		give_up("no thread");
	return REAL(rte_thread_register)();
}

/* --- between the source and DPDK ---------------------------------------------------------------- */

int rte_eth_dev_start(uint16_t id)
{
	char device[RTE_ETH_NAME_MAX_LEN], name[RTE_RING_NAMESIZE];
	struct rte_eth_dev_info info;

	if (getenv("DPDK_FEED") && !rte_eth_dev_get_name_by_port(id, device)) {
		load(getenv("DPDK_FEED"));
		feed.pool =
			rte_pktmbuf_pool_create("feed", MBUFS, 0, 0, FRAME_MAX + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
		if (!feed.pool || (getenv("DPDK_FEED_STAMPS") &&
				   rte_mbuf_dyn_rx_timestamp_register(&feed.stamp_at, &feed.stamp_flag)))
			give_up("no memory");
		REAL(rte_eth_dev_info_get)(id, &info);
		while (feed.queues < info.nb_rx_queues && feed.queues < QUEUES_MAX) {
			snprintf(name, sizeof(name), "ETH_RXTX%u_%.12s", feed.queues, device);
			feed.ring[feed.queues] = rte_ring_lookup(name);
			if (!feed.ring[feed.queues++])
				give_up(name);
		}
	}
	return REAL(rte_eth_dev_start)(id);
}

int rte_eth_dev_info_get(uint16_t id, struct rte_eth_dev_info *info)
{
	int status = REAL(rte_eth_dev_info_get)(id, info);

	if (getenv("DPDK_FEED_STAMPS"))
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	return status;
}

int rte_eth_dev_configure(uint16_t id, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf)
{
	struct rte_eth_conf known = *conf;

	if (getenv("DPDK_FEED_STAMPS"))
		known.rxmode.offloads &= ~RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	return REAL(rte_eth_dev_configure)(id, rx, tx, &known);
}

int rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t descriptors, unsigned node,
			   const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	struct rte_eth_rxconf known = *conf;

	if (getenv("DPDK_FEED_STAMPS"))
		known.offloads &= ~RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	return REAL(rte_eth_rx_queue_setup)(id, queue, descriptors, node, &known, pool);
}

int rte_eth_read_clock(uint16_t id, uint64_t *clock)
{
	struct timespec now;

	(void)id;
	clock_gettime(getenv("DPDK_FEED_BAD_CLOCK") ? CLOCK_MONOTONIC : CLOCK_REALTIME, &now);
	*clock = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return 0;
}

struct rte_mempool *rte_pktmbuf_pool_create(const char *name, unsigned n, unsigned cache, uint16_t priv, uint16_t room,
					    int node)
{
	bool starve = getenv("DPDK_FEED_POOL") && strcmp(name, "feed");

	return REAL(rte_pktmbuf_pool_create)(name, starve ? (unsigned)atoi(getenv("DPDK_FEED_POOL")) : n,
					     starve ? 0 : cache, priv, room, node);
}
