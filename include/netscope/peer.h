/* SPDX-License-Identifier: MIT
 *
 * Another host and a port of it, as people write them.
 */
#ifndef NETSCOPE_PEER_H
#define NETSCOPE_PEER_H

#include "netscope/base.h"

enum { NSC_PEER_HOST_MAX = 253 };

struct nsc_peer {
	char host[NSC_PEER_HOST_MAX + 1]; /* a name, or an address without brackets */
	uint16_t port;                    /* 1..65535 */
};

/* Reads "HOST:PORT", "HOST", "ADDRESS:PORT", "[IPv6]:PORT", "[IPv6]" or a bare IPv6 address. `usual_port` is that of a
 * text without one; 0: there must be one. 0, or -EINVAL. Thread: any. Allocates, blocks: never. */
int nsc_peer_parse(struct nsc_peer *peer, const char *text, uint16_t usual_port);

#endif
