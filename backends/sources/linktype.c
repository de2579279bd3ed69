/* SPDX-License-Identifier: MIT
 *
 * Link types by their numbers: the rows come from netscope/link.h.
 */
#include "linktype.h"

#include <stdio.h>

#include <pcap/pcap.h>

const struct nsc_linktype nsc_linktypes[] = {
#define NSC_X(id, name, entry, numbers) numbers
#define NSC_ON_DISK(id, number, dlt) { number, dlt, NSC_LINK_##id },
	NSC_LINKS(NSC_LINK_SKIP, NSC_X, NSC_X, NSC_ON_DISK)
#undef NSC_ON_DISK
#undef NSC_X
};

/* The numbers that differ between disk and libpcap, for names only. */
static const uint16_t renumbered[][2] = {
	{ 100, DLT_ATM_RFC1483 },
	{ 102, DLT_SLIP_BSDOS },
	{ 103, DLT_PPP_BSDOS },
	{ 106, DLT_ATM_CLIP },
};

int nsc_linktype_row(uint32_t linktype)
{
	for (unsigned i = 0; i < NSC_LINKTYPES; i++)
		if (nsc_linktypes[i].number == linktype)
			return (int)i;
	return -1;
}

void nsc_linktype_describe(uint32_t linktype, char *text, size_t size)
{
	uint32_t dlt = linktype;
	const char *name, *description;

	for (size_t i = 0; i < NSC_ARRAY_LEN(renumbered); i++)
		if (renumbered[i][0] == linktype)
			dlt = renumbered[i][1];
	name = dlt <= INT32_MAX ? pcap_datalink_val_to_name((int)dlt) : NULL;
	description = dlt <= INT32_MAX ? pcap_datalink_val_to_description((int)dlt) : NULL;
	if (name)
		snprintf(text, size, "%u (%s, %s)", linktype, name, description ? description : "no description");
	else
		snprintf(text, size, "%u (unknown to libpcap)", linktype);
}
