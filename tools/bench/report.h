/* SPDX-License-Identifier: MIT
 *
 * What was measured, for a person and for a program.
 *
 * Thread: control. Allocates: the JSON.
 */
#ifndef TOOLS_BENCH_REPORT_H
#define TOOLS_BENCH_REPORT_H

#include "tools/bench/against.h"
#include "tools/bench/manifest.h"
#include "tools/bench/saved.h"

enum { NSC_BENCH_SCHEMA = 1 };

/* One input's table. */
void nsc_bench_print(FILE *out, const struct nsc_bench_result *result);

/* A whole document without results, and one result into it. */
cJSON *nsc_bench_json_open(const char *kind, const struct nsc_bench_manifest *manifest);
void nsc_bench_json_add(cJSON *root, const struct nsc_bench_result *result);

/* A comparison with another program: a line, and an object of `results`. */
void nsc_bench_print_duel(FILE *out, const struct nsc_bench_duel *duel);
void nsc_bench_json_add_duel(cJSON *root, const struct nsc_bench_duel *duel);
/* The same with a saved result, into `changes`. */
void nsc_bench_print_change(FILE *out, const struct stats_ratio *r, enum stats_verdict verdict);
void nsc_bench_json_add_change(cJSON *root, const char *input, const struct stats_ratio *r, enum stats_verdict verdict);
const char *nsc_bench_verdict_name(enum stats_verdict verdict); /* "no difference of 3 % or more" */

/* Whether the file could be written whole: 0, or -errno and one sentence. */
int nsc_bench_json_save(const cJSON *root, const char *path, struct nsc_error *error);
int nsc_bench_json_print(FILE *out, const cJSON *root, struct nsc_error *error);

#endif
