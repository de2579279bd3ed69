/* SPDX-License-Identifier: MIT
 *
 * Rings of pooled blocks: where a connection keeps what it has outstanding (outstanding.c, outstanding_again.c).
 *
 * The blocks of one direction form a ring in the order of sequence numbers: each names the one behind it, and the
 * newest names the oldest. A ring is known by its newest block, which also holds what belongs to the whole ring. A
 * direction without anything outstanding has no ring (0), and no block in a ring is ever empty, but for the one that a
 * walk stands in. Thread: owner of the table. Allocates: never.
 */
#ifndef NETSCOPE_FLOW_RINGS_H
#define NETSCOPE_FLOW_RINGS_H

#include "engine/flow/internal.h"

#define BLOCK_ID_MASK ((1u << BLOCK_ID_BITS) - 1)

struct rings { /* of a flow, by direction */
	uint32_t newest[2];
};

static inline bool entry_is_hole(const struct flow_outstanding *e)
{
	return e->kind >= OUTSTANDING_HOLE;
}

/* The number that an acknowledgement must reach. */
static inline uint32_t entry_end(const struct flow_outstanding *e)
{
	return entry_is_hole(e) ? e->second : e->first;
}

static inline uint32_t block_next(const struct flow_block *block)
{
	return block->next & BLOCK_ID_MASK;
}

static inline uint32_t block_entries(const struct flow_block *block)
{
	uint32_t n = 0;

	while (n < BLOCK_ENTRIES && block->entry[n].kind)
		n++;
	return n;
}

static inline struct flow_outstanding *block_last(struct flow_block *block)
{
	return &block->entry[block_entries(block) - 1];
}

/* 0..RINGS_MAX blocks. */
static inline uint32_t ring_size(const struct nsc_flow_table *t, uint32_t newest)
{
	return newest ? t->block[newest].next >> BLOCK_ID_BITS : 0;
}

static inline uint32_t ring_oldest(const struct nsc_flow_table *t, uint32_t newest)
{
	return block_next(&t->block[newest]);
}

/* flow_tcp.blocks is the newest block of direction 0, which names that of direction 1; without direction 0 it is that
 * of direction 1 itself. */
static inline struct rings rings_load(const struct nsc_flow_table *t, const struct flow_tcp *s)
{
	struct rings rings = { { 0, 0 } };

	if (s->blocks) {
		const struct flow_block *block = &t->block[s->blocks];
		unsigned dir = !(block->entry[0].kind & 1);

		rings.newest[dir] = s->blocks;
		rings.newest[!dir] = block->other;
	}
	return rings;
}

static inline void rings_store(struct nsc_flow_table *t, struct flow_tcp *s, const struct rings *rings)
{
	s->blocks = rings->newest[0] ? rings->newest[0] : rings->newest[1];
	if (s->blocks)
		t->block[s->blocks].other = rings->newest[0] ? rings->newest[1] : 0;
}

/* A fresh block for one more that `dir` has outstanding, in no ring yet. 0: the connection has as many as it may
 * (counted TCP_OUTSTANDING_LIMIT), or there is none (TCP_BLOCKS_FULL). */
uint32_t ring_block(struct nsc_flow_table *t, const struct flow_tcp *s, const struct rings *rings, unsigned dir,
		    struct nsc_counters *counters);
/* Puts block `id` behind `before`; behind the newest it becomes the newest. */
void ring_insert(struct nsc_flow_table *t, uint32_t *newest, uint32_t before, uint32_t id);
/* Takes block `id`, which follows `before`, out of its ring and gives it back. */
void ring_drop(struct nsc_flow_table *t, uint32_t *newest, uint32_t before, uint32_t id);
/* Gives every block of a ring back, in one step whatever its size. */
void ring_release(struct nsc_flow_table *t, uint32_t *newest);

#endif
