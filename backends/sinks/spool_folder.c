/* SPDX-License-Identifier: MIT
 *
 * The sum of sizes is kept while segments come, and taken anew from the folder when it says that the limit is reached:
 * segments that were sent have gone meanwhile.
 */
#include "backends/sinks/spool_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 4096, OLDEST = 256, TRY_BYTES = 1 << 20 };

struct oldest { /* a candidate */
	struct timespec at;
	uint64_t bytes;
	bool ledger;
	char name[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)];
};

struct nsc_spool_folder {
	int fd, lock;
	uint64_t limit, bytes; /* bytes: an upper bound of what is there */
	struct nsc_spool_dropped dropped;
	uint32_t n;
	struct oldest oldest[OLDEST]; /* of the last look, oldest first */
	char path[];
};

static int folder_fail(const struct nsc_spool_folder *folder, const char *what, struct nsc_error *error)
{
	int failed = errno ? errno : EIO;

	return nsc_fail(error, -failed, "the spool %.300s: %s: %s", folder->path, what, strerror(failed));
}

/* --- what is there ---------------------------------------------------------------------------- */

/* Ledgers go last: they are small, and say what became of the others. */
static bool is_older(const struct oldest *a, const struct oldest *b)
{
	if (a->ledger != b->ledger)
		return b->ledger;
	return a->at.tv_sec != b->at.tv_sec ? a->at.tv_sec < b->at.tv_sec : a->at.tv_nsec < b->at.tv_nsec;
}

static bool is_ledger(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot + 1, nsc_segment_kind_names[NSC_SEGMENT_LEDGER]);
}

/* What the limit is for: segments, also those that were refused, which else would fill the disk. */
static bool is_segment(const char *name)
{
	char stem[NSC_SEGMENT_NAME];
	const char *end = strrchr(name, '.');

	if (!end || strcmp(end, NSC_SEGMENT_REFUSED) != 0)
		return nsc_segment_is_name(name);
	if ((size_t)(end - name) >= sizeof(stem))
		return false;
	memcpy(stem, name, (size_t)(end - name));
	stem[end - name] = '\0';
	return nsc_segment_is_name(stem);
}

static void folder_note(struct nsc_spool_folder *folder, const char *name, const struct stat *found, uint64_t bytes)
{
	struct oldest one = { .at = found->st_mtim, .bytes = bytes, .ledger = is_ledger(name) };
	uint32_t at = folder->n < OLDEST ? folder->n++ : OLDEST - 1;

	if (at == OLDEST - 1 && folder->oldest[at].bytes && !is_older(&one, &folder->oldest[at]))
		return;
	strcpy(one.name, name); /* is_segment has measured it */
	for (; at && is_older(&one, &folder->oldest[at - 1]); at--)
		folder->oldest[at] = folder->oldest[at - 1];
	folder->oldest[at] = one;
}

static uint64_t rounded(uint64_t bytes)
{
	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

static DIR *folder_list(const struct nsc_spool_folder *folder)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list && fd >= 0)
		close(fd);
	return list;
}

/* The sum anew, and the oldest segments. */
static void folder_look(struct nsc_spool_folder *folder)
{
	DIR *list = folder_list(folder);
	const struct dirent *entry;
	struct stat found;

	if (!list)
		return;
	folder->bytes = 0;
	folder->n = 0;
	folder->oldest[OLDEST - 1].bytes = 0;
	while ((entry = readdir(list))) {
		if (!is_segment(entry->d_name) || fstatat(folder->fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(found.st_mode))
			continue;
		folder->bytes += rounded((uint64_t)found.st_size);
		folder_note(folder, entry->d_name, &found, rounded((uint64_t)found.st_size));
	}
	closedir(list);
}

static bool is_unfinished(const char *name)
{
	size_t length = strlen(name);

	return name[0] == '.' && length > 4 && !strcmp(name + length - 4, ".tmp");
}

static uint32_t folder_clean(struct nsc_spool_folder *folder)
{
	DIR *list = folder_list(folder);
	const struct dirent *entry;
	uint32_t n = 0;

	while (list && (entry = readdir(list)))
		n += is_unfinished(entry->d_name) && !unlinkat(folder->fd, entry->d_name, 0);
	if (list)
		closedir(list);
	return n;
}

/* --- open ------------------------------------------------------------------------------------- */

static int folder_take(struct nsc_spool_folder *folder, struct nsc_error *error)
{
	if (mkdir(folder->path, 0700) && errno != EEXIST)
		return folder_fail(folder, "cannot be made", error);
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return folder_fail(folder, "cannot be opened", error);
	folder->lock = openat(folder->fd, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (folder->lock < 0)
		return folder_fail(folder, "cannot be written", error);
	if (flock(folder->lock, LOCK_EX | LOCK_NB))
		return nsc_fail(error, -EBUSY, "the spool %.300s: another netscope writes there", folder->path);
	return 0;
}

int nsc_spool_folder_open(struct nsc_spool_folder **opened, const char *path, uint64_t limit_bytes, uint32_t *stale,
			  struct nsc_error *error)
{
	struct nsc_spool_folder *folder = calloc(1, sizeof(*folder) + strlen(path) + 1);
	int status;

	*opened = NULL;
	if (!folder)
		return nsc_fail(error, -ENOMEM, "no memory for the spool");
	strcpy(folder->path, path);
	folder->fd = folder->lock = -1;
	folder->limit = limit_bytes;
	status = folder_take(folder, error);
	if (status) {
		nsc_spool_folder_close(folder);
		return status;
	}
	*stale = folder_clean(folder);
	folder_look(folder);
	*opened = folder;
	return 0;
}

void nsc_spool_folder_close(struct nsc_spool_folder *folder)
{
	if (!folder)
		return;
	if (folder->lock >= 0)
		close(folder->lock);
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder);
}

/* --- one segment ------------------------------------------------------------------------------ */

static void unfinished_name(char name[NSC_SEGMENT_NAME], const struct nsc_segment *s)
{
	snprintf(name, NSC_SEGMENT_NAME, ".%s-%016" PRIx64 "-%" PRIu32 "-%012" PRIu64 ".%s.tmp", s->sensor, s->boot,
		 s->worker, s->first, nsc_segment_kind_names[s->kind]);
}

int nsc_spool_folder_begin(struct nsc_spool_folder *folder, const struct nsc_segment *segment, struct nsc_error *error)
{
	char name[NSC_SEGMENT_NAME];
	int fd;

	unfinished_name(name, segment);
	fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? folder_fail(folder, "no segment can be begun", error) : fd;
}

void nsc_spool_folder_discard(struct nsc_spool_folder *folder, int fd, const struct nsc_segment *segment)
{
	char name[NSC_SEGMENT_NAME];

	unfinished_name(name, segment);
	unlinkat(folder->fd, name, 0);
	close(fd);
}

int nsc_spool_folder_seal(struct nsc_spool_folder *folder, int fd, const struct nsc_segment *segment,
			  struct nsc_error *error)
{
	char head[NSC_SEGMENT_HEAD], before[NSC_SEGMENT_NAME], name[NSC_SEGMENT_NAME];
	struct stat written;
	int status = 0;

	nsc_segment_head(head, segment);
	unfinished_name(before, segment);
	nsc_segment_name(name, segment);
	errno = 0;
	if (pwrite(fd, head, sizeof(head), 0) != sizeof(head) || fsync(fd) || fstat(fd, &written) ||
	    renameat(folder->fd, before, folder->fd, name)) {
		status = folder_fail(folder, "a segment cannot be completed", error);
		unlinkat(folder->fd, before, 0);
	} else {
		folder->bytes += rounded((uint64_t)written.st_size);
		fsync(folder->fd); /* so that its name lasts, too */
	}
	close(fd);
	return status;
}

/* --- the limit -------------------------------------------------------------------------------- */

static bool folder_database_has(const struct nsc_spool_folder *folder, const char *name)
{
	char mark[NSC_SEGMENT_MARK];
	struct stat found;

	nsc_segment_mark(mark, name, NSC_SEGMENT_DATABASE);
	return !fstatat(folder->fd, mark, &found, AT_SYMLINK_NOFOLLOW);
}

/* The lock is taken before the look at the head, so that nobody begins to send it meanwhile. What is
 * locked is on its way. What a database has is not lost: netscope ship counts for whom it is. */
static void folder_drop(struct nsc_spool_folder *folder, const struct oldest *oldest)
{
	int fd = openat(folder->fd, oldest->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct nsc_segment segment = { .first = 1 };
	char head[NSC_SEGMENT_HEAD];
	bool known, gone, stored;

	if (fd < 0)
		return; /* it was sent */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return;
	}
	known = pread(fd, head, sizeof(head), 0) == sizeof(head) && !nsc_segment_read(&segment, head);
	stored = folder_database_has(folder, oldest->name);
	gone = !unlinkat(folder->fd, oldest->name, 0);
	close(fd);
	if (!gone)
		return;
	folder->bytes -= NSC_MIN(folder->bytes, oldest->bytes);
	if (stored)
		return;
	folder->dropped.segments++;
	if (known && segment.kind == NSC_SEGMENT_FLOWS) {
		folder->dropped.rows += nsc_segment_rows(&segment);
		folder->dropped.packets += segment.packets;
		folder->dropped.bytes += segment.bytes;
	} else if (known && segment.kind == NSC_SEGMENT_ALERTS) {
		folder->dropped.alerts += nsc_segment_rows(&segment);
	}
}

bool nsc_spool_folder_has_room(struct nsc_spool_folder *folder, uint64_t bytes)
{
	if (folder->bytes + rounded(bytes) <= folder->limit)
		return true;
	folder_look(folder);
	return folder->bytes + rounded(bytes) <= folder->limit;
}

void nsc_spool_folder_make_room(struct nsc_spool_folder *folder, uint64_t bytes)
{
	uint64_t target = folder->limit - folder->limit / 16, before;

	if (nsc_spool_folder_has_room(folder, bytes))
		return;
	target -= NSC_MIN(target, rounded(bytes));
	do {
		before = folder->bytes;
		for (uint32_t i = 0; i < folder->n && folder->bytes > target; i++)
			folder_drop(folder, &folder->oldest[i]);
		if (folder->bytes > target)
			folder_look(folder);
	} while (folder->bytes > target && folder->bytes < before);
}

int nsc_spool_folder_try(struct nsc_spool_folder *folder, struct nsc_error *error)
{
	int fd = openat(folder->fd, ".try.tmp", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int status = 0;

	if (fd < 0)
		return folder_fail(folder, "cannot be written", error);
	if (fallocate(fd, 0, 0, TRY_BYTES) && errno != EOPNOTSUPP)
		status = folder_fail(folder, "there is no room", error);
	unlinkat(folder->fd, ".try.tmp", 0);
	close(fd);
	return status;
}

const struct nsc_spool_dropped *nsc_spool_folder_dropped(const struct nsc_spool_folder *folder)
{
	return &folder->dropped;
}
