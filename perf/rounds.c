/* SPDX-License-Identifier: MIT
 *
 * Interleaved rounds, and the clocks that they are measured with.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "netscope/clock.h"
#include "perf/bench.h"

unsigned bench_run(struct bench_way *ways, size_t n, unsigned rounds)
{
	if (bench_settings.rounds)
		rounds = bench_settings.rounds;
	for (unsigned r = 0; r < rounds; r++)
		for (size_t i = 0; i < n; i++)
			ways[i].sample[r] = ways[i].once && r ? NAN : ways[i].run(ways[i].context);
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
	exit(EXIT_FAILURE);
}
