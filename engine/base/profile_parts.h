/* SPDX-License-Identifier: MIT
 *
 * A profile inside, for profile.c and profile_report.c.
 */
#ifndef NETSCOPE_BASE_PROFILE_PARTS_H
#define NETSCOPE_BASE_PROFILE_PARTS_H

#include <pthread.h>

#include "engine/base/profile_timers.h"
#include "engine/base/symbols.h"
#include "netscope/profile.h"

enum {
	STACKS_MAX = 32768,
	STACK_SLOTS = 2 * STACKS_MAX,
	STACK_FRAMES = 1 << 20, /* words, of all stacks together */
	STACK_FURTHER = 1,      /* number of the stack of what found no room */
};

struct profile_sample {
	uint64_t time_ns; /* since the profile was opened */
	uint32_t stack;   /* where its length stands in `frames`; the names follow, the outermost first */
	uint16_t thread, core;
};

static_assert(sizeof(struct profile_sample) == 16, "a sample is two words");

struct nsc_profile {
	struct nsc_counters counters; /* PROFILE_*; under the mutex, relaxed */
	uint32_t hz, pid;
	uint64_t began_ns, began_monotonic_ns;
	struct nsc_symbols *symbols; /* under the mutex, but for names that are there */
	uint32_t name_kernel;
	pthread_t taker;
	bool started; /* control's */
	bool timers;  /* they sample, and not the kernel's events */
	struct nsc_error note;

	pthread_mutex_t mutex; /* over the rest */
	pthread_cond_t changed;
	bool stop, running;
	struct nsc_profile_events events;
	struct profile_sample *ring; /* [samples], a power of two */
	uint32_t samples;
	uint64_t next;           /* number of the next sample */
	uint32_t *frames, *slot; /* what is written stays as it is: read without the mutex, by whoever has its number */
	uint32_t frames_used, stacks;
	uint32_t n_threads;
	struct nsc_profile_thread thread[NSC_PROFILE_THREADS];
};

/* A profile without events: what nsc_profile_open does first. *profile is NULL when it fails. Allocates. */
int nsc_profile_new(struct nsc_profile **profile, const struct nsc_profile_options *options, struct nsc_error *error);

/* Lets timers of the threads sample it, because of `why`. 0, or -errno and one sentence. */
int nsc_profile_use_timers(struct nsc_profile *profile, bool running, const char *why, struct nsc_error *error);

/* A sample, and the name of a thread, as the kernel tells them. Under the mutex. */
void nsc_profile_put(struct nsc_profile *profile, const struct nsc_profile_sample *sample);
void nsc_profile_put_name(struct nsc_profile *profile, uint32_t pid, uint32_t tid, const char *name);

#endif
