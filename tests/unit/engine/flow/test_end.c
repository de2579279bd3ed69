/* SPDX-License-Identifier: MIT
 *
 * The end of records: the sweep, the end of the input, the chunks that carry them off.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

START_TEST(the_sweep_expires_after_the_timeout_and_not_at_it)
{
	struct rig *rig = rig_open(rig_options(4));
	uint64_t border = TEST_EPOCH + rig->options.timeout_ns;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_sweep(rig, border, true);
	ck_assert_uint_eq(rig_held(rig), 1);
	ck_assert_uint_gt(rig_count(rig, NSC_C_FLOW_SWEPT), 0); /* it was there and let it be */
	for (uint64_t swept = rig_count(rig, NSC_C_FLOW_SWEPT); rig_count(rig, NSC_C_FLOW_SWEPT) == swept;)
		rig_sweep(rig, border += rig->options.timeout_ns / 8, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 1);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_TIMEOUT);
	ck_assert_uint_eq(rig->records.at[0].ended_ns, TEST_EPOCH + rig->options.timeout_ns);
	rig_close(rig);
}
END_TEST

START_TEST(the_sweep_expires_one_nanosecond_later)
{
	struct rig *rig = rig_open(rig_options(4));

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_sweep(rig, TEST_EPOCH + rig->options.timeout_ns + 1, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	rig_close(rig);
}
END_TEST

/* A step looks at 64 records, or at 256 when idle, and all of them have had their turn after a few steps. */
START_TEST(a_step_of_the_sweep_is_bounded_and_gets_round)
{
	static const struct {
		bool idle;
		uint32_t step;
	} way[] = { { false, 64 }, { true, 256 } };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(way); i++) {
		struct rig *rig = rig_open(rig_options(5000));
		uint64_t now = TEST_EPOCH + 11 * TEST_SECOND, most = 0;

		for (uint32_t flow = 0; flow < 5000; flow++)
			rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		for (uint32_t n = 0; n < 5000 / way[i].step + 1; n++) {
			uint64_t before = rig_count(rig, NSC_C_FLOW_SWEPT);

			rig_sweep(rig, now += TEST_SECOND, way[i].idle);
			most = NSC_MAX(most, rig_count(rig, NSC_C_FLOW_SWEPT) - before);
		}
		ck_assert_uint_eq(most, way[i].step);
		ck_assert_uint_eq(rig_held(rig), 0);
		ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_TIMEOUT), 5000);
		ck_assert_ptr_null(table_check(rig->t));
		rig_close(rig);
	}
}
END_TEST

/* With steps to spare, the sweep makes sixteen rounds of the table per timeout: work follows packet time. */
START_TEST(the_sweep_goes_sixteen_rounds_per_timeout)
{
	struct rig *rig = rig_open(rig_options(1000));
	uint64_t timeout = rig->options.timeout_ns, swept;

	for (uint32_t flow = 0; flow < 1000; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	for (unsigned i = 0; i < 32; i++) /* the first steps catch up with the start */
		rig_sweep(rig, TEST_EPOCH + i, false);
	for (unsigned i = 1; i <= 50; i++)
		rig_sweep(rig, TEST_EPOCH + i * (timeout / 500000), false);
	swept = rig_count(rig, NSC_C_FLOW_SWEPT);
	for (unsigned i = 1; i <= 1000; i++)
		rig_sweep(rig, TEST_EPOCH + i * (timeout / 1000), true);
	swept = rig_count(rig, NSC_C_FLOW_SWEPT) - swept;
	ck_assert_uint_ge(swept, 15000);
	ck_assert_uint_le(swept, 17000);
	rig_close(rig);
}
END_TEST

START_TEST(time_that_stands_or_runs_back_sweeps_nothing)
{
	struct rig *rig = rig_open(rig_options(4));
	uint64_t swept;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_sweep(rig, TEST_EPOCH, true);
	swept = rig_count(rig, NSC_C_FLOW_SWEPT);
	for (unsigned i = 0; i < 100; i++)
		rig_sweep(rig, TEST_EPOCH - i, true);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_SWEPT), swept);
	ck_assert_uint_eq(rig_held(rig), 1);
	rig_close(rig);
}
END_TEST

START_TEST(the_end_of_the_input)
{
	struct rig *rig = rig_open(rig_options(8));
	uint64_t end = TEST_EPOCH + rig->options.timeout_ns;

	rig_packet(rig, 1, 0, TEST_EPOCH - 1, 60); /* one nanosecond past its timeout at the end */
	rig_packet(rig, 0, 0, TEST_EPOCH, 60);     /* exactly at it */
	rig_packet(rig, 4, 0, TEST_EPOCH + 1, 60);
	rig_finish(rig, end);
	ck_assert_uint_eq(rig->records.n, 3);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_TIMEOUT);
	ck_assert_uint_eq(rig->records.at[0].ended_ns, end - 1);
	ck_assert_uint_eq(rig->records.at[1].end_reason, NSC_END_ACTIVE);
	ck_assert_uint_eq(rig->records.at[1].ended_ns, end);
	ck_assert_uint_eq(rig->records.at[2].end_reason, NSC_END_ACTIVE);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_REMAINED), 2);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_TIMEOUT), 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), 3);
	rig_close(rig);
}
END_TEST

/* `full` is asked for the first chunk, and again with the record that no longer fits, never before. */
START_TEST(a_chunk_is_handed_over_when_the_next_record_has_no_room)
{
	for (uint32_t more = 0; more < 2; more++) {
		struct rig *rig = rig_open(rig_options(3 * NSC_FLOW_CHUNK_RECORDS));
		uint32_t flows = 2 * NSC_FLOW_CHUNK_RECORDS + more;

		for (uint32_t flow = 0; flow < flows; flow++)
			rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		ck_assert_uint_eq(rig->full_calls, 0);
		nsc_flow_table_settle(rig->t, TEST_EPOCH + 20 * TEST_SECOND, false, &rig->counters, &rig->output);
		ck_assert_uint_eq(rig->full_calls, 2 + more);
		ck_assert_uint_eq(rig->chunk.n, more ? 1 : NSC_FLOW_CHUNK_RECORDS);
		ck_assert_uint_eq(rig->records.n, (1 + more) * NSC_FLOW_CHUNK_RECORDS);
		ck_assert_uint_eq(rig_count(rig, NSC_C_RECORD_SKIPPED), 0);
		rig_close(rig);
	}
}
END_TEST

START_TEST(without_a_chunk_records_are_skipped_and_counted)
{
	struct rig *rig = rig_open(rig_options(64));

	for (uint32_t flow = 0; flow < 30; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	rig->refuse = true;
	rig_sweep(rig, TEST_EPOCH + 20 * TEST_SECOND, true);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_TIMEOUT), 30);
	ck_assert_uint_eq(rig_count(rig, NSC_C_RECORD_SKIPPED), 30);
	ck_assert_uint_eq(rig->full_calls, 30); /* asked each time: there may be one again */
	rig->refuse = false;
	rig_packet(rig, 0, 0, TEST_EPOCH + 30 * TEST_SECOND, 60);
	rig_finish(rig, TEST_EPOCH + 30 * TEST_SECOND);
	ck_assert_uint_eq(rig->records.n, 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_RECORD_SKIPPED), 30);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), 31);
	rig_close(rig);
}
END_TEST

START_TEST(without_a_sink_nothing_is_made_and_nothing_is_skipped)
{
	struct rig *rig = rig_open(rig_options(64));

	rig->output = (struct nsc_flow_output){ 0 };
	for (uint32_t flow = 0; flow < 30; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	nsc_flow_table_settle(rig->t, TEST_EPOCH + 20 * TEST_SECOND, false, &rig->counters, &rig->output);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_TIMEOUT), 30);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), 30);
	ck_assert_uint_eq(rig_count(rig, NSC_C_RECORD_SKIPPED), 0);
	ck_assert_ptr_null(rig->output.chunk);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow end");
	TCase *tcase = tcase_create("end");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, the_sweep_expires_after_the_timeout_and_not_at_it);
	tcase_add_test(tcase, the_sweep_expires_one_nanosecond_later);
	tcase_add_test(tcase, a_step_of_the_sweep_is_bounded_and_gets_round);
	tcase_add_test(tcase, the_sweep_goes_sixteen_rounds_per_timeout);
	tcase_add_test(tcase, time_that_stands_or_runs_back_sweeps_nothing);
	tcase_add_test(tcase, the_end_of_the_input);
	tcase_add_test(tcase, a_chunk_is_handed_over_when_the_next_record_has_no_room);
	tcase_add_test(tcase, without_a_chunk_records_are_skipped_and_counted);
	tcase_add_test(tcase, without_a_sink_nothing_is_made_and_nothing_is_skipped);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
