/* SPDX-License-Identifier: MIT
 *
 * What the operating system says that each thread of the program has run, the kernel's work for it apart: another
 * account than that of cycles, which a thread keeps of itself and in which the kernel's time is the source's.
 */
#ifndef DASHBOARD_THREADS_H
#define DASHBOARD_THREADS_H

#include "netscope/base.h"

struct nsc_thread_time {
	char name[16];      /* what the kernel calls it, at most 15 bytes */
	uint64_t user_ns;   /* since its start, in steps of a clock tick, mostly 10 ms */
	uint64_t system_ns; /* the same */
	uint32_t core;      /* on which it ran last */
};

/* Reads one /proc/self/task/TID/stat, a text that ends with NUL; `ticks`: clock ticks of a second, > 0. False: it is
 * none. Thread: any. Allocates, blocks: never. */
bool nsc_thread_time_read(struct nsc_thread_time *time, const char *stat, uint64_t ticks);

struct nsc_json;
/* "threads" and "threads_ms": all threads in the order of their ids; null when they cannot be read. Thread: any.
 * Allocates: as the JSON does. Blocks: never; reads files of /proc. */
void nsc_show_threads(struct nsc_json *json);

#endif
