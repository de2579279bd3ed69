/* SPDX-License-Identifier: MIT
 *
 * What an earlier `netscope bench --save` wrote, and how today compares with it: only by ratios to the floor of each
 * session, because nanoseconds of another day are those of another day's machine.
 *
 * Thread: control. Allocates: what is read, until it is closed. Blocks: for the file.
 */
#ifndef TOOLS_BENCH_SAVED_H
#define TOOLS_BENCH_SAVED_H

#include "tools/bench/manifest.h"
#include "tools/bench/measure.h"

enum {
	NSC_BENCH_SAVED = 8,
	NSC_BENCH_SAVED_LEAST = 10
}; /* inputs; rounds of either session below which nothing is said */

struct nsc_bench_saved {
	char cpu[96], kernel[96], governor[32], huge_pages[64]; /* "" = not known */
	char version[64], build_id[NSC_BENCH_BUILD_ID], began[32];
	uint32_t n;
	struct {
		char input[64];
		double packets;
		uint32_t rounds;
		double over_floor[STATS_SAMPLES_MAX]; /* netscope with 1 thread */
	} result[NSC_BENCH_SAVED];
};

/* 0, or -errno and one sentence: -EINVAL for what is no such file. */
int nsc_bench_saved_open(struct nsc_bench_saved **saved, const char *path, struct nsc_error *error);
int nsc_bench_saved_read(struct nsc_bench_saved *saved, const char *text, size_t length, struct nsc_error *error);
void nsc_bench_saved_close(struct nsc_bench_saved *saved);

/* What is not as it was, as "kernel: 6.1 then, 6.2 now" and so on, each on a line; "" when all is. True: it is another
 * processor, and nothing can be said. */
bool nsc_bench_saved_differs(const struct nsc_bench_saved *saved, const struct bench_machine *machine, char *text,
			     size_t size);

/* Today over then; STATS_UNDECIDED where the two sessions do not tell, or the input is not in the file (ratio->n = 0).
 */
enum stats_verdict nsc_bench_saved_compare(struct stats_ratio *ratio, const struct nsc_bench_saved *saved,
					   const struct nsc_bench_result *result);

#endif
