/* SPDX-License-Identifier: MIT
 *
 * What a worker adds up equals a look at every record: each kind of group, both directions, a flow once in each group.
 */
#include <endian.h>

#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

enum { FLOWS = 500 };

static struct nsc_flow_question question;

static struct rig *filled(void)
{
	struct rig *rig = rig_open(rig_options(2 * FLOWS));
	struct rng rng = { .state = 11 };

	for (uint32_t i = 0; i < 6 * FLOWS; i++)
		rig_packet(rig, i < FLOWS ? i : (uint32_t)rng_below(&rng, FLOWS), (unsigned)rng_below(&rng, 2),
			   TEST_EPOCH + i * 1000, 60 + (uint32_t)rng_below(&rng, 5) * 100);
	return rig;
}

static void ask(struct rig *rig, unsigned by, const char *filter, uint32_t step)
{
	memset(&question, 0, sizeof(question));
	ck_assert_int_eq(nsc_flow_filter_parse(&question.query.filter, filter, strlen(filter), NULL), 0);
	question.query.group_by = (uint8_t)by;
	question.query.group_column = nsc_group_column(by);
	nsc_groups_clear(&question.groups, 1, NULL);
	nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH + TEST_SECOND);
	while (!nsc_flow_table_question_step(rig->t, &question, step))
		;
}

/* --- the same, simply: which ends of a record are in the group -------------------------------- */

static bool address_is(const uint8_t addr[16], unsigned bytes, unsigned version, const uint64_t *word, uint64_t of)
{
	uint64_t half[2] = { htobe64(word[0]), htobe64(word[1]) };

	return of == version && !memcmp(addr, half, bytes);
}

static unsigned ends_by_address(const struct nsc_flow_record *r, const struct nsc_group_key *key, unsigned bytes)
{
	return (unsigned)address_is(r->addr_a, bytes, r->ip_version, key->word + 1, key->word[0]) +
	       2u * address_is(r->addr_b, bytes, r->ip_version, key->word + 1, key->word[0]);
}

static unsigned ends_by_pair(const struct nsc_flow_record *r, const struct nsc_group_key *key)
{
	unsigned first = ends_by_address(r, key, 16);
	const struct nsc_group_key other = { .word = { key->word[0], key->word[3], key->word[4] } };

	return first && (first | ends_by_address(r, &other, 16)) == 3 && ends_by_address(r, &other, 16) ? first : 0;
}

static unsigned server_end(const struct nsc_flow_record *r)
{
	return r->client ? (r->client == NSC_CLIENT_A ? 2 : 1) : r->port_b < r->port_a ? 2 : 1;
}

static unsigned ends_in(unsigned by, const struct nsc_flow_record *r, const struct nsc_group_key *key)
{
	uint16_t port = server_end(r) == 2 ? r->port_b : r->port_a;

	switch (by) {
	case NSC_BY_HOST:
		return ends_by_address(r, key, 16);
	case NSC_BY_NET24:
		return ends_by_address(r, key, r->ip_version == 4 ? 3 : 8);
	case NSC_BY_PORT:
		return port == key->word[0] ? server_end(r) : 0;
	case NSC_BY_SERVICE:
		return port == key->word[0] && r->proto == key->word[1] ? server_end(r) : 0;
	case NSC_BY_PROTOCOL: /* icmp icmpv6 sctp tcp udp */
		return key->word[0] == (r->proto == NSC_PROTO_TCP ? 3 : 4) ? 4 : 0;
	default:
		return ends_by_pair(r, key);
	}
}

/* All numbers. */
static bool is_equal(const struct nsc_group *x, const struct nsc_group *y)
{
	size_t bytes = offsetof(struct nsc_group, analyses) - offsetof(struct nsc_group, flows);

	return !memcmp(&x->flows, &y->flows, bytes) && x->analyses == y->analyses;
}

/* Adds every record that is in the group; returns in how many groups it found one. */
static uint32_t look_again(struct rig *rig, unsigned by, const struct nsc_group_key *key, struct nsc_group *want)
{
	uint32_t found = 0;

	memset(want, 0, sizeof(*want));
	want->first_seen_ns = want->rtt_min_ns = UINT64_MAX;
	for (uint32_t id = 0; id < rig->t->used; id++) {
		struct nsc_flow_record r;
		struct nsc_flow_moment moment = { .clock_ns = question.clock_ns };
		unsigned ends;

		flow_record_fill(rig->t, id, &r);
		ends = ends_in(by, &r, key);
		if (!ends || !nsc_flow_filter_match(&question.query.filter, &r, &moment))
			continue;
		found++;
		want->flows++;
		want->packets += r.packets[0] + r.packets[1];
		want->bytes += r.bytes[0] + r.bytes[1];
		want->first_seen_ns = NSC_MIN(want->first_seen_ns, r.first_seen_ns);
		want->last_seen_ns = NSC_MAX(want->last_seen_ns, r.last_seen_ns);
		for (unsigned end = 0; end < 2; end++) {
			if (!(ends & 1u << end))
				continue;
			want->sent_packets += r.packets[end];
			want->sent_bytes += r.bytes[end];
			want->received_packets += r.packets[!end];
			want->received_bytes += r.bytes[!end];
		}
	}
	want->key = *key;
	return found;
}

START_TEST(equal_a_look_at_every_record)
{
	static const unsigned kinds[] = { NSC_BY_HOST,    NSC_BY_NET24,    NSC_BY_PAIR,    NSC_BY_PORT,
					  NSC_BY_SERVICE, NSC_BY_PROTOCOL, NSC_BY_COUNTRY, NSC_BY_ASN };
	static const char *const filters[] = { "", "tcp", "bytes>1000", "ip:6 udp", "port:443" };
	struct rig *rig = filled();

	for (size_t k = 0; k < NSC_ARRAY_LEN(kinds); k++) {
		for (size_t f = 0; f < NSC_ARRAY_LEN(filters); f++) {
			const struct nsc_flow_groups *groups = &question.groups;
			uint64_t bytes = 0, ends = kinds[k] == NSC_BY_HOST || kinds[k] == NSC_BY_NET24, flows = 0;

			ask(rig, kinds[k], filters[f], 1 + (uint32_t)(k * 7 + f));
			ck_assert_uint_gt(groups->n, 0);
			for (uint32_t i = 0; i < groups->n; i++) {
				const struct nsc_group *have = &groups->group[i];
				struct nsc_group want;

				flows += look_again(rig, kinds[k], &have->key, &want);
				ck_assert_msg(is_equal(have, &want), "%s, filter %s: group %u",
					      nsc_group_name(kinds[k]), filters[f], i);
				bytes += have->bytes;
			}
			ck_assert_uint_eq(groups->total.flows, question.matched);
			ck_assert_uint_eq(groups->without.flows, 0);
			ck_assert_uint_ge(flows, question.matched);
			ck_assert_uint_le(flows, question.matched << ends);
			ck_assert(ends ? bytes >= groups->total.bytes : bytes == groups->total.bytes);
		}
	}
	rig_close(rig);
}
END_TEST

/* No tags, no names, no interfaces: every flow is without, and counted so. */
START_TEST(flows_without_a_key)
{
	static const unsigned kinds[] = { NSC_BY_VLAN, NSC_BY_INTERFACE, NSC_BY_APP, NSC_BY_NAME };
	struct rig *rig = filled();

	for (size_t k = 0; k < NSC_ARRAY_LEN(kinds); k++) {
		ask(rig, kinds[k], "", 16);
		ck_assert_uint_eq(question.groups.n, 0);
		ck_assert_uint_eq(question.groups.without.flows, FLOWS);
		ck_assert_uint_eq(question.groups.total.flows, FLOWS);
		ck_assert_uint_eq(question.groups.without.bytes, question.groups.total.bytes);
	}
	rig_close(rig);
}
END_TEST

START_TEST(each_measure_fills_the_buckets)
{
	struct rig *rig = filled();
	uint64_t want[NSC_MEASURE_COUNT];

	for (unsigned measure = 0; measure < NSC_MEASURE_COUNT; measure++) {
		uint64_t have = 0;

		memset(&question, 0, sizeof(question));
		question.query.group_by = NSC_BY_PORT;
		question.query.group_measure = (uint8_t)measure;
		nsc_groups_clear(&question.groups, 1, NULL);
		nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH + TEST_SECOND);
		while (!nsc_flow_table_question_step(rig->t, &question, 100))
			;
		want[NSC_MEASURE_BYTES] = question.groups.total.bytes;
		want[NSC_MEASURE_PACKETS] = question.groups.total.packets;
		want[NSC_MEASURE_FLOWS] = question.groups.total.flows;
		for (uint32_t i = 0; i < NSC_GROUPS_BUCKETS; i++)
			have += question.groups.bucket[i];
		ck_assert_uint_eq(have, want[measure]);
	}
	rig_close(rig);
}
END_TEST

CHECK_MAIN("groups", equal_a_look_at_every_record, flows_without_a_key, each_measure_fills_the_buckets)
