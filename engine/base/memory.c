/* SPDX-License-Identifier: MIT
 *
 * /proc/self/cgroup names the cgroup of each hierarchy, /proc/self/mountinfo where that hierarchy is mounted and which
 * part of it. In a container both may begin somewhere in the middle; then what can be seen is looked at.
 */
#include "engine/base/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hierarchy { /* what differs between v1 and v2 */
	const char *filesystem;
	const char *controller; /* among the super options of the mount; NULL: there is only one mount */
	const char *limit, *usage;
	const char *inactive, *active; /* file pages in memory.stat, the cgroup's descendants included */
};

static const struct hierarchy hierarchies[] = {
	{ "cgroup2", NULL, "memory.max", "memory.current", "inactive_file", "active_file" },
	{ "cgroup", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
	  "total_active_file" },
};

struct cgroup {
	char point[PATH_MAX]; /* where its hierarchy is mounted, behind `root` */
	char top[PATH_MAX];   /* the cgroup that is seen there */
	char path[PATH_MAX];  /* the process's own */
};

static FILE *memory_open(const char *root, const char *path, const char *name)
{
	char full[3 * PATH_MAX];

	snprintf(full, sizeof(full), "%s%s%s%s", root, path, name[0] ? "/" : "", name);
	return fopen(full, "re");
}

/* The number in a file of one line; UINT64_MAX when it says "max" or nothing. */
static uint64_t memory_number(const char *root, const char *path, const char *name)
{
	FILE *file = memory_open(root, path, name);
	uint64_t number = UINT64_MAX;

	if (!file)
		return UINT64_MAX;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = UINT64_MAX;
	fclose(file);
	return number;
}

/* The sum of two lines "name number" of memory.stat; 0 for what is not there. */
static uint64_t memory_file_pages(const char *root, const char *path, const struct hierarchy *h)
{
	FILE *file = memory_open(root, path, "memory.stat");
	uint64_t number, sum = 0;
	char name[64];

	while (file && fscanf(file, "%63s %" SCNu64, name, &number) == 2)
		if (!strcmp(name, h->inactive) || !strcmp(name, h->active))
			sum += number;
	if (file)
		fclose(file);
	return sum;
}

static void memory_keep_least(struct nsc_memory_room *room, uint64_t bytes, const char *where, const char *name)
{
	if (bytes >= room->bytes)
		return;
	room->bytes = bytes;
	snprintf(room->where, sizeof(room->where), "%s%.200s", where, name);
}

static void memory_of_machine(struct nsc_memory_room *room, const char *root)
{
	FILE *file = memory_open(root, "/proc/meminfo", "");
	uint64_t kilobytes;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kilobytes) == 1 && kilobytes < UINT64_MAX / 1024)
			memory_keep_least(room, kilobytes * 1024, "this machine", "");
	if (file)
		fclose(file);
}

/* mountinfo: id parent major:minor root point options [fields] - filesystem source super-options */
static bool memory_mount_line(char *line, const struct hierarchy *h, struct cgroup *cgroup)
{
	char filesystem[64], options[1024] = "";
	const char *rest = strstr(line, " - ");

	if (!rest || sscanf(rest, " - %63s %*s %1023s", filesystem, options) < 1 || strcmp(filesystem, h->filesystem))
		return false;
	if (h->controller && !strstr(options, h->controller))
		return false;
	return sscanf(line, "%*s %*s %*s %4095s %4095s", cgroup->top, cgroup->point) == 2;
}

/* "4:memory:/path" of v1, "0::/path" of v2. The controllers of a line stand between its colons. */
static bool memory_cgroup_line(char *line, const struct hierarchy *h, struct cgroup *cgroup)
{
	char *controllers = strchr(line, ':'), *name = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!name)
		return false;
	*name++ = '\0';
	if (h->controller ? !strstr(controllers + 1, h->controller) : controllers[1] != '\0')
		return false;
	name[strcspn(name, "\n")] = '\0';
	snprintf(cgroup->path, sizeof(cgroup->path), "%s", name);
	return true;
}

/* The first line of a file that `take` wants. */
static bool memory_find(const char *root, const char *path,
			bool (*take)(char *line, const struct hierarchy *h, struct cgroup *cgroup),
			const struct hierarchy *h, struct cgroup *cgroup)
{
	FILE *file = memory_open(root, path, "");
	char line[3 * PATH_MAX];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = take(line, h, cgroup);
	if (file)
		fclose(file);
	return found;
}

/* What a cgroup leaves of its limit; nothing when it has none or more is used already. */
static void memory_of_cgroup(struct nsc_memory_room *room, const char *root, const struct hierarchy *h,
			     const char *path, const char *name)
{
	uint64_t limit = memory_number(root, path, h->limit), used = memory_number(root, path, h->usage), pages;

	if (limit == UINT64_MAX || used == UINT64_MAX)
		return;
	pages = memory_file_pages(root, path, h);
	used -= NSC_MIN(pages, used);
	memory_keep_least(room, limit > used ? limit - used : 0, "the memory limit of cgroup ", name[0] ? name : "/");
}

/* The part of its path below what is mounted, "" or "/a/b"; "" when it lies elsewhere. */
static const char *memory_below(const struct cgroup *cgroup)
{
	const char *path = cgroup->path;
	size_t top = strcmp(cgroup->top, "/") ? strlen(cgroup->top) : 0;

	if (strncmp(path, cgroup->top, top) || path[top] != '/' || !path[top + 1] || !strncmp(path + top, "/..", 3))
		return "";
	return path + top;
}

/* From the process's own cgroup up to the top that is seen: each has a limit of its own. */
static void memory_of_hierarchy(struct nsc_memory_room *room, const char *root, const struct hierarchy *h)
{
	char full[2 * PATH_MAX];
	struct cgroup cgroup;
	size_t point;

	if (!memory_find(root, "/proc/self/mountinfo", memory_mount_line, h, &cgroup) ||
	    !memory_find(root, "/proc/self/cgroup", memory_cgroup_line, h, &cgroup))
		return;
	point = strlen(cgroup.point);
	snprintf(full, sizeof(full), "%s%s", cgroup.point, memory_below(&cgroup));
	for (;;) {
		memory_of_cgroup(room, root, h, full, full + point);
		if (strlen(full) <= point)
			return;
		*strrchr(full + point, '/') = '\0';
	}
}

void nsc_memory_room(struct nsc_memory_room *room, const char *root)
{
	*room = (struct nsc_memory_room){ .bytes = UINT64_MAX, .where = "this machine" };
	memory_of_machine(room, root);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(hierarchies); i++)
		memory_of_hierarchy(room, root, &hierarchies[i]);
}

const struct nsc_memory_room *nsc_memory_first_look(void)
{
	static struct nsc_memory_room room;

	if (!room.where[0])
		nsc_memory_room(&room, "");
	return &room;
}
