/* SPDX-License-Identifier: MIT */
#include "engine/flow/tcp_state.h"

#define SWEEP_STEP 64u       /* records looked at in one step */
#define SWEEP_STEP_IDLE 256u /* the same when there is nothing else to do */
#define SWEEP_ROUNDS 16u     /* rounds of the whole table per timeout */

static const unsigned end_counter[NSC_END_COUNT] = {
	[NSC_END_ACTIVE] = NSC_C_FLOW_REMAINED,      [NSC_END_TIMEOUT] = NSC_C_FLOW_TIMEOUT,
	[NSC_END_EVICTED] = NSC_C_FLOW_EVICTED,      [NSC_END_REUSED] = NSC_C_FLOW_REUSED,
	[NSC_END_ACTIVE_TIMEOUT] = NSC_C_FLOW_PARTS,
};

static struct nsc_flow_record *record_output_slot(struct nsc_flow_output *output, struct nsc_counters *counters)
{
	struct nsc_flow_chunk *chunk = output->chunk;

	if (!output->full)
		return NULL;
	if (!chunk || chunk->n == NSC_FLOW_CHUNK_RECORDS)
		chunk = output->chunk = output->full(output);
	if (!chunk) {
		nsc_count_loss(counters, NSC_C_RECORD_SKIPPED, 1);
		return NULL;
	}
	return &chunk->record[chunk->n++];
}

/* As the row says it, whether or not somebody gets the row. */
static __attribute__((noinline, cold)) void flow_tell_end_of(const struct nsc_flow_table *t, uint32_t id,
							     enum nsc_end_reason reason)
{
	struct nsc_flow_record flow;
	bool b_opened;

	flow_record_fill_row(t, id, &flow);
	b_opened = flow.client == NSC_CLIENT_B;
	NSC_USDT(flow_end, flow.proto, b_opened ? flow.port_a : flow.port_b, flow.packets[0] + flow.packets[1],
		 flow.bytes[0] + flow.bytes[1], flow.last_seen_ns - flow.first_seen_ns,
		 nsc_usdt_text(nsc_end_reason_name(reason)));
}

void flow_tell_end(const struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason)
{
	if (NSC_USDT_ON(flow_end))
		flow_tell_end_of(t, id, reason);
}

/* The whole flow, whatever rows told of it before. */
static void flow_keep_ended(struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason, uint64_t ended_ns)
{
	uint64_t place = t->n_ended++ % t->ended_room;
	struct nsc_flow_record *record = &t->ended[place];

	if (t->recent)
		t->ended_recent[place] = (struct flow_recent_ended){ t->recent[id], t->hot[id].last_clock_ns };
	flow_record_fill(t, id, record);
	record->ended_ns = ended_ns;
	record->end_reason = (uint8_t)reason;
}

static void record_unanswered(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	nsc_count(counters, NSC_C_TCP_UNANSWERED, 1);
	if (t->hosts_on)
		flow_hosts_unanswered(t, id);
}

static void record_end(struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason, uint64_t ended_ns,
		       struct nsc_counters *counters, struct nsc_flow_output *output)
{
	const struct flow_hot *hot = &t->hot[id];
	struct nsc_flow_record *record = record_output_slot(output, counters);

	flow_top_forget(t, id);
	nsc_count(counters, end_counter[reason], 1);
	nsc_count(counters, NSC_C_FLOW_PACKETS, flow_packets(hot));
	if (hot->proto == NSC_PROTO_TCP && reason != NSC_END_EVICTED && tcp_is_handshake(hot->tcp_state))
		record_unanswered(t, id, counters);
	flow_tell_end(t, id, reason);
	if (t->ended_room)
		flow_keep_ended(t, id, reason, ended_ns);
	if (!record)
		return;
	flow_record_fill_row(t, id, record);
	record->ended_ns = ended_ns;
	record->end_reason = (uint8_t)reason;
}

void flow_end(struct nsc_flow_table *t, uint32_t id, enum nsc_end_reason reason, uint64_t ended_ns,
	      struct nsc_counters *counters, struct nsc_flow_output *output)
{
	if (t->hot[id].unnamed)
		flow_naming_finish(t, id, counters);
	if (t->naming)
		flow_naming_link(t, counters);
	record_end(t, id, reason, ended_ns, counters, output);
	if (t->naming)
		flow_naming_drop(t, id);
	if (t->tcp && t->hot[id].proto == NSC_PROTO_TCP)
		flow_outstanding_release(t, id);
}

void flow_end_part(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters, struct nsc_flow_output *output)
{
	struct nsc_flow_record *record = record_output_slot(output, counters);
	uint64_t begin_ns = t->part[id].begin_clock_ns;

	nsc_count(counters, NSC_C_FLOW_PARTS, 1);
	flow_tell_end(t, id, NSC_END_ACTIVE_TIMEOUT);
	if (!record)
		return;
	if (t->naming)
		flow_naming_link(t, counters);
	flow_record_fill_row(t, id, record);
	record->lost_segments = 0; /* holes may be filled yet: the last row tells */
	record->ended_ns = begin_ns + t->active_ns + t->offset_ns;
	record->end_reason = NSC_END_ACTIVE_TIMEOUT;
}

void flow_free(struct nsc_flow_table *t, uint32_t id)
{
	flow_index_remove(t, flow_record_hash(t, id), id);
	t->hot[id].ip_version = 0;
	t->hot[id].a4 = t->free_head;
	t->free_head = id;
	t->n_free++;
}

/* Looks at `n` records; buckets of the expired ones are fetched together before they are removed. */
static void sweep_some(struct nsc_flow_table *t, uint32_t n, uint64_t clock_ns, struct nsc_counters *counters,
		       struct nsc_flow_output *output)
{
	uint32_t gone[SWEEP_STEP], m = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = t->sweep_next;

		t->sweep_next = id + 1 < t->used ? id + 1 : 0;
		if (nsc_likely(!flow_expired(t, id, clock_ns)))
			continue;
		nsc_prefetch_write(&t->bucket[flow_bucket_of(t, flow_record_hash(t, id))]);
		gone[m++] = id;
	}
	for (uint32_t i = 0; i < m; i++) {
		flow_end(t, gone[i], NSC_END_TIMEOUT, flow_silence_ends(t, gone[i]), counters, output);
		flow_free(t, gone[i]);
	}
	nsc_count(counters, NSC_C_FLOW_SWEPT, n);
	NSC_USDT(sweep, n, m, t->used - t->n_free);
}

/* How many records the passing of time asks to be looked at: SWEEP_ROUNDS rounds of the table per timeout. */
static uint32_t sweep_due(struct nsc_flow_table *t, uint64_t clock_ns, uint32_t limit)
{
	uint64_t passed = clock_ns - t->sweep_clock_ns;
	uint64_t period = t->timeout_ns / SWEEP_ROUNDS + 1;
	uint64_t due = (uint64_t)((unsigned __int128)NSC_MIN(passed, period) * t->used / period);

	if (t->sweep_clock_ns > clock_ns || due == 0)
		return 0;
	t->sweep_clock_ns = clock_ns;
	t->sweep_credit = NSC_MIN(t->sweep_credit + due, (uint64_t)t->used);
	due = NSC_MIN(t->sweep_credit, limit);
	t->sweep_credit -= due;
	return (uint32_t)due;
}

void nsc_flow_table_set_offset(struct nsc_flow_table *t, uint64_t offset_ns)
{
	uint32_t era = 0;

	if (nsc_likely(t->offset_ns == offset_ns))
		return;
	t->offset_ns = offset_ns;
	while (era < FLOW_ERAS && t->era_offset_ns[era] != offset_ns)
		era++;
	if (era == FLOW_ERAS) {
		era = 1 + t->eras++ % (FLOW_ERAS - 1);
		t->era_offset_ns[era] = offset_ns;
	}
	t->era = era;
}

void nsc_flow_table_sweep(struct nsc_flow_table *t, uint64_t clock_ns, bool idle, struct nsc_counters *counters,
			  struct nsc_flow_output *output)
{
	uint32_t n;

	if (t->timeout_ns == UINT64_MAX || t->used == t->n_free)
		return;
	n = sweep_due(t, clock_ns, idle ? SWEEP_STEP_IDLE : SWEEP_STEP);
	for (uint32_t step; n; n -= step) {
		step = NSC_MIN(n, SWEEP_STEP);
		sweep_some(t, step, clock_ns, counters, output);
	}
}

uint32_t nsc_flow_table_tick(struct nsc_flow_table *t, uint64_t next_start_ns, struct nsc_counters *counters,
			     struct nsc_top_flow *top)
{
	uint32_t n = t->top.wanted ? flow_top_close(t, top) : 0;

	__atomic_store_n(&counters->value[NSC_C_FLOW_ACTIVE], t->active.sum, __ATOMIC_RELAXED);
	__atomic_store_n(&counters->value[NSC_C_FLOW_HELD], (uint64_t)t->used - t->n_free, __ATOMIC_RELAXED);
	t->tick_start_ns = next_start_ns;
	if (t->recent)
		flow_recent_tick(t, next_start_ns);
	if (t->naming)
		flow_naming_tick(t->naming);
	flow_active_advance(&t->active, next_start_ns);
	return n;
}
