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

struct ring_walk {
	struct flow_tcp *s;
	uint32_t id;    /* this block */
	uint32_t at, n; /* entry, and how many there are */
};

static void walk_enter(const struct nsc_flow_table *t, struct ring_walk *w, uint32_t id)
{
	w->id = id;
	w->at = 0;
	w->n = block_entries(&t->block[id]);
}

static void walk_remove(struct nsc_flow_table *t, struct ring_walk *w)
{
	struct flow_outstanding *entry = t->block[w->id].entry;
	uint32_t end = entry_end(&entry[w->at]);

	memmove(&entry[w->at], &entry[w->at + 1], (w->n - w->at - 1) * sizeof(*entry));
	memset(&entry[--w->n], 0, sizeof(*entry));
	if (!w->n)
		block_empty(&t->block[w->id], end);
}

/* Entries behind the one that the walk stands at move to the fresh block `id` behind this one, whose first entry is
 * left to fill. */
static struct flow_outstanding *walk_split(struct nsc_flow_table *t, struct ring_walk *w, uint32_t id)
{
	uint32_t more = w->n - w->at - 1;
	struct flow_outstanding *here = &t->block[w->id].entry[w->at + 1];

	memcpy(&t->block[id].entry[1], here, more * sizeof(*here));
	memset(here, 0, more * sizeof(*here));
	w->n -= more;
	return &t->block[id].entry[0];
}

/* The entry behind the one that the walk stands at, for a copy of it; NULL without a block for it. */
static struct flow_outstanding *walk_insert(struct nsc_flow_table *t, struct ring_walk *w, unsigned dir,
					    struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at + 1];
	uint32_t id;

	if (w->n == BLOCK_ENTRIES) {
		id = ring_insert(t, w->s, dir, w->id, counters);
		return id ? walk_split(t, w, id) : NULL;
	}
	memmove(e + 1, e, (w->n - w->at - 1) * sizeof(*e));
	w->n++;
	return e;
}

/* The middle of a hole is filled: its left part stays at e, the right one stands behind it, or takes the place of the
 * left one (which then stays lost) when there is no room for both. */
static void hole_split(struct nsc_flow_table *t, struct ring_walk *w, const struct again *again,
		       struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at];
	struct flow_outstanding *right = walk_insert(t, w, again->dir, counters);

	if (right) {
		*right = *e;
		e->second = again->seq;
		e = right;
	}
	e->first = again->end;
	++*again->lost;
}

/* Takes [seq, end) out of the hole that the walk stands at, and steps on; one that is filled wholly goes. */
static void hole_fill(struct nsc_flow_table *t, struct ring_walk *w, struct again *again, struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at];
	bool left = tcp_before(e->first, again->seq), right = tcp_before(again->end, e->second);

	if (!tcp_before(again->seq, e->second)) {
		w->at++;
		return;
	}
	again->filled = true;
	if (!left && !right) {
		--*again->lost;
		walk_remove(t, w);
		return;
	}
	if (left && right)
		hole_split(t, w, again, counters);
	else if (left)
		e->second = again->seq;
	else
		e->first = again->end;
	w->at++;
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

/* Goes through the block; false at an entry behind the segment, or where an empty block ends behind it. */
static bool block_again(struct nsc_flow_table *t, struct ring_walk *w, struct again *again,
			struct nsc_counters *counters)
{
	while (w->at < w->n) {
		struct flow_outstanding *e = &t->block[w->id].entry[w->at];

		if (entry_is_behind(e, again->end))
			return false;
		if (entry_is_hole(e)) {
			hole_fill(t, w, again, counters);
		} else {
			segment_again(e, again);
			w->at++;
		}
	}
	return w->n || tcp_before(t->block[w->id].entry[0].first, again->end);
}

static void ring_again(struct nsc_flow_table *t, struct flow_tcp *s, struct again *again, struct nsc_counters *counters)
{
	struct ring_place place = ring_find(t, s->ring[again->dir], again->seq);
	struct ring_walk w = { .s = s };
	bool cut = place.cut;

	walk_enter(t, &w, place.id);
	for (uint32_t left = FLOW_WALK_MAX; !cut && block_again(t, &w, again, counters);) {
		if (w.id == s->ring[again->dir])
			break;
		cut = !--left;
		walk_enter(t, &w, block_next(&t->block[w.id]));
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
