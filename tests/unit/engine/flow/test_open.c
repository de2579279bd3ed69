/* SPDX-License-Identifier: MIT
 *
 * Memory of the flow table: what it says it takes is what it takes, and growth is ready ahead.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Opens and closes; returns what open returned, and the bytes that the arena handed out. */
static int try_open(const struct nsc_flow_table_options *o, struct nsc_error *error, size_t *bytes)
{
	struct nsc_flow_table *t;
	struct nsc_arena *arena;
	int status;

	ck_assert_int_eq(nsc_arena_open(&arena, error), 0);
	status = nsc_flow_table_open(&t, o, arena, error);
	*bytes = nsc_arena_bytes(arena);
	nsc_arena_close(arena);
	return status;
}

START_TEST(refuses_what_it_cannot_hold)
{
	struct nsc_flow_table_options o = rig_options(0);
	struct nsc_error error = { "" };
	size_t bytes;

	ck_assert_int_eq(try_open(&o, &error, &bytes), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "not 0"));
	ck_assert_uint_eq(bytes, 0);
	o.max_flows = (1ull << 31) + 1;
	ck_assert_int_eq(try_open(&o, &error, &bytes), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "2147483649"));
	o.max_flows = 10;
	o.top_flows = NSC_TOP_MAX + 1;
	ck_assert_int_eq(try_open(&o, &error, &bytes), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "257"));
	ck_assert_ptr_nonnull(strstr(error.text, "top flows"));
}
END_TEST

START_TEST(a_fixed_table_takes_what_it_says)
{
	static const uint64_t max[] = { 1, 2, 7, 8, 9, 1000, 65536, 100000 };
	struct nsc_error error;
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(max); i++) {
		struct nsc_flow_table_options o = rig_options(max[i]);
		size_t bytes;

		wrong += try_open(&o, &error, &bytes) != 0 || bytes != nsc_flow_table_bytes(&o);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(a_fixed_table_has_a_bucket_for_at_most_eight)
{
	static const uint64_t max[] = { 1, 8, 9, 1000, 65536, 100000 };
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(max); i++) {
		struct rig *rig = rig_open(rig_options(max[i]));

		wrong += rig->t->n_buckets * 8 < max[i] || (rig->t->n_buckets > 1 && rig->t->n_buckets * 4 > max[i]);
		rig_close(rig);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Space for ten million flows is an address, not memory. */
START_TEST(a_table_that_grows_begins_small)
{
	struct nsc_flow_table_options o = rig_options(10000000);
	struct nsc_error error;
	size_t bytes;

	o.grow = true;
	ck_assert_int_eq(try_open(&o, &error, &bytes), 0);
	ck_assert_uint_eq(bytes, sizeof(struct nsc_flow_table));
	ck_assert_uint_eq(nsc_flow_table_bytes(&o), bytes + 65536 * sizeof(struct flow_bucket));
}
END_TEST

/* What a flow may cost: the budget for all analyses is 256. */
START_TEST(bytes_per_flow)
{
	struct nsc_flow_table_options o = rig_options(1000000);
	double fixed = nsc_flow_table_bytes_per_flow(&o), growing;

	o.grow = true;
	growing = nsc_flow_table_bytes_per_flow(&o);
	ck_assert(fixed > 128 && fixed < 149);
	ck_assert(growing > 128 && growing < 149);
	o.grow = false;
	ck_assert(fixed * 1000000 <= (double)nsc_flow_table_bytes(&o));
	ck_assert(fixed * 1000000 > 0.99 * (double)nsc_flow_table_bytes(&o));
}
END_TEST

/* Without anybody who makes memory ready, growth is late once, and works all the same. */
START_TEST(growth_that_is_late_is_counted_once)
{
	struct nsc_flow_table_options o = rig_options(100000);
	struct rig *rig;
	uint32_t ready;

	o.grow = true;
	rig = rig_open(o);
	ready = rig->t->ready_records;
	ck_assert_uint_ge(ready, 16384);
	for (uint32_t flow = 0; flow < ready; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 0);
	for (uint32_t flow = ready; flow < ready + 1000; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 1);
	ck_assert_uint_eq(rig_held(rig), ready + 1000);
	rig_close(rig);
}
END_TEST

/* Tails and counts of TCP: a first piece at the start, everything with the first flow that has some. */
START_TEST(what_is_rare_is_made_ready_when_it_comes)
{
	struct nsc_flow_table_options o = rig_options(200000);
	struct rig *rig;

	o.analyses = NSC_ANALYSIS_ALL;
	rig = rig_open(o);
	while (nsc_flow_table_prepare(rig->t))
		;
	ck_assert_uint_eq(rig->t->ready_tails, (2u << 20) / sizeof(struct flow_tail));
	ck_assert_uint_eq(rig->t->ready_counts, (2u << 20) / sizeof(struct flow_tcp_counts));
	flow_counts(rig->t, 0)->lost++;
	while (nsc_flow_table_prepare(rig->t))
		;
	ck_assert_uint_eq(rig->t->ready_counts, 200000);
	ck_assert_uint_lt(rig->t->ready_tails, 200000);
	rig_close(rig);
	o.grow = true;
	rig = rig_open(o);
	while (nsc_flow_table_prepare(rig->t))
		;
	ck_assert_uint_eq(rig->t->ready_tails + rig->t->ready_counts, 0);
	flow_counts(rig->t, 0)->lost++;
	while (nsc_flow_table_prepare(rig->t))
		;
	ck_assert_uint_ge(rig->t->ready_counts, rig->t->ready_records);
	ck_assert_uint_eq(rig->t->ready_tails, 0);
	rig_close(rig);
}
END_TEST

/* A table at its cap takes no new memory, so nothing can be late. */
START_TEST(a_full_table_is_not_late)
{
	struct nsc_flow_table_options o = rig_options(1000);
	struct rig *rig;

	o.grow = true;
	rig = rig_open(o);
	for (uint32_t flow = 0; flow < 3000; flow++) {
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		nsc_flow_table_prepare(rig->t);
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 2000);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 0);
	rig_close(rig);
}
END_TEST

START_TEST(prepare_runs_ahead_and_then_rests)
{
	struct nsc_flow_table_options o = rig_options(100000);
	struct rig *rig;

	o.grow = true;
	rig = rig_open(o);
	ck_assert(!nsc_flow_table_prepare(rig->t));
	for (uint32_t flow = 0; flow < 100000; flow++) {
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		if (flow % 1000 == 0)
			nsc_flow_table_prepare(rig->t);
	}
	while (nsc_flow_table_prepare(rig->t))
		continue;
	ck_assert_uint_eq(rig->t->ready_records, 100000);
	ck_assert_uint_ge(rig->t->ready_buckets, rig->t->n_buckets);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 0);
	rig_close(rig);
}
END_TEST

static bool page_is_present(const void *at)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned char present = 0;

	return !mincore((void *)((uintptr_t)at / page * page), 1, &present) && present & 1;
}

/* A file with few flows does not pay for a table that could hold more: fixed, or grown. */
START_TEST(few_flows_take_little_of_a_table_made_ready_ahead)
{
	struct nsc_flow_table_options o = rig_options(100000);

	o.ahead = true;
	o.analyses = NSC_ANALYSIS_ALL;
	for (unsigned grow = 0; grow < 2; grow++) {
		struct rig *rig;

		o.grow = grow;
		rig = rig_open(o);
		for (uint32_t flow = 0; flow < 2000; flow++) {
			rig_packet(rig, flow, 0, TEST_EPOCH, 60);
			while (nsc_flow_table_prepare(rig->t))
				;
		}
		ck_assert_uint_eq(rig->t->ready_records, 4096);
		ck_assert(page_is_present(&rig->t->tcp[4095]));
		ck_assert(!page_is_present(&rig->t->hot[4096]));
		for (uint32_t flow = 2000; flow < 100000; flow++) {
			rig_packet(rig, flow, 0, TEST_EPOCH, 60);
			while (nsc_flow_table_prepare(rig->t))
				;
		}
		ck_assert_uint_eq(rig_held(rig), 100000);
		ck_assert_uint_eq(rig->t->ready_records, 100000);
		ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 0);
		rig_close(rig);
	}
}
END_TEST

/* Piece by piece: half of a quarter of what is in use, at least, once the worker took much between two looks. */
START_TEST(a_fast_worker_has_more_ready)
{
	struct nsc_flow_table_options o = rig_options(500000);
	struct rig *rig;
	uint32_t flow = 0, before;

	o.grow = true;
	rig = rig_open(o);
	for (; flow < 260000; flow++) {
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		while (flow % 1000 == 0 && nsc_flow_table_prepare(rig->t))
			continue;
	}
	for (; flow < 300000; flow++)
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
	do {
		before = rig->t->ready_records;
	} while (nsc_flow_table_prepare(rig->t) &&
		 rig->t->ready_records - before <= (2u << 20) / sizeof(struct flow_hot));
	ck_assert_uint_eq(rig->t->ready_records, before);
	ck_assert_uint_ge(before, 300000 + 300000 / 8);
	rig_close(rig);
}
END_TEST

START_TEST(a_fixed_table_has_nothing_to_prepare)
{
	struct rig *rig = rig_open(rig_options(1000));

	ck_assert(!nsc_flow_table_prepare(rig->t));
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow open");
	TCase *tcase = tcase_create("open");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, refuses_what_it_cannot_hold);
	tcase_add_test(tcase, a_fixed_table_takes_what_it_says);
	tcase_add_test(tcase, a_fixed_table_has_a_bucket_for_at_most_eight);
	tcase_add_test(tcase, a_table_that_grows_begins_small);
	tcase_add_test(tcase, bytes_per_flow);
	tcase_add_test(tcase, growth_that_is_late_is_counted_once);
	tcase_add_test(tcase, what_is_rare_is_made_ready_when_it_comes);
	tcase_add_test(tcase, a_full_table_is_not_late);
	tcase_add_test(tcase, prepare_runs_ahead_and_then_rests);
	tcase_add_test(tcase, few_flows_take_little_of_a_table_made_ready_ahead);
	tcase_add_test(tcase, a_fast_worker_has_more_ready);
	tcase_add_test(tcase, a_fixed_table_has_nothing_to_prepare);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
