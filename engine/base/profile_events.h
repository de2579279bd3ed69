/* SPDX-License-Identifier: MIT
 *
 * The kernel's events that sample this process: one for each core, on the CPU clock of whatever thread of the process
 * runs there. The kernel walks the frame pointers and writes a ring for each core; no signal, no system call is made by
 * the threads that are sampled.
 *
 * Thread: any, one at a time. Allocates: open only. Blocks: never.
 */
#ifndef NETSCOPE_BASE_PROFILE_EVENTS_H
#define NETSCOPE_BASE_PROFILE_EVENTS_H

#include "netscope/error.h"

enum { NSC_PROFILE_DEPTH = 64 }; /* frames of a sample, at most: further ones, the outermost, are left out */

struct perf_event_mmap_page;

struct nsc_profile_core {
	int fd;
	uint32_t core;
	struct perf_event_mmap_page *ring;
};

struct nsc_profile_events {
	uint32_t n;
	struct nsc_profile_core *core; /* [n] */
	size_t ring_bytes;             /* of the samples of each core: a power of two */
	bool kernel;                   /* time in the kernel is seen, too */
};

struct nsc_profile_sample {
	uint32_t pid, tid, core;
	bool in_kernel;                      /* on behalf of the thread */
	uint64_t time_ns;                    /* CLOCK_MONOTONIC */
	uint32_t n;                          /* frames of the program; 0: a thread of the kernel's own */
	uint64_t address[NSC_PROFILE_DEPTH]; /* the innermost first; of all others the address that they return to */
};

struct nsc_profile_visitor {
	void *context;
	void (*sample)(void *context, const struct nsc_profile_sample *);
	void (*named)(void *context, uint32_t pid, uint32_t tid, const char *name); /* a thread has taken this name */
	void (*lost)(void *context, uint64_t samples);                              /* its ring was full */
};

/* For this process and the threads that it will have. Before privileges are given up. `hz` samples a second of CPU
 * time, 1 or more; `running`: from now on. 0, or -errno and one sentence that says what to change. */
int nsc_profile_events_open(struct nsc_profile_events *events, uint32_t hz, bool running, struct nsc_error *error);

/* Starts or stops them, of all threads. */
void nsc_profile_events_run(const struct nsc_profile_events *events, bool running);

/* Hands over what the kernel has written, in order of time for each core. */
void nsc_profile_events_take(const struct nsc_profile_events *events, const struct nsc_profile_visitor *visitor);

/* The same of one core's ring of `bytes`. */
void nsc_profile_ring_take(const struct nsc_profile_core *core, size_t bytes,
			   const struct nsc_profile_visitor *visitor);

void nsc_profile_events_close(struct nsc_profile_events *events);

#endif
