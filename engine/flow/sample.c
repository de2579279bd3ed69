/* SPDX-License-Identifier: MIT
 *
 * Whether a packet belongs to a flow that is sampled. What its own addresses, ports and protocol decide comes first:
 * most packets are done with then, and no record is looked up.
 */
#include "engine/flow/internal.h"

#include <errno.h>

/* A place costs microseconds, and others wait for the same databases: not for each packet. */
static int sample_check_places(const struct nsc_flow_filter *filter, struct nsc_error *error)
{
	for (uint32_t i = 0; i < filter->n; i++)
		if (filter->term[i].column->place)
			return nsc_fail(error, -EINVAL,
					"filter: %s takes too long to find for each packet; samples are chosen "
					"without it",
					filter->term[i].column->name);
	return 0;
}

int nsc_sample_filter_parse(struct nsc_sample_filter *f, const struct nsc_sample_text *text, struct nsc_error *error)
{
	int status;

	f->mode = NSC_SAMPLE_FLOWS;
	f->every = text->every;
	f->by_name = text->key_length != 0;
	f->n_ends = 0;
	if (f->by_name && text->filter_length)
		return nsc_fail(error, -EINVAL, "filter and key are given together: one of them says what is sampled");
	if (f->by_name)
		return nsc_flow_name_parse(&f->name, text->key, text->key_length, error);
	status = nsc_flow_filter_parse(&f->filter, text->filter, text->filter_length, error);
	if (status)
		return status;
	if (!f->filter.n)
		return nsc_fail(error, -EINVAL,
				"filter: wanted at least one term, as in port:443 or host:10.0.0.1; found none");
	f->n_ends = nsc_flow_filter_ends_first(&f->filter);
	return sample_check_places(&f->filter, error);
}

/* False for most packets of other flows, and for none of this one. */
static bool sample_may_be(const struct nsc_flow_name *name, const struct nsc_packet *pkt)
{
	return pkt->ip_proto == name->proto && (pkt->src_port ^ pkt->dst_port) == (name->port_a ^ name->port_b);
}

static bool sample_matches_ends(const struct nsc_sample_filter *f, const struct nsc_packet *pkt)
{
	static const struct nsc_flow_moment never;
	struct nsc_flow_record ends = { .ip_version = 0 };

	if (pkt->fate != NSC_FATE_FLOW || (f->by_name && !sample_may_be(&f->name, pkt)))
		return false;
	nsc_flow_ends_fill(&ends, pkt);
	return f->by_name ? flow_is_named(&f->name, &ends)
			  : nsc_flow_filter_match_terms(&f->filter, 0, f->n_ends, &ends, &never);
}

/* The packet has touched one line of its record: without this, waiting for the others is two thirds of the time. */
static uint32_t sample_find(const struct nsc_flow_table *t, const struct nsc_packet *pkt)
{
	struct flow_key key;
	uint32_t id;

	flow_key_of(&key, pkt);
	id = flow_find(t, flow_hash(pkt->hash), &key);
	if (id != FLOW_NONE)
		flow_record_prefetch(t, id);
	return id;
}

static bool sample_matches_record(const struct nsc_flow_table *t, const struct nsc_sample_filter *f, uint32_t id,
				  uint64_t clock_ns)
{
	struct nsc_flow_moment moment = { .clock_ns = clock_ns };
	struct nsc_flow_record record;

	if (id == FLOW_NONE || !t->hot[id].ip_version)
		return false;
	flow_record_fill(t, id, &record);
	return nsc_flow_filter_match_terms(&f->filter, f->n_ends, f->filter.n, &record, &moment);
}

uint64_t nsc_flow_table_samples(const struct nsc_flow_table *t, const struct nsc_sample_filter *f,
				const struct nsc_packet *pkt, uint32_t n, uint64_t clock_ns)
{
	uint32_t id[NSC_BURST_MAX];
	uint64_t wanted = 0, bits;

	for (uint32_t i = 0; i < n; i++)
		wanted |= (uint64_t)sample_matches_ends(f, &pkt[i]) << i;
	if (f->by_name || f->n_ends == f->filter.n)
		return wanted;
	for (bits = wanted; bits; bits &= bits - 1)
		id[__builtin_ctzll(bits)] = sample_find(t, &pkt[__builtin_ctzll(bits)]);
	for (bits = wanted; bits; bits &= bits - 1)
		if (!sample_matches_record(t, f, id[__builtin_ctzll(bits)], clock_ns))
			wanted &= ~(bits & -bits);
	return wanted;
}
