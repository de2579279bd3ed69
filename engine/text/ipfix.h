/* SPDX-License-Identifier: MIT
 *
 * Flow records as IPFIX messages (RFC 7011), with both directions in one record (RFC 5103). docs/ipfix.md says which
 * elements a record has, and why these.
 *
 * A writer makes one message after the other in memory that its caller gives it. It is one stream: one observation
 * domain, one run of sequence numbers.
 *
 * Thread: one for each writer. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_IPFIX_H
#define NETSCOPE_TEXT_IPFIX_H

#include "netscope/flow.h"

enum {
	NSC_IPFIX_HEADER = 16,      /* of a message */
	NSC_IPFIX_RECORD_MAX = 900, /* bytes that one flow takes at most, with the header of its set */
	NSC_IPFIX_ROOM_MIN = NSC_IPFIX_HEADER + NSC_IPFIX_RECORD_MAX,
	NSC_IPFIX_ROOM_MAX = 65535,
	NSC_IPFIX_TEMPLATES = 8,      /* of a stream: IPv4 or IPv6, TCP or not, with names or without */
	NSC_IPFIX_TEMPLATE_MIN = 256, /* number of the first one */
	NSC_IPFIX_TYPES = 272,        /* of the template of nsc_ipfix_put_types */
	NSC_IPFIX_PEN_REVERSE = 29305,
	NSC_IPFIX_PEN_NTOP = 35632,
};

struct nsc_ipfix {
	uint32_t domain;  /* observation domain: the caller's */
	bool uniflow;     /* a record for each direction with packets, instead of one for both: the caller's */
	uint8_t *message; /* the rest is the writer's */
	uint32_t room, used;
	uint32_t set;       /* where the set begins that takes records, 0 = none is open */
	uint32_t kind;      /* of that set */
	uint32_t sequence;  /* data records of all messages before this one, modulo 2^32 */
	uint32_t records;   /* data records in this message */
	uint32_t flows;     /* whose they are */
	uint64_t latest_ns; /* largest ended_ns of them; 0 without one */
};

/* Begins an empty message of at most `room` bytes, NSC_IPFIX_ROOM_MIN..NSC_IPFIX_ROOM_MAX, at `message`. What was not
 * ended before is given up. */
void nsc_ipfix_begin(struct nsc_ipfix *w, void *message, uint32_t room);

/* Adds a flow. False when it does not fit any more: the message must be ended first. An empty one takes every flow. */
bool nsc_ipfix_put(struct nsc_ipfix *w, const struct nsc_flow_record *record);

/* The same of a flow whose words the caller has: whatever handle the record has is not looked at. */
struct nsc_ipfix_text {
	const char *at;
	size_t n; /* 0..NSC_NAME_MAX */
};
struct nsc_ipfix_words {
	struct nsc_ipfix_text app, name; /* app: only what the flow's own bytes said */
};
bool nsc_ipfix_put_words(struct nsc_ipfix *w, const struct nsc_flow_record *record,
			 const struct nsc_ipfix_words *words);

/* Adds template `i`, 0..NSC_IPFIX_TEMPLATES-1. False when it does not fit any more; an empty message takes each. A
 * collector needs all of them before the records. */
bool nsc_ipfix_put_template(struct nsc_ipfix *w, unsigned i);

/* Adds what the elements of enterprises are that records have (RFC 5610): a template for options, and a record for each
 * element. False when it does not fit any more; an empty message takes it. */
bool nsc_ipfix_put_types(struct nsc_ipfix *w);

/* Completes the message, which is to be sent at `export_secs` (since 1970): its length in bytes, 0 when it is empty. */
uint32_t nsc_ipfix_end(struct nsc_ipfix *w, uint32_t export_secs);

#endif
