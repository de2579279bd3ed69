/* SPDX-License-Identifier: MIT
 *
 * The end of the run: what is silent for too long ends, the rest is put in export order, and whoever writes the export
 * takes it out of the table bit by bit. So a million flows at the end need no second copy of a million records.
 *
 * Records lie in the order in which flows began, but for slots that were used again (and captures whose time ran
 * backwards): only these are sorted, and merged in. The sort is radix exchange on first_seen (Hildebrandt & Isbitz,
 * JACM 1959): in place, n steps for each bit that differs, whatever the input.
 */
#include "engine/flow/internal.h"
#include "netscope/heap.h"

static bool drain_before(const struct nsc_flow_table *t, uint32_t x, uint32_t y)
{
	struct nsc_flow_record a, b;

	if (t->cold[x].first_seen_ns != t->cold[y].first_seen_ns)
		return t->cold[x].first_seen_ns < t->cold[y].first_seen_ns;
	flow_record_fill_row(t, x, &a);
	flow_record_fill_row(t, y, &b);
	return nsc_flow_record_compare(&a, &b) < 0;
}

/* --- sorting ---------------------------------------------------------------------------------- */

#define DRAIN_LATER(t, x, y) drain_before(t, (y).id, (x).id)
NSC_HEAP(drain_heap, struct flow_order, const struct nsc_flow_table *, DRAIN_LATER)

static uint64_t drain_differing_bits(const struct flow_order *order, uint32_t n)
{
	uint64_t bits = 0;

	for (uint32_t i = 1; i < n; i++)
		bits |= order[i].first_seen_ns ^ order[0].first_seen_ns;
	return bits;
}

/* Depth: one level for each bit that differs, 64 at most. */
static void drain_radix_exchange(const struct nsc_flow_table *t, struct flow_order *order, uint32_t n)
{
	uint64_t bits = n > 8 ? drain_differing_bits(order, n) : 0;
	uint64_t bit = bits ? 1ull << (63 - __builtin_clzll(bits)) : 0;
	uint32_t low = 0, high = n;

	if (!bit) { /* flows that began at the same nanosecond, and short runs: by the whole order */
		drain_heap_sort(t, order, n);
		return;
	}
	while (low < high) {
		if (order[low].first_seen_ns & bit) {
			struct flow_order swap = order[low];

			order[low] = order[--high];
			order[high] = swap;
		} else {
			low++;
		}
	}
	drain_radix_exchange(t, order, low);
	drain_radix_exchange(t, order + low, n - low);
}

/* --- the end of the run ----------------------------------------------------------------------- */

static void drain_expire_rest(struct nsc_flow_table *t, uint64_t clock_ns, struct nsc_counters *counters,
			      struct nsc_flow_output *output)
{
	for (uint32_t id = 0; id < t->used; id++) {
		struct flow_hot *hot = &t->hot[id];

		if (!hot->ip_version)
			continue;
		if (flow_expired(t, id, clock_ns)) {
			flow_end(t, id, NSC_END_TIMEOUT, flow_silence_ends(t, id), counters, output);
			t->n_settled++;
			hot->ip_version = 0; /* out of the walk; the index is not needed any more */
			continue;
		}
		if (hot->unnamed)
			flow_naming_finish(t, id, counters);
		nsc_count(counters, NSC_C_FLOW_REMAINED, 1);
		nsc_count(counters, NSC_C_FLOW_PACKETS, flow_packets(hot));
		flow_tell_end(t, id, NSC_END_ACTIVE);
	}
}

/* Backwards: what is greater than something behind it is displaced (its slot was used again), the rest is in order. */
static void drain_sort_displaced(struct nsc_flow_table *t)
{
	uint32_t least = FLOW_NONE, n = 0;

	for (uint32_t id = t->used; id-- > 0;) {
		if (!t->hot[id].ip_version)
			continue;
		if (least == FLOW_NONE || drain_before(t, id, least)) {
			least = id;
			continue;
		}
		t->hot[id].flags |= FLOW_DISPLACED;
		t->order[n++] = (struct flow_order){ .first_seen_ns = t->cold[id].first_seen_ns, .id = id };
	}
	drain_radix_exchange(t, t->order, n);
	t->displaced_end = n;
}

void nsc_flow_table_settle(struct nsc_flow_table *t, uint64_t clock_ns, bool drain, struct nsc_counters *counters,
			   struct nsc_flow_output *output)
{
	drain_expire_rest(t, clock_ns, counters, output);
	t->drain_clock_ns = clock_ns + t->offset_ns;
	t->drain_end = drain ? t->used : 0;
	if (drain)
		drain_sort_displaced(t);
}

static bool drain_in_place(const struct nsc_flow_table *t, uint32_t id)
{
	return t->hot[id].ip_version && !(t->hot[id].flags & FLOW_DISPLACED);
}

/* The smaller of the next record in place and the next displaced one; FLOW_NONE at the end. */
static uint32_t drain_next_in_order(struct nsc_flow_table *t)
{
	uint32_t displaced = t->displaced_next < t->displaced_end ? t->order[t->displaced_next].id : FLOW_NONE;

	while (t->drain_next < t->drain_end && !drain_in_place(t, t->drain_next))
		t->drain_next++;
	if (t->drain_next < t->drain_end && (displaced == FLOW_NONE || drain_before(t, t->drain_next, displaced)))
		return t->drain_next++;
	t->displaced_next += displaced != FLOW_NONE;
	return displaced;
}

uint32_t nsc_flow_table_drain(struct nsc_flow_table *t, struct nsc_flow_record *out, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t id; n < max && (id = drain_next_in_order(t)) != FLOW_NONE; n++) {
		flow_record_fill_row(t, id, &out[n]);
		out[n].ended_ns = t->drain_clock_ns;
		out[n].end_reason = NSC_END_ACTIVE;
	}
	return n;
}
