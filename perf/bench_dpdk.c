/* SPDX-License-Identifier: MIT
 *
 * What the DPDK source costs a packet: frames lie in a ring of the port net_ring, are lent, and go back to their pool.
 * Beside it stand the least that a program must do for that, DPDK's own burst and bulk, and the generator that other
 * benchmarks read from. Who fills the ring is not measured.
 */
#include "perf/bench.h"

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/sources/dpdk_internal.h"
#include "backends/sources/gen.h"
#include "netscope/clock.h"

enum { FRAMES = 4096, BURSTS = 8, AT_ONCE = BURSTS * NSC_BURST_MAX };

struct dpdk_case {
	struct nsc_rx *rx; /* NULL: DPDK alone */
	struct rte_ring *ring;
	struct rte_mempool *pool;
	double *sample; /* of each time that the ring was emptied, ns per packet */
	unsigned n;
};

/* Each mbuf keeps the frame that was built in it; how long that is stands at the end of its room. */
static uint32_t *dpdk_length_of(struct rte_mbuf *m)
{
	return (uint32_t *)(void *)((uint8_t *)m->buf_addr + m->buf_len - sizeof(uint32_t));
}

static void dpdk_build_frame(struct rte_mempool *pool, void *gen, void *mbuf, unsigned number)
{
	struct rte_mbuf *m = mbuf;
	struct nsc_gen_frame frame;
	uint8_t *slot = aligned_alloc(NSC_CACHE_LINE, nsc_gen_slot_size(gen));

	(void)pool, (void)number;
	if (!slot)
		bench_die("no memory for frames");
	nsc_gen_slot_init(gen, slot);
	nsc_gen_next(gen, slot, &frame);
	memcpy((uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM, frame.data, frame.cap_len);
	*dpdk_length_of(m) = frame.cap_len;
	free(slot);
}

static struct rte_mempool *dpdk_frames(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("bench", FRAMES - 1, 256, 0, 2048, SOCKET_ID_ANY);
	struct nsc_gen_options options = { .reuse = true };
	struct nsc_gen *gen;

	nsc_synth_defaults(&options.traffic);
	options.traffic.payload_max = 1400;
	if (!pool || nsc_gen_open(&gen, &options, NULL))
		bench_die("no memory for frames");
	rte_mempool_obj_iter(pool, dpdk_build_frame, gen);
	nsc_gen_close(gen);
	return pool;
}

static void dpdk_fill(const struct dpdk_case *c)
{
	struct rte_mbuf *mbuf[AT_ONCE];

	if (rte_pktmbuf_alloc_bulk(c->pool, mbuf, AT_ONCE))
		bench_die("dpdk: mbufs are missing");
	for (unsigned i = 0; i < AT_ONCE; i++)
		mbuf[i]->pkt_len = mbuf[i]->data_len = (uint16_t)*dpdk_length_of(mbuf[i]);
	if (rte_ring_enqueue_bulk(c->ring, (void **)mbuf, AT_ONCE, NULL) != AT_ONCE)
		bench_die("dpdk: the ring is not empty");
}

static unsigned dpdk_burst(struct dpdk_case *c, struct nsc_burst *burst)
{
	struct rte_mbuf *mbuf[NSC_BURST_MAX];
	unsigned n;

	if (c->rx) {
		nsc_rx_poll(c->rx, burst);
		nsc_rx_release(c->rx, burst->loan);
		return burst->n;
	}
	n = rte_eth_rx_burst(0, 0, mbuf, NSC_BURST_MAX);
	rte_pktmbuf_free_bulk(mbuf, n);
	return n;
}

static int dpdk_by_size(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* The median over many emptyings: a few were interrupted. */
static double run_dpdk(void *context)
{
	struct dpdk_case *c = context;
	struct nsc_burst burst;

	for (unsigned i = 0; i < c->n; i++) {
		unsigned taken = 0;
		uint64_t start;

		if (c->ring)
			dpdk_fill(c);
		start = nsc_monotonic_ns();
		for (unsigned bursts = 0; bursts < BURSTS; bursts++)
			taken += dpdk_burst(c, &burst);
		c->sample[i] = (double)(nsc_monotonic_ns() - start) / AT_ONCE;
		if (taken != AT_ONCE)
			bench_die("dpdk: %u packets came of %u", taken, (unsigned)AT_ONCE);
	}
	qsort(c->sample, c->n, sizeof(*c->sample), dpdk_by_size);
	return c->sample[c->n / 2];
}

static void dpdk_say_line(const char *line)
{
	fprintf(stderr, "bench: dpdk: %s\n", line);
}

static struct nsc_rx *dpdk_open_source(char text[256])
{
	struct nsc_dpdk_options options = { .live = { .rings = 1 }, .queues = 1, .say = dpdk_say_line };
	struct nsc_error error;
	struct nsc_rx *rx[1];
	uint32_t n;

	if (nsc_dpdk_port_parse(&options.port, "vdev=net_ring0", &error) || nsc_rx_dpdk_open(rx, &n, &options, &error))
		bench_die("%s", error.text);
	nsc_rx_dpdk_describe(rx[0], text, 256);
	return rx[0];
}

void bench_dpdk(void)
{
	unsigned times = (unsigned)bench_size(4000, 20), rounds;
	char text[256];
	struct dpdk_case ours = { .rx = dpdk_open_source(text), .n = times }, alone, synth = { .n = times };
	struct nsc_synth_options options;
	struct bench_way ways[] = {
		{ .name = "the source", .run = run_dpdk, .context = &ours },
		{ .name = "rx_burst and free_bulk", .run = run_dpdk, .context = &alone },
		{ .name = "synth", .run = run_dpdk, .context = &synth },
	};

	fprintf(stderr, "bench: dpdk: %s\n", text);
	nsc_synth_defaults(&options);
	ours.ring = rte_ring_lookup("ETH_RXTX0_net_ring0");
	ours.pool = dpdk_frames();
	ours.sample = calloc(times, sizeof(double));
	if (!ours.ring || !ours.sample || nsc_rx_synth_open(&synth.rx, &options, NULL))
		bench_die("no memory for packets");
	synth.sample = ours.sample;
	alone = ours;
	alone.rx = NULL;
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 16);
	bench_row("dpdk", "a packet of a net_ring, lent and given back", "ns/packet", &ways[0], &ways[1], rounds, NULL);
	bench_row("dpdk", "", "ns/packet", &ways[0], &ways[2], rounds, NULL);
	nsc_rx_close(synth.rx);
	nsc_rx_close(ours.rx);
	free(ours.sample);
}
