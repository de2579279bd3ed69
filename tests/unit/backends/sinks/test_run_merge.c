/* SPDX-License-Identifier: MIT
 *
 * The merge of runs in memory: no run, empty runs, runs that follow one another, the largest key.
 */
#include "backends/sinks/run_merge.h"

#include "records.h"

enum { RUNS = 5, MAX = 6 };

static struct nsc_flow_record record[RUNS][4];
static struct nsc_run run[RUNS];
static struct nsc_run_top top[RUNS];

/* Merges runs whose first_seen_ns are given, 0 ends a run, `max` records at a time; returns the times in one number,
 * two digits each. */
static uint64_t merged_by(const uint64_t times[RUNS][4], uint32_t max)
{
	struct nsc_run_merge merge = { .fd = -1, .window_records = 1, .top = top, .run = run, .n = RUNS };
	const struct nsc_flow_record *next[MAX];
	uint64_t seen = 0;
	uint32_t n;

	for (unsigned i = 0; i < RUNS; i++) {
		for (n = 0; n < 4 && times[i][n]; n++)
			record[i][n].first_seen_ns = times[i][n];
		run[i] = (struct nsc_run){ .next = record[i], .end = record[i] + n };
	}
	ck_assert_int_eq(nsc_run_merge_begin(&merge, NULL), 0);
	while (!nsc_run_merge_next(&merge, next, max, &n, NULL) && n)
		for (uint32_t i = 0; i < n; i++)
			seen = seen * 100 + next[i]->first_seen_ns % 100;
	ck_assert_int_eq(nsc_run_merge_next(&merge, next, max, &n, NULL), 0); /* the end stays the end */
	ck_assert_uint_eq(n, 0);
	return seen;
}

static uint64_t merged(const uint64_t times[RUNS][4])
{
	uint64_t seen = merged_by(times, 1);

	for (uint32_t max = 2; max <= MAX; max++)
		ck_assert_uint_eq(merged_by(times, max), seen);
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

static uint32_t next_remaining(const struct nsc_remaining *remaining, uint32_t worker, struct nsc_flow_record *out,
			       uint32_t max)
{
	uint64_t *at = remaining->context;
	uint32_t n = 0;

	for (; n < max && at[worker] < 100; n++, at[worker] += remaining->workers) {
		out[n] = (struct nsc_flow_record){ .first_seen_ns = at[worker] };
	}
	return n;
}

/* What was handed out is not overwritten by the next window of its run before the next call. */
START_TEST(records_of_a_window_stay)
{
	uint64_t at[] = { 0, 1, 2 }, seen = 0;
	struct nsc_remaining remaining = { .workers = 3, .next = next_remaining, .context = at };
	struct nsc_run_merge merge = { .fd = -1, .window_records = 4, .top = top, .run = run, .n = 3 };
	const struct nsc_flow_record *next[MAX];
	uint32_t n;

	for (uint32_t i = 0; i < 3; i++)
		run[i] = (struct nsc_run){ .window = record[i], .remaining = &remaining, .worker = i };
	ck_assert_int_eq(nsc_run_merge_begin(&merge, NULL), 0);
	while (!nsc_run_merge_next(&merge, next, MAX, &n, NULL) && n)
		for (uint32_t i = 0; i < n; i++)
			ck_assert_uint_eq(next[i]->first_seen_ns, seen++);
	ck_assert_uint_eq(seen, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run merge");
	TCase *tcase = tcase_create("order");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, runs_in_memory);
	tcase_add_test(tcase, records_of_a_window_stay);
	return test_run(suite);
}
