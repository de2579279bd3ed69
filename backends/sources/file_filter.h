/* SPDX-License-Identifier: MIT
 *
 * A filter expression compiled for every link type that decode knows, before the first packet.
 */
#ifndef NETSCOPE_SOURCES_FILE_FILTER_H
#define NETSCOPE_SOURCES_FILE_FILTER_H

#include "netscope/error.h"

struct bpf_insn;
struct nsc_file_filter;

/* Compiles `expression` for the row `only` of linktype.h, or for all rows when `only` is -1: a pcapng file may name any
 * of them later. `live`: libpcap may ask the kernel about a packet (inbound, outbound), of which a file knows nothing.
 * Fails with libpcap's reason when it compiles for none. Thread: control. Allocates: yes. */
int nsc_file_filter_open(struct nsc_file_filter **filter, const char *expression, int only, bool live,
			 struct nsc_error *error);

/* The program for a row; NULL, and libpcap's reason, when the expression has no meaning on that link.
 * Allocates: never. */
const struct bpf_insn *nsc_file_filter_program(const struct nsc_file_filter *filter, unsigned row,
					       struct nsc_error *error);

void nsc_file_filter_close(struct nsc_file_filter *filter);

#endif
