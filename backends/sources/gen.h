/* SPDX-License-Identifier: MIT
 *
 * Seeded traffic: options in, frames out, in capture order. rx/synth lends them to workers, tools/pktgen writes
 * them to files. The same options make the same bytes on every machine: integers only after open, a generator of
 * random numbers of its own, no clock.
 *
 * How it works: at each packet's time either the earliest due timer fires (a reply, an ACK, a retransmission) or a
 * flow is drawn at random and acts (opens, sends data, closes). A flow has at most one timer, so that timers are
 * three first-in-first-out lists through the flows themselves. When every drawn flow waits for a timer, time jumps
 * to the next timer: very few flows carry less than rate_pps.
 *
 * Frames are built in slots. A slot has its payload in place from the beginning (all payloads begin alike), so that
 * making a packet writes its headers only.
 */
#ifndef NETSCOPE_SOURCES_GEN_H
#define NETSCOPE_SOURCES_GEN_H

#include "netscope/rx.h"

#define NSC_GEN_FLOWS_MAX (1u << 26)
#define NSC_GEN_PAYLOAD_MAX 9000u
#define NSC_GEN_ATTACK_SOURCES_MAX (1u << 22)
#define NSC_GEN_ATTACK_TARGETS_MAX (1u << 16)
#define NSC_GEN_NAMES_MAX (1u << 26)
#define NSC_GEN_FLOW_BYTES 64u /* memory of a concurrent flow */

struct nsc_gen;

struct nsc_gen_options {
	struct nsc_synth_options traffic;
	bool reuse; /* a flow that ends comes back with the same addresses and ports, not with fresh ones */
};

/* what happened, as the sender knows it: bits */
enum nsc_gen_event {
	NSC_GEN_DATA = 0x01,      /* TCP payload sent for the first time, or a UDP datagram */
	NSC_GEN_LOST = 0x02,      /* the TCP segment before this one was lost before the capture point */
	NSC_GEN_RESENT = 0x04,    /* the lost segment, sent again */
	NSC_GEN_LATE = 0x08,      /* a TCP segment that its successor overtook */
	NSC_GEN_FRAGMENT = 0x10,  /* first fragment of a UDP datagram */
	NSC_GEN_REST = 0x20,      /* later fragment: makes no flow */
	NSC_GEN_DNS = 0x40,       /* DNS query or answer */
	NSC_GEN_ATTACK = 0x80,    /* SYN of an attack: of no place, `flow` is UINT32_MAX */
	NSC_GEN_HELLO = 0x100,    /* with this the client has said whom it wants */
	NSC_GEN_OVERTOOK = 0x200, /* the TCP segment before this one is NSC_GEN_LATE and still to come */
};

struct nsc_gen_frame {
	const uint8_t *data; /* inside the slot */
	uint64_t ts_ns;
	uint32_t wire_len, cap_len;
	uint32_t flow;        /* 0..flows-1: the place of the flow */
	uint32_t connection;  /* number of the connection; a place that ends one begins another (not under reuse) */
	uint32_t seq;         /* TCP sequence number, host order; 0 for UDP */
	uint32_t ack;         /* TCP: what it acknowledges, with the ACK flag */
	uint32_t tcp_payload; /* bytes */
	uint8_t dir;          /* 0 = sent by the client */
	uint8_t tcp_flags;    /* 0 for UDP */
	uint16_t events;      /* enum nsc_gen_event */
};

/* the 5-tuple of a connection; index 0 = client */
struct nsc_gen_key {
	uint8_t ip_version, ip_proto;
	uint16_t vlan_id;       /* 0 = untagged */
	uint16_t port[2];       /* host order */
	uint8_t address[2][16]; /* network order; 4 bytes used by IPv4 */
};

/* what a connection says of itself */
struct nsc_gen_named {
	const char *app; /* tls, http, quic, dns */
	char name[64];   /* the server that its client asks for; dns: what its latest question asks for */
};

/* Traffic by name. */
struct nsc_gen_profile {
	const char *name, *help;
	struct nsc_synth_options traffic; /* without what nsc_gen_profile takes from the defaults */
};

extern const struct nsc_gen_profile nsc_gen_profiles[];
extern const size_t nsc_gen_profile_count;

/* The options of this name: 0, or -EINVAL and a sentence that has all names. Thread: any. Allocates: never. */
int nsc_gen_profile(struct nsc_synth_options *traffic, const char *name, struct nsc_error *error);

/* Checks the options: 0, or -EINVAL and a sentence that names the first bad one and its range.
 * Thread: any. Allocates: never. */
int nsc_gen_check(const struct nsc_gen_options *options, struct nsc_error *error);

/* Thread: control. Allocates: NSC_GEN_FLOW_BYTES per flow, rounded up to 2 MiB, and less than 128 KiB: all it
 * will ever need, touched here. */
int nsc_gen_open(struct nsc_gen **gen, const struct nsc_gen_options *options, struct nsc_error *error);
void nsc_gen_close(struct nsc_gen *gen);

/* Bytes of one slot: a multiple of 64 and not of 128, so that the slots of a burst do not share cache sets. */
uint32_t nsc_gen_slot_size(const struct nsc_gen *gen);

/* Fills a slot of that size once; from then on it may be built in any number of times. */
void nsc_gen_slot_init(const struct nsc_gen *gen, uint8_t *slot);

/* Builds the next frame in the slot. false: options.packets have been made, nothing was written.
 * Thread: owner. Allocates: never. Blocks: never. */
bool nsc_gen_next(struct nsc_gen *gen, uint8_t *slot, struct nsc_gen_frame *frame);

/* The 5-tuple of the connection that frame->flow made last. */
void nsc_gen_key(const struct nsc_gen *gen, uint32_t flow, struct nsc_gen_key *key);

/* What it says of itself; false when it says nothing, or when no flow was asked to. */
bool nsc_gen_named(const struct nsc_gen *gen, uint32_t flow, struct nsc_gen_named *named);

#endif
