/* SPDX-License-Identifier: MIT
 *
 * Rounds: each runs every way once, in an order that is drawn for it. What disturbs the machine disturbs all of them.
 */
#include "tools/bench/measure.h"

#include "netscope/clock.h"
#include "perf/batch.h"
#include "perf/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHILD_SECONDS = 3600, TEXT_MAX = 8 << 20 };
#define STABLE_WIDTH 0.04 /* of the 95 % interval: 2 % to either side */
#define STABLE_ROUNDS 10u
#define PATIENCE 4.0 /* times as long, with until_stable */

struct measuring {
	struct nsc_bench_result *result;
	const struct nsc_bench_plan *plan;
	int output, errors; /* of the processes: files in memory */
	char output_path[32], errors_path[32];
};

/* --- the text of a process -------------------------------------------------------------------- */

/* The whole file, with a NUL behind it; NULL without memory or when it is too long. */
static char *measuring_text(int fd, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size >= 0 && size <= TEXT_MAX ? malloc((size_t)size + 1) : NULL;
	ssize_t n = text ? pread(fd, text, (size_t)size, 0) : -1;

	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = (size_t)n;
	return text;
}

void nsc_bench_last_line(char line[NSC_BENCH_LAST_LINE], int fd)
{
	size_t length = 0;
	char *text = measuring_text(fd, &length), *last;

	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	last = text ? strrchr(text, '\n') : NULL;
	snprintf(line, NSC_BENCH_LAST_LINE, "%s", last ? last + 1 : text ? text : "");
	free(text);
}

static int measuring_failed(const struct measuring *m, int status, struct nsc_error *error)
{
	char last[NSC_BENCH_LAST_LINE];

	nsc_bench_last_line(last, m->errors);
	return nsc_fail(error, -EIO, "netscope on \"%s\" %s %d%s%s", m->result->input.name,
			status < 0 ? "could not be run to its end:" : "ended with status", status, last[0] ? ": " : "",
			last);
}

/* --- one way, once ---------------------------------------------------------------------------- */

static int way_floor(struct nsc_bench_way *way, const struct nsc_bench_input *input, uint32_t round,
		     struct nsc_error *error)
{
	uint64_t cpu = nsc_clock_ns(CLOCK_PROCESS_CPUTIME_ID), wall = nsc_monotonic_ns();
	struct floor_count count;
	int status = way->kind == NSC_BENCH_WALK ? floor_walk(input->path, &count, error)
						 : floor_libpcap(input->path, &count, error);

	if (status)
		return status;
	if (count.packets != input->packets)
		return nsc_fail(error, -EIO, "%.400s has changed while it was measured", input->path);
	way->cpu_ns[round] = (double)(nsc_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)count.packets;
	way->wall_ns[round] = (double)(nsc_monotonic_ns() - wall) / (double)count.packets;
	return 0;
}

static int way_take_account(const struct measuring *m, struct nsc_bench_account *account, struct nsc_error *error)
{
	size_t length;
	char *text = measuring_text(m->output, &length);
	int status = text ? nsc_bench_account_read(account, text, length, error)
			  : nsc_fail(error, -EIO, "the summary of the run cannot be read");

	free(text);
	if (!status && !(account->packets > 0))
		return nsc_fail(error, -EIO, "%.400s has no packets", m->result->input.path);
	return status;
}

static int way_netscope(struct measuring *m, struct nsc_bench_way *way, uint32_t round, struct nsc_error *error)
{
	const struct nsc_bench_input *input = &m->result->input;
	bool lanes = way->kind == NSC_BENCH_LANES;
	char readers[16], workers[16];
	const char *argv[] = {
		"/proc/self/exe", "-r", input->path, "--quiet", "--no-progress", "--max-flows",          "0",
		"--summary-json", "-",  "--readers", readers,   "--workers",     lanes ? workers : NULL, NULL
	};
	struct nsc_bench_account account;
	struct child_result child;
	double before, after, range;
	bool energy;
	int status;

	snprintf(readers, sizeof(readers), "%u", lanes ? 1 : way->threads);
	snprintf(workers, sizeof(workers), "%u", way->threads - 1);
	if (!lanes)
		argv[NSC_ARRAY_LEN(argv) - 3] = NULL;
	child_warm_memory((uint64_t)(way->max_rss * 1.25));
	energy = nsc_bench_energy("", &before, &range);
	child_run_apart(&child, argv, m->output_path, m->errors_path, CHILD_SECONDS);
	if (child.status)
		return measuring_failed(m, child.status, error);
	status = way_take_account(m, &account, error);
	if (status)
		return status;
	energy = energy && nsc_bench_energy("", &after, &range);
	way->cpu_ns[round] = child.cpu_ns / account.packets;
	way->wall_ns[round] = child.wall_ns / account.packets;
	way->run_ns[round] = account.elapsed_ns / account.packets;
	if (energy)
		way->energy_nj[round] = (after - before + (after < before ? range : 0)) * 1e3 / account.packets;
	way->max_rss = NSC_MAX(way->max_rss, child.max_rss);
	for (uint32_t i = 0; i <= round; i++)
		if (way->cpu_ns[i] < way->cpu_ns[round])
			return 0;
	way->account = account;
	return 0;
}

static int way_run(struct measuring *m, struct nsc_bench_way *way, uint32_t round, struct nsc_error *error)
{
	way->cpu_ns[round] = way->wall_ns[round] = way->run_ns[round] = way->energy_nj[round] = NAN;
	if (way->kind == NSC_BENCH_WALK || way->kind == NSC_BENCH_LIBPCAP)
		return way_floor(way, &m->result->input, round, error);
	return way_netscope(m, way, round, error);
}

/* --- which ways ------------------------------------------------------------------------------- */

static void way_add(struct nsc_bench_result *result, enum nsc_bench_kind kind, unsigned threads)
{
	struct nsc_bench_way *way = &result->way[result->n];

	if (result->n == NSC_BENCH_WAYS)
		return;
	result->n++;
	memset(way, 0, sizeof(*way)); /* of the input before */
	way->kind = kind;
	way->threads = threads;
	if (kind == NSC_BENCH_WALK)
		snprintf(way->name, sizeof(way->name), "read and walk");
	else if (kind == NSC_BENCH_LIBPCAP)
		snprintf(way->name, sizeof(way->name), "libpcap");
	else if (kind == NSC_BENCH_LANES)
		snprintf(way->name, sizeof(way->name), "1 reader, %u worker%s", threads - 1, threads > 2 ? "s" : "");
	else
		snprintf(way->name, sizeof(way->name), "%u thread%s", threads, threads > 1 ? "s" : "");
}

/* 1, 2, 4, ... and the most: what one thread more brings shows soon, and a machine may have a hundred. */
static void measure_choose_ways(struct nsc_bench_result *result, unsigned threads)
{
	result->n = 0;
	if (result->input.packets) {
		way_add(result, NSC_BENCH_WALK, 1);
		way_add(result, NSC_BENCH_LIBPCAP, 1);
	}
	way_add(result, NSC_BENCH_READERS, 1);
	for (unsigned n = 2; n < 2 * threads; n *= 2) {
		unsigned many = NSC_MIN(n, threads);

		if (result->input.packets) /* several threads read plain files only */
			way_add(result, NSC_BENCH_READERS, many);
		way_add(result, NSC_BENCH_LANES, many);
	}
}

const struct nsc_bench_way *nsc_bench_way_of(const struct nsc_bench_result *result, enum nsc_bench_kind kind,
					     unsigned threads)
{
	for (uint32_t i = 0; i < result->n; i++)
		if (result->way[i].kind == kind && result->way[i].threads == threads)
			return &result->way[i];
	return NULL;
}

void nsc_bench_over_floor(struct stats_ratio *ratio, const struct nsc_bench_result *result,
			  const struct nsc_bench_way *way)
{
	const struct nsc_bench_way *walk = nsc_bench_way_of(result, NSC_BENCH_WALK, 1);

	stats_ratio_of(ratio, walk ? walk->cpu_ns : way->cpu_ns, way->cpu_ns, walk ? result->rounds : 0);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static int rounds_one(struct measuring *m, uint64_t *random, struct nsc_error *error)
{
	struct nsc_bench_result *result = m->result;
	uint32_t order[NSC_BENCH_WAYS];
	int status = 0;

	for (uint32_t i = 0; i < result->n; i++) {
		uint32_t other = (uint32_t)((batch_random(random) >> 32) * (i + 1) >> 32);

		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; i < result->n && !status; i++)
		status = way_run(m, &result->way[order[i]], result->rounds, error);
	return status;
}

bool nsc_bench_is_stable(const struct nsc_bench_result *result)
{
	const struct nsc_bench_way *one = nsc_bench_way_of(result, NSC_BENCH_READERS, 1);
	struct stats_ratio ratio;

	if (result->rounds < STABLE_ROUNDS)
		return false;
	if (result->input.packets)
		nsc_bench_over_floor(&ratio, result, one);
	else /* what has no floor is compared with itself: how far apart are its rounds? */
		stats_change_of(&ratio, one->cpu_ns, result->rounds, one->cpu_ns, result->rounds);
	return ratio.halves_high - ratio.halves_low <= STABLE_WIDTH * ratio.halves;
}

static int rounds_all(struct measuring *m, struct nsc_error *error)
{
	struct nsc_bench_result *result = m->result;
	const struct nsc_bench_plan *plan = m->plan;
	double limit_ns = plan->seconds * 1e9, longest_ns = limit_ns * (plan->until_stable ? PATIENCE : 1);
	uint64_t random = 88172645463325252ull, began_ns = nsc_monotonic_ns();
	int status = 0;

	while (!status && result->rounds < NSC_BENCH_ROUNDS) {
		double spent_ns = (double)(nsc_monotonic_ns() - began_ns);
		double next_ns = spent_ns / NSC_MAX(result->rounds, 1u);

		if (result->rounds >= plan->rounds &&
		    (spent_ns + next_ns > longest_ns || (spent_ns + next_ns > limit_ns && nsc_bench_is_stable(result))))
			break;
		status = rounds_one(m, &random, error);
		result->rounds += !status;
	}
	return status;
}

/* The first runs tell how much memory they take, and do not count. */
static int rounds_warm(struct measuring *m, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < m->result->n && !status; i++)
		status = way_run(m, &m->result->way[i], 0, error);
	return status;
}

int nsc_bench_measure(struct nsc_bench_result *result, const struct nsc_bench_plan *plan, struct nsc_error *error)
{
	struct measuring m = { .result = result,
			       .plan = plan,
			       .output = memfd_create("netscope-bench-output", 0),
			       .errors = memfd_create("netscope-bench-errors", 0) };
	int status = 0;

	snprintf(m.output_path, sizeof(m.output_path), "/proc/self/fd/%d", m.output);
	snprintf(m.errors_path, sizeof(m.errors_path), "/proc/self/fd/%d", m.errors);
	result->rounds = 0;
	measure_choose_ways(result, plan->threads);
	if (m.output < 0 || m.errors < 0)
		status = nsc_fail(error, -errno, "no memory for what the runs print");
	if (!status)
		status = rounds_warm(&m, error);
	if (!status)
		status = rounds_all(&m, error);
	if (m.output >= 0)
		close(m.output);
	if (m.errors >= 0)
		close(m.errors);
	return status;
}
