/* SPDX-License-Identifier: MIT
 *
 * Which machine and which program: without it a figure means nothing.
 *
 * Thread: control. Allocates: the JSON. Blocks: for files, and for PROGRAM --version.
 */
#ifndef TOOLS_BENCH_MANIFEST_H
#define TOOLS_BENCH_MANIFEST_H

#include <cjson/cJSON.h>

#include "perf/bench.h"
#include "tools/netscope/doctor.h"

enum { NSC_BENCH_BUILD_ID = 2 * 32 + 1 };

struct nsc_bench_program {
	char path[4096];
	char version[64];                  /* "" = not told */
	char build_id[NSC_BENCH_BUILD_ID]; /* hexadecimal, of the linker's note; "" = it has none */
};

struct nsc_bench_manifest {
	struct nsc_bench_program program; /* this one */
	struct bench_machine machine;
	unsigned usable_cores;
	uint64_t memory_bytes; /* that processes may still take */
	char began[32];        /* UTC, ISO 8601 */
	struct nsc_doctor doctor;
};

/* 0, or -errno and one sentence. */
int nsc_bench_manifest_read(struct nsc_bench_manifest *manifest, struct nsc_error *error);

/* Another program: its --version is asked for. 0, or -EINVAL and one sentence when it cannot be run. */
int nsc_bench_program_read(struct nsc_bench_program *program, const char *path, struct nsc_error *error);

/* The note of a program with the linker's build id, "" when there is none. */
void nsc_bench_build_id(char build_id[NSC_BENCH_BUILD_ID], const char *path);

/* Members "program" and "machine" of `root`. */
void nsc_bench_manifest_json(cJSON *root, const struct nsc_bench_manifest *manifest);
void nsc_bench_program_json(cJSON *root, const char *name, const struct nsc_bench_program *program);

/* Some lines. */
void nsc_bench_manifest_print(FILE *out, const struct nsc_bench_manifest *manifest);

#endif
