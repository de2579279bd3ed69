/* SPDX-License-Identifier: MIT
 *
 * A few hosts whose TCP is counted apart, exactly, from when somebody asks on: a question (query.h) says which, and
 * comes back with what a worker has counted for each of them since then. While nobody asks for any, nothing is counted
 * and nothing is looked at.
 */
#ifndef NETSCOPE_HOSTS_H
#define NETSCOPE_HOSTS_H

#include "netscope/counters.h"
#include "netscope/histogram.h"

enum { NSC_HOSTS_MAX = 16 };

/* X(NAME, counter): what of the whole run's counters is counted for a host. A flow counts for the hosts at both of its
 * ends, and once where both ends are the same. */
#define NSC_HOST_COUNTERS(X)                                                                                           \
	X(RETRANSMISSIONS, NSC_C_TCP_RETRANSMISSIONS)                                                                  \
	X(OUT_OF_ORDER, NSC_C_TCP_OUT_OF_ORDER)                                                                        \
	X(GAPS, NSC_C_TCP_GAPS)                                                                                        \
	X(GAPS_FILLED, NSC_C_TCP_GAPS_FILLED)                                                                          \
	X(ZERO_WINDOWS, NSC_C_TCP_ZERO_WINDOWS)                                                                        \
	X(OPENED, NSC_C_TCP_OPENED)                                                                                    \
	X(ESTABLISHED, NSC_C_TCP_ESTABLISHED)                                                                          \
	X(REFUSED, NSC_C_TCP_REFUSED)                                                                                  \
	X(RESETS, NSC_C_TCP_RESETS)                                                                                    \
	X(UNANSWERED, NSC_C_TCP_UNANSWERED)

enum nsc_hosts_value {
#define NSC_X(id, counter) NSC_HOST_##id,
	NSC_HOST_COUNTERS(NSC_X)
#undef NSC_X
		NSC_HOST_PACKETS, /* of TCP, fragments without a header among them */
	NSC_HOST_BYTES,           /* of these packets on the wire */
	NSC_HOST_VALUES
};

struct nsc_host {                        /* a place for one host */
	uint8_t addr[16];                /* as in nsc_flow_record: IPv4 in the first 4 bytes, the others 0 */
	uint8_t ip_version;              /* 4, 6; 0: the place is free */
	uint32_t number;                 /* whose place it is: with another number counting begins anew */
	uint64_t value[NSC_HOST_VALUES]; /* since the place was given away */
	struct nsc_histogram rtt;        /* empty in a run that measures none */
};

struct nsc_hosts {
	struct nsc_host host[NSC_HOSTS_MAX]; /* no host has two places */
};

#endif
