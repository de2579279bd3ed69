/* SPDX-License-Identifier: MIT */
#include "backends/sinks/set_aside.h"

#include "backends/sinks/outfile_place.h"
#include "netscope/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBERS = 1000000 };

/* A point that begins the name begins no extension. */
static bool aside_name(char to[NAME_MAX + 1], const char *name, unsigned number)
{
	const char *point = strrchr(name, '.');
	int stem = point && point != name ? (int)(point - name) : (int)strlen(name);

	return snprintf(to, NAME_MAX + 1, "%.*s.%06u%s", stem, name, number, name + stem) <= NAME_MAX;
}

static bool aside_is_one_file(int dir, const char *a, const char *b)
{
	struct stat x, y;

	return !fstatat(dir, a, &x, AT_SYMLINK_NOFOLLOW) && !fstatat(dir, b, &y, AT_SYMLINK_NOFOLLOW) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int nsc_set_aside(int dir, const char *name, bool stays, char other[NAME_MAX + 1])
{
	for (unsigned number = 0; number < NUMBERS; number++) {
		if (!aside_name(other, name, number))
			return -ENAMETOOLONG;
		if (stays && !linkat(dir, name, dir, other, 0))
			return 0;
		if (stays && errno == EEXIST) {
			if (!aside_is_one_file(dir, name, other))
				continue;
			*other = '\0';
			return 0;
		}
		stays = false; /* no such links here */
		if (!renameat2(dir, name, dir, other, RENAME_NOREPLACE))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* --- before a run ----------------------------------------------------------------------------- */

static int aside_in(int dir, const char *path, const char *name, bool stays, struct nsc_error *said)
{
	char other[NAME_MAX + 1];
	struct stat found;
	int status;

	if (!*name || fstatat(dir, name, &found, AT_SYMLINK_NOFOLLOW) || !S_ISREG(found.st_mode) || !found.st_size)
		return 0;
	status = nsc_set_aside(dir, name, stays, other);
	if (status)
		return nsc_fail(said, status, "%s: is there already, and cannot be set aside for a new one: %s", path,
				strerror(-status));
	nsc_fail(said, 0, "%s: is there already: what it holds is kept as %s", path, other);
	return *other ? 1 : 0;
}

int nsc_out_set_aside(const char *path, bool stays, struct nsc_error *said)
{
	const char *name;
	int dir = nsc_out_descriptor(path) < 0 ? nsc_outfile_folder(path, &name) : -1, status;

	if (dir < 0)
		return 0;
	status = aside_in(dir, path, name, stays, said);
	close(dir);
	return status;
}
