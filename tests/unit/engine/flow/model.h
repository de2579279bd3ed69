/* SPDX-License-Identifier: MIT
 *
 * The flow table as its documents describe it, the slow way: an array of all records that ever were, walked for each
 * question. And the run that holds the real table against it, packet by packet and tick by tick.
 */
#ifndef NETSCOPE_TEST_FLOW_MODEL_H
#define NETSCOPE_TEST_FLOW_MODEL_H

#include "tests/unit/engine/flow/model_tcp.h"
#include "tests/unit/engine/flow/pool.h"

struct model_record {
	struct nsc_flow_record r;
	struct model_tcp tcp;
	uint64_t last_clock_ns;
	uint64_t tick, tick_bytes; /* of its last packet: number of the tick, bytes in it */
	uint32_t isn;
	bool isn_known, fin[2], ended;
	bool strayed; /* its last packet was more than 2 s behind the clock, or ahead of it */
};

struct model {
	struct nsc_flow_table_options o;
	struct model_record *rec;
	size_t n, room;
	size_t *current; /* by number of the key: 1 + index of its open record; 0 = none */
	uint64_t ended[NSC_END_COUNT];
	uint64_t tick;
};

static inline void model_open(struct model *m, const struct nsc_flow_table_options *o, uint32_t n_keys)
{
	*m = (struct model){ .o = *o, .current = calloc(n_keys, sizeof(*m->current)) };
	if (!m->current)
		abort();
}

static inline void model_close(struct model *m)
{
	for (size_t i = 0; i < m->n; i++)
		model_tcp_free(&m->rec[i].tcp);
	free(m->rec);
	free(m->current);
}

static inline struct model_record *model_find(struct model *m, uint32_t flow)
{
	return m->current[flow] ? &m->rec[m->current[flow] - 1] : NULL;
}

static inline void model_end(struct model *m, uint32_t flow, enum nsc_end_reason reason, uint64_t ended_ns)
{
	struct model_record *rec = model_find(m, flow);

	model_tcp_free(&rec->tcp);
	rec->ended = true;
	rec->r.ended_ns = ended_ns;
	rec->r.end_reason = (uint8_t)reason;
	m->ended[reason]++;
	m->current[flow] = 0;
}

/* 0 = sent by a. */
static inline unsigned model_dir(const struct event *e)
{
	struct key k = key_of_number(e->flow);

	if (!memcmp(&k.end[0], &k.end[1], sizeof(k.end[0])))
		return 0;
	return e->from == key_side_a(&k) ? 0 : 1;
}

static inline struct model_record *model_begin(struct model *m, const struct event *e)
{
	struct key k = key_of_number(e->flow);
	unsigned a = key_side_a(&k);
	struct model_record *rec;

	if (m->n == m->room) {
		m->room = 2 * m->room + 64;
		m->rec = realloc(m->rec, m->room * sizeof(*m->rec));
		if (!m->rec)
			abort();
	}
	rec = &m->rec[m->n++];
	memset(rec, 0, sizeof(*rec));
	m->current[e->flow] = m->n;
	memcpy(rec->r.addr_a, k.end[a].ip, 16);
	memcpy(rec->r.addr_b, k.end[!a].ip, 16);
	rec->r.port_a = k.end[a].port;
	rec->r.port_b = k.end[!a].port;
	rec->r.ip_version = k.version;
	rec->r.proto = k.proto;
	rec->r.first_seen_ns = e->ts_ns;
	rec->r.last_seen_ns = e->ts_ns;
	rec->r.analyses = k.proto == NSC_PROTO_TCP ? m->o.analyses : 0;
	rec->r.client = k.proto == NSC_PROTO_TCP ? 0 : (uint8_t)(1 + model_dir(e));
	return rec;
}

/* Does this packet begin another connection than the one on record? */
static inline bool model_restarts(const struct model_record *rec, const struct event *e)
{
	uint8_t state = rec->r.tcp_state;

	if (rec->r.proto != NSC_PROTO_TCP || !(e->flags & NSC_TCP_SYN) || (e->flags & (NSC_TCP_ACK | NSC_TCP_RST)))
		return false;
	if (state == NSC_TCP_STATE_CLOSED || state == NSC_TCP_STATE_RESET || !rec->isn_known)
		return true;
	if (rec->r.client == 1 + model_dir(e))
		return e->seq != rec->isn;
	return state != NSC_TCP_STATE_SYN_SENT;
}

static inline void model_client(struct model_record *rec, unsigned client, uint32_t isn)
{
	if (rec->r.client)
		return;
	rec->r.client = (uint8_t)client;
	rec->isn = isn;
	rec->isn_known = true;
}

/* A state never goes back, but for a FIN or a RST, which always say what they say. */
static inline void model_forward(struct model_record *rec, uint8_t state)
{
	rec->r.tcp_state = NSC_MAX(rec->r.tcp_state, state);
}

static inline void model_state(struct model_record *rec, const struct event *e)
{
	unsigned dir = model_dir(e);

	if (e->flags & NSC_TCP_RST) {
		rec->r.tcp_state = NSC_TCP_STATE_RESET;
	} else if (rec->r.tcp_state == NSC_TCP_STATE_RESET) {
		return;
	} else if ((e->flags & NSC_TCP_SYN) && !(e->flags & NSC_TCP_ACK)) {
		model_client(rec, 1 + dir, e->seq);
		model_forward(rec, NSC_TCP_STATE_SYN_SENT);
	} else if (e->flags & NSC_TCP_SYN) {
		model_client(rec, 2 - dir, e->ack - 1);
		model_forward(rec, NSC_TCP_STATE_SYN_ACK);
	} else if (e->flags & NSC_TCP_FIN) {
		rec->fin[dir] = true;
		rec->r.tcp_state = rec->fin[0] && rec->fin[1] ? NSC_TCP_STATE_CLOSED : NSC_TCP_STATE_FIN_WAIT;
	} else if (e->flags & NSC_TCP_ACK) {
		model_forward(rec, NSC_TCP_STATE_ESTABLISHED);
	}
}

/* Counts of analyses that are off stay 0. */
static inline void model_analyse(struct model_record *rec, const struct event *e)
{
	uint32_t lost = rec->r.lost_segments, counts[2] = { rec->r.retransmissions, rec->r.out_of_order };
	uint8_t on = rec->r.analyses;

	if (!on || e->fragment)
		return;
	model_segment(&rec->tcp, &rec->r, e, model_dir(e), &lost, counts);
	if (on & NSC_ANALYSIS_RETRANS)
		rec->r.retransmissions = counts[0];
	if (on & NSC_ANALYSIS_OUT_OF_ORDER)
		rec->r.out_of_order = counts[1];
	rec->r.lost_segments = on & NSC_ANALYSIS_ORDER ? lost : 0;
	if (!(on & NSC_ANALYSIS_ORDER))
		rec->r.zero_windows = 0;
}

/* A connection that is closed or reset is tried again with the same number: what is known of the sequence stays. */
static inline bool model_tries_again(const struct model_record *rec, const struct event *e)
{
	return rec->isn_known && rec->r.client == 1 + model_dir(e) && e->seq == rec->isn;
}

/* What is seen in the headers of a direction. */
static inline void model_headers(struct model_record *rec, const struct event *e)
{
	unsigned dir = model_dir(e);
	bool first = rec->r.packets[dir] == 1;

	if (rec->r.proto == NSC_PROTO_TCP)
		rec->r.tcp_flags[dir] |= e->flags;
	if (first)
		rec->r.dscp[dir] = e->dscp;
	if (first || e->ttl < rec->r.ttl_min[dir])
		rec->r.ttl_min[dir] = e->ttl;
}

/* Of a packet that strays, and of the first behind it, packet time has stepped; and it has when two are more than 2^47
 * ns apart. */
static inline void model_steps(struct model_record *rec, const struct event *e, uint64_t silence_ns)
{
	bool strays = e->clock_ns - e->ts_ns > 2 * NSC_NS_PER_SEC;

	if ((strays != rec->strayed && (rec->r.packets[0] || rec->r.packets[1])) || silence_ns >= 1ull << 47)
		model_tcp_step(&rec->tcp);
	rec->strayed = strays;
}

static inline void model_packet(struct model *m, const struct event *e)
{
	struct model_record *rec = model_find(m, e->flow);
	uint64_t silence_ns = rec ? e->clock_ns - rec->last_clock_ns : 0;
	struct model_tcp known = { 0 };

	if (rec && m->o.timeout_ns && e->clock_ns - rec->last_clock_ns > m->o.timeout_ns) {
		model_end(m, e->flow, NSC_END_TIMEOUT, rec->r.last_seen_ns + m->o.timeout_ns);
		rec = NULL;
	} else if (rec && model_restarts(rec, e)) {
		if (model_tries_again(rec, e)) {
			known = rec->tcp;
			memset(&rec->tcp, 0, sizeof(rec->tcp));
			model_tcp_forget(&known);
		}
		model_end(m, e->flow, NSC_END_REUSED, e->clock_ns);
		rec = NULL;
	}
	if (!rec) {
		rec = model_begin(m, e);
		rec->tcp = known;
	}
	model_steps(rec, e, silence_ns);
	rec->r.first_seen_ns = NSC_MIN(rec->r.first_seen_ns, e->ts_ns);
	rec->r.last_seen_ns = NSC_MAX(rec->r.last_seen_ns, e->ts_ns);
	rec->last_clock_ns = e->clock_ns;
	rec->r.packets[model_dir(e)]++;
	rec->r.bytes[model_dir(e)] += e->len;
	model_headers(rec, e);
	rec->tick_bytes = e->len + (rec->tick == m->tick ? rec->tick_bytes : 0);
	rec->tick = m->tick;
	if (rec->r.proto != NSC_PROTO_TCP)
		return;
	model_analyse(rec, e);
	model_state(rec, e);
}

static inline void model_finish(struct model *m, uint32_t n_keys, uint64_t clock_ns)
{
	for (uint32_t flow = 0; flow < n_keys; flow++) {
		struct model_record *rec = model_find(m, flow);

		if (rec && m->o.timeout_ns && clock_ns > rec->last_clock_ns + m->o.timeout_ns)
			model_end(m, flow, NSC_END_TIMEOUT, rec->r.last_seen_ns + m->o.timeout_ns);
		else if (rec)
			model_end(m, flow, NSC_END_ACTIVE, clock_ns);
	}
}

/* --- answers ---------------------------------------------------------------------------------- */

static inline int compare_record_bytes(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(struct nsc_flow_record));
}

static inline int model_compare_end(const uint8_t *x, uint16_t x_port, const uint8_t *y, uint16_t y_port)
{
	int order = memcmp(x, y, 16);

	return order ? order : (int)x_port - (int)y_port;
}

/* Most bytes first; then the name of the protocol, a, b, and what the record says. */
static inline int model_compare_top(const void *one, const void *other)
{
	const struct nsc_top_flow *x = one, *y = other;
	int order = (x->tick_bytes < y->tick_bytes) - (x->tick_bytes > y->tick_bytes);

	if (!order)
		order = strcmp(nsc_proto_name(x->flow.proto), nsc_proto_name(y->flow.proto));
	if (!order)
		order = (int)x->flow.ip_version - (int)y->flow.ip_version;
	if (!order)
		order = model_compare_end(x->flow.addr_a, x->flow.port_a, y->flow.addr_a, y->flow.port_a);
	if (!order)
		order = model_compare_end(x->flow.addr_b, x->flow.port_b, y->flow.addr_b, y->flow.port_b);
	if (!order)
		order = (x->flow.first_seen_ns > y->flow.first_seen_ns) -
			(x->flow.first_seen_ns < y->flow.first_seen_ns);
	return order ? order : memcmp(&x->flow, &y->flow, sizeof(x->flow));
}

/* All flows of the open tick, sorted: the caller frees. */
static inline struct nsc_top_flow *model_top(const struct model *m, uint32_t *n)
{
	struct nsc_top_flow *top = malloc((m->n + 1) * sizeof(*top));

	if (!top)
		abort();
	*n = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->rec[i].tick != m->tick)
			continue;
		top[*n] = (struct nsc_top_flow){ .tick_bytes = m->rec[i].tick_bytes, .flow = m->rec[i].r };
		top[*n].flow.ended_ns = 0;
		top[*n].flow.end_reason = NSC_END_ACTIVE;
		++*n;
	}
	qsort(top, *n, sizeof(*top), model_compare_top);
	return top;
}

/* Records whose last packet lies in the buckets of time that the window covers, at a moment within bucket `now`; those
 * that were evicted or gave way to a new connection do not count, those that the sweep may have found do. */
static inline uint64_t model_active(const struct model *m, uint64_t now_ns)
{
	uint64_t width = m->o.tick_ns, count = 0;

	while (m->o.timeout_ns / width >= 1024)
		width += m->o.tick_ns;
	for (size_t i = 0; i < m->n; i++) {
		const struct model_record *rec = &m->rec[i];

		if (rec->ended && (rec->r.end_reason == NSC_END_EVICTED || rec->r.end_reason == NSC_END_REUSED))
			continue;
		count += !m->o.timeout_ns || now_ns / width - rec->last_clock_ns / width <= m->o.timeout_ns / width;
	}
	return count;
}

/* --- table against model ---------------------------------------------------------------------- */

enum sweeping { SWEEP_NEVER, SWEEP_SOMETIMES, SWEEP_HARD };

struct plan {           /* how to run the same packets: nothing of it may show in the answer */
	uint32_t burst; /* packets in a burst, or 0 = as it comes */
	enum sweeping sweep;
	uint64_t seed; /* of cuts, sweeps, packets without a flow */
	bool follow;   /* a table with a cap: the model is told what was evicted, burst must be 1 */
};

struct trial {
	struct rig *rig;
	struct model m;
	const struct event *event;
	size_t n;
	uint32_t n_keys;
	struct plan plan;
	struct rng rng;
	uint64_t ticks;
	size_t followed; /* records of the rig that were looked at for evictions */
	char why[200];   /* the first difference; "" = none */
};

static inline void trial_blame(struct trial *r, bool wrong, const char *what, uint64_t have, uint64_t want, size_t at)
{
	if (wrong && !r->why[0])
		snprintf(r->why, sizeof(r->why), "%s: have %llu, want %llu (packet %zu, burst %u, sweep %d, seed %llu)",
			 what, (unsigned long long)have, (unsigned long long)want, at, r->plan.burst,
			 (int)r->plan.sweep, (unsigned long long)r->plan.seed);
}

static inline void trial_check_pool(struct trial *r, size_t at)
{
	const struct nsc_flow_table *t = r->rig->t;
	uint32_t *entries = calloc(t->used + 1, sizeof(*entries));

	if (!entries)
		abort();
	if (t->block)
		trial_blame(r, pool_faults(t, t->used, entries), "faults of the pool", pool_faults(t, t->used, entries),
			    0, at);
	free(entries);
}

static inline void trial_close_tick(struct trial *r, size_t at)
{
	static struct nsc_top_flow have[NSC_TOP_MAX];
	struct rig *rig = r->rig;
	uint64_t tick_ns = rig->options.tick_ns, next = r->event[NSC_MIN(at, r->n - 1)].clock_ns / tick_ns;
	uint64_t now = r->event[at - 1].clock_ns;
	uint32_t n_want, n;
	struct nsc_top_flow *want = model_top(&r->m, &n_want);

	n = nsc_flow_table_tick(rig->t, next * tick_ns, &rig->counters, have);
	n_want = NSC_MIN(n_want, rig->options.top_flows);
	trial_blame(r, n != n_want, "top flows", n, n_want, at);
	trial_blame(r, n == n_want && memcmp(have, want, n * sizeof(*have)), "a top flow differs", 0, 0, at);
	trial_blame(r, rig_count(rig, NSC_C_FLOW_ACTIVE) != model_active(&r->m, now), "active flows",
		    rig_count(rig, NSC_C_FLOW_ACTIVE), model_active(&r->m, now), at);
	trial_blame(r, rig_count(rig, NSC_C_FLOW_HELD) != rig_held(rig), "held flows", rig_count(rig, NSC_C_FLOW_HELD),
		    rig_held(rig), at);
	free(want);
	r->m.tick = next;
	if (r->ticks++ % 16 == 0) {
		const char *wrong = table_check(rig->t);

		trial_blame(r, wrong, wrong, 0, 0, at);
		trial_check_pool(r, at);
	}
}

/* Sweeps at any time between the last packet and the next one. */
static inline void trial_sweep(struct trial *r, size_t at)
{
	uint64_t from = at ? r->event[at - 1].clock_ns : r->event[at].clock_ns;
	uint64_t span = r->event[at].clock_ns - from + 1;
	unsigned steps = r->plan.sweep == SWEEP_HARD ? 8 : r->plan.sweep == SWEEP_SOMETIMES ? rng_next(&r->rng) % 2 : 0;

	for (unsigned i = 0; i < steps; i++) {
		from += rng_below(&r->rng, span);
		span = r->event[at].clock_ns - from + 1;
		rig_sweep(r->rig, from, rng_next(&r->rng) & 1);
	}
}

/* The key of an evicted record, by looking at all. */
static inline uint32_t trial_key_of(const struct trial *r, const struct nsc_flow_record *record)
{
	for (uint32_t flow = 0; flow < r->n_keys; flow++) {
		const struct model_record *rec = model_find((struct model *)&r->m, flow);

		if (rec && rec->r.proto == record->proto && rec->r.ip_version == record->ip_version &&
		    !model_compare_end(rec->r.addr_a, rec->r.port_a, record->addr_a, record->port_a) &&
		    !model_compare_end(rec->r.addr_b, rec->r.port_b, record->addr_b, record->port_b))
			return flow;
	}
	return FLOW_NONE;
}

static inline void trial_follow(struct trial *r, size_t at)
{
	struct records *all = &r->rig->records;

	rig_collect(r->rig);
	for (; r->followed < all->n; r->followed++) {
		const struct nsc_flow_record *record = &all->at[r->followed];
		uint32_t flow;

		if (record->end_reason != NSC_END_EVICTED)
			continue;
		flow = trial_key_of(r, record);
		trial_blame(r, flow == FLOW_NONE, "a flow that nobody has was evicted", 0, 0, at);
		if (flow != FLOW_NONE)
			model_end(&r->m, flow, NSC_END_EVICTED, r->event[at].clock_ns);
	}
}

/* Fills one burst with packets of the open tick, and between them some that make no flow; returns how many events. */
static inline uint32_t trial_fill(struct trial *r, size_t at, uint32_t *n_pkt)
{
	struct rig *rig = r->rig;
	uint32_t room = r->plan.burst ? r->plan.burst : 1 + (uint32_t)rng_below(&r->rng, NSC_BURST_MAX), taken = 0;
	uint64_t tick = r->event[at].clock_ns / rig->options.tick_ns;

	for (*n_pkt = 0; *n_pkt < room && at + taken < r->n; ++*n_pkt) {
		const struct event *e = &r->event[at + taken];

		if (e->clock_ns / rig->options.tick_ns != tick)
			break;
		if (!r->plan.follow && rng_below(&r->rng, 16) == 0) {
			rig->pkt[*n_pkt] = (struct nsc_packet){ .fate = NSC_FATE_ARP, .clock_ns = e->clock_ns };
			continue;
		}
		packet_of_event(&rig->pkt[*n_pkt], rig->frame[*n_pkt], e, &rig->options.seed);
		taken++;
	}
	return taken;
}

static inline void trial_packets(struct trial *r)
{
	uint32_t n_pkt, taken;

	r->m.tick = r->event[0].clock_ns / r->rig->options.tick_ns;
	for (size_t at = 0; at < r->n; at += taken) {
		if (r->event[at].clock_ns / r->rig->options.tick_ns != r->m.tick)
			trial_close_tick(r, at);
		trial_sweep(r, at);
		taken = trial_fill(r, at, &n_pkt);
		nsc_flow_table_burst(r->rig->t, r->rig->pkt, n_pkt, &r->rig->counters, &r->rig->output);
		if (r->rig->options.grow)
			nsc_flow_table_prepare(r->rig->t);
		trial_blame(r, rig_held(r->rig) > r->rig->options.max_flows, "more flows than allowed",
			    rig_held(r->rig), r->rig->options.max_flows, at);
		if (r->plan.follow && taken)
			trial_follow(r, at);
		for (uint32_t i = 0; i < taken; i++)
			model_packet(&r->m, &r->event[at + i]);
	}
	trial_close_tick(r, r->n);
}

/* Names what differs, the analyses first. */
static inline void trial_blame_record(struct trial *r, const struct nsc_flow_record *have,
				      const struct nsc_flow_record *want)
{
#define FIELD(name) trial_blame(r, have->name != want->name, "a record differs in " #name, have->name, want->name, r->n)
	FIELD(retransmissions);
	FIELD(out_of_order);
	FIELD(lost_segments);
	FIELD(zero_windows);
	FIELD(rtt_samples);
	FIELD(rtt_min_ns);
	FIELD(rtt_last_ns);
	FIELD(rtt_ewma_ns);
	FIELD(rtt_handshake_ns);
#undef FIELD
	trial_blame(r, memcmp(have, want, sizeof(*have)), "a record differs", 0, 0, r->n);
}

static inline void trial_compare_records(struct trial *r)
{
	struct records *have = &r->rig->records, want = { 0 };

	for (size_t i = 0; i < r->m.n; i++)
		records_add(&want, &r->m.rec[i].r, 1);
	trial_blame(r, have->n != want.n, "records", have->n, want.n, r->n);
	if (have->n == want.n) {
		qsort(have->at, have->n, sizeof(*have->at), compare_record_bytes);
		qsort(want.at, want.n, sizeof(*want.at), compare_record_bytes);
		for (size_t i = 0; i < want.n; i++)
			trial_blame_record(r, &have->at[i], &want.at[i]);
	}
	free(want.at);
}

static inline void trial_compare_counters(struct trial *r)
{
	const struct rig *rig = r->rig;
	static const unsigned id[] = { NSC_C_FLOW_CREATED,   NSC_C_FLOW_TIMEOUT,          NSC_C_FLOW_REUSED,
				       NSC_C_FLOW_EVICTED,   NSC_C_FLOW_REMAINED,         NSC_C_FLOW_PACKETS,
				       NSC_C_RECORD_SKIPPED, NSC_C_TCP_OUTSTANDING_LIMIT, NSC_C_TCP_BLOCKS_FULL,
				       NSC_C_TCP_WALK_CUT };
	const uint64_t want[] = { r->m.n,
				  r->m.ended[NSC_END_TIMEOUT],
				  r->m.ended[NSC_END_REUSED],
				  r->m.ended[NSC_END_EVICTED],
				  r->m.ended[NSC_END_ACTIVE],
				  r->n,
				  0,
				  0,
				  0,
				  0 };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(id); i++)
		trial_blame(r, rig_count(rig, id[i]) != want[i], nsc_counter_table[id[i]].name, rig_count(rig, id[i]),
			    want[i], r->n);
}

/* Runs event[0..n) through a new table and through the model; returns 0 or writes the first difference to `why`. */
static inline int trial_run(const struct nsc_flow_table_options *o, const struct event *event, size_t n,
			    uint32_t n_keys, struct plan plan, char why[200])
{
	struct trial r = {
		.rig = rig_open(*o), .event = event, .n = n, .n_keys = n_keys, .plan = plan, .rng = { plan.seed }
	};
	uint64_t end = event[n - 1].clock_ns + (plan.seed % 4) * (o->timeout_ns / 2);
	const char *wrong;

	/* the clock at the end of the input is part of the answer: the same for all plans of one seed */
	model_open(&r.m, o, n_keys);
	trial_packets(&r);
	wrong = table_check(r.rig->t);
	trial_blame(&r, wrong, wrong, 0, 0, n);
	rig_finish(r.rig, end);
	model_finish(&r.m, n_keys, end);
	trial_compare_records(&r);
	trial_compare_counters(&r);
	model_close(&r.m);
	rig_close(r.rig);
	memcpy(why, r.why, sizeof(r.why));
	return r.why[0] != '\0';
}

/* --- packets ---------------------------------------------------------------------------------- */

struct traffic {
	uint32_t n_keys;
	uint64_t timeout_ns;
	uint64_t step_ns; /* the clock moves on by up to so much a packet; and jumps now and then */
	uint32_t lengths; /* different packet lengths: few of them make ties */
	uint64_t seed;
};

/* Which moment the next packet of a flow comes: mostly a little later; often exactly at the border of the timeout of
 * this flow, or one nanosecond behind it, when that is still to come; seldom much later. */
static inline uint64_t traffic_clock(const struct traffic *t, struct rng *rng, uint64_t clock, uint64_t last)
{
	uint64_t border = last + t->timeout_ns + (rng_next(rng) & 1);

	switch (rng_below(rng, 64)) {
	case 0:
	case 1:
		return last && border > clock ? border : clock;
	case 2:
		return clock + rng_below(rng, t->timeout_ns / 2 + 1);
	case 3:
		return rng_below(rng, 8) ? clock : clock + rng_below(rng, 3 * t->timeout_ns + 1);
	}
	return rng_next(rng) & 1 ? clock : clock + rng_below(rng, t->step_ns + 1);
}

/* What moves a connection is as frequent as what fills it; sequence numbers are few, so that they repeat. */
static inline void traffic_noise(struct event *e, struct rng *rng)
{
	static const uint8_t flags[] = { NSC_TCP_SYN,
					 NSC_TCP_SYN,
					 NSC_TCP_SYN,
					 NSC_TCP_SYN | NSC_TCP_ACK,
					 NSC_TCP_ACK,
					 NSC_TCP_ACK,
					 NSC_TCP_ACK,
					 NSC_TCP_ACK | NSC_TCP_PSH,
					 NSC_TCP_ACK,
					 NSC_TCP_ACK,
					 NSC_TCP_FIN | NSC_TCP_ACK,
					 NSC_TCP_FIN,
					 NSC_TCP_FIN | NSC_TCP_ACK,
					 NSC_TCP_RST,
					 NSC_TCP_RST | NSC_TCP_ACK,
					 0 };

	e->flags = rng_below(rng, 32) ? flags[rng_below(rng, NSC_ARRAY_LEN(flags))] : (uint8_t)rng_next(rng);
	e->seq = 100 * (uint32_t)rng_below(rng, 3);
	e->ack = 100 * (uint32_t)rng_below(rng, 3) + 1;
	e->payload = rng_below(rng, 3) ? 0 : 50 * (uint32_t)rng_below(rng, 4);
	e->window = rng_below(rng, 4) ? 1000 : 0;
}

#define TALK_SEEN 8u

struct talk_side {
	uint32_t next, ack;
	uint32_t seen[TALK_SEEN][2]; /* some of what it sent: seq, length */
};

struct talk { /* a conversation whose numbers make sense */
	struct talk_side side[2];
	unsigned turn, turns; /* who spoke last, and how often in a row */
	bool begun;
};

/* Where a conversation begins: mostly near the edge of 2^32, and few different numbers, so that a SYN repeats one. */
static inline uint32_t talk_first(uint32_t flow, struct rng *rng)
{
	return (flow & 8 ? 0xfffffe00u : 77777u * flow) + 100 * (uint32_t)rng_below(rng, 3);
}

/* New data, in place or behind a hole, or something that was sent before: whole, in part, or more. */
static inline void talk_data(struct event *e, struct talk_side *side, struct rng *rng)
{
	static const uint32_t lengths[] = { 1, 2, 10, 100, 100, 1000 };
	const uint32_t *seen = side->seen[rng_below(rng, TALK_SEEN)];

	e->flags = NSC_TCP_ACK;
	e->payload = lengths[rng_below(rng, NSC_ARRAY_LEN(lengths))];
	e->seq = side->next;
	switch (rng_below(rng, 12)) {
	case 0:
	case 1: /* a hole */
		e->seq += rng_next(rng) & 1 ? 1 : 1 + (uint32_t)rng_below(rng, 500);
		break;
	case 2:
	case 3:
	case 4:
		e->seq = seen[0];
		e->payload = NSC_MAX(seen[1], 1u);
		break;
	case 5:
		e->seq = seen[0] + (uint32_t)rng_below(rng, 200) - 100;
		break;
	case 6: /* keep-alives, probes, what follows them */
		e->seq -= rng_next(rng) & 1;
		e->payload = (uint32_t)rng_below(rng, 3);
		break;
	}
}

static inline void talk_control(struct event *e, const struct talk_side *side, struct rng *rng)
{
	e->seq = side->next;
	switch (rng_below(rng, 12)) {
	case 0:
	case 1:
	case 2:
		e->flags = NSC_TCP_SYN;
		e->seq = talk_first(e->flow, rng);
		break;
	case 3:
		e->flags = NSC_TCP_SYN | NSC_TCP_ACK;
		e->seq = talk_first(e->flow, rng);
		break;
	case 4:
		e->flags = NSC_TCP_FIN | NSC_TCP_ACK;
		e->payload = rng_next(rng) & 1 ? 0 : 10;
		break;
	case 5:
		e->flags = rng_next(rng) & 1 ? NSC_TCP_RST : NSC_TCP_RST | NSC_TCP_ACK;
		break;
	default:
		e->flags = NSC_TCP_ACK;
	}
}

/* Mostly what it said before, or all that the other side has sent; also the end of a segment, the middle of one, too
 * much. */
static inline void talk_ack(struct event *e, struct talk_side *side, const struct talk_side *peer, struct rng *rng)
{
	const uint32_t *seen = peer->seen[rng_below(rng, TALK_SEEN)];

	switch (rng_below(rng, 8)) {
	case 0:
	case 1:
		side->ack = peer->next;
		break;
	case 2:
		side->ack = seen[0] + seen[1];
		break;
	case 3:
		if (rng_below(rng, 4) == 0)
			side->ack = peer->next + (uint32_t)rng_below(rng, 60) - 30;
		break;
	}
	e->ack = e->flags & NSC_TCP_ACK ? side->ack : 0;
}

static inline void talk_remember(struct talk_side *side, const struct event *e, struct rng *rng)
{
	uint32_t length = e->payload + ((e->flags & (NSC_TCP_SYN | NSC_TCP_FIN)) != 0), *seen;

	if (e->flags & NSC_TCP_SYN || e->seq + length - side->next < 1u << 31)
		side->next = e->seq + length;
	if (!length)
		return;
	seen = side->seen[rng_below(rng, TALK_SEEN)];
	seen[0] = e->seq;
	seen[1] = length;
}

static inline void traffic_talk(struct event *e, struct talk *talk, struct rng *rng)
{
	struct talk_side *side = &talk->side[e->from];
	uint64_t kind = rng_below(rng, 16);

	if (!talk->begun) {
		talk->side[0].next = talk->side[0].ack = talk->side[1].next = talk->side[1].ack =
			talk_first(e->flow, rng);
		for (unsigned i = 0; i < TALK_SEEN; i++)
			talk->side[0].seen[i][0] = talk->side[1].seen[i][0] = talk->side[0].next;
		talk->begun = true;
	}
	e->window = rng_below(rng, 8) ? 1000 : rng_next(rng) & 1 ? 0 : 999;
	if (kind < 8)
		talk_data(e, side, rng);
	else
		talk_control(e, side, rng);
	talk_ack(e, side, &talk->side[!e->from], rng);
	talk_remember(side, e, rng);
}

/* A side that has said three things waits for the other one: a connection of which one side is never heard remembers
 * less. */
static inline void traffic_tcp(struct event *e, struct talk *talk, struct rng *rng)
{
	if (talk->turns >= 3)
		e->from = !talk->turn;
	else if (rng_below(rng, 32) == 0)
		e->fragment = true;
	if (!e->fragment) {
		talk->turns = e->from == talk->turn ? talk->turns + 1 : 1;
		talk->turn = e->from;
	}
	if (e->flow & 16)
		traffic_noise(e, rng);
	else
		traffic_talk(e, talk, rng);
}

/* The caller frees. */
static inline struct event *traffic_make(const struct traffic *t, size_t n)
{
	struct rng rng = { t->seed };
	struct event *event = calloc(n, sizeof(*event));
	uint64_t *last = calloc(t->n_keys, sizeof(*last));
	struct talk *talk = calloc(t->n_keys, sizeof(*talk));
	uint64_t clock = TEST_EPOCH + t->seed % TEST_SECOND;

	if (!event || !last || !talk)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct event *e = &event[i];

		e->flow = (uint32_t)rng_below(&rng, t->n_keys);
		if (rng_next(&rng) & 1) /* half of the packets go to an eighth of the flows */
			e->flow = e->flow / 8;
		e->from = rng_next(&rng) & 1;
		e->len = 60 + 10 * (uint32_t)rng_below(&rng, t->lengths);
		e->ttl = (uint8_t)(rng_next(&rng) & 1 ? 64 : rng_below(&rng, 256));
		e->dscp = (uint8_t)rng_below(&rng, 64);
		traffic_tcp(e, &talk[e->flow], &rng);
		clock = traffic_clock(t, &rng, clock, last[e->flow]);
		e->clock_ns = e->ts_ns = last[e->flow] = clock;
		if (rng_below(&rng, 8) == 0) /* an older packet: time runs backwards, the clock does not */
			e->ts_ns -= rng_below(&rng, rng_next(&rng) & 1 ? 100 : 2 * t->timeout_ns);
	}
	free(talk);
	free(last);
	return event;
}

#endif
