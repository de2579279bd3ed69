/* SPDX-License-Identifier: MIT
 *
 * `netscope bench -i IF --send IF`: the highest rate at which a capture loses nothing, for each backend, frame size and
 * number of flows.
 *
 * Thread: that of main.
 */
#ifndef TOOLS_BENCH_RATE_H
#define TOOLS_BENCH_RATE_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "tools/bench/rate_search.h"
#include "tools/bench/rate_trial.h"
#include "tools/netscope/settings.h"

enum { NSC_RATE_FRAMES = 16, NSC_RATE_FLOWS = 16, NSC_RATE_TRIALS = 40 };

struct nsc_rate_case {
	const char *backend;
	uint32_t frame; /* bytes, with the check sequence */
	uint64_t flows;
	struct nsc_rate_search search;
	bool has_loss;                /* there was a trial with a loss */
	struct nsc_rate_outcome loss; /* the one with the lowest rate */
	unsigned n;
	struct nsc_rate_once { /* each trial */
		double asked;
		struct nsc_rate_outcome outcome;
	} trial[NSC_RATE_TRIALS];
};

struct nsc_rate_setup {
	const char *sender, *receiver;
	uint32_t workers;        /* 0 = as the receiver likes */
	int core;                /* of the sender; -1 = it has none of its own */
	cpu_set_t cores;         /* of the receiver */
	double trial_s, until_s; /* one trial, and all of them; 0 = as long as it takes */
	unsigned repeats;
	bool anyway; /* on a sender's interface that is in use, too */
	uint32_t n_frames, frame[NSC_RATE_FRAMES];
	uint32_t n_flows;
	uint64_t flows[NSC_RATE_FLOWS];
	uint32_t n_backends;
	const char *backend[2];
};

/* What the settings say. -EINVAL and one sentence. */
int nsc_rate_setup(struct nsc_rate_setup *setup, const struct nsc_settings *settings, struct nsc_error *error);

/* Whether frames may and can be sent: 0, or -errno and one sentence. What would fail in the last case fails here. */
int nsc_rate_check(const struct nsc_rate_setup *setup, struct nsc_error *error);

/* Measures all cases, prints a line for each to `out` (NULL: none) and adds them to `root`. An exit status of bench.h,
 * or -errno and one sentence. */
int nsc_rate_run(const struct nsc_rate_setup *setup, FILE *out, cJSON *root, struct nsc_error *error);

/* --- rate_report.c ---------------------------------------------------------------------------- */

void nsc_rate_print_setup(FILE *out, const struct nsc_rate_setup *setup);
void nsc_rate_print(FILE *out, const struct nsc_rate_case *one);
void nsc_rate_print_trial(FILE *out, const struct nsc_rate_once *once);

/* "link", an object with the setup and an array "cases". */
void nsc_rate_json_setup(cJSON *root, const struct nsc_rate_setup *setup);
void nsc_rate_json_add(cJSON *root, const struct nsc_rate_case *one);

#endif
