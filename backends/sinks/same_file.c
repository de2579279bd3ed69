/* SPDX-License-Identifier: MIT
 *
 * Whether two names mean one file, before either may exist.
 */
#include "netscope/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool same_inode(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* stat of the folder that holds `path`. */
static bool stat_folder(const char *path, struct stat *found)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	bool ok = folder && !stat(folder, found);

	free(folder);
	return ok;
}

static const char *path_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool stat_path(const char *path, struct stat *found)
{
	return strcmp(path, "-") ? !stat(path, found) : !fstat(STDOUT_FILENO, found);
}

int nsc_out_same_file(const char *a, const char *b)
{
	struct stat x, y;
	bool have_x = stat_path(a, &x), have_y = stat_path(b, &y);

	if (have_x && have_y) /* devices take what many write: /dev/null twice is no mistake */
		return same_inode(&x, &y) && (!S_ISCHR(x.st_mode) || !strcmp(a, "-"));
	if (have_x || have_y)
		return 0;
	if (!stat_folder(a, &x) || !stat_folder(b, &y))
		return !strcmp(a, b);
	return same_inode(&x, &y) && !strcmp(path_last_part(a), path_last_part(b));
}
