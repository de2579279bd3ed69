/* SPDX-License-Identifier: MIT
 *
 * Tags and tunnels in front of the header that keys a flow, for packets as decode left them.
 */
#include "engine/decode/layers.h"

#include "tests/unit/engine/decode/packets.h"

#define BYTES_OF(literal) (literal), sizeof(literal) - 1

#define TAG(type, id) type id
#define INNER IPV4("\0\x28", "\6") TCP

static struct nsc_layers layers_of(const char *bytes, uint32_t len, uint8_t link, bool decap)
{
	struct nsc_decode_options options = packets_options(decap, false);
	struct nsc_packet pkt = { .data = (const uint8_t *)bytes, .cap_len = len, .wire_len = len, .link = link };
	struct nsc_layers layers;

	nsc_decode_burst(&options, &pkt, 1);
	ck_assert_uint_eq(pkt.fate, NSC_FATE_FLOW);
	nsc_decode_layers(&options, &pkt, &layers);
	return layers;
}

#define LAYERS(literal, link, decap) layers_of((literal), sizeof(literal) - 1, (link), (decap))

START_TEST(tags)
{
	struct nsc_layers l = LAYERS(MAC T_IPV4 INNER, NSC_LINK_ETHERNET, false);

	ck_assert_uint_eq(l.n_vlans, 0);
	l = LAYERS(MAC TAG("\x88\xa8", "\x60\x0a") TAG("\x81\x00", "\x0f\xff") T_IPV4 INNER, NSC_LINK_ETHERNET, false);
	ck_assert_uint_eq(l.n_vlans, 2);
	ck_assert_uint_eq(l.vlan[0], 10);
	ck_assert_uint_eq(l.vlan[1], 4095);
	ck_assert_uint_eq(l.n_tunnels, 0);
	l = LAYERS(INNER, NSC_LINK_RAW, true);
	ck_assert_uint_eq(l.n_vlans + l.n_tunnels, 0);
}
END_TEST

#define IN_VXLAN                                                                                                       \
	MAC TAG("\x81\x00", "\0\1") T_IPV4 IPV4("\0\x5e", "\x11")                                                      \
		UDP_TO("\x12\xb5", "\0\x4a") "\x08\0\0\0"                                                              \
					     "\x00\x13\x89\0" MAC TAG("\x81\x00", "\0\2") T_IPV4 INNER

START_TEST(a_tunnel_counts_when_decap_opens_it)
{
	struct nsc_layers l = LAYERS(IN_VXLAN, NSC_LINK_ETHERNET, true);

	ck_assert_uint_eq(l.n_vlans, 2);
	ck_assert_uint_eq(l.vlan[0], 1);
	ck_assert_uint_eq(l.vlan[1], 2);
	ck_assert_uint_eq(l.n_tunnels, 1);
	ck_assert_uint_eq(l.tunnel[0], NSC_FLOW_TUNNEL_VXLAN | NSC_FLOW_TUNNEL_HAS_ID);
	ck_assert_uint_eq(l.tunnel_id[0], 5001);
	l = LAYERS(IN_VXLAN, NSC_LINK_ETHERNET, false);
	ck_assert_uint_eq(l.n_vlans, 1);
	ck_assert_uint_eq(l.n_tunnels, 0);
}
END_TEST

START_TEST(kinds)
{
	struct nsc_layers l = LAYERS(MAC T_IPV4 IPV4("\0\x44", "\x2f") "\x20\0\x08\0"
								       "\0\0\0\7" INNER,
				     NSC_LINK_ETHERNET, true);

	ck_assert_uint_eq(l.n_tunnels, 1);
	ck_assert_uint_eq(l.tunnel[0], NSC_FLOW_TUNNEL_GRE | NSC_FLOW_TUNNEL_HAS_ID);
	ck_assert_uint_eq(l.tunnel_id[0], 7);
	l = LAYERS(MAC T_IPV4 IPV4("\0\x64", "\x29") IPV6("\0\x28", "\4") INNER, NSC_LINK_ETHERNET, true);
	ck_assert_uint_eq(l.n_tunnels, 2);
	ck_assert_uint_eq(l.tunnel[0], NSC_FLOW_TUNNEL_IP6IP);
	ck_assert_uint_eq(l.tunnel[1], NSC_FLOW_TUNNEL_IPIP);
	l = LAYERS(MAC T_IPV4 IPV4("\0\x4c", "\x11") UDP_TO("\x08\x68", "\0\x38") "\x30\xff\0\x28\0\0\1\2" INNER,
		   NSC_LINK_ETHERNET, true);
	ck_assert_uint_eq(l.n_tunnels, 1);
	ck_assert_uint_eq(l.tunnel[0], NSC_FLOW_TUNNEL_GTP_U | NSC_FLOW_TUNNEL_HAS_ID);
	ck_assert_uint_eq(l.tunnel_id[0], 258);
}
END_TEST

#define OVER(port) MAC T_IPV4 IPV4("\0\0", "\x11") UDP_TO(port, "\1\0")
#define FRAME_INSIDE MAC T_IPV4 INNER

START_TEST(kinds_that_are_hops)
{
	static const struct {
		const char *bytes;
		uint32_t len;
		uint32_t tunnel, id;
	} cases[] = {
		{ BYTES_OF(OVER("\x12\xb6") "\x0c\0\0\3\0\0\5\0" FRAME_INSIDE),
		  NSC_FLOW_TUNNEL_VXLAN_GPE | NSC_FLOW_TUNNEL_HAS_ID, 5 },
		{ BYTES_OF(OVER("\x10\xf5") "\x08\0\0\1\0\0\6\0" INNER), NSC_FLOW_TUNNEL_LISP | NSC_FLOW_TUNNEL_HAS_ID,
		  6 },
		{ BYTES_OF(OVER("\x10\xf5") "\x80\0\0\1\0\0\6\0" INNER), NSC_FLOW_TUNNEL_LISP, 0 },
		{ BYTES_OF(OVER("\x17\xc0") "\0\4\0\0" INNER), NSC_FLOW_TUNNEL_GUE, 0 },
		{ BYTES_OF(OVER("\x14\x7f") "\0\x10\2\0\0\0\0\0" FRAME_INSIDE), NSC_FLOW_TUNNEL_CAPWAP, 0 },
		{ BYTES_OF(OVER("\x90\x90") "\1\0\0\1\1" FRAME_INSIDE), NSC_FLOW_TUNNEL_TZSP, 0 },
		{ BYTES_OF(OVER("\6\xa5") "\0\3\0\0\0\0\0\7" FRAME_INSIDE),
		  NSC_FLOW_TUNNEL_L2TP | NSC_FLOW_TUNNEL_HAS_ID, 7 },
		{ BYTES_OF(MAC T_IPV4 IPV4("\0\0", "\x73") "\0\0\0\x08" FRAME_INSIDE),
		  NSC_FLOW_TUNNEL_L2TP | NSC_FLOW_TUNNEL_HAS_ID, 8 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct nsc_layers l = layers_of(cases[i].bytes, cases[i].len, NSC_LINK_ETHERNET, true);

		ck_assert_uint_eq(l.n_tunnels, 1);
		ck_assert_uint_eq(l.tunnel[0], cases[i].tunnel);
		ck_assert_uint_eq(l.tunnel_id[0], cases[i].id);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("layers");
	TCase *tcase = tcase_create("layers");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, tags);
	tcase_add_test(tcase, a_tunnel_counts_when_decap_opens_it);
	tcase_add_test(tcase, kinds);
	tcase_add_test(tcase, kinds_that_are_hops);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
