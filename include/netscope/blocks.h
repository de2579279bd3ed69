/* SPDX-License-Identifier: MIT
 *
 * Blocks: how several threads read one source whose bytes lie in regular files (docs/decisions/0022).
 *
 * A block is a stretch of the input, and the packets whose records begin in it. Any thread may claim the next block,
 * read it, and walk over its records from where it guesses the first one to begin. Blocks are then joined in the order
 * of the input, by one thread at a time: the source knows where the first record of this block does begin, and what a
 * single reader would know by now. As far as the guess is what that reader would have found, its packets stand. What
 * is left of the block is walked again, in order.
 *
 *   claim ─ read ─ walk ... walk │ join ─ again ... again
 *   any thread, its own block    │ in order of `number`, one thread at a time
 */
#ifndef NETSCOPE_BLOCKS_H
#define NETSCOPE_BLOCKS_H

#include "netscope/packet.h"

#define NSC_BLOCK_BYTES (1u << 20)               /* of the input, and the largest block */
#define NSC_BLOCK_BEYOND (512u << 10)            /* a record that begins in a block may end so far behind it */
#define NSC_BLOCK_PACKETS (NSC_BLOCK_BYTES / 16) /* no record is shorter */
#define NSC_BLOCK_ROOM (NSC_BLOCK_BYTES + NSC_BLOCK_BEYOND + NSC_CACHE_LINE)

struct nsc_rx;

struct nsc_rx_block {
	/* laid out once, by whoever has the blocks */
	uint32_t index;         /* among all blocks, 0.. */
	uint8_t *bytes;         /* [NSC_BLOCK_ROOM] */
	struct nsc_packet *pkt; /* [NSC_BLOCK_PACKETS]; they borrow `bytes` */
	/* the source's */
	uint64_t number; /* 0, 1, 2, ...: no number is left out */
	uint32_t n;      /* packets so far */
};

/* What a source knows after a step in order. */
struct nsc_rx_block_state {
	uint32_t state;     /* enum nsc_rx_state, of what follows these packets; never IDLE */
	bool over;          /* nothing of this block is left */
	uint64_t clock_ns;  /* as in a burst */
	uint64_t offset_ns; /* as in a burst: of the packets of this step */
};

struct nsc_rx_block_ops {
	/* The next block of the input, for `block`, which nobody else has. False: there is none, or not yet: joining a
	 * block may bring more. Thread: any. Allocates, blocks: never. */
	bool (*claim)(struct nsc_rx *, struct nsc_rx_block *block);
	/* Reads its bytes. Thread: who claimed it. Allocates: never. Blocks: on the disk. */
	void (*read)(struct nsc_rx *, struct nsc_rx_block *block);
	/* Fills pkt[0..NSC_BURST_MAX) with the packets that follow in the block, counts them in block->n, and returns
	 * how many: 0 when the guess goes no further. Whoever calls puts them into block->pkt. Their clock_ns means
	 * nothing before `join`. Thread: who claimed it. Allocates: never. Blocks: on the disk. */
	uint32_t (*walk)(struct nsc_rx *, struct nsc_rx_block *block, struct nsc_packet *pkt);
	/* The next block in order: returns how many of its packets stand, all or none, and sets their clocks. `keep`
	 * false: none. `linktype` of the source is theirs. Thread: one at a time. Allocates, blocks: never. */
	uint32_t (*join)(struct nsc_rx *, struct nsc_rx_block *block, bool keep, struct nsc_rx_block_state *state);
	/* While the block is not over: appends up to NSC_BURST_MAX packets and returns how many, 0 included; they have
	 * one offset and one number for each link, as a burst has. Thread: one at a time. Allocates: never. */
	uint32_t (*again)(struct nsc_rx *, struct nsc_rx_block *block, struct nsc_rx_block_state *state);
};

#endif
