/* SPDX-License-Identifier: MIT
 *
 * The least CPU time that a cgroup of either version leaves, the ancestors' included.
 */
#include "engine/base/cpu_quota.h"

#include "tests/unit/engine/base/cgroup_tree.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_cpu_quota quota;

static void look(void)
{
	nsc_cpu_quota(&quota, tree_root);
	tree_remove();
}

START_TEST(without_a_cgroup_there_is_no_limit)
{
	tree_make("0::/\n", TREE_V2);
	look();
	ck_assert(!quota.known);
	tree_make("0::/\n", TREE_V2);
	tree_put("/sys/fs/cgroup/cgroup.procs", "1\n");
	look();
	ck_assert(quota.known);
	ck_assert_uint_eq(quota.millicores, UINT64_MAX);
	ck_assert_str_eq(quota.cgroup, "");
	nsc_cpu_quota(&quota, "/nonexistent");
	ck_assert(!quota.known);
	ck_assert_uint_eq(quota.millicores, UINT64_MAX);
}
END_TEST

START_TEST(version_2_has_both_numbers_in_a_line)
{
	tree_make("0::/system.slice/netscope.service\n", TREE_V2);
	tree_put("/sys/fs/cgroup/system.slice/netscope.service/cpu.max", "150000 100000\n");
	tree_put("/sys/fs/cgroup/system.slice/netscope.service/cpu.stat",
		 "usage_usec 9\nnr_periods 70\nnr_throttled 12\nthrottled_usec 5\n");
	look();
	ck_assert_uint_eq(quota.millicores, 1500);
	ck_assert_uint_eq(quota.period_us, 100000);
	ck_assert_uint_eq(quota.stopped, 12);
	ck_assert_str_eq(quota.cgroup, "/system.slice/netscope.service");
}
END_TEST

START_TEST(an_ancestor_may_leave_less)
{
	tree_make("0::/a/b\n", TREE_V2);
	tree_put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	tree_put("/sys/fs/cgroup/a/cpu.max", "5000 10000\n");
	look();
	ck_assert_uint_eq(quota.millicores, 500);
	ck_assert_uint_eq(quota.period_us, 10000);
	ck_assert_str_eq(quota.cgroup, "/a");
}
END_TEST

/* The first line names cpuset and cpuacct, which are other controllers. */
START_TEST(version_1_has_a_file_for_each_and_minus_one_for_none)
{
	tree_make("7:cpuset,cpuacct:/other\n5:cpu:/x/y\n", TREE_V1);
	tree_put("/sys/fs/cgroup/cpu/x/y/cpu.cfs_quota_us", "-1\n");
	tree_put("/sys/fs/cgroup/cpu/x/y/cpu.cfs_period_us", "100000\n");
	tree_put("/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "400000\n");
	tree_put("/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
	tree_put("/sys/fs/cgroup/cpu/x/cpu.stat", "nr_periods 9\nnr_throttled 3\nthrottled_time 4\n");
	look();
	ck_assert_uint_eq(quota.millicores, 4000);
	ck_assert_uint_eq(quota.stopped, 3);
	ck_assert_str_eq(quota.cgroup, "/x");
}
END_TEST

START_TEST(what_no_kernel_writes_is_no_limit)
{
	static const char *const lines[] = {
		"",     "max\n", "1000\n", "1000 0\n", "1000 5000000\n", "-5 100000\n", "18446744073709551615 100000\n",
		"x y\n"
	};

	for (unsigned i = 0; i < NSC_ARRAY_LEN(lines); i++) {
		tree_make("0::/a\n", TREE_V2);
		tree_put("/sys/fs/cgroup/a/cpu.max", lines[i]);
		look();
		ck_assert_uint_eq(quota.millicores, UINT64_MAX);
	}
}
END_TEST

CHECK_MAIN("cpu_quota", without_a_cgroup_there_is_no_limit, version_2_has_both_numbers_in_a_line,
	   an_ancestor_may_leave_less, version_1_has_a_file_for_each_and_minus_one_for_none,
	   what_no_kernel_writes_is_no_limit)
