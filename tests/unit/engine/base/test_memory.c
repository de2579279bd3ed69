/* SPDX-License-Identifier: MIT
 *
 * The room that is left: the machine's, and the smallest that a cgroup of either kind leaves, the ancestors' included.
 */
#include "engine/base/memory.h"

#include "tests/unit/engine/base/cgroup_tree.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_memory_room room;

static void machine(const char *cgroup, const char *mounts)
{
	tree_make(cgroup, mounts);
	tree_put("/proc/meminfo", "MemTotal:    9000000 kB\nMemFree:  1 kB\nMemAvailable:    1000000 kB\n");
}

static void look(void)
{
	nsc_memory_room(&room, tree_root);
	tree_remove();
}

START_TEST(without_a_cgroup_the_machine_counts)
{
	machine("", "");
	look();
	ck_assert_uint_eq(room.bytes, 1024000000);
	ck_assert_str_eq(room.where, "this machine");
}
END_TEST

START_TEST(nothing_known_is_no_limit)
{
	nsc_memory_room(&room, "/nonexistent");
	ck_assert_uint_eq(room.bytes, UINT64_MAX);
}
END_TEST

START_TEST(version_2_leaves_limit_less_use_and_gives_file_pages_back)
{
	machine("0::/system.slice/netscope.service\n", TREE_V2);
	tree_put("/sys/fs/cgroup/system.slice/netscope.service/memory.max", "209715200\n");
	tree_put("/sys/fs/cgroup/system.slice/netscope.service/memory.current", "60000000\n");
	tree_put("/sys/fs/cgroup/system.slice/netscope.service/memory.stat",
		 "anon 9\nfile 50000000\ninactive_file 20000000\nactive_file 30000000\n");
	look();
	ck_assert_uint_eq(room.bytes, 209715200 - 10000000);
	ck_assert_str_eq(room.where, "the memory limit of cgroup /system.slice/netscope.service");
}
END_TEST

START_TEST(an_ancestor_may_leave_less)
{
	machine("0::/a/b/c\n", TREE_V2);
	tree_put("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
	tree_put("/sys/fs/cgroup/a/b/c/memory.current", "1\n");
	tree_put("/sys/fs/cgroup/a/b/memory.max", "300000000\n");
	tree_put("/sys/fs/cgroup/a/b/memory.current", "1000\n");
	tree_put("/sys/fs/cgroup/a/memory.max", "100000000\n");
	tree_put("/sys/fs/cgroup/a/memory.current", "100000001\n");
	look();
	ck_assert_uint_eq(room.bytes, 0);
	ck_assert_str_eq(room.where, "the memory limit of cgroup /a");
}
END_TEST

START_TEST(version_1_has_a_hierarchy_of_its_own)
{
	machine("5:cpu:/x\n4:memory:/docker/1f\n0::/\n", TREE_V1);
	tree_put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	tree_put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "5\n");
	tree_put("/sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", "200000000\n");
	tree_put("/sys/fs/cgroup/memory/docker/1f/memory.usage_in_bytes", "50000000\n");
	tree_put("/sys/fs/cgroup/memory/docker/1f/memory.stat",
		 "inactive_file 1\ntotal_inactive_file 4000000\ntotal_active_file 6000000\n");
	look();
	ck_assert_uint_eq(room.bytes, 160000000);
	ck_assert_str_eq(room.where, "the memory limit of cgroup /docker/1f");
}
END_TEST

/* The mount shows the container's own part, the cgroup file the whole path of the host. */
START_TEST(a_container_sees_its_part_of_the_hierarchy)
{
	machine("4:memory:/docker/1f/inner\n",
		"32 30 0:29 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
	tree_put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000000\n");
	tree_put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n");
	tree_put("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "100000000\n");
	tree_put("/sys/fs/cgroup/memory/inner/memory.usage_in_bytes", "0\n");
	look();
	ck_assert_uint_eq(room.bytes, 100000000);
	ck_assert_str_eq(room.where, "the memory limit of cgroup /inner");
}
END_TEST

/* A path that lies elsewhere (another container's, or above the namespace) says nothing: what is mounted counts. */
START_TEST(what_is_mounted_counts_when_the_path_lies_elsewhere)
{
	static const char *const paths[] = { "4:memory:/docker/1fff\n", "4:memory:/../other\n", "4:memory:/docker\n" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(paths); i++) {
		machine(paths[i], "32 30 0:29 /docker/1f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
		tree_put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000000\n");
		tree_put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n");
		look();
		ck_assert_uint_eq(room.bytes, 300000000);
		ck_assert_str_eq(room.where, "the memory limit of cgroup /");
	}
}
END_TEST

/* A run that starts asks several times. */
START_TEST(the_first_look_lasts)
{
	const struct nsc_memory_room *first = nsc_memory_first_look();
	uint64_t bytes = first->bytes;

	ck_assert_str_ne(first->where, "");
	ck_assert_ptr_eq(nsc_memory_first_look(), first);
	ck_assert_uint_eq(first->bytes, bytes);
}
END_TEST

CHECK_MAIN("memory", without_a_cgroup_the_machine_counts, nothing_known_is_no_limit,
	   version_2_leaves_limit_less_use_and_gives_file_pages_back, an_ancestor_may_leave_less,
	   version_1_has_a_hierarchy_of_its_own, a_container_sees_its_part_of_the_hierarchy,
	   what_is_mounted_counts_when_the_path_lies_elsewhere, the_first_look_lasts)
