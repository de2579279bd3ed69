/* SPDX-License-Identifier: MIT
 *
 * Unit tests of backends/sources/gen*.c: the same bytes everywhere, shares met, keys, options.
 */
#include "test_gen_maker.h"

#define GOLDEN_EVERYTHING 371012380483899193ull
#define GOLDEN_DEFAULTS 2023331962286495966ull

static uint64_t fnv1a(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_of(const struct nsc_gen_options *options)
{
	struct traffic t = open_traffic(options);
	uint64_t hash = 0xcbf29ce484222325ull;

	while (next(&t)) {
		hash = fnv1a(hash, &t.frame.ts_ns, sizeof(t.frame.ts_ns));
		hash = fnv1a(hash, &t.frame.wire_len, sizeof(t.frame.wire_len));
		hash = fnv1a(hash, t.frame.data, t.frame.cap_len);
	}
	close_traffic(&t);
	return hash;
}

/* The bytes are a promise: tests and benchmarks everywhere count on them. */
START_TEST(test_golden)
{
	struct nsc_gen_options options = everything(), defaults = { 0 };

	nsc_synth_defaults(&defaults.traffic);
	defaults.traffic.packets = 10000;
	ck_assert_uint_eq(hash_of(&options), GOLDEN_EVERYTHING);
	ck_assert_uint_eq(hash_of(&defaults), GOLDEN_DEFAULTS);
}
END_TEST

START_TEST(test_seeds_differ)
{
	struct nsc_gen_options options = everything();
	uint64_t first = hash_of(&options);

	ck_assert_uint_eq(hash_of(&options), first);
	options.traffic.seed = 2;
	ck_assert_uint_ne(hash_of(&options), first);
}
END_TEST
/* --- shares and limits ------------------------------------------------------------------------ */

struct census {
	uint32_t connections, tcp, ipv6, vlan, dns;
	uint32_t data, lost, late, datagrams, fragmented, elephant, packets;
	uint64_t last_ns;
};

static struct census take_census(const struct nsc_gen_options *options)
{
	struct traffic t = open_traffic(options);
	struct census c = { 0 };
	uint32_t highest = 0;

	while (next(&t)) {
		struct nsc_gen_key key;

		nsc_gen_key(t.gen, t.frame.flow, &key);
		if (c.packets++ == 0 || t.frame.connection > highest) {
			highest = t.frame.connection;
			c.connections++;
			c.tcp += key.ip_proto == NSC_PROTO_TCP;
			c.ipv6 += key.ip_version == 6;
			c.vlan += key.vlan_id != 0;
			c.dns += key.port[1] == 53;
		}
		c.data += key.ip_proto == NSC_PROTO_TCP && t.frame.events & NSC_GEN_DATA;
		c.lost += (t.frame.events & NSC_GEN_LOST) != 0;
		c.late += (t.frame.events & NSC_GEN_LATE) != 0;
		c.datagrams += t.frame.events & NSC_GEN_DATA && !t.frame.tcp_flags && key.port[1] != 53;
		c.fragmented += (t.frame.events & NSC_GEN_FRAGMENT) != 0;
		c.elephant += t.frame.flow < options->traffic.flows / 100;
		ck_assert_uint_ge(t.frame.ts_ns, c.last_ns);
		c.last_ns = t.frame.ts_ns;
	}
	close_traffic(&t);
	return c;
}

static bool near(uint32_t part, uint32_t whole, double share)
{
	double found = (double)part / whole;

	return found > share * 0.85 && found < share * 1.15;
}

START_TEST(test_shares)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 200000;
	c = take_census(&options);
	ck_assert_uint_eq(c.packets, 200000);
	ck_assert(near(c.tcp, c.connections, 0.8));
	ck_assert(near(c.ipv6, c.connections, 0.3));
	ck_assert(near(c.vlan, c.connections, 0.2));
	ck_assert(near(c.dns, c.connections - c.tcp, 0.3));
	ck_assert(near(c.lost, c.data + c.lost, 0.01));
	ck_assert(near(c.late, c.data + c.lost, 0.01));
	ck_assert(near(c.fragmented, c.datagrams, 0.1));
	ck_assert(near((uint32_t)((c.last_ns - options.traffic.start_ns) / 1000), 200000, 100)); /* 10 kpps: 100 us */
}
END_TEST

START_TEST(test_elephants)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 200000;
	options.traffic.flow_packets = 0;
	options.traffic.tcp_share = 0;
	options.traffic.fragment_share = 0;
	options.traffic.dns_share = 0;
	options.traffic.elephant_share = 0.5;
	c = take_census(&options);
	ck_assert(near(c.elephant, c.packets, 0.505));
	ck_assert_uint_eq(c.connections, FLOWS);
}
END_TEST

START_TEST(test_mean_flow)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.packets = 400000;
	options.traffic.dns_share = 0;
	options.traffic.fragment_share = 0;
	options.traffic.flow_packets = 40;
	c = take_census(&options);
	ck_assert(near(c.packets, c.connections, 40));
}
END_TEST

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

START_TEST(test_keys_do_not_repeat)
{
	struct nsc_gen_options options = everything();
	static uint64_t seen[500000]; /* client's host and port of each connection */
	uint32_t repeated = 0, connections = 0;
	struct traffic t;

	options.traffic.packets = NSC_ARRAY_LEN(seen);
	options.traffic.payload_max = 32;
	options.traffic.dns_share = 1;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_gen_key key;

		if (t.frame.connection < connections)
			continue;
		connections = t.frame.connection + 1;
		nsc_gen_key(t.gen, t.frame.flow, &key);
		seen[t.frame.connection] =
			(uint64_t)get32(key.address[0] + (key.ip_version == 4 ? 0 : 12)) << 16 | key.port[0];
	}
	qsort(seen, connections, sizeof(seen[0]), compare_keys);
	for (uint32_t i = 1; i < connections; i++)
		repeated += seen[i] == seen[i - 1];
	ck_assert_uint_gt(connections, 15000);
	ck_assert_uint_eq(repeated, 0);
	close_traffic(&t);
}
END_TEST

START_TEST(test_reuse_keeps_keys)
{
	struct nsc_gen_options options = everything();
	static struct nsc_gen_key keys[FLOWS];
	uint32_t differ = 0, syns = 0;
	struct traffic t;

	options.reuse = true;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_gen_key key;

		nsc_gen_key(t.gen, t.frame.flow, &key);
		differ += keys[t.frame.flow].ip_version && memcmp(&keys[t.frame.flow], &key, sizeof(key));
		keys[t.frame.flow] = key;
		syns += t.frame.tcp_flags == NSC_TCP_SYN;
	}
	ck_assert_uint_eq(differ, 0);
	ck_assert_uint_gt(syns, FLOWS + FLOWS / 2);
	close_traffic(&t);
}
END_TEST

/* One flow cannot carry the rate: time jumps to its timers and the packets come all the same. */
START_TEST(test_one_flow)
{
	struct nsc_gen_options options = everything();
	struct census c;

	options.traffic.flows = 1;
	options.traffic.tcp_share = 1;
	options.traffic.rate_pps = 1e9;
	c = take_census(&options);
	ck_assert_uint_eq(c.packets, 10000);
	ck_assert_uint_gt(c.connections, 100);
}
END_TEST

START_TEST(test_empty_payload)
{
	struct nsc_gen_options options = everything();
	struct traffic t;
	uint32_t longest = 0;

	options.traffic.payload_max = options.traffic.snaplen = 0;
	options.traffic.loss = options.traffic.reorder = options.traffic.fragment_share = options.traffic.dns_share = 0;
	t = open_traffic(&options);
	while (next(&t)) {
		ck_assert_ptr_null(check_frame(&t));
		longest = NSC_MAX(longest, t.frame.wire_len);
	}
	ck_assert_uint_eq(longest, 14 + 4 + 40 + 32); /* an IPv6 SYN with options and a tag */
	close_traffic(&t);
}
END_TEST

START_TEST(test_bad_options)
{
	static const char *const wanted[] = { "tcp_share",      "loss + reorder", "payload_max", "payload_min",
					      "flows",          "flows",          "rate_pps",    "rtt_us",
					      "fragment_share", "loss and",       "start_ns",    "elephant_share" };
	struct nsc_gen_options o = everything();
	struct nsc_synth_options *t = &o.traffic;
	struct nsc_error error = { "" };

	switch (_i) {
	case 0:
		t->tcp_share = 1.5;
		break;
	case 1:
		t->loss = t->reorder = 0.7;
		break;
	case 2:
		t->payload_max = 9001;
		break;
	case 3:
		t->payload_min = 1401;
		break;
	case 4:
		t->flows = 0;
		break;
	case 5:
		t->flows = NSC_GEN_FLOWS_MAX + 1ull;
		break;
	case 6:
		t->rate_pps = 0.0 / 1.0;
		break;
	case 7:
		t->rtt_us = 0;
		break;
	case 8:
		t->payload_max = 31;
		break;
	case 9:
		t->payload_max = 0;
		t->fragment_share = 0;
		break;
	case 10:
		t->start_ns = UINT64_MAX;
		break;
	case 11:
		t->elephant_share = __builtin_nan("");
		break;
	}
	ck_assert_int_eq(nsc_gen_check(&o, &error), -22);
	ck_assert_msg(strstr(error.text, wanted[_i]), "%s", error.text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/gen");
	TCase *tcase = tcase_create("gen");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_golden);
	tcase_add_test(tcase, test_seeds_differ);
	tcase_add_test(tcase, test_shares);
	tcase_add_test(tcase, test_elephants);
	tcase_add_test(tcase, test_mean_flow);
	tcase_add_test(tcase, test_keys_do_not_repeat);
	tcase_add_test(tcase, test_reuse_keeps_keys);
	tcase_add_test(tcase, test_one_flow);
	tcase_add_test(tcase, test_empty_payload);
	tcase_add_loop_test(tcase, test_bad_options, 0, 12);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
