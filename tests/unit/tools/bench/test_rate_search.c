/* SPDX-License-Identifier: MIT
 *
 * The search beside a link whose capacity is known, with a sender that has a limit of its own, and with losses and
 * delays that come of other work on the machine.
 */
#include "tools/bench/rate_search.h"

#include <math.h>

#include "tests/unit/engine/check_main.h"

struct fake {
	double capacity, sender; /* frames per second; INFINITY: no limit */
	double noise;            /* share of trials with a loss at any rate */
	double slow;             /* share of trials in which the sender reaches 0.8 of what it should */
	uint64_t random;
};

static const struct nsc_rate_rules rules = {
	.resolution = 0.02,
	.lowest = 1000,
	.repeats = 3,
	.forgiven = 1,
	.trials_max = 60,
};

static double fake_draw(struct fake *fake)
{
	fake->random ^= fake->random << 13;
	fake->random ^= fake->random >> 7;
	fake->random ^= fake->random << 17;
	return (double)(fake->random >> 11) / 9007199254740992.0;
}

static struct nsc_rate_trial fake_trial(struct fake *fake, double asked)
{
	double reached = fmin(asked, fake->sender);
	bool lossy;

	if (fake_draw(fake) < fake->slow)
		reached *= 0.8;
	lossy = reached > fake->capacity || fake_draw(fake) < fake->noise;
	return (struct nsc_rate_trial){ .reached = reached, .lossy = lossy };
}

static void search_link(struct nsc_rate_search *search, struct fake *fake, const struct nsc_rate_rules *by)
{
	nsc_rate_search_begin(search, by);
	while (search->end == NSC_RATE_GO_ON) {
		struct nsc_rate_trial trial = fake_trial(fake, search->asked);

		nsc_rate_search_take(search, &trial);
	}
}

static void check_finds(double capacity, double sender)
{
	struct fake fake = { .capacity = capacity, .sender = sender, .random = 1 };
	struct nsc_rate_search search;
	struct nsc_rate_found found;

	search_link(&search, &fake, &rules);
	nsc_rate_search_found(&search, &found);
	ck_assert_int_eq(search.end, NSC_RATE_FOUND);
	ck_assert(found.median <= capacity && found.median >= capacity / 1.021);
	ck_assert(search.high > capacity && search.high <= found.median * 1.021);
	ck_assert_uint_eq(found.clean, 3);
	ck_assert_uint_eq(found.lossy, 0);
	ck_assert_uint_eq(search.lossy_trials % 2, 0); /* each loss was looked at twice */
	ck_assert(search.sender == sender);
	ck_assert_uint_le(search.trials, 30);
}

START_TEST(the_capacity_of_a_link)
{
	const double shares[] = { 0.999, 0.98, 0.75, 0.5, 0.4999, 0.3, 0.1, 0.01 };

	for (size_t i = 0; i < NSC_ARRAY_LEN(shares); i++)
		check_finds(1e6 * shares[i], 1e6);
	check_finds(1234.5, 8e5);
}
END_TEST

START_TEST(the_limit_of_the_sender)
{
	struct fake fake = { .capacity = 2e6, .sender = 7e5, .random = 1 };
	struct nsc_rate_search search;
	struct nsc_rate_found found;

	search_link(&search, &fake, &rules);
	nsc_rate_search_found(&search, &found);
	ck_assert_int_eq(search.end, NSC_RATE_OF_SENDER);
	ck_assert(found.median == 7e5 && found.least == 7e5 && found.most == 7e5);
	ck_assert(isinf(search.high));
	ck_assert_uint_eq(search.trials, 3);
}
END_TEST

START_TEST(a_link_that_always_loses)
{
	struct fake fake = { .capacity = 900, .sender = 7e5, .random = 1 };
	struct nsc_rate_search search;
	struct nsc_rate_found found;

	search_link(&search, &fake, &rules);
	nsc_rate_search_found(&search, &found);
	ck_assert_int_eq(search.end, NSC_RATE_NONE);
	ck_assert(found.median == 0 && search.high == 1000);
}
END_TEST

/* One trial of the right length is not enough, and no more are allowed. */
START_TEST(out_of_trials)
{
	struct nsc_rate_rules few = rules;
	struct fake fake = { .capacity = 1e5, .sender = 1e6, .random = 1 };
	struct nsc_rate_search search;
	struct nsc_rate_found found;

	few.trials_max = 9;
	search_link(&search, &fake, &few);
	nsc_rate_search_found(&search, &found);
	ck_assert_int_eq(search.end, NSC_RATE_UNDECIDED);
	ck_assert_uint_eq(search.trials, 9);
	ck_assert(found.median == 62500 && found.clean == 0); /* the fourth half of a million, seen once */
}
END_TEST

/* Known steps: two losses at full speed, one loss that is forgiven, a rate that is not confirmed. */
START_TEST(step_by_step)
{
	static const struct {
		double asked, reached;
		bool lossy;
	} steps[] = {
		{ INFINITY, 1000000, true }, { INFINITY, 800000, true }, { 400000, 400000, true },
		{ 400000, 400000, false },   { 600000, 600000, true },   { 600000, 590000, true },
		{ 495000, 495000, true },    { 495000, 400000, false }, /* disturbed: does not count */
		{ 495000, 494000, false },   { 542000, 542000, false },  { 566000, 566000, true },
		{ 566000, 566000, true },    { 554000, 554000, false },
	};
	struct nsc_rate_search search;

	nsc_rate_search_begin(&search, &rules);
	for (size_t i = 0; i < NSC_ARRAY_LEN(steps); i++) {
		struct nsc_rate_trial trial = { .reached = steps[i].reached, .lossy = steps[i].lossy };

		ck_assert_msg(isinf(steps[i].asked) ? isinf(search.asked) : fabs(search.asked - steps[i].asked) < 1,
			      "step %zu asks for %f", i, search.asked);
		nsc_rate_search_take(&search, &trial);
	}
	ck_assert_uint_eq(search.disturbed_trials, 1);
	ck_assert(search.low == 554000 && search.high == 566000 && search.asked == 560000);
}
END_TEST

/* What was without a loss once and is not again: lower, by more each time, and then confirmed. */
START_TEST(a_rate_that_is_not_confirmed)
{
	struct nsc_rate_rules wide = rules;
	struct nsc_rate_trial clean = { .reached = 1e6 }, lossy = { .reached = 1e6, .lossy = true };
	struct nsc_rate_search search;

	wide.forgiven = 0;
	nsc_rate_search_begin(&search, &wide);
	nsc_rate_search_take(&search, &clean);
	nsc_rate_search_take(&search, &lossy);
	ck_assert(fabs(search.asked - 960000) < 1);
	nsc_rate_search_take(&search, &(struct nsc_rate_trial){ .reached = 960000, .lossy = true });
	ck_assert(fabs(search.asked - 960000 * 0.92) < 1);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(search.end, NSC_RATE_GO_ON);
		nsc_rate_search_take(&search, &(struct nsc_rate_trial){ .reached = 883200 });
	}
	ck_assert_int_eq(search.end, NSC_RATE_FOUND);
}
END_TEST

static unsigned right_of_many(double noise, double slow, double sender, double least)
{
	unsigned right = 0;

	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct fake fake = { .capacity = 5e5,
				     .sender = sender,
				     .noise = noise,
				     .slow = slow,
				     .random = seed * 0x9e3779b97f4a7c15ull };
		struct nsc_rate_search search;
		struct nsc_rate_found found;

		search_link(&search, &fake, &rules);
		nsc_rate_search_found(&search, &found);
		ck_assert_uint_le(search.trials, rules.trials_max);
		ck_assert(found.median <= 5e5); /* never more than the link can do */
		right += found.median >= least && search.end != NSC_RATE_UNDECIDED;
	}
	return right;
}

/* Disturbed trials cost trials, and now and then a few percent, but never make a rate that is too high. */
START_TEST(on_a_machine_that_has_other_work)
{
	ck_assert_uint_eq(right_of_many(0, 0, 1e6, 5e5 / 1.021), 1000);
	ck_assert_uint_ge(right_of_many(0.05, 0, 1e6, 5e5 * 0.95), 950);
	ck_assert_uint_ge(right_of_many(0, 0.1, 1e6, 5e5 / 1.021), 950);
	ck_assert_uint_ge(right_of_many(0.1, 0.1, 1e6, 5e5 * 0.8), 900);
}
END_TEST

CHECK_MAIN("rate_search", the_capacity_of_a_link, the_limit_of_the_sender, a_link_that_always_loses, out_of_trials,
	   step_by_step, a_rate_that_is_not_confirmed, on_a_machine_that_has_other_work)
