/* SPDX-License-Identifier: MIT */
#include "engine/flow/internal.h"

static void record_fill_analyses(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record)
{
	static const struct flow_tcp_counts none;
	const struct flow_tcp_counts *counts = t->tcp[id].counted ? &t->tcp_counts[id] : &none;

	record->analyses = t->analyses;
	if (t->analyses & NSC_ANALYSIS_RETRANS)
		record->retransmissions = counts->retransmissions;
	if (t->analyses & NSC_ANALYSIS_OUT_OF_ORDER)
		record->out_of_order = counts->out_of_order;
	if (t->analyses & NSC_ANALYSIS_ORDER) {
		record->lost_segments = counts->lost;
		record->zero_windows = counts->zero_windows;
	}
	if (!t->rtt)
		return;
	record->rtt_samples = t->rtt[id].samples;
	record->rtt_last_ns = flow_rtt_get(&t->rtt[id], RTT_LAST);
	record->rtt_min_ns = flow_rtt_get(&t->rtt[id], RTT_MIN);
	record->rtt_ewma_ns = flow_rtt_get(&t->rtt[id], RTT_EWMA);
	record->rtt_handshake_ns = flow_rtt_get(&t->rtt[id], RTT_HANDSHAKE);
}

static void record_fill_story(const struct flow_hot *hot, const struct flow_story *story,
			      struct nsc_flow_record *record)
{
	uint64_t vlan = (uint64_t)story->vlan_high << 32 | story->vlan_low;

	for (unsigned dir = 0; dir < 2; dir++) {
		record->tcp_flags[dir] = hot->tcp_flags[dir];
		record->ttl_min[dir] = record->packets[dir] ? hot->ttl_min[dir] : 0;
		record->dscp[dir] = story->dscp[dir];
	}
	record->fragments = story->fragments;
	record->fragment_bytes = (uint64_t)story->fragment_high << 32 | story->fragment_low;
	record->interface = story->interface;
	record->n_vlans = story->n_vlans;
	for (unsigned i = 0; i < story->n_vlans; i++)
		record->vlan[i] = vlan >> (12 * i) & 0xfff;
}

static void record_fill_tunnels(const struct flow_tunnels *tunnels, struct nsc_flow_record *record)
{
	record->n_tunnels = tunnels->n;
	memcpy(record->tunnel, tunnels->kind, sizeof(record->tunnel));
	memcpy(record->tunnel_id, tunnels->id, sizeof(record->tunnel_id));
}

static void record_fill_counted(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record)
{
	const struct flow_hot *hot = &t->hot[id];
	const struct flow_cold *cold = &t->cold[id];
	bool tcp = hot->proto == NSC_PROTO_TCP;

	memset(record, 0, sizeof(*record));
	record->first_seen_ns = cold->first_seen_ns;
	record->last_seen_ns = flow_last_seen(t, id);
	for (unsigned dir = 0; dir < 2; dir++) {
		record->packets[dir] = (uint64_t)hot->packets_high[dir] << 32 | hot->packets[dir];
		record->bytes[dir] = hot->bytes[dir];
	}
	if (hot->ip_version == 4) {
		uint32_t a = __builtin_bswap32(hot->a4), b = __builtin_bswap32(hot->b4);

		memcpy(record->addr_a, &a, 4);
		memcpy(record->addr_b, &b, 4);
	} else {
		memcpy(record->addr_a, t->tail[id].a12, 12);
		memcpy(record->addr_a + 12, &hot->a4, 4);
		memcpy(record->addr_b, t->tail[id].b12, 12);
		memcpy(record->addr_b + 12, &hot->b4, 4);
	}
	record->port_a = hot->a_port;
	record->port_b = hot->b_port;
	record->ip_version = hot->ip_version;
	record->proto = hot->proto;
	record->tcp_state = tcp ? hot->tcp_state : 0;
	record->client = hot->flags & FLOW_CLIENT_MASK;
	nsc_flow_name_set(record, flow_name_handle(t, id));
	record_fill_story(hot, &t->story[id], record);
	if (t->tunnels)
		record_fill_tunnels(&t->tunnels[id], record);
	if (tcp && t->tcp)
		record_fill_analyses(t, id, record);
}

void flow_record_fill(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record)
{
	record_fill_counted(t, id, record);
	if (t->part)
		flow_part_whole(&t->part[id], record);
}

void flow_record_fill_row(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_record *record)
{
	record_fill_counted(t, id, record);
	if (t->part)
		flow_part_row(&t->part[id], record);
}

static int record_compare_u64(uint64_t x, uint64_t y)
{
	return (x > y) - (x < y);
}

static int record_compare_endpoints(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	int order = record_compare_u64(x->ip_version, y->ip_version);

	if (!order)
		order = memcmp(x->addr_a, y->addr_a, sizeof(x->addr_a));
	if (!order)
		order = record_compare_u64(x->port_a, y->port_a);
	if (!order)
		order = memcmp(x->addr_b, y->addr_b, sizeof(x->addr_b));
	return order ? order : record_compare_u64(x->port_b, y->port_b);
}

static int record_compare_keys(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	int order = strcmp(nsc_proto_name(x->proto), nsc_proto_name(y->proto));

	return order ? order : record_compare_endpoints(x, y);
}

/* The rest of two records of one flow: handles say nothing about the order of names. */
static int record_compare_rest(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	struct nsc_flow_record a = *x, b = *y;
	struct nsc_named m = { 0 }, n = { 0 };
	int order;

	nsc_flow_name_set(&a, 0);
	nsc_flow_name_set(&b, 0);
	order = memcmp(&a, &b, sizeof(a));
	if (order || nsc_flow_name_get(x) == nsc_flow_name_get(y))
		return order;
	nsc_named_read(nsc_flow_name_get(x), &m);
	nsc_named_read(nsc_flow_name_get(y), &n);
	return memcmp(&m, &n, sizeof(m));
}

int nsc_flow_record_compare(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	int order = record_compare_u64(x->first_seen_ns, y->first_seen_ns);

	if (nsc_likely(order))
		return order;
	order = record_compare_keys(x, y);
	/* Two records of one connection that begin at the same nanosecond: by their end, then by all that shows. */
	if (!order)
		order = record_compare_u64(x->ended_ns, y->ended_ns);
	return order ? order : record_compare_rest(x, y);
}

int nsc_top_flow_compare(const struct nsc_top_flow *x, const struct nsc_top_flow *y)
{
	int order = record_compare_u64(y->tick_bytes, x->tick_bytes);

	if (nsc_likely(order))
		return order;
	order = record_compare_keys(&x->flow, &y->flow);
	if (!order)
		order = record_compare_u64(x->flow.first_seen_ns, y->flow.first_seen_ns);
	return order ? order : record_compare_rest(&x->flow, &y->flow);
}
