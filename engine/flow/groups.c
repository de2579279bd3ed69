/* SPDX-License-Identifier: MIT
 *
 * A worker adds flows up: which groups a flow is in, and what it adds to them.
 */
#include <endian.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/base/server_port.h"
#include "engine/flow/internal.h"

enum { END_A = 1, END_B = 2 }; /* which ends of the flow belong to the group */

struct group_flow { /* one flow on its way into its groups */
	const struct nsc_flow_record *record;
	uint64_t bytes[2], packets[2]; /* that count */
	bool recent;                   /* only bytes do */
};

const struct nsc_column *nsc_group_column(unsigned by)
{
	static const char *const columns[NSC_BY_COUNT] = {
#define NSC_X(id, name, column) [NSC_BY_##id] = column,
		NSC_GROUP_KINDS(NSC_X)
#undef NSC_X
	};

	return columns[by] ? nsc_column_find(columns[by], false) : NULL;
}

/* --- keys ------------------------------------------------------------------------------------- */

static uint64_t group_hash(const struct nsc_hash_seed *seed, const uint64_t *word, unsigned n)
{
	uint64_t hash = seed->word[0];

	for (unsigned i = 0; i < n; i++)
		hash = nsc_fold_multiply(word[i] ^ hash, seed->word[1 + i % 3]);
	return nsc_fold_multiply(hash ^ n, seed->word[3]);
}

static void group_key_words(const struct nsc_hash_seed *seed, struct nsc_group_key *key)
{
	key->hash = group_hash(seed, key->word, NSC_ARRAY_LEN(key->word));
}

/* Two hashes of different keys are 128 bits: two texts are one when both are equal. */
static void group_key_text(const struct nsc_hash_seed *seed, const char *text, uint32_t length,
			   struct nsc_group_key *key)
{
	uint64_t word[NSC_NAME_MAX / 8 + 1] = { 0 };
	struct nsc_hash_seed other = { { seed->word[2], seed->word[3], seed->word[0], seed->word[1] } };
	unsigned n = (length + 7) / 8;

	memcpy(word, text, length);
	key->text = text;
	key->length = length;
	key->hash = group_hash(seed, word, n) ^ length;
	key->word[0] = group_hash(&other, word, n);
}

/* Version, then the address as a number, so that keys have the order of addresses. */
static void group_address(const struct nsc_flow_record *r, bool b, unsigned bits_4, unsigned bits_6, uint64_t word[3])
{
	uint64_t half[2];

	memcpy(half, b ? r->addr_b : r->addr_a, sizeof(half));
	word[0] = r->ip_version;
	word[1] = be64toh(half[0]);
	word[2] = be64toh(half[1]);
	if (r->ip_version == 4)
		word[1] &= ~(UINT64_MAX >> bits_4);
	else if (bits_6 == 64)
		word[2] = 0;
}

static bool group_server_is_b(const struct nsc_flow_record *r)
{
	return r->client == NSC_CLIENT_A || (r->client != NSC_CLIENT_B && r->port_b < r->port_a);
}

static bool group_port(const struct nsc_flow_record *r, uint64_t *port)
{
	uint16_t ports[2];

	nsc_flow_server_ports(r, ports);
	*port = ports[0];
	return r->proto == NSC_PROTO_TCP || r->proto == NSC_PROTO_UDP || r->proto == NSC_PROTO_SCTP;
}

static bool group_pair(const struct nsc_flow_record *r, struct nsc_group_key *key, unsigned *ends)
{
	uint64_t a[3], b[3];
	int order;

	group_address(r, false, 32, 128, a);
	group_address(r, true, 32, 128, b);
	order = a[1] != b[1] ? (a[1] < b[1] ? -1 : 1) : a[2] != b[2] ? (a[2] < b[2] ? -1 : 1) : 0;
	*ends = order < 0 ? END_A : order > 0 ? END_B : END_A | END_B;
	key->word[0] = a[0];
	memcpy(key->word + 1, order > 0 ? b + 1 : a + 1, 2 * sizeof(*a));
	memcpy(key->word + 3, order > 0 ? a + 1 : b + 1, 2 * sizeof(*a));
	return true;
}

static bool group_column(const struct nsc_flow_query *query, const struct nsc_flow_record *r,
			 const struct nsc_flow_moment *moment, const struct nsc_hash_seed *seed,
			 struct nsc_named *named, struct nsc_group_key *key)
{
	const struct nsc_column *column = query->group_column;
	struct nsc_flow_key_value value;
	const char *text;
	uint32_t length;

	if (column->kind != NSC_COLUMN_TEXT) {
		if (!column->value(r, moment, &value))
			return false;
		key->word[0] = value.word[0];
		return true;
	}
	nsc_flow_named(r, named);
	length = column->text(r, named, &text);
	if (length)
		group_key_text(seed, text, length, key);
	return length;
}

/* The key of a flow for kinds of which it has one at most; *ends: which of its ends it stands for, 0: none. */
static bool group_key_of(const struct nsc_flow_query *query, const struct nsc_flow_record *r,
			 const struct nsc_flow_moment *moment, const struct nsc_hash_seed *seed,
			 struct nsc_named *named, struct nsc_group_key *key, unsigned *ends)
{
	*ends = group_server_is_b(r) ? END_B : END_A;
	switch (query->group_by) {
	case NSC_BY_PAIR:
	case NSC_BY_COUNTRY:
	case NSC_BY_ASN:
		return group_pair(r, key, ends);
	case NSC_BY_SERVICE:
		key->word[1] = r->proto;
		return group_port(r, &key->word[0]);
	case NSC_BY_PORT:
		return group_port(r, &key->word[0]);
	case NSC_BY_INTERFACE:
		*ends = 0;
		key->word[0] = r->interface;
		return r->interface;
	case NSC_BY_APP:
	case NSC_BY_NAME:
		return group_column(query, r, moment, seed, named, key);
	default:
		*ends = 0;
		return group_column(query, r, moment, seed, named, key);
	}
}

/* --- sums ------------------------------------------------------------------------------------- */

static void group_sum_add(struct nsc_group_sum *sum, const struct group_flow *flow)
{
	sum->flows++;
	sum->packets += flow->packets[0] + flow->packets[1];
	sum->bytes += flow->bytes[0] + flow->bytes[1];
}

static void group_count_tcp(struct nsc_group *group, const struct nsc_flow_record *r)
{
	group->analyses |= r->analyses;
	group->retransmissions += r->retransmissions;
	group->out_of_order += r->out_of_order;
	group->lost_segments += r->lost_segments;
	group->zero_windows += r->zero_windows;
	if (!r->rtt_samples)
		return;
	group->rtt_flows++;
	group->rtt_ewma_ns += r->rtt_ewma_ns;
	group->rtt_min_ns = NSC_MIN(group->rtt_min_ns, r->rtt_min_ns);
}

static void group_count(struct nsc_group *group, const struct group_flow *flow, unsigned ends)
{
	const struct nsc_flow_record *r = flow->record;
	bool a = ends & END_A, b = ends & END_B;

	group->flows++;
	group->packets += flow->packets[0] + flow->packets[1];
	group->bytes += flow->bytes[0] + flow->bytes[1];
	group->sent_packets += (a ? flow->packets[0] : 0) + (b ? flow->packets[1] : 0);
	group->sent_bytes += (a ? flow->bytes[0] : 0) + (b ? flow->bytes[1] : 0);
	group->received_packets += (a ? flow->packets[1] : 0) + (b ? flow->packets[0] : 0);
	group->received_bytes += (a ? flow->bytes[1] : 0) + (b ? flow->bytes[0] : 0);
	group->first_seen_ns = NSC_MIN(group->first_seen_ns, r->first_seen_ns);
	group->last_seen_ns = NSC_MAX(group->last_seen_ns, r->last_seen_ns);
	if (r->analyses && !flow->recent)
		group_count_tcp(group, r);
}

static uint64_t group_weight(const struct group_flow *flow, unsigned measure)
{
	return measure == NSC_MEASURE_BYTES     ? flow->bytes[0] + flow->bytes[1]
	       : measure == NSC_MEASURE_PACKETS ? flow->packets[0] + flow->packets[1]
						: 1;
}

void flow_groups_finish(struct nsc_flow_groups *groups)
{
	uint32_t n = groups->n_waiting;

	for (uint32_t i = 0; i < groups->n_heavier; i++)
		groups->bucket[groups->heavier[i].bucket] += groups->heavier[i].weight;
	groups->n_heavier = 0;
	for (uint32_t i = 0; i < n; i++)
		nsc_groups_prefetch(groups, &groups->waiting[i].key);
	for (uint32_t i = 0; i < n; i++) {
		struct nsc_group *group = nsc_groups_find(groups, &groups->waiting[i].key);

		if (!group)
			continue;
		nsc_group_add(group, &groups->waiting[i], false);
		if (groups->waiting[i].rtt_flows)
			groups->rtt[group - groups->group][groups->waiting_step[i]]++;
	}
	groups->n_waiting = 0;
}

/* A flow is a group of one until it is added. Groups lie anywhere in 3 MiB: the memory is asked for several at once. */
static void group_take(struct nsc_flow_groups *groups, const struct nsc_group_key *key, unsigned ends,
		       const struct group_flow *flow, unsigned measure)
{
	uint32_t bucket = nsc_group_bucket(key);
	struct nsc_group *one;

	if (groups->n_heavier == NSC_ARRAY_LEN(groups->heavier))
		flow_groups_finish(groups);
	nsc_prefetch_write(&groups->bucket[bucket]);
	groups->heavier[groups->n_heavier].bucket = bucket;
	groups->heavier[groups->n_heavier++].weight = group_weight(flow, measure);
	if (!(groups->wanted[bucket / 64] >> bucket % 64 & 1) || (groups->over && groups->again))
		return;
	if (groups->n_waiting == NSC_GROUPS_BURST)
		flow_groups_finish(groups);
	one = &groups->waiting[groups->n_waiting];
	*one = (struct nsc_group){ .key = *key, .rtt_min_ns = UINT64_MAX, .first_seen_ns = UINT64_MAX };
	if (key->length)
		one->key.text = memcpy(groups->waiting_text[groups->n_waiting], key->text, key->length);
	group_count(one, flow, ends);
	if (one->rtt_flows)
		groups->waiting_step[groups->n_waiting] = (uint8_t)nsc_group_rtt_step(one->rtt_ewma_ns);
	groups->n_waiting++;
}

/* --- a flow ----------------------------------------------------------------------------------- */

/* Both ends of a flow, and once when they are in one group. */
static void group_take_ends(struct nsc_flow_groups *groups, const struct nsc_flow_query *query,
			    const struct nsc_hash_seed *seed, const struct group_flow *flow)
{
	unsigned bits_4 = query->group_by == NSC_BY_NET24 ? 24 : 32, bits_6 = bits_4 == 24 ? 64 : 128;
	struct nsc_group_key a = { 0 }, b = { 0 };
	bool same;

	group_address(flow->record, false, bits_4, bits_6, a.word);
	group_address(flow->record, true, bits_4, bits_6, b.word);
	group_key_words(seed, &a);
	group_key_words(seed, &b);
	same = !memcmp(a.word, b.word, sizeof(a.word));
	group_take(groups, &a, same ? END_A | END_B : END_A, flow, query->group_measure);
	if (!same)
		group_take(groups, &b, END_B, flow, query->group_measure);
}

void flow_groups_take(struct nsc_flow_question *q, const struct nsc_hash_seed *seed, const struct nsc_flow_hit *hit)
{
	const struct nsc_flow_record *r = &hit->record;
	struct group_flow flow = { .record = r,
				   .bytes = { r->bytes[0], r->bytes[1] },
				   .packets = { r->packets[0], r->packets[1] } };
	struct group_flow recent = { .record = r,
				     .bytes = { hit->recent_bytes[0], hit->recent_bytes[1] },
				     .recent = true };
	struct nsc_group_key key = { 0 };
	struct nsc_named named;
	unsigned ends;

	if (q->query.recent)
		flow = recent;
	group_sum_add(&q->groups.total, &flow);
	if (q->query.group_by == NSC_BY_HOST || q->query.group_by == NSC_BY_NET24) {
		group_take_ends(&q->groups, &q->query, seed, &flow);
	} else if (group_key_of(&q->query, r, &hit->moment, seed, &named, &key, &ends)) {
		if (!key.length)
			group_key_words(seed, &key);
		group_take(&q->groups, &key, ends, &flow, q->query.group_measure);
	} else {
		group_sum_add(&q->groups.without, &flow);
	}
}
