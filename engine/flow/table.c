/* SPDX-License-Identifier: MIT
 *
 * The burst: where packets meet flows. Three passes: (1) keys, prefetch buckets; (2) tags, prefetch records; (3)
 * compare and update, in packet order. They go over groups of packets, each pass one group behind the one before it:
 * the processor keeps some twenty misses in flight and forgets prefetches beyond that, so 64 at once came half to
 * nothing.
 */
#include "engine/base/assert.h"
#include "engine/flow/tcp_seq.h"
#include "engine/flow/tcp_state.h"
#include "netscope/steady.h"

#define GROUP 16u /* packets: at 1 M flows 24.5 ns each, 27 with 24, 31 with 64 */
#define RESIDENT                                                                                                       \
	8192u /* records, or blocks, that the second-level cache holds: nobody peeks, and a burst is one group */

struct lookup {
	struct flow_key key;
	uint32_t hash;
	union {
		uint32_t bucket; /* while it is on its way */
		uint32_t id;     /* then the first record whose tag fits, or FLOW_NONE */
	};
};

nsc_always_inline uint32_t lookup_make_keys(struct lookup *look, const struct nsc_packet *pkt, uint32_t n)
{
	uint32_t m = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (nsc_unlikely(pkt[i].fate != NSC_FATE_FLOW))
			continue;
		look[m].hash = flow_hash(pkt[i].hash);
		flow_key_of(&look[m].key, &pkt[i]);
		m++;
	}
	return m;
}

nsc_always_inline void lookup_prefetch_buckets(const struct nsc_flow_table *t, struct lookup *look, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		look[i].bucket = flow_bucket_of(t, look[i].hash);
		nsc_prefetch(&t->bucket[look[i].bucket]);
	}
}

nsc_always_inline void record_prefetch(const struct nsc_flow_table *t, uint32_t id)
{
	nsc_prefetch_write(&t->hot[id]);
	if (t->tcp)
		nsc_prefetch_write(&t->tcp[id]);
}

/* All that a new flow sets. */
nsc_always_inline void record_prefetch_fresh(const struct nsc_flow_table *t, uint32_t id)
{
	record_prefetch(t, id);
	nsc_prefetch_write(&t->cold[id]);
	nsc_prefetch_write(&t->story[id]);
	if (t->rtt)
		nsc_prefetch_write(&t->rtt[id]);
	if (t->named)
		nsc_prefetch_write(&t->named[id]);
}

/* The first record of `b` whose tag fits, its lines on their way; FLOW_NONE if no tag does. */
nsc_always_inline uint32_t lookup_candidate(const struct nsc_flow_table *t, const struct flow_bucket *b,
					    const struct lookup *look)
{
	uint32_t bits = flow_bucket_match(b, (uint16_t)(look->hash >> 16));
	uint32_t id;

	if (!bits)
		return FLOW_NONE;
	id = b->id[__builtin_ctz(bits)];
	record_prefetch(t, id);
	if (nsc_unlikely(flow_key_is_ipv6(&look->key)))
		nsc_prefetch(&t->tail[id]);
	return id;
}

/* Overflow buckets (one lookup in thirty, at the fixed table's fullest) get a pass of their own. A bucket that was
 * split since it was fetched has no candidate for what has moved: the update looks again. */
nsc_always_inline void lookup_find_candidates(struct nsc_flow_table *t, struct lookup *look, uint32_t n)
{
	uint8_t more[NSC_BURST_MAX];
	uint32_t fresh = t->used, n_more = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct flow_bucket *b = &t->bucket[look[i].bucket];

		look[i].id = lookup_candidate(t, b, &look[i]);
		if (nsc_likely(look[i].id != FLOW_NONE))
			continue;
		if (b->next) {
			nsc_prefetch(&t->overflow[b->next]);
			more[n_more++] = (uint8_t)i;
		} else {
			record_prefetch_fresh(t, fresh++); /* the arrays end with room for one burst */
		}
	}
	for (uint32_t i = 0; i < n_more; i++) {
		struct lookup *l = &look[more[i]];

		l->id = lookup_candidate(t, &t->overflow[t->bucket[flow_bucket_of(t, l->hash)].next], l);
	}
}

static void record_analyses_begin(struct nsc_flow_table *t, uint32_t id)
{
	memset(&t->tcp[id], 0, sizeof(t->tcp[id]));
	if (t->rtt)
		memset(&t->rtt[id], 0, sizeof(t->rtt[id]));
}

/* What the packet will look for in a ring, by way of its newest block: a segment that is sent again its own place, an
 * acknowledgement of a part that of the other side. */
nsc_always_inline uint32_t lookup_peek_rings(const struct nsc_flow_table *t, const struct lookup *look,
					     struct flow_ahead *ahead)
{
	const struct nsc_packet *pkt = look->key.pkt;
	const struct flow_tcp *s = &t->tcp[look->id];
	unsigned dir = pkt->dir;
	uint32_t m = 0;

	if (s->ring[!dir] && tcp_before(s->ack[dir], pkt->tcp_ack) && tcp_before(pkt->tcp_ack, s->next[!dir]))
		ahead[m++] =
			(struct flow_ahead){ .newest = s->ring[!dir], .number = pkt->tcp_ack, .end = pkt->tcp_ack };
	if (nsc_unlikely(s->ring[dir] && pkt->payload_len && tcp_before(pkt->tcp_seq, s->next[dir]))) {
		nsc_prefetch_write(&t->block[s->ring[dir]]);
		nsc_prefetch_write(&t->tcp_counts[look->id]);
		ahead[m++] = (struct flow_ahead){ .newest = s->ring[dir],
						  .number = pkt->tcp_seq,
						  .end = pkt->tcp_seq + pkt->payload_len };
	}
	return m;
}

/* The records are near by now: they tell which packets are the first of their direction, and the TCP lines which round
 * trip times and blocks will be touched. Returns how many ways through rings there are. */
nsc_always_inline uint32_t lookup_peek(const struct nsc_flow_table *t, const struct lookup *look, uint32_t n,
				       struct flow_ahead *ahead)
{
	bool blocks_far = t->block_used > RESIDENT;
	uint32_t m = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct nsc_packet *pkt = look[i].key.pkt;
		uint32_t id = look[i].id;

		if (id == FLOW_NONE)
			continue;
		if (nsc_unlikely(!t->hot[id].packets[pkt->dir]))
			nsc_prefetch_write(&t->story[id]);
		if (t->named) /* the first one stands for none: no branch could foretell who is listened to */
			nsc_prefetch_write(&t->named[id & -(uint32_t)(t->hot[id].unnamed >> pkt->dir & 1)]);
		if (!t->tcp || pkt->ip_proto != NSC_PROTO_TCP)
			continue;
		if (t->rtt && t->tcp[id].flags[!pkt->dir] & TCP_OUTSTANDING)
			nsc_prefetch_write(&t->rtt[id]);
		if (t->tcp[id].ring[!pkt->dir])
			nsc_prefetch_write(&t->block[t->tcp[id].ring[!pkt->dir]]);
		if (nsc_unlikely(blocks_far))
			m += lookup_peek_rings(t, &look[i], ahead + m);
	}
	return m;
}

static void record_naming_begin(struct nsc_flow_table *t, uint32_t id, uint8_t proto)
{
	memset(&t->named[id], 0, sizeof(t->named[id]));
	if (t->top_names)
		t->top_name[id] = 0;
	t->hot[id].unnamed = proto == NSC_PROTO_TCP || proto == NSC_PROTO_UDP ? 3 : 0;
}

/* What few new flows have. */
static __attribute__((noinline)) void record_begin_more(struct nsc_flow_table *t, uint32_t id,
							const struct nsc_packet *pkt)
{
	if (t->parts)
		flow_part_first(t, id, pkt->clock_ns);
	if (t->tunnels)
		t->tunnels[id] = (struct flow_tunnels){ 0 };
	if (t->recent)
		flow_recent_begin(t, id, pkt->clock_ns);
	if (pkt->l3_off && (pkt->l3_off != 14 || pkt->link != NSC_LINK_ETHERNET))
		flow_note_layers(t, id, pkt);
}

/* Begins the record of `pkt` in place: the key is set already. Calls nothing on the usual way but as the last thing, so
 * that no register is saved. */
static void record_begin(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	struct flow_hot *hot = &t->hot[id];
	struct flow_cold *cold = &t->cold[id];

	hot->tcp_state = NSC_TCP_STATE_UNKNOWN;
	hot->unnamed = 0;
	hot->flags = pkt->ip_proto == NSC_PROTO_TCP ? 0 : (uint8_t)(NSC_CLIENT_A + pkt->dir);
	hot->last_clock_ns = pkt->clock_ns;
	hot->bytes[0] = hot->bytes[1] = 0;
	hot->packets[0] = hot->packets[1] = 0;
	hot->packets_high[0] = hot->packets_high[1] = 0;
	hot->tcp_flags[0] = hot->tcp_flags[1] = 0;
	hot->ttl_min[0] = hot->ttl_min[1] = UINT8_MAX;
	hot->tick_base = 0;
	cold->first_seen_ns = pkt->ts_ns;
	cold->last_seen_ns = pkt->ts_ns;
	t->story[id] = (struct flow_story){ .interface = pkt->interface };
	if (t->naming)
		record_naming_begin(t, id, pkt->ip_proto);
	if (t->tcp && pkt->ip_proto == NSC_PROTO_TCP)
		record_analyses_begin(t, id);
	flow_active_begin(&t->active);
	if (nsc_unlikely(t->begins_more || pkt->l3_off != 14 || pkt->link != NSC_LINK_ETHERNET))
		record_begin_more(t, id, pkt);
}

/* The SYN of a connection that was closed or reset comes again with the same number (a client that tries again, a
 * capture that holds it twice): a new record, but what its segments repeat is still known. */
static void record_begin_again(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	struct flow_tcp known = t->tcp[id];

	record_begin(t, id, pkt);
	known.counted = false;
	t->tcp[id] = known;
}

static void record_key_store(struct nsc_flow_table *t, uint32_t id, const struct flow_key *key)
{
	struct flow_hot *hot = &t->hot[id];

	memcpy(hot, &key->addr, sizeof(key->addr));
	memcpy(&hot->a_port, &key->rest, 6);
	if (nsc_unlikely(t->key))
		t->tenant[id] = flow_tenant(t, key->pkt);
	if (flow_key_is_ipv6(key)) {
		if (nsc_unlikely(!t->tails_used))
			__atomic_store_n(&t->tails_used, true, __ATOMIC_RELAXED);
		memcpy(t->tail[id].a12, flow_key_a12(key), 12);
		memcpy(t->tail[id].b12, flow_key_b12(key), 12);
	}
}

static uint32_t record_take(struct nsc_flow_table *t)
{
	uint32_t id = t->free_head;

	if (id != FLOW_NONE) {
		t->free_head = t->hot[id].a4;
		t->n_free--;
		return id;
	}
	id = t->used;
	__atomic_store_n(&t->used, id + 1, __ATOMIC_RELAXED);
	return id;
}

static void table_grow(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	uint32_t held = t->used - t->n_free;

	/* 5.5 records a bucket on average; two splits per insert never fall behind */
	for (unsigned i = 0; i < 2 && (uint64_t)held * 2 > (uint64_t)t->n_buckets * 11; i++)
		flow_index_split(t);
	if (id == __atomic_load_n(&t->ready_records, __ATOMIC_RELAXED))
		nsc_count_marked(counters, NSC_C_FLOW_GROWTH_LATE, 1);
}

static void record_tell_begin(const struct nsc_flow_table *t, const struct nsc_packet *pkt,
			      struct nsc_counters *counters)
{
	nsc_count(counters, NSC_C_FLOW_CREATED, 1);
	NSC_USDT(flow_begin, pkt->ip_proto, pkt->src_port, pkt->dst_port, pkt->ip_version,
		 pkt->clock_ns + t->offset_ns);
}

static __attribute__((noinline)) uint32_t table_insert(struct nsc_flow_table *t, const struct lookup *look,
						       struct nsc_counters *counters, struct nsc_flow_output *output)
{
	uint32_t id;

	if (t->used - t->n_free >= t->max_flows)
		flow_evict_one(t, look->key.pkt->clock_ns, counters, output);
	id = record_take(t);
	record_key_store(t, id, &look->key);
	record_begin(t, id, look->key.pkt);
	flow_index_insert(t, look->hash, id);
	record_tell_begin(t, look->key.pkt, counters);
	if (t->grow)
		table_grow(t, id, counters);
	return id;
}

/* Ends the record and begins the next one of the same key in its place. */
static __attribute__((noinline)) void record_renew(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
						   enum nsc_end_reason reason, struct nsc_counters *counters,
						   struct nsc_flow_output *output)
{
	struct flow_hot *hot = &t->hot[id];
	bool repeats = t->tcp && reason == NSC_END_REUSED && tcp_syn_repeats(hot, &t->story[id], pkt);

	flow_top_forget(t, id);
	if (reason == NSC_END_TIMEOUT) {
		flow_end(t, id, reason, flow_silence_ends(t, id), counters, output);
	} else {
		flow_active_leave(&t->active, hot->last_clock_ns);
		flow_end(t, id, reason, pkt->clock_ns + t->offset_ns, counters, output);
	}
	if (repeats)
		record_begin_again(t, id, pkt);
	else
		record_begin(t, id, pkt);
	record_tell_begin(t, pkt, counters);
}

/* Late, an outlier, or from the other side of a step: first and last seen are the smallest and the largest time, not
 * the order. */
static void record_see_apart(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	struct flow_cold *cold = &t->cold[id];
	struct flow_hot *hot = &t->hot[id];

	cold->first_seen_ns = NSC_MIN(cold->first_seen_ns, pkt->ts_ns);
	cold->last_seen_ns = flow_has_packets(hot) ? NSC_MAX(flow_last_seen(t, id), pkt->ts_ns) : pkt->ts_ns;
	if (cold->last_seen_ns == pkt->clock_ns)
		hot->flags &= (uint8_t)~FLOW_LAST_APART;
	else
		hot->flags |= FLOW_LAST_APART;
}

/* Whether packet time has stepped between the last packet of the flow and this one: the offset is another, or just one
 * of the two strays. Packets that stray before a step is taken are in order with those behind it. */
static bool record_steps(struct flow_story *story, uint32_t era, bool strays)
{
	bool steps = strays ? !story->strayed : story->strayed == (story->era == era);

	story->strayed = strays;
	story->era = strays ? story->era : era & (FLOW_ERAS - 1);
	return steps;
}

static __attribute__((noinline)) void record_times_apart(struct nsc_flow_table *t, uint32_t id,
							 const struct nsc_packet *pkt, struct nsc_counters *counters)
{
	bool strays = pkt->clock_ns - (pkt->ts_ns - t->offset_ns) > NSC_STEADY_SLACK_NS;
	bool steps = record_steps(&t->story[id], t->era, strays);

	record_see_apart(t, id, pkt);
	if (strays || t->story[id].era) /* the next packet has to be compared with this one */
		t->hot[id].flags |= FLOW_LAST_APART;
	if (steps && t->tcp && pkt->ip_proto == NSC_PROTO_TCP && flow_has_packets(&t->hot[id]))
		flow_tcp_stepped(t, id, counters);
}

/* The lower half of the packets of a direction has become 0 or 1: one more for the upper half, or the first packet. */
nsc_always_inline void record_count_seldom(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	struct flow_hot *hot = &t->hot[id];

	if (!hot->packets[pkt->dir])
		hot->packets_high[pkt->dir]++;
	else if (!hot->packets_high[pkt->dir])
		t->story[id].dscp[pkt->dir] = flow_dscp(pkt->data + pkt->l3_off, pkt->ip_version);
}

/* A later fragment: no other packet of a flow is without a transport header. */
static __attribute__((noinline)) void record_count_fragment(struct flow_story *story, uint32_t bytes)
{
	uint64_t sum = ((uint64_t)story->fragment_high << 32 | story->fragment_low) + bytes;

	story->fragments++;
	story->fragment_low = (uint32_t)sum;
	story->fragment_high = (uint16_t)(sum >> 32);
}

/* First packet of this flow in the open tick. */
nsc_always_inline void record_tick_enter(struct nsc_flow_table *t, struct flow_hot *hot)
{
	flow_active_leave(&t->active, hot->last_clock_ns);
	flow_active_begin(&t->active);
	hot->tick_base = flow_total_bytes(hot);
	if (t->recent)
		flow_recent_enter(t, (uint32_t)(hot - t->hot));
	if (t->top_names)
		t->top_name[hot - t->hot] = FLOW_TOP_NAME_NEW;
}

static __attribute__((noinline)) void record_part_over(struct nsc_flow_table *t, uint32_t id,
						       const struct nsc_packet *pkt, struct nsc_counters *counters,
						       struct nsc_flow_output *output)
{
	flow_end_part(t, id, counters, output);
	flow_part_next(t, id, pkt);
}

/* The packet belongs to the record as it stands; of a new record it is the first. */
nsc_always_inline void record_go_on(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
				    struct nsc_counters *counters, struct nsc_flow_output *output)
{
	struct flow_hot *hot = &t->hot[id];

	if (nsc_unlikely(t->parts) && flow_part_is_over(t, id, pkt->clock_ns))
		record_part_over(t, id, pkt, counters, output);
	if (nsc_unlikely(hot->last_clock_ns < t->tick_start_ns))
		record_tick_enter(t, hot);
}

nsc_always_inline void record_update(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
				     struct nsc_counters *counters, struct nsc_flow_output *output)
{
	struct flow_hot *hot = &t->hot[id];
	/* not uint8_t: gcc 12 stores a spilled byte and loads two, which stalls for 5 ns */
	uint32_t tcp_flags = pkt->tcp_flags;
	uint64_t silence_ns = pkt->clock_ns - hot->last_clock_ns;

	if (nsc_unlikely(silence_ns > t->timeout_ns))
		record_renew(t, id, pkt, NSC_END_TIMEOUT, counters, output);
	else if (nsc_unlikely(tcp_is_syn(tcp_flags)) && flow_has_packets(hot) &&
		 tcp_syn_restarts(hot, &t->story[id], pkt))
		record_renew(t, id, pkt, NSC_END_REUSED, counters, output);
	else
		record_go_on(t, id, pkt, counters, output);
	if (nsc_unlikely(silence_ns > FLOW_INTERVAL_MAX_NS) && t->tcp && pkt->ip_proto == NSC_PROTO_TCP)
		flow_tcp_stepped(t, id, counters);
	if (nsc_unlikely(pkt->ts_ns != pkt->clock_ns || hot->flags & FLOW_LAST_APART))
		record_times_apart(t, id, pkt, counters);
	hot->last_clock_ns = pkt->clock_ns;
	hot->bytes[pkt->dir] += pkt->wire_len;
	if (nsc_unlikely(++hot->packets[pkt->dir] <= 1))
		record_count_seldom(t, id, pkt);
	hot->ttl_min[pkt->dir] = NSC_MIN(hot->ttl_min[pkt->dir], flow_ttl(pkt->data + pkt->l3_off, pkt->ip_version));
	hot->tcp_flags[pkt->dir] |= (uint8_t)tcp_flags;
	if (nsc_unlikely(!pkt->l4_off))
		record_count_fragment(&t->story[id], pkt->wire_len);
	if (pkt->ip_proto == NSC_PROTO_TCP) {
		if (t->tcp)
			tcp_seq_update(t, id, pkt, counters);
		tcp_state_update(hot, &t->story[id], pkt, counters);
	}
	if (nsc_unlikely(hot->unnamed >> pkt->dir & 1) && (pkt->payload_len || pkt->tcp_flags & NSC_TCP_SYN))
		flow_naming_packet(t, id, pkt, counters);
	if (nsc_unlikely(t->top_names || t->hosts_on)) { /* one test: they are bits of one byte */
		if (t->top_names)
			flow_top_name_count(t, id, pkt->wire_len, counters);
		if (t->hosts_on)
			flow_hosts_packet(t, id, pkt, counters);
	}
	if (t->top.wanted && flow_total_bytes(hot) - hot->tick_base >= t->top.threshold && !(hot->flags & FLOW_IN_TOP))
		flow_top_offer(t, id);
}

/* Bit i: pkt[i] is UDP and comes from the side that opened its flow; or the other side has sent nothing. Only detectors
 * ask. */
nsc_always_inline uint64_t record_opener_bit(const struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
					     const struct nsc_packet *first)
{
	const struct flow_hot *hot = &t->hot[id];
	bool opener = (hot->flags & FLOW_CLIENT_MASK) == NSC_CLIENT_A + pkt->dir;

	if (nsc_unlikely(t->unanswered))
		return (uint64_t) !(hot->packets[!pkt->dir] | hot->packets_high[!pkt->dir]) << (pkt - first);
	return (uint64_t)(opener & (pkt->ip_proto == NSC_PROTO_UDP)) << (pkt - first);
}

nsc_always_inline uint64_t lookup_update_flows(struct nsc_flow_table *t, struct lookup *look, uint32_t n,
					       const struct nsc_packet *first, struct nsc_counters *counters,
					       struct nsc_flow_output *output, bool tenants)
{
	uint64_t openers = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = look[i].id;

		if (nsc_unlikely(id == FLOW_NONE || !flow_key_equal(t, id, &look[i].key, tenants))) {
			id = flow_find(t, look[i].hash, &look[i].key);
			if (id == FLOW_NONE)
				id = table_insert(t, &look[i], counters, output);
		}
		record_update(t, id, look[i].key.pkt, counters, output);
		if (nsc_unlikely(t->bits))
			openers |= record_opener_bit(t, id, look[i].key.pkt, first);
	}
	return openers;
}

nsc_always_inline uint64_t table_burst(struct nsc_flow_table *t, const struct nsc_packet *pkt, uint32_t n,
				       struct nsc_counters *counters, struct nsc_flow_output *output, bool tenants)
{
	uint64_t openers = 0;
	struct lookup all[NSC_BURST_MAX], *look = all;
	struct flow_ahead ahead[2 * GROUP];
	uint32_t n_ahead = 0;
	bool far = t->used > RESIDENT;
	uint32_t m, group = far ? GROUP : NSC_BURST_MAX;

	nsc_assert(n <= NSC_BURST_MAX, "a burst has at most NSC_BURST_MAX packets");
	m = lookup_make_keys(look, pkt, n);
	if (nsc_unlikely(!m))
		return 0;
	flow_active_advance(&t->active, look[0].key.pkt->clock_ns);
	lookup_prefetch_buckets(t, look, NSC_MIN(m, group));
	for (uint32_t at = 0, size, before = 0; at < m; at += group) {
		size = NSC_MIN(m - at, group);
		if (at + size < m)
			lookup_prefetch_buckets(t, look + at + size, NSC_MIN(m - at - size, group));
		if (far)
			n_ahead = lookup_peek(t, look + at - before, before, ahead);
		lookup_find_candidates(t, look + at, size);
		if (n_ahead)
			flow_outstanding_ahead(t, ahead, n_ahead);
		openers |= lookup_update_flows(t, look + at - before, before, pkt, counters, output, tenants);
		before = size;
	}
	look += (m - 1) / group * group;
	if (far && (n_ahead = lookup_peek(t, look, (m - 1) % group + 1, ahead)))
		flow_outstanding_ahead(t, ahead, n_ahead);
	openers |= lookup_update_flows(t, look, (m - 1) % group + 1, pkt, counters, output, tenants);
	if (t->naming)
		flow_naming_link(t, counters);
	return openers;
}

/* Flows without tenants do not pay for those that have one. */
static __attribute__((noinline)) uint64_t table_burst_tenants(struct nsc_flow_table *t, const struct nsc_packet *pkt,
							      uint32_t n, struct nsc_counters *counters,
							      struct nsc_flow_output *output)
{
	return table_burst(t, pkt, n, counters, output, true);
}

nsc_hot_clones uint64_t nsc_flow_table_burst(struct nsc_flow_table *t, const struct nsc_packet *pkt, uint32_t n,
					     struct nsc_counters *counters, struct nsc_flow_output *output)
{
	if (nsc_unlikely(t->key))
		return table_burst_tenants(t, pkt, n, counters, output);
	return table_burst(t, pkt, n, counters, output, false);
}
