/* SPDX-License-Identifier: MIT
 *
 * RAPL, as the kernel's powercap shows it: one counter for each package.
 */
#include "tools/bench/measure.h"

#include <stdio.h>

enum { PACKAGES_MAX = 64 };

static bool energy_read(const char *root, unsigned package, const char *name, double *value)
{
	char path[512];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "%s/sys/class/powercap/intel-rapl:%u/%s", root, package, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	good = fscanf(file, "%lf", value) == 1;
	fclose(file);
	return good;
}

bool nsc_bench_energy(const char *root, double *used_uj, double *range_uj)
{
	unsigned n = 0;

	*used_uj = *range_uj = 0;
	for (; n < PACKAGES_MAX; n++) {
		double used, range;

		if (!energy_read(root, n, "energy_uj", &used) || !energy_read(root, n, "max_energy_range_uj", &range))
			break;
		*used_uj += used;
		*range_uj += range;
	}
	return n > 0;
}
