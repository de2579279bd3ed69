/* SPDX-License-Identifier: MIT
 *
 * `netscope bench`: what this machine does, beside floors; and whether a build is slower than another one.
 *
 * Thread: that of main; what is measured are processes of its own.
 */
#ifndef TOOLS_BENCH_BENCH_H
#define TOOLS_BENCH_BENCH_H

#include "netscope/error.h"
#include "tools/netscope/settings.h"

#include <stdio.h>

enum {                   /* the exit status; wrong usage is 2, as everywhere */
       NSC_BENCH_OK = 0, /* measured; compared: no difference, or faster */
       NSC_BENCH_SLOWER = 1,
       NSC_BENCH_UNDECIDED = 3, /* the machine is too noisy, or the time too short */
       NSC_BENCH_FAILED = 4,    /* something could not be measured */
};

/* Prints what it finds. An exit status, or -errno and one sentence: -EINVAL for wrong usage, else NSC_BENCH_FAILED. */
int nsc_bench(FILE *out, const struct nsc_settings *settings, struct nsc_error *error);

#endif
