/* SPDX-License-Identifier: MIT
 *
 * The profile: where the program's own threads spend their CPU time, by sampling their stacks. engine/base/profile.c
 * takes the samples, engine/text/profile.h writes them as folded stacks, for speedscope and for pprof.
 * docs/profile.md says what is in it.
 *
 * Samples lie in a ring of a fixed size. Stacks are kept once, as names of functions; those that find no room are one
 * stack, "[further stacks]".
 */
#ifndef NETSCOPE_PROFILE_H
#define NETSCOPE_PROFILE_H

#include "netscope/counters.h"
#include "netscope/error.h"

enum {
	NSC_PROFILE_HZ = 99, /* when nobody says otherwise: no multiple of what a timer does */
	NSC_PROFILE_HZ_MAX = 4999,
	NSC_PROFILE_THREADS = 256, /* that are told apart; further ones share the last place */
	NSC_PROFILE_SAMPLES = 1 << 20,
	NSC_PROFILE_SAMPLES_FEW = 1 << 18, /* when nobody has asked for a profile yet */
};

struct nsc_profile;

struct nsc_profile_options {
	uint32_t hz;      /* samples a second of CPU time of each thread, 1..NSC_PROFILE_HZ_MAX */
	uint32_t samples; /* that are kept, a power of two; memory is touched as they come */
	bool running;     /* from the start; else it waits for nsc_profile_run */
};

/* Opens what the kernel has for it and reads the names of functions: before privileges are given up, and before there
 * is another thread. Where performance events are refused, timers of the threads sample. 0, or -errno and one sentence
 * that says what is missing. One at a time in a process. Thread: control. Allocates. */
int nsc_profile_open(struct nsc_profile **profile, const struct nsc_profile_options *options, struct nsc_error *error);

/* The calling thread is one that is to be sampled, and has its name. Each one says so when it begins, once; only timers
 * need it. Costs a load when there is no profile. Thread: any. */
void nsc_profile_thread(void);

/* One sentence when timers sample, and why; else empty. Valid until close. Thread: any. */
const char *nsc_profile_note(const struct nsc_profile *profile);

/* Threads that could not be given a timer: they are not sampled. Thread: any. */
uint32_t nsc_profile_missing(const struct nsc_profile *profile);

/* Starts the thread that takes samples from the kernel. 0 or -errno and one sentence. Thread: control. */
int nsc_profile_start(struct nsc_profile *profile, struct nsc_error *error);

/* Starts or stops sampling. Thread: any. Blocks: as long as samples are taken or counted. */
void nsc_profile_run(struct nsc_profile *profile, bool running);

/* Takes all that the kernel has until now. Thread: any. Blocks: the same. */
void nsc_profile_settle(struct nsc_profile *profile);

/* PROFILE_*. Written under the profile's mutex; single values may be read relaxed. Valid until close. Thread: any. */
const struct nsc_counters *nsc_profile_counters(const struct nsc_profile *profile);

void nsc_profile_close(struct nsc_profile *profile); /* NULL is allowed */

/* --- what was sampled ------------------------------------------------------------------------- */

struct nsc_profile_choice {      /* which samples; times are ns since the profile was opened */
	uint64_t from_ns, to_ns; /* from <= time < to; 0 and UINT64_MAX: all */
	int32_t thread, core;    /* a place in the list of threads, a number of a core; -1: all */
	bool together;           /* one row for all cores: `core` of rows is 0 */
};

struct nsc_profile_thread {
	char name[16]; /* as the system has it, "nsc-worker-0"; "control" */
	uint32_t tid;
};

struct nsc_profile_row { /* samples of one stack, on one core, of one thread */
	uint64_t samples;
	uint32_t stack;
	uint16_t thread, core;
};

struct nsc_profile_report {
	uint32_t hz;
	bool running, kernel;       /* time in the kernel is in it */
	bool timers;                /* they sampled, not the kernel's events: nsc_profile_note says why */
	uint64_t began_ns;          /* when the profile was opened: time of day, ns */
	uint64_t from_ns, to_ns;    /* what the rows cover: of what was chosen, what the ring still has */
	uint64_t samples;           /* of all rows */
	uint64_t lost, overwritten; /* since the start: by the kernel; by later samples */
	uint32_t n_threads, n;
	uint32_t names; /* numbers of names are below */
	struct nsc_profile_thread thread[NSC_PROFILE_THREADS];
	struct nsc_profile_row *row;       /* the most samples first */
	const struct nsc_profile *profile; /* where stacks and names are */
};

/* Adds up the samples of a choice, after taking what the kernel has. 0 or -ENOMEM and one sentence. The profile must
 * stay open as long as the report. Thread: any. Allocates: the rows. Blocks: while others do the same. */
int nsc_profile_report_open(struct nsc_profile_report *report, struct nsc_profile *profile,
			    const struct nsc_profile_choice *choice, struct nsc_error *error);
void nsc_profile_report_close(struct nsc_profile_report *report);

/* The frames of a row's stack, the outermost first: numbers of names. Thread: any. */
const uint32_t *nsc_profile_stack(const struct nsc_profile_report *report, const struct nsc_profile_row *row,
				  uint32_t *n);
/* The name of such a number. Thread: any. */
const char *nsc_profile_name(const struct nsc_profile_report *report, uint32_t number);

#endif
