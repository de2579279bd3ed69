/* SPDX-License-Identifier: MIT
 *
 * From options to rules and windows: detectors of one kind that ask for the same measure over the same time share a
 * window.
 */
#include <errno.h>

#include "engine/base/assert.h"
#include "engine/detect/attacks.h"
#include "engine/detect/detectors.h"

const struct nsc_detector *const nsc_detector_table[] = {
#define NSC_X(name) &nsc_detector_##name,
	NSC_DETECTORS(NSC_X)
#undef NSC_X
		NULL,
};

struct plan { /* what the options come to */
	uint32_t n_windows, n_rules;
	uint32_t contacts;
	struct {
		const struct nsc_measure *measure;
		enum nsc_alert_kind kind;
		uint32_t window; /* epochs */
	} window[NSC_DETECTORS_MAX];
	struct nsc_rule rule[NSC_DETECTORS_MAX];
	const struct nsc_detector *of_rule[NSC_DETECTORS_MAX];
	uint32_t window_of[NSC_DETECTORS_MAX]; /* by rule */
};

static uint32_t plan_epochs(uint64_t ns)
{
	uint64_t epochs = ns / NSC_EPOCH_NS + (ns % NSC_EPOCH_NS != 0);

	return (uint32_t)NSC_MAX(NSC_MIN(epochs, (uint64_t)NSC_MULTISET_WINDOW_MAX), 1u);
}

static uint32_t plan_find_window(struct plan *plan, const struct nsc_detector *detector, const struct nsc_rule *rule)
{
	uint32_t window = plan_epochs(rule->window_ns), i = 0;

	while (i < plan->n_windows && (plan->window[i].measure != detector->measure ||
				       plan->window[i].kind != detector->kind || plan->window[i].window != window))
		i++;
	if (i < plan->n_windows)
		return i;
	plan->window[i].measure = detector->measure;
	plan->window[i].kind = detector->kind;
	plan->window[i].window = window;
	plan->n_windows++;
	return i;
}

static struct nsc_rule plan_rule(const struct nsc_detector *detector, const struct nsc_detect_options *options)
{
	struct nsc_rule rule = { .enabled = false };

	for (uint32_t i = 0; i < NSC_MEASURE_MULTISETS; i++)
		rule.at_least[i] = rule.at_most[i] = rule.shown[i] = NSC_ALERT_NONE;
	detector->configure(options, &rule);
	return rule;
}

static void plan_add_detector(struct plan *plan, const struct nsc_detector *detector,
			      const struct nsc_detect_options *options)
{
	struct nsc_rule rule = plan_rule(detector, options);

	if (!rule.enabled || plan->n_rules == NSC_DETECTORS_MAX)
		return;
	plan->contacts |= rule.contacts;
	if (!detector->measure)
		return;
	plan->window_of[plan->n_rules] = plan_find_window(plan, detector, &rule);
	plan->of_rule[plan->n_rules] = detector;
	plan->rule[plan->n_rules++] = rule;
}

static struct plan plan_of(const struct nsc_detect_options *options)
{
	struct plan plan = { .n_windows = 0 };

	for (uint32_t kind = 0; kind < NSC_ALERT_KIND_COUNT; kind++)
		for (const struct nsc_detector *const *d = nsc_detector_table; *d; d++)
			if ((*d)->kind == kind)
				plan_add_detector(&plan, *d, options);
	return plan;
}

uint32_t nsc_detect_contacts(const struct nsc_detect_options *options)
{
	return plan_of(options).contacts;
}

bool nsc_detect_needs_answers(const struct nsc_detect_options *options)
{
	return plan_of(options).contacts & NSC_CONTACTS_UNANSWERED;
}

/* A sixteenth for each minor one; the others share what is left. */
static uint64_t plan_memory(const struct plan *plan, uint32_t i, uint64_t memory)
{
	uint64_t minor = NSC_MAX(memory / 16, NSC_WINDOW_MEMORY_MIN), n = 0;

	for (uint32_t k = 0; k < plan->n_windows; k++)
		n += plan->window[k].measure->minor;
	if (plan->window[i].measure->minor)
		return minor;
	return (memory - NSC_MIN(n * minor, memory)) / (plan->n_windows - n);
}

uint64_t nsc_detectors_bytes(const struct nsc_detect_options *options)
{
	struct plan plan = plan_of(options);
	uint64_t bytes =
		sizeof(struct nsc_detectors) + nsc_attacks_bytes() + 2 * sizeof(uint64_t) * NSC_MULTISET_SLOTS_MAX;

	if (options->microburst.enabled)
		bytes += sizeof(struct nsc_microbursts);

	for (uint32_t i = 0; i < plan.n_windows; i++)
		bytes += nsc_window_bytes(plan.window[i].measure, plan_memory(&plan, i, options->memory));
	return bytes;
}

static int detectors_open_window(struct nsc_detectors *detectors, uint32_t i, const struct plan *plan,
				 struct nsc_window_options *o, const struct nsc_detect_options *options,
				 struct nsc_arena *arena, struct nsc_error *error)
{
	struct nsc_window *window = &detectors->window[i];
	int failed;

	o->measure = plan->window[i].measure;
	o->window = plan->window[i].window;
	o->memory = plan_memory(plan, i, options->memory);
	failed = nsc_window_open(window, arena, o, error);
	memcpy(detectors->seed, options->seed, sizeof(detectors->seed));
	detectors->kind[i] = plan->window[i].kind;
	window->kind = 1u << plan->window[i].kind;
	window->attacks = detectors->attacks;
	for (uint32_t r = 0; r < plan->n_rules; r++)
		if (plan->window_of[r] == i)
			nsc_window_add_rule(window, &detectors->rule[r]);
	return failed;
}

static int detectors_open_microbursts(struct nsc_detectors *d, const struct nsc_microburst_options *options,
				      struct nsc_arena *arena, struct nsc_error *error)
{
	if (!options->enabled)
		return 0;
	d->microbursts = nsc_arena_alloc(arena, sizeof(*d->microbursts));
	if (!d->microbursts)
		return nsc_fail(error, -ENOMEM, "no memory for microbursts");
	d->microbursts->tick_ns = NSC_NS_PER_SEC;
	return 0;
}

/* What may change while it runs. */
static void detectors_configure(struct nsc_detectors *d, const struct nsc_detect_options *options)
{
	memcpy(d->ignored, options->ignored, sizeof(d->ignored));
	d->ignores = false;
	for (uint32_t i = 0; i <= NSC_ALERT_KIND_COUNT; i++)
		d->ignores |= d->ignored[i].sources.n || d->ignored[i].targets.n;
	if (!d->microbursts)
		return;
	d->microbursts->limit_bytes = options->microburst.enabled ? options->microburst.limit_bytes : 0;
	d->microbursts->cooldown_ns = options->microburst.cooldown_ns;
}

int nsc_detectors_open(struct nsc_detectors **detectors, struct nsc_arena *arena,
		       const struct nsc_detect_options *options, uint32_t workers, struct nsc_error *error)
{
	struct nsc_detectors *d = nsc_arena_alloc(arena, sizeof(*d));
	struct nsc_window_options o = { .seed = { options->seed[0], options->seed[1] } };
	struct plan plan = plan_of(options);
	int failed = 0;

	for (uint32_t i = 0; i < 2; i++)
		o.scratch[i] = nsc_arena_alloc(arena, sizeof(uint64_t) * NSC_MULTISET_SLOTS_MAX);
	if (!d || !o.scratch[0] || !o.scratch[1])
		return nsc_fail(error, -ENOMEM, "no memory for the detectors");
	d->open = d->answered = NSC_EPOCH_NONE;
	d->workers = workers;
	d->n_windows = plan.n_windows;
	d->n_rules = plan.n_rules;
	memcpy(d->rule, plan.rule, sizeof(d->rule));
	memcpy(d->of_rule, plan.of_rule, sizeof(d->of_rule));
	d->repeats = options->scan_all;
	failed = nsc_attacks_open(&d->attacks, arena, options->seed, error);
	if (!failed)
		failed = detectors_open_microbursts(d, &options->microburst, arena, error);
	if (!failed)
		detectors_configure(d, options);
	for (uint32_t i = 0; i < plan.n_windows && !failed; i++)
		failed = detectors_open_window(d, i, &plan, &o, options, arena, error);
	*detectors = d;
	return failed;
}

/* --- while it runs ---------------------------------------------------------------------------- */

void nsc_detectors_reload(struct nsc_detectors *d, const struct nsc_detect_options *options)
{
	nsc_assert(nsc_detectors_reloaded(d), "options are handed over when the ones before them hold");
	d->next = *options;
	__atomic_store_n(&d->handed, d->handed + 1, __ATOMIC_RELEASE);
}

bool nsc_detectors_reloaded(const struct nsc_detectors *d)
{
	return __atomic_load_n(&d->taken, __ATOMIC_ACQUIRE) == d->handed;
}

void nsc_detectors_take_options(struct nsc_detectors *d)
{
	uint32_t handed = __atomic_load_n(&d->handed, __ATOMIC_ACQUIRE);

	if (nsc_likely(handed == d->taken))
		return;
	for (uint32_t i = 0; i < d->n_rules; i++)
		d->rule[i] = plan_rule(d->of_rule[i], &d->next);
	for (uint32_t i = 0; i < d->n_windows; i++)
		nsc_window_rules_changed(&d->window[i]);
	detectors_configure(d, &d->next);
	__atomic_store_n(&d->taken, handed, __ATOMIC_RELEASE);
}
