/* SPDX-License-Identifier: MIT
 *
 * Community ID, version 1, seed 0 (github.com/corelight/community-id-spec): the name of a flow that other tools give it
 * too. "1:" and the base64 of a SHA-1 over protocol, addresses and ports.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_COMMUNITY_H
#define NETSCOPE_TEXT_COMMUNITY_H

#include "netscope/flow.h"

enum {
	NSC_COMMUNITY_ID_LENGTH = 30,
	NSC_COMMUNITY_BURST = 8, /* flows whose ids are made side by side, at the cost of one */
};

struct nsc_community_id { /* no NUL; what lies behind its length may be copied too */
	char text[32];
};

/* The ids of n (0..NSC_COMMUNITY_BURST) records. */
void nsc_community_ids(struct nsc_community_id id[], const struct nsc_flow_record *const record[], uint32_t n);

#endif
