/* SPDX-License-Identifier: MIT
 *
 * Names as the outputs spell them.
 */
#include "netscope/flow.h"

#include <check.h>
#include <stdlib.h>

START_TEST(states)
{
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_UNKNOWN), "unknown");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_SYN_SENT), "syn_sent");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_SYN_ACK), "syn_ack");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_ESTABLISHED), "established");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_FIN_WAIT), "fin_wait");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_CLOSED), "closed");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_RESET), "reset");
	ck_assert_str_eq(nsc_tcp_state_name(NSC_TCP_STATE_COUNT), "?");
	ck_assert_str_eq(nsc_tcp_state_name(UINT32_MAX), "?");
}
END_TEST

START_TEST(reasons)
{
	ck_assert_str_eq(nsc_end_reason_name(NSC_END_ACTIVE), "active");
	ck_assert_str_eq(nsc_end_reason_name(NSC_END_TIMEOUT), "timeout");
	ck_assert_str_eq(nsc_end_reason_name(NSC_END_EVICTED), "evicted");
	ck_assert_str_eq(nsc_end_reason_name(NSC_END_REUSED), "reused");
	ck_assert_str_eq(nsc_end_reason_name(NSC_END_COUNT), "?");
}
END_TEST

START_TEST(protocols)
{
	ck_assert_str_eq(nsc_proto_name(NSC_PROTO_TCP), "tcp");
	ck_assert_str_eq(nsc_proto_name(NSC_PROTO_UDP), "udp");
	ck_assert_str_eq(nsc_proto_name(NSC_PROTO_SCTP), "sctp");
	ck_assert_str_eq(nsc_proto_name(NSC_PROTO_ICMP), "icmp");
	ck_assert_str_eq(nsc_proto_name(NSC_PROTO_ICMPV6), "icmpv6");
	ck_assert_str_eq(nsc_proto_name(47), "?");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow names");
	TCase *tcase = tcase_create("names");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, states);
	tcase_add_test(tcase, reasons);
	tcase_add_test(tcase, protocols);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
