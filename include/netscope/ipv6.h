/* SPDX-License-Identifier: MIT
 *
 * The extension headers of IPv6, once: decode, dissect, TCP analysis, the fanout program and the counting of segments
 * walk the same chain by the same rules, so that all of them agree where the transport header is.
 */
#ifndef NETSCOPE_IPV6_H
#define NETSCOPE_IPV6_H

#include "netscope/base.h"

/* X(ID, number, length, field, label): IANA, protocol numbers; RFC 8200, 4302, 6275, 7401, 5533 */
#define NSC_IPV6_EXTENSIONS(X)                                                                                         \
	X(HOP_BY_HOP, 0, BY_8, "ipv6.hopopts", "Hop-by-hop options")                                                   \
	X(ROUTING, 43, BY_8, "ipv6.routing", "Routing")                                                                \
	X(FRAGMENT, 44, FIXED, "ipv6.fraghdr", "Fragment")                                                             \
	X(AH, 51, BY_4, "ah", "Authentication header")                                                                 \
	X(DESTINATION, 60, BY_8, "ipv6.dstopts", "Destination options")                                                \
	X(MOBILITY, 135, BY_8, "mipv6", "Mobility")                                                                    \
	X(HIP, 139, BY_8, "hip", "HIP")                                                                                \
	X(SHIM6, 140, BY_8, "shim6", "shim6")

/* The rules of length, of the header's second byte. The shortest is 8 by every
 * rule, so a walk always advances. */
#define NSC_IPV6_BYTES_BY_8(n) (((n) + 1u) * 8)
#define NSC_IPV6_BYTES_BY_4(n) (((n) + 2u) * 4)
#define NSC_IPV6_BYTES_FIXED(n) 8u

enum {
	NSC_IPV6_HEADER = 40,
	NSC_IPV6_EXTENSION_MIN = 8,      /* bytes; the longest is NSC_IPV6_BYTES_BY_8(255) = 2048 */
	NSC_IPV6_EXTENSIONS_MAX = 16,    /* headers in one chain that are walked; a packet with more has no ports */
	NSC_IPV6_FRAGMENT_LATER = 0xfff8 /* of bytes 2 and 3 of a fragment header: the offset is not 0 */
};

/* Whether `number`, a next-header value, is an extension header that is walked. */
nsc_always_inline bool nsc_ipv6_is_extension(uint8_t number)
{
	switch (number) {
#define NSC_X(id, value, length, field, label) case value:
		NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
		return true;
	default:
		return false;
	}
}

/* Bytes of the extension header `number` whose second byte is `length`: 8 to 2048. */
nsc_always_inline uint32_t nsc_ipv6_extension_bytes(uint8_t number, uint8_t length)
{
	/* NOLINTBEGIN(bugprone-branch-clone): several rows of the table have one rule */
	switch (number) {
#define NSC_X(id, value, rule, field, label)                                                                           \
	case value:                                                                                                    \
		return NSC_IPV6_BYTES_##rule(length);
		NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
	default:
		return NSC_IPV6_BYTES_BY_8(length);
	}
	/* NOLINTEND(bugprone-branch-clone) */
}

#endif
