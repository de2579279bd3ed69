/* SPDX-License-Identifier: MIT
 *
 * The straight path: Ethernet II with at most one VLAN tag, IPv4 without options or IPv6 without extensions, TCP or
 * UDP in one piece with the whole header captured. It refuses everything else, and the cold walker then decides; where
 * it accepts, the descriptor is the one the walker would give, byte for byte.
 */
#ifndef NETSCOPE_DECODE_FAST_H
#define NETSCOPE_DECODE_FAST_H

#include "engine/decode/key.h"
#include "engine/decode/walk.h"

/* Everything is loaded before anything is stored, for bytes may alias the descriptor as far as the compiler knows;
 * and l3 is a constant wherever this is inlined. Together they took a fifth off the time. */
struct fast {
	const uint8_t *data;
	uint32_t cap, wire;
	uint32_t payload, end; /* end: where IP says that the packet ends */
	uint32_t seq, ack;
	uint16_t src_port, dst_port;
	uint8_t flags;
};

nsc_always_inline void fast_store(struct nsc_packet *pkt, const struct fast *f, uint8_t version, uint8_t proto,
				  uint32_t l3, uint32_t l4, struct nsc_key_order key)
{
	pkt->hash = key.hash;
	pkt->tcp_seq = f->seq;
	pkt->tcp_ack = f->ack;
	pkt->payload_len = f->end - f->payload;
	pkt->l3_off = (uint16_t)l3;
	pkt->l4_off = (uint16_t)l4;
	pkt->src_port = f->src_port;
	pkt->dst_port = f->dst_port;
	pkt->l4_len = (uint8_t)(f->payload - l4);
	pkt->ip_version = version;
	pkt->ip_proto = proto;
	pkt->tcp_flags = f->flags;
	pkt->dir = key.dir;
	pkt->fate = NSC_FATE_FLOW;
}

nsc_always_inline bool fast_tcp(struct fast *f, uint32_t l4)
{
	const uint8_t *p = f->data + l4;
	uint32_t words;

	if (nsc_unlikely(l4 + 20 > f->cap))
		return false;
	words = p[12] >> 4;
	f->payload = l4 + words * 4;
	f->seq = nsc_load32(p + 4);
	f->ack = nsc_load32(p + 8);
	f->flags = p[13];
	return nsc_likely(words >= 5 && f->payload <= f->end);
}

nsc_always_inline bool fast_udp(const struct nsc_decode_options *options, struct fast *f, uint32_t l4)
{
	uint32_t length;

	if (nsc_unlikely(l4 + 8 > f->cap))
		return false;
	length = nsc_load16(f->data + l4 + 4);
	if (nsc_unlikely(length < 8 || l4 + length > f->end))
		return false;
	f->end = l4 + length;
	f->payload = l4 + 8;
	f->seq = f->ack = f->flags = 0;
	return nsc_likely(!options->decap) || nsc_decode_tunnel(f->src_port, f->dst_port) == NSC_TUNNEL_NONE;
}

/* The caller has made sure that the ports are captured. */
nsc_always_inline bool fast_transport(const struct nsc_decode_options *options, struct fast *f, uint8_t proto,
				      uint32_t l4)
{
	uint32_t ports = nsc_load32(f->data + l4);

	f->src_port = (uint16_t)(ports >> 16);
	f->dst_port = (uint16_t)ports;
	if (nsc_unlikely(f->end > f->wire))
		return false;
	if (nsc_likely(proto == NSC_PROTO_TCP))
		return fast_tcp(f, l4);
	return proto == NSC_PROTO_UDP && fast_udp(options, f, l4);
}

nsc_always_inline bool fast_ipv4(const struct nsc_decode_options *options, struct nsc_packet *pkt, struct fast *f,
				 uint32_t l3)
{
	const uint8_t *ip = f->data + l3;
	uint8_t proto = ip[9];
	uint16_t fragment;
	struct nsc_key_order key;

	memcpy(&fragment, ip + 6, 2);
	if (nsc_unlikely(ip[0] != 0x45 || fragment & htobe16(0x3fff)))
		return false;
	f->end = l3 + nsc_load16(ip + 2);
	if (nsc_unlikely(!fast_transport(options, f, proto, l3 + 20)))
		return false;
	key = nsc_key_ipv4(&options->seed, (uint64_t)nsc_load32(ip + 12) << 16 | f->src_port,
			   (uint64_t)nsc_load32(ip + 16) << 16 | f->dst_port, proto);
	fast_store(pkt, f, 4, proto, l3, l3 + 20, key);
	return true;
}

nsc_always_inline bool fast_ipv6(const struct nsc_decode_options *options, struct nsc_packet *pkt, struct fast *f,
				 uint32_t l3)
{
	const uint8_t *ip = f->data + l3;
	uint8_t proto = ip[6];
	struct nsc_key_order key;

	if (nsc_unlikely(ip[0] >> 4 != 6 || l3 + 48 > f->cap))
		return false;
	f->end = l3 + 40 + nsc_load16(ip + 4);
	if (nsc_unlikely(!fast_transport(options, f, proto, l3 + 40)))
		return false;
	key = nsc_key_ipv6(&options->seed, ip + 8, f->src_port, f->dst_port, proto);
	fast_store(pkt, f, 6, proto, l3, l3 + 40, key);
	return true;
}

/* False: nothing was written, the walker decides. Reads nothing below 42 captured bytes. */
nsc_always_inline bool nsc_decode_fast(const struct nsc_decode_options *options, struct nsc_packet *pkt)
{
	struct fast f = { .data = pkt->data, .cap = pkt->cap_len, .wire = pkt->wire_len };
	uint16_t type;

	if (nsc_unlikely(pkt->link != NSC_LINK_ETHERNET || f.cap < 14 + 20 + 8)) /* the ports of tagged IPv4 fit, too */
		return false;
	memcpy(&type, f.data + 12, 2);
	if (nsc_likely(type == htobe16(0x0800)))
		return fast_ipv4(options, pkt, &f, 14);
	if (type == htobe16(0x86dd))
		return fast_ipv6(options, pkt, &f, 14);
	if (type != htobe16(0x8100) || nsc_unlikely(options->key))
		return false;
	memcpy(&type, f.data + 16, 2);
	if (nsc_likely(type == htobe16(0x0800)))
		return fast_ipv4(options, pkt, &f, 18);
	return type == htobe16(0x86dd) && fast_ipv6(options, pkt, &f, 18);
}

#endif
