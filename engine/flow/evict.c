/* SPDX-License-Identifier: MIT
 *
 * The table is full: the least recently seen of a few records gives way. Candidates lie side by side where a cursor
 * goes round, and are fetched one eviction ahead. The next victim is chosen then, so that its bucket and all that its
 * end reads are in the cache when they are needed.
 */
#include "engine/base/assert.h"
#include "engine/flow/internal.h"

#define EVICT_CANDIDATES 8u

static uint32_t evict_choose(struct nsc_flow_table *t)
{
	uint32_t best = FLOW_NONE;

	nsc_assert(t->used > t->n_free, "a table that evicts holds a record");

	for (uint32_t looked = 0; looked < EVICT_CANDIDATES || best == FLOW_NONE; looked++) {
		uint32_t id = t->cursor;

		t->cursor = id + 1 < t->used ? id + 1 : 0;
		if (!t->hot[id].ip_version)
			continue;
		if (best == FLOW_NONE || t->hot[id].last_clock_ns < t->hot[best].last_clock_ns)
			best = id;
	}
	for (uint32_t i = 0; i < EVICT_CANDIDATES; i++) /* beyond the end there is none: no matter */
		nsc_prefetch_write(&t->hot[t->cursor + i]);
	return best;
}

/* What its end reads, and what the flow that gets its record writes. */
nsc_always_inline void evict_prefetch(const struct nsc_flow_table *t, uint32_t id)
{
	nsc_prefetch_write(&t->cold[id]);
	nsc_prefetch_write(&t->story[id]);
	if (t->tcp)
		nsc_prefetch_write(&t->tcp[id]);
	if (t->rtt)
		nsc_prefetch_write(&t->rtt[id]);
	if (t->named)
		nsc_prefetch_write(&t->named[id]);
}

static void evict_choose_ahead(struct nsc_flow_table *t)
{
	t->victim = evict_choose(t);
	t->victim_clock_ns = t->hot[t->victim].last_clock_ns;
	evict_prefetch(t, t->victim);
	nsc_prefetch_write(&t->bucket[flow_bucket_of(t, flow_record_hash(t, t->victim))]);
}

static bool evict_victim_stands(const struct nsc_flow_table *t)
{
	return t->victim != FLOW_NONE && t->hot[t->victim].ip_version &&
	       t->hot[t->victim].last_clock_ns == t->victim_clock_ns;
}

void flow_evict_one(struct nsc_flow_table *t, uint64_t clock_ns, struct nsc_counters *counters,
		    struct nsc_flow_output *output)
{
	uint32_t id = evict_victim_stands(t) ? t->victim : evict_choose(t);

	flow_active_leave(&t->active, t->hot[id].last_clock_ns);
	flow_end(t, id, NSC_END_EVICTED, clock_ns + t->offset_ns, counters, output);
	flow_free(t, id);
	if (t->used > t->n_free)
		evict_choose_ahead(t);
}
