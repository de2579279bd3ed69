/* SPDX-License-Identifier: MIT
 *
 * What stands behind an IP header: the transport that makes the flow, or another protocol that may carry IP.
 */
#include "engine/decode/key.h"
#include "engine/decode/walk.h"
#include "netscope/icmp.h"

enum {
	TCP_HEADER = 20,
	TCP_FLAGS_END = 16, /* the window behind the flags has to be there too */
	UDP_HEADER = 8,
	SCTP_HEADER = 12,
	ICMP_HEADER = 8,
};

static void walk_set_key(struct walk *w)
{
	struct nsc_packet *pkt = w->pkt;
	const uint8_t *ip = w->data + pkt->l3_off;
	struct nsc_key_order key;

	if (pkt->ip_version == 6)
		key = nsc_key_ipv6(&w->options->seed, ip + 8, pkt->src_port, pkt->dst_port, pkt->ip_proto);
	else
		key = nsc_key_ipv4(&w->options->seed, (uint64_t)nsc_load32(ip + 12) << 16 | pkt->src_port,
				   (uint64_t)nsc_load32(ip + 16) << 16 | pkt->dst_port, pkt->ip_proto);
	pkt->hash = key.hash;
	pkt->dir = key.dir;
}

/* The ports are enough for a flow; the rest of the header is used as far as it is there. */
static bool walk_set_ports(struct walk *w)
{
	struct nsc_packet *pkt = w->pkt;

	if (w->off > WALK_OFFSET_MAX || !walk_has(w, 4)) {
		walk_stop(w, NSC_FATE_TRUNCATED_L4);
		return false;
	}
	pkt->l4_off = (uint16_t)w->off;
	pkt->src_port = nsc_load16(walk_at(w));
	pkt->dst_port = nsc_load16(walk_at(w) + 2);
	pkt->fate = NSC_FATE_FLOW;
	walk_set_key(w);
	return true;
}

static void walk_set_payload(struct walk *w, uint32_t header, uint64_t end)
{
	uint64_t start = w->off + header;

	if (start > end)
		return;
	w->pkt->l4_len = (uint8_t)header;
	w->pkt->payload_len = (uint32_t)(end - start);
}

static enum walk_step walk_tcp(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t header;

	if (!walk_set_ports(w) || !walk_has(w, TCP_FLAGS_END))
		return WALK_STOP;
	header = (p[12] >> 4) * 4u;
	if (header < TCP_HEADER)
		return WALK_STOP;
	w->pkt->tcp_seq = nsc_load32(p + 4);
	w->pkt->tcp_ack = nsc_load32(p + 8);
	w->pkt->tcp_flags = p[13];
	walk_set_payload(w, header, w->wire_end);
	return WALK_STOP;
}

static enum walk_step walk_udp(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint64_t end = w->wire_end;
	uint32_t length;

	if (!walk_set_ports(w) || !walk_has(w, UDP_HEADER))
		return WALK_STOP;
	length = nsc_load16(p + 4);
	if (length >= UDP_HEADER) /* anything else below 8 but 0 is nonsense: the IP length holds */
		end = NSC_MIN(end, w->off + length);
	walk_set_payload(w, UDP_HEADER, end);
	if (!w->options->decap)
		return WALK_STOP;
	if (nsc_decode_tunnel(w->pkt->src_port, w->pkt->dst_port) == NSC_TUNNEL_NONE)
		return WALK_STOP;
	if (length < UDP_HEADER && (length != 0 || !walk_is_beyond_16_bits(w)))
		return WALK_STOP;
	walk_limit(w, end);
	w->off += UDP_HEADER;
	return WALK_UDP_TUNNEL;
}

static enum walk_step walk_sctp(struct walk *w)
{
	if (!w->options->track_sctp)
		return walk_stop(w, NSC_FATE_SCTP);
	if (!walk_has(w, SCTP_HEADER))
		return walk_stop(w, NSC_FATE_TRUNCATED_L4);
	if (walk_set_ports(w))
		walk_set_payload(w, SCTP_HEADER, w->wire_end);
	return WALK_STOP;
}

/* The other end of a message has its type and code for a port, as in nfdump; the end that asked has the identifier.
 * So a question and its answer have the same two ends. */
static enum walk_step walk_icmp(struct walk *w, enum nsc_fate fate)
{
	const uint8_t *p = walk_at(w);
	struct nsc_packet *pkt = w->pkt;
	const struct nsc_icmp_pair *pair;
	uint16_t kind, id;

	if (!w->options->track_icmp)
		return walk_stop(w, fate);
	pair = walk_has(w, 4) ? nsc_icmp_pair_of(pkt->ip_proto, p[0]) : NULL;
	if (w->off > WALK_OFFSET_MAX || !walk_has(w, pair && pair->has_id ? ICMP_HEADER : 4))
		return walk_stop(w, NSC_FATE_TRUNCATED_L4);
	kind = (uint16_t)((pair ? pair->request : p[0]) << 8 | p[1]);
	id = pair && pair->has_id ? nsc_load16(p + 4) : 0;
	pkt->l4_off = (uint16_t)w->off;
	pkt->src_port = pair && p[0] == pair->reply ? kind : id;
	pkt->dst_port = pair && p[0] == pair->reply ? id : kind;
	pkt->fate = NSC_FATE_FLOW;
	walk_set_key(w);
	walk_set_payload(w, ICMP_HEADER, w->wire_end);
	return WALK_STOP;
}

/* An authentication header in front of a tunnel: only decap looks behind it, for the key of the outer packet is AH. */
static enum walk_step walk_ah(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t length;

	if (!walk_has(w, 12) || !walk_has(w, length = (p[1] + 2u) * 4))
		return WALK_STOP;
	w->off += length;
	w->type = p[0];
	return WALK_IP_PAYLOAD;
}

static enum walk_step walk_etherip(struct walk *w)
{
	if (!walk_has(w, 2))
		return WALK_STOP;
	w->off += 2;
	return WALK_ETHERNET;
}

/* A protocol that makes no flow but may carry an IP header, which decap goes on to. */
static enum walk_step walk_carrier(struct walk *w)
{
	w->pkt->fate = NSC_FATE_UNSUPPORTED_L4;
	if (!w->options->decap)
		return WALK_STOP;
	if (w->tunnels++ == WALK_TUNNELS_MAX)
		return walk_stop(w, NSC_FATE_TUNNEL_LIMIT);
	switch (w->type) {
	case PROTO_IPIP:
		return WALK_IPV4;
	case PROTO_IPV6:
		return WALK_IPV6;
	case PROTO_GRE:
		return WALK_GRE;
	case PROTO_MPLS:
		return WALK_MPLS;
	case PROTO_ETHERNET:
		return WALK_ETHERNET;
	case PROTO_ETHERIP:
		return walk_etherip(w);
	case PROTO_L2TP:
		return WALK_L2TPV3;
	case PROTO_AH:
		return walk_ah(w);
	default:
		return WALK_STOP;
	}
}

enum walk_step walk_ip_payload(struct walk *w)
{
	/* Behind an IPv4 AH the transport is not the packet's own: it keys nothing. */
	bool own = w->type == w->pkt->ip_proto;

	switch (own ? w->type : 256) {
	case NSC_PROTO_TCP:
		return walk_tcp(w);
	case NSC_PROTO_UDP:
		return walk_udp(w);
	case NSC_PROTO_SCTP:
		return walk_sctp(w);
	case NSC_PROTO_ICMP:
		return walk_icmp(w, NSC_FATE_ICMP);
	case NSC_PROTO_ICMPV6:
		return walk_icmp(w, NSC_FATE_ICMPV6);
	default:
		return walk_carrier(w);
	}
}
