/* SPDX-License-Identifier: MIT
 *
 * cpu.max of v2 has quota and period in a line, v1 has a file for each.
 */
#include "engine/base/cpu_quota.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/cgroup.h"

enum { PERIOD_MAX_US = 1000000 }; /* the kernel's own bound */

/* "150000 100000"; false for "max 100000". */
static bool quota_v2(const struct nsc_cgroup *cgroup, uint64_t *quota_us, uint64_t *period_us)
{
	FILE *file = nsc_cgroup_open(cgroup, "cpu.max");
	bool limited = file && fscanf(file, "%" SCNu64 " %" SCNu64, quota_us, period_us) == 2;

	if (file)
		fclose(file);
	return limited;
}

/* -1 is no quota. */
static bool quota_v1(const struct nsc_cgroup *cgroup, uint64_t *quota_us, uint64_t *period_us)
{
	*quota_us = nsc_cgroup_number(cgroup, "cpu.cfs_quota_us");
	*period_us = nsc_cgroup_number(cgroup, "cpu.cfs_period_us");
	return *quota_us != UINT64_MAX && *period_us != UINT64_MAX;
}

static uint64_t quota_periods_stopped(const struct nsc_cgroup *cgroup)
{
	FILE *file = nsc_cgroup_open(cgroup, "cpu.stat");
	uint64_t number, stopped = 0;
	char name[64];

	while (file && fscanf(file, "%63s %" SCNu64, name, &number) == 2)
		if (!strcmp(name, "nr_throttled"))
			stopped = number;
	if (file)
		fclose(file);
	return stopped;
}

static void quota_of_cgroup(struct nsc_cpu_quota *least, const struct nsc_cgroup *cgroup, bool v2)
{
	uint64_t quota_us, period_us, millicores;

	if (!(v2 ? quota_v2 : quota_v1)(cgroup, &quota_us, &period_us))
		return;
	if (!period_us || period_us > PERIOD_MAX_US || quota_us > UINT64_MAX / 1000)
		return;
	millicores = quota_us * 1000 / period_us;
	if (millicores >= least->millicores)
		return;
	*least = (struct nsc_cpu_quota){ .known = true,
					 .millicores = millicores,
					 .period_us = period_us,
					 .stopped = quota_periods_stopped(cgroup) };
	snprintf(least->cgroup, sizeof(least->cgroup), "%.250s", nsc_cgroup_name(cgroup));
}

static bool quota_is_seen(const struct nsc_cgroup *cgroup)
{
	FILE *file = nsc_cgroup_open(cgroup, "cgroup.procs");

	if (file)
		fclose(file);
	return file;
}

void nsc_cpu_quota(struct nsc_cpu_quota *quota, const char *root)
{
	static const char *const controllers[] = { NULL, "cpu" };
	struct nsc_cgroup cgroup;

	*quota = (struct nsc_cpu_quota){ .millicores = UINT64_MAX };
	for (unsigned i = 0; i < NSC_ARRAY_LEN(controllers); i++) {
		if (!nsc_cgroup_find(&cgroup, root, controllers[i]))
			continue;
		quota->known |= quota_is_seen(&cgroup);
		do
			quota_of_cgroup(quota, &cgroup, !controllers[i]);
		while (nsc_cgroup_up(&cgroup));
	}
}
