/* SPDX-License-Identifier: MIT
 *
 * Rounds in random order, and the clocks that they are measured with.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "netscope/clock.h"
#include "perf/batch.h"
#include "perf/bench.h"

/* The first ways of each figure, in the order of their numbers. */
static size_t rounds_heads(const struct bench_way *ways, size_t n, size_t *heads)
{
	size_t n_heads = 0;

	if (n > BENCH_WAYS_MAX || !n || ways[0].follows)
		bench_die("a section has 1 to %u ways, and the first follows none", BENCH_WAYS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!ways[i].follows)
			heads[n_heads++] = i;
	return n_heads;
}

static void rounds_shuffle(size_t *heads, size_t n, uint64_t *random)
{
	for (size_t i = n; i > 1; i--) {
		size_t other = (size_t)(batch_random(random) >> 32) % i, head = heads[i - 1];

		heads[i - 1] = heads[other];
		heads[other] = head;
	}
}

static void rounds_run(struct bench_way *ways, size_t n, size_t head, unsigned round)
{
	size_t i = head;

	do {
		ways[i].sample[round] = ways[i].once && round ? NAN : ways[i].run(ways[i].context);
	} while (++i < n && ways[i].follows);
}

unsigned bench_run(struct bench_way *ways, size_t n, unsigned rounds)
{
	size_t heads[BENCH_WAYS_MAX], n_heads = rounds_heads(ways, n, heads);
	uint64_t random = 88172645463325252ull;

	if (bench_settings.rounds)
		rounds = bench_settings.rounds;
	for (unsigned r = 0; r < rounds; r++) {
		rounds_shuffle(heads, n_heads, &random);
		for (size_t i = 0; i < n_heads; i++)
			rounds_run(ways, n, heads[i], r);
	}
	return rounds;
}

double bench_cpu_ns(void)
{
	return (double)nsc_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_thread_cpu_ns(void)
{
	return (double)nsc_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void bench_die(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(BENCH_FAILED);
}
