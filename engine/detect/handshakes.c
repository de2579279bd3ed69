/* SPDX-License-Identifier: MIT
 *
 * Lines of half-open handshakes. A token is the hash of the packet that will complete the handshake, so the SYN+ACK
 * makes it from what it expects and the ACK from what it is.
 */
#include "engine/detect/handshakes.h"

#include <errno.h>

#include "engine/detect/hash.h"

#define LINES 16384u
#define WAYS 4u

struct half_open {
	uint64_t token;    /* 0 = free */
	uint64_t clock_ns; /* of the SYN+ACK */
};

struct line {
	alignas(NSC_CACHE_LINE) struct half_open way[WAYS];
};

static_assert(sizeof(struct line) == NSC_CACHE_LINE, "four to a line");

struct nsc_handshakes {
	uint64_t seed[2];
	struct line *line;
};

struct probe {
	uint64_t token;
	uint32_t packet;
	bool answer; /* a SYN+ACK */
};

uint64_t nsc_handshakes_bytes(void)
{
	return LINES * (uint64_t)sizeof(struct line);
}

int nsc_handshakes_open(struct nsc_handshakes **handshakes, struct nsc_arena *arena, const uint64_t seed[2],
			struct nsc_error *error)
{
	struct nsc_handshakes *h = nsc_arena_alloc(arena, sizeof(*h));

	if (h)
		h->line = nsc_arena_alloc(arena, LINES * sizeof(*h->line));
	if (!h || !h->line)
		return nsc_fail(error, -ENOMEM, "no memory for half-open handshakes");
	nsc_arena_populate(h->line, LINES * sizeof(*h->line));
	memcpy(h->seed, seed, sizeof(h->seed));
	*handshakes = h;
	return 0;
}

/* The numbers as the client's packet has them; `from` and `to`: addresses of client and server. */
static uint64_t handshake_token(const struct nsc_handshakes *h, const uint8_t *from, const uint8_t *to, uint32_t bytes,
				uint32_t ports, uint32_t seq, uint32_t ack)
{
	uint8_t client[16] = { 0 }, server[16] = { 0 };
	uint64_t token;

	memcpy(client, from, bytes);
	memcpy(server, to, bytes);
	token = nsc_detect_hash_address(h->seed, client, ports);
	token = nsc_detect_hash_address(h->seed, server, token);
	return nsc_detect_hash(h->seed, token, seq | (uint64_t)ack << 32) | 1;
}

static uint64_t handshake_packet_token(const struct nsc_handshakes *h, const struct nsc_packet *p, bool answer)
{
	uint32_t bytes = p->ip_version == 4 ? 4 : 16;
	const uint8_t *src = p->data + p->l3_off + (p->ip_version == 4 ? 12 : 8), *dst = src + bytes;

	if (answer)
		return handshake_token(h, dst, src, bytes, p->dst_port | (uint32_t)p->src_port << 16, p->tcp_ack,
				       p->tcp_seq + 1);
	return handshake_token(h, src, dst, bytes, p->src_port | (uint32_t)p->dst_port << 16, p->tcp_seq, p->tcp_ack);
}

static struct line *handshake_line(const struct nsc_handshakes *h, uint64_t token)
{
	return &h->line[token >> 32 & (LINES - 1)];
}

/* A free way has clock 0 and is the oldest. */
static void handshake_remember(struct line *line, uint64_t token, uint64_t clock_ns, struct nsc_counters *counters)
{
	struct half_open *oldest = &line->way[0];

	for (uint32_t i = 0; i < WAYS; i++) {
		if (line->way[i].token == token) {
			line->way[i].clock_ns = clock_ns;
			return;
		}
		if (line->way[i].clock_ns < oldest->clock_ns)
			oldest = &line->way[i];
	}
	if (oldest->token && clock_ns - oldest->clock_ns <= NSC_HANDSHAKE_NS)
		nsc_count(counters, NSC_C_DETECT_HANDSHAKE_EVICTED, 1);
	*oldest = (struct half_open){ .token = token, .clock_ns = clock_ns };
}

static bool handshake_complete(struct line *line, uint64_t token, uint64_t clock_ns)
{
	for (uint32_t i = 0; i < WAYS; i++) {
		struct half_open found = line->way[i];

		if (found.token != token)
			continue;
		line->way[i] = (struct half_open){ .token = 0 };
		return clock_ns - found.clock_ns <= NSC_HANDSHAKE_NS;
	}
	return false;
}

/* Every packet with ACK and without RST is looked at, so the lines are asked for all at once. */
static uint32_t handshake_make_probes(const struct nsc_handshakes *h, const struct nsc_packet *pkt, uint32_t n,
				      struct probe *probe)
{
	uint32_t m = 0;

	for (uint32_t i = 0; i < n; i++) {
		bool answer = pkt[i].tcp_flags & NSC_TCP_SYN;

		if ((pkt[i].tcp_flags & (NSC_TCP_ACK | NSC_TCP_RST)) != NSC_TCP_ACK || pkt[i].fate != NSC_FATE_FLOW)
			continue;
		probe[m] = (struct probe){ .token = handshake_packet_token(h, &pkt[i], answer),
					   .packet = i,
					   .answer = answer };
		nsc_prefetch_write(handshake_line(h, probe[m++].token));
	}
	return m;
}

uint64_t nsc_handshakes_burst(struct nsc_handshakes *h, const struct nsc_packet *pkt, uint32_t n,
			      struct nsc_counters *counters)
{
	struct probe probe[NSC_BURST_MAX];
	uint32_t m = handshake_make_probes(h, pkt, n, probe);
	uint64_t completed = 0;

	for (uint32_t i = 0; i < m; i++) {
		struct line *line = handshake_line(h, probe[i].token);
		uint64_t clock_ns = pkt[probe[i].packet].clock_ns;

		if (probe[i].answer)
			handshake_remember(line, probe[i].token, clock_ns, counters);
		else if (handshake_complete(line, probe[i].token, clock_ns))
			completed |= 1ull << probe[i].packet;
	}
	return completed;
}
