/* SPDX-License-Identifier: MIT
 *
 * The flow key of a packet: which endpoint is the smaller one, and the hash of the ordered pair.
 */
#ifndef NETSCOPE_DECODE_KEY_H
#define NETSCOPE_DECODE_KEY_H

#include <endian.h>

#include "engine/decode/hash.h"

/* src and dst: (address as a host-order number << 16) | port. Sets dir and hash; ip_proto is set already. */
nsc_always_inline void nsc_key_ipv4(const struct nsc_hash_seed *seed, struct nsc_packet *pkt, uint64_t src, uint64_t dst)
{
	uint64_t a = NSC_MIN(src, dst), b = NSC_MAX(src, dst);

	pkt->dir = src > dst;
	pkt->hash = nsc_hash_ipv4(seed, a, b, pkt->ip_proto);
}

/* -1, 0, 1 like memcmp, but in two 64-bit compares. */
nsc_always_inline int nsc_compare_ipv6(const uint8_t x[16], const uint8_t y[16])
{
	uint64_t xw[2], yw[2];

	memcpy(xw, x, 16);
	memcpy(yw, y, 16);
	if (xw[0] != yw[0])
		return be64toh(xw[0]) < be64toh(yw[0]) ? -1 : 1;
	return be64toh(xw[1]) < be64toh(yw[1]) ? -1 : be64toh(xw[1]) > be64toh(yw[1]);
}

/* addresses: 32 bytes of an IPv6 header, source then destination. The ports and ip_proto are set already. */
nsc_always_inline void nsc_key_ipv6(const struct nsc_hash_seed *seed, struct nsc_packet *pkt, const uint8_t *addresses)
{
	const uint8_t *src = addresses, *dst = addresses + 16;
	int order = nsc_compare_ipv6(src, dst);

	pkt->dir = order > 0 || (order == 0 && pkt->src_port > pkt->dst_port);
	if (pkt->dir)
		pkt->hash = nsc_hash_ipv6(seed, dst, src, pkt->dst_port, pkt->src_port, pkt->ip_proto);
	else
		pkt->hash = nsc_hash_ipv6(seed, src, dst, pkt->src_port, pkt->dst_port, pkt->ip_proto);
}

#endif
