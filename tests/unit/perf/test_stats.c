/* SPDX-License-Identifier: MIT
 *
 * Known samples, known figures; and the rule over drawn pairs: what it must find, and what it must not.
 */
#include "perf/stats.h"

#include <math.h>

#include "tests/unit/engine/check_main.h"

static double near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

START_TEST(figures_of_known_samples)
{
	const double sample[] = { 5, NAN, 1, 4, 2, 3 }, two[] = { 1, 2 }, none[] = { NAN, NAN };
	struct stats s;

	stats_of(&s, sample, 6);
	ck_assert_uint_eq(s.n, 5);
	ck_assert(near(s.min, 1) && near(s.lower_quartile, 2) && near(s.median, 3));
	stats_of(&s, two, 2);
	ck_assert(near(s.min, 1) && near(s.lower_quartile, 1.25) && near(s.median, 1.5));
	stats_of(&s, two, 1);
	ck_assert(near(s.min, 1) && near(s.lower_quartile, 1) && near(s.median, 1));
	stats_of(&s, none, 2);
	ck_assert_uint_eq(s.n, 0);
	ck_assert(isnan(s.min) && isnan(s.lower_quartile) && isnan(s.median));
	stats_of(&s, sample, 0);
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

/* Rounds that lack one of the two count for neither. */
START_TEST(ratios_of_known_rounds)
{
	const double a[] = { 1, 2, NAN, 4, 0, 10 }, b[] = { 2, 2, 5, 6, 7, NAN };
	struct stats_ratio r;

	stats_ratio_of(&r, a, b, 6);
	ck_assert_uint_eq(r.n, 3);
	ck_assert(near(r.sample[0], 2) && near(r.sample[1], 1) && near(r.sample[2], 1.5));
	ck_assert(near(r.median, 1.5));
	ck_assert(near(r.quartiles, 2.0 / 1.5));
	ck_assert(near(r.halves, 2.0 / 1.5)); /* of 2, 2, 6 and of 1, 2, 4 two each */
	ck_assert(near(r.low, 1) && near(r.high, 2));
	stats_ratio_of(&r, a, b, 0);
	ck_assert_uint_eq(r.n, 0);
	ck_assert(isnan(r.median) && isnan(r.quartiles) && isnan(r.low) && isnan(r.high));
}
END_TEST

/* A tenth of the rounds was disturbed, one way or the other: the interval is of the rest. */
START_TEST(the_interval_holds_the_median)
{
	double a[STATS_SAMPLES_MAX], b[STATS_SAMPLES_MAX];
	struct stats_ratio r, again;

	for (unsigned i = 0; i < 100; i++) {
		a[i] = 1;
		b[i] = i < 5 ? 9 : i < 10 ? 0.1 : 1.05 + 0.0001 * (i % 7);
	}
	stats_ratio_of(&r, a, b, 100);
	ck_assert(r.low <= r.median && r.median <= r.high);
	ck_assert(r.low >= 1.05 && r.high <= 1.0507);
	stats_ratio_of(&again, a, b, 100);
	ck_assert(near(r.low, again.low) && near(r.high, again.high));
	/* a tenth of b's faster half is 0.1 */
	ck_assert(r.halves < 1 && r.halves_least <= r.halves_low && r.halves_low <= r.halves);
	ck_assert(r.halves <= r.halves_high && r.halves_high <= r.halves_most);
	ck_assert(near(r.halves, again.halves) && near(r.halves_most, again.halves_most));
}
END_TEST

/* Each figure alone holds a verdict back. */
START_TEST(the_rule)
{
	static const struct {
		uint32_t n;
		double halves, least, low, high, most, median;
		enum stats_verdict verdict;
	} cases[] = {
		{ 39, 1.5, 1.4, 1.4, 1.6, 1.6, 1.5, STATS_GO_ON },
		{ 39, 1, 1, 1, 1, 1, 1, STATS_GO_ON },
		{ 40, 1.021, 1.001, 1.002, 1.04, 1.05, 1.011, STATS_SLOWER },
		{ 40, 1.019, 1.001, 1.002, 1.04, 1.05, 1.011, STATS_GO_ON },
		{ 40, 1.05, 0.999, 1.002, 1.04, 1.05, 1.05, STATS_GO_ON },
		{ 40, 1.05, 1.01, 1.02, 1.08, 1.09, 1.009, STATS_GO_ON },
		{ 40, 1 / 1.021, 0.95, 0.96, 0.99, 0.999, 1 / 1.011, STATS_FASTER },
		{ 40, 1 / 1.021, 0.95, 0.96, 0.99, 1.001, 1 / 1.011, STATS_GO_ON },
		{ 40, 1.014, 0.97, 0.98, 1.029, 1.04, 1.02, STATS_SAME },
		{ 40, 1.016, 0.97, 0.98, 1.029, 1.04, 1.02, STATS_GO_ON },
		{ 40, 1, 0.96, 0.972, 1.02, 1.03, 1, STATS_SAME },
		{ 40, 1, 0.96, 0.970, 1.02, 1.03, 1, STATS_GO_ON },
		{ 40, 1, 0.96, 0.98, 1.031, 1.04, 1, STATS_GO_ON }, /* it may well be 3 % */
		{ 40, 1, 0.98, 0.99, 1.01, 1.02, 1.031, STATS_GO_ON },
		{ 512, 1, 0.9, 0.9, 1.1, 1.1, 1, STATS_GO_ON },
		{ 40, NAN, NAN, NAN, NAN, NAN, NAN, STATS_GO_ON },
	};

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct stats_ratio r = { .n = cases[i].n,
					 .median = cases[i].median,
					 .halves = cases[i].halves,
					 .halves_low = cases[i].low,
					 .halves_high = cases[i].high,
					 .halves_least = cases[i].least,
					 .halves_most = cases[i].most };

		ck_assert_msg(stats_judge(&r, 0.03, STATS_PAIRS_MIN) == cases[i].verdict, "case %u: %s", i,
			      stats_verdict_name(stats_judge(&r, 0.03, STATS_PAIRS_MIN)));
	}
}
END_TEST

/* Samples of two days, unequal in number. */
START_TEST(changes)
{
	double a[30], b[STATS_SAMPLES_MAX];
	struct stats_ratio r;

	for (unsigned i = 0; i < 30; i++)
		a[i] = 2 + 0.01 * (i % 5);
	for (unsigned i = 0; i < STATS_SAMPLES_MAX; i++)
		b[i] = 1.1 * (2 + 0.01 * (i % 5));
	stats_change_of(&r, a, 30, b, STATS_SAMPLES_MAX);
	ck_assert_uint_eq(r.n, 30);
	ck_assert(near(r.median, 1.1) && fabs(r.halves - 1.1) < 0.01 && fabs(r.quartiles - 1.1) < 0.01);
	ck_assert(r.halves_least > 1.08 && r.halves_most < 1.12 && r.low > 1.08 && r.high < 1.12);
	ck_assert(stats_judge(&r, 0.03, 30) == STATS_SLOWER);
	ck_assert(stats_judge(&r, 0.03, 31) == STATS_GO_ON);
	stats_change_of(&r, b, STATS_SAMPLES_MAX, a, 30);
	ck_assert(stats_judge(&r, 0.03, 30) == STATS_FASTER);
	stats_change_of(&r, a, 30, a, 30);
	ck_assert(stats_judge(&r, 0.03, 30) == STATS_SAME);
	stats_change_of(&r, a, 0, b, 10);
	ck_assert_uint_eq(r.n, 0);
	ck_assert(isnan(r.median) && stats_judge(&r, 0.03, 0) == STATS_GO_ON);
}
END_TEST

START_TEST(looks_are_few)
{
	uint32_t pairs = 0, looks = 0;

	ck_assert_uint_eq(stats_next_look(0), STATS_PAIRS_MIN);
	while (pairs < STATS_SAMPLES_MAX) {
		uint32_t next = stats_next_look(pairs);

		ck_assert_uint_gt(next, pairs);
		ck_assert_uint_eq(stats_next_look(next - 1), next);
		pairs = next;
		looks++;
	}
	ck_assert_uint_le(looks, 8);
}
END_TEST

/* --- the rule over pairs that are drawn -------------------------------------------------------- */

static uint64_t state;

static double draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

/* A run on a loaded machine: mostly within 5 %, one in eight up to a third above, and all slower in spells. */
static double run_time(double spell)
{
	double noise = draw() < 0.125 ? draw() / 3 : 0.05 * draw() * draw();

	return spell * (1 + noise);
}

/* Pairs until the rule decides, looked at as its contract says; b takes `factor` times as long. */
static enum stats_verdict decide(double factor)
{
	double a[STATS_SAMPLES_MAX], b[STATS_SAMPLES_MAX], spell = 1;
	struct stats_ratio r;

	for (uint32_t n = 0, look = stats_next_look(0); n < STATS_SAMPLES_MAX; n++) {
		enum stats_verdict verdict;

		if (draw() < 0.1)
			spell = 1 + draw() / 2;
		a[n] = run_time(spell);
		b[n] = run_time(spell) * factor;
		if (n + 1 < look)
			continue;
		look = stats_next_look(n + 1);
		stats_ratio_of(&r, a, b, n + 1);
		verdict = stats_judge(&r, 0.03, STATS_PAIRS_MIN);
		if (verdict != STATS_GO_ON)
			return verdict;
	}
	return STATS_UNDECIDED;
}

START_TEST(finds_five_percent_and_nothing_else)
{
	unsigned found = 0, same = 0, faster = 0, wrong = 0;

	state = 88172645463325252ull;
	for (unsigned i = 0; i < 20; i++) {
		enum stats_verdict slow = decide(1.05), equal = decide(1), fast = decide(1 / 1.05);

		found += slow == STATS_SLOWER;
		same += equal == STATS_SAME;
		faster += fast == STATS_FASTER;
		wrong += equal == STATS_SLOWER || equal == STATS_FASTER || slow == STATS_FASTER || fast == STATS_SLOWER;
	}
	ck_assert_uint_ge(found, 19);
	ck_assert_uint_ge(same, 18);
	ck_assert_uint_ge(faster, 19);
	ck_assert_uint_le(wrong, 1);
}
END_TEST

CHECK_MAIN("stats", figures_of_known_samples, ratios_of_known_rounds, the_interval_holds_the_median, the_rule, changes,
	   looks_are_few, finds_five_percent_and_nothing_else)
