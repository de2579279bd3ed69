/* SPDX-License-Identifier: MIT
 *
 * See against.h. User and system time of the whole process counts, which other work on the machine disturbs least.
 */
#include "tools/bench/against.h"

#include "netscope/clock.h"
#include "perf/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHILD_SECONDS = 600 };
#define WARM_FROM (128.0 * 1048576) /* what runs take anyway is warm from one to the next */

struct against {
	const char *program[2];
	int output, errors;
	char output_path[32], errors_path[32];
};

static int against_failed(const struct against *a, const struct nsc_bench_duel *duel, unsigned which, int status,
			  struct nsc_error *error)
{
	char last[NSC_BENCH_LAST_LINE];

	nsc_bench_last_line(last, a->errors);
	return nsc_fail(error, -EIO, "%.300s on \"%s\" %s %d%s%s", which ? "netscope" : a->program[0], duel->input.name,
			status < 0 ? "could not be run to its end:" : "ended with status", status, last[0] ? ": " : "",
			last);
}

static int against_run(const struct against *a, struct nsc_bench_duel *duel, unsigned which, struct nsc_error *error)
{
	const char *argv[] = { a->program[which],
			       "-r",
			       duel->input.path,
			       "--quiet",
			       "--no-progress",
			       "--no-pipeline",
			       "--max-flows",
			       "0",
			       duel->rows ? "--export-csv" : NULL,
			       "/dev/null",
			       NULL };
	struct child_result child;

	if (duel->max_rss > WARM_FROM)
		child_warm_memory((uint64_t)duel->max_rss);
	child_run_apart(&child, argv, a->output_path, a->errors_path, CHILD_SECONDS);
	if (child.status)
		return against_failed(a, duel, which, child.status, error);
	duel->max_rss = NSC_MAX(duel->max_rss, child.max_rss);
	if (duel->pairs < STATS_SAMPLES_MAX)
		duel->sample[which][duel->pairs] = child.cpu_ns;
	return 0;
}

static void against_look(struct nsc_bench_duel *duel)
{
	stats_ratio_of(&duel->ratio, duel->sample[0], duel->sample[1], duel->pairs);
	duel->verdict = stats_judge(&duel->ratio, NSC_BENCH_LOOKED_FOR, STATS_PAIRS_MIN);
}

static int against_pair(const struct against *a, struct nsc_bench_duel *duel, uint64_t *random, struct nsc_error *error)
{
	unsigned first = batch_random(random) >> 63;
	int status = against_run(a, duel, first, error);

	if (!status)
		status = against_run(a, duel, !first, error);
	if (status)
		return status;
	if (++duel->pairs < duel->look)
		return 0;
	duel->look = stats_next_look(duel->pairs);
	against_look(duel);
	return 0;
}

/* The first runs tell how much memory they take, and do not count. */
static int against_warm(const struct against *a, struct nsc_bench_duel *duel, unsigned n, struct nsc_error *error)
{
	int status = 0;

	for (unsigned i = 0; i < 2 * n && !status; i++) {
		duel[i / 2].pairs = 0;
		duel[i / 2].look = stats_next_look(0);
		duel[i / 2].verdict = STATS_GO_ON;
		status = against_run(a, &duel[i / 2], i % 2, error);
	}
	return status;
}

static int against_all(const struct against *a, struct nsc_bench_duel *duel, unsigned n, double seconds,
		       struct nsc_error *error)
{
	uint64_t random = 88172645463325252ull, end_ns = nsc_monotonic_ns() + (uint64_t)(seconds * 1e9);
	bool open = true;
	int status = against_warm(a, duel, n, error);

	while (open && !status) {
		open = false;
		for (unsigned i = 0; i < n && !status; i++) {
			if (duel[i].verdict != STATS_GO_ON)
				continue;
			if (nsc_monotonic_ns() >= end_ns || duel[i].pairs == STATS_SAMPLES_MAX)
				return 0;
			open = true;
			status = against_pair(a, &duel[i], &random, error);
		}
	}
	return status;
}

int nsc_bench_against(struct nsc_bench_duel *duel, unsigned n, const char *other, double seconds,
		      struct nsc_error *error)
{
	struct against a = { .program = { other, "/proc/self/exe" },
			     .output = memfd_create("netscope-bench-output", 0),
			     .errors = memfd_create("netscope-bench-errors", 0) };
	int status;

	snprintf(a.output_path, sizeof(a.output_path), "/proc/self/fd/%d", a.output);
	snprintf(a.errors_path, sizeof(a.errors_path), "/proc/self/fd/%d", a.errors);
	status = a.output < 0 || a.errors < 0 ? nsc_fail(error, -errno, "no memory for what the programs print")
					      : against_all(&a, duel, n, seconds, error);
	for (unsigned i = 0; i < n && !status; i++)
		if (duel[i].verdict == STATS_GO_ON) /* with what there is */
			against_look(&duel[i]);
	if (a.output >= 0)
		close(a.output);
	if (a.errors >= 0)
		close(a.errors);
	return status;
}

enum stats_verdict nsc_bench_verdict_of(const enum stats_verdict *verdict, unsigned n)
{
	unsigned count[STATS_UNDECIDED + 1] = { 0 };

	for (unsigned i = 0; i < n; i++)
		count[verdict[i]]++;
	if (count[STATS_SLOWER])
		return STATS_SLOWER;
	if (count[STATS_GO_ON] || count[STATS_UNDECIDED] || !n)
		return STATS_UNDECIDED;
	return count[STATS_FASTER] ? STATS_FASTER : STATS_SAME;
}
