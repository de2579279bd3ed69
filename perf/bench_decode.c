/* SPDX-License-Identifier: MIT
 *
 * Decode of one header, everything in the first-level cache: 256 packets over and over. The floor reads the same
 * header bytes once.
 */
#include <stdlib.h>
#include <string.h>

#include "perf/batch.h"
#include "perf/bench.h"

#define FRAMES 256u
#define SLOT 128u

struct shape {
	const char *name, *budget;
	uint32_t len;
	uint32_t address, port; /* where what differs from frame to frame lies: last bytes of the source, its port */
	uint8_t head[SLOT];
};

/* clang-format off */
static const struct shape shapes[] = {
	{ "decode Ethernet/IPv4/TCP, 54 B", "decode", 54, 27, 34,
	  { [12] = 0x08, [14] = 0x45, [17] = 40, [22] = 64, [23] = 6, [26] = 10, [30] = 10, 7, 7, 7, [36] = 1, 187,
	    [46] = 0x50, [47] = 0x10 } },
	{ "decode Ethernet/VLAN/IPv6/UDP, 66 B", NULL, 66, 31, 58,
	  { [12] = 0x81, 0, 0, 9, 0x86, 0xdd, [18] = 0x60, [23] = 8, [24] = 17, 64, [26] = 0x20, 1, [42] = 0x20, 1, 7,
	    [60] = 0, 53, [63] = 8 } },
	{ "decode Ethernet/IPv4/UDP/DNS, 42 B of header", NULL, 74, 27, 34,
	  { [12] = 0x08, [14] = 0x45, [17] = 60, [22] = 64, [23] = 17, [26] = 10, [30] = 10, 7, 7, 7, [36] = 0, 53,
	    [39] = 40 } },
};
/* clang-format on */

struct decode_case {
	const struct shape *shape;
	uint64_t packets;
	alignas(NSC_CACHE_LINE) uint8_t frame[FRAMES][SLOT];
	struct nsc_burst burst[FRAMES / NSC_BURST_MAX];
};

static void decode_case_fill(struct decode_case *c)
{
	uint64_t random = 88172645463325252ull;

	for (uint32_t i = 0; i < FRAMES; i++) {
		struct nsc_packet *pkt = &c->burst[i / NSC_BURST_MAX].pkt[i % NSC_BURST_MAX];
		uint64_t x = batch_random(&random);

		memcpy(c->frame[i], c->shape->head, c->shape->len);
		memcpy(&c->frame[i][c->shape->address], &x, 3);
		c->frame[i][c->shape->port] = 0x80;
		c->frame[i][c->shape->port + 1] = (uint8_t)(x >> 32);
		pkt->data = c->frame[i];
		pkt->cap_len = pkt->wire_len = c->shape->len;
		pkt->link = NSC_LINK_ETHERNET;
	}
}

static double run_decode(void *context)
{
	struct decode_case *c = context;
	double start = bench_cpu_ns();

	for (uint64_t i = 0; i < c->packets / NSC_BURST_MAX; i++) {
		struct nsc_burst *burst = &c->burst[i % NSC_ARRAY_LEN(c->burst)];

		nsc_decode_burst(&batch_decode, burst->pkt, NSC_BURST_MAX);
		bench_keep(burst);
	}
	return (bench_cpu_ns() - start) / (double)c->packets;
}

static double run_read(void *context)
{
	struct decode_case *c = context;
	double start = bench_cpu_ns();

	for (uint64_t i = 0; i < c->packets / NSC_BURST_MAX; i++) {
		const struct nsc_packet *pkt = c->burst[i % NSC_ARRAY_LEN(c->burst)].pkt;
		uint64_t sum = 0;

		for (uint32_t k = 0; k < NSC_BURST_MAX; k++)
			for (uint32_t at = 0; at < c->shape->len; at += 8) {
				uint64_t word; /* the slot is longer than the frame */

				memcpy(&word, pkt[k].data + at, 8);
				sum += word;
			}
		bench_keep(sum);
	}
	return (bench_cpu_ns() - start) / (double)c->packets;
}

/* A shape that decode refuses would be measured as something else. */
static void decode_case_check(struct decode_case *c)
{
	nsc_decode_burst(&batch_decode, c->burst[0].pkt, NSC_BURST_MAX);
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		if (c->burst[0].pkt[i].fate != NSC_FATE_FLOW)
			bench_die("%s: a frame is '%s'", c->shape->name, nsc_fate_name(c->burst[0].pkt[i].fate));
}

void bench_decode(void)
{
	struct decode_case *c = aligned_alloc(NSC_CACHE_LINE, sizeof(*c));

	if (!c)
		bench_die("no memory");
	for (size_t i = 0; i < NSC_ARRAY_LEN(shapes); i++) {
		struct bench_way ways[] = {
			{ .name = "decode", .run = run_decode, .context = c },
			{ .name = "read the header once", .run = run_read, .context = c },
		};
		unsigned rounds;

		memset(c, 0, sizeof(*c));
		c->shape = &shapes[i];
		c->packets = bench_size(20000000, 200000);
		decode_case_fill(c);
		decode_case_check(c);
		rounds = bench_run(ways, 2, 9);
		bench_row("decode", shapes[i].name, "ns/packet", &ways[0], &ways[1], rounds, shapes[i].budget);
	}
	free(c);
}
