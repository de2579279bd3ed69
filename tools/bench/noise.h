/* SPDX-License-Identifier: MIT
 *
 * What disturbed this machine while it was measured, and what to do about it.
 *
 * Thread: control. Allocates: never. Blocks: for files of /proc.
 */
#ifndef TOOLS_BENCH_NOISE_H
#define TOOLS_BENCH_NOISE_H

#include "tools/netscope/doctor.h"

struct nsc_bench_noise { /* seconds of all cores since the start of the machine, or since a begin */
	double all;      /* what cores had; 0 = not known */
	double others;   /* what programs other than this one and its processes took */
	double stolen;   /* what the host took (virtual machines) */
};

/* `proc`: "/proc". */
void nsc_bench_noise_begin(struct nsc_bench_noise *begin, const char *proc);
void nsc_bench_noise_end(struct nsc_bench_noise *noise, const struct nsc_bench_noise *begin, const char *proc);

/* One line for each thing that disturbs, with what to do; at least one. `cores`: of the machine. */
void nsc_bench_noise_print(FILE *out, const struct nsc_bench_noise *noise, const struct nsc_doctor *doctor, long cores);

#endif
