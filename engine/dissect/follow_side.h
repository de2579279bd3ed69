/* SPDX-License-Identifier: MIT
 *
 * One side of a followed flow: a list of pieces by their place, none over another. A range fills what is still free of
 * it. Places are sequence numbers of 64 bits, which begin in the middle, so that bytes before the first one have a
 * place. Of n ranges there are 2n pieces at most: a range that makes k of them joins k - 1 runs that stood apart.
 *
 * Thread: the follow's owner. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DISSECT_FOLLOW_SIDE_H
#define NETSCOPE_DISSECT_FOLLOW_SIDE_H

#include "netscope/follow.h"

enum {
	NSC_FOLLOW_RANGES = 2 * NSC_FOLLOW_PACKETS_MOST, /* each packet's bytes, and what was cut off it */
	NSC_FOLLOW_PIECES = 2 * NSC_FOLLOW_RANGES,
};

#define NSC_FOLLOW_NOWHERE UINT64_MAX

struct nsc_follow_piece {
	uint64_t at, ts_ns;
	uint32_t length;
	uint32_t packet;   /* the number of its packet, over both sides */
	uint32_t bytes_at; /* in the side's bytes */
	uint8_t kind;      /* BYTES or CUT */
};

struct nsc_follow_side {
	uint32_t n, next;    /* pieces; of those that were read */
	uint64_t read, key;  /* up to where; the latest packet until there */
	uint64_t at;         /* of UDP: behind the newest datagram */
	uint64_t newest;     /* place of newest_seq; NSC_FOLLOW_NOWHERE: no packet had one */
	uint64_t begin, end; /* what SYN and FIN say; NSC_FOLLOW_NOWHERE: none did */
	uint32_t newest_seq; /* the highest sequence number so far */
	struct nsc_follow_side_numbers numbers;
	struct nsc_follow_piece piece[NSC_FOLLOW_PIECES];
	uint8_t bytes[NSC_FOLLOW_BYTES_MOST];
};

nsc_always_inline uint64_t nsc_follow_piece_end(const struct nsc_follow_piece *piece)
{
	return piece->at + piece->length;
}

/* What is free of the range becomes pieces, as far as there is room. `bytes`: range.length of them; NULL: they were cut
 * off. At most NSC_FOLLOW_RANGES times for a side. */
void nsc_follow_fill(struct nsc_follow_side *side, struct nsc_follow_piece range, const uint8_t *bytes);

#endif
