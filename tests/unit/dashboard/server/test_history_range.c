/* SPDX-License-Identifier: MIT
 *
 * Any span of the history: the tier that reaches back, percentiles of samples and not of averages, gaps, what is not
 * over yet; 31 days of ticks of a second in the same memory, and a range of them in time.
 */
#include "dashboard/server/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/unit/engine/check_main.h"

#define START (1700006400ull * NSC_NS_PER_SEC) /* a multiple of 600 s */
#define SEC NSC_NS_PER_SEC

static struct nsc_history history;
static struct nsc_history_rings rings;
static struct nsc_view view;
static struct nsc_point points[5008];
static struct nsc_point_samples samples[5008];

static void begin(void)
{
	memset(&history, 0, sizeof(history));
	memset(&view, 0, sizeof(view));
	nsc_history_init(&history, &rings);
}

static void rtt_of(uint64_t ns, uint64_t n)
{
	view.rtts = true;
	view.rtt.count[nsc_histogram_bucket(ns)] += n;
}

static void tick(uint64_t start_ns, uint64_t empty)
{
	view.start_ns = start_ns;
	view.end_ns = start_ns + SEC;
	view.empty_ticks = empty;
	view.tick_packets = 10;
	view.totals.value[NSC_C_TCP_RESETS] += 3;
	nsc_history_add(&history, &view, 0, false);
}

/* All points of a span, taken in parts of seven. */
static uint32_t take(struct nsc_history_range *range, uint64_t from_ns, uint64_t to_ns, uint32_t most)
{
	uint32_t n = 0, rounds = 0;

	*range = (struct nsc_history_range){ .from_ns = from_ns, .to_ns = to_ns };
	nsc_history_plan(&history, range, most);
	while (!range->over && n < most + 1) {
		n += nsc_history_part(&history, range, points + n, samples + n, 7);
		ck_assert_uint_lt(rounds++, 5000);
	}
	ck_assert_uint_le(n, most);
	return n;
}

static uint64_t sum_of(uint32_t n, enum nsc_history_value value)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += points[i].value[value];
	return sum;
}

START_TEST(counters_are_told_by_their_growth)
{
	struct nsc_history_range range;
	uint32_t n;

	begin();
	view.totals.value[NSC_C_TCP_RESETS] = 4;
	for (uint64_t i = 0; i < 90; i++)
		tick(START + i * SEC, 0);
	n = take(&range, 0, UINT64_MAX, 1000);
	ck_assert_uint_eq(n, 90);
	ck_assert_uint_eq(range.step_ns, SEC);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_RESETS], 7);
	ck_assert_uint_eq(sum_of(n, NSC_HISTORY_RESETS), 4 + 90 * 3);
	n = take(&range, 0, UINT64_MAX, 10);
	ck_assert_uint_eq(range.step_ns, 10 * SEC);
	ck_assert_uint_eq(sum_of(n, NSC_HISTORY_RESETS), 4 + 90 * 3);
	ck_assert_uint_eq(sum_of(n, NSC_HISTORY_PACKETS), 900);
	n = take(&range, START + 20 * SEC, START + 30 * SEC, 1000);
	ck_assert_uint_eq(n, 10);
	ck_assert_uint_eq(points[0].start_ns, START + 20 * SEC);
}
END_TEST

/* 99 quick ones and one slow one in each second but the last, which has slow ones only: the median of all is quick, and
 * the mean of medians would not be. */
START_TEST(percentiles_are_of_all_samples)
{
	const uint64_t quick_ns = 1000000, slow_ns = 400000000;
	struct nsc_history_range range;
	uint64_t p50, p99;

	begin();
	for (uint64_t i = 0; i < 10; i++) {
		rtt_of(quick_ns, i < 9 ? 99 : 0);
		rtt_of(slow_ns, i < 9 ? 1 : 9);
		tick(START + i * SEC, 0);
	}
	ck_assert_uint_le(take(&range, 0, UINT64_MAX, 2), 2);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_RTT_SAMPLES], 909);
	p50 = nsc_history_quantile(samples[0].count[NSC_HISTORY_RTT], 0.5);
	p99 = nsc_history_quantile(samples[0].count[NSC_HISTORY_RTT], 0.99);
	ck_assert(p50 >= quick_ns && p50 <= quick_ns * 5 / 4);
	ck_assert(p99 >= slow_ns && p99 <= slow_ns * 5 / 4);
	ck_assert_uint_eq(nsc_history_quantile(samples[0].count[NSC_HISTORY_RTT], 0.9), p50);
	ck_assert_uint_eq(take(&range, 0, UINT64_MAX, 100), 10);
	ck_assert_uint_ge(nsc_history_quantile(samples[9].count[NSC_HISTORY_RTT], 0.5), slow_ns);
}
END_TEST

START_TEST(a_bucket_holds_its_end_and_no_more_than_a_fifth_below)
{
	for (unsigned i = 1; i < NSC_HISTORY_BUCKETS; i++) {
		uint64_t before = nsc_history_bucket_end(i - 1), end = nsc_history_bucket_end(i);

		ck_assert_uint_lt(before, end);
		ck_assert_uint_le(end - before, end / 5 + 1);
	}
	ck_assert_uint_eq(nsc_history_bucket_end(0), 10239);
	ck_assert_uint_eq(nsc_history_bucket_end(NSC_HISTORY_BUCKETS - 1), (1ull << 33) - 1);
}
END_TEST

START_TEST(quiet_counts_as_known_and_a_gap_does_not)
{
	struct nsc_history_range range;

	begin();
	tick(START, 0);
	tick(START + 30 * SEC, 29);    /* quiet */
	tick(START + 630 * SEC, 0);    /* nobody knows */
	tick(START + 1230 * SEC, 599); /* quiet */
	ck_assert_uint_eq(take(&range, START, START + 1800 * SEC, 4), 3);
	ck_assert_uint_eq(range.step_ns, 411 * SEC); /* 1231 s in three */
	ck_assert_uint_eq(take(&range, START, UINT64_MAX, 5000), 1 + 29 + 1 + 1 + 599 + 1);
	history.series[0].cut = history.series[1].cut = history.series[2].cut = true; /* as if older ones were gone */
	ck_assert_uint_eq(take(&range, 0, UINT64_MAX, 100), 3);
	ck_assert_uint_eq(range.step_ns, 600 * SEC);
	ck_assert_uint_eq(points[0].known_ns, 31 * SEC);
	ck_assert_uint_eq(points[1].known_ns, 570 * SEC);
	ck_assert_uint_eq(points[2].known_ns, 31 * SEC);
}
END_TEST

START_TEST(what_is_not_over_is_there)
{
	struct nsc_history_range range;

	begin();
	for (uint64_t i = 0; i < 1000; i++)
		tick(START + i * SEC, 0);
	ck_assert_uint_eq(take(&range, 0, UINT64_MAX, 5000), 100); /* the seconds do not reach back: tens do */
	ck_assert_uint_eq(range.series, 1);
	ck_assert_uint_eq(nsc_history_complete(&history, &range), START + 1000 * SEC);
	tick(START + 1000 * SEC, 0);
	ck_assert_uint_eq(take(&range, 0, UINT64_MAX, 5000), 101);
	ck_assert_uint_eq(points[100].known_ns, SEC);
	ck_assert_uint_eq(nsc_history_complete(&history, &range), START + 1000 * SEC);
	ck_assert_uint_eq(take(&range, START + 500 * SEC, UINT64_MAX, 5000), 501);
	ck_assert_uint_eq(range.series, 0);
}
END_TEST

START_TEST(hostile_spans)
{
	static const uint64_t times[] = { 0, 1, START - 1, START, START + SEC, 1ull << 63, UINT64_MAX - 1, UINT64_MAX };
	struct nsc_history_range range;

	begin();
	ck_assert_uint_eq(take(&range, 0, UINT64_MAX, 2), 0);
	ck_assert_uint_eq(nsc_history_complete(&history, &range), 0);
	for (uint64_t i = 0; i < 3000; i++)
		tick(START + i * SEC, 0);
	view.empty_ticks = 1;
	tick(UINT64_MAX - SEC, (UINT64_MAX - START) / SEC - 3001); /* the last second of time */
	for (unsigned i = 0; i < NSC_ARRAY_LEN(times); i++)
		for (unsigned j = i + 1; j < NSC_ARRAY_LEN(times); j++)
			for (uint32_t most = 2; most <= 5000; most = most * 7 + 1)
				take(&range, times[i], times[j], most);
}
END_TEST

/* The clock was set back by an hour: all points of the run are told in the time of now. */
START_TEST(an_offset_moves_all_points)
{
	struct nsc_history_range range;

	begin();
	tick(START, 0);
	view.offset_ns = -3600 * SEC;
	tick(START + SEC, 0);
	ck_assert_uint_eq(take(&range, 0, START, 10), 2);
	ck_assert_uint_eq(points[0].start_ns, START - 3600 * SEC);
	ck_assert_uint_eq(take(&range, START, UINT64_MAX, 10), 0);
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The bound is for a machine that is busy, and for sanitizers; docs/dashboard.md has the figure. Time of the processor,
 * not of the wall. */
static void check_ranges(double seconds)
{
	static const uint32_t most[] = { 2, 300, 1000, 5000 };
	struct nsc_history_range range;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(most); i++) {
		double began = cpu_seconds(), took;
		uint32_t n = take(&range, START, UINT64_MAX, most[i]);

		took = cpu_seconds() - began;
		ck_assert_uint_gt(n, most[i] > 2 ? most[i] / 3 : 0);
		ck_assert_msg(took < seconds, "%u points of 31 days took %.1f ms", most[i], took * 1e3);
		fprintf(stderr, "# %u points of 31 days: %.2f ms\n", n, took * 1e3);
	}
}

START_TEST(a_month_of_seconds_in_the_same_memory)
{
	const uint64_t days = 31, n = days * 86400;
	struct rusage before, after;
	struct nsc_history_range range;

	begin();
	for (uint64_t i = 0; i < n; i++) {
		rtt_of(1000 + i * 7919 % 900000000, 5);
		tick(START + i * SEC, 0);
		if (i == 1)
			getrusage(RUSAGE_SELF, &before);
	}
	getrusage(RUSAGE_SELF, &after);
	ck_assert_uint_le((uint64_t)(after.ru_maxrss - before.ru_maxrss), 12 * 1024); /* KiB */
	check_ranges(0.5);
	ck_assert_uint_eq(sum_of(take(&range, START, UINT64_MAX, 5000), NSC_HISTORY_RTT_SAMPLES), n * 5);
	ck_assert_uint_eq(range.series, 3);
	take(&range, START + (days - 1) * 86400 * SEC, UINT64_MAX, 5000);
	ck_assert_uint_eq(range.series, 2);
	take(&range, START + (n - 3 * 3600) * SEC, UINT64_MAX, 5000);
	ck_assert_uint_eq(range.series, 1);
	take(&range, START + (n - 900) * SEC, UINT64_MAX, 5000);
	ck_assert_uint_eq(range.series, 0);
}
END_TEST

CHECK_MAIN("history_range", counters_are_told_by_their_growth, percentiles_are_of_all_samples,
	   a_bucket_holds_its_end_and_no_more_than_a_fifth_below, quiet_counts_as_known_and_a_gap_does_not,
	   what_is_not_over_is_there, hostile_spans, an_offset_moves_all_points, a_month_of_seconds_in_the_same_memory)
