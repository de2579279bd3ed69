/* SPDX-License-Identifier: MIT
 *
 * What is sent again: segments that gave a sample give none any more, and holes are filled. The walk begins at the
 * oldest entry and ends at the first one behind the segment; a segment behind all of them (the last one of a
 * connection, sent again) begins none.
 *
 * A walk visits at most FLOW_WALK_MAX blocks. Behind a walk that was cut there may be segments that were sent twice and
 * do not say so, therefore no sample comes from this ring until it is empty; the holes there stay lost.
 */
#include "engine/flow/rings.h"

struct ring_walk { /* from the oldest block on */
	uint32_t *newest;
	uint32_t id, before; /* this block and the one that leads to it */
	uint32_t left;       /* blocks still to visit, this one included */
	uint32_t at, n;      /* entry, and how many there are */
	bool cut;            /* the ring has more blocks than may be visited */
};

struct again { /* [seq, end) */
	uint32_t seq, end;
	uint32_t *lost; /* of the record */
	unsigned dir;
};

static void walk_enter(const struct nsc_flow_table *t, struct ring_walk *w)
{
	w->at = 0;
	w->n = block_entries(&t->block[w->id]);
}

static void ring_walk_begin(const struct nsc_flow_table *t, uint32_t *newest, struct ring_walk *w)
{
	uint32_t size = ring_size(t, *newest);

	w->newest = newest;
	w->before = *newest;
	w->id = ring_oldest(t, *newest);
	w->left = NSC_MIN(size, FLOW_WALK_MAX);
	w->cut = size > FLOW_WALK_MAX;
	walk_enter(t, w);
}

/* An empty block goes. */
static void walk_leave(struct nsc_flow_table *t, struct ring_walk *w)
{
	uint32_t next = block_next(&t->block[w->id]);

	if (w->n)
		w->before = w->id;
	else
		ring_drop(t, w->newest, w->before, w->id);
	w->id = next;
}

/* The entry at which the walk stands, in this block or the next one; NULL at the end. */
static struct flow_outstanding *walk_entry(struct nsc_flow_table *t, struct ring_walk *w)
{
	while (w->at == w->n) {
		walk_leave(t, w);
		if (!--w->left)
			return NULL;
		walk_enter(t, w);
	}
	return &t->block[w->id].entry[w->at];
}

static void walk_remove(struct nsc_flow_table *t, struct ring_walk *w)
{
	struct flow_outstanding *entry = t->block[w->id].entry;

	memmove(&entry[w->at], &entry[w->at + 1], (w->n - w->at - 1) * sizeof(*entry));
	memset(&entry[--w->n], 0, sizeof(*entry));
}

/* Entries behind the one that the walk stands at move to the fresh block `id` behind this one, whose first entry is
 * left to fill. */
static struct flow_outstanding *walk_split(struct nsc_flow_table *t, struct ring_walk *w, uint32_t id)
{
	uint32_t more = w->n - w->at - 1;
	struct flow_outstanding *here = &t->block[w->id].entry[w->at + 1];

	memcpy(&t->block[id].entry[1], here, more * sizeof(*here));
	memset(here, 0, more * sizeof(*here));
	ring_insert(t, w->newest, w->id, id);
	w->n -= more;
	w->left++;
	return &t->block[id].entry[0];
}

/* The entry behind the one that the walk stands at, for a copy of it; NULL without a block for it. */
static struct flow_outstanding *walk_insert(struct nsc_flow_table *t, const struct flow_tcp *s,
					    const struct rings *rings, struct ring_walk *w, unsigned dir,
					    struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at + 1];
	uint32_t id;

	if (w->n == BLOCK_ENTRIES) {
		id = ring_block(t, s, rings, dir, counters);
		return id ? walk_split(t, w, id) : NULL;
	}
	memmove(e + 1, e, (w->n - w->at - 1) * sizeof(*e));
	w->n++;
	return e;
}

/* The middle of a hole is filled: its left part stays at e, the right one stands behind it, or takes the place of the
 * left one (which then stays lost) when there is no room for both. */
static void hole_split(struct nsc_flow_table *t, struct flow_tcp *s, const struct rings *rings, struct ring_walk *w,
		       const struct again *again, struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at];
	struct flow_outstanding *right = walk_insert(t, s, rings, w, again->dir, counters);

	if (right) {
		*right = *e;
		e->second = again->seq;
		e = right;
	}
	e->first = again->end;
	++*again->lost;
}

/* Takes [seq, end) out of the hole that the walk stands at, and steps on; one that is filled wholly goes. False: they
 * do not meet. */
static bool hole_fill(struct nsc_flow_table *t, struct flow_tcp *s, const struct rings *rings, struct ring_walk *w,
		      const struct again *again, struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at];
	bool left = tcp_before(e->first, again->seq), right = tcp_before(again->end, e->second);

	if (!tcp_before(again->seq, e->second)) {
		w->at++;
		return false;
	}
	if (!left && !right) {
		--*again->lost;
		walk_remove(t, w);
		return true;
	}
	if (left && right)
		hole_split(t, s, rings, w, again, counters);
	else if (left)
		e->second = again->seq;
	else
		e->first = again->end;
	w->at++;
	return true;
}

/* An entry that has nothing to do with the segment, and neither have those that follow. */
static bool entry_is_behind(const struct flow_outstanding *e, uint32_t end)
{
	return entry_is_hole(e) ? !tcp_before(e->first, end) : tcp_before(end, e->first);
}

static void segment_again(struct flow_outstanding *e, const struct again *again)
{
	if (tcp_before(again->seq, e->first))
		e->kind = (uint8_t)(OUTSTANDING_REPEATED + again->dir);
}

bool flow_outstanding_again(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t seq, uint32_t end,
			    struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	struct again again = { .seq = seq, .end = end, .lost = &t->tcp_counts[id].lost, .dir = dir };
	struct rings rings = rings_load(t, s);
	uint32_t *newest = &rings.newest[dir];
	struct flow_outstanding *e;
	struct ring_walk w;
	bool filled = false;

	if (!*newest || !tcp_before(seq, entry_end(block_last(&t->block[*newest]))))
		return false;
	for (ring_walk_begin(t, newest, &w); (e = walk_entry(t, &w)) && !entry_is_behind(e, end);) {
		if (entry_is_hole(e)) {
			filled |= hole_fill(t, s, &rings, &w, &again, counters);
		} else {
			segment_again(e, &again);
			w.at++;
		}
	}
	if (!e && w.cut) {
		nsc_count(counters, NSC_C_TCP_WALK_CUT, 1);
		t->block[*newest].untimed = true;
	}
	rings_store(t, s, &rings);
	return filled;
}
