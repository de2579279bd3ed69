/* SPDX-License-Identifier: MIT
 *
 * Rings of pooled blocks: where a connection keeps what it has outstanding (outstanding.c, outstanding_again.c).
 *
 * The blocks of one direction form a ring in the order of sequence numbers: each names the one behind it, and the
 * newest names the oldest. A ring is known by its newest block (flow_tcp.ring), which also holds what belongs to the
 * whole ring. A direction that never had anything outstanding has no ring (0).
 *
 * Blocks are only taken off the old end. One whose holes have all been filled stays where it is, empty, until what lies
 * before it is acknowledged; entry[0].first is then the number at which it ended.
 *
 * Milestones: every eighth block that is put behind the newest is one. Their numbers lie side by side, seven in a block
 * of their own, so the way to any block of the ring is short: ring_find.
 *
 * Thread: owner of the table. Allocates: never.
 */
#ifndef NETSCOPE_FLOW_RINGS_H
#define NETSCOPE_FLOW_RINGS_H

#include "engine/flow/internal.h"

#define BLOCK_ID_MASK ((1u << BLOCK_ID_BITS) - 1)
#define RING_SEGMENTS 128u /* blocks of a direction that segments may take: 640 of them */
#define RING_MAX 160u      /* blocks of a direction, with those that only holes take */
#define RING_UNHEARD 1u    /* while the other side has not been heard: a capture of one direction waits in vain */

static inline bool entry_is_hole(const struct flow_outstanding *e)
{
	return e->kind >= OUTSTANDING_HOLE;
}

static inline unsigned entry_dir(const struct flow_outstanding *e)
{
	return !(e->kind & 1);
}

/* The number that an acknowledgement must reach. */
static inline uint32_t entry_end(const struct flow_outstanding *e)
{
	return entry_is_hole(e) ? e->second : e->first;
}

/* A number behind all that lies before the entry, and not behind what may be looked for in it. */
static inline uint32_t entry_mark(const struct flow_outstanding *e)
{
	return entry_is_hole(e) ? e->first + 1 : e->first;
}

static inline uint32_t block_next(const struct flow_block *block)
{
	return block->next & BLOCK_ID_MASK;
}

/* 0..BLOCK_ENTRIES. A loop that ends at the last one would be mispredicted nearly every time. */
static inline uint32_t block_entries(const struct flow_block *block)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < BLOCK_ENTRIES; i++)
		n += block->entry[i].kind != OUTSTANDING_NONE;
	return n;
}

/* The last entry, or what tells where an empty block ended. */
static inline struct flow_outstanding *block_last(struct flow_block *block)
{
	uint32_t n = block_entries(block);

	return &block->entry[n - (n != 0)];
}

/* All entries of `block` are gone, up to `end`. */
static inline void block_empty(struct flow_block *block, uint32_t end)
{
	memset(block->entry, 0, sizeof(block->entry));
	block->entry[0].first = end;
}

static inline uint32_t ring_oldest(const struct nsc_flow_table *t, uint32_t newest)
{
	return block_next(&t->block[newest]);
}

/* 0..RING_MAX. Blocks that holes were split into count until the ring begins behind them, and a little longer. */
static inline uint32_t ring_size(const struct nsc_flow_table *t, uint32_t newest)
{
	uint32_t last = newest ? t->block[newest].next >> BLOCK_ID_BITS : 0;

	return newest ? ((last - (t->block[ring_oldest(t, newest)].next >> BLOCK_ID_BITS)) & UINT8_MAX) + 1 : 0;
}

/* Of the ring with this newest block; and of a block that holds some of them. */
uint8_t ring_milestones(const struct flow_block *newest);
uint32_t ring_way_size(const struct flow_block *way);

struct ring_place {
	uint32_t id;
	uint8_t milestones; /* of the ring, behind this block */
	bool cut;           /* the block that was looked for lies behind this one: FLOW_WALK_MAX */
};

/* The newest block whose first entry has the mark `number` or an earlier one; without one, the oldest. All entries
 * before it end at `number` or earlier. */
struct ring_place ring_find(const struct nsc_flow_table *t, uint32_t newest, uint32_t number);

/* A fresh block behind the newest one, for an entry of `dir` with this entry_mark. 0: the direction has as many as it
 * may (counted TCP_OUTSTANDING_LIMIT), or there is none (TCP_BLOCKS_FULL). */
uint32_t ring_append(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, bool hole, uint32_t mark,
		     struct nsc_counters *counters);
/* The same behind block `before`, for holes. */
uint32_t ring_insert(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t before, uint32_t mark,
		     struct nsc_counters *counters);
/* Whether a segment may stand in the newest block, and if not counts it. */
bool ring_takes_segment(struct nsc_flow_table *t, const struct flow_tcp *s, unsigned dir,
			struct nsc_counters *counters);
/* Gives all blocks before `place` back, in one step however many they are. They may change places: s->ring too. */
void ring_begin_at(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, const struct ring_place *place);
/* Gives the oldest block back; it is not the newest. */
void ring_drop_oldest(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir);
/* Gives every block of a ring back, in one step. */
void ring_release(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir);

#endif
