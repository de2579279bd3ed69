/* SPDX-License-Identifier: MIT
 *
 * Folded multiplies, the construction of wyhash (Wang Yi, public domain) and of foldhash, and the hash of some words
 * that is made of them. Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_BASE_HASH_H
#define NETSCOPE_BASE_HASH_H

#include <string.h>

#include "netscope/base.h"

nsc_always_inline uint64_t nsc_fold_multiply(uint64_t x, uint64_t y)
{
	unsigned __int128 product = (unsigned __int128)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Without a key: whoever sends the bytes can make hashes equal, and equal hashes must cost no more than a look each.
 * Reads whole words: up to seven bytes behind the end, which are part of what is hashed. */
nsc_always_inline uint32_t nsc_hash_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = (const uint8_t *)bytes, *end = p + n;
	uint64_t hash = n ^ 0x9e3779b97f4a7c15, word[2];

	for (; end - p > 8; p += 16) {
		memcpy(word, p, sizeof(word));
		hash = nsc_fold_multiply(word[0] ^ hash, word[1] ^ 0xd1342543de82ef95);
	}
	if (p < end) {
		memcpy(word, p, sizeof(*word));
		hash = nsc_fold_multiply(word[0] ^ hash, 0xd6e8feb86659fd93);
	}
	return (uint32_t)(hash >> 32);
}

#endif
