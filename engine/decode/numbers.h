/* SPDX-License-Identifier: MIT
 *
 * Numbers of the registries and headers that say what follows: decode walks along them, dissect describes them, and
 * both go the same way because there is one list.
 */
#ifndef NETSCOPE_DECODE_NUMBERS_H
#define NETSCOPE_DECODE_NUMBERS_H

#include <endian.h>
#include <string.h>

#include "netscope/ipv6.h"

enum {                              /* EtherTypes: IEEE registration authority */
       ETHERTYPE_LENGTH_MAX = 1500, /* up to here the field is an 802.3 length */
       ETHERTYPE_IPV4 = 0x0800,
       ETHERTYPE_ARP = 0x0806,
       ETHERTYPE_BRIDGING = 0x6558, /* an Ethernet frame inside another protocol */
       ETHERTYPE_RARP = 0x8035,
       ETHERTYPE_VLAN = 0x8100,
       ETHERTYPE_IPV6 = 0x86dd,
       ETHERTYPE_MPLS = 0x8847,
       ETHERTYPE_MPLS_MULTICAST = 0x8848,
       ETHERTYPE_PPPOE_SESSION = 0x8864,
       ETHERTYPE_QINQ = 0x88a8,
       ETHERTYPE_MACSEC = 0x88e5,
       ETHERTYPE_PBB = 0x88e7,    /* 802.1ah: service tag and customer addresses */
       ETHERTYPE_VN_TAG = 0x8926, /* 802.1BR */
       ETHERTYPE_NSH = 0x894f,
       ETHERTYPE_QINQ_OLD = 0x9100, /* never registered */
       ETHERTYPE_R_TAG = 0xf1c1,    /* 802.1CB */
};

enum { /* 802.2 LLC and the organisations of SNAP: IEEE registration authority */
       LLC_SAP_IP = 0x06,
       LLC_SAP_SNAP = 0xaa,
       LLC_SAP_OSI = 0xfe, /* an NLPID follows */
       LLC_UNNUMBERED = 0x03,
       OUI_ETHERNET = 0x000000,
       OUI_CISCO = 0x0000f8,
       OUI_BRIDGED = 0x0080c2,
};

enum { /* network protocols of OSI: ISO/IEC TR 9577, RFC 2427 */
       NLPID_SNAP = 0x80,
       NLPID_IPV6 = 0x8e,
       NLPID_IPV4 = 0xcc,
       NLPID_PPP = 0xcf,
};

enum { /* first bytes of Cisco HDLC; headers of capturing systems: their sources */
       CHDLC_UNICAST = 0x0f,
       CHDLC_MULTICAST = 0x8f,
       NFLOG_PAYLOAD = 9,
       PKTAP_PACKET = 1,
       PFLOG_LENGTH_MIN = 45,
       JUNIPER_MARK = 0x4d4743,
       JUNIPER_NO_LINK = 0x02,
       JUNIPER_EXTENSIONS = 0x80,
};

enum { /* hardware types of Linux cooked captures: Linux, if_arp.h */
       ARPHRD_FRAME_RELAY = 770,
       ARPHRD_GRE = 778,
       ARPHRD_RADIOTAP = 803,
       ARPHRD_NETLINK = 824,
};

enum { /* PPP protocol field: IANA, PPP numbers */
       PPP_IPV4 = 0x0021,
       PPP_IPV6 = 0x0057,
       PPP_MPLS = 0x0281,
       PPP_MPLS_MULTICAST = 0x0283,
};

enum { /* labels that are never a path, channels of pseudo-wires: IANA, special-purpose MPLS labels, PW ACH types */
       MPLS_LABEL_CHANNEL = 13,
       MPLS_LABEL_OAM = 14,
       PW_ACH_IPV4 = 0x21,
       PW_ACH_IPV6 = 0x57,
};

enum { /* protocols that are no transport of a flow, see NSC_PROTO_* for those: IANA, protocol numbers */
       PROTO_IPIP = 4,
       PROTO_IPV6 = 41,
       PROTO_GRE = 47,
       PROTO_NONE = 59,
       PROTO_ETHERIP = 97,
       PROTO_L2TP = 115,
       PROTO_MPLS = 137,
       PROTO_ETHERNET = 143,
};

enum { /* PROTO_HOP_BY_HOP, ...: extension headers of IPv6 */
#define NSC_X(id, number, length, field, label) PROTO_##id = number,
       NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
};

enum { /* IPv6 options and routing types: IANA, IPv6 parameters */
       OPTION_PAD1 = 0x00,
       OPTION_JUMBO = 0xc2,
       ROUTING_MOBILE = 2,
       ROUTING_SEGMENTS = 4,
};

enum { /* GRE: flags of RFC 2784, 2890 and 2637; payload types are EtherTypes or stand in no registry */
       GRE_CHECKSUM = 0x8000,
       GRE_ROUTING = 0x4000,
       GRE_KEY = 0x2000,
       GRE_SEQUENCE = 0x1000,
       GRE_ACK = 0x0080, /* version 1 */
       GRE_IPV4 = ETHERTYPE_IPV4,
       GRE_ERSPAN_III = 0x22eb,
       GRE_ETHERNET_OLD = 0x6400,
       GRE_ETHERNET = ETHERTYPE_BRIDGING,
       GRE_IPV6 = ETHERTYPE_IPV6,
       GRE_PPP = 0x880b,
       GRE_WCCP = 0x883e,
       GRE_MPLS = ETHERTYPE_MPLS,
       GRE_MPLS_MULTICAST = ETHERTYPE_MPLS_MULTICAST,
       GRE_ERSPAN_II = 0x88be,
       GRE_NSH = ETHERTYPE_NSH,
};

enum { /* ERSPAN type III, frame type: draft-foschiano-erspan */
       ERSPAN_ETHERNET = 0,
       ERSPAN_IP = 2,
};

enum { /* L2TP flags: RFC 2661; GTP-U message type: 3GPP TS 29.281 */
       L2TP_CONTROL = 0x8000,
       L2TP_LENGTH = 0x4000,
       L2TP_SEQUENCE = 0x0800,
       L2TP_OFFSET = 0x0200,
       GTP_G_PDU = 255,
};

enum { /* draft-ietf-nvo3-vxlan-gpe, draft-ietf-intarea-gue, RFC 5415, TZSP as its authors describe it, IEEE 802.1AE */
       VXLAN_GPE_TYPED = 0x04,
       LISP_INSTANCE = 0x08,
       GUE_BARE = 1, /* version: IP without a header in front */
       GUE_VERSION = 0xc0,
       GUE_CONTROL = 0x20,
       CAPWAP_DTLS = 0x01,
       CAPWAP_NATIVE = 0x100,
       CAPWAP_FRAGMENT = 0x080,
       CAPWAP_KEEP_ALIVE = 0x008,
       CAPWAP_WLAN = 1,
       TZSP_TRANSMIT = 1, /* types above it hold no frame */
       TZSP_TAG_PADDING = 0,
       TZSP_TAGS_END = 1,
       MACSEC_CHANNEL = 0x20,
       MACSEC_ENCRYPTED = 0x0c, /* the frame, or at least changed */
       AVS_MARK = 0x80211000,
};

/* The EtherTypes by which a frame in a pseudo-wire is told. */
bool nsc_decode_is_pseudo_wire_type(uint16_t type);

/* The address family in the four bytes at p, the header of BSD loopback, in any byte order; an EtherType in the lower
 * 16 bits when they are above ETHERTYPE_LENGTH_MAX. */
uint32_t nsc_decode_null_family(const uint8_t *p);

/* Where the IPv6 option at `at` < end ends, by its length; UINT64_MAX when that is not there. */
uint64_t nsc_decode_option_end(const uint8_t *data, uint64_t at, uint64_t end);

nsc_always_inline uint16_t nsc_load16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

nsc_always_inline uint32_t nsc_load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

#endif
