/* SPDX-License-Identifier: MIT
 *
 * What is outstanding in a connection beyond the newest segment: older segments that wait for an acknowledgement, and
 * holes. They lie in pooled blocks of one cache line that a flow holds only while there is something to remember; the
 * newest segment needs none (flow_tcp.next, next_time), so a flow of questions and answers never takes a block, and nor
 * does a SYN.
 *
 * The blocks of a flow form a ring: flow_tcp.blocks names the newest, whose `next` is the oldest. Entries of both
 * directions share it; those of one direction stand in the order of their sequence numbers, so an acknowledgement stops
 * at the first one that it does not reach. A ring has at most RING_MAX blocks; then, and when the pool is empty, what
 * is new is not remembered: a sample or the filling of a hole is missed, and counted. In a capture of one direction
 * nothing is ever acknowledged: one block, in which holes go before segments.
 */
#include "engine/flow/internal.h"
#include "engine/flow/tcp_number.h"

#define RING_MAX 128u   /* blocks: 640 segments */
#define RING_UNHEARD 1u /* while the other side has not been heard: a capture of one direction waits in vain */
#define ID_MASK ((1u << BLOCK_ID_BITS) - 1)

static uint32_t next_of(const struct flow_block *block)
{
	return block->next & ID_MASK;
}

static uint32_t ring_size(const struct flow_block *newest)
{
	return newest->next >> BLOCK_ID_BITS;
}

static void link_to(struct flow_block *block, uint32_t next, uint32_t size)
{
	block->next = next | size << BLOCK_ID_BITS;
}

static uint32_t block_take(struct nsc_flow_table *t)
{
	uint32_t id = t->block_free;

	if (id) {
		t->block_free = next_of(&t->block[id]);
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
	t->block[id].next = t->block_free;
	t->block_free = id;
}

static uint32_t entries_of(const struct flow_block *block)
{
	uint32_t n = 0;

	while (n < BLOCK_ENTRIES && block->entry[n].kind)
		n++;
	return n;
}

/* A fresh block for one more that `dir` has outstanding, in no ring yet; 0: none, and counted. */
static uint32_t block_new(struct nsc_flow_table *t, const struct flow_tcp *s, unsigned dir,
			  struct nsc_counters *counters)
{
	uint32_t limit = s->flags[!dir] & TCP_HEARD ? RING_MAX : RING_UNHEARD, id;

	if (s->blocks && ring_size(&t->block[s->blocks]) >= limit) {
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

/* Puts block `id` behind `before`; behind the newest it becomes the newest. */
static void ring_insert(struct nsc_flow_table *t, struct flow_tcp *s, uint32_t before, uint32_t id)
{
	uint32_t newest = s->blocks == before ? id : s->blocks, size;

	if (!before) {
		link_to(&t->block[id], id, 1);
		s->blocks = id;
		return;
	}
	size = ring_size(&t->block[s->blocks]) + 1;
	link_to(&t->block[id], next_of(&t->block[before]), 0);
	link_to(&t->block[before], id, 0);
	link_to(&t->block[newest], next_of(&t->block[newest]), size);
	s->blocks = newest;
}

static struct flow_outstanding *entry_new(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir,
					  struct nsc_counters *counters)
{
	uint32_t n = s->blocks ? entries_of(&t->block[s->blocks]) : BLOCK_ENTRIES, id;

	if (n < BLOCK_ENTRIES)
		return &t->block[s->blocks].entry[n];
	id = block_new(t, s, dir, counters);
	if (!id)
		return NULL;
	ring_insert(t, s, s->blocks, id);
	return &t->block[id].entry[0];
}

/* The only block of a connection of which one side is not heard: its segments may wait in vain, so a hole takes the
 * place of the oldest of them, or of the oldest hole. */
static struct flow_outstanding *entry_displace(struct flow_block *block)
{
	uint32_t i = 0;

	while (i < BLOCK_ENTRIES && block->entry[i].kind >= OUTSTANDING_HOLE)
		i++;
	i %= BLOCK_ENTRIES;
	memmove(&block->entry[i], &block->entry[i + 1], (BLOCK_ENTRIES - 1 - i) * sizeof(block->entry[0]));
	return &block->entry[BLOCK_ENTRIES - 1];
}

/* The segment that ends at next. */
static void push_segment(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t time_low,
			 uint16_t time_high, struct nsc_counters *counters)
{
	struct flow_outstanding *e = entry_new(t, s, dir, counters);

	if (!e)
		return;
	e->first = s->next[dir];
	e->second = time_low;
	e->time_high = time_high;
	e->kind = (uint8_t)(OUTSTANDING_SEGMENT + dir);
	e->repeated = (s->flags[dir] & TCP_REPEATED) != 0;
}

void flow_outstanding_push(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, struct nsc_counters *counters)
{
	push_segment(t, s, dir, s->next_time_low[dir], s->next_time_high[dir], counters);
}

void flow_outstanding_hole(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t start, uint32_t end,
			   struct nsc_counters *counters)
{
	struct flow_outstanding *e = entry_new(t, s, dir, counters);

	s->lost++;
	if (!e && s->blocks && !(s->flags[!dir] & TCP_HEARD))
		e = entry_displace(&t->block[s->blocks]);
	if (!e)
		return;
	e->first = start;
	e->second = end;
	e->kind = (uint8_t)(OUTSTANDING_HOLE + dir);
	e->repeated = 0;
}

/* --- walking the ring from its oldest block --------------------------------------------------- */

struct walk {
	uint32_t id, before; /* this block and the one that leads to it */
	uint32_t left;       /* blocks still to come, this one included */
	uint32_t at, n;      /* entry, and how many there are */
};

struct cut { /* what is taken out of holes */
	uint32_t seq, end;
	unsigned dir;
};

static void walk_enter(struct nsc_flow_table *t, struct walk *w)
{
	w->at = 0;
	w->n = entries_of(&t->block[w->id]);
}

static void walk_begin(struct nsc_flow_table *t, const struct flow_tcp *s, struct walk *w)
{
	w->before = s->blocks;
	w->id = next_of(&t->block[s->blocks]);
	w->left = ring_size(&t->block[s->blocks]);
	walk_enter(t, w);
}

/* Takes this block, which is empty, out of the ring. */
static void ring_drop(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w)
{
	struct flow_block *before = &t->block[w->before], *gone = &t->block[w->id];
	uint32_t size = ring_size(&t->block[s->blocks]) - 1, next = next_of(gone);

	block_give(t, w->id);
	if (!size) {
		s->blocks = 0;
		return;
	}
	if (w->id == s->blocks)
		s->blocks = w->before;
	link_to(before, next, 0);
	link_to(&t->block[s->blocks], next_of(&t->block[s->blocks]), size);
	w->id = next;
}

/* On to the next block; an empty one goes. False at the end. */
static bool walk_block(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w)
{
	w->left--;
	if (!w->n) {
		ring_drop(t, s, w);
	} else {
		w->before = w->id;
		w->id = next_of(&t->block[w->id]);
	}
	if (!w->left)
		return false;
	walk_enter(t, w);
	return true;
}

static struct flow_outstanding *walk_entry(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w)
{
	while (w->at == w->n)
		if (!walk_block(t, s, w))
			return NULL;
	return &t->block[w->id].entry[w->at];
}

static void walk_remove(struct nsc_flow_table *t, struct walk *w)
{
	struct flow_outstanding *entry = t->block[w->id].entry;

	memmove(&entry[w->at], &entry[w->at + 1], (w->n - w->at - 1) * sizeof(*entry));
	memset(&entry[--w->n], 0, sizeof(*entry));
}

/* Stops in the middle of the ring: a block that became empty goes here, too. */
static void walk_end(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w)
{
	if (!w->n)
		ring_drop(t, s, w);
}

static bool is_waiting(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t end)
{
	struct flow_outstanding *e;
	struct walk w;

	if (!s->blocks)
		return false;
	for (walk_begin(t, s, &w); (e = walk_entry(t, s, &w)); w.at++)
		if (e->kind == OUTSTANDING_SEGMENT + dir && e->first == end)
			return true;
	return false;
}

/* The oldest of several counts. */
void flow_outstanding_kept_alive(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint64_t ts_ns,
				 struct nsc_counters *counters)
{
	if (!is_waiting(t, s, dir, s->next[dir]))
		push_segment(t, s, dir, (uint32_t)ts_ns, (uint16_t)(ts_ns >> 32), counters);
}

bool flow_outstanding_acked(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t ack, uint64_t *sent_ns)
{
	struct flow_outstanding *e;
	struct walk w;
	bool sample = false;

	for (walk_begin(t, s, &w); (e = walk_entry(t, s, &w));) {
		bool segment = e->kind == OUTSTANDING_SEGMENT + dir;

		if (!segment && e->kind != OUTSTANDING_HOLE + dir) {
			w.at++;
			continue;
		}
		if (tcp_before(ack, segment ? e->first : e->second)) {
			walk_end(t, s, &w);
			break;
		}
		if (segment && e->first == ack && !e->repeated) {
			*sent_ns = (uint64_t)e->time_high << 32 | e->second;
			sample = true;
		}
		walk_remove(t, &w);
	}
	return sample;
}

/* Entries behind the one that the walk stands at move to a fresh block behind this one, whose first entry is left to
 * fill. */
static struct flow_outstanding *walk_split(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w, unsigned dir,
					   struct nsc_counters *counters)
{
	uint32_t id = block_new(t, s, dir, counters), more = w->n - w->at - 1;
	struct flow_outstanding *here = &t->block[w->id].entry[w->at + 1];

	if (!id)
		return NULL;
	memcpy(&t->block[id].entry[1], here, more * sizeof(*here));
	memset(here, 0, more * sizeof(*here));
	ring_insert(t, s, w->id, id);
	w->n -= more;
	w->left++;
	return &t->block[id].entry[0];
}

/* The entry behind the one that the walk stands at, for a copy of it. */
static struct flow_outstanding *walk_insert(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w, unsigned dir,
					    struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at + 1];

	if (w->n == BLOCK_ENTRIES)
		return walk_split(t, s, w, dir, counters);
	memmove(e + 1, e, (w->n - w->at - 1) * sizeof(*e));
	w->n++;
	return e;
}

/* The middle of a hole is filled: its left part stays at e, the right one stands behind it, or takes the place of the
 * left one (which then stays lost) when there is no room for both. */
static void hole_split(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w, struct cut cut,
		       struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at], *right = walk_insert(t, s, w, cut.dir, counters);

	if (right) {
		*right = *e;
		e->second = cut.seq;
		e = right;
	}
	e->first = cut.end;
	s->lost++;
}

/* Takes [seq, end) out of the hole that the walk stands at; one that is filled wholly goes. False: they do not meet. */
static bool hole_fill(struct nsc_flow_table *t, struct flow_tcp *s, struct walk *w, struct cut cut,
		      struct nsc_counters *counters)
{
	struct flow_outstanding *e = &t->block[w->id].entry[w->at];
	bool left = tcp_before(e->first, cut.seq), right = tcp_before(cut.end, e->second);

	if (!tcp_before(cut.seq, e->second) || !tcp_before(e->first, cut.end))
		return false;
	if (left && right) {
		hole_split(t, s, w, cut, counters);
	} else if (left) {
		e->second = cut.seq;
	} else if (right) {
		e->first = cut.end;
	} else {
		s->lost--;
		walk_remove(t, w);
		return true;
	}
	w->at++;
	return true;
}

bool flow_outstanding_again(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t seq, uint32_t end,
			    struct nsc_counters *counters)
{
	struct cut cut = { .seq = seq, .end = end, .dir = dir };
	struct flow_outstanding *e;
	struct walk w;
	bool filled = false;

	if (!s->blocks)
		return false;
	for (walk_begin(t, s, &w); (e = walk_entry(t, s, &w));) {
		if (e->kind == OUTSTANDING_HOLE + dir && hole_fill(t, s, &w, cut, counters)) {
			filled = true;
			continue;
		}
		if (e->kind == OUTSTANDING_SEGMENT + dir)
			e->repeated |= tcp_before(seq, e->first) && !tcp_before(end, e->first);
		w.at++;
	}
	return filled;
}

void flow_outstanding_release(struct nsc_flow_table *t, struct flow_tcp *s)
{
	uint32_t newest = s->blocks;

	if (!newest)
		return;
	for (uint32_t id = next_of(&t->block[newest]), next; id != newest; id = next) {
		next = next_of(&t->block[id]);
		block_give(t, id);
	}
	block_give(t, newest);
	s->blocks = 0;
}
