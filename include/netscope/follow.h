/* SPDX-License-Identifier: MIT
 *
 * What both sides of one flow said to each other, put together from its packets: TCP by sequence number, UDP as
 * datagrams. Of bytes that came more than once the copy that was added first counts. What no packet has is told as
 * missing, and what was cut off packets as cut. docs/web-api.md
 *
 * Thread: the follow's owner. Blocks: never.
 */
#ifndef NETSCOPE_FOLLOW_H
#define NETSCOPE_FOLLOW_H

#include "netscope/error.h"
#include "netscope/packet.h"

enum {
	NSC_FOLLOW_BYTES_MOST = 256 * 1024, /* held of each side */
	NSC_FOLLOW_PACKETS_MOST = 2000,     /* with payload, of both sides; those behind are counted only */
	NSC_FOLLOW_JSON_MOST = 3 << 20,     /* bytes of nsc_follow_json, at most */
};

enum nsc_follow_kind {
	NSC_FOLLOW_BYTES,
	NSC_FOLLOW_CUT,     /* a packet had them, and was cut before it was kept */
	NSC_FOLLOW_MISSING, /* no packet has them */
};

struct nsc_follow_part {
	uint8_t kind;         /* enum nsc_follow_kind */
	uint8_t side;         /* as nsc_packet.dir: 0 = endpoint a sent it, 1 = b */
	uint64_t at, length;  /* of the side's stream, from its first byte; of UDP the datagrams one behind the other */
	const uint8_t *bytes; /* BYTES: length of them; else NULL */
	uint64_t ts_ns;       /* of the packet; MISSING: 0 */
};

struct nsc_follow_side_numbers {
	uint64_t packets, bytes; /* packets, and payload that they had on the wire, repeated bytes included */
	uint64_t held;           /* bytes that parts have */
	uint64_t missing, cut;   /* bytes; both after finish */
	uint64_t repeated;       /* bytes that came again, and */
	uint64_t differing;      /* of those the bytes that were others than the first time */
	uint64_t beyond;         /* bytes behind a limit */
};

struct nsc_follow_numbers {
	struct nsc_follow_side_numbers side[2];
	uint64_t later;     /* packets of another connection between the same ports, behind this one: left out */
	uint64_t fragments; /* later fragments of datagrams: left out */
	uint64_t first_ns, last_ns; /* times of the first and the last packet that is not left out; 0: there is none */
	int8_t client;              /* the side that sent a SYN, or was sent a SYN with ACK; -1: no packet says so */
};

struct nsc_follow;

/* `proto`: NSC_PROTO_TCP or NSC_PROTO_UDP. Allocates all that it will ever need, about 1.3 MiB. 0 or -ENOMEM. */
int nsc_follow_open(struct nsc_follow **follow, uint8_t proto, struct nsc_error *error);
void nsc_follow_close(struct nsc_follow *follow); /* NULL is allowed */

/* A decoded packet of the flow, in the order in which packets came; sequence numbers may have any order, up to 2^31
 * bytes apart. Bytes up to cap_len are copied. Before finish. Allocates: never. */
void nsc_follow_add(struct nsc_follow *follow, const struct nsc_packet *pkt);

/* Nothing more is added: puts in what was cut, and counts what is missing. Once. */
void nsc_follow_finish(struct nsc_follow *follow);

/* Parts after finish. The parts of a side come by `at`, without overlap and without holes; those of both sides are
 * mixed in the order in which they could be read: bytes that came late hold up the bytes of their side behind them.
 * False: there are no more. */
bool nsc_follow_next(struct nsc_follow *follow, struct nsc_follow_part *part);
void nsc_follow_rewind(struct nsc_follow *follow);

struct nsc_follow_numbers nsc_follow_numbers(const struct nsc_follow *follow);

struct nsc_follow_source {    /* of the packets */
	const char *name;     /* "recorder", "samples" */
	const char *kept;     /* of each packet, in words */
	uint64_t since_ns;    /* since when it holds packets; NSC_UNKNOWN: since the start, or none */
	uint64_t overwritten; /* packets that were gone before they were read; some may be of other flows */
};

/* The object of docs/web-api.md. After finish; rewinds. */
struct nsc_json;
void nsc_follow_json(struct nsc_follow *follow, const struct nsc_follow_source *source, struct nsc_json *json);

#endif
