/* SPDX-License-Identifier: MIT
 *
 * How much memory this process may still take: what the machine has, and what each cgroup above the process leaves of
 * its limit (v1's memory controller and v2). The smallest counts, because whoever passes it is killed without a word.
 *
 * Sources: proc(5) for MemAvailable; cgroup.h and Documentation/admin-guide/cgroup-v1/memory.rst of the kernel.
 * File pages of a cgroup are counted as free: the kernel takes them back before it kills.
 */
#ifndef NETSCOPE_BASE_MEMORY_H
#define NETSCOPE_BASE_MEMORY_H

#include "netscope/base.h"

struct nsc_memory_room {
	uint64_t bytes;  /* 0..UINT64_MAX; UINT64_MAX: the kernel does not tell */
	char where[256]; /* "this machine", "the memory limit of cgroup /docker/1f3a": for a sentence */
};

/* `root` stands before every path, "" for the system's own files; tests have a tree of their own.
 * Thread: any. Allocates: stdio's buffers only. Blocks: for files of /proc and /sys. */
void nsc_memory_room(struct nsc_memory_room *room, const char *root);

/* The system's own, as it was at the first call: a run that starts asks several times, and each look costs some dozen
 * files. Thread: control. The rest as above. */
const struct nsc_memory_room *nsc_memory_first_look(void);

#endif
