/* SPDX-License-Identifier: MIT
 *
 * Buckets follow each other without a gap, and a quantile is an upper bound within an eighth.
 */
#include "netscope/view.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

START_TEST(buckets_follow_each_other)
{
	unsigned wrong = 0;

	for (uint64_t ns = 0; ns < 100000; ns++) {
		unsigned step = nsc_histogram_bucket(ns + 1) - nsc_histogram_bucket(ns);

		wrong += step > 1;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(nsc_histogram_bucket(0), 0);
	ck_assert_uint_eq(nsc_histogram_bucket(7), 7);
	ck_assert_uint_eq(nsc_histogram_bucket(8), 8);
	ck_assert_uint_eq(nsc_histogram_bucket(16), 16);
	ck_assert_uint_eq(nsc_histogram_bucket(17), 16);
	ck_assert_uint_eq(nsc_histogram_bucket(18), 17);
	ck_assert_uint_eq(nsc_histogram_bucket(UINT64_MAX), NSC_HISTOGRAM_BUCKETS - 1);
}
END_TEST

START_TEST(a_quantile_is_an_upper_bound)
{
	unsigned wrong = 0;

	for (uint64_t ns = 1; ns < 1ull << 33; ns = ns * 5 / 4 + 1) {
		struct nsc_histogram h = { .max_ns = UINT64_MAX };
		uint64_t bound;

		h.count[nsc_histogram_bucket(ns)] = 1;
		bound = nsc_histogram_quantile(&h, 0.5);
		wrong += bound < ns || bound > ns + ns / 8 + 1;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(quantiles_of_many)
{
	struct nsc_histogram h = { .max_ns = 1000 }, sum = { .max_ns = 5 };

	ck_assert_uint_eq(nsc_histogram_quantile(&h, 0.5), 0);
	h.count[nsc_histogram_bucket(100)] = 98;
	h.count[nsc_histogram_bucket(1000)] = 2;
	nsc_histogram_add(&sum, &h);
	ck_assert_uint_eq(sum.max_ns, 1000);
	ck_assert_uint_ge(nsc_histogram_quantile(&sum, 0.5), 100);
	ck_assert_uint_lt(nsc_histogram_quantile(&sum, 0.98), 120);
	ck_assert_uint_eq(nsc_histogram_quantile(&sum, 0.99), 1000);
	ck_assert_uint_eq(nsc_histogram_quantile(&sum, 1.0), 1000);
}
END_TEST

START_TEST(notes_add_up)
{
	struct nsc_histogram h = { .max_ns = 0 }, sum = { .max_ns = 0 };

	for (uint64_t ns = 1; ns <= 100; ns++)
		nsc_histogram_note(&h, ns);
	nsc_histogram_note(&h, UINT64_MAX); /* the sum wraps */
	ck_assert_uint_eq(nsc_histogram_total(&h), 101);
	ck_assert_uint_eq(h.sum_ns, 5049);
	ck_assert_uint_eq(h.max_ns, UINT64_MAX);
	ck_assert_uint_eq(h.count[NSC_HISTOGRAM_BUCKETS - 1], 1);
	nsc_histogram_add(&sum, &h);
	nsc_histogram_add(&sum, &h);
	ck_assert_uint_eq(nsc_histogram_total(&sum), 202);
	ck_assert_uint_eq(sum.sum_ns, 10098);
}
END_TEST

CHECK_MAIN("histogram", buckets_follow_each_other, a_quantile_is_an_upper_bound, quantiles_of_many, notes_add_up)
