/* SPDX-License-Identifier: MIT
 *
 * Readers as their threads see them: blocks.c reads and joins, blocks_rx.c takes packets, blocks_open.c lays out.
 */
#ifndef NETSCOPE_RINGS_BLOCKS_PARTS_H
#define NETSCOPE_RINGS_BLOCKS_PARTS_H

#include "engine/base/period.h"
#include "engine/rings/blocks.h"

/* From packet `at` of a block on: one offset of time, and one number of each link. */
struct nsc_block_span {
	uint64_t offset_ns;
	uint32_t at;
	uint16_t linktype[NSC_LINK_SEVERAL];
};

#define NSC_BLOCK_SPANS_NEAR 4u /* most blocks have one: the room for all that may be is not touched */

/* A block, and for whom its packets are: those of worker w are list[first[w]..first[w + 1]), in order. Whoever claims
 * it has it until it is ready, then whoever joins it, then nobody writes but to `left`. */
struct nsc_shared_block {
	struct nsc_rx_block block;
	struct nsc_decode_notes *notes; /* what decode has put off; NULL: nothing is */
	uint8_t *worker;                /* [NSC_BLOCK_PACKETS], while it is shared out */
	uint16_t *list;                 /* [NSC_BLOCK_PACKETS] */
	uint32_t owner;                 /* the reader whose it is */
	uint32_t first[NSC_WORKERS_MAX + 1];
	uint32_t n_spans;
	struct nsc_block_span span[NSC_BLOCK_SPANS_NEAR]; /* the first of them, */
	struct nsc_block_span *span_far;                  /* and those behind them: [NSC_BLOCK_PACKETS] */
	alignas(NSC_CACHE_LINE) uint32_t left;            /* readers that have not left it; 0: free */
};

static_assert(NSC_BLOCK_PACKETS - 1 <= UINT16_MAX, "the number of a packet in its block");

nsc_always_inline struct nsc_block_span *nsc_block_span_at(struct nsc_shared_block *s, uint32_t i)
{
	return i < NSC_BLOCK_SPANS_NEAR ? &s->span[i] : &s->span_far[i - NSC_BLOCK_SPANS_NEAR];
}

struct nsc_reader {
	alignas(NSC_CACHE_LINE) struct nsc_rx rx;
	struct nsc_blocks *blocks;
	struct nsc_counters *counters;
	struct nsc_idle *idle;
	uint32_t index;
	struct nsc_shared_block *own;                                 /* [NSC_BLOCKS_EACH] */
	alignas(NSC_CACHE_LINE) struct nsc_packet hot[NSC_BURST_MAX]; /* of the block that it reads: what is walked */
	/* what it takes */
	struct nsc_shared_block *from; /* NULL: the next one has not been joined yet */
	uint64_t next;                 /* number of the block it takes from, or will */
	uint32_t at, end;              /* its list: list[at..end) is still to come */
	uint32_t run;                  /* packets of the block before this one have one span, tick and epoch */
	uint32_t span;                 /* the one in force */
	uint64_t clock_ns, offset_ns;  /* of the last burst */
	struct nsc_period uncut;       /* what tick and epoch have in common; empty before the first packet */
	bool waits;                    /* the last poll found nothing at all */
};

struct nsc_blocks {
	struct nsc_rx *source;
	struct nsc_tap *tap;
	const bool *stop;
	uint64_t tick_ns, epoch_ns;
	uint32_t n; /* readers */
	uint32_t n_order;
	bool puts_off; /* decode has a memory of packets before: it is asked when blocks are joined */
	struct nsc_decode_options decode; /* that of a block by itself */
	/* of who joins */
	struct nsc_decode_options in_order;
	struct nsc_shared_block **order; /* [n_order] joined blocks by number */
	uint64_t end_clock_ns, end_offset_ns;
	uint32_t end_state;
	/* shared */
	struct nsc_shared_block **ready;         /* [n_order] blocks that wait to be joined, by number */
	alignas(NSC_CACHE_LINE) bool joining;    /* somebody does */
	alignas(NSC_CACHE_LINE) uint64_t joined; /* blocks; order[] below it stands */
	bool ended;                              /* no block will be joined any more */
	struct nsc_reader reader[];
};

extern const struct nsc_rx_ops nsc_blocks_rx_ops;

/* Claims a block, reads it, and joins what can be. False when there is none to be had now. Thread: the reader. */
bool nsc_blocks_read(struct nsc_reader *reader);

/* Joins the blocks that are ready, unless another reader does. Thread: any reader. */
void nsc_blocks_join(struct nsc_reader *reader);

#endif
