/* SPDX-License-Identifier: MIT
 *
 * Link types: one table.
 */
#include "linktype.h"

#include <stdio.h>

#include <pcap/pcap.h>

struct linktype {
	uint16_t number; /* LINKTYPE_* on disk */
	uint16_t dlt;    /* the same for libpcap on this system */
	uint8_t link;    /* enum nsc_link */
};

static const struct linktype linktypes[] = {
	{ NSC_LINKTYPE_ETHERNET, DLT_EN10MB, NSC_LINK_ETHERNET },
	{ 0, DLT_NULL, NSC_LINK_NULL_LOOP },
	{ 108, DLT_LOOP, NSC_LINK_NULL_LOOP },
	{ 12, DLT_RAW, NSC_LINK_RAW },
	{ 14, DLT_RAW, NSC_LINK_RAW },
	{ 101, DLT_RAW, NSC_LINK_RAW },
	{ 228, DLT_IPV4, NSC_LINK_RAW_IPV4 },
	{ 229, DLT_IPV6, NSC_LINK_RAW_IPV6 },
	{ 113, DLT_LINUX_SLL, NSC_LINK_LINUX_SLL },
	{ 276, DLT_LINUX_SLL2, NSC_LINK_LINUX_SLL2 },
};

static_assert(NSC_ARRAY_LEN(linktypes) == NSC_LINKTYPES, "the header says how many rows there are");

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
		if (linktypes[i].number == linktype)
			return (int)i;
	return -1;
}

enum nsc_link nsc_linktype_row_link(unsigned row)
{
	return row < NSC_LINKTYPES ? linktypes[row].link : NSC_LINK_UNSUPPORTED;
}

int nsc_linktype_row_dlt(unsigned row)
{
	return row < NSC_LINKTYPES ? linktypes[row].dlt : -1;
}

uint32_t nsc_linktype_row_number(unsigned row)
{
	return linktypes[row].number;
}

enum nsc_link nsc_linktype_link(uint32_t linktype)
{
	int row = nsc_linktype_row(linktype);

	return row < 0 ? NSC_LINK_UNSUPPORTED : nsc_linktype_row_link((unsigned)row);
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
