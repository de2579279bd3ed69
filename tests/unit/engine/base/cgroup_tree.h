/* SPDX-License-Identifier: MIT
 *
 * A machine of a few files below a folder of its own: what /proc and /sys tell of cgroups.
 */
#ifndef TESTS_UNIT_ENGINE_BASE_CGROUP_TREE_H
#define TESTS_UNIT_ENGINE_BASE_CGROUP_TREE_H

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_V2 "24 22 0:21 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define TREE_V1                                                                                                        \
	"30 22 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs rw\n31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" \
	"32 30 0:29 / /sys/fs/cgroup/memory rw shared:5 - cgroup cgroup rw,memory\n"

static char tree_root[PATH_MAX];

/* Writes a file below the root, with its folders. */
static inline void tree_put(const char *path, const char *text)
{
	char full[2 * PATH_MAX];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", tree_root, path);
	for (char *slash = full + strlen(tree_root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0700);
	}
	file = fopen(full, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

/* `cgroup` and `mounts`: what /proc/self has of them. */
static inline void tree_make(const char *cgroup, const char *mounts)
{
	snprintf(tree_root, sizeof(tree_root), "%s/netscope-tree.XXXXXX",
		 getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(tree_root));
	tree_put("/proc/self/cgroup", cgroup);
	tree_put("/proc/self/mountinfo", mounts);
}

static inline void tree_remove(void)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf '%s'", tree_root);
	ck_assert_int_eq(system(command), 0);
}

#endif
