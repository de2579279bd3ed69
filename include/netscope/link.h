/* SPDX-License-Identifier: MIT
 *
 * The link types, once: sources, decode, dissect and the names expand this table. A new link type is one row here and,
 * if it has a header of its own, a walk_<entry>() in engine/decode and a protocol_<entry> in engine/dissect.
 */
#ifndef NETSCOPE_LINK_H
#define NETSCOPE_LINK_H

/* NONE(ID, "name"): not decoded.
 * BARE(ID, "name", ENTRY, numbers): begins with a header that others have as well: decode goes on with WALK_ENTRY and dissect with STEP_ENTRY.
 * OWN(ID, "name", entry, numbers): has a header of its own.
 * Numbers are one or more of ON_DISK(ID, number, dlt): LINKTYPE_* in files, 0..65535, and what libpcap on Linux calls
 * the same; up to NSC_LINK_NUMBERS_MAX. Live capture through libpcap writes the last number of those with its dlt into
 * files. */
#define NSC_LINKS(NONE, BARE, OWN, ON_DISK)                                                                            \
	NONE(UNSUPPORTED, "unsupported") /* only from a pcapng interface of another type: fate unsupported_link */     \
	BARE(ETHERNET, "eth", ETHERNET, ON_DISK(ETHERNET, 1, DLT_EN10MB))                                              \
	OWN(NULL_LOOP, "null", null, /* host order, either; network order */                                           \
	    ON_DISK(NULL_LOOP, 0, DLT_NULL) ON_DISK(NULL_LOOP, 108, DLT_LOOP))                                         \
	BARE(RAW, "raw", IP, /* the version nibble decides */                                                          \
	     ON_DISK(RAW, 12, DLT_RAW) ON_DISK(RAW, 14, DLT_RAW) ON_DISK(RAW, 101, DLT_RAW))                           \
	BARE(RAW_IPV4, "ipv4", IPV4, ON_DISK(RAW_IPV4, 228, DLT_IPV4))                                                 \
	BARE(RAW_IPV6, "ipv6", IPV6, ON_DISK(RAW_IPV6, 229, DLT_IPV6))                                                 \
	OWN(LINUX_SLL, "sll", sll, ON_DISK(LINUX_SLL, 113, DLT_LINUX_SLL))                                             \
	OWN(LINUX_SLL2, "sll2", sll2, ON_DISK(LINUX_SLL2, 276, DLT_LINUX_SLL2))

#define NSC_LINK_NUMBERS_MAX 3

/* For the columns and rows that an expansion has no use for. */
#define NSC_LINK_SKIP(...)

enum nsc_link {
#define NSC_X(id, ...) NSC_LINK_##id,
	NSC_LINKS(NSC_X, NSC_X, NSC_X, NSC_LINK_SKIP)
#undef NSC_X
		NSC_LINK_COUNT,
	NSC_LINK_SEVERAL = NSC_LINK_LINUX_SLL2 + 1, /* the links before it may have several numbers, the others one */
};

#endif
