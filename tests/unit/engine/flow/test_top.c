/* SPDX-License-Identifier: MIT
 *
 * Top flows are exact: at each tick they equal a sort of all flows of the tick.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

struct top_case {
	uint32_t wanted, n_keys, lengths;
	uint64_t timeout_ns, tick_ns;
};

/* Few lengths make ties; a timeout shorter than the tick makes flows end inside it; 3000 keys are more than 2 N. */
static const struct top_case top_case[] = {
	{ 1, 8, 1, 100000, 4000 },        { 1, 3000, 2, 100000, 60000 },     { 10, 64, 1, 1000, 20000 },
	{ 10, 3000, 3, 100000, 60000 },   { 10, 3000, 1400, 2000, 30000 },   { 256, 300, 2, 100000, 60000 },
	{ 256, 3000, 2, 100000, 200000 }, { 256, 3000, 1400, 3000, 200000 }, { 3, 24, 1, 500, 5000 },
};

START_TEST(equal_a_sort_of_all_flows)
{
	const struct top_case *c = &top_case[_i];
	struct traffic t = { .n_keys = c->n_keys,
			     .timeout_ns = c->timeout_ns,
			     .step_ns = 60,
			     .lengths = c->lengths,
			     .seed = (uint64_t)_i };
	struct nsc_flow_table_options o = { .max_flows = c->n_keys,
					    .timeout_ns = c->timeout_ns,
					    .tick_ns = c->tick_ns,
					    .top_flows = c->wanted,
					    .seed = test_seed };
	struct event *event = traffic_make(&t, 10000);
	struct plan plan = { .seed = 1, .sweep = SWEEP_SOMETIMES };
	char why[200];
	int wrong = trial_run(&o, event, 10000, c->n_keys, plan, why);

	free(event);
	ck_assert_msg(!wrong, "case %d: %s", _i, why);
}
END_TEST

START_TEST(none_wanted)
{
	struct nsc_flow_table_options o = rig_options(8);
	struct nsc_top_flow top[1];
	struct rig *rig = rig_open(o);

	rig_packet(rig, 0, 0, TEST_EPOCH, 1500);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, top), 0);
	ck_assert_uint_eq(rig->t->top.n, 0);
	rig_close(rig);
}
END_TEST

/* A flow that left the candidates comes back with a later packet; bytes of an earlier tick do not count. */
START_TEST(a_flow_comes_back_with_its_last_packet)
{
	struct nsc_flow_table_options o = rig_options(100);
	struct nsc_top_flow top[NSC_TOP_MAX];
	struct rig *rig;

	o.top_flows = 2;
	rig = rig_open(o);
	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	for (uint32_t flow = 1; flow < 60; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 100 + flow);
	ck_assert_uint_eq(rig->t->hot[0].flags & FLOW_IN_TOP, 0);
	rig_packet(rig, 0, 1, TEST_EPOCH, 1000);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, top), 2);
	ck_assert_uint_eq(top[0].tick_bytes, 1060);
	ck_assert_uint_eq(top[1].tick_bytes, 159);
	rig_packet(rig, 0, 1, TEST_EPOCH + TEST_SECOND, 70);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + 2 * TEST_SECOND, &rig->counters, top), 1);
	ck_assert_uint_eq(top[0].tick_bytes, 70);
	ck_assert_uint_eq(top[0].flow.bytes[0] + top[0].flow.bytes[1], 1130);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + 3 * TEST_SECOND, &rig->counters, top), 0);
	rig_close(rig);
}
END_TEST

/* Every way to end inside the tick leaves a copy with its last state; its place in the table may have a new flow. */
START_TEST(a_flow_that_ended_in_the_tick_keeps_its_place)
{
	struct nsc_flow_table_options o = rig_options(1);
	struct nsc_top_flow top[NSC_TOP_MAX];
	struct rig *rig;

	o.top_flows = 5;
	o.timeout_ns = 1000;
	rig = rig_open(o);
	rig_packet(rig, 0, 0, TEST_EPOCH, 500);        /* expires at look-up */
	rig_packet(rig, 0, 0, TEST_EPOCH + 2000, 400); /* expires in the sweep */
	rig_sweep(rig, TEST_EPOCH + 4000, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	rig_packet(rig, 8, 0, TEST_EPOCH + 4000, 300); /* is evicted */
	rig_packet(rig, 16, 0, TEST_EPOCH + 4000, 200);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, top), 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(top[i].tick_bytes, 500 - 100 * i);
		ck_assert_uint_eq(top[i].flow.bytes[0] + top[i].flow.bytes[1], 500 - 100 * i);
		ck_assert_uint_eq(top[i].flow.addr_a[3], i < 2 ? 0 : i - 1);
		ck_assert_uint_eq(top[i].flow.ended_ns, 0);
	}
	rig_close(rig);
}
END_TEST

/* Two connections of one 5-tuple that begin in the same nanosecond with as many bytes: the order is still one. */
START_TEST(records_of_one_key_in_one_nanosecond)
{
	struct nsc_flow_table_options o = rig_options(8);
	struct nsc_top_flow top[2][NSC_TOP_MAX];
	struct event e = { .ts_ns = TEST_EPOCH, .clock_ns = TEST_EPOCH, .len = 60, .flags = NSC_TCP_SYN };

	o.top_flows = 4;
	for (unsigned i = 0; i < 2; i++) { /* once alone, once behind another candidate */
		struct rig *rig = rig_open(o);

		for (unsigned j = 0; j < 3 * i; j++)
			rig_packet(rig, 1 + 8 * j, 0, TEST_EPOCH, 60);
		e.len = 60;
		e.seq = 1;
		rig_burst(rig, &e, 1);
		e.seq = 2;
		e.len = 30;
		rig_burst(rig, &e, 1);
		rig_burst(rig, &e, 1);
		ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, top[i]),
				  i ? 4 : 2);
		rig_close(rig);
	}
	ck_assert_mem_eq(top[0], top[1], 2 * sizeof(top[0][0]));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow top");
	TCase *tcase = tcase_create("top");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, equal_a_sort_of_all_flows, 0, (int)NSC_ARRAY_LEN(top_case));
	tcase_add_test(tcase, none_wanted);
	tcase_add_test(tcase, a_flow_comes_back_with_its_last_packet);
	tcase_add_test(tcase, a_flow_that_ended_in_the_tick_keeps_its_place);
	tcase_add_test(tcase, records_of_one_key_in_one_nanosecond);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
