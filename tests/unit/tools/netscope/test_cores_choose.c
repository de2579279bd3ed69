/* SPDX-License-Identifier: MIT
 *
 * Machines made of a few files, and the cores that are chosen on them.
 */
#include "tools/netscope/cores_choose.h"
#include "tools/netscope/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/engine/check_main.h"

static char root[128], sys[160], proc[160];
static struct nsc_core_choice choice;
static const struct nsc_doctor_probe probe = { .sys = sys, .proc = proc };
static const struct nsc_core_list nobody;

/* --- a machine -------------------------------------------------------------------------------- */

static nsc_printf(2, 3) void put(const char *text, const char *format, ...)
{
	char path[512];
	va_list args;
	size_t used = (size_t)snprintf(path, sizeof(path), "%s/", root);
	FILE *out;

	va_start(args, format);
	vsnprintf(path + used, sizeof(path) - used, format, args);
	va_end(args);
	for (char *slash = path + used; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		ck_assert(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fprintf(out, "%s\n", text);
	fclose(out);
}

static void make(const char *online, const char *usable, const char *isolated)
{
	char line[256];

	snprintf(root, sizeof(root), "%s/netscope-cores.XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(sys, sizeof(sys), "%s/sys", root);
	snprintf(proc, sizeof(proc), "%s/proc", root);
	snprintf(line, sizeof(line), "Name:\tnetscope\nCpus_allowed_list:\t%s", usable);
	put(line, "proc/self/status");
	put(online, "sys/devices/system/cpu/online");
	put(isolated, "sys/devices/system/cpu/isolated");
}

static void clear(void)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

static void nodes(const char *online, const char *first, const char *second)
{
	put(online, "sys/devices/system/node/online");
	put(first, "sys/devices/system/node/node0/cpulist");
	if (second)
		put(second, "sys/devices/system/node/node1/cpulist");
}

/* Core i and i + apart are threads of one physical core. */
static void pairs(unsigned apart)
{
	char text[32];

	for (unsigned i = 0; i < 2 * apart; i++) {
		snprintf(text, sizeof(text), "%u,%u", i % apart, i % apart + apart);
		put(text, "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", i);
	}
}

static void interface(const char *node)
{
	put(node, "sys/class/net/eth0/device/numa_node");
}

static void chosen(const char *name, uint32_t wanted, const char *cores)
{
	char text[512];
	size_t used = 0;

	nsc_cores_choose(&choice, &probe, name, &nobody, wanted);
	text[0] = '\0';
	for (uint32_t i = 0; i < choice.cores.n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d", i ? " " : "", choice.cores.core[i]);
	ck_assert_str_eq(text, cores);
}

/* --- cases ------------------------------------------------------------------------------------ */

START_TEST(one_node)
{
	make("0-3", "0-3", "");
	nodes("0", "0-3", NULL);
	chosen(NULL, 3, "1 2 3");
	ck_assert_uint_eq(choice.nodes, 1);
	ck_assert_int_eq(choice.node[0], 0);
	ck_assert_int_eq(choice.interface_node, -1);
	chosen("eth0", 5, "1 2 3 0"); /* core 0 comes last, and there is no fifth */
	interface("-1");
	chosen("eth0", 1, "1");
	ck_assert_int_eq(choice.interface_node, -1);
	clear();
}
END_TEST

START_TEST(threads_of_a_core)
{
	make("0-7", "0-7", "");
	nodes("0", "0-7", NULL);
	pairs(4);
	chosen(NULL, 3, "1 2 3");
	chosen(NULL, 8, "1 2 3 5 6 7 0 4"); /* second threads, and what shares core 0 */
	clear();
	make("0-7", "4-7", ""); /* by a cpuset or taskset: the second threads are the only ones */
	pairs(4);
	chosen(NULL, 8, "5 6 7 4");
	clear();
}
END_TEST

START_TEST(two_nodes)
{
	make("0-15", "0-15", "");
	nodes("0-1", "0-3,8-11", "4-7,12-15");
	pairs(8);
	interface("1");
	chosen("eth0", 4, "4 5 6 7");
	ck_assert_uint_eq(choice.nodes, 2);
	ck_assert_int_eq(choice.interface_node, 1);
	ck_assert_int_eq(choice.node[0], 1);
	chosen("eth0", 10, "4 5 6 7 12 13 14 15 1 2"); /* second threads of the node before another node */
	ck_assert_int_eq(choice.node[9], 0);
	interface("0");
	chosen("eth0", 4, "1 2 3 9");
	chosen(NULL, 2, "1 2"); /* as large as the other one: the first */
	clear();
	make("0-7", "3-7", ""); /* a cpuset: the node with most of it */
	nodes("0-1", "0-3", "4-7");
	chosen(NULL, 5, "4 5 6 7 3");
	clear();
}
END_TEST

START_TEST(isolated_cores)
{
	make("0-7", "0-3", "4-7"); /* the kernel keeps a process off them by itself */
	nodes("0", "0-7", NULL);
	chosen(NULL, 5, "4 5 6 7 1");
	clear();
	make("0-7", "0-2", "4-7"); /* but this process was put on some of the others */
	chosen(NULL, 8, "1 2 0");
	clear();
	make("0-7", "0-7", "2-3");
	chosen(NULL, 3, "2 3 1");
	pairs(4); /* a physical core of its own is worth more: 6 and 7 share those of 2 and 3 */
	chosen(NULL, 6, "2 3 1 5 6 7");
	clear();
	make("0-7", "0-1,4-5", "2-3,6-7"); /* isolated, of the other node: near counts more */
	nodes("0-1", "0-1,4-5", "2-3,6-7");
	interface("0");
	chosen("eth0", 4, "1 4 5 2");
	clear();
}
END_TEST

START_TEST(many)
{
	make("0-127", "0-127", "");
	nodes("0-1", "0-31,64-95", "32-63,96-127");
	pairs(64);
	interface("1");
	nsc_cores_choose(&choice, &probe, "eth0", &nobody, 64);
	ck_assert_uint_eq(choice.cores.n, 64);
	for (uint32_t i = 0; i < 64; i++)
		ck_assert_int_eq(choice.cores.core[i], (int)(i < 32 ? 32 + i : 64 + i));
	nsc_cores_choose(&choice, &probe, "eth0", &nobody, NSC_CORES_MAX);
	ck_assert_uint_eq(choice.cores.n, 128);
	ck_assert_int_eq(choice.cores.core[126], 0);
	ck_assert_int_eq(choice.cores.core[127], 64);
	clear();
}
END_TEST

START_TEST(cores_for_others)
{
	const struct nsc_core_list taken = { .n = 2, .core = { 1, 3 } };

	make("0-3", "0-3", "");
	nsc_cores_choose(&choice, &probe, NULL, &taken, 4);
	ck_assert_uint_eq(choice.cores.n, 2);
	ck_assert_int_eq(choice.cores.core[0], 2);
	ck_assert_int_eq(choice.cores.core[1], 0);
	clear();
}
END_TEST

START_TEST(little_is_known)
{
	make("0-3", "0-3", ""); /* no nodes, no topology */
	chosen("eth0", 2, "1 2");
	ck_assert_uint_eq(choice.nodes, 0);
	ck_assert_int_eq(choice.node[0], -1);
	clear();
	make("0", "0", "");
	chosen(NULL, 4, "0");
	clear();
	snprintf(proc, sizeof(proc), "/nonexistent");
	chosen(NULL, 4, "");
}
END_TEST

START_TEST(cores_that_were_named)
{
	const struct nsc_core_list named = { .n = 2, .core = { 5, 1 } };

	make("0-7", "0-7", "");
	nodes("0-1", "0-3", "4-7");
	interface("1");
	nsc_cores_look(&choice, &probe, "eth0", &named);
	ck_assert_uint_eq(choice.cores.n, 2);
	ck_assert_int_eq(choice.cores.core[0], 5);
	ck_assert_int_eq(choice.node[0], 1);
	ck_assert_int_eq(choice.node[1], 0);
	ck_assert_uint_eq(choice.nodes, 2);
	clear();
}
END_TEST

CHECK_MAIN("cores_choose", one_node, threads_of_a_core, two_nodes, isolated_cores, many, cores_for_others,
	   little_is_known, cores_that_were_named)
