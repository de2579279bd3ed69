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

enum { NSC_COMMUNITY_ID_LENGTH = 30 };

/* Writes exactly NSC_COMMUNITY_ID_LENGTH characters, no NUL; returns the end. */
char *nsc_format_community_id(char *at, const struct nsc_flow_record *record);

#endif
