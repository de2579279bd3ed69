/* SPDX-License-Identifier: MIT
 *
 * Link types: the number on disk (LINKTYPE_*) or in libpcap (DLT_*), our enum nsc_link, and names for sentences.
 */
#ifndef NETSCOPE_SOURCES_LINKTYPE_H
#define NETSCOPE_SOURCES_LINKTYPE_H

#include "netscope/packet.h"

#define NSC_LINKTYPE_ETHERNET 1u

enum { /* numbers of the link types that decode knows: rows of the table */
#define NSC_X(id, name, entry, numbers) numbers
#define NSC_ON_DISK(id, number, dlt) +1
       NSC_LINKTYPES = 0 NSC_LINKS(NSC_LINK_SKIP, NSC_X, NSC_X, NSC_ON_DISK)
#undef NSC_ON_DISK
#undef NSC_X
};

struct nsc_linktype {
	uint16_t number; /* LINKTYPE_* on disk */
	uint16_t dlt;    /* what pcap_open_dead wants for it */
	uint8_t link;    /* enum nsc_link */
};

extern const struct nsc_linktype nsc_linktypes[NSC_LINKTYPES];

/* The row of `linktype`, 0..NSC_LINKTYPES-1, or -1 for one that decode does not know. A DLT_* of Linux does as well.
 * Thread: any. Allocates: never. */
int nsc_linktype_row(uint32_t linktype);

/* Writes "105 (IEEE802_11, 802.11)", or "4711 (unknown to libpcap)", cut at `size` - 1 bytes. Allocates: never. */
void nsc_linktype_describe(uint32_t linktype, char *text, size_t size);

#endif
