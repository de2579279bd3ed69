/* SPDX-License-Identifier: MIT
 *
 * The cgroups of this process: its own in a hierarchy, and those above it as far as they can be seen. Each has limits
 * of its own, and the least counts.
 *
 * /proc/self/cgroup names the cgroup of each hierarchy, /proc/self/mountinfo where that hierarchy is mounted and which
 * part of it. In a container both may begin somewhere in the middle; then what can be seen is looked at.
 *
 * Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst of the kernel, proc(5).
 * Thread: any. Allocates: stdio's buffers only. Blocks: for files of /proc and /sys.
 */
#ifndef NETSCOPE_BASE_CGROUP_H
#define NETSCOPE_BASE_CGROUP_H

#include "netscope/base.h"

#include <limits.h>
#include <stdio.h>

struct nsc_cgroup {
	const char *root;        /* stands before every path, "" for the system's own files; tests have a tree */
	char path[2 * PATH_MAX]; /* the folder that is looked at, behind `root` */
	size_t point;            /* of it, where its hierarchy is mounted */
};

/* The process's own cgroup in the hierarchy of a controller of v1 ("memory", "cpu"), or with NULL in that of v2. False
 * when there is none to be seen. */
bool nsc_cgroup_find(struct nsc_cgroup *cgroup, const char *root, const char *controller);

/* To the one above; false at the top of what is mounted. */
bool nsc_cgroup_up(struct nsc_cgroup *cgroup);

/* Its name below what is mounted: "/", "/a/b". */
const char *nsc_cgroup_name(const struct nsc_cgroup *cgroup);

/* One of its files, or NULL. */
FILE *nsc_cgroup_open(const struct nsc_cgroup *cgroup, const char *file);

/* The number in a file of one line; UINT64_MAX when it says "max", a negative number, nothing, or is not there. */
uint64_t nsc_cgroup_number(const struct nsc_cgroup *cgroup, const char *file);

#endif
