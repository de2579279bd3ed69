/* SPDX-License-Identifier: MIT
 *
 * Fragmented datagrams on their way: which flow the first fragment belongs to, so that the later ones, which have no
 * ports, are counted there. One table for each thread that decodes, since capture order decides what is known when. A
 * datagram is known by IP version, source, destination and identification, for IPv4 by its protocol too (RFC 791, RFC
 * 8200, 4.5).
 *
 * When its place is full, a datagram takes that of one that is whole or FRAGMENTS_TIMEOUT_NS old, else of the oldest
 * one (counted FRAGMENT_EVICTED).
 */
#ifndef NETSCOPE_DECODE_FRAGMENTS_H
#define NETSCOPE_DECODE_FRAGMENTS_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/decode.h"

#define FRAGMENTS_TIMEOUT_NS (30 * NSC_NS_PER_SEC) /* by the packets' clock, from the first fragment: as Linux */
#define FRAGMENTS_SETS 512u
#define FRAGMENTS_WAYS 8u

struct nsc_fragment {    /* what the walker saw of one */
	uint32_t id;     /* identification, as it stands in the header */
	uint32_t offset; /* of its first byte in the datagram; 0 = the first fragment */
	uint32_t len;    /* bytes of the datagram that it carries */
	bool last;
};

/* Zeroed, one cache line each; the table is [FRAGMENTS_SETS][FRAGMENTS_WAYS]. 0 or -errno and one sentence.
 * Thread: control. Allocates: all from `arena`. */
int nsc_fragments_open(struct nsc_fragments **fragments, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_fragments_bytes(void);

/* `pkt` is a first fragment with a flow: remembers that. Thread: owner. Allocates: never. */
void nsc_fragments_begin(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
			 const struct nsc_fragment *fragment);

/* `pkt` is a later fragment, of the fate FRAGMENT. When its first one is known, `pkt` gets the fate FLOW, and protocol,
 * ports, hash and direction from there; l4_off stays 0, which no other packet of a flow has. Thread: owner. */
void nsc_fragments_join(const struct nsc_decode_options *options, struct nsc_packet *pkt,
			const struct nsc_fragment *fragment);

/* `pkt` is a fragment of any kind, and options->notes are kept: notes it. Thread: owner of the notes. */
void nsc_fragments_note(const struct nsc_decode_options *options, const struct nsc_packet *pkt,
			const struct nsc_fragment *fragment);

/* What the walker would have done with the fragments of pkt[], all of which were noted. Thread: owner. */
void nsc_fragments_catch_up(const struct nsc_decode_options *options, struct nsc_packet *pkt,
			    const struct nsc_decode_notes *notes);

#endif
