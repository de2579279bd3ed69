/* SPDX-License-Identifier: MIT
 *
 * Finished records: what is made of the two halves, and the order of exports and of top flows.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

START_TEST(an_ipv4_record)
{
	static const uint8_t a[16] = { 10, 0, 0, 0 }, b[16] = { 192, 168, 0, 1 };
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record r;

	memset(&r, 0xff, sizeof(r));
	rig_packet(rig, 1, 1, TEST_EPOCH, 90); /* from b */
	rig_packet(rig, 1, 0, TEST_EPOCH + 5, 60);
	rig_packet(rig, 1, 0, TEST_EPOCH + 7, 61);
	flow_record_fill(rig->t, 0, &r);
	ck_assert_mem_eq(r.addr_a, a, 16);
	ck_assert_mem_eq(r.addr_b, b, 16);
	ck_assert_uint_eq(r.port_a, 1000);
	ck_assert_uint_eq(r.port_b, 443);
	ck_assert_uint_eq(r.ip_version, 4);
	ck_assert_uint_eq(r.proto, NSC_PROTO_UDP);
	ck_assert_uint_eq(r.packets[0], 2);
	ck_assert_uint_eq(r.packets[1], 1);
	ck_assert_uint_eq(r.bytes[0], 121);
	ck_assert_uint_eq(r.bytes[1], 90);
	ck_assert_uint_eq(r.first_seen_ns, TEST_EPOCH);
	ck_assert_uint_eq(r.last_seen_ns, TEST_EPOCH + 7);
	ck_assert_uint_eq(r.ended_ns, 0);
	ck_assert_uint_eq(r.end_reason, NSC_END_ACTIVE);
	ck_assert_uint_eq(nsc_flow_name_get(&r), NSC_NAME_HANDLE_OFF);
	rig_close(rig);
}
END_TEST

START_TEST(an_ipv6_record_has_all_sixteen_bytes)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record r;
	struct key k = key_of_number(0x7123 * 8 + 4);

	rig_packet(rig, 0x7123 * 8 + 4, 0, TEST_EPOCH, 60);
	flow_record_fill(rig->t, 0, &r);
	ck_assert_uint_eq(key_side_a(&k), 1); /* ::100:a8c0 < 0:7123::a */
	ck_assert_mem_eq(r.addr_a, k.end[1].ip, 16);
	ck_assert_mem_eq(r.addr_b, k.end[0].ip, 16);
	ck_assert_uint_eq(r.port_a, 443);
	ck_assert_uint_eq(r.port_b, 1000);
	ck_assert_uint_eq(r.ip_version, 6);
	ck_assert_uint_eq(r.packets[1], 1);
	rig_close(rig);
}
END_TEST

START_TEST(equal_endpoints_count_as_a_to_b)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record r;

	for (unsigned i = 0; i < 4; i++)
		rig_packet(rig, 3, i & 1, TEST_EPOCH, 60);
	flow_record_fill(rig->t, 0, &r);
	ck_assert_uint_eq(r.packets[0], 4);
	ck_assert_uint_eq(r.packets[1], 0);
	ck_assert_mem_eq(r.addr_a, r.addr_b, 16);
	rig_close(rig);
}
END_TEST

/* UDP has no state; its client is who sent the first packet. */
START_TEST(udp_has_no_state_but_a_client)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record r;

	rig_packet(rig, 1, 1, TEST_EPOCH, 60);
	flow_record_fill(rig->t, 0, &r);
	ck_assert_uint_eq(r.tcp_state, 0);
	ck_assert_uint_eq(r.client, NSC_CLIENT_B);
	ck_assert_uint_eq(rig->t->hot[0].flags & FLOW_CLIENT_MASK, NSC_CLIENT_B);
	rig_close(rig);
}
END_TEST

/* Ascending, each differs from the one before in the first thing that decides. */
static unsigned make_ascending(struct nsc_flow_record r[16])
{
	struct nsc_flow_record base = { .first_seen_ns = 5,
					.proto = NSC_PROTO_SCTP,
					.ip_version = 4,
					.port_a = 9,
					.port_b = 9,
					.addr_a = { 1 },
					.addr_b = { 9 },
					.last_seen_ns = 900,
					.ended_ns = 900 };
	unsigned n = 0;

	r[n++] = base;
	base.packets[0] = 1; /* by nothing but what shows */
	r[n++] = base;
	base.ended_ns = 0x10000;
	base.packets[0] = 0;
	r[n++] = base;
	base.port_b = 256;
	base.ended_ns = 0;
	r[n++] = base;
	base.addr_b[15] = 1;
	base.port_b = 1;
	r[n++] = base;
	base.port_a = 257;
	base.addr_b[15] = 0;
	r[n++] = base;
	base.addr_a[3] = 200;
	base.port_a = 1;
	r[n++] = base;
	base.ip_version = 6;
	base.addr_a[3] = 0;
	r[n++] = base;
	base.proto = NSC_PROTO_TCP;
	base.ip_version = 4;
	r[n++] = base;
	base.proto = NSC_PROTO_UDP;
	base.addr_a[0] = 0;
	r[n++] = base;
	base.first_seen_ns = 256;
	base.proto = NSC_PROTO_SCTP;
	r[n++] = base;
	return n;
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

START_TEST(the_order_of_exports)
{
	struct nsc_flow_record r[16];
	int n = (int)make_ascending(r), wrong = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			wrong += sign(nsc_flow_record_compare(&r[i], &r[j])) != sign(i - j);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Bytes decide first, the larger number first; then the key, then first_seen; never "equal" for different records. */
START_TEST(the_order_of_top_flows)
{
	struct nsc_top_flow top[16] = { 0 };
	int wrong = 0;

	top[0].tick_bytes = 1000;
	for (unsigned i = 0; i < 16; i++)
		top[i].flow = (struct nsc_flow_record){ .first_seen_ns = 7, .proto = NSC_PROTO_TCP };
	top[0].flow.proto = NSC_PROTO_UDP; /* 1000 bytes; the rest has 300 */
	for (unsigned i = 1; i < 16; i++)
		top[i].tick_bytes = 300;
	top[1].flow.first_seen_ns = 6;
	top[3].flow.packets[0] = 1; /* the same but for what else shows */
	for (unsigned i = 4; i < 16; i++)
		top[i].flow.port_b = (uint16_t)(100 * i);
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 16; j++)
			wrong += sign(nsc_top_flow_compare(&top[i], &top[j])) != sign(i - j);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow record");
	TCase *tcase = tcase_create("record");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, an_ipv4_record);
	tcase_add_test(tcase, an_ipv6_record_has_all_sixteen_bytes);
	tcase_add_test(tcase, equal_endpoints_count_as_a_to_b);
	tcase_add_test(tcase, udp_has_no_state_but_a_client);
	tcase_add_test(tcase, the_order_of_exports);
	tcase_add_test(tcase, the_order_of_top_flows);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
