/* SPDX-License-Identifier: MIT
 *
 * The merge of runs in memory: no run, empty runs, runs that follow one another, the largest key.
 */
#include "backends/sinks/run_merge.h"

#include "records.h"

enum { RUNS = 5 };

static struct nsc_flow_record record[RUNS][4];
static struct nsc_run run[RUNS];
static struct nsc_run_top top[RUNS];

/* Merges runs whose first_seen_ns are given, 0 ends a run; returns the times in one number, two digits each. */
static uint64_t merged(const uint64_t times[RUNS][4])
{
	struct nsc_run_merge merge = { .fd = -1, .window_records = 1, .top = top, .run = run, .n = RUNS };
	const struct nsc_flow_record *next;
	uint64_t seen = 0;

	for (unsigned i = 0; i < RUNS; i++) {
		unsigned n = 0;

		for (; n < 4 && times[i][n]; n++)
			record[i][n].first_seen_ns = times[i][n];
		run[i] = (struct nsc_run){ .next = record[i], .end = record[i] + n };
	}
	ck_assert_int_eq(nsc_run_merge_begin(&merge, NULL), 0);
	while (!nsc_run_merge_next(&merge, &next, NULL) && next)
		seen = seen * 100 + next->first_seen_ns % 100;
	ck_assert_int_eq(nsc_run_merge_next(&merge, &next, NULL), 0); /* the end stays the end */
	ck_assert_ptr_null(next);
	return seen;
}

START_TEST(runs_in_memory)
{
	static const uint64_t none[RUNS][4],
		one[RUNS][4] = { { 0 }, { 1, 2, 3, 4 } }, apart[RUNS][4] = { { 5, 6 }, { 3, 4 }, { 1, 2 } },
		mixed[RUNS][4] = { { 1, 4, 7 }, { 2, 5, 8 }, { 3, 6, 9 }, { 0 }, { 5 } },
		equal[RUNS][4] = { { 2, 2 }, { 2 }, { 1, 2, 3 } },
		largest[RUNS][4] = { { 1, UINT64_MAX }, { UINT64_MAX - 1, UINT64_MAX }, { 2 } };

	ck_assert_uint_eq(merged(none), 0);
	ck_assert_uint_eq(merged(one), 1020304);
	ck_assert_uint_eq(merged(apart), 10203040506);
	ck_assert_uint_eq(merged(mixed), 1020304050506070809);
	ck_assert_uint_eq(merged(equal), 10202020203);
	ck_assert_uint_eq(merged(largest), 102141515);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run merge");
	TCase *tcase = tcase_create("order");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, runs_in_memory);
	return test_run(suite);
}
