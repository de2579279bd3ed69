/* SPDX-License-Identifier: MIT
 *
 * MemAvailable, and of each cgroup its limit less what is used.
 */
#include "engine/base/memory.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/cgroup.h"

static const struct version { /* what differs between v1 and v2 */
	const char *controller;
	const char *limit, *usage;
	const char *inactive, *active; /* file pages in memory.stat, the cgroup's descendants included */
} versions[] = {
	{ NULL, "memory.max", "memory.current", "inactive_file", "active_file" },
	{ "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "total_active_file" },
};

/* The sum of two lines "name number" of memory.stat; 0 for what is not there. */
static uint64_t memory_file_pages(const struct nsc_cgroup *cgroup, const struct version *version)
{
	FILE *file = nsc_cgroup_open(cgroup, "memory.stat");
	uint64_t number, sum = 0;
	char name[64];

	while (file && fscanf(file, "%63s %" SCNu64, name, &number) == 2)
		if (!strcmp(name, version->inactive) || !strcmp(name, version->active))
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
	char line[PATH_MAX + 128];
	uint64_t kilobytes;
	FILE *file;

	snprintf(line, sizeof(line), "%s/proc/meminfo", root);
	file = fopen(line, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kilobytes) == 1 && kilobytes < UINT64_MAX / 1024)
			memory_keep_least(room, kilobytes * 1024, "this machine", "");
	if (file)
		fclose(file);
}

/* What a cgroup leaves of its limit; nothing when it has none or more is used already. */
static void memory_of_cgroup(struct nsc_memory_room *room, const struct nsc_cgroup *cgroup,
			     const struct version *version)
{
	uint64_t limit = nsc_cgroup_number(cgroup, version->limit), used = nsc_cgroup_number(cgroup, version->usage);
	uint64_t pages;

	if (limit == UINT64_MAX || used == UINT64_MAX)
		return;
	pages = memory_file_pages(cgroup, version);
	used -= NSC_MIN(pages, used);
	memory_keep_least(room, limit > used ? limit - used : 0, "the memory limit of cgroup ",
			  nsc_cgroup_name(cgroup));
}

void nsc_memory_room(struct nsc_memory_room *room, const char *root)
{
	struct nsc_cgroup cgroup;

	*room = (struct nsc_memory_room){ .bytes = UINT64_MAX, .where = "this machine" };
	memory_of_machine(room, root);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(versions); i++) {
		if (!nsc_cgroup_find(&cgroup, root, versions[i].controller))
			continue;
		do
			memory_of_cgroup(room, &cgroup, &versions[i]);
		while (nsc_cgroup_up(&cgroup));
	}
}

const struct nsc_memory_room *nsc_memory_first_look(void)
{
	static struct nsc_memory_room room;

	if (!room.where[0])
		nsc_memory_room(&room, "");
	return &room;
}
