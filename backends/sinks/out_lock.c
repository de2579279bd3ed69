/* SPDX-License-Identifier: MIT
 *
 * A lock file beside the output, ".NAME.netscope-lock": the output itself comes and goes under its name (rotation,
 * files that are named when they are complete), its folder and its name stay. The kernel lets go of the lock when the
 * process ends, however that ends; the file, which is empty, is then taken by the next run.
 */
#include "backends/sinks/outfile_place.h"
#include "netscope/out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TRIES = 100, NAME_WHOLE = 220, NAME_BEGIN = 180 };

struct nsc_out_lock {
	int dir, fd;
	char name[NAME_MAX + 1]; /* of the lock file; "" = the output itself is locked */
};

/* A name that would become too long is cut, and told from others by its hash (FNV-1a). */
static void lock_name(char to[NAME_MAX + 1], const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (const char *at = name; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 0x100000001b3ull;
	if (strlen(name) <= NAME_WHOLE)
		snprintf(to, NAME_MAX + 1, ".%s.netscope-lock", name);
	else
		snprintf(to, NAME_MAX + 1, ".%.*s.%016" PRIx64 ".netscope-lock", NAME_BEGIN, name, hash);
}

/* A file system that knows no locks has none to refuse. */
static int lock_take(int fd, const char *path, struct nsc_error *error)
{
	int status;

	do
		status = flock(fd, LOCK_EX | LOCK_NB);
	while (status && errno == EINTR);
	if (!status || errno != EWOULDBLOCK)
		return 0;
	return nsc_fail(error, -EBUSY,
			"%s: another netscope writes this output: each run needs names of its own for its outputs",
			path);
}

/* Whether the name still leads to what was locked: who ends takes the file away. */
static bool lock_is_named(const struct nsc_out_lock *lock)
{
	struct stat ours, found;

	return !fstat(lock->fd, &ours) && !fstatat(lock->dir, lock->name, &found, AT_SYMLINK_NOFOLLOW) &&
	       ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
}

/* In a folder in which nothing can be made, a file that may be written stays the one that it is. */
static int lock_output(struct nsc_out_lock *lock, const char *path, const char *name, struct nsc_error *error)
{
	struct stat found;
	int reason = errno;

	if (!fstatat(lock->dir, lock->name, &found, AT_SYMLINK_NOFOLLOW))
		return nsc_fail(error, -reason, "%s: its lock, %s beside it, cannot be opened: %s", path, lock->name,
				strerror(reason));
	*lock->name = '\0';
	lock->fd = openat(lock->dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return lock->fd < 0 ? 0 : lock_take(lock->fd, path, error); /* whoever opens the output tells why not */
}

static int lock_open(struct nsc_out_lock *lock, const char *path, const char *name, struct nsc_error *error)
{
	int status = 0;

	lock_name(lock->name, name);
	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		lock->fd = openat(lock->dir, lock->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
		if (lock->fd < 0)
			return lock_output(lock, path, name, error);
		status = lock_take(lock->fd, path, error);
		if (status || lock_is_named(lock))
			return status;
		close(lock->fd);
		lock->fd = -1;
	}
	return nsc_fail(error, -EBUSY, "%s: its lock comes and goes: other programs take it", path);
}

/* The folder of what is a file there, or will be one; -1 when there is nothing to lock. */
static int lock_folder(const char *path, const char **name)
{
	int dir = nsc_out_descriptor(path) < 0 ? nsc_outfile_folder(path, name) : -1;
	struct stat found;

	if (dir < 0)
		return -1;
	if (**name && (fstatat(dir, *name, &found, AT_SYMLINK_NOFOLLOW) || S_ISREG(found.st_mode)))
		return dir;
	close(dir);
	return -1;
}

int nsc_out_lock_open(struct nsc_out_lock **lock, const char *path, struct nsc_error *error)
{
	struct nsc_out_lock *l;
	const char *name;
	int dir = lock_folder(path, &name), status;

	*lock = NULL;
	if (dir < 0)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l) {
		close(dir);
		return nsc_fail(error, -ENOMEM, "%s: no memory for its lock", path);
	}
	l->dir = dir;
	l->fd = -1;
	status = lock_open(l, path, name, error);
	if (status) {
		*l->name = '\0'; /* another one's */
		nsc_out_lock_close(l);
		return status;
	}
	*lock = l;
	return 0;
}

/* Taken away while it is held, so that nobody else's goes; what is not empty was not made here. */
void nsc_out_lock_close(struct nsc_out_lock *lock)
{
	struct stat found;

	if (!lock)
		return;
	if (*lock->name && lock->fd >= 0 && !fstat(lock->fd, &found) && S_ISREG(found.st_mode) && !found.st_size &&
	    lock_is_named(lock))
		unlinkat(lock->dir, lock->name, 0);
	if (lock->fd >= 0)
		close(lock->fd);
	close(lock->dir);
	free(lock);
}
