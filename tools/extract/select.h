/* SPDX-License-Identifier: MIT
 *
 * Which packets are wanted: by flow, host, port, Community ID. What is asked for must hold all at once. A packet is
 * judged by its conversation (backends/index/conversation.h), as an index judges it: so an index and a look at every
 * packet find the same.
 */
#ifndef TOOLS_EXTRACT_SELECT_H
#define TOOLS_EXTRACT_SELECT_H

#include "backends/index/conversation.h"
#include "engine/text/community.h"
#include "netscope/alert.h"
#include "netscope/error.h"

struct nsc_named_flows;

struct nsc_select {
	bool by_flow, by_host, by_port, by_community;
	struct nsc_conversation flow; /* in order; `proto` 0 = any; without ports: all between the two addresses */
	struct nsc_networks hosts;
	uint16_t port;
	struct nsc_community_id community;
	const struct nsc_named_flows *named; /* of these flows alone; NULL: of any. Stays the caller's */
};

/* A flow as packet_choice.h reads it: "A:P-B:Q", "A-B" without ports, with "/tcp" behind it or without; a flow's key.
 * 0, or -EINVAL and one sentence that begins with "flow: ". */
int nsc_select_flow(struct nsc_select *select, const char *text, struct nsc_error *error);

/* "1:" and the 28 digits of a Community ID. 0, or -EINVAL and one sentence. */
int nsc_select_community(struct nsc_select *select, const char *text, struct nsc_error *error);

/* What an index can be asked for: all packets that are wanted match all of the terms, and others may. Fills
 * term[0..return), which has room for NSC_TERMS_MAX; 0: an index cannot tell. */
uint32_t nsc_select_terms(const struct nsc_select *select, struct nsc_term term[NSC_TERMS_MAX]);

/* Which of pkt[0..n), decoded as nsc_conversation_decode says, are wanted: bit i for pkt[i], n <= 64 = NSC_BURST_MAX.
 * Those whose bit in `among` is 0 are not. Thread: any. Allocates: never. */
uint64_t nsc_select_burst(const struct nsc_select *select, const struct nsc_packet *pkt, uint32_t n, uint64_t among);

#endif
