/* SPDX-License-Identifier: MIT
 *
 * Top flows are exact: at each tick they equal a sort of all flows of the tick. And cutting the candidates costs
 * n log n comparisons for any order of packets: top.c is compiled in here, to count them.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

static uint32_t compared;

static int counting_compare(const struct nsc_top_flow *x, const struct nsc_top_flow *y)
{
	compared++;
	return nsc_top_flow_compare(x, y);
}

#define nsc_top_flow_compare counting_compare
#include "engine/flow/top.c" /* NOLINT(bugprone-suspicious-include): its comparisons are counted */
#undef nsc_top_flow_compare

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

/* --- the cost of a cut ------------------------------------------------------------------------ */

#define CUT (2 * NSC_TOP_MAX) /* candidates when the set is full */

static const struct order {
	const char *name;
	enum { FIRST, MIDDLE, LAST, MEDIAN } pivot;         /* of quickselect_killer; MEDIAN: of these three */
	void (*make)(const struct order *, uint32_t *rank); /* a permutation of 0..CUT - 1, or equal numbers */
} order_table[];

static void ascending(const struct order *o, uint32_t *rank)
{
	(void)o;
	for (uint32_t i = 0; i < CUT; i++)
		rank[i] = i;
}

static void descending(const struct order *o, uint32_t *rank)
{
	(void)o;
	for (uint32_t i = 0; i < CUT; i++)
		rank[i] = CUT - 1 - i;
}

static void all_equal(const struct order *o, uint32_t *rank)
{
	(void)o;
	memset(rank, 0, CUT * sizeof(*rank));
}

static void organ_pipe(const struct order *o, uint32_t *rank)
{
	(void)o;
	for (uint32_t i = 0; i < CUT; i++)
		rank[i] = i < CUT / 2 ? 2 * i : 2 * (CUT - 1 - i) + 1;
}

static void sawtooth(const struct order *o, uint32_t *rank)
{
	(void)o;
	for (uint32_t i = 0; i < CUT; i++)
		rank[i] = i * 43 % CUT;
}

/* McIlroy, "A killer adversary for quicksort" (1999): it decides the order of two items only when they are compared,
 * and always so that the pivot turns out to be among the worst. Item i is gas until rank[i] is below CUT. */
struct adversary {
	uint32_t rank[CUT];
	uint32_t solid, candidate;
};

/* Does item x come before item y, the better one first? */
static bool adversary_before(struct adversary *a, uint32_t x, uint32_t y)
{
	if (a->rank[x] == CUT && a->rank[y] == CUT)
		a->rank[x == a->candidate ? x : y] = a->solid++;
	if (a->rank[x] == CUT)
		a->candidate = x;
	else if (a->rank[y] == CUT)
		a->candidate = y;
	return a->rank[x] < a->rank[y];
}

static void swap_items(uint32_t *item, uint32_t i, uint32_t j)
{
	uint32_t held = item[i];

	item[i] = item[j];
	item[j] = held;
}

static uint32_t pivot_of(const struct order *o, struct adversary *a, const uint32_t *item, uint32_t low, uint32_t high)
{
	uint32_t middle = low + (high - low) / 2, last = high - 1;

	if (o->pivot != MEDIAN)
		return o->pivot == FIRST ? low : o->pivot == MIDDLE ? middle : last;
	if (adversary_before(a, item[low], item[middle]) != adversary_before(a, item[low], item[last]))
		return low;
	if (adversary_before(a, item[middle], item[low]) != adversary_before(a, item[middle], item[last]))
		return middle;
	return last;
}

/* The order that a quickselect of the best half with this pivot cannot bear: it is run against the adversary. */
static void quickselect_killer(const struct order *o, uint32_t *rank)
{
	struct adversary a = { .candidate = CUT };
	uint32_t item[CUT], low = 0, high = CUT;

	for (uint32_t i = 0; i < CUT; i++) {
		item[i] = i;
		a.rank[i] = CUT;
	}
	while (high - low > 1 && low < CUT / 2) {
		uint32_t edge = low;

		swap_items(item, pivot_of(o, &a, item, low, high), high - 1);
		for (uint32_t i = low; i < high - 1; i++)
			if (adversary_before(&a, item[i], item[high - 1]))
				swap_items(item, i, edge++);
		swap_items(item, edge, high - 1);
		if (edge == CUT / 2 || edge + 1 == CUT / 2)
			break;
		if (edge > CUT / 2)
			high = edge;
		else
			low = edge + 1;
	}
	for (uint32_t i = 0; i < CUT; i++)
		rank[i] = CUT - 1 - (a.rank[i] == CUT ? a.solid++ : a.rank[i]); /* the best has most bytes */
}

static const struct order order_table[] = {
	{ .name = "ascending", .make = ascending },
	{ .name = "descending", .make = descending },
	{ .name = "all equal", .make = all_equal },
	{ .name = "organ pipe", .make = organ_pipe },
	{ .name = "sawtooth", .make = sawtooth },
	{ "killer of the first", FIRST, quickselect_killer },
	{ "killer of the middle", MIDDLE, quickselect_killer },
	{ "killer of the last", LAST, quickselect_killer },
	{ "killer of the median of three", MEDIAN, quickselect_killer },
};

/* At most 2 N to make a heap of the wanted N, and 17 for each other candidate; then as much to sort them. A quickselect
 * around the middle took 98,431 for its killer. */
START_TEST(no_order_makes_a_cut_slow)
{
	const struct order *o = &order_table[_i];
	struct nsc_flow_table_options options = rig_options(2 * CUT);
	struct nsc_top_flow top[NSC_TOP_MAX];
	uint32_t rank[CUT];
	struct rig *rig;

	options.top_flows = NSC_TOP_MAX;
	rig = rig_open(options);
	o->make(o, rank);
	for (uint32_t i = 0; i < CUT; i++)
		rig_packet(rig, i, 0, TEST_EPOCH, 100 + rank[i]);
	ck_assert_uint_eq(rig->t->top.n, CUT);
	compared = 0;
	rig_packet(rig, CUT, 0, TEST_EPOCH, 60); /* one too many: cuts, and is the worst of all */
	ck_assert_uint_eq(rig->t->top.n, NSC_TOP_MAX + 1);
	ck_assert_msg(compared <= 19 * NSC_TOP_MAX, "%s: %u comparisons", o->name, compared);
	ck_assert_uint_eq(nsc_flow_table_tick(rig->t, TEST_EPOCH + TEST_SECOND, &rig->counters, top), NSC_TOP_MAX);
	ck_assert_msg(compared <= 40 * NSC_TOP_MAX, "%s: %u comparisons with the close", o->name, compared);
	for (uint32_t i = 0; i < NSC_TOP_MAX; i++)
		ck_assert_uint_eq(top[i].tick_bytes, o->make == all_equal ? 100 : 100 + CUT - 1 - i);
	rig_close(rig);
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
	tcase_add_loop_test(tcase, no_order_makes_a_cut_slow, 0, (int)NSC_ARRAY_LEN(order_table));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
