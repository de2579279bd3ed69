/* SPDX-License-Identifier: MIT
 *
 * The ways that packets of a group will go in rings of outstanding segments, gone side by side. The way to a place is a
 * dozen blocks, each of which names the next, so one packet after the other waits for each block in turn: 1.3 us when
 * they come from memory. Here every way is a step further in each round, so the blocks of a group come at the same
 * time. Nothing is changed but what the caches hold: what a packet finds depends on the packets before it.
 */
#include "engine/flow/rings.h"

/* Where the way goes on from the oldest block: there, or where a milestone is. */
static void ahead_turn(struct flow_ahead *a, uint32_t id)
{
	a->at = id;
	a->stage = AHEAD_BLOCKS;
	a->left = 2 * FLOW_WALK_MAX;
}

/* The newest block is near. A ring without milestones is short. */
static bool ahead_newest(const struct nsc_flow_table *t, struct flow_ahead *a)
{
	const struct flow_block *newest = &t->block[a->newest];

	a->milestones = ring_milestones(newest);
	if (!a->milestones || !tcp_before(a->number, entry_mark(newest->entry)))
		return false;
	a->at = block_next(newest);
	a->stage = AHEAD_OLDEST;
	nsc_prefetch(&t->block[newest->milestone & BLOCK_ID_MASK]);
	return true;
}

static bool ahead_oldest(const struct nsc_flow_table *t, struct flow_ahead *a)
{
	if (tcp_before(a->number, entry_end(block_last(&t->block[a->at])))) {
		ahead_turn(a, a->at);
		return true;
	}
	a->at = t->block[a->newest].milestone & BLOCK_ID_MASK;
	a->stage = AHEAD_WAY;
	return true;
}

static bool ahead_way(const struct nsc_flow_table *t, struct flow_ahead *a)
{
	const struct flow_block *way = &t->block[a->at];

	for (uint32_t n = ring_way_size(way); n && a->milestones; a->milestones--) {
		if (!tcp_before(a->number, way->way[--n].mark)) {
			ahead_turn(a, way->way[n].id);
			return true;
		}
	}
	if (a->milestones)
		a->at = block_next(way);
	else
		ahead_turn(a, ring_oldest(t, a->newest));
	return true;
}

static bool ahead_blocks(const struct nsc_flow_table *t, struct flow_ahead *a)
{
	const struct flow_block *block = &t->block[a->at];

	if (!--a->left || a->at == a->newest || tcp_before(a->end, entry_mark(block->entry)))
		return false;
	a->at = block_next(block);
	return true;
}

/* False at the end of the way. */
static bool ahead_step(const struct nsc_flow_table *t, struct flow_ahead *a)
{
	switch (a->stage) {
	case AHEAD_NEWEST:
		return ahead_newest(t, a);
	case AHEAD_OLDEST:
		return ahead_oldest(t, a);
	case AHEAD_WAY:
		return ahead_way(t, a);
	default:
		return ahead_blocks(t, a);
	}
}

void flow_outstanding_ahead(const struct nsc_flow_table *t, struct flow_ahead *ahead, uint32_t n)
{
	uint32_t spare = t->block_free;

	while (n) {
		uint32_t going = 0;

		nsc_prefetch_write(&t->block[spare ? spare : t->block_used + 1]);
		for (uint32_t i = 0; i < n; i++) {
			struct flow_ahead *a = &ahead[i];

			if (!ahead_step(t, a))
				continue;
			nsc_prefetch_write(&t->block[a->at]);
			ahead[going++] = *a;
		}
		spare = spare ? block_next(&t->block[spare]) : 0;
		n = going;
	}
}
