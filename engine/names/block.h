/* SPDX-License-Identifier: MIT
 *
 * The beginning of a stream, put together from pieces in any order. What came first stays: a piece that says something
 * else about bytes that are there changes nothing, so that an answer can only grow.
 * Thread: owner. Allocates: never.
 */
#ifndef NETSCOPE_NAMES_BLOCK_H
#define NETSCOPE_NAMES_BLOCK_H

#include "engine/names/names.h"

enum {
	NSC_NAME_PARTS_MAX = 16, /* pieces with holes between them */
	NSC_QUIC_ID_MAX = 20,
};

struct nsc_name_part { /* [start, end) of data */
	uint32_t start, end;
};

struct nsc_quic_keys { /* of a client's Initials */
	uint8_t key[16], iv[12], hp[16];
};

struct nsc_name_block {
	uint32_t n; /* parts, ordered, with holes between them */
	struct nsc_name_part part[NSC_NAME_PARTS_MAX];
	uint32_t quic_version; /* QUIC: the first connection id, from which the keys come; 0 = none yet */
	uint8_t quic_id_length;
	uint8_t quic_id[NSC_QUIC_ID_MAX];
	struct nsc_quic_keys quic_keys;
	uint32_t cut; /* bytes of `data` that this block lacks, at the end */
	bool small;   /* more came than it has room for: it must go on in a larger one */
	uint8_t data[NSC_NAME_STREAM_MAX];
};

/* Empty; its size stays. */
void nsc_name_block_clear(struct nsc_name_block *block);
/* Makes `to`, which is not smaller, the same. */
void nsc_name_block_copy(struct nsc_name_block *to, const struct nsc_name_block *from);

/* Takes p[0..n) in as [start, start + n), as far as it lies within NSC_NAME_STREAM_MAX. False when there is one hole
 * too many, or no room (`small` is set): then nothing was taken. O(n + parts) */
bool nsc_name_block_put(struct nsc_name_block *block, uint32_t start, const uint8_t *p, uint32_t n);

/* Bytes that are there from the beginning on. */
static inline uint32_t nsc_name_block_length(const struct nsc_name_block *block)
{
	return block->n && block->part[0].start == 0 ? block->part[0].end : 0;
}

#endif
