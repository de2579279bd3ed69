/* SPDX-License-Identifier: MIT
 *
 * The end of the run, record by record: what settle and drain give is what finish gives, and it comes in export order.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

#define EVENTS 20000u

/* Records that have been recycled and time that runs back (the usual traffic), or flows that begin one after the other.
 */
static struct event *make_events(const struct traffic *t, bool in_order)
{
	struct event *event = traffic_make(t, EVENTS);

	for (uint32_t i = 0; in_order && i < EVENTS; i++) {
		event[i].flow = i % t->n_keys;
		event[i].ts_ns = event[i].clock_ns = TEST_EPOCH + i;
		event[i].flags = NSC_TCP_ACK;
	}
	return event;
}

static struct rig *run(const struct traffic *t, const struct event *event)
{
	struct rig *rig = rig_open((struct nsc_flow_table_options){
		.max_flows = t->n_keys, .timeout_ns = t->timeout_ns, .tick_ns = TEST_SECOND, .seed = test_seed });

	for (uint32_t i = 0; i + 32 <= EVENTS; i += 32) {
		rig_burst(rig, &event[i], 32);
		rig_sweep(rig, event[i + 31].clock_ns, true);
	}
	return rig;
}

/* Drains by random pieces; returns how many records came, and counts what is out of order. */
static size_t drain(struct rig *rig, uint64_t *unordered)
{
	struct nsc_flow_record piece[70];
	struct rng rng = { 3 };
	size_t before = rig->records.n, first = before;
	uint32_t n;

	while ((n = nsc_flow_table_drain(rig->t, piece, 1 + (uint32_t)rng_below(&rng, NSC_ARRAY_LEN(piece)))) > 0)
		records_add(&rig->records, piece, n);
	for (size_t i = first + 1; i < rig->records.n; i++)
		*unordered += nsc_flow_record_compare(&rig->records.at[i - 1], &rig->records.at[i]) >= 0;
	return rig->records.n - before;
}

static bool same_records(struct rig *x, struct rig *y)
{
	if (x->records.n != y->records.n)
		return false;
	qsort(x->records.at, x->records.n, sizeof(*x->records.at), compare_record_bytes);
	qsort(y->records.at, y->records.n, sizeof(*y->records.at), compare_record_bytes);
	return !memcmp(x->records.at, y->records.at, x->records.n * sizeof(*x->records.at));
}

static const struct traffic kinds[] = {
	{ .n_keys = 3000, .timeout_ns = 300000, .step_ns = 60, .lengths = 4, .seed = 21 },
	{ .n_keys = 3000, .timeout_ns = 30000000, .step_ns = 1, .lengths = 4, .seed = 22 }, /* many at one nanosecond */
	{ .n_keys = 5, .timeout_ns = 1000, .step_ns = 60, .lengths = 4, .seed = 23 },
};

static void check_kind(const struct traffic *t, bool in_order)
{
	struct event *event = make_events(t, in_order);
	struct rig *whole = run(t, event), *bit = run(t, event);
	uint64_t end = event[EVENTS - 1].clock_ns + t->timeout_ns / 2, unordered = 0;
	size_t drained;
	bool same;

	rig_finish(whole, end);
	nsc_flow_table_settle(bit->t, end, true, &bit->counters, &bit->output);
	rig_collect(bit);
	drained = drain(bit, &unordered);
	same = same_records(whole, bit);
	ck_assert_uint_eq(unordered, 0);
	ck_assert_uint_eq(drained, rig_count(bit, NSC_C_FLOW_REMAINED));
	ck_assert_uint_gt(drained, 0);
	ck_assert_uint_eq(bit->t->displaced_end != 0, !in_order); /* who is in order is not sorted */
	ck_assert_mem_eq(&whole->counters, &bit->counters, sizeof(whole->counters));
	ck_assert(same);
	rig_close(whole);
	rig_close(bit);
	free(event);
}

START_TEST(settle_and_drain_give_what_finish_gives)
{
	check_kind(&kinds[_i], false);
}
END_TEST

START_TEST(flows_in_order_need_no_sort)
{
	check_kind(&kinds[_i], true);
}
END_TEST

START_TEST(without_drain_the_rest_is_only_counted)
{
	struct event *event = make_events(&kinds[0], false);
	struct rig *rig = run(&kinds[0], event);
	struct nsc_flow_record record;

	nsc_flow_table_settle(rig->t, event[EVENTS - 1].clock_ns, false, &rig->counters, &rig->output);
	ck_assert_uint_eq(nsc_flow_table_drain(rig->t, &record, 1), 0);
	ck_assert_uint_gt(rig_count(rig, NSC_C_FLOW_REMAINED), 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), EVENTS / 32 * 32);
	rig_close(rig);
	free(event);
}
END_TEST

START_TEST(an_empty_table)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record record;

	nsc_flow_table_settle(rig->t, TEST_EPOCH, true, &rig->counters, &rig->output);
	ck_assert_uint_eq(nsc_flow_table_drain(rig->t, &record, 1), 0);
	ck_assert_uint_eq(rig->full_calls, 0);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow drain");
	TCase *tcase = tcase_create("drain");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, settle_and_drain_give_what_finish_gives, 0, (int)NSC_ARRAY_LEN(kinds));
	tcase_add_loop_test(tcase, flows_in_order_need_no_sort, 0, (int)NSC_ARRAY_LEN(kinds));
	tcase_add_test(tcase, without_drain_the_rest_is_only_counted);
	tcase_add_test(tcase, an_empty_table);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
