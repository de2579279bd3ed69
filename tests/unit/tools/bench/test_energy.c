/* SPDX-License-Identifier: MIT
 *
 * The sum over packages of a tree that a test writes; nothing where there is none.
 */
#include "tools/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static char root[64];

static void package(unsigned number, const char *used, const char *range)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "mkdir -p %s/sys/class/powercap/intel-rapl:%u", root, number);
	ck_assert_int_eq(system(path), 0);
	snprintf(path, sizeof(path), "%s/sys/class/powercap/intel-rapl:%u/energy_uj", root, number);
	file = fopen(path, "we");
	fputs(used, file);
	fclose(file);
	snprintf(path, sizeof(path), "%s/sys/class/powercap/intel-rapl:%u/max_energy_range_uj", root, number);
	file = fopen(path, "we");
	fputs(range, file);
	fclose(file);
}

START_TEST(packages)
{
	double used, range;
	char command[96];

	snprintf(root, sizeof(root), "/tmp/energy-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert(!nsc_bench_energy(root, &used, &range));
	package(0, "1000\n", "262143328850\n");
	ck_assert(nsc_bench_energy(root, &used, &range));
	ck_assert(used == 1000 && range == 262143328850.0);
	package(1, "500\n", "1000000\n");
	package(3, "7\n", "7\n"); /* behind a gap: not a package of this machine's numbering */
	ck_assert(nsc_bench_energy(root, &used, &range));
	ck_assert(used == 1500 && range == 262144328850.0);
	package(0, "nothing\n", "1\n");
	ck_assert(!nsc_bench_energy(root, &used, &range));
	snprintf(command, sizeof(command), "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

CHECK_MAIN("energy", packages)
