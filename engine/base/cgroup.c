/* SPDX-License-Identifier: MIT
 *
 * Two files of /proc tell the folder; the walk upwards cuts the last part of its path.
 */
#include "engine/base/cgroup.h"

#include <inttypes.h>
#include <string.h>

struct hierarchy {
	const char *controller; /* NULL: v2, which has one mount */
	char point[PATH_MAX];   /* where it is mounted, behind the root */
	char top[PATH_MAX];     /* the cgroup that is seen there */
	char own[PATH_MAX];     /* the process's cgroup */
};

/* Whether `word` is one of a list with commas; "cpu" is none of "cpuset,cpuacct". */
static bool cgroup_list_has(const char *list, size_t size, const char *word)
{
	const char *end = list + size;

	while (list < end) {
		size_t length = strcspn(list, ",");

		length = NSC_MIN(length, (size_t)(end - list));
		if (length == strlen(word) && !memcmp(list, word, length))
			return true;
		list += length + 1;
	}
	return false;
}

/* mountinfo: id parent major:minor root point options [fields] - filesystem source super-options */
static bool cgroup_mount_line(char *line, struct hierarchy *h)
{
	char filesystem[64], options[1024] = "";
	const char *rest = strstr(line, " - ");

	if (!rest || sscanf(rest, " - %63s %*s %1023s", filesystem, options) < 1 ||
	    strcmp(filesystem, h->controller ? "cgroup" : "cgroup2"))
		return false;
	if (h->controller && !cgroup_list_has(options, strlen(options), h->controller))
		return false;
	return sscanf(line, "%*s %*s %*s %4095s %4095s", h->top, h->point) == 2;
}

/* "4:memory:/path" of v1, "0::/path" of v2. The controllers of a line stand between its colons. */
static bool cgroup_own_line(char *line, struct hierarchy *h)
{
	char *controllers = strchr(line, ':'), *name = controllers ? strchr(++controllers, ':') : NULL;

	if (!name)
		return false;
	if (h->controller ? !cgroup_list_has(controllers, (size_t)(name - controllers), h->controller)
			  : name != controllers)
		return false;
	name[strcspn(name, "\n")] = '\0';
	snprintf(h->own, sizeof(h->own), "%s", name + 1);
	return true;
}

/* The first line of a file that `take` wants. */
static bool cgroup_line(const char *root, const char *path, bool (*take)(char *line, struct hierarchy *h),
			struct hierarchy *h)
{
	char line[3 * PATH_MAX];
	bool found = false;
	FILE *file;

	snprintf(line, sizeof(line), "%s%s", root, path);
	file = fopen(line, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = take(line, h);
	if (file)
		fclose(file);
	return found;
}

/* The part of the process's path below what is mounted, "" or "/a/b"; "" when it lies elsewhere. */
static const char *cgroup_below(const struct hierarchy *h)
{
	size_t top = strcmp(h->top, "/") ? strlen(h->top) : 0;
	const char *own = h->own;

	if (strncmp(own, h->top, top) || own[top] != '/' || !own[top + 1] || !strncmp(own + top, "/..", 3))
		return "";
	return own + top;
}

bool nsc_cgroup_find(struct nsc_cgroup *cgroup, const char *root, const char *controller)
{
	struct hierarchy h = { .controller = controller };

	if (!cgroup_line(root, "/proc/self/mountinfo", cgroup_mount_line, &h) ||
	    !cgroup_line(root, "/proc/self/cgroup", cgroup_own_line, &h))
		return false;
	cgroup->root = root;
	cgroup->point = strlen(h.point);
	snprintf(cgroup->path, sizeof(cgroup->path), "%s%s", h.point, cgroup_below(&h));
	return true;
}

bool nsc_cgroup_up(struct nsc_cgroup *cgroup)
{
	if (!cgroup->path[cgroup->point])
		return false;
	*strrchr(cgroup->path + cgroup->point, '/') = '\0';
	return true;
}

const char *nsc_cgroup_name(const struct nsc_cgroup *cgroup)
{
	return cgroup->path[cgroup->point] ? cgroup->path + cgroup->point : "/";
}

FILE *nsc_cgroup_open(const struct nsc_cgroup *cgroup, const char *file)
{
	char full[3 * PATH_MAX];

	snprintf(full, sizeof(full), "%s%s/%s", cgroup->root, cgroup->path, file);
	return fopen(full, "re");
}

uint64_t nsc_cgroup_number(const struct nsc_cgroup *cgroup, const char *name)
{
	FILE *file = nsc_cgroup_open(cgroup, name);
	uint64_t number = UINT64_MAX;
	char text[32];

	if (!file)
		return UINT64_MAX;
	if (fscanf(file, "%31s", text) != 1 || text[0] < '0' || text[0] > '9' || sscanf(text, "%" SCNu64, &number) != 1)
		number = UINT64_MAX;
	fclose(file);
	return number;
}
