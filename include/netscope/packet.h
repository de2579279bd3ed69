/* SPDX-License-Identifier: MIT
 *
 * The packet descriptor and the burst: what travels from a source through the stages.
 *
 * A source fills the first part and lends the bytes; decode fills the second part, once; nobody parses again.
 * All offsets count from `data`, the first byte of the link header. The bytes behind `data` may be read up to
 * `cap_len`, and only until the burst is released.
 */
#ifndef NETSCOPE_PACKET_H
#define NETSCOPE_PACKET_H

#include "netscope/base.h"
#include "netscope/link.h"

/* Every packet that a source delivers ends in exactly one of these: X(NAME, "name", "help"). */
#define NSC_FATES(X)                                                                                                   \
	X(FLOW, "flow", "counted in a flow")                                                                           \
	X(ARP, "arp", "ARP or RARP")                                                                                   \
	X(ICMP, "icmp", "ICMP over IPv4, without --track icmp")                                                        \
	X(ICMPV6, "icmpv6", "ICMP over IPv6, without --track icmp")                                                    \
	X(SCTP, "sctp", "SCTP, without --track sctp")                                                                  \
	X(FRAGMENT, "fragment", "IP fragment after the first, whose flow is not known")                                \
	X(DUPLICATE, "duplicate", "a copy of a packet that came shortly before it")                                    \
	X(NON_IP, "non_ip", "a network layer other than IP and ARP")                                                   \
	X(UNSUPPORTED_L4, "unsupported_l4", "an IP protocol that makes no flow")                                       \
	X(NO_NEXT_HEADER, "no_next_header", "IPv6 that ends with 'no next header'")                                    \
	X(TRUNCATED_L2, "truncated_l2", "the capture ends inside the link header")                                     \
	X(TRUNCATED_L3, "truncated_l3", "the capture or the packet ends inside the IP header or its extensions")       \
	X(TRUNCATED_L4, "truncated_l4", "the capture or the packet ends before the ports")                             \
	X(BAD_IPV4_HEADER, "bad_ipv4_header", "IPv4 version, header length or total length is impossible")             \
	X(BAD_IPV6_HEADER, "bad_ipv6_header", "IPv6 version or an extension header is impossible")                     \
	X(EXTENSION_LIMIT, "extension_limit", "more than 16 IPv6 extension headers, or 96 headers and options")        \
	X(TAG_LIMIT, "tag_limit", "more than 4 VLAN tags, 16 MPLS labels, or 96 headers")                              \
	X(MPLS_PAYLOAD, "mpls_payload", "MPLS whose payload is not IP")                                                \
	X(PPP_CONTROL, "ppp_control", "PPPoE session without IP: LCP, authentication")                                 \
	X(TUNNEL_LIMIT, "tunnel_limit", "more than 8 tunnel layers, or 96 headers, under --decap")                     \
	X(WLAN_CONTROL, "wlan_control", "802.11 without a packet: management, control, no data, a later part of one")  \
	X(ENCRYPTED, "encrypted", "encrypted below IP: a protected frame of 802.11, MACsec")                           \
	X(UNSUPPORTED_LINK, "unsupported_link", "an interface of a link type that NetScope does not decode")

enum nsc_fate {
#define NSC_X(name, text, help) NSC_FATE_##name,
	NSC_FATES(NSC_X)
#undef NSC_X
		NSC_FATE_COUNT
};

enum {
	NSC_PROTO_ICMP = 1,
	NSC_PROTO_TCP = 6,
	NSC_PROTO_UDP = 17,
	NSC_PROTO_ICMPV6 = 58,
	NSC_PROTO_SCTP = 132,
};

enum {
	NSC_TCP_FIN = 0x01,
	NSC_TCP_SYN = 0x02,
	NSC_TCP_RST = 0x04,
	NSC_TCP_PSH = 0x08,
	NSC_TCP_ACK = 0x10,
	NSC_TCP_URG = 0x20,
};

struct nsc_packet { /* 64 bytes: one packet, one cache line */
	/* set by the source */
	const uint8_t *data; /* first byte of the link header, borrowed until release */
	uint64_t ts_ns;      /* capture time, ns since 1970 UTC: base.h says what the upper half means */
	uint64_t clock_ns;   /* steady time (steady.h): never falls; ts_ns minus the offset, but for late packets */
	uint32_t cap_len;    /* bytes readable at data, 0..NSC_PACKET_BYTES_MAX (engine.h) */
	uint32_t wire_len;   /* bytes on the wire, any u32: a file may say less than cap_len */
	/* set by decode; valid as the fate allows: ports and hash only with NSC_FATE_FLOW */
	uint32_t hash;        /* keyed, symmetric hash of the 5-tuple: high bits steer, low bits find the bucket */
	uint32_t tcp_seq;     /* host order; 0 without a whole TCP header */
	uint32_t tcp_ack;     /* host order */
	uint32_t payload_len; /* L4 payload on the wire (from IP lengths, not from cap_len), bytes */
	uint16_t l3_off;      /* IP header that keys the flow (the innermost under --decap); 0 on raw links is valid;
				 of ARP its own header, or 0 */
	uint16_t l4_off;      /* 0 = absent; with NSC_FATE_FLOW only in a later fragment */
	uint16_t src_port, dst_port; /* host order */
	uint8_t l4_len;              /* header at l4_off, options included: the payload is behind it; 0 = absent */
	uint8_t link;                /* enum nsc_link, set by the source */
	uint8_t interface;           /* number of its name, set by the source; 0 = unknown */
	uint8_t ip_proto;            /* last protocol number reached */
	uint8_t ip_version;          /* 4, 6, or 0 = no IP */
	uint8_t tcp_flags;           /* low 8 bits of the TCP flags; 0 without a whole TCP header */
	uint8_t dir;  /* 0 = sent by endpoint a (the smaller), 1 = sent by b; equal endpoints count as 0 */
	uint8_t fate; /* enum nsc_fate */
};

static_assert(sizeof(struct nsc_packet) == 64, "one packet, one cache line");
static_assert(offsetof(struct nsc_packet, hash) == 32, "the source's half comes first");

/* Whether a packet is wanted: of its own bytes, which may be read up to cap_len; `linktype` is LINKTYPE_* on disk.
 * Thread: every one that looks at packets, at the same time. Allocates, blocks: never. */
typedef bool nsc_packet_matches_fn(const void *context, const struct nsc_packet *pkt, uint16_t linktype);

enum nsc_rx_state {
	NSC_RX_MORE,   /* packets, or the next poll may have some at once */
	NSC_RX_IDLE,   /* nothing now (live), or every loan is out: poll again later */
	NSC_RX_END,    /* no packet will ever come again */
	NSC_RX_FAILED, /* the same, and nsc_rx.error says why; all packets before the damage were delivered */
};

struct nsc_burst {
	uint32_t n;        /* packets in pkt[], 0..NSC_BURST_MAX */
	uint32_t state;    /* enum nsc_rx_state; with n > 0 it speaks of what follows these packets */
	uint64_t clock_ns; /* the source's clock after this burst, for idle workers; 0 before the first packet */
	uint64_t loan; /* which memory of the source the packets borrow; grows, is equal or greater burst by burst */
	uint64_t offset_ns; /* packet time minus steady time, modulo 2^64: of every packet here, and after it */
	uint64_t sent;      /* through a lane: cycles of the counter when it was sent; 0 otherwise */
	alignas(NSC_CACHE_LINE) struct nsc_packet pkt[NSC_BURST_MAX];
};

static_assert(offsetof(struct nsc_burst, pkt) == NSC_CACHE_LINE, "packets start on a line of their own");

/* Names as they appear in outputs; "?" beyond the table. */
const char *nsc_link_name(unsigned link);

/* The first LINKTYPE_* of a link, 0 when it has none; the enum nsc_link of a LINKTYPE_* or of the same DLT_*, or
 * NSC_LINK_UNSUPPORTED. */
uint16_t nsc_link_number(unsigned link);
uint8_t nsc_link_of(uint32_t linktype);

const char *nsc_fate_name(unsigned fate);
const char *nsc_fate_help(unsigned fate);

#endif
