/* SPDX-License-Identifier: MIT
 *
 * The link types, once: sources, decode, dissect and the names expand this table. A new link type is one row here and,
 * if it has a header of its own, a walk_<entry>() in engine/decode and a protocol_<entry> in engine/dissect.
 */
#ifndef NETSCOPE_LINK_H
#define NETSCOPE_LINK_H

/* NONE(ID, "name"): not decoded.
 * BARE(ID, "name", ENTRY, numbers): begins with a header that others have as well, or with a hop (engine/decode/hop.h):
 * decode goes on with WALK_ENTRY and dissect with STEP_ENTRY.
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
	OWN(LINUX_SLL2, "sll2", sll2, ON_DISK(LINUX_SLL2, 276, DLT_LINUX_SLL2))                                        \
	BARE(PPP, "ppp", SERIAL, ON_DISK(PPP, 9, DLT_PPP))                                                             \
	BARE(PPP_SERIAL, "ppp-serial", SERIAL, ON_DISK(PPP_SERIAL, 50, DLT_PPP_SERIAL))                                \
	BARE(PPP_PPPD, "ppp-pppd", SERIAL, ON_DISK(PPP_PPPD, 166, DLT_PPP_PPPD))                                       \
	BARE(PPP_DIR, "ppp-dir", PREFIX, ON_DISK(PPP_DIR, 204, DLT_PPP_WITH_DIR))                                      \
	BARE(PPP_ETHER, "pppoe", PPPOE, ON_DISK(PPP_ETHER, 51, DLT_PPP_ETHER))                                         \
	BARE(CHDLC, "chdlc", CHDLC, ON_DISK(CHDLC, 104, DLT_C_HDLC))                                                   \
	BARE(CHDLC_DIR, "chdlc-dir", PREFIX, ON_DISK(CHDLC_DIR, 205, DLT_C_HDLC_WITH_DIR))                             \
	BARE(FRELAY, "frame-relay", FRELAY, ON_DISK(FRELAY, 107, DLT_FRELAY))                                          \
	BARE(FRELAY_DIR, "frame-relay-dir", PREFIX, ON_DISK(FRELAY_DIR, 206, DLT_FRELAY_WITH_DIR))                     \
	BARE(SLIP, "slip", PREFIX, ON_DISK(SLIP, 8, DLT_SLIP))                                                         \
	BARE(TOKEN_RING, "token-ring", TOKEN_RING, ON_DISK(TOKEN_RING, 6, DLT_IEEE802))                                \
	BARE(FDDI, "fddi", FDDI, ON_DISK(FDDI, 10, DLT_FDDI))                                                          \
	BARE(ARCNET, "arcnet", ARCNET, ON_DISK(ARCNET, 7, DLT_ARCNET))                                                 \
	BARE(ARCNET_LINUX, "arcnet-linux", ARCNET, ON_DISK(ARCNET_LINUX, 129, DLT_ARCNET_LINUX))                       \
	BARE(ATM, "atm", ATM, ON_DISK(ATM, 100, DLT_ATM_RFC1483))                                                      \
	BARE(CLIP, "atm-clip", CLIP, ON_DISK(CLIP, 106, DLT_ATM_CLIP))                                                 \
	BARE(SUNATM, "sunatm", SUNATM, ON_DISK(SUNATM, 123, DLT_SUNATM))                                               \
	BARE(IPFC, "ip-over-fc", PREFIX, ON_DISK(IPFC, 122, DLT_IP_OVER_FC))                                           \
	BARE(AP1394, "ieee1394", PREFIX, ON_DISK(AP1394, 138, DLT_APPLE_IP_OVER_IEEE1394))                             \
	BARE(IPOIB, "ipoib", PREFIX, ON_DISK(IPOIB, 242, DLT_IPOIB))                                                   \
	BARE(DSA, "dsa", PREFIX, ON_DISK(DSA, 284, DLT_DSA_TAG_DSA))                                                   \
	BARE(EDSA, "edsa", PREFIX, ON_DISK(EDSA, 285, DLT_DSA_TAG_EDSA))                                               \
	BARE(BRCM, "brcm", PREFIX, ON_DISK(BRCM, 281, DLT_DSA_TAG_BRCM))                                               \
	BARE(BRCM_PREPEND, "brcm-prepend", PREFIX, ON_DISK(BRCM_PREPEND, 282, DLT_DSA_TAG_BRCM_PREPEND))               \
	BARE(NETANALYZER, "netanalyzer", PREFIX, ON_DISK(NETANALYZER, 240, DLT_NETANALYZER))                           \
	BARE(NETANALYZER_TRANSPARENT, "netanalyzer-transparent", PREFIX,                                               \
	     ON_DISK(NETANALYZER_TRANSPARENT, 241, DLT_NETANALYZER_TRANSPARENT))                                       \
	BARE(SYMANTEC, "symantec", PREFIX, ON_DISK(SYMANTEC, 99, DLT_SYMANTEC_FIREWALL))                               \
	BARE(WLAN, "802.11", WLAN, ON_DISK(WLAN, 105, DLT_IEEE802_11))                                                 \
	BARE(RADIOTAP, "radiotap", RADIOTAP, ON_DISK(RADIOTAP, 127, DLT_IEEE802_11_RADIO))                             \
	BARE(PPI, "ppi", PPI, ON_DISK(PPI, 192, DLT_PPI))                                                              \
	BARE(PRISM, "prism", PRISM, ON_DISK(PRISM, 119, DLT_PRISM_HEADER))                                             \
	BARE(AVS, "avs", AVS, ON_DISK(AVS, 163, DLT_IEEE802_11_RADIO_AVS))                                             \
	BARE(TZSP, "tzsp", TZSP, ON_DISK(TZSP, 128, DLT_TZSP))                                                         \
	BARE(NFLOG, "nflog", NFLOG, ON_DISK(NFLOG, 239, DLT_NFLOG))                                                    \
	BARE(PKTAP, "pktap", PKTAP, ON_DISK(PKTAP, 258, DLT_PKTAP))                                                    \
	BARE(IPNET, "ipnet", IPNET, ON_DISK(IPNET, 226, DLT_IPNET))                                                    \
	BARE(ENC, "enc", ENC, ON_DISK(ENC, 109, DLT_ENC))                                                              \
	BARE(PFLOG, "pflog", PFLOG, ON_DISK(PFLOG, 117, DLT_PFLOG))                                                    \
	BARE(JUNIPER_ETHER, "juniper-ether", JUNIPER, ON_DISK(JUNIPER_ETHER, 178, DLT_JUNIPER_ETHER))                  \
	BARE(JUNIPER_PPPOE, "juniper-pppoe", JUNIPER, ON_DISK(JUNIPER_PPPOE, 167, DLT_JUNIPER_PPPOE))                  \
	BARE(JUNIPER_PPP, "juniper-ppp", JUNIPER, ON_DISK(JUNIPER_PPP, 179, DLT_JUNIPER_PPP))                          \
	BARE(JUNIPER_FRELAY, "juniper-frame-relay", JUNIPER, ON_DISK(JUNIPER_FRELAY, 180, DLT_JUNIPER_FRELAY))         \
	BARE(JUNIPER_CHDLC, "juniper-chdlc", JUNIPER, ON_DISK(JUNIPER_CHDLC, 181, DLT_JUNIPER_CHDLC))

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
