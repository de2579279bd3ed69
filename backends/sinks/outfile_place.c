/* SPDX-License-Identifier: MIT
 *
 * The folder is opened once and everything goes through its descriptor, so that the file that was checked is the file
 * that is written, whatever happens to the names meanwhile.
 */
#include "backends/sinks/outfile_place.h"

#include "backends/sinks/set_aside.h"
#include "netscope/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { ASIDE_ABOVE = 1 << 20, ASIDE_STEP = 16 << 20 }; /* bytes: small files take nothing ahead */
enum { TEMPORARY_TRIES = 100, NAME_KEPT = 200 /* bytes of the target's name in the temporary one */ };

/* These are links, but ones that the shell made for this process. */
int nsc_out_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	char *end;
	long n;

	if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < NSC_ARRAY_LEN(folders); i++) {
		size_t length = strlen(folders[i]);

		if (strncmp(path, folders[i], length) || path[length] < '0' || path[length] > '9')
			continue;
		n = strtol(path + length, &end, 10);
		return *end || n > 0xfffff ? -1 : (int)n;
	}
	return -1;
}

static int fail_errno(struct nsc_error *error, const char *path)
{
	int reason = errno;

	return nsc_fail(error, -reason, "%s: cannot be written: %s", path, strerror(reason));
}

int nsc_outfile_folder(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : NULL;
	int dir = slash && !folder ? -ENOMEM : open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*name = slash ? slash + 1 : path;
	if (dir == -1)
		dir = -errno;
	free(folder);
	return dir;
}

static int place_open_folder(struct nsc_outfile_place *place, struct nsc_error *error)
{
	int dir = nsc_outfile_folder(place->path, &place->name);

	place->dir = NSC_MAX(dir, -1);
	if (!*place->name)
		return nsc_fail(error, -EISDIR, "%s: cannot be written: it names a directory", place->path);
	if (dir == -ENOENT)
		return nsc_fail(error, -ENOENT, "%s: cannot be written: its folder does not exist", place->path);
	errno = -dir;
	return dir < 0 ? fail_errno(error, place->path) : 0;
}

/* 0 when it may be replaced or made, 1 when it is to be written directly, or -errno. */
static int look_at_target(struct nsc_outfile_place *place, struct nsc_error *error)
{
	struct stat found;

	if (fstatat(place->dir, place->name, &found, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : fail_errno(error, place->path);
	switch (found.st_mode & S_IFMT) {
	case S_IFREG:
		return 0;
	case S_IFCHR:
	case S_IFIFO:
		return 1;
	case S_IFLNK:
		return nsc_fail(error, -ELOOP, "%s: cannot be written: it is a symbolic link", place->path);
	case S_IFDIR:
		return nsc_fail(error, -EISDIR, "%s: cannot be written: it is a directory", place->path);
	}
	return nsc_fail(error, -EINVAL, "%s: cannot be written: it is neither a file, a pipe nor a character device",
			place->path);
}

static bool temporary_name(char name[NSC_OUTFILE_TEMPORARY], const char *target)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+_";
	unsigned char random[6];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	for (unsigned i = 0; i < sizeof(random); i++)
		random[i] = (unsigned char)letters[random[i] & 63];
	return snprintf(name, NSC_OUTFILE_TEMPORARY, ".%.*s.%.6s.tmp", (int)NAME_KEPT, target, (const char *)random) >
	       0;
}

/* Makes a file of an unused name in the folder `dir`. -1 and errno when it cannot; the name is empty then. */
static int create_temporary(int dir, const char *target, char name[NSC_OUTFILE_TEMPORARY])
{
	int fd;

	for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
		if (!temporary_name(name, target))
			break;
		fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	*name = '\0';
	return -1;
}

static int open_nameless(int dir)
{
	return openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* Gives an open file without a name this one. */
static int link_descriptor(int fd, int dir, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW);
}

/* The same under an unused name beside the target. */
static int link_temporary(int fd, int dir, const char *target, char name[NSC_OUTFILE_TEMPORARY])
{
	for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
		if (!temporary_name(name, target))
			break;
		if (!link_descriptor(fd, dir, name))
			return 0;
		if (errno != EEXIST)
			break;
	}
	*name = '\0';
	return -1;
}

/* Whether a file without a name can get one here: tried out, for at the end of a run it would be too late. */
static bool can_link(int dir, const char *target)
{
	int fd = open_nameless(dir);
	char name[NSC_OUTFILE_TEMPORARY];
	bool can = fd >= 0 && !link_temporary(fd, dir, target, name);

	if (can)
		unlinkat(dir, name, 0);
	if (fd >= 0)
		close(fd);
	return can;
}

/* Measured there: 280 MB in 50 ms of CPU instead of 72. On tmpfs it costs more than it saves. */
static bool is_on_ext4(int fd)
{
	struct statfs found;

	return !fstatfs(fd, &found) && found.f_type == EXT4_SUPER_MAGIC;
}

void nsc_outfile_place_may_set_aside(struct nsc_outfile_place *place)
{
	place->sets_aside = place->regular && is_on_ext4(place->fd);
}

/* A file without a name is gone with the program, however that ends. */
static int open_replacement(struct nsc_outfile_place *place, struct nsc_error *error)
{
	place->replaces = true;
	if (can_link(place->dir, place->name))
		place->fd = open_nameless(place->dir);
	if (place->fd < 0)
		place->fd = create_temporary(place->dir, place->name, place->temporary);
	if (place->fd < 0)
		return fail_errno(error, place->path);
	nsc_outfile_place_may_set_aside(place);
	return 0;
}

/* A log: the file is emptied only after it has been looked at. Nothing is waited for: a pipe without a reader is
 * refused.
 */
static int open_in_place(struct nsc_outfile_place *place, bool is_new, struct nsc_error *error)
{
	int flags = O_WRONLY | O_CREAT | (is_new ? O_EXCL : 0) | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
	struct stat found;

	place->fd = openat(place->dir, place->name, flags | O_NONBLOCK, 0600);
	if (place->fd < 0 && errno == ENXIO)
		return nsc_fail(error, -ENXIO, "%s: cannot be written: nobody reads it", place->path);
	if (place->fd < 0 || fcntl(place->fd, F_SETFL, 0) || fstat(place->fd, &found))
		return fail_errno(error, place->path);
	place->regular = S_ISREG(found.st_mode);
	if (place->regular && (fchmod(place->fd, 0600) || ftruncate(place->fd, 0)))
		return fail_errno(error, place->path);
	return 0;
}

static int open_descriptor(struct nsc_outfile_place *place, int descriptor, struct nsc_error *error)
{
	place->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	return place->fd < 0 ? fail_errno(error, place->path) : 0;
}

static int open_place(struct nsc_outfile_place *place, enum nsc_outfile_place_way way, struct nsc_error *error)
{
	int descriptor = nsc_out_descriptor(place->path), status;

	if (descriptor >= 0)
		return open_descriptor(place, descriptor, error);
	status = place_open_folder(place, error);
	if (status)
		return status;
	status = look_at_target(place, error);
	if (status < 0)
		return status;
	if (status || way != NSC_PLACE_REPLACED)
		return open_in_place(place, way == NSC_PLACE_NEW, error);
	place->regular = true;
	return open_replacement(place, error);
}

int nsc_outfile_place_open(struct nsc_outfile_place *place, const char *path, enum nsc_outfile_place_way way,
			   struct nsc_error *error)
{
	int status;

	*place = (struct nsc_outfile_place){ .path = strdup(path), .dir = -1, .fd = -1 };
	if (!place->path)
		return nsc_fail(error, -ENOMEM, "%s: no memory for its name", path);
	status = open_place(place, way, error);
	if (status)
		nsc_outfile_place_close(place);
	return status;
}

/* A disk that has no room for it may still have some for what is written. */
void nsc_outfile_place_set_aside(struct nsc_outfile_place *place, uint64_t written, size_t bytes)
{
	uint64_t from = NSC_MAX(place->aside, written);

	if (nsc_likely(!place->sets_aside) || written < ASIDE_ABOVE || written + bytes <= place->aside)
		return;
	place->sets_aside = !fallocate(place->fd, FALLOC_FL_KEEP_SIZE, (off_t)from, ASIDE_STEP);
	place->aside = from + ASIDE_STEP;
}

/* A length that stays the same gives back what lies behind the end. */
static int place_trim(const struct nsc_outfile_place *place)
{
	struct stat found;

	return place->aside ? fstat(place->fd, &found) || ftruncate(place->fd, found.st_size) : 0;
}

/* The bytes of a file that takes another one's name set out before its name does, as ext4 sees to it itself for files
 * of which no room was taken ahead: else a power cut could leave an empty file where a whole one was. */
static void place_send_ahead(const struct nsc_outfile_place *place)
{
	if (place->replaces && !faccessat(place->dir, place->name, F_OK, AT_SYMLINK_NOFOLLOW))
		(void)sync_file_range(place->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* The name must be there before the descriptor goes. */
int nsc_outfile_place_settle(struct nsc_outfile_place *place, struct nsc_error *error)
{
	int fd = place->fd;

	if (place_trim(place))
		return fail_errno(error, place->path);
	place_send_ahead(place);
	if (place->replaces && !*place->temporary && link_temporary(fd, place->dir, place->name, place->temporary))
		return fail_errno(error, place->path);
	place->fd = -1;
	if (close(fd) && errno != EINTR)
		return fail_errno(error, place->path);
	if (!place->replaces)
		return 0;
	if (renameat(place->dir, place->temporary, place->dir, place->name))
		return fail_errno(error, place->path);
	*place->temporary = '\0';
	return 0;
}

/* --- rotation --------------------------------------------------------------------------------- */

/* Gives what has the name another one, that nobody has. */
static int move_away(struct nsc_outfile_place *place, struct nsc_error *error)
{
	char other[NAME_MAX + 1];
	int status = nsc_set_aside(place->dir, place->name, false, other);

	return status ? nsc_fail(error, status, "%s: cannot be moved away for a new one: %s; it is written on",
				 place->path, strerror(-status))
		      : 0;
}

/* Whether the name leads to the file that is written. */
static bool is_named(const struct nsc_outfile_place *place, struct stat *ours)
{
	struct stat found;

	return !fstat(place->fd, ours) && !fstatat(place->dir, place->name, &found, AT_SYMLINK_NOFOLLOW) &&
	       ours->st_dev == found.st_dev && ours->st_ino == found.st_ino;
}

/* Whether something that must not be lost has the name: everything but an empty file, as log rotation makes them. */
static bool is_taken(const struct nsc_outfile_place *place)
{
	struct stat ours, found;

	return is_named(place, &ours) || (!fstatat(place->dir, place->name, &found, AT_SYMLINK_NOFOLLOW) &&
					  (found.st_size || !S_ISREG(found.st_mode)));
}

int nsc_outfile_place_rotate(struct nsc_outfile_place *place, bool *rotated, struct nsc_error *error)
{
	int status, fd;

	*rotated = false;
	if (!place->regular || place->replaces || place->dir < 0)
		return 0;
	status = is_taken(place) ? move_away(place, error) : 0;
	if (status)
		return status;
	fd = openat(place->dir, place->name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return nsc_fail(error, -errno, "%s: a new one cannot be begun: %s; the one before is written on",
				place->path, strerror(errno));
	close(place->fd);
	place->fd = fd;
	*rotated = true;
	return 0;
}

static int scratch_in(int dir)
{
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	char name[NSC_OUTFILE_TEMPORARY];

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	/* A file system without O_TMPFILE: make one and take its name away. */
	fd = create_temporary(dir, "netscope-sort", name);
	if (fd >= 0)
		unlinkat(dir, name, 0);
	return fd;
}

/* --- after a failure -------------------------------------------------------------------------- */

bool nsc_outfile_folder_gone(int dir)
{
	struct stat found;

	return dir >= 0 && (fstat(dir, &found) || !found.st_nlink);
}

static int place_find_folder(struct nsc_outfile_place *place, struct nsc_error *error)
{
	int before = place->dir, status;

	if (!nsc_outfile_folder_gone(before))
		return 0;
	status = place_open_folder(place, error);
	if (status)
		place->dir = before;
	else
		close(before);
	return status;
}

int nsc_outfile_place_check(struct nsc_outfile_place *place, struct nsc_error *error)
{
	if (!place->regular || !nsc_outfile_folder_gone(place->dir))
		return 0;
	if (place->replaces && !*place->temporary && !place_find_folder(place, NULL))
		return 0;
	return nsc_fail(error, -ENOENT, "%s: cannot be written: its folder was removed", place->path);
}

enum { LOOKS_RENAMED = 2 }; /* a second and more: who rotates logs renames them first, and sends SIGHUP then */

static int place_has_lost_name(struct nsc_outfile_place *place, bool removed, bool *begun, struct nsc_error *error)
{
	const char *how = removed ? "removed" : "renamed";
	int status = nsc_outfile_place_rotate(place, begun, NULL);

	place->nameless = true;
	if (!status)
		return nsc_fail(error, -ENOENT, "%s: was %s while it was written: a new one is begun", place->path,
				how);
	return nsc_fail(error, -ENOENT, "%s: was %s while it was written, and a new one cannot be begun: %s",
			place->path, how, strerror(-status));
}

int nsc_outfile_place_watch(struct nsc_outfile_place *place, bool *begun, struct nsc_error *error)
{
	bool was_nameless = place->nameless, named;
	struct stat ours = { .st_nlink = 1 };

	*begun = false;
	if (!place->regular || place->replaces || place->dir < 0)
		return 0;
	named = is_named(place, &ours);
	place->looks = named ? 0 : place->looks + 1;
	if (!named && (!ours.st_nlink || was_nameless || place->looks >= LOOKS_RENAMED))
		return place_has_lost_name(place, !ours.st_nlink, begun, error);
	place->nameless = false;
	return named && was_nameless ? nsc_fail(error, 1, "%s: is written under its name again", place->path) : 0;
}

int nsc_outfile_room(int dir, const char *path, struct nsc_error *error)
{
	static const char zeros[64 * 1024];
	int fd = scratch_in(dir), reason = fd < 0 ? errno : 0;

	for (size_t done = 0; !reason && done < NSC_OUTFILE_ROOM;) {
		ssize_t n = write(fd, zeros, sizeof(zeros));

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			reason = n ? errno : ENOSPC;
	}
	if (fd >= 0)
		close(fd);
	return reason ? nsc_fail(error, -reason, "%s: cannot be written yet: %s", path, strerror(reason)) : 0;
}

/* A new descriptor, not a shorter file: the old one's position stands where its last write ended. */
static int place_empty(struct nsc_outfile_place *place, struct nsc_error *error)
{
	struct stat ours;
	bool rotated;
	int fd;

	if (!is_named(place, &ours))
		return nsc_outfile_place_rotate(place, &rotated, error);
	fd = openat(place->dir, place->name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(error, place->path);
	close(place->fd);
	place->fd = fd;
	return 0;
}

int nsc_outfile_place_restart(struct nsc_outfile_place *place, bool keep, struct nsc_error *error)
{
	int status = place_find_folder(place, error);
	bool rotated;

	if (!status)
		status = nsc_outfile_room(place->dir, place->path, error);
	if (status)
		return status;
	return keep ? nsc_outfile_place_rotate(place, &rotated, error) : place_empty(place, error);
}

/* --- files for sorting ------------------------------------------------------------------------ */

/* The folder for a target that has none of its own. */
static int scratch_elsewhere(void)
{
	const char *folder = getenv("TMPDIR");
	int dir = open(folder && *folder ? folder : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	if (dir < 0)
		return -1;
	fd = scratch_in(dir);
	close(dir);
	return fd;
}

int nsc_outfile_place_scratch(const struct nsc_outfile_place *place, struct nsc_error *error)
{
	int fd = place->dir >= 0 ? scratch_in(place->dir) : scratch_elsewhere();

	if (fd < 0)
		return nsc_fail(error, -errno, "%s: no file for sorting beside it: %s", place->path, strerror(errno));
	return fd;
}

void nsc_outfile_place_close(struct nsc_outfile_place *place)
{
	if (place->fd >= 0) {
		(void)place_trim(place);
		close(place->fd);
	}
	if (*place->temporary)
		unlinkat(place->dir, place->temporary, 0);
	if (place->dir >= 0)
		close(place->dir);
	free(place->path);
	*place = (struct nsc_outfile_place){ .dir = -1, .fd = -1 };
}
