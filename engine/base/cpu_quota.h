/* SPDX-License-Identifier: MIT
 *
 * How much CPU time the cgroups of this process let it have. Whoever takes more is stopped for the rest of the period,
 * mostly of 100 ms, however many cores are free: a worker that polls without a pause is stopped in each of them.
 *
 * Sources: Documentation/scheduler/sched-bwc.rst and cgroup-v2.rst (cpu.max) of the kernel. The rest as in cgroup.h.
 */
#ifndef NETSCOPE_BASE_CPU_QUOTA_H
#define NETSCOPE_BASE_CPU_QUOTA_H

#include "netscope/base.h"

struct nsc_cpu_quota {
	bool known;          /* the folder of one of the cgroups is to be seen */
	uint64_t millicores; /* of the cgroup that lets it have least; 0..UINT64_MAX; UINT64_MAX: no limit */
	uint64_t period_us;  /* of the same; 0 without a limit */
	uint64_t stopped;    /* periods in which that cgroup was stopped since it was made */
	char cgroup[256];    /* "/docker/1f3a"; "" without a limit */
};

/* `root` stands before every path, "" for the system's own files. */
void nsc_cpu_quota(struct nsc_cpu_quota *quota, const char *root);

#endif
