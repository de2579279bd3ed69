/* SPDX-License-Identifier: MIT
 *
 * The flow key of a packet: which endpoint is the smaller one, and the hash of the ordered pair.
 */
#ifndef NETSCOPE_DECODE_KEY_H
#define NETSCOPE_DECODE_KEY_H

#include <endian.h>

#include "engine/decode/hash.h"

struct nsc_key_order {
	uint32_t hash;
	bool dir; /* the destination is the smaller endpoint */
};

/* src and dst: (address as a host-order number << 16) | port. */
nsc_always_inline struct nsc_key_order nsc_key_ipv4(const struct nsc_hash_seed *seed, uint64_t src, uint64_t dst,
						    uint8_t proto)
{
	return (struct nsc_key_order){
		.hash = nsc_hash_ipv4(seed, NSC_MIN(src, dst), NSC_MAX(src, dst), proto),
		.dir = src > dst,
	};
}

/* Is x greater than y, as 18-byte big-endian numbers of address and port? */
nsc_always_inline bool nsc_key_is_greater(const uint8_t x[16], uint16_t x_port, const uint8_t y[16], uint16_t y_port)
{
	uint64_t xw[2], yw[2];

	memcpy(xw, x, 16);
	memcpy(yw, y, 16);
	if (xw[0] != yw[0])
		return be64toh(xw[0]) > be64toh(yw[0]);
	if (xw[1] != yw[1])
		return be64toh(xw[1]) > be64toh(yw[1]);
	return x_port > y_port;
}

/* addresses: 32 bytes of an IPv6 header, source then destination. */
nsc_always_inline struct nsc_key_order nsc_key_ipv6(const struct nsc_hash_seed *seed, const uint8_t *addresses,
						    uint16_t src_port, uint16_t dst_port, uint8_t proto)
{
	bool dir = nsc_key_is_greater(addresses, src_port, addresses + 16, dst_port);
	uint32_t a = dir ? 16 : 0;

	return (struct nsc_key_order){
		.hash = nsc_hash_ipv6(seed, addresses + a, addresses + (a ^ 16), dir ? dst_port : src_port,
				      dir ? src_port : dst_port, proto),
		.dir = dir,
	};
}

#endif
