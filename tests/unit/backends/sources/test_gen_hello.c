/* SPDX-License-Identifier: MIT
 *
 * Unit tests of backends/sources/gen_hello.c, gen_quic.c and gen_begin.c: shares, valid frames, what comes first, and
 * that nothing changes without hellos. tests/property/generated_names reads the names themselves.
 */
#include "test_gen_maker.h"

#include "engine/names/quic.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_gen_options with_hellos(void)
{
	struct nsc_gen_options options = everything();

	options.traffic.tls_share = 0.6;
	options.traffic.http_share = 0.3;
	options.traffic.quic_share = 0.5;
	options.traffic.server_names = 100;
	return options;
}

static bool is_near(uint32_t part, uint32_t whole, double share)
{
	return part > whole * share * 0.85 && part < whole * share * 1.15;
}

START_TEST(frames_are_valid)
{
	static const uint32_t payload_max[] = { 0, 32, 1400, 9000 };
	const char *wrong = NULL;

	for (unsigned i = 0; i < 4 && !wrong; i++) {
		struct nsc_gen_options options = with_hellos();
		struct traffic t;

		options.traffic.payload_max = payload_max[i];
		if (payload_max[i] == 0)
			options.traffic.loss = options.traffic.reorder = options.traffic.fragment_share = 0;
		options.traffic.handshake = i & 1;
		t = open_traffic(&options);
		while (!wrong && next(&t))
			wrong = check_frame(&t);
		close_traffic(&t);
	}
	ck_assert_msg(!wrong, "%s", wrong);
}
END_TEST

START_TEST(shares)
{
	struct nsc_gen_options options = with_hellos();
	uint32_t tcp = 0, udp = 0, said[4] = { 0 }, more = 0, last = 0;
	struct traffic t;

	options.traffic.packets = 200000;
	options.traffic.tcp_share = 0.5;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_gen_named named;
		struct nsc_gen_key key;

		if (t.frame.connection < last)
			continue;
		last = t.frame.connection + 1;
		nsc_gen_key(t.gen, t.frame.flow, &key);
		*(key.ip_proto == NSC_PROTO_TCP ? &tcp : &udp) += 1;
		if (!nsc_gen_named(t.gen, t.frame.flow, &named))
			continue;
		said[0] += !strcmp(named.app, "tls");
		said[1] += !strcmp(named.app, "http");
		said[2] += !strcmp(named.app, "quic");
		said[3] += !strcmp(named.app, "dns");
		more += !strstr(named.name, ".example.");
	}
	ck_assert(is_near(said[0], tcp, 0.6) && is_near(said[1], tcp, 0.3));
	ck_assert(is_near(said[2], udp, 0.5) && is_near(said[3], udp, 0.3));
	ck_assert_uint_eq(more, 0);
	close_traffic(&t);
}
END_TEST

/* Each connection says it once, whatever was lost or overtaken, and the server answers behind it only. */
START_TEST(once_and_first)
{
	struct nsc_gen_options options = with_hellos();
	static uint32_t said[FLOWS], heard[FLOWS];
	uint32_t hellos = 0, bad = 0, late = 0, lost = 0;
	struct traffic t;

	options.traffic.packets = 100000;
	options.traffic.flow_packets = 5;
	options.traffic.loss = options.traffic.reorder = 0.2;
	options.traffic.tls_share = 1;
	options.traffic.http_share = 0;
	options.traffic.tcp_share = 1;
	t = open_traffic(&options);
	while (next(&t)) {
		uint32_t flow = t.frame.flow;

		if (t.frame.tcp_flags == NSC_TCP_SYN)
			said[flow] = heard[flow] = 0;
		if (t.frame.events & NSC_GEN_HELLO) {
			bad += said[flow]++ || heard[flow] || t.frame.dir;
			hellos++;
			late += (t.frame.events & NSC_GEN_LATE) != 0;
			lost += (t.frame.events & NSC_GEN_RESENT) != 0;
		}
		heard[flow] += t.frame.dir == 1 && t.frame.tcp_payload;
		bad += heard[flow] && !said[flow];
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(hellos, 500);
	ck_assert(is_near(late, hellos, 0.15) && is_near(lost, hellos, 0.15)); /* three hellos in four are long */
	close_traffic(&t);
}
END_TEST

/* What the generator seals after the RFC the engine opens, and finds the name that was meant. */
START_TEST(initials_open)
{
	struct nsc_gen_options options = with_hellos();
	static struct nsc_name_block blocks[FLOWS];
	uint32_t hellos = 0, wrong = 0;
	struct nsc_error error;
	struct nsc_quic *quic;
	struct traffic t;

	ck_assert_int_eq(nsc_quic_open(&quic, &error), 0);
	options.traffic.tcp_share = options.traffic.vlan_share = options.traffic.ipv6_share = 0;
	options.traffic.dns_share = options.traffic.fragment_share = 0;
	options.traffic.quic_share = 1;
	options.traffic.reorder = 0.3;
	options.traffic.packets = 3000;
	t = open_traffic(&options);
	while (next(&t)) {
		struct nsc_name_block *block = &blocks[t.frame.flow];
		const uint8_t *payload = t.frame.data + 42;
		uint32_t n = t.frame.cap_len - 42;
		enum nsc_name_verdict verdict;
		struct nsc_gen_named meant;
		struct nsc_named named;

		if (t.frame.dir || !nsc_quic_begins(payload, n, n))
			continue;
		verdict = nsc_quic_datagram(quic, payload, n, block, &named);
		if (!(t.frame.events & NSC_GEN_HELLO)) {
			wrong += verdict != NSC_NAME_MORE;
			continue;
		}
		nsc_gen_named(t.gen, t.frame.flow, &meant);
		wrong += verdict != NSC_NAME_FOUND || named.name_length != strlen(meant.name) ||
			 memcmp(named.name, meant.name, named.name_length) != 0;
		nsc_name_block_clear(block);
		hellos++;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(hellos, 300);
	close_traffic(&t);
	nsc_quic_close(quic);
}
END_TEST

START_TEST(wrong_options)
{
	static const char *const wanted[] = { "tls_share", "tls_share + http_share", "dns_share + quic_share",
					      "server_names" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(wanted); i++) {
		struct nsc_gen_options o = with_hellos();
		struct nsc_error error = { "" };

		o.traffic.tls_share = i == 0 ? -1 : i == 1 ? 0.8 : 0.5;
		o.traffic.quic_share = i == 2 ? 0.8 : 0.5;
		o.traffic.server_names = i == 3 ? 0 : 1;
		ck_assert_int_eq(nsc_gen_check(&o, &error), -22);
		ck_assert_msg(strstr(error.text, wanted[i]), "%s", error.text);
	}
}
END_TEST

CHECK_MAIN("rx/gen_hello", frames_are_valid, shares, once_and_first, initials_open, wrong_options)
