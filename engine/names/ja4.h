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
	JA4_LIST_MAX = 256, /* of each list; a client that offers more has no fingerprint */
	JA4_LENGTH = 36,
};

struct ja4_list {
	uint32_t n; /* may be above JA4_LIST_MAX: counted, not stored */
	uint16_t value[JA4_LIST_MAX];
};

struct ja4 {
	char transport;      /* 't' over TCP, 'q' over QUIC */
	uint16_t version;    /* the highest offered in supported_versions, else that of the hello */
	bool has_name;       /* a server name extension */
	const uint8_t *alpn; /* the first protocol, NULL = none */
	uint32_t alpn_length;
	struct ja4_list ciphers, extensions, algorithms;
};

void ja4_collect(struct ja4_list *list, uint16_t value);
bool ja4_is_grease(uint16_t value);

/* Writes JA4_LENGTH characters; false when a list was too long. Sorts the lists. */
bool ja4_print(struct ja4 *ja4, char text[JA4_LENGTH]);

#endif
