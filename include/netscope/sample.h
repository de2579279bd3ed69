/* SPDX-License-Identifier: MIT
 *
 * Which packets a worker samples for the dashboard: one of so many of all, or only those of flows that somebody wants.
 */
#ifndef NETSCOPE_SAMPLE_H
#define NETSCOPE_SAMPLE_H

#include <string.h>

#include "netscope/query.h"

enum nsc_sample_mode {
	NSC_SAMPLE_ALL,   /* as the run was started: one packet of nsc_engine_options.sample_every */
	NSC_SAMPLE_NONE,  /* nothing, for the moment between two filters */
	NSC_SAMPLE_FLOWS, /* packets of flows that match, and no others */
};

struct nsc_sample_filter {
	uint8_t mode;              /* enum nsc_sample_mode; the rest is for FLOWS */
	bool by_name;              /* the flow `name`: the filter is not looked at */
	uint32_t every;            /* one of so many packets that match, >= 1 */
	uint32_t n_ends;           /* terms of the filter that stand first: a packet decides them by itself */
	struct nsc_flow_name name; /* of any tenant */
	struct nsc_flow_filter filter;
};

struct nsc_sample_text { /* what somebody wrote; `filter` or `key`, the other one is empty */
	const char *filter, *key;
	size_t filter_length, key_length;
	uint32_t every; /* >= 1 */
};

/* Packets of flows that a filter of docs/web-api.md lets through, or of the flow with this key. 0, or -EINVAL and one
 * sentence that names what is wrong. Thread: any. Allocates: never. */
int nsc_sample_filter_parse(struct nsc_sample_filter *filter, const struct nsc_sample_text *text,
			    struct nsc_error *error);

/* Addresses, ports and protocol of the flow of a packet with the fate FLOW, whose IP header lies in `cap_len`; the rest
 * of the record stays as it is, and IPv4 addresses are followed by what was there. Thread: any. */
nsc_always_inline void nsc_flow_ends_fill(struct nsc_flow_record *flow, const struct nsc_packet *pkt)
{
	unsigned size = pkt->ip_version == 4 ? 4 : 16;
	const uint8_t *source = pkt->data + pkt->l3_off + (pkt->ip_version == 4 ? 12 : 8);

	memcpy(flow->addr_a, source + (pkt->dir ? size : 0), size);
	memcpy(flow->addr_b, source + (pkt->dir ? 0 : size), size);
	flow->port_a = pkt->dir ? pkt->dst_port : pkt->src_port;
	flow->port_b = pkt->dir ? pkt->src_port : pkt->dst_port;
	flow->ip_version = pkt->ip_version;
	flow->proto = pkt->ip_proto;
}

#endif
