/* SPDX-License-Identifier: MIT
 *
 * A BPF filter that the program itself asks of single packets of any link type: --trace, --recorder-filter.
 *
 * Thread: control, but for nsc_packet_filter_matches.
 */
#ifndef TOOLS_NETSCOPE_PACKET_FILTER_H
#define TOOLS_NETSCOPE_PACKET_FILTER_H

#include "netscope/error.h"
#include "netscope/packet.h"

struct nsc_packet_filter;

/* 0 or -errno and one sentence: then *filter is NULL. Allocates: yes. */
int nsc_packet_filter_open(struct nsc_packet_filter **filter, const char *expression, struct nsc_error *error);

/* An nsc_packet_matches_fn, whose context is the filter. False on a link on which the filter has no meaning. Thread:
 * any, also several. Allocates, blocks: never. */
bool nsc_packet_filter_matches(const void *filter, const struct nsc_packet *pkt, uint16_t linktype);

void nsc_packet_filter_close(struct nsc_packet_filter *filter); /* NULL is allowed */

#endif
