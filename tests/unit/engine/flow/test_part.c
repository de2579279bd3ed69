/* SPDX-License-Identifier: MIT
 *
 * Parts of long flows, at their borders. That they add up for whole captures is in tests/property/parts.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

static struct rig *part_rig(void)
{
	struct nsc_flow_table_options options = rig_options(4);

	options.timeout_ns = 0;
	options.active_ns = 10 * TEST_SECOND;
	options.top_flows = 1;
	return rig_open(options);
}

START_TEST(a_packet_ends_a_part_after_the_timeout_and_not_at_it)
{
	struct rig *rig = part_rig();
	const struct nsc_flow_record *r;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 1, TEST_EPOCH + 10 * TEST_SECOND, 70);
	rig_sweep(rig, TEST_EPOCH + 15 * TEST_SECOND, true);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 0);
	rig_packet(rig, 0, 0, TEST_EPOCH + 10 * TEST_SECOND + 1, 100);
	rig_packet(rig, 0, 0, TEST_EPOCH + 40 * TEST_SECOND, 1000);
	rig_finish(rig, TEST_EPOCH + 60 * TEST_SECOND);
	ck_assert_uint_eq(rig->records.n, 3);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PARTS), 2);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), 4);
	r = rig->records.at;
	ck_assert_uint_eq(r[0].part, 0);
	ck_assert_uint_eq(r[0].end_reason, NSC_END_ACTIVE_TIMEOUT);
	ck_assert_uint_eq(r[0].ended_ns, TEST_EPOCH + 10 * TEST_SECOND);
	ck_assert_uint_eq(r[0].bytes[0] + r[0].bytes[1], 130);
	ck_assert_uint_eq(r[1].part, 1);
	ck_assert_uint_eq(r[1].packets[0], 1);
	ck_assert_uint_eq(r[1].packets[1], 0);
	ck_assert_uint_eq(r[1].bytes[0], 100);
	ck_assert_uint_eq(r[1].first_seen_ns, TEST_EPOCH + 10 * TEST_SECOND + 1);
	ck_assert_uint_eq(r[1].last_seen_ns, TEST_EPOCH + 10 * TEST_SECOND + 1);
	ck_assert_uint_eq(r[2].part, 2);
	ck_assert_uint_eq(r[2].end_reason, NSC_END_ACTIVE);
	ck_assert_uint_eq(r[2].bytes[0], 1000);
	rig_close(rig);
}
END_TEST

/* What looks at a flow while it lives sees all of it. */
START_TEST(views_have_the_whole_flow)
{
	static struct nsc_top_flow top[1];
	struct rig *rig = part_rig();

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 1, TEST_EPOCH + 20 * TEST_SECOND, 70);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + 21 * TEST_SECOND, &rig->counters, top), 1);
	ck_assert_uint_eq(top[0].flow.part, 1);
	ck_assert_uint_eq(top[0].flow.first_seen_ns, TEST_EPOCH);
	ck_assert_uint_eq(top[0].flow.last_seen_ns, TEST_EPOCH + 20 * TEST_SECOND);
	ck_assert_uint_eq(top[0].flow.packets[0] + top[0].flow.packets[1], 2);
	ck_assert_uint_eq(top[0].flow.tcp_flags[0], NSC_TCP_ACK);
	rig_close(rig);
}
END_TEST

/* A packet that is older than the one that began the part. */
START_TEST(late_packets_belong_to_the_part_in_which_they_come)
{
	struct rig *rig = part_rig();
	struct event late = { .ts_ns = TEST_EPOCH + TEST_SECOND, .clock_ns = TEST_EPOCH + 20 * TEST_SECOND, .len = 80 };

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 0, TEST_EPOCH + 2 * TEST_SECOND, 60);
	rig_burst(rig, &late, 1);
	rig_packet(rig, 0, 0, TEST_EPOCH + 21 * TEST_SECOND, 60);
	rig_finish(rig, TEST_EPOCH + 60 * TEST_SECOND);
	ck_assert_uint_eq(rig->records.n, 2);
	ck_assert_uint_eq(rig->records.at[0].last_seen_ns, TEST_EPOCH + 2 * TEST_SECOND);
	ck_assert_uint_eq(rig->records.at[1].first_seen_ns, TEST_EPOCH + TEST_SECOND);
	ck_assert_uint_eq(rig->records.at[1].last_seen_ns, TEST_EPOCH + 21 * TEST_SECOND);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("part");
	TCase *tcase = tcase_create("parts");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_packet_ends_a_part_after_the_timeout_and_not_at_it);
	tcase_add_test(tcase, views_have_the_whole_flow);
	tcase_add_test(tcase, late_packets_belong_to_the_part_in_which_they_come);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
