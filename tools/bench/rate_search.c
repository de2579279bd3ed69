/* SPDX-License-Identifier: MIT
 *
 * See rate_search.h.
 */
#include "tools/bench/rate_search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MET 0.99 /* of the rate asked for: a sender that reaches less was disturbed */
#define STEP_MAX 0.5

static void search_try(struct nsc_rate_search *s, double rate)
{
	s->asked = rate;
	s->clean = s->lossy = 0;
	s->lossy_rate = INFINITY;
}

void nsc_rate_search_begin(struct nsc_rate_search *s, const struct nsc_rate_rules *rules)
{
	assert(rules->resolution > 0 && rules->lowest > 0 && rules->repeats <= NSC_RATE_REPEATS_MAX);
	*s = (struct nsc_rate_search){ .rules = *rules, .high = INFINITY, .step = 2 * rules->resolution };
	search_try(s, INFINITY);
}

/* The sender has reached more before: something else took its time, and the trial says nothing of this rate. */
static bool search_was_disturbed(const struct nsc_rate_search *s, const struct nsc_rate_trial *trial)
{
	return !trial->lossy && isfinite(s->asked) && trial->reached < MET * s->asked;
}

static bool search_is_narrow(const struct nsc_rate_search *s)
{
	return s->high <= s->low * (1 + s->rules.resolution);
}

static void search_confirm(struct nsc_rate_search *s)
{
	s->confirming = true;
	if (s->clean >= s->rules.repeats)
		s->end = isfinite(s->asked) ? NSC_RATE_FOUND : NSC_RATE_OF_SENDER;
}

static void search_halve(struct nsc_rate_search *s)
{
	search_try(s, fmax((s->low + s->high) / 2, s->rules.lowest));
}

/* Once without a loss: good enough to go on with. */
static void search_held(struct nsc_rate_search *s)
{
	s->low = s->clean_rate[s->clean - 1];
	if (s->settling || !isfinite(s->asked) || search_is_narrow(s))
		search_confirm(s);
	else
		search_halve(s);
}

/* A rate that had been without a loss was not so when it was repeated: somewhat lower, and more so each time. */
static void search_go_down(struct nsc_rate_search *s)
{
	s->confirming = false;
	s->settling = true;
	search_try(s, fmax(s->high * (1 - s->step), s->rules.lowest));
	s->step = fmin(2 * s->step, STEP_MAX);
}

static void search_lost(struct nsc_rate_search *s)
{
	bool was_lowest = s->asked <= s->rules.lowest;

	s->high = fmin(s->high, fmin(s->asked, s->lossy_rate));
	if (s->low >= s->high)
		s->low = 0;
	if (was_lowest) {
		s->end = NSC_RATE_NONE;
	} else if (s->confirming || s->settling) {
		search_go_down(s);
	} else if (s->low > 0 && search_is_narrow(s)) {
		search_try(s, s->low);
		s->confirming = true;
	} else {
		search_halve(s);
	}
}

static void search_take_lossy(struct nsc_rate_search *s, const struct nsc_rate_trial *trial)
{
	s->lossy_trials++;
	s->lossy_rate = fmin(s->lossy_rate, trial->reached);
	if (++s->lossy > s->rules.forgiven)
		search_lost(s);
}

static void search_take_clean(struct nsc_rate_search *s, const struct nsc_rate_trial *trial)
{
	s->clean_rate[s->clean++] = trial->reached;
	if (s->confirming)
		search_confirm(s);
	else
		search_held(s);
}

void nsc_rate_search_take(struct nsc_rate_search *s, const struct nsc_rate_trial *trial)
{
	assert(s->end == NSC_RATE_GO_ON && trial->reached > 0);
	s->trials++;
	s->sender = fmax(s->sender, trial->reached);
	if (search_was_disturbed(s, trial))
		s->disturbed_trials++;
	else if (trial->lossy)
		search_take_lossy(s, trial);
	else
		search_take_clean(s, trial);
	if (s->end == NSC_RATE_GO_ON && s->trials >= s->rules.trials_max)
		s->end = NSC_RATE_UNDECIDED;
}

static int search_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void nsc_rate_search_found(const struct nsc_rate_search *s, struct nsc_rate_found *found)
{
	double sorted[NSC_RATE_REPEATS_MAX];
	unsigned n = s->clean;

	*found = (struct nsc_rate_found){ .median = s->low, .least = s->low, .most = s->low };
	if (s->end != NSC_RATE_FOUND && s->end != NSC_RATE_OF_SENDER)
		return;
	memcpy(sorted, s->clean_rate, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), search_by_value);
	*found = (struct nsc_rate_found){
		.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
		.least = sorted[0],
		.most = sorted[n - 1],
		.clean = n,
		.lossy = s->lossy,
	};
}
