/* SPDX-License-Identifier: MIT
 *
 * A packet is sampled when a look at the record of its flow says so, whatever part of the filter is decided without
 * one; a key chooses one flow; what cannot be meant is refused with a sentence.
 */
#include "tests/unit/engine/flow/support.h"

#include "netscope/geo.h"
#include "tests/unit/engine/check_main.h"

enum { FLOWS = 400 };

static struct nsc_sample_filter filter;

static int parse(const char *text, const char *key, struct nsc_error *error)
{
	const struct nsc_sample_text said = {
		.filter = text, .filter_length = strlen(text), .key = key, .key_length = strlen(key), .every = 1
	};

	memset(&filter, 0xa5, sizeof(filter));
	return nsc_sample_filter_parse(&filter, &said, error);
}

static struct rig *filled(void)
{
	struct rig *rig = rig_open(rig_options(FLOWS));
	struct rng rng = { .state = 11 };

	for (uint32_t i = 0; i < 6 * FLOWS; i++)
		rig_packet(rig, i < FLOWS ? i : (uint32_t)rng_below(&rng, FLOWS), (unsigned)rng_below(&rng, 2),
			   TEST_EPOCH + i * 1000, 60 + (uint32_t)rng_below(&rng, 5) * 100);
	return rig;
}

/* A packet of this flow, which is not counted. */
static const struct nsc_packet *packet_of(struct rig *rig, uint32_t flow, unsigned from)
{
	const struct event e = { .flow = flow, .from = (uint8_t)from, .len = 60 };

	packet_of_event(&rig->pkt[0], rig->frame[0], &e, &rig->options.seed);
	return &rig->pkt[0];
}

static bool samples(struct rig *rig, const struct nsc_packet *pkt, uint64_t clock_ns)
{
	return nsc_flow_table_samples(rig->t, &filter, pkt, 1, clock_ns);
}

static bool record_of(struct rig *rig, const struct nsc_packet *pkt, struct nsc_flow_record *record)
{
	struct flow_key key;
	uint32_t id;

	flow_key_of(&key, pkt);
	id = flow_find(rig->t, flow_hash(pkt->hash), &key);
	if (id == FLOW_NONE)
		return false;
	flow_record_fill(rig->t, id, record);
	return true;
}

START_TEST(equals_a_look_at_the_record)
{
	static const char *const filters[] = {
		"tcp",
		"udp",
		"!udp",
		"ip:6",
		"ip:4 port:443",
		"host:10.0.0.0/28",
		"port!=443",
		"host:2000::/4 port:1000,53",
		"bytes>1500",
		"packets>6 tcp",
		"state:established",
		"bytes>1000 port:443 !tcp packets<8 ip:6",
		"client:10.0.0.0/8",
		"idle>1ms host:192.168.0.1",
		"!bytes>900 !host:10.0.0.3",
		"ended:no",
		"ended:yes",
	};
	const uint64_t now = TEST_EPOCH + 5 * TEST_SECOND;
	struct rig *rig = filled();
	uint32_t wrong = 0;

	for (size_t f = 0; f < NSC_ARRAY_LEN(filters); f++) {
		struct nsc_flow_filter whole;
		uint32_t matched = 0;

		ck_assert_int_eq(parse(filters[f], "", NULL), 0);
		ck_assert_int_eq(nsc_flow_filter_parse(&whole, filters[f], strlen(filters[f]), NULL), 0);
		for (uint32_t flow = 0; flow < 2 * FLOWS; flow++) {
			const struct nsc_packet *pkt = packet_of(rig, flow / 2, flow % 2);
			const struct nsc_flow_moment moment = { .clock_ns = now };
			struct nsc_flow_record record;
			bool want = record_of(rig, pkt, &record) && nsc_flow_filter_match(&whole, &record, &moment);

			wrong += samples(rig, pkt, now) != want;
			matched += want;
		}
		ck_assert_msg(!wrong, "%s: %u packets are judged wrongly", filters[f], wrong);
		ck_assert_msg(!matched == !strcmp(filters[f], "ended:yes"), "%s: %u match", filters[f], matched);
	}
	rig_close(rig);
}
END_TEST

/* Whole bursts say of each packet what it says alone; what has no flow is never wanted. */
START_TEST(bursts_equal_their_packets)
{
	static const char *const filters[] = { "udp", "bytes>900 packets<9", "port:443 bytes>900 !tcp" };
	struct rig *rig = filled();
	struct nsc_packet pkt[NSC_BURST_MAX];
	uint32_t wrong = 0, matched = 0;

	for (uint32_t round = 0; round < 30; round++) {
		uint32_t n = round % NSC_BURST_MAX + 1 + round;
		uint64_t bits;

		ck_assert_int_eq(parse(filters[round % 3], "", NULL), 0);
		for (uint32_t i = 0; i < n; i++) {
			const struct event e = { .flow = (round * 17 + i) % (FLOWS + 50), .from = i % 2, .len = 60 };

			packet_of_event(&pkt[i], rig->frame[i], &e, &rig->options.seed);
			pkt[i].fate = i % 7 == 3 ? NSC_FATE_ARP : NSC_FATE_FLOW;
		}
		bits = nsc_flow_table_samples(rig->t, &filter, pkt, n, TEST_EPOCH);
		for (uint32_t i = 0; i < n; i++)
			wrong += (bits >> i & 1) != (i % 7 != 3 && samples(rig, &pkt[i], TEST_EPOCH));
		wrong += n < 64 && bits >> n;
		matched += bits != 0;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(matched, 20);
	rig_close(rig);
}
END_TEST

static const char *key_text(const struct nsc_flow_record *r, bool turned)
{
	static char text[160];
	const uint8_t *x = turned ? r->addr_b : r->addr_a, *y = turned ? r->addr_a : r->addr_b;
	uint16_t x_port = turned ? r->port_b : r->port_a, y_port = turned ? r->port_a : r->port_b;

	if (r->ip_version == 4)
		snprintf(text, sizeof(text), "%s-%u.%u.%u.%u-%u-%u.%u.%u.%u-%u", nsc_proto_name(r->proto), x[0], x[1],
			 x[2], x[3], x_port, y[0], y[1], y[2], y[3], y_port);
	else
		snprintf(text, sizeof(text), "%s-%x:%x:%x:%x:%x:%x:%x:%x-%u-%x:%x:%x:%x:%x:%x:%x:%x-%u",
			 nsc_proto_name(r->proto), x[0] << 8 | x[1], x[2] << 8 | x[3], x[4] << 8 | x[5],
			 x[6] << 8 | x[7], x[8] << 8 | x[9], x[10] << 8 | x[11], x[12] << 8 | x[13], x[14] << 8 | x[15],
			 x_port, y[0] << 8 | y[1], y[2] << 8 | y[3], y[4] << 8 | y[5], y[6] << 8 | y[7],
			 y[8] << 8 | y[9], y[10] << 8 | y[11], y[12] << 8 | y[13], y[14] << 8 | y[15], y_port);
	return text;
}

START_TEST(a_key_chooses_one_flow)
{
	struct rig *rig = filled();
	struct nsc_flow_record record;
	uint32_t wrong = 0;

	for (uint32_t wanted = 0; wanted < 64; wanted++) {
		ck_assert(record_of(rig, packet_of(rig, wanted, 0), &record));
		ck_assert_int_eq(parse("", key_text(&record, wanted % 3 == 0), NULL), 0);
		for (uint32_t flow = 0; flow < 2 * FLOWS; flow++)
			wrong += samples(rig, packet_of(rig, flow / 2, flow % 2), 0) != (flow / 2 == wanted);
	}
	ck_assert_uint_eq(wrong, 0);
	rig_close(rig);
}
END_TEST

/* The record is gone: only what the packet has is known. */
START_TEST(flows_that_have_ended)
{
	struct rig *rig = filled();

	for (uint32_t i = 0; i < FLOWS; i++)
		rig_sweep(rig, TEST_EPOCH + (100 + i) * TEST_SECOND, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	ck_assert_int_eq(parse("tcp", "", NULL), 0);
	ck_assert(samples(rig, packet_of(rig, 0, 0), 0));
	ck_assert_int_eq(parse("tcp bytes>1", "", NULL), 0);
	ck_assert(!samples(rig, packet_of(rig, 0, 0), 0));
	rig_close(rig);
}
END_TEST

START_TEST(refuses_with_a_sentence)
{
	static const char *const cases[][3] = {
		{ "", "", "at least one term" },
		{ "   ", "", "at least one term" },
		{ "tcp", "tcp-10.0.0.1-1-10.0.0.2-2", "together" },
		{ "bytes>", "", "bytes" },
		{ "tcp nonsense:1", "", "nonsense" },
		{ "", "tcp-10.0.0.1", "protocol-address-port" },
		{ "", "foo-10.0.0.1-1-10.0.0.2-2", "foo" },
	};
	struct nsc_error error;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_int_eq(parse(cases[i][0], cases[i][1], &error), -22);
		ck_assert_msg(strstr(error.text, cases[i][2]), "'%s' says: %s", cases[i][0], error.text);
	}
}
END_TEST

/* With a database, whose answers a packet cannot wait for. */
START_TEST(places_are_refused)
{
	struct nsc_error error;

	nsc_geo_files = 1;
	ck_assert_int_eq(parse("tcp country:DE", "", &error), -22);
	nsc_geo_files = 0;
	ck_assert_msg(strstr(error.text, "country takes too long"), "says: %s", error.text);
}
END_TEST

CHECK_MAIN("sample", equals_a_look_at_the_record, bursts_equal_their_packets, a_key_chooses_one_flow,
	   flows_that_have_ended, refuses_with_a_sentence, places_are_refused)
