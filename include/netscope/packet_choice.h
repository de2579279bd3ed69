/* SPDX-License-Identifier: MIT
 *
 * Which packets somebody wants out of many: everything, those of a host, of one end of flows, or of one flow, within
 * times. Text to choice, and packets to matches.
 */
#ifndef NETSCOPE_PACKET_CHOICE_H
#define NETSCOPE_PACKET_CHOICE_H

#include "netscope/decode.h"
#include "netscope/error.h"
#include "netscope/query.h"

enum nsc_choice_kind {
	NSC_CHOICE_ALL,
	NSC_CHOICE_HOST,   /* to or from `a`: any IP packet, and ARP about it */
	NSC_CHOICE_END,    /* of flows to or from `a` and its port */
	NSC_CHOICE_FLOW,   /* of flows between both ends, in either direction */
	NSC_CHOICE_FILTER, /* of flows that a filter lets through: each packet has what its terms look at */
};

enum { NSC_CHOICE_TEXT = 160 }; /* bytes of a value; a longer one is refused */

struct nsc_packet_choice {
	uint8_t kind;         /* enum nsc_choice_kind */
	uint8_t ip_version;   /* 4 or 6; 0 with ALL */
	uint8_t proto;        /* END, FLOW: NSC_PROTO_*; 0 = any */
	uint8_t a[16], b[16]; /* network order; IPv4 in the first 4, the rest 0 */
	uint16_t a_port, b_port;
	bool any_port;                    /* FLOW: between both addresses, whatever the ports */
	uint64_t from_ns, to_ns;          /* packet times, both included: 0 to UINT64_MAX */
	uint64_t last_ns;                 /* instead of from_ns: this long before the newest packet; 0 = not said */
	char filter[NSC_CHOICE_TEXT + 1]; /* FILTER */
};

struct nsc_record_ask { /* of the flight recorder */
	struct nsc_packet_choice choice;
	uint64_t bytes_most; /* of packets; 0 = all that it holds */
	bool follow; /* as what was said (follow.h), not as packets: the choice is a flow with ports of TCP or UDP */
};

/* Whether what a choice takes can be followed. */
bool nsc_packet_choice_can_follow(const struct nsc_packet_choice *choice);

/* Everything, of any time. */
void nsc_packet_choice_init(struct nsc_packet_choice *choice);

/* `last` becomes from_ns, back from the newest packet; from_ns is never behind to_ns. */
void nsc_packet_choice_settle(struct nsc_packet_choice *choice, uint64_t newest_ns);

/* One word of a choice:
 *
 *   host   "10.0.0.1", "2001:db8::1", with a port "10.0.0.1:80", "[2001:db8::1]:80"
 *   flow   "10.0.0.1:80-10.0.0.2:4242", "10.0.0.1-10.0.0.2" with any ports, both perhaps with "/tcp" or another
 *          protocol that makes flows; or the key of a flow: "tcp-10.0.0.1-80-10.0.0.2-4242"
 *   filter terms of the filter language (query.h) that the ends of a flow decide: "host:10.0.0.0/8 !port:22 proto:tcp"
 *   last   "30s", "500ms", "2m", "1h"; a number alone is seconds: 1 ns to 2^62 ns
 *   from   a point in time (time_read.h), "1700000000.5", "2023-11-14T22:13:20.5Z"; so is
 *   to
 *
 * host, flow and filter exclude each other, and so do last and from. 0; -ENOENT and one sentence: there is no such
 * word; -EINVAL and one sentence. Thread: any. Allocates, blocks: never. */
int nsc_packet_choice_set(struct nsc_packet_choice *choice, const char *word, const char *value,
			  struct nsc_error *error);

/* --- packets ---------------------------------------------------------------------------------- */

enum { NSC_CHOICE_DATAGRAMS = 64 };

/* Later fragments carry no ports. They match when one of the last NSC_CHOICE_DATAGRAMS first fragments that matched was
 * of their datagram. */
struct nsc_packet_matcher {
	struct nsc_packet_choice choice;
	struct nsc_flow_filter filter; /* with FILTER */
	struct nsc_decode_options decode;
	struct nsc_decode_notes notes;
	uint32_t next; /* datagrams so far */
	struct nsc_choice_datagram {
		uint8_t addresses[32]; /* source and destination, network order */
		uint32_t id;
		uint32_t ip_version; /* as wide, so that nothing is hidden between them */
	} datagram[NSC_CHOICE_DATAGRAMS];
};

/* `decode`: as the run decodes; of what it points to nothing is used. `choice`: last_ns is 0. */
void nsc_packet_matcher_init(struct nsc_packet_matcher *matcher, const struct nsc_packet_choice *choice,
			     const struct nsc_decode_options *decode);

/* Bit i: pkt[i] is wanted. Decodes them; n <= NSC_BURST_MAX. In capture order, because of fragments. Thread: the
 * matcher's owner. Allocates, blocks: never. */
uint64_t nsc_packet_match_burst(struct nsc_packet_matcher *matcher, struct nsc_packet *pkt, uint32_t n);

#endif
