/* SPDX-License-Identifier: MIT
 *
 * What a border of the cycle account costs: with a timeline, whose ring is the one that a worker has, and without. A
 * border reads the cycle counter in either case; the peer does nothing else.
 */
#include "perf/bench.h"

#include <stdlib.h>

#include "engine/base/account.h"
#include "engine/base/arena.h"

enum { BORDERS_A_ROUND = 5 };

struct account_case {
	struct nsc_counters counters;
	struct nsc_timeline *timeline; /* NULL: without */
	uint64_t rounds;
};

/* A round as a worker's: its stages, and its end for the timeline. */
static double run_account(void *context)
{
	static const unsigned stage[BORDERS_A_ROUND] = { NSC_C_CYCLES_RX, NSC_C_CYCLES_DECODE, NSC_C_CYCLES_FLOW,
							 NSC_C_CYCLES_DNS, NSC_C_CYCLES_SWEEP };
	struct account_case *c = context;
	double start = bench_cpu_ns();

	c->counters.timeline = c->timeline;
	nsc_account_begin(&c->counters);
	for (uint64_t i = 0; i < c->rounds; i++) {
		uint64_t began = c->counters.stamp;

		for (unsigned k = 0; k < BORDERS_A_ROUND; k++) {
			nsc_account_burst(&c->counters, stage[k], 64);
			bench_keep(&c->counters);
		}
		if (c->counters.timeline)
			nsc_timeline_round(c->counters.timeline, began, c->counters.stamp);
	}
	return (bench_cpu_ns() - start) / (double)(c->rounds * BORDERS_A_ROUND);
}

static double run_counter(void *context)
{
	const struct account_case *c = context;
	double start = bench_cpu_ns();

	for (uint64_t i = 0; i < c->rounds * BORDERS_A_ROUND; i++) {
		uint64_t now = nsc_cycles();

		bench_keep(now);
	}
	return (bench_cpu_ns() - start) / (double)(c->rounds * BORDERS_A_ROUND);
}

void bench_account(void)
{
	struct account_case with = { .rounds = bench_size(4000000, 40000) }, without = with;
	struct bench_way ways[] = {
		{ .name = "borders with a timeline", .run = run_account, .context = &with },
		{ .name = "borders without", .run = run_account, .context = &without },
		{ .name = "read the cycle counter", .run = run_counter, .context = &without },
	};
	struct nsc_arena *arena;
	unsigned rounds;

	if (nsc_arena_open(&arena, NULL) ||
	    nsc_timeline_open(&with.timeline, arena, NSC_TIMELINE_BUSY, nsc_cycles_measure_hz(), NULL))
		bench_die("no memory");
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 9);
	bench_row("account", "a border, with a timeline", "ns/border", &ways[0], &ways[1], rounds, NULL);
	bench_row("account", "", "ns/border", &ways[0], &ways[2], rounds, NULL);
	nsc_arena_close(arena);
}
