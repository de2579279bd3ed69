/* SPDX-License-Identifier: MIT
 *
 * What is outstanding in a connection beyond the newest segment: older segments that wait for an acknowledgement, and
 * holes. They lie in pooled blocks that a flow holds only while there is something to remember; the newest segment
 * needs none (flow_tcp.next, next_time), so a flow of questions and answers never takes a block, and nor does a SYN.
 *
 * Each direction has a ring of its own in the order of sequence numbers (rings.h). So an acknowledgement of all that
 * was sent gives the ring back whole, and any other stops at the first entry that it does not reach.
 */
#include "engine/flow/rings.h"

static struct flow_outstanding *ring_append(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir,
					    struct nsc_counters *counters)
{
	struct rings rings = rings_load(t, s);
	uint32_t *newest = &rings.newest[dir];
	uint32_t n = *newest ? block_entries(&t->block[*newest]) : BLOCK_ENTRIES, id;

	if (n < BLOCK_ENTRIES)
		return &t->block[*newest].entry[n];
	id = ring_block(t, s, &rings, dir, counters);
	if (!id)
		return NULL;
	ring_insert(t, newest, *newest, id);
	t->block[id].entry[0].kind = (uint8_t)(OUTSTANDING_SEGMENT + dir);
	rings_store(t, s, &rings);
	return &t->block[id].entry[0];
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

/* The segment that ends at next. */
static void outstanding_segment(struct nsc_flow_table *t, struct flow_tcp *s, unsigned dir, uint32_t time_low,
				uint16_t time_high, struct nsc_counters *counters)
{
	struct flow_outstanding *e = ring_append(t, s, dir, counters);
	unsigned kind = s->flags[dir] & TCP_REPEATED ? OUTSTANDING_REPEATED : OUTSTANDING_SEGMENT;

	if (!e)
		return;
	e->first = s->next[dir];
	e->second = time_low;
	e->time_high = time_high;
	e->kind = (uint8_t)(kind + dir);
}

void flow_outstanding_push(struct nsc_flow_table *t, uint32_t id, unsigned dir, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];

	outstanding_segment(t, s, dir, s->next_time_low[dir], s->next_time_high[dir], counters);
}

void flow_outstanding_hole(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t start, uint32_t end,
			   struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	struct flow_outstanding *e = ring_append(t, s, dir, counters);

	t->tcp_counts[id].lost++;
	if (!e && s->blocks && !(s->flags[!dir] & TCP_HEARD))
		e = block_displace(&t->block[s->blocks]);
	if (!e)
		return;
	e->first = start;
	e->second = end;
	e->kind = (uint8_t)(OUTSTANDING_HOLE + dir);
}

/* One that waits already is the newest entry, for nothing was sent behind next. The oldest of several counts. */
void flow_outstanding_kept_alive(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint64_t ts_ns,
				 struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	uint32_t newest = rings_load(t, s).newest[dir];
	const struct flow_outstanding *last = newest ? block_last(&t->block[newest]) : NULL;

	if (!last || entry_is_hole(last) || last->first != s->next[dir])
		outstanding_segment(t, s, dir, (uint32_t)ts_ns, (uint16_t)(ts_ns >> 32), counters);
}

/* How many entries at the front of a block are acknowledged. */
static uint32_t block_acked(const struct flow_block *block, uint32_t n, uint32_t ack)
{
	uint32_t acked = 0;

	while (acked < n && !tcp_before(ack, entry_end(&block->entry[acked])))
		acked++;
	return acked;
}

static void block_shift(struct flow_block *block, uint32_t n, uint32_t gone)
{
	memmove(block->entry, &block->entry[gone], (n - gone) * sizeof(block->entry[0]));
	memset(&block->entry[n - gone], 0, gone * sizeof(block->entry[0]));
}

/* Takes what is acknowledged off the old end of the ring, up to FLOW_WALK_MAX blocks; the next acknowledgement goes on.
 * *last: the last entry that went. */
static void ring_acked(struct nsc_flow_table *t, uint32_t *newest, uint32_t ack, struct flow_outstanding *last,
		       struct nsc_counters *counters)
{
	for (uint32_t visited = 0; *newest; visited++) {
		uint32_t id = ring_oldest(t, *newest);
		struct flow_block *block = &t->block[id];
		uint32_t n = block_entries(block), acked = block_acked(block, n, ack);

		if (acked && visited == FLOW_WALK_MAX) {
			nsc_count(counters, NSC_C_TCP_WALK_CUT, 1);
			return;
		}
		if (acked)
			*last = block->entry[acked - 1];
		if (acked < n) {
			block_shift(block, n, acked);
			return;
		}
		ring_drop(t, newest, *newest, id);
	}
}

bool flow_outstanding_acked(struct nsc_flow_table *t, uint32_t id, unsigned dir, uint32_t ack, uint64_t *sent_ns,
			    struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	struct rings rings = rings_load(t, s);
	struct flow_outstanding last = { .kind = OUTSTANDING_NONE };
	uint32_t *newest = &rings.newest[dir];
	bool untimed;

	if (!*newest)
		return false;
	untimed = t->block[*newest].untimed;
	if (tcp_before(ack, entry_end(block_last(&t->block[*newest])))) {
		ring_acked(t, newest, ack, &last, counters);
	} else {
		last = *block_last(&t->block[*newest]);
		ring_release(t, newest);
	}
	rings_store(t, s, &rings);
	*sent_ns = (uint64_t)last.time_high << 32 | last.second;
	return last.kind == OUTSTANDING_SEGMENT + dir && last.first == ack && !untimed;
}

static void block_untime(struct flow_block *block)
{
	for (uint32_t i = 0, n = block_entries(block); i < n; i++)
		if (!entry_is_hole(&block->entry[i]))
			block->entry[i].kind = (uint8_t)(OUTSTANDING_REPEATED + !(block->entry[i].kind & 1));
}

void flow_outstanding_untime(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	struct rings rings = rings_load(t, &t->tcp[id]);

	for (unsigned dir = 0; dir < 2; dir++) {
		uint32_t newest = rings.newest[dir], size = ring_size(t, newest), at = newest;

		if (size > FLOW_WALK_MAX) {
			nsc_count(counters, NSC_C_TCP_WALK_CUT, 1);
			t->block[newest].untimed = true;
			continue;
		}
		for (uint32_t i = 0; i < size; i++, at = block_next(&t->block[at]))
			block_untime(&t->block[at]);
	}
}

void flow_outstanding_release(struct nsc_flow_table *t, uint32_t id)
{
	struct flow_tcp *s = &t->tcp[id];
	struct rings rings;

	if (!s->blocks)
		return;
	rings = rings_load(t, s);
	ring_release(t, &rings.newest[0]);
	ring_release(t, &rings.newest[1]);
	s->blocks = 0;
}
