/* SPDX-License-Identifier: MIT
 *
 * A collector of IPFIX: its name, and a UDP socket that leads there and nowhere else.
 */
#ifndef NETSCOPE_SINKS_IPFIX_PEER_H
#define NETSCOPE_SINKS_IPFIX_PEER_H

#include "netscope/error.h"
#include "netscope/peer.h"

enum { NSC_IPFIX_PORT = 4739 }; /* the registered port */

/* nsc_peer_parse, with the registered port as the usual one. 0, or -EINVAL and one sentence. Thread: any. Allocates,
 * blocks: never. */
int nsc_ipfix_peer_parse(struct nsc_peer *peer, const char *text, struct nsc_error *error);

/* A connected socket to the first of the host's addresses to which a way leads, or -errno and one sentence. The kernel
 * tells through it of every message that did not arrive, as far as it learns of that. Thread: control. Blocks: while a
 * name is looked up. */
int nsc_ipfix_peer_connect(const struct nsc_peer *peer, struct nsc_error *error);

#endif
