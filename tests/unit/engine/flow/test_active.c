/* SPDX-License-Identifier: MIT
 *
 * Active flows: counted by the bucket of time of the last packet, the same whatever the sweep has found.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

static uint64_t close_tick(struct rig *rig, uint64_t next_ns)
{
	static struct nsc_top_flow top[NSC_TOP_MAX];

	nsc_flow_table_tick(rig->t, next_ns, &rig->counters, top);
	return rig_count(rig, NSC_C_FLOW_ACTIVE);
}

/* Timeout of 10 ticks: active in the tick of its last packet and in ten more. */
START_TEST(a_flow_is_active_until_its_bucket_leaves_the_window)
{
	struct rig *rig = rig_open(rig_options(4));
	unsigned wrong = 0;

	rig_packet(rig, 0, 0, TEST_EPOCH + TEST_SECOND - 1, 60);
	for (uint64_t tick = 1; tick <= 20; tick++)
		wrong += close_tick(rig, TEST_EPOCH + tick * TEST_SECOND) != (tick <= 11);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(rig_held(rig), 1);
	rig_close(rig);
}
END_TEST

START_TEST(the_border_of_a_tick_belongs_to_the_next)
{
	struct rig *rig = rig_open(rig_options(4));

	rig_packet(rig, 0, 0, TEST_EPOCH, 60); /* bucket 0 */
	close_tick(rig, TEST_EPOCH + TEST_SECOND);
	rig_packet(rig, 1, 0, TEST_EPOCH + TEST_SECOND, 60); /* bucket 1 */
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 10 * TEST_SECOND), 2);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 11 * TEST_SECOND), 2);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 12 * TEST_SECOND), 1);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 13 * TEST_SECOND), 0);
	rig_close(rig);
}
END_TEST

START_TEST(a_packet_moves_its_flow_and_counts_it_once)
{
	struct rig *rig = rig_open(rig_options(4));
	unsigned wrong = 0;

	for (uint64_t tick = 0; tick < 40; tick++) {
		for (unsigned i = 0; i < 3; i++)
			rig_packet(rig, 0, i & 1, TEST_EPOCH + tick * TEST_SECOND + 100 * i, 60);
		wrong += close_tick(rig, TEST_EPOCH + (tick + 1) * TEST_SECOND) != 1;
	}
	ck_assert_uint_eq(wrong, 0);
	rig_close(rig);
}
END_TEST

/* Eviction and reuse take a flow out at once; expiry does not ask whether the sweep was there. */
START_TEST(the_end_of_a_record)
{
	struct rig *rig = rig_open(rig_options(1));
	struct event syn = { .ts_ns = TEST_EPOCH, .clock_ns = TEST_EPOCH, .len = 60, .flags = NSC_TCP_SYN };

	rig_packet(rig, 8, 0, TEST_EPOCH, 60);
	for (uint32_t seq = 0; seq < 5; seq++) { /* evicts, then begins again and again */
		syn.seq = seq;
		rig_burst(rig, &syn, 1);
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), 6);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_REUSED), 4);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 10 * TEST_SECOND), 1);
	rig_sweep(rig, TEST_EPOCH + 10 * TEST_SECOND + 1, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 11 * TEST_SECOND), 1);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 12 * TEST_SECOND), 0);
	rig_close(rig);
}
END_TEST

START_TEST(without_a_timeout_all_flows_are_active)
{
	struct nsc_flow_table_options o = rig_options(100);
	struct rig *rig;

	o.timeout_ns = 0;
	rig = rig_open(o);
	for (uint32_t flow = 0; flow < 100; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH + flow * TEST_SECOND, 60);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 100000 * TEST_SECOND), 100);
	ck_assert_uint_eq(close_tick(rig, TEST_EPOCH + 100001 * TEST_SECOND), 100);
	rig_close(rig);
}
END_TEST

/* More ticks than there are buckets: a bucket takes several, and the window still covers the timeout. */
START_TEST(a_long_timeout_has_wider_buckets)
{
	static const uint64_t ticks[] = { 1, 1023, 1024, 1025, 2047, 2048, 1000000, 86400000 };
	struct flow_active active;
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(ticks); i++) {
		uint64_t timeout = ticks[i] * 1000 + 999, width;

		flow_active_init(&active, timeout, 1000);
		width = active.width_ns;
		wrong += width % 1000 != 0 || active.window > ACTIVE_WINDOW_MAX;
		wrong += (uint64_t)active.window * width <= timeout;          /* all of the timeout */
		wrong += (uint64_t)(active.window - 1) * width > timeout;     /* and less than a bucket more */
		wrong += width > 1000 && (width - 1000) * 1024 > timeout + 1; /* no wider than needed */
	}
	flow_active_init(&active, 1023 * 1000, 1000);
	wrong += active.width_ns != 1000;
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

struct active_case {
	uint64_t timeout_ns, tick_ns;
};

static const struct active_case active_case[] = { { 1000, 100 },  { 1000, 333 }, { 1000, 1000 }, { 1000, 1001 },
						  { 1000, 5000 }, { 50000, 10 }, { 20000, 7 },   { 1, 1 } };

START_TEST(equals_a_naive_count)
{
	const struct active_case *c = &active_case[_i];
	struct traffic t = { .n_keys = 40,
			     .timeout_ns = c->timeout_ns,
			     .step_ns = c->tick_ns / 5 + 1,
			     .lengths = 2,
			     .seed = 77 + (uint64_t)_i };
	struct nsc_flow_table_options o = {
		.max_flows = 40, .timeout_ns = c->timeout_ns, .tick_ns = c->tick_ns, .seed = test_seed
	};
	struct event *event = traffic_make(&t, 4000);
	struct plan plan = { .seed = 9 };
	char why[200] = "";
	int wrong = 0;

	for (plan.sweep = SWEEP_NEVER; plan.sweep <= SWEEP_HARD && !wrong; plan.sweep++)
		wrong = trial_run(&o, event, 4000, t.n_keys, plan, why);
	free(event);
	ck_assert_msg(!wrong, "case %d: %s", _i, why);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow active");
	TCase *tcase = tcase_create("active");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_flow_is_active_until_its_bucket_leaves_the_window);
	tcase_add_test(tcase, the_border_of_a_tick_belongs_to_the_next);
	tcase_add_test(tcase, a_packet_moves_its_flow_and_counts_it_once);
	tcase_add_test(tcase, the_end_of_a_record);
	tcase_add_test(tcase, without_a_timeout_all_flows_are_active);
	tcase_add_test(tcase, a_long_timeout_has_wider_buckets);
	tcase_add_loop_test(tcase, equals_a_naive_count, 0, (int)NSC_ARRAY_LEN(active_case));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
