/* SPDX-License-Identifier: MIT
 *
 * Who talks to whom in generated traffic: the addresses, ports, kind and length of a new connection.
 */
#include "gen_internal.h"

enum { CLOSING_PACKETS = 3 };

/* Client's host and port are a bijection of the connection number: no 5-tuple comes twice within 2^32 connections. */
static void draw_client(const struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t mask = (1u << gen->host_bits) - 1, low = flow->connection & mask;
	uint32_t above = flow->connection >> gen->host_bits;
	uint32_t host = ((low * gen->host_multiplier + (uint32_t)gen->seed) & mask) | (above >> 14) << gen->host_bits;

	flow->address[0] = 0xac100001 + host; /* 172.16.0.0/12 */
	flow->port[0] = (uint16_t)(32768 + ((above + host * 2654435761u) & 0x3fff));
}

static void draw_server(const struct nsc_gen *gen, struct gen_flow *flow, uint64_t random)
{
	static const uint16_t tcp_ports[8] = { 443, 443, 80, 8080, 8443, 5001, 9000, 22222 };
	static const uint16_t udp_ports[4] = { 5001, 7000, 9993, 27015 };
	uint32_t host = (uint32_t)random & ((1u << gen->host_bits) - 1) >> 2;

	flow->address[1] = (random & 1ull << 63 ? 0x0a000001 : 0xc6120001) + host; /* 10.0.0.0/8, 198.18.0.0/15 */
	flow->port[1] = flow->shape & GEN_DNS                ? 53
			: flow->shape & (GEN_TLS | GEN_QUIC) ? 443
			: flow->shape & GEN_HTTP             ? 80
			: flow->shape & GEN_UDP              ? udp_ports[random >> 40 & 3]
							     : tcp_ports[random >> 40 & 7];
}

static void draw_shape(const struct nsc_gen *gen, struct gen_flow *flow, uint64_t identity)
{
	uint64_t a = gen_mix(identity + 1), b = gen_mix(identity + 2);
	bool udp = (uint32_t)a >= gen->tcp_share;
	uint64_t kind = b >> 32;

	flow->shape =
		(uint8_t)((a >> 32 < gen->ipv6_share ? GEN_IPV6 : 0) | ((uint32_t)b < gen->vlan_share ? GEN_VLAN : 0) |
			  (udp ? GEN_UDP : 0) | (udp && kind < gen->dns_share ? GEN_DNS : 0));
	if (udp && kind - gen->dns_share < gen->quic_share)
		flow->shape |= GEN_QUIC | GEN_BEGINS;
	else if (!udp && kind < gen->tls_share)
		flow->shape |= GEN_TLS | GEN_BEGINS;
	else if (!udp && kind - gen->tls_share < gen->http_share)
		flow->shape |= GEN_HTTP | GEN_BEGINS;
}

/* Packets of the connection: three quarters are half the mean, one quarter is two and a half times it. */
static uint32_t draw_left(struct nsc_gen *gen, const struct gen_flow *flow)
{
	uint64_t random = gen_random(&gen->content);
	uint64_t mean = random >> 62 ? gen->traffic.flow_packets / 2 : gen->traffic.flow_packets * 5 / 2;
	uint32_t span = (uint32_t)NSC_MIN(2 * NSC_MAX(mean, 1) - 1, UINT32_MAX);
	uint32_t left = 1 + gen_scale((uint32_t)random, span);

	if (!gen->traffic.flow_packets)
		return 0;
	if (flow->shape & GEN_UDP || !gen->traffic.handshake)
		return left;
	return NSC_MAX(left, 4u + CLOSING_PACKETS) - CLOSING_PACKETS;
}

void gen_flow_renew(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint64_t identity, isn = gen_random(&gen->content);

	flow->connection = gen->reuse ? (uint32_t)(flow - gen->flows) : gen->next_connection++;
	identity = gen_identity(gen, flow->connection);
	draw_shape(gen, flow, identity);
	draw_client(gen, flow);
	draw_server(gen, flow, identity);
	flow->seq[0] = flow->acked[1] = (uint32_t)isn;
	flow->seq[1] = flow->acked[0] = (uint32_t)(isn >> 32);
	flow->losses = flow->swaps = flow->step = flow->dir = 0;
	flow->left = draw_left(gen, flow);
	flow->state = GEN_IDLE;
}
