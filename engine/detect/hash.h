/* SPDX-License-Identifier: MIT
 *
 * The keyed 64-bit hash of the detectors: what tells contacts, keys and elements apart, and what their sketches sort
 * by. Two folded multiplies, as in engine/decode/hash.h, but 64 bits wide and with a seed of its own: offline the seed
 * is fixed, because an estimate hangs on it and must be the same at every run.
 */
#ifndef NETSCOPE_DETECT_HASH_H
#define NETSCOPE_DETECT_HASH_H

#include <string.h>

#include "engine/decode/hash.h"

nsc_always_inline uint64_t nsc_detect_hash(const uint64_t seed[2], uint64_t a, uint64_t b)
{
	uint64_t h = nsc_fold_multiply(a ^ seed[0], b ^ seed[1]);

	return nsc_fold_multiply(h ^ 0x9e3779b97f4a7c15ull, seed[0] ^ 0xd1342543de82ef95ull);
}

/* addr: 16 bytes, IPv4 in the first 4 and zeros; rest: whatever belongs to it, 0 otherwise. */
nsc_always_inline uint64_t nsc_detect_hash_address(const uint64_t seed[2], const uint8_t addr[16], uint64_t rest)
{
	uint64_t w[2];

	memcpy(w, addr, 16);
	return nsc_detect_hash(seed, w[0] ^ (rest << 32 | rest >> 32),
			       nsc_fold_multiply(w[1] ^ seed[1], seed[0]) ^ rest);
}

/* The hash of an address, as struct nsc_contact has it; never 0. */
nsc_always_inline uint64_t nsc_contact_address_hash(const uint64_t seed[2], const uint8_t addr[16], unsigned ip_version)
{
	return nsc_detect_hash_address(seed, addr, ip_version) | 1;
}

#endif
