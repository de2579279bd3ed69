/* SPDX-License-Identifier: MIT
 *
 * The straight path: Ethernet II with at most one VLAN tag, IPv4 without options or IPv6 without extensions, TCP or
 * UDP with the whole header captured. It refuses everything else, and the cold walker then decides; where it accepts,
 * the descriptor is the one the walker would give, byte for byte.
 */
#ifndef NETSCOPE_DECODE_FAST_H
#define NETSCOPE_DECODE_FAST_H

#include <endian.h>

#include "engine/decode/key.h"
#include "engine/decode/walk.h"


/* At l4 there are at least 20 captured bytes of TCP; `end` is where IP says the packet ends. */
nsc_always_inline bool nsc_fast_tcp(struct nsc_packet *pkt, const uint8_t *l4, uint32_t off, uint32_t end)
{
	uint32_t header = (l4[12] >> 4) * 4u;

	if (nsc_unlikely(header < 20 || off + header > end))
		return false;
	pkt->tcp_seq = walk_load32(l4 + 4);
	pkt->tcp_ack = walk_load32(l4 + 8);
	pkt->tcp_flags = l4[13];
	pkt->payload_off = (uint16_t)(off + header);
	pkt->payload_len = end - off - header;
	return true;
}

nsc_always_inline bool nsc_fast_udp(const struct nsc_decode_options *options, struct nsc_packet *pkt, const uint8_t *l4,
				    uint32_t off, uint32_t end)
{
	uint32_t length = walk_load16(l4 + 4);

	if (nsc_unlikely(length < 8 || off + length > end))
		return false;
	if (nsc_unlikely(options->decap) &&
	    (nsc_decode_is_tunnel_port(pkt->src_port) || nsc_decode_is_tunnel_port(pkt->dst_port)))
		return false;
	pkt->tcp_seq = 0;
	pkt->tcp_ack = 0;
	pkt->tcp_flags = 0;
	pkt->payload_off = (uint16_t)(off + 8);
	pkt->payload_len = length - 8;
	return true;
}

/* Ports, and the rest of the transport header. */
nsc_always_inline bool nsc_fast_l4(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint8_t proto,
				   uint32_t off, uint32_t end, uint32_t cap)
{
	const uint8_t *l4 = pkt->data + off;
	uint32_t need = proto == NSC_PROTO_TCP ? 20 : 8;

	if (nsc_unlikely(off + need > cap || off + need > end))
		return false;
	pkt->src_port = walk_load16(l4);
	pkt->dst_port = walk_load16(l4 + 2);
	pkt->l4_off = (uint16_t)off;
	pkt->ip_proto = proto;
	pkt->fate = NSC_FATE_FLOW;
	if (nsc_likely(proto == NSC_PROTO_TCP))
		return nsc_fast_tcp(pkt, l4, off, end);
	return proto == NSC_PROTO_UDP && nsc_fast_udp(options, pkt, l4, off, end);
}

nsc_always_inline bool nsc_fast_ipv4(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t off)
{
	const uint8_t *ip = pkt->data + off;
	uint32_t end = off + walk_load16(ip + 2);

	if (nsc_unlikely(ip[0] != 0x45 || walk_load16(ip + 6) & 0x1fff || end > pkt->wire_len))
		return false;
	pkt->l3_off = (uint16_t)off;
	pkt->ip_version = 4;
	if (!nsc_fast_l4(options, pkt, ip[9], off + 20, end, pkt->cap_len))
		return false;
	nsc_key_ipv4(&options->seed, pkt, (uint64_t)walk_load32(ip + 12) << 16 | pkt->src_port,
		     (uint64_t)walk_load32(ip + 16) << 16 | pkt->dst_port);
	return true;
}

nsc_always_inline bool nsc_fast_ipv6(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t off)
{
	const uint8_t *ip = pkt->data + off;
	uint32_t end = off + 40 + walk_load16(ip + 4);

	if (nsc_unlikely(ip[0] >> 4 != 6 || end > pkt->wire_len || off + 48 > pkt->cap_len))
		return false;
	pkt->l3_off = (uint16_t)off;
	pkt->ip_version = 6;
	if (!nsc_fast_l4(options, pkt, ip[6], off + 40, end, pkt->cap_len))
		return false;
	nsc_key_ipv6(&options->seed, pkt, ip + 8);
	return true;
}

/* False: the descriptor's second half is spoilt, ask the walker. */
nsc_always_inline bool nsc_decode_fast(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	const uint8_t *p = pkt->data;
	uint32_t off = 14;
	uint16_t type;

	if (nsc_unlikely(pkt->cap_len < 14 + 4 + 20 + 4))
		return false;
	type = walk_load16(p + 12);
	if (type == 0x8100) {
		type = walk_load16(p + 16);
		off = 18;
	}
	if (nsc_likely(type == 0x0800))
		return nsc_fast_ipv4(options, pkt, off);
	return type == 0x86dd && nsc_fast_ipv6(options, pkt, off);
}

#endif
