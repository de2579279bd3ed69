/* SPDX-License-Identifier: MIT
 *
 * Who talks to whom in a packet, and whether that was asked for: what the index of a capture file is made of
 * (docs/pcap-index.md), and what a packet is judged by without an index. One function for both, so that they agree.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef NETSCOPE_INDEX_CONVERSATION_H
#define NETSCOPE_INDEX_CONVERSATION_H

#include "netscope/decode.h"

struct nsc_conversation {       /* all 0: the packet tells of no address */
	uint8_t ip_version;     /* 4 or 6; 0: none. ARP and RARP for IPv4 have 4 */
	uint8_t proto;          /* IP protocol reached last; 0 with ARP */
	uint8_t has_ports;      /* 1: a flow; 0: a later fragment, ARP, a packet cut short, a protocol without ports */
	uint8_t zero;           /* 0 */
	uint16_t port[2];       /* host order, port[i] with address[i]; ICMP: as in docs/flows.md; 0 without ports */
	uint8_t address[2][16]; /* network order; IPv4 in the first 4, the rest 0. The smaller (address, port) first */
};

static_assert(sizeof(struct nsc_conversation) == 40, "no hidden padding: they are compared as bytes");

/* How packets are decoded for an index: flows of all protocols, keyed by the 5-tuple alone. `decap`: addresses and
 * ports are those of the innermost IP header, else of the outermost. The seed is any: it only chooses buckets. */
struct nsc_decode_options nsc_conversation_decode(bool decap);

/* Of a packet that was decoded with these options. Reads up to pkt->cap_len. */
void nsc_conversation_of(const struct nsc_packet *pkt, struct nsc_conversation *conversation);

/* Later fragments belong to no port and to no flow here. */
enum nsc_term_kind {
	NSC_TERM_HOST, /* one of the two addresses is `address[0]` */
	NSC_TERM_PORT, /* TCP, UDP or SCTP, and one of the two ports is `port[0]` */
	NSC_TERM_FLOW, /* all of it: protocol, addresses and ports; both directions */
};

struct nsc_term {
	enum nsc_term_kind kind;
	struct nsc_conversation of; /* HOST: ip_version and address[0]. PORT: port[0]. FLOW: all, in any order */
};

enum { NSC_TERMS_MAX = 8 };

/* Whether all `n` terms hold; n = 0: yes. */
bool nsc_conversation_matches(const struct nsc_conversation *conversation, const struct nsc_term *term, uint32_t n);

/* Whether its ports are ports: of TCP, UDP or SCTP. */
bool nsc_conversation_has_ports(const struct nsc_conversation *conversation);

/* Puts the smaller end first, as nsc_conversation_of does. */
void nsc_conversation_order(struct nsc_conversation *conversation);

/* What stands in an index for a term: 64 bits, the same everywhere and always (docs/pcap-index.md). Different ends may
 * have the same one. */
uint64_t nsc_conversation_hash(const struct nsc_conversation *conversation); /* in order */
uint64_t nsc_host_hash(uint8_t ip_version, const uint8_t address[16]);
uint64_t nsc_port_hash(uint16_t port);

#endif
