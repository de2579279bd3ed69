/* SPDX-License-Identifier: MIT
 *
 * What is sent again: segments that gave a sample give none any more, and holes are filled. The walk begins at the
 * block where the segment begins (ring_find) and ends at the first entry behind it; a segment behind all of them (the
 * last one of a connection, sent again) begins none.
 *
 * A walk visits at most FLOW_WALK_MAX blocks. Behind a walk that was cut there may be segments that were sent twice and
 * do not say so, therefore no sample comes from this ring until it is empty; the holes there stay lost.
 */
#include "engine/flow/rings.h"

struct again { /* [seq, end) */
	uint32_t seq, end;
	uint32_t *lost; /* of the record */
	unsigned dir;
	bool filled; /* a byte of it fell into a hole */
};

/* A fresh block behind block `id`, whose entries behind entry `at` move there; its first entry is left to fill. NULL
 * without a block. */
static struct flow_outstanding *block_split(struct nsc_flow_table *t, struct flow_tcp *s, uint32_t id, uint32_t at,
					    const struct again *again, struct nsc_counters *counters)
{
	uint32_t fresh = ring_insert(t, s, again->dir, id, again->end + 1, counters), more = BLOCK_ENTRIES - at - 1;
	struct flow_outstanding *here = &t->block[id].entry[at + 1];

	if (!fresh)
		return NULL;
	memcpy(&t->block[fresh].entry[1], here, more * sizeof(*here));
	memset(here, 0, more * sizeof(*here));
	return &t->block[fresh].entry[0];
}

/* The entry behind entry `at` of `n`, for a copy of it; NULL without a block for it. */
static struct flow_outstanding *block_insert(struct nsc_flow_table *t, struct flow_tcp *s, uint32_t id, uint32_t at,
					     uint32_t n, const struct again *again, struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[id].entry[at + 1];

	if (n == BLOCK_ENTRIES)
		return block_split(t, s, id, at, again, counters);
	memmove(e + 1, e, (n - at - 1) * sizeof(*e));
	return e;
}

/* The middle of a hole is filled: its left part stays where it is, the right one stands behind it, or takes the place
 * of the left one (which then stays lost) when there is no room for both. */
static void hole_split(struct nsc_flow_table *t, struct flow_tcp *s, uint32_t id, uint32_t at, uint32_t n,
		       const struct again *again, struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[id].entry[at];
	struct flow_outstanding *right = block_insert(t, s, id, at, n, again, counters);

	if (right) {
		*right = *e;
		e->second = again->seq;
		e = right;
	}
	e->first = again->end;
	++*again->lost;
	nsc_count(counters, NSC_C_TCP_GAPS, 1);
}

/* An entry that has nothing to do with the segment, and neither have those that follow. */
static bool entry_is_behind(const struct flow_outstanding *e, uint32_t end)
{
	return entry_is_hole(e) ? !tcp_before(e->first, end) : tcp_before(end, e->first);
}

static void segment_again(struct flow_outstanding *e, const struct again *again)
{
	if (tcp_before(again->seq, e->first) && !tcp_before(again->end, e->first))
		e->kind = (uint8_t)(OUTSTANDING_REPEATED + again->dir);
}

enum met { MET_STAYS, MET_FILLED, MET_SPLIT };

static enum met hole_again(struct flow_outstanding *e, struct again *again)
{
	bool left = tcp_before(e->first, again->seq), right = tcp_before(again->end, e->second);

	if (!tcp_before(again->seq, e->second))
		return MET_STAYS;
	again->filled = true;
	if (left && right)
		return MET_SPLIT;
	if (!left && !right)
		return MET_FILLED;
	if (left)
		e->second = again->seq;
	else
		e->first = again->end;
	return MET_STAYS;
}

/* Entries from `from` on move to `to`, over those that were filled. */
static void block_close_up(struct flow_block *block, uint32_t to, uint32_t from, uint32_t n)
{
	uint32_t end = entry_end(&block->entry[n - 1]);

	while (from < n)
		block->entry[to++] = block->entry[from++];
	if (!to)
		block_empty(block, end);
	for (; to < n; to++)
		block->entry[to].kind = OUTSTANDING_NONE;
}

/* Goes through block `id`; false when what lies behind it has nothing to do with the segment. One that splits a hole
 * meets nothing else. */
static bool block_again(struct nsc_flow_table *t, struct flow_tcp *s, uint32_t id, struct again *again,
			struct nsc_counters *counters)
{
	struct flow_block *block = &t->block[id];
	uint32_t n = block_entries(block), at = 0, kept = 0;

	if (!n)
		return tcp_before(block->entry[0].first, again->end);
	for (; at < n && !entry_is_behind(&block->entry[at], again->end); at++) {
		struct flow_outstanding *e = &block->entry[at];
		enum met met = MET_STAYS;

		if (entry_is_hole(e))
			met = hole_again(e, again);
		else
			segment_again(e, again);
		if (met == MET_SPLIT) {
			hole_split(t, s, id, at, n, again, counters);
			return false;
		}
		*again->lost -= met == MET_FILLED;
		nsc_count(counters, NSC_C_TCP_GAPS_FILLED, met == MET_FILLED);
		if (met == MET_STAYS && kept++ != at)
			block->entry[kept - 1] = *e;
	}
	if (kept != at)
		block_close_up(block, kept, at, n);
	return at == n;
}

static void ring_again(struct nsc_flow_table *t, struct flow_tcp *s, struct again *again, struct nsc_counters *counters)
{
	struct ring_place place = ring_find(t, s->ring[again->dir], again->seq);
	uint32_t id = place.id, left = FLOW_WALK_MAX;
	bool cut = place.cut;

	while (!cut && block_again(t, s, id, again, counters) && id != s->ring[again->dir]) {
		cut = !--left;
		id = block_next(&t->block[id]);
	}
	if (cut) {
		nsc_count(counters, NSC_C_TCP_WALK_CUT, 1);
		t->block[s->ring[again->dir]].flags |= BLOCK_UNTIMED;
	}
}

/* Nothing waits in the oldest block any more: it goes, and with it a ring that has no other. */
static void ring_tidy(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir)
{
	uint32_t newest = s->ring[dir], oldest = ring_oldest(t, newest);

	if (t->block[oldest].entry[0].kind)
		return;
	if (oldest == newest)
		ring_release(t, s, dir);
	else
		ring_drop_oldest(t, s, dir);
}

bool flow_outstanding_again(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t seq, uint32_t end,
			    struct nsc_counters *counters)
{
	struct again again = { .seq = seq, .end = end, .lost = &t->tcp_counts[id].lost, .dir = dir };
	struct flow_tcp *s = &t->tcp[id];

	if (flow_older_waits(s, dir))
		segment_again(&s->older, &again);
	if (!s->ring[dir] || !tcp_before(seq, entry_end(block_last(&t->block[s->ring[dir]]))))
		return false;
	ring_again(t, s, &again, counters);
	ring_tidy(t, s, dir);
	return again.filled;
}
