/* SPDX-License-Identifier: MIT
 *
 * ICMP messages that ask and answer: both directions make one flow. The pairs are those of Community ID.
 */
#ifndef NETSCOPE_ICMP_H
#define NETSCOPE_ICMP_H

#include "netscope/packet.h"

/* X(protocol, request, reply, has an identifier) */
#define NSC_ICMP_PAIRS(X)                                                                                              \
	X(NSC_PROTO_ICMP, 8, 0, true)        /* echo */                                                                \
	X(NSC_PROTO_ICMP, 10, 9, false)      /* router solicitation, advertisement */                                  \
	X(NSC_PROTO_ICMP, 13, 14, true)      /* time stamp */                                                          \
	X(NSC_PROTO_ICMP, 15, 16, true)      /* information */                                                         \
	X(NSC_PROTO_ICMP, 17, 18, true)      /* address mask */                                                        \
	X(NSC_PROTO_ICMPV6, 128, 129, true)  /* echo */                                                                \
	X(NSC_PROTO_ICMPV6, 130, 131, false) /* multicast listener query, report */                                    \
	X(NSC_PROTO_ICMPV6, 133, 134, false) /* router solicitation, advertisement */                                  \
	X(NSC_PROTO_ICMPV6, 135, 136, false) /* neighbour solicitation, advertisement */                               \
	X(NSC_PROTO_ICMPV6, 139, 140, false) /* node information */                                                    \
	X(NSC_PROTO_ICMPV6, 144, 145, true)  /* home agent address discovery */

struct nsc_icmp_pair {
	uint8_t proto, request, reply;
	bool has_id; /* in bytes 4 and 5 of the message */
};

/* The pair that a message of this type belongs to; NULL: it is no question and no answer. Any numbers. */
static inline const struct nsc_icmp_pair *nsc_icmp_pair_of(uint8_t proto, uint8_t type)
{
	static const struct nsc_icmp_pair pairs[] = {
#define NSC_X(...) { __VA_ARGS__ },
		NSC_ICMP_PAIRS(NSC_X)
#undef NSC_X
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(pairs); i++)
		if (pairs[i].proto == proto && (pairs[i].request == type || pairs[i].reply == type))
			return &pairs[i];
	return NULL;
}

#endif
