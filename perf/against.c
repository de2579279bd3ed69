/* SPDX-License-Identifier: MIT
 *
 * Two builds of netscope, compared: pairs of short runs on the same file, in random order, until the rule of stats.h
 * decides. User and system time of the whole process counts, which other work on the machine disturbs least.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netscope/clock.h"
#include "perf/batch.h"
#include "perf/bench.h"
#include "perf/capture.h"
#include "perf/child.h"
#include "perf/stats.h"

#define LOOKED_FOR 0.05
#define EARLY_NS 10e9 /* after so long it can be said whether the time will do */

/* A run of each takes 0.1 s on a machine of today. */
static const struct traffic {
	const char *profile;
	bool export;
	const char *size[4]; /* pktgen's options */
} traffics[] = {
	{ "elephants", false, { "--packets", "1000000" } },
	{ "million", true, { "--packets", "500000", "--flows", "125000" } },
	{ "mix", true, { "--packets", "600000" } },
};

struct duel {
	const struct traffic *traffic;
	const char *program[2]; /* old, new */
	char path[4096], export[4096], log[4096];
	double sample[2][STATS_PAIRS_MAX];
	double max_rss;
	struct stats_ratio ratio; /* new over old */
};

static void duel_generate(struct duel *d)
{
	const char *argv[12] = { bench_settings.pktgen, "--profile", d->traffic->profile, "--no-truth" };
	struct child_result result;
	size_t n = 4;

	for (size_t i = 0; i < NSC_ARRAY_LEN(d->traffic->size) && d->traffic->size[i]; i++)
		argv[n++] = d->traffic->size[i];
	if (bench_settings.quick) {
		argv[n++] = "--packets";
		argv[n++] = "1000";
	}
	argv[n] = d->path;
	child_run(&result, argv, d->log, 600);
	if (result.status)
		bench_die("%s could not make %s: see %s", bench_settings.pktgen, d->path, d->log);
	capture_walk(d->path);
}

static double duel_run(struct duel *d, unsigned which)
{
	const char *argv[16] = { d->program[which], "-r",          d->path, "--quiet", "--no-progress",
				 "--no-pipeline",   "--max-flows", "0" };
	struct child_result result;

	if (d->traffic->export) {
		unlink(d->export);
		argv[8] = "--export-csv";
		argv[9] = d->export;
	}
	child_warm_memory((uint64_t)d->max_rss);
	child_run(&result, argv, d->log, 600);
	if (result.status)
		bench_die("%s ended with status %d on %s: see %s", argv[0], result.status, d->path, d->log);
	d->max_rss = NSC_MAX(d->max_rss, result.max_rss);
	return result.cpu_ns;
}

static enum stats_verdict duel_judge(struct duel *d, uint32_t pairs)
{
	stats_ratio_of(&d->ratio, d->sample[0], d->sample[1], pairs);
	return stats_judge(&d->ratio, LOOKED_FOR);
}

/* Whether `pairs` in `spent_ns` are so few that the rule will not have what it needs in time. */
static bool duel_is_hopeless(uint32_t pairs, double spent_ns)
{
	double limit_ns = bench_settings.against_seconds * 1e9;

	return spent_ns > limit_ns || (spent_ns > EARLY_NS && pairs * limit_ns < STATS_PAIRS_MIN * spent_ns);
}

/* STATS_GO_ON when there is no time for enough pairs. */
static enum stats_verdict duel_decide(struct duel *d)
{
	enum stats_verdict verdict = STATS_GO_ON;
	uint64_t random = 88172645463325252ull, began_ns;

	duel_run(d, 0);
	duel_run(d, 1);
	began_ns = nsc_monotonic_ns();
	for (uint32_t n = 0; verdict == STATS_GO_ON; n++) {
		unsigned first = batch_random(&random) >> 63;

		d->sample[first][n] = duel_run(d, first);
		d->sample[!first][n] = duel_run(d, !first);
		verdict = duel_judge(d, n + 1);
		if (duel_is_hopeless(n + 1, (double)(nsc_monotonic_ns() - began_ns)))
			break;
	}
	return verdict;
}

static void duel_print(const struct duel *d, enum stats_verdict verdict)
{
	printf("%-10s new over old: median of ratios %.3f (%.3f to %.3f), lower quartiles %.3f, %u pairs: %s\n",
	       d->traffic->profile, d->ratio.median, d->ratio.low, d->ratio.high, d->ratio.quartiles, d->ratio.n,
	       verdict == STATS_GO_ON ? "no verdict: this machine is too busy" : stats_verdict_name(verdict));
	fflush(stdout);
}

int bench_against(void)
{
	static struct duel d;
	unsigned slower = 0;

	if (!child_exists(bench_settings.against) || !child_exists(bench_settings.netscope))
		bench_die("%s and %s are both needed", bench_settings.against, bench_settings.netscope);
	for (size_t i = 0; i < (bench_settings.quick ? 1 : NSC_ARRAY_LEN(traffics)); i++) {
		enum stats_verdict verdict;

		d = (struct duel){ .traffic = &traffics[i],
				   .program = { bench_settings.against, bench_settings.netscope } };
		snprintf(d.path, sizeof(d.path), "%s/against.pcap", bench_settings.folder);
		snprintf(d.export, sizeof(d.export), "%s/against.csv", bench_settings.folder);
		snprintf(d.log, sizeof(d.log), "%s/child.log", bench_settings.folder);
		duel_generate(&d);
		verdict = duel_decide(&d);
		duel_print(&d, verdict);
		slower += verdict == STATS_SLOWER;
		unlink(d.path);
		unlink(d.export);
	}
	return slower ? EXIT_FAILURE : EXIT_SUCCESS;
}
