/* SPDX-License-Identifier: MIT
 *
 * The keyed hash of a flow key: two (IPv4) or three (IPv6) 64x64->128 multiplies, folded. Symmetric because its
 * callers order the endpoints first. Seeded at start, so that nobody who sends packets can aim at one bucket.
 */
#ifndef NETSCOPE_DECODE_HASH_H
#define NETSCOPE_DECODE_HASH_H

#include <string.h>

#include "engine/base/hash.h"
#include "netscope/decode.h"

/* a and b: (IPv4 address as a host-order number << 16) | port, a <= b. */
nsc_always_inline uint32_t nsc_hash_ipv4(const struct nsc_hash_seed *seed, uint64_t a, uint64_t b, uint8_t proto)
{
	uint64_t h = nsc_fold_multiply(a ^ seed->word[0], b ^ seed->word[1]);

	return (uint32_t)nsc_fold_multiply(h ^ seed->word[2] ^ proto, seed->word[3]);
}

/* a and b: 16 address bytes each, the ports go with their address. */
nsc_always_inline uint32_t nsc_hash_ipv6(const struct nsc_hash_seed *seed, const uint8_t a[16], const uint8_t b[16],
					 uint16_t a_port, uint16_t b_port, uint8_t proto)
{
	uint64_t w[4];
	uint64_t tail = (uint64_t)a_port | (uint64_t)b_port << 16 | (uint64_t)proto << 32 | 6ull << 40;
	uint64_t h;

	memcpy(w, a, 16);
	memcpy(w + 2, b, 16);
	h = nsc_fold_multiply(w[0] ^ seed->word[0], w[1] ^ seed->word[1]);
	h ^= nsc_fold_multiply(w[2] ^ seed->word[2], w[3] ^ seed->word[3] ^ h);
	return (uint32_t)nsc_fold_multiply(h ^ seed->word[1] ^ tail, seed->word[3]);
}

#endif
