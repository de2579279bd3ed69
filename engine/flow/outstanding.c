/* SPDX-License-Identifier: MIT
 *
 * What is outstanding in a connection beyond the newest segment: older segments that wait for an acknowledgement, and
 * holes. The newest segment needs no memory of its own (flow_tcp.next, next_time), and one more stands in flow_tcp
 * itself (older). The rest lies in pooled blocks: a ring for each direction, in the order of sequence numbers
 * (rings.h). So a flow of questions and answers takes no block, and nor does a SYN; an acknowledgement of all that was
 * sent gives the ring back whole, and any other one finds its place in it.
 */
#include "engine/flow/rings.h"

/* Room for a segment or a hole with this entry_mark, behind all that `dir` has outstanding; NULL, and counted, without
 * any. */
static struct flow_outstanding *outstanding_room(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, bool hole,
						 uint32_t mark, struct nsc_counters *counters)
{
	uint32_t newest = s->ring[dir];
	uint32_t n = newest ? block_entries(&t->block[newest]) : BLOCK_ENTRIES;

	if (n < BLOCK_ENTRIES)
		return hole || ring_takes_segment(t, s, dir, counters) ? &t->block[newest].entry[n] : NULL;
	newest = ring_append(t, s, dir, hole, mark, counters);
	return newest ? &t->block[newest].entry[0] : NULL;
}

/* The segment that stands in flow_tcp makes room. */
static void older_spill(struct nsc_flow_table *t, struct flow_tcp *s, struct nsc_counters *counters)
{
	struct flow_outstanding *e;

	if (!s->older.kind)
		return;
	e = outstanding_room(t, s, entry_dir(&s->older), false, s->older.first, counters);
	if (e)
		*e = s->older;
	s->older.kind = OUTSTANDING_NONE;
}

/* The segment that ends at next. */
static void outstanding_segment(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t time_low,
				uint16_t time_high, struct nsc_counters *counters)
{
	unsigned kind = s->flags[dir] & TCP_REPEATED ? OUTSTANDING_REPEATED : OUTSTANDING_SEGMENT;

	older_spill(t, s, counters);
	s->older = (struct flow_outstanding){
		.first = s->next[dir], .second = time_low, .time_high = time_high, .kind = (uint8_t)(kind + dir)
	};
}

void flow_outstanding_push(struct nsc_flow_table *t, uint32_t id, unsigned dir, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];

	outstanding_segment(t, s, dir, s->next_time_low[dir], s->next_time_high[dir], counters);
}

/* The only block of a connection of which one side is not heard: its segments may wait in vain, so a hole takes the
 * place of the oldest of them, or of the oldest hole. */
static struct flow_outstanding *block_displace(struct flow_block *block)
{
	uint32_t i = 0;

	while (i < BLOCK_ENTRIES && entry_is_hole(&block->entry[i]))
		i++;
	i %= BLOCK_ENTRIES;
	memmove(&block->entry[i], &block->entry[i + 1], (BLOCK_ENTRIES - 1 - i) * sizeof(block->entry[0]));
	return &block->entry[BLOCK_ENTRIES - 1];
}

void flow_outstanding_hole(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t start, uint32_t end,
			   struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	struct flow_outstanding *e;

	if (flow_older_waits(s, dir))
		older_spill(t, s, counters);
	e = outstanding_room(t, s, dir, true, start + 1, counters);
	flow_counts(t, id)->lost++;
	nsc_count(counters, NSC_C_TCP_GAPS, 1);
	if (!e && s->ring[dir] && !(s->flags[!dir] & TCP_HEARD))
		e = block_displace(&t->block[s->ring[dir]]);
	if (e)
		*e = (struct flow_outstanding){ .first = start,
						.second = end,
						.kind = (uint8_t)(OUTSTANDING_HOLE + dir) };
}

/* What `dir` has outstanding and sent last, but for the segment that ends at next; NULL: nothing. */
static const struct flow_outstanding *outstanding_last(struct nsc_flow_table *t, const struct flow_tcp *s, unsigned dir)
{
	if (flow_older_waits(s, dir))
		return &s->older;
	return s->ring[dir] ? block_last(&t->block[s->ring[dir]]) : NULL;
}

/* One that waits already is the last entry, for nothing was sent behind next. The oldest of several counts. */
void flow_outstanding_kept_alive(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint64_t ts_ns,
				 struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	const struct flow_outstanding *last = outstanding_last(t, s, dir);

	if (!last || !last->kind || entry_is_hole(last) || last->first != s->next[dir])
		outstanding_segment(t, s, dir, (uint32_t)ts_ns, (uint16_t)(ts_ns >> 32), counters);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

/* How many entries at the front of a block are acknowledged. */
static uint32_t block_acked(const struct flow_block *block, uint32_t ack)
{
	uint32_t acked = 0;

	for (uint32_t i = 0; i < BLOCK_ENTRIES; i++)
		acked += (block->entry[i].kind != OUTSTANDING_NONE) & !tcp_before(ack, entry_end(&block->entry[i]));
	return acked;
}

/* The first `gone` entries go. Copies of a fixed length: any other would be mispredicted. */
static void block_shift(struct flow_block *block, uint32_t gone)
{
	struct flow_outstanding wide[2 * BLOCK_ENTRIES] = { 0 };

	memcpy(wide, block->entry, sizeof(block->entry));
	memcpy(block->entry, &wide[gone], sizeof(block->entry));
}

/* Takes what is acknowledged off the old end of the ring, but not all of it. A place that was cut short leaves the rest
 * to the next acknowledgement. *last: the last entry that went. */
static void ring_acked(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t ack,
		       struct flow_outstanding *last, struct nsc_counters *counters)
{
	struct ring_place place = ring_find(t, s->ring[dir], ack);
	struct flow_block *block = &t->block[place.id];
	uint32_t n = block_entries(block), acked = block_acked(block, ack);

	nsc_count(counters, NSC_C_TCP_WALK_CUT, place.cut);
	if (acked)
		*last = block->entry[acked - 1];
	if (acked && acked < n)
		block_shift(block, acked);
	ring_begin_at(t, s, dir, &place);
	if (acked == n)
		ring_drop_oldest(t, s, dir);
}

bool flow_outstanding_acked(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t ack, uint64_t *sent_ns,
			    struct nsc_counters *counters)
{
	struct flow_outstanding last = { .kind = OUTSTANDING_NONE };
	struct flow_tcp *s = &t->tcp[id];
	bool untimed = false;

	if (flow_older_waits(s, dir) && !tcp_before(ack, s->older.first)) {
		last = s->older;
		s->older.kind = OUTSTANDING_NONE;
		ring_release(t, s, dir);
	} else if (s->ring[dir]) {
		struct flow_block *newest = &t->block[s->ring[dir]];

		/* most packets acknowledge nothing new */
		if (tcp_before(ack, entry_end(&t->block[block_next(newest)].entry[0])))
			return false;
		untimed = newest->flags & BLOCK_UNTIMED;
		last = *block_last(newest);
		if (tcp_before(ack, entry_end(&last)))
			ring_acked(t, s, dir, ack, &last, counters);
		else
			ring_release(t, s, dir);
	}
	*sent_ns = (uint64_t)last.time_high << 32 | last.second;
	return last.kind == OUTSTANDING_SEGMENT + dir && last.first == ack && !untimed;
}

/* --- steps of packet time, and the end -------------------------------------------------------- */

static void entry_untime(struct flow_outstanding *e)
{
	if (e->kind && !entry_is_hole(e))
		e->kind = (uint8_t)(OUTSTANDING_REPEATED + entry_dir(e));
}

void flow_outstanding_untime(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];

	entry_untime(&s->older);
	for (unsigned dir = 0; dir < 2; dir++) {
		uint32_t newest = s->ring[dir], at = newest;

		for (uint32_t steps = 0; at; steps++) {
			if (steps == FLOW_WALK_MAX) {
				nsc_count(counters, NSC_C_TCP_WALK_CUT, 1);
				t->block[newest].flags |= BLOCK_UNTIMED;
				break;
			}
			for (uint32_t i = 0; i < BLOCK_ENTRIES; i++)
				entry_untime(&t->block[at].entry[i]);
			at = block_next(&t->block[at]);
			if (at == newest)
				break;
		}
	}
}

void flow_outstanding_release(struct nsc_flow_table *t, uint32_t id)
{
	struct flow_tcp *s = &t->tcp[id];

	s->older.kind = OUTSTANDING_NONE;
	ring_release(t, s, 0);
	ring_release(t, s, 1);
}
