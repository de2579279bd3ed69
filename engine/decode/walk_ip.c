/* SPDX-License-Identifier: MIT
 *
 * IPv4, IPv6 with its extension headers, and the transport header behind them.
 */
#include "engine/decode/key.h"
#include "engine/decode/walk.h"

enum {
	PROTO_HOP_BY_HOP = 0,
	PROTO_IPIP = 4,
	PROTO_IPV6 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_NONE = 59,
	PROTO_DESTINATION = 60,
	PROTO_ETHERIP = 97,
	PROTO_MOBILITY = 135,
	PROTO_MPLS = 137,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
	PROTO_ETHERNET = 143,
	OPTION_PAD1 = 0x00,
	OPTION_JUMBO = 0xc2,
	ROUTING_MOBILE = 2,
	ROUTING_SEGMENTS = 4,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	TCP_FLAGS_END = 16, /* the window behind the flags has to be there too */
	UDP_HEADER = 8,
	SCTP_HEADER = 12,
};

/* From here on this header keys the packet, and what an outer one said is void. */
static bool enter_network(struct walk *w, uint8_t version)
{
	struct nsc_packet *pkt = w->pkt;

	w->network = true;
	w->extensions = 0;
	pkt->ip_version = version;
	pkt->ip_proto = 0;
	pkt->l4_off = pkt->payload_off = pkt->src_port = pkt->dst_port = 0;
	pkt->hash = pkt->tcp_seq = pkt->tcp_ack = pkt->payload_len = 0;
	pkt->tcp_flags = pkt->dir = 0;
	pkt->l3_off = (uint16_t)NSC_MIN(w->off, UINT16_MAX);
	return w->off <= WALK_OFFSET_MAX;
}

enum walk_step walk_ip(struct walk *w)
{
	if (!walk_has(w, 1))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	switch (*walk_at(w) >> 4) {
	case 4: return WALK_IPV4;
	case 6: return WALK_IPV6;
	default:
		enter_network(w, 0);
		return walk_stop(w, NSC_FATE_BAD_IPV4_HEADER);
	}
}

enum walk_step walk_ipv4(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t header, total;

	if (!enter_network(w, 4) || !walk_has(w, IPV4_HEADER))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	header = (p[0] & 15u) * 4;
	total = walk_load16(p + 2);
	w->pkt->ip_proto = p[9];
	if (p[0] >> 4 == 6 && w->options->decap)
		return WALK_IPV6;
	if (p[0] >> 4 != 4 || header < IPV4_HEADER || (total != 0 && total < header))
		return walk_stop(w, NSC_FATE_BAD_IPV4_HEADER);
	if (total != 0) /* 0: segmented by the network card, longer than the field can say */
		walk_limit(w, w->off + total);
	if (walk_load16(p + 6) & 0x1fff)
		return walk_stop(w, NSC_FATE_FRAGMENT);
	if (!walk_has(w, header))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	w->off += header;
	w->type = p[9];
	return WALK_IP_PAYLOAD;
}

static bool is_extension(uint8_t next)
{
	switch (next) {
	case PROTO_HOP_BY_HOP:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_AH:
	case PROTO_DESTINATION:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM6: return true;
	default: return false;
	}
}

static uint32_t extension_length(uint8_t kind, const uint8_t *p)
{
	if (kind == PROTO_FRAGMENT)
		return 8;
	if (kind == PROTO_AH)
		return (p[1] + 2u) * 4;
	return (p[1] + 1u) * 8;
}

/* Where does the option at `at` end? One byte of padding has no length of its own. */
static uint64_t option_end(const struct walk *w, uint64_t at)
{
	if (w->data[at] == OPTION_PAD1)
		return at + 1;
	return at + 2 <= w->cap_end ? at + 2 + w->data[at + 1] : UINT64_MAX;
}

/* The length of a jumbogram, or 0: it takes an option that says more than the 16-bit field could. */
static uint32_t jumbo_length(const struct walk *w)
{
	uint64_t at = w->off + 2, end;
	uint32_t length;

	if (!walk_has(w, 8))
		return 0;
	end = NSC_MIN(w->off + extension_length(PROTO_HOP_BY_HOP, walk_at(w)), w->cap_end - 5);
	for (; at < end; at = option_end(w, at)) {
		if (w->data[at] != OPTION_JUMBO || w->data[at + 1] != 4)
			continue;
		length = walk_load32(w->data + at + 2);
		return length > UINT16_MAX ? length : 0;
	}
	return 0;
}

/* Options may overrun their header unnoticed, but not the packet. A routing header must have room for the address
 * that its type stands for. */
static bool is_possible(const struct walk *w, uint8_t kind, uint32_t length)
{
	const uint8_t *p = walk_at(w);
	uint64_t at = w->off + 2;

	if (kind == PROTO_ROUTING)
		return length > 8 || (p[2] != ROUTING_MOBILE && p[2] != ROUTING_SEGMENTS);
	if (kind != PROTO_HOP_BY_HOP && kind != PROTO_DESTINATION)
		return true;
	while (at < w->off + length)
		at = option_end(w, at);
	return at <= w->cap_end;
}

/* Moves the cursor over one extension header; false when the packet ends there, with its fate set. */
static bool skip_extension(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint8_t kind = w->pkt->ip_proto;
	uint32_t length;

	if (w->extensions++ == WALK_EXTENSIONS_MAX) {
		walk_stop(w, NSC_FATE_EXTENSION_LIMIT);
		return false;
	}
	if (!walk_has(w, 8) || !walk_has(w, length = extension_length(kind, p))) {
		walk_stop(w, NSC_FATE_TRUNCATED_L3);
		return false;
	}
	if (!is_possible(w, kind, length)) {
		walk_stop(w, NSC_FATE_BAD_IPV6_HEADER);
		return false;
	}
	if (kind == PROTO_FRAGMENT && walk_load16(p + 2) & 0xfff8) {
		w->pkt->ip_proto = p[0];
		walk_stop(w, NSC_FATE_FRAGMENT);
		return false;
	}
	w->off += length;
	w->pkt->ip_proto = p[0];
	return true;
}

enum walk_step walk_ipv6(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t payload;

	if (walk_has(w, 1) && p[0] >> 4 != 6) /* whatever it is, it is not IP */
		return walk_stop_link(w, NSC_FATE_BAD_IPV6_HEADER);
	if (!enter_network(w, 6) || !walk_has(w, IPV6_HEADER))
		return walk_stop(w, NSC_FATE_TRUNCATED_L3);
	w->pkt->ip_proto = p[6];
	payload = walk_load16(p + 4);
	w->off += IPV6_HEADER;
	if (payload == 0 && p[6] == PROTO_HOP_BY_HOP)
		payload = jumbo_length(w);
	walk_limit(w, w->off + payload);
	while (is_extension(w->pkt->ip_proto))
		if (!skip_extension(w))
			return WALK_STOP;
	if (w->pkt->ip_proto == PROTO_NONE)
		return walk_stop(w, NSC_FATE_NO_NEXT_HEADER);
	w->type = w->pkt->ip_proto;
	return WALK_IP_PAYLOAD;
}

static void set_key(struct walk *w)
{
	struct nsc_packet *pkt = w->pkt;
	const uint8_t *ip = w->data + pkt->l3_off;
	struct nsc_key_order key;

	if (pkt->ip_version == 6)
		key = nsc_key_ipv6(&w->options->seed, ip + 8, pkt->src_port, pkt->dst_port, pkt->ip_proto);
	else
		key = nsc_key_ipv4(&w->options->seed, (uint64_t)walk_load32(ip + 12) << 16 | pkt->src_port,
				   (uint64_t)walk_load32(ip + 16) << 16 | pkt->dst_port, pkt->ip_proto);
	pkt->hash = key.hash;
	pkt->dir = key.dir;
}

/* The ports are enough for a flow; the rest of the header is used as far as it is there. */
static bool set_ports(struct walk *w)
{
	struct nsc_packet *pkt = w->pkt;

	if (w->off > WALK_OFFSET_MAX || !walk_has(w, 4)) {
		walk_stop(w, NSC_FATE_TRUNCATED_L4);
		return false;
	}
	pkt->l4_off = (uint16_t)w->off;
	pkt->src_port = walk_load16(walk_at(w));
	pkt->dst_port = walk_load16(walk_at(w) + 2);
	pkt->fate = NSC_FATE_FLOW;
	set_key(w);
	return true;
}

static void set_payload(struct walk *w, uint32_t header, uint64_t end)
{
	uint64_t start = w->off + header;

	if (start > end)
		return;
	w->pkt->payload_off = (uint16_t)start;
	w->pkt->payload_len = (uint32_t)(end - start);
}

static enum walk_step walk_tcp(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t header;

	if (!set_ports(w) || !walk_has(w, TCP_FLAGS_END))
		return WALK_STOP;
	header = (p[12] >> 4) * 4u;
	if (header < TCP_HEADER)
		return WALK_STOP;
	w->pkt->tcp_seq = walk_load32(p + 4);
	w->pkt->tcp_ack = walk_load32(p + 8);
	w->pkt->tcp_flags = p[13];
	set_payload(w, header, w->wire_end);
	return WALK_STOP;
}

static enum walk_step walk_udp(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint64_t end = w->wire_end;
	uint32_t length;

	if (!set_ports(w) || !walk_has(w, UDP_HEADER))
		return WALK_STOP;
	length = walk_load16(p + 4);
	if (length >= UDP_HEADER) /* 0: a jumbogram; anything else below 8 is nonsense: the IP length holds */
		end = NSC_MIN(end, w->off + length);
	set_payload(w, UDP_HEADER, end);
	if (!w->options->decap)
		return WALK_STOP;
	if (!nsc_decode_is_tunnel_port(w->pkt->src_port) && !nsc_decode_is_tunnel_port(w->pkt->dst_port))
		return WALK_STOP;
	if (length < UDP_HEADER)
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
	if (set_ports(w))
		set_payload(w, SCTP_HEADER, w->wire_end);
	return WALK_STOP;
}

/* An authentication header in front of a tunnel: only decap looks behind it, for the key of the outer packet is AH. */
static enum walk_step walk_ah(struct walk *w)
{
	const uint8_t *p = walk_at(w);
	uint32_t length;

	if (!walk_has(w, 12) || !walk_has(w, length = extension_length(PROTO_AH, p)))
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
	case PROTO_IPIP: return WALK_IPV4;
	case PROTO_IPV6: return WALK_IPV6;
	case PROTO_GRE: return WALK_GRE;
	case PROTO_MPLS: return WALK_MPLS;
	case PROTO_ETHERNET: return WALK_ETHERNET;
	case PROTO_ETHERIP: return walk_etherip(w);
	case PROTO_AH: return walk_ah(w);
	default: return WALK_STOP;
	}
}

enum walk_step walk_ip_payload(struct walk *w)
{
	/* Behind an IPv4 AH the transport is not the packet's own: it keys nothing. */
	bool own = w->type == w->pkt->ip_proto;

	switch (own ? w->type : 256) {
	case NSC_PROTO_TCP: return walk_tcp(w);
	case NSC_PROTO_UDP: return walk_udp(w);
	case NSC_PROTO_SCTP: return walk_sctp(w);
	case NSC_PROTO_ICMP: return walk_stop(w, NSC_FATE_ICMP);
	case NSC_PROTO_ICMPV6: return walk_stop(w, NSC_FATE_ICMPV6);
	default: return walk_carrier(w);
	}
}
