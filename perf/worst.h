/* SPDX-License-Identifier: MIT
 *
 * The most expensive packets that we know how to send, for the search (tests/property/worst_burst.c) and the benchmark
 * (bench_worst.c). A stage is a full table that has been led on: TCP flows with as much outstanding as they may have,
 * every second entry a hole. A burst is 64 packets, and each packet is a few small numbers, so that a search can change
 * one of them.
 */
#ifndef NETSCOPE_PERF_WORST_H
#define NETSCOPE_PERF_WORST_H

#include <stdlib.h>
#include <string.h>

#include "engine/decode/walk.h"
#include "engine/detect/contacts.h"
#include "engine/flow/table.h"

#define WORST_FLOWS 64u        /* flows with deep rings */
#define WORST_SEGMENTS 250u    /* from each side: a segment of 10 bytes, then a hole of 10 */
#define WORST_TABLE (1u << 18) /* records, all taken: a new flow evicts another */
#define WORST_FRAME 3072u
#define WORST_CLOCK_NS 1700000000000000000ull

enum worst_wrap {
	WORST_PLAIN,
	WORST_FRAMES,
	WORST_TUNNELS,
	WORST_EXTENSIONS,
	WORST_OPTIONS,
	WORST_NSH,  /* hops behind one another */
	WORST_TAGS, /* a hop with a list: TZSP */
	WORST_WRAPS
};

enum worst_kind {
	WORST_AGAIN,      /* the middle of a hole is sent again */
	WORST_ACK,        /* some of what the other side has outstanding is acknowledged */
	WORST_AGAIN_ACK,  /* both */
	WORST_COVER,      /* many segments and holes are sent again at once, and the same acknowledgement */
	WORST_KEEP_ALIVE, /* the last byte again, and an acknowledgement */
	WORST_BEYOND,     /* another hole behind everything */
	WORST_RESET,      /* RST: everything is given back */
	WORST_RENEW,      /* SYN with another number: a new record in the place of the old one */
	WORST_FLOOD,      /* SYN of a new flow: one is evicted; a contact */
	WORST_UDP,        /* UDP of a new flow: the same */
	WORST_KINDS
};

struct worst_packet { /* any values: they are taken modulo what there is */
	uint8_t kind, wrap, wraps, flow, dir, depth, ack_depth;
};

struct worst_stage {
	struct nsc_arena *arena;
	struct nsc_flow_table *table;
	struct nsc_contacts *contacts;
	struct nsc_channel *epochs;
	struct nsc_counters counters;
	struct nsc_flow_output output;
	struct nsc_decode_options decode;
	struct nsc_idle idle;
	uint32_t fresh; /* numbers of new flows */
	struct nsc_packet pkt[NSC_BURST_MAX];
	uint8_t frame[NSC_BURST_MAX][WORST_FRAME];
};

static inline uint8_t *worst_put16(uint8_t *p, uint32_t x)
{
	p[0] = (uint8_t)(x >> 8);
	p[1] = (uint8_t)x;
	return p + 2;
}

static inline uint8_t *worst_put32(uint8_t *p, uint32_t x)
{
	return worst_put16(worst_put16(p, x >> 16), x);
}

static inline uint8_t *worst_ethernet(uint8_t *p, uint32_t type)
{
	memset(p, 2, 12);
	return worst_put16(p + 12, type);
}

static inline uint8_t *worst_ipv4(uint8_t *p, uint8_t proto, uint32_t src, uint32_t dst)
{
	memset(p, 0, 20);
	p[0] = 0x45; /* a length of 0: as long as the frame */
	p[8] = 64;
	p[9] = proto;
	return worst_put32(worst_put32(p + 12, src), dst);
}

/* `headers` extension headers, each with `options` bytes of padding: 6 or 14. */
static inline uint8_t *worst_ipv6(uint8_t *p, uint32_t headers, uint32_t options)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	p[4] = p[5] = 0xff;
	p[6] = headers ? 60 : 4;
	p += 40;
	for (uint32_t i = 0; i < headers; i++, p += 2 + options) {
		memset(p, 0, 2 + options);
		p[0] = i + 1 < headers ? 60 : 4;
		p[1] = (uint8_t)(options / 8);
	}
	return p;
}

static inline uint8_t *worst_nsh(uint8_t *p, uint32_t headers)
{
	for (uint32_t i = 0; i < headers; i++)
		p = worst_put32(worst_put32(p, 0x0fc20100u | (i + 1 < headers ? 4 : 1)), 0x1ff);
	return p;
}

static inline uint8_t *worst_tzsp(uint8_t *p, uint32_t tags)
{
	p = worst_ipv4(p, 17, 0x0a000001, 0x0a000002);
	p = worst_put32(worst_put16(worst_put16(p, 1000), 37008), 1000u << 16);
	p = worst_put32(p, 0x01000001);
	memset(p, 0, tags);
	p[tags] = 1;
	return worst_ethernet(p + tags + 1, 0x0800);
}

/* What stands in front of the packet's own IP header. */
static inline uint8_t *worst_wrap(uint8_t *p, const struct worst_packet *w)
{
	switch (w->wrap % WORST_WRAPS) {
	case WORST_FRAMES:
		for (uint32_t i = 0; i < w->wraps % 64u; i++)
			p = worst_ethernet(p, 0x6558);
		return worst_ethernet(p, 0x0800);
	case WORST_TUNNELS:
		p = worst_ethernet(p, 0x0800);
		for (uint32_t i = 0; i < w->wraps % 9u; i++)
			p = worst_ipv4(p, 4, 0x0a000001, 0x0a000002);
		return p;
	case WORST_EXTENSIONS:
		return worst_ipv6(worst_ethernet(p, 0x86dd), w->wraps % 17u, 6);
	case WORST_NSH:
		return worst_nsh(worst_ethernet(p, 0x894f), 1 + w->wraps % 100u);
	case WORST_TAGS:
		return worst_tzsp(worst_ethernet(p, 0x0800), w->wraps % 100u);
	case WORST_OPTIONS:
		return worst_ipv6(worst_ethernet(p, 0x86dd), w->wraps % 17u, 14);
	}
	return worst_ethernet(p, 0x0800);
}

static inline uint32_t worst_base(uint32_t flow, unsigned dir)
{
	return flow * 0x01234567u + dir * 0x76543210u;
}

struct worst_tcp {
	uint32_t flow, seq, ack, payload;
	unsigned dir;
	uint8_t flags;
};

static inline void worst_send_tcp(struct worst_stage *s, uint32_t i, const struct worst_packet *w,
				  const struct worst_tcp *tcp)
{
	uint8_t *start = s->frame[i], *p = worst_wrap(start, w);
	uint32_t a = 0x0a000000u + tcp->flow, b = 0xc0a80001u;

	p = worst_ipv4(p, 6, tcp->dir ? b : a, tcp->dir ? a : b);
	p = worst_put16(worst_put16(p, tcp->dir ? 443 : 40000), tcp->dir ? 40000 : 443);
	p = worst_put32(worst_put32(p, tcp->seq), tcp->ack);
	*p++ = 0x50;
	*p++ = tcp->flags;
	p = worst_put32(worst_put16(p, 1000), 0);
	p += tcp->payload;
	s->pkt[i].cap_len = s->pkt[i].wire_len = (uint32_t)(p - start);
}

static inline void worst_send_udp(struct worst_stage *s, uint32_t i, const struct worst_packet *w, uint32_t number)
{
	uint8_t *start = s->frame[i], *p = worst_wrap(start, w);

	p = worst_ipv4(p, 17, 0x0b000000u + number, 0xc0a80002u);
	p = worst_put32(worst_put16(worst_put16(p, 1000), 53), 8u << 16);
	s->pkt[i].cap_len = s->pkt[i].wire_len = (uint32_t)(p - start);
}

static inline void worst_send(struct worst_stage *s, uint32_t i, const struct worst_packet *w)
{
	uint32_t flow = w->flow % WORST_FLOWS, next = 20 * WORST_SEGMENTS - 10;
	unsigned dir = w->dir & 1;
	uint32_t own = worst_base(flow, dir), other = worst_base(flow, !dir);
	struct worst_tcp tcp = { .flow = flow, .dir = dir, .ack = other, .seq = own + next, .flags = NSC_TCP_ACK };
	uint32_t deep = own + 20 * (w->depth % WORST_SEGMENTS);
	uint32_t acked = other + 10 * (2u * w->ack_depth % (2 * WORST_SEGMENTS));

	switch (w->kind % WORST_KINDS) {
	case WORST_AGAIN_ACK:
		tcp.ack = acked;
		/* fall through */
	case WORST_AGAIN:
		tcp.seq = deep + 13;
		tcp.payload = 4;
		break;
	case WORST_COVER:
		tcp.ack = acked;
		tcp.seq = deep;
		tcp.payload = 1200;
		break;
	case WORST_ACK:
		tcp.ack = acked;
		break;
	case WORST_KEEP_ALIVE:
		tcp.ack = acked;
		tcp.seq = own + next - 1;
		tcp.payload = 1;
		break;
	case WORST_BEYOND:
		tcp.ack = acked;
		tcp.seq = own + next + 1000;
		tcp.payload = 10;
		break;
	case WORST_RESET:
		tcp.flags = NSC_TCP_ACK | NSC_TCP_RST;
		break;
	case WORST_RENEW:
		tcp.flags = NSC_TCP_SYN;
		tcp.seq = own + 0x40000000u;
		break;
	case WORST_FLOOD:
		tcp.flow = 0x10000 + s->fresh++;
		tcp.flags = NSC_TCP_SYN;
		break;
	case WORST_UDP:
		worst_send_udp(s, i, w, s->fresh++);
		return;
	}
	worst_send_tcp(s, i, w, &tcp);
}

/* What a worker does with a burst, but for the source and the sweep. */
static inline void worst_run(struct worst_stage *s, uint32_t n)
{
	uint64_t openers;

	nsc_decode_burst(&s->decode, s->pkt, n);
	openers = nsc_flow_table_burst(s->table, s->pkt, n, &s->counters, &s->output);
	nsc_contacts_burst(s->contacts, s->pkt, n, openers);
}

static inline struct nsc_flow_chunk *worst_chunk(struct nsc_flow_output *output)
{
	output->chunk->n = 0;
	return output->chunk;
}

/* Both sides of every flow send ahead and leave holes. */
static inline void worst_lead_on(struct worst_stage *s)
{
	struct worst_packet plain = { .wrap = WORST_PLAIN };

	for (uint32_t flow = 0; flow < WORST_FLOWS; flow++)
		for (uint32_t k = 0, n = 0; k < 2 * WORST_SEGMENTS; k++) {
			unsigned dir = k & 1;
			struct worst_tcp tcp = { .flow = flow,
						 .dir = dir,
						 .seq = worst_base(flow, dir) + 20 * (k / 2),
						 .ack = worst_base(flow, !dir),
						 .payload = 10,
						 .flags = NSC_TCP_ACK };

			worst_send_tcp(s, n, &plain, &tcp);
			n = (n + 1) % NSC_BURST_MAX;
			if (!n)
				worst_run(s, NSC_BURST_MAX);
		}
}

/* NULL when there is no memory. */
static inline struct worst_stage *worst_open(void)
{
	struct worst_stage *s = aligned_alloc(NSC_CACHE_LINE, sizeof(*s));
	struct nsc_hash_seed seed = { { 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
					0x82efa98ec4e6c89 } };
	struct nsc_flow_table_options table = { .max_flows = WORST_TABLE,
						.timeout_ns = 60 * NSC_NS_PER_SEC,
						.tick_ns = NSC_NS_PER_SEC,
						.top_flows = 10,
						.analyses = NSC_ANALYSIS_ALL,
						.openers = true,
						.seed = seed };
	const uint64_t contacts_seed[2] = { 1, 2 };
	struct worst_packet udp = { .wrap = WORST_PLAIN, .kind = WORST_UDP };

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->decode = (struct nsc_decode_options){ .seed = seed, .decap = true };
	s->output.chunk = calloc(1, sizeof(*s->output.chunk));
	s->output.full = worst_chunk;
	if (!s->output.chunk || nsc_arena_open(&s->arena, NULL) ||
	    nsc_flow_table_open(&s->table, &table, s->arena, NULL) || nsc_epochs_open(&s->epochs, s->arena, NULL) ||
	    nsc_contacts_open(&s->contacts, s->arena, s->epochs, (1u << NSC_CONTACT_KINDS) - 1, contacts_seed, NULL))
		return NULL;
	nsc_idle_init(&s->idle, NSC_POLL_BUSY, false);
	nsc_channel_connect(s->epochs, &(struct nsc_channel_doorbells){ .sender = &s->idle, .receiver = &s->idle });
	nsc_contacts_attach(s->contacts, &s->counters, true);
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		s->pkt[i] = (struct nsc_packet){ .data = s->frame[i],
						 .ts_ns = WORST_CLOCK_NS,
						 .clock_ns = WORST_CLOCK_NS,
						 .link = NSC_LINK_ETHERNET };
	nsc_contacts_advance(s->contacts, WORST_CLOCK_NS);
	for (uint32_t n = 0; n < WORST_TABLE - WORST_FLOWS; n += NSC_BURST_MAX) {
		for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
			worst_send(s, i, &udp);
		worst_run(s, NSC_BURST_MAX);
	}
	worst_lead_on(s);
	return s;
}

static inline void worst_close(struct worst_stage *s)
{
	nsc_arena_close(s->arena);
	free(s->output.chunk);
	free(s);
}

#endif
