/* SPDX-License-Identifier: MIT
 *
 * A packet's way: what each thread did for single packets that a filter lets through, one at a time: which counters
 * moved, and how many cycles each stage took. docs/trace.md
 *
 * A packet that is traced takes the same stages as every other one, but alone, so that its counters and cycles are its
 * own. A stage says nothing of its own for this: what it did is what it counted. Off, it costs a branch for a burst.
 */
#ifndef NETSCOPE_TRACE_H
#define NETSCOPE_TRACE_H

#include "netscope/packet.h"

#define NSC_TRACE_MAX 10000u /* packets */

struct nsc_trace_options {
	uint32_t count; /* how many packets: 0 = none, to NSC_TRACE_MAX */
	nsc_packet_matches_fn *matches;
	const void *context;
};

enum { NSC_TRACE_CHANGES = 32 };

struct nsc_trace_change {
	uint16_t counter; /* enum nsc_counter: those of the classes cycles and waited too */
	uint32_t by;      /* > 0; at most UINT32_MAX */
};

struct nsc_trace_packet {
	uint64_t ts_ns; /* its time stamp */
	uint32_t wire_len, cap_len;
	uint8_t source[16], target[16]; /* network order; IPv4 in the first 4; valid with ip_version */
	uint16_t source_port, target_port;
	uint8_t ip_version, ip_proto, tcp_flags, fate; /* as in struct nsc_packet */
	uint8_t path;                                  /* enum nsc_decode_path */
	bool lanes;                                    /* it went through a lane, or should have */
	bool worked;                                   /* a worker had it: false for one that a full lane dropped */
	uint32_t worker;
	int32_t capture_core, worker_core; /* where the threads ran; -1 = not known, or there was none */
	uint32_t depth; /* buckets of the index that were looked at for its flow: 1 = the first; 0 = no flow */
	uint32_t n_changes, left_out;                      /* 0..NSC_TRACE_CHANGES, and how many more there were */
	struct nsc_trace_change change[NSC_TRACE_CHANGES]; /* capture's first, each in the order of the registry */
};

/* By how much the packet moved a counter; 0: not at all. */
nsc_always_inline uint32_t nsc_trace_moved(const struct nsc_trace_packet *packet, unsigned counter)
{
	for (uint32_t i = 0; i < packet->n_changes; i++)
		if (packet->change[i].counter == counter)
			return packet->change[i].by;
	return 0;
}

struct nsc_trace_report {
	const char *filter;                    /* which packets were wanted */
	uint32_t wanted;                       /* how many at most */
	uint32_t n;                            /* 0..wanted */
	const struct nsc_trace_packet *packet; /* in capture order */
};

#endif
