/* SPDX-License-Identifier: MIT
 *
 * Samples added up by thread, core and stack.
 */
#include "engine/base/profile_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/clock.h"

enum { FIRST_ROWS = 4096 };

/* A hash table while it grows, a list when it is done. */
struct tally {
	struct nsc_profile_row *row; /* [room], a power of two; no samples: free */
	uint32_t n, room;
};

static struct nsc_profile_row *tally_find(const struct tally *tally, const struct profile_sample *sample)
{
	uint64_t key = (uint64_t)sample->stack << 32 | (uint64_t)sample->thread << 16 | sample->core;
	uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 32) & (tally->room - 1);

	for (;; at = (at + 1) & (tally->room - 1)) {
		struct nsc_profile_row *row = &tally->row[at];

		if (!row->samples ||
		    (row->stack == sample->stack && row->thread == sample->thread && row->core == sample->core))
			return row;
	}
}

static bool tally_grow(struct tally *tally)
{
	struct tally grown = { .n = tally->n, .room = tally->room ? tally->room * 2 : FIRST_ROWS };

	grown.row = calloc(grown.room, sizeof(*grown.row));
	if (!grown.row)
		return false;
	for (uint32_t i = 0; i < tally->room; i++) {
		const struct nsc_profile_row *row = &tally->row[i];
		const struct profile_sample sample = { .stack = row->stack, .thread = row->thread, .core = row->core };

		if (row->samples)
			*tally_find(&grown, &sample) = *row;
	}
	free(tally->row);
	*tally = grown;
	return true;
}

static bool tally_add(struct tally *tally, const struct profile_sample *sample)
{
	struct nsc_profile_row *row;

	if (tally->n * 2 >= tally->room && !tally_grow(tally))
		return false;
	row = tally_find(tally, sample);
	if (!row->samples) {
		*row = (struct nsc_profile_row){ .stack = sample->stack,
						 .thread = sample->thread,
						 .core = sample->core };
		tally->n++;
	}
	row->samples++;
	return true;
}

static int tally_compare(const void *a, const void *b)
{
	const struct nsc_profile_row *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples > y->samples ? -1 : 1;
	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	if (x->core != y->core)
		return x->core < y->core ? -1 : 1;
	return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static void tally_list(struct tally *tally)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < tally->room; i++)
		if (tally->row[i].samples)
			tally->row[n++] = tally->row[i];
	if (n)
		qsort(tally->row, n, sizeof(*tally->row), tally_compare);
}

static bool is_chosen(const struct nsc_profile_choice *choice, const struct profile_sample *sample)
{
	return sample->time_ns >= choice->from_ns && sample->time_ns < choice->to_ns &&
	       (choice->thread < 0 || sample->thread == choice->thread) &&
	       (choice->core < 0 || sample->core == choice->core);
}

/* Under the mutex. False without memory. */
static bool report_add_up(struct nsc_profile_report *report, struct tally *tally,
			  const struct nsc_profile_choice *choice)
{
	const struct nsc_profile *p = report->profile;
	uint64_t first = p->next - NSC_MIN(p->next, (uint64_t)p->samples);
	bool added = true;

	for (uint64_t i = first; i < p->next && added; i++) {
		struct profile_sample sample = p->ring[i & (p->samples - 1)];

		if (!is_chosen(choice, &sample))
			continue;
		if (choice->together)
			sample.core = 0;
		added = tally_add(tally, &sample);
		report->samples++;
	}
	if (first) /* what came before was overwritten */
		report->from_ns = NSC_MAX(report->from_ns, p->ring[first & (p->samples - 1)].time_ns);
	return added;
}

int nsc_profile_report_open(struct nsc_profile_report *report, struct nsc_profile *p,
			    const struct nsc_profile_choice *choice, struct nsc_error *error)
{
	struct tally tally = { .n = 0 };
	bool added;

	nsc_profile_settle(p);
	memset(report, 0, sizeof(*report));
	report->hz = p->hz;
	report->kernel = p->events.kernel && !p->timers;
	report->timers = p->timers;
	report->began_ns = p->began_ns;
	report->profile = p;
	report->from_ns = choice->from_ns;
	report->to_ns = NSC_MIN(choice->to_ns, nsc_monotonic_ns() - p->began_monotonic_ns);
	pthread_mutex_lock(&p->mutex);
	added = report_add_up(report, &tally, choice);
	report->running = p->running;
	report->lost = p->counters.value[NSC_C_PROFILE_LOST];
	report->overwritten = p->counters.value[NSC_C_PROFILE_OVERWRITTEN];
	report->names = nsc_symbols_names(p->symbols);
	report->n_threads = p->n_threads;
	memcpy(report->thread, p->thread, p->n_threads * sizeof(*p->thread));
	pthread_mutex_unlock(&p->mutex);
	tally_list(&tally);
	report->row = tally.row;
	report->n = tally.n;
	if (added)
		return 0;
	nsc_profile_report_close(report);
	return nsc_fail(error, -ENOMEM, "no memory for the stacks of a profile");
}

void nsc_profile_report_close(struct nsc_profile_report *report)
{
	free(report->row);
	report->row = NULL;
	report->n = 0;
}

const uint32_t *nsc_profile_stack(const struct nsc_profile_report *report, const struct nsc_profile_row *row,
				  uint32_t *n)
{
	const uint32_t *stack = &report->profile->frames[row->stack];

	*n = stack[0];
	return stack + 1;
}

const char *nsc_profile_name(const struct nsc_profile_report *report, uint32_t number)
{
	return nsc_symbols_name(report->profile->symbols, number);
}
