/* SPDX-License-Identifier: MIT
 *
 * The header and the first question of a DNS message: what tells which answer belongs to which query.
 *
 * Input is hostile: p[0..n) is all that is read, and the work is bounded by n.
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_NAMES_DNS_H
#define NETSCOPE_NAMES_DNS_H

#include "engine/names/dns_name.h"
#include "netscope/names.h"

enum { NSC_DNS_PORT = 53, NSC_DNS_HEADER = 12 };

enum nsc_dns_verdict {
	NSC_DNS_NONE, /* no DNS message */
	NSC_DNS_CUT,  /* the header of one, and a question that does not end within p[0..n) or is damaged */
	NSC_DNS_READ, /* `message` holds what there is */
};

struct nsc_dns_message {
	uint16_t id;
	bool response;
	uint8_t code; /* of a response, 0..15: the upper bits of EDNS are not in the header */
	bool asks;    /* it has a question: the next three */
	uint16_t type, class;
	struct dns_name name; /* ASCII letters in lower case; length 0 is the root */
};

/* Of a header at p. */
nsc_always_inline bool nsc_dns_is_response(const uint8_t *p)
{
	return p[2] & 0x80;
}

/* The message at p[0..n). O(n), at most some 255 bytes and 64 pointers. */
enum nsc_dns_verdict nsc_dns_message_read(const uint8_t *p, uint32_t n, struct nsc_dns_message *message);

/* Writes the name as netscope/names.h says, without NUL; how many characters, 0 for the root and for a name that is
 * longer than NSC_NAME_MAX when it is written. */
uint32_t nsc_dns_name_write(char text[NSC_NAME_MAX], const struct dns_name *name);

#endif
