/* SPDX-License-Identifier: MIT
 *
 * SHA-256 (FIPS 180-4) of a few hundred bytes at a time: fingerprints need it, and nothing else here does.
 * Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_DISSECT_SHA256_H
#define NETSCOPE_DISSECT_SHA256_H

#include "netscope/base.h"

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *h);
void sha256_update(struct sha256 *h, const void *bytes, size_t n);
void sha256_final(struct sha256 *h, uint8_t digest[32]);

#endif
