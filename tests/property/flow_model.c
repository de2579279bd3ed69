/* SPDX-License-Identifier: MIT
 *
 * The flow table against a naive model, at length: random tables, random traffic, random bursts and sweeps. Each round
 * is a number; FLOW_MODEL_SEED=number repeats one, FLOW_MODEL_ROUNDS=n asks for more.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

#define ROUNDS 160u

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t pick(struct rng *rng, const uint64_t *from, unsigned n)
{
	return from[rng_below(rng, n)];
}

static struct traffic random_traffic(struct rng *rng)
{
	static const uint64_t keys[] = { 1, 2, 8, 16, 40, 300, 5000 },
			      timeout[] = { 1, 100, 1000, 50000, 10000000, 300000000, 3000000000 },
			      lengths[] = { 1, 2, 5, 1400 };
	struct traffic t = { .n_keys = (uint32_t)pick(rng, keys, NSC_ARRAY_LEN(keys)),
			     .timeout_ns = pick(rng, timeout, NSC_ARRAY_LEN(timeout)),
			     .lengths = (uint32_t)pick(rng, lengths, NSC_ARRAY_LEN(lengths)),
			     .seed = rng_next(rng) };

	t.step_ns = 1 + t.timeout_ns / (1 + rng_below(rng, 4 * t.n_keys + 20));
	return t;
}

/* Room for all keys, a cap far below them, or growth; ticks from a few packets to a few thousand. */
static struct nsc_flow_table_options random_options(struct rng *rng, const struct traffic *t)
{
	static const uint64_t top[] = { 0, 1, 2, 5, 10, 50, 256 };
	struct nsc_flow_table_options o = { .max_flows = t->n_keys,
					    .timeout_ns = rng_below(rng, 8) ? t->timeout_ns : 0,
					    .top_flows = (uint32_t)pick(rng, top, NSC_ARRAY_LEN(top)),
					    .grow = rng_below(rng, 8) == 0 };

	o.tick_ns = 1 + t->step_ns * (20 + rng_below(rng, 1500));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(o.seed.word); i++)
		o.seed.word[i] = rng_next(rng);
	o.analyses = rng_next(rng) & 1 ? NSC_ANALYSIS_ALL : (uint8_t)rng_below(rng, NSC_ANALYSIS_ALL + 1);
	return o;
}

/* One round: the same packets three times, by different plans. */
static int run_round(uint64_t number, char why[200])
{
	struct rng rng = { number };
	struct traffic t = random_traffic(&rng);
	struct nsc_flow_table_options o = random_options(&rng, &t);
	size_t n = 500 + rng_below(&rng, 6000);
	struct event *event = traffic_make(&t, n);
	bool capped = rng_below(&rng, 3) == 0;
	int wrong = 0;

	if (capped)
		o.max_flows = 1 + rng_below(&rng, t.n_keys);
	for (unsigned i = 0; i < 3 && !wrong; i++) {
		struct plan plan = { .burst = (uint32_t)rng_below(&rng, NSC_BURST_MAX + 1),
				     .sweep = (enum sweeping)i,
				     .seed = number,
				     .follow = capped };

		if (capped)
			plan.burst = 1;
		wrong = trial_run(&o, event, n, t.n_keys, plan, why);
	}
	free(event);
	return wrong;
}

START_TEST(equals_the_model)
{
	uint64_t first = number_from("FLOW_MODEL_SEED", 1), rounds = number_from("FLOW_MODEL_ROUNDS", ROUNDS);
	unsigned wrong = 0;
	char why[200] = "", text[300] = "";

	if (getenv("FLOW_MODEL_SEED"))
		rounds = number_from("FLOW_MODEL_ROUNDS", 1);
	for (uint64_t number = first; number < first + rounds; number++)
		if (run_round(number, why) && !wrong++)
			snprintf(text, sizeof(text), "FLOW_MODEL_SEED=%llu: %s", (unsigned long long)number, why);
	ck_assert_msg(!wrong, "%u rounds differ; the first: %s", wrong, text);
}
END_TEST

/* A table that grows from nothing to 420,000 flows and back, under traffic that comes and goes. */
START_TEST(a_growing_table_equals_the_model)
{
	struct nsc_flow_table_options o = { .max_flows = 450000,
					    .grow = true,
					    .timeout_ns = TEST_SECOND,
					    .tick_ns = TEST_SECOND,
					    .top_flows = 10,
					    .seed = test_seed };
	size_t n = 800000;
	uint32_t n_keys = 420000;
	struct event *event = calloc(n, sizeof(*event));
	struct rng rng = { 11 };
	char why[200];
	int wrong;

	ck_assert_ptr_nonnull(event);
	for (size_t i = 0; i < n; i++) { /* all once, then at random; 4 seconds */
		event[i] = (struct event){ .flow = i < n_keys ? (uint32_t)i : (uint32_t)rng_below(&rng, n_keys),
					   .ts_ns = TEST_EPOCH + i * 5000,
					   .clock_ns = TEST_EPOCH + i * 5000,
					   .len = 60 + (uint32_t)rng_below(&rng, 1400),
					   .from = (uint8_t)(i & 1),
					   .flags = NSC_TCP_ACK };
	}
	wrong = trial_run(&o, event, n, n_keys, (struct plan){ .seed = 1, .sweep = SWEEP_SOMETIMES }, why);
	free(event);
	ck_assert_msg(!wrong, "%s", why);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow model");
	TCase *tcase = tcase_create("model");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, equals_the_model);
	tcase_add_test(tcase, a_growing_table_equals_the_model);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
