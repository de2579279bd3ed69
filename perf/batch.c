/* SPDX-License-Identifier: MIT
 *
 * Frames of a flow's number: flow f < 2^24 is 10.f to 192.168.x.y.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "perf/batch.h"
#include "perf/bench.h"

#define START_NS 1700000000000000000ull
#define FRAME_LEN 54u
#define TALK_LEN 100u

const struct nsc_decode_options batch_decode = {
	.seed = { { 0x9e3779b97f4a7c15ull, 0xbf58476d1ce4e5b9ull, 0x94d049bb133111ebull, 0x2545f4914f6cdd1dull } },
};

static const uint8_t tcp_ack[FRAME_LEN] = {
	[0] = 2,
	[6] = 2,
	[12] = 0x08,
	[14] = 0x45,
	[17] = 40,
	[22] = 64,
	[23] = NSC_PROTO_TCP,
	[46] = 0x50,
	[47] = NSC_TCP_ACK,
	[48] = 0x20,
};

static void batch_put32(uint8_t *p, uint32_t value)
{
	value = htobe32(value);
	memcpy(p, &value, sizeof(value));
}

static void batch_put16(uint8_t *p, uint32_t value)
{
	uint16_t v = htobe16((uint16_t)value);

	memcpy(p, &v, sizeof(v));
}

static void write_frame(uint8_t *p, uint64_t flow, bool reverse)
{
	uint32_t client = 0x0a000000u | (uint32_t)flow, server = 0xc0a80000u | (uint32_t)(flow * 40503u & 0xffff);
	uint32_t client_port = 1024u + (uint32_t)(flow % 60000);

	memcpy(p, tcp_ack, FRAME_LEN);
	batch_put32(p + (reverse ? 30 : 26), client);
	batch_put32(p + (reverse ? 26 : 30), server);
	batch_put16(p + (reverse ? 36 : 34), client_port);
	batch_put16(p + (reverse ? 34 : 36), 443);
}

static void set_packet(struct batch *batch, uint32_t i, uint64_t flow, bool reverse)
{
	struct nsc_burst *burst = &batch->burst[i / NSC_BURST_MAX];
	struct nsc_packet *pkt = &burst->pkt[i % NSC_BURST_MAX];

	write_frame(batch->frame[i], flow, reverse);
	batch->clock_ns += batch->step_ns;
	pkt->data = batch->frame[i];
	pkt->ts_ns = pkt->clock_ns = burst->clock_ns = batch->clock_ns;
	pkt->cap_len = pkt->wire_len = FRAME_LEN;
	pkt->link = NSC_LINK_ETHERNET;
	burst->n = NSC_BURST_MAX;
}

void batch_fill_new(struct batch *batch, uint64_t first)
{
	for (uint32_t i = 0; i < BATCH_PACKETS; i++)
		set_packet(batch, i, first + i, i & 1);
}

void batch_fill_random(struct batch *batch, uint64_t flows)
{
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		uint64_t x = batch_random(&batch->random);

		set_packet(batch, i, (x >> 1) % flows, x & 1);
	}
}

void batch_fill_talk(struct batch *batch, uint64_t flows, uint32_t (*said)[2])
{
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		uint64_t x = batch_random(&batch->random), flow = (x >> 8) % flows;
		bool reverse = x & 1;
		uint32_t len = x & 2 ? TALK_LEN : 0;

		set_packet(batch, i, flow, reverse);
		batch_put16(batch->frame[i] + 16, 40 + len);
		batch_put32(batch->frame[i] + 38, said[flow][reverse]);
		batch_put32(batch->frame[i] + 42, said[flow][!reverse]);
		batch->burst[i / NSC_BURST_MAX].pkt[i % NSC_BURST_MAX].wire_len += len;
		said[flow][reverse] += len;
	}
}

struct batch *batch_open(uint64_t step_ns)
{
	struct batch *batch = aligned_alloc(4096, (sizeof(*batch) + 4095) / 4096 * 4096);

	if (!batch)
		bench_die("no memory for %zu bytes", sizeof(*batch));
	memset(batch, 0, sizeof(*batch));
	batch->clock_ns = START_NS;
	batch->step_ns = step_ns;
	batch->random = 88172645463325252ull;
	return batch;
}

void batch_close(struct batch *batch)
{
	free(batch);
}

uint64_t batch_generate(struct nsc_gen *gen, uint8_t *slots, struct nsc_burst *burst, uint32_t n)
{
	size_t slot_size = nsc_gen_slot_size(gen);
	struct nsc_gen_frame frame;

	for (uint32_t i = 0; i < n * NSC_BURST_MAX; i++) {
		struct nsc_burst *b = &burst[i / NSC_BURST_MAX];

		nsc_gen_next(gen, slots + i * slot_size, &frame);
		b->pkt[i % NSC_BURST_MAX] = (struct nsc_packet){ .data = frame.data,
								 .ts_ns = frame.ts_ns,
								 .clock_ns = frame.ts_ns,
								 .cap_len = frame.cap_len,
								 .wire_len = frame.wire_len,
								 .link = NSC_LINK_ETHERNET };
		b->n = NSC_BURST_MAX;
		b->clock_ns = frame.ts_ns;
	}
	return burst[n - 1].clock_ns;
}
