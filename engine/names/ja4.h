/* SPDX-License-Identifier: MIT
 *
 * JA4, FoxIO's fingerprint of a TLS client: what it offers, counted and hashed, so that one program looks the same in
 * all its connections. Values are collected as they stand; GREASE is ignored here.
 * Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_NAMES_JA4_H
#define NETSCOPE_NAMES_JA4_H

#include "netscope/base.h"

enum {
	JA4_LIST_MAX = 256,              /* of each list; a client that offers more has no fingerprint */
	JA4_ROOM = 2 * JA4_LIST_MAX + 8, /* for two lists, a mark between them, and zeros behind */
	JA4_LENGTH = 36,
	JA4_HASH_DIGITS = 12,
	JA4_KNOWN = 128,       /* hashes that are remembered */
	JA4_KNOWN_VALUES = 57, /* of a list whose hash is */
};

struct ja4_list {
	uint32_t n; /* may be above JA4_LIST_MAX: counted, not stored */
	uint16_t value[JA4_ROOM];
};

struct ja4 {
	char transport;      /* 't' over TCP, 'q' over QUIC */
	uint16_t version;    /* the highest offered in supported_versions, else that of the hello */
	bool has_name;       /* a server name extension */
	const uint8_t *alpn; /* the first protocol, NULL = none */
	uint32_t alpn_length;
	struct ja4_list ciphers, extensions, algorithms;
};

/* A few programs make most hellos, and hashing their lists is what a fingerprint costs. A hash is remembered with all
 * that was hashed, so a fingerprint never depends on what is in here. Zeros: nothing yet. */
struct ja4_cache {
	struct ja4_known {
		uint16_t n; /* values */
		uint16_t value[JA4_KNOWN_VALUES];
		char digits[JA4_HASH_DIGITS];
	} known[JA4_KNOWN];
};

static_assert(sizeof(struct ja4_known) == 2 * NSC_CACHE_LINE, "two lines for a look");

nsc_always_inline bool ja4_is_grease(uint16_t value)
{
	return !(((value & 0x0f0f) ^ 0x0a0a) | (value >> 8 ^ (value & 0xff)));
}

void ja4_collect(struct ja4_list *list, uint16_t value);
/* The n values in network order at p. */
void ja4_collect_all(struct ja4_list *list, const uint8_t *p, uint32_t n);

/* Writes JA4_LENGTH characters; false when a list was too long. The lists are used up. `cache` may be NULL, and has one
 * owner. */
bool ja4_print(struct ja4 *ja4, struct ja4_cache *cache, char text[JA4_LENGTH]);

#endif
