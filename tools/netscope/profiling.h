/* SPDX-License-Identifier: MIT
 *
 * --profile, and the profile that the dashboard may start (netscope/profile.h).
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_PROFILING_H
#define TOOLS_NETSCOPE_PROFILING_H

#include "netscope/profile.h"
#include "tools/netscope/settings.h"

struct nsc_profiling {
	struct nsc_profile *profile; /* NULL: nobody wants one, or it cannot be had */
	struct nsc_error why;        /* why the dashboard has none */
};

/* Before privileges are given up. With --profile a machine that refuses it is an error: 0 or -errno and one sentence.
 * With --web alone what is needed is opened, and nothing is sampled; what is refused is told when somebody asks. */
int nsc_profiling_open(struct nsc_profiling *profiling, const struct nsc_settings *settings, struct nsc_error *error);

/* Starts its thread, confined as the others are, and says what --profile has to do without. 0 or -errno and one
 * sentence. */
int nsc_profiling_start(struct nsc_profiling *profiling, const struct nsc_settings *settings, struct nsc_error *error);

/* The run has ended: what --profile began stops, and all samples are taken. */
void nsc_profiling_ended(struct nsc_profiling *profiling);

void nsc_profiling_close(struct nsc_profiling *profiling);

#endif
