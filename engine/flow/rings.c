/* SPDX-License-Identifier: MIT */
#include "engine/flow/rings.h"

#include "engine/base/assert.h"

#define APART 7u /* blocks between two milestones */

/* flow_block.milestone, of the newest block of a ring: the block that holds its newest milestones, which names the one
 * with older ones (next, and above it how many it holds); how many of them the ring has, older ones are no longer in
 * it; and how many blocks stand behind the newest of them. */
#define MILESTONES_SHIFT BLOCK_ID_BITS
#define MILESTONES_MASK 31u
#define SINCE_SHIFT 29u

static_assert(RING_MAX / (APART + 1) <= MILESTONES_MASK && APART < 8 && RING_MAX <= UINT8_MAX,
	      "the numbers of a ring have 5, 3 and 8 bits");

static void block_link(struct flow_block *block, uint32_t next, uint32_t number)
{
	block->next = next | number << BLOCK_ID_BITS;
}

static uint32_t block_number(const struct flow_block *block)
{
	return block->next >> BLOCK_ID_BITS;
}

static uint32_t block_milestones(const struct flow_block *newest)
{
	return newest->milestone >> MILESTONES_SHIFT & MILESTONES_MASK;
}

uint8_t ring_milestones(const struct flow_block *newest)
{
	return (uint8_t)block_milestones(newest);
}

uint32_t ring_way_size(const struct flow_block *way)
{
	return block_number(way);
}

static uint32_t block_take(struct nsc_flow_table *t)
{
	uint32_t id = t->block_free;

	if (id) {
		t->block_free = block_next(&t->block[id]);
		return id;
	}
	if (t->block_used + 1 >= t->block_max)
		return 0;
	id = t->block_used + 1;
	__atomic_store_n(&t->block_used, id, __ATOMIC_RELAXED);
	return id;
}

static void block_give(struct nsc_flow_table *t, uint32_t id)
{
	block_link(&t->block[id], t->block_free, 0);
	t->block_free = id;
}

static uint32_t ring_block(struct nsc_flow_table *t, const struct flow_tcp *s, unsigned dir, uint32_t limit,
			   struct nsc_counters *counters)
{
	uint32_t id;

	if (!(s->flags[!dir] & TCP_HEARD))
		limit = RING_UNHEARD;
	if (ring_size(t, s->ring[dir]) >= limit) {
		nsc_count(counters, NSC_C_TCP_OUTSTANDING_LIMIT, 1);
		return 0;
	}
	id = block_take(t);
	if (id)
		memset(&t->block[id], 0, sizeof(t->block[id]));
	else
		nsc_count(counters, NSC_C_TCP_BLOCKS_FULL, 1);
	return id;
}

/* Notes block `id` as a milestone behind those in `way`. Returns where it stands; 0 without a block for it. */
static uint32_t way_note(struct nsc_flow_table *t, uint32_t way, uint32_t id, uint32_t mark)
{
	uint32_t n = way ? block_number(&t->block[way]) : WAY_MILESTONES, older = way;

	if (n == WAY_MILESTONES) {
		way = block_take(t);
		if (!way)
			return 0;
		n = 0;
	} else {
		older = block_next(&t->block[way]);
	}
	block_link(&t->block[way], older, n + 1);
	t->block[way].way[n] = (struct flow_milestone){ .mark = mark, .id = id };
	return way;
}

/* Gives back what holds no milestone of the newest `left`, but for the first one: at most 3 blocks. */
static void way_trim(struct nsc_flow_table *t, uint32_t way, uint32_t left)
{
	uint32_t older;

	while (way && left > block_number(&t->block[way])) {
		left -= block_number(&t->block[way]);
		way = block_next(&t->block[way]);
	}
	if (!way)
		return;
	older = block_next(&t->block[way]);
	block_link(&t->block[way], 0, block_number(&t->block[way]));
	while (older) {
		uint32_t next = block_next(&t->block[older]);

		block_give(t, older);
		older = next;
	}
}

/* Puts block `id` behind the newest, for a first entry with this mark. */
static void ring_link(struct nsc_flow_table *t, uint32_t *newest, uint32_t id, uint32_t mark)
{
	struct flow_block *block = &t->block[id], *last = &t->block[*newest];
	uint32_t way, milestones, since, noted = 0;

	if (!*newest) {
		block_link(block, id, 0);
		*newest = id;
		return;
	}
	way = last->milestone & BLOCK_ID_MASK;
	milestones = block_milestones(last);
	since = last->milestone >> SINCE_SHIFT;
	if (since == APART)
		noted = way_note(t, way, id, mark);
	if (noted) {
		block->flags = BLOCK_MILESTONE;
		way = noted;
		milestones++;
	}
	since = noted ? 0 : NSC_MIN(since + 1, APART);
	block->milestone = way | milestones << MILESTONES_SHIFT | since << SINCE_SHIFT;
	block->flags |= last->flags & BLOCK_UNTIMED;
	block_link(block, block_next(last), block_number(last) + 1);
	block_link(last, id, block_number(last));
	*newest = id;
}

uint32_t ring_append(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, bool hole, uint32_t mark,
		     struct nsc_counters *counters)
{
	uint32_t id = ring_block(t, s, dir, hole ? RING_MAX : RING_SEGMENTS, counters);

	if (!id)
		return 0;
	ring_link(t, &s->ring[dir], id, mark);
	if (hole && ring_size(t, id) > RING_SEGMENTS)
		t->block[id].flags |= BLOCK_RESERVED;
	return id;
}

/* The newest block has the number of the last one that came into the ring, wherever. */
uint32_t ring_insert(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t before, uint32_t mark,
		     struct nsc_counters *counters)
{
	struct flow_block *last, *at = &t->block[before];
	uint32_t id = ring_block(t, s, dir, RING_MAX, counters);

	if (!id)
		return 0;
	if (before == s->ring[dir]) {
		ring_link(t, &s->ring[dir], id, mark);
		return id;
	}
	block_link(&t->block[id], block_next(at), block_number(at));
	block_link(at, id, block_number(at));
	last = &t->block[s->ring[dir]];
	block_link(last, block_next(last), block_number(last) + 1);
	return id;
}

bool ring_takes_segment(struct nsc_flow_table *t, const struct flow_tcp *s, unsigned dir, struct nsc_counters *counters)
{
	struct flow_block *last = &t->block[s->ring[dir]];

	if (nsc_likely(!(last->flags & BLOCK_RESERVED)))
		return true;
	if (ring_size(t, s->ring[dir]) <= RING_SEGMENTS) {
		last->flags &= (uint8_t)~BLOCK_RESERVED;
		return true;
	}
	nsc_count(counters, NSC_C_TCP_OUTSTANDING_LIMIT, 1);
	return false;
}

/* Where the place may be: the newest milestone that is not behind it, or the oldest block. What a milestone says is
 * out of date when its first entry was a hole that has been filled: then nothing before the block is looked for. */
static uint32_t ring_milestone(const struct nsc_flow_table *t, uint32_t newest, uint32_t number, uint8_t *milestones)
{
	const struct flow_block *last = &t->block[newest], *way = &t->block[last->milestone & BLOCK_ID_MASK];
	uint32_t all = block_milestones(last), n = all ? block_number(way) : 0;

	*milestones = (uint8_t)all;
	for (uint32_t left = all; left; left--) {
		if (!n) {
			way = &t->block[block_next(way)];
			n = block_number(way);
		}
		if (!tcp_before(number, way->way[--n].mark)) {
			*milestones = (uint8_t)(all - left);
			return way->way[n].id;
		}
	}
	return block_next(last);
}

/* In the oldest block first, where most acknowledgements end. */
struct ring_place ring_find(const struct nsc_flow_table *t, uint32_t newest, uint32_t number)
{
	uint32_t oldest = ring_oldest(t, newest), next;
	struct ring_place place = { .id = oldest, .milestones = (uint8_t)block_milestones(&t->block[newest]) };

	nsc_prefetch(&t->block[t->block[newest].milestone & BLOCK_ID_MASK]);
	if (oldest == newest || tcp_before(number, entry_end(block_last(&t->block[oldest]))))
		return place;
	if (!tcp_before(number, entry_mark(t->block[newest].entry)))
		return (struct ring_place){ .id = newest };
	place.id = ring_milestone(t, newest, number, &place.milestones);
	for (uint32_t steps = 0;; steps++, place.id = next) {
		next = block_next(&t->block[place.id]);
		if (tcp_before(number, entry_mark(t->block[next].entry)))
			return place;
		if (steps == FLOW_WALK_MAX)
			break;
	}
	place.cut = true;
	return place;
}

/* The first block keeps its place in memory and takes what the place holds, so the block before the place need not be
 * known. */
void ring_begin_at(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, const struct ring_place *place)
{
	uint32_t newest = s->ring[dir], oldest = ring_oldest(t, newest), gone = block_next(&t->block[oldest]);
	struct flow_block *first = &t->block[oldest], *last;

	if (place->id != oldest) {
		*first = t->block[place->id];
		first->flags &= (uint8_t)~BLOCK_MILESTONE;
		block_link(&t->block[place->id], t->block_free, 0);
		t->block_free = gone;
		if (place->id == newest) {
			s->ring[dir] = newest = oldest;
			block_link(first, oldest, block_number(first));
		}
	}
	last = &t->block[newest];
	if (block_milestones(last) == place->milestones)
		return;
	last->milestone &= ~(MILESTONES_MASK << MILESTONES_SHIFT);
	last->milestone |= (uint32_t)place->milestones << MILESTONES_SHIFT;
	way_trim(t, last->milestone & BLOCK_ID_MASK, place->milestones);
}

void ring_drop_oldest(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir)
{
	const struct flow_block *last = &t->block[s->ring[dir]];
	uint32_t next = block_next(&t->block[block_next(last)]);
	struct ring_place place = { .id = next, .milestones = (uint8_t)block_milestones(last) };

	nsc_assert(block_next(last) != s->ring[dir], "the newest block of a ring is not dropped");
	place.milestones -= !!(t->block[next].flags & BLOCK_MILESTONE);
	ring_begin_at(t, s, dir, &place);
}

/* They are linked already, from the oldest on. */
void ring_release(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir)
{
	uint32_t newest = s->ring[dir], oldest, way;

	if (!newest)
		return;
	way = t->block[newest].milestone & BLOCK_ID_MASK;
	if (way) {
		way_trim(t, way, 0);
		block_give(t, way);
	}
	oldest = ring_oldest(t, newest);
	block_link(&t->block[newest], t->block_free, 0);
	t->block_free = oldest;
	s->ring[dir] = 0;
}
