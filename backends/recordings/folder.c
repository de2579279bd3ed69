/* SPDX-License-Identifier: MIT
 *
 * Files stand in a ring in the order in which they were made. The list on the disk grows by a line for each, and is
 * written anew, without those that are gone, at open.
 */
#include "backends/recordings/folder.h"

#include "backends/sinks/outfile_place.h"
#include "engine/text/time.h"
#include "netscope/recordings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_NAME ".netscope-recordings"

const char nsc_recordings_unfinished[] = "Not complete: the recording ended before its last packet.";

enum { LIST_MAX = NSC_RECORDINGS_FILES * NSC_RECORDING_NAME * 4 }; /* bytes of a list that are read: its end */

struct rfolder_file {
	uint64_t bytes;
	uint32_t which; /* 0: it is settled */
	char name[NSC_RECORDING_NAME];
};

struct nsc_recordings_folder {
	int dir, list;
	uint64_t limit, bytes;
	uint32_t first, n; /* of the ring */
	uint32_t added;    /* since the start */
	struct rfolder_file file[NSC_RECORDINGS_FILES];
	char path[];
};

static int rfolder_fail(const struct nsc_recordings_folder *f, const char *what, struct nsc_error *error)
{
	int failed = errno ? errno : EIO;

	return nsc_fail(error, -failed, "recordings in %.300s: %s: %s", f->path, what, strerror(failed));
}

static struct rfolder_file *rfolder_at(struct nsc_recordings_folder *f, uint32_t i)
{
	return &f->file[(f->first + i) % NSC_RECORDINGS_FILES];
}

/* --- names ------------------------------------------------------------------------------------ */

void nsc_recording_name(char name[NSC_RECORDING_NAME], uint64_t ts_ns, const char *kind, uint64_t number,
			unsigned tries)
{
	char date[NSC_FORMAT_DATE_MAX + 1], stamp[NSC_FORMAT_DATE_MAX + 1], again[16] = "";
	size_t n = 0;

	*nsc_format_date(date, ts_ns) = '\0';
	for (const char *at = date; *at; at++)
		if (*at != '-' && *at != ':')
			stamp[n++] = *at == ' ' ? 'T' : *at;
	stamp[n] = '\0';
	if (tries)
		snprintf(again, sizeof(again), ".%u", tries);
	snprintf(name, NSC_RECORDING_NAME, "%.22sZ-%.*s-%" PRIu32 "%s.pcapng", stamp, NSC_RECORDING_KIND - 1, kind,
		 (uint32_t)number, again);
}

/* A line of the list that may be believed: no path, no other ending. */
static bool rfolder_is_name(const char *name, size_t length)
{
	static const char ending[] = ".pcapng";
	const size_t tail = sizeof(ending) - 1;

	return length > tail && length < NSC_RECORDING_NAME && name[0] >= '0' && name[0] <= '9' &&
	       !memchr(name, '/', length) && !memcmp(name + length - tail, ending, tail);
}

/* --- the list --------------------------------------------------------------------------------- */

/* Where the last whole block of pcapng ends, in the first `size` bytes. */
static off_t rfolder_whole_blocks(int fd, off_t size)
{
	off_t at = 0;
	uint32_t head[2];

	while (at < size && pread(fd, head, sizeof(head), at) == sizeof(head) && head[1] >= 12 && head[1] % 4 == 0 &&
	       head[1] <= size - at)
		at += head[1];
	return at;
}

/* A kill may cut the write that is under way: what a recording has behind its last whole packet is taken away. The
 * others are as they were made. */
static void rfolder_mend(const struct nsc_recordings_folder *f, const char *name, struct stat *found)
{
	int fd = openat(f->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	char begin[4096];
	ssize_t n = fd < 0 ? -1 : pread(fd, begin, sizeof(begin), 0);
	off_t whole = found->st_size;

	if (n > 0 && memmem(begin, (size_t)n, nsc_recordings_unfinished, strlen(nsc_recordings_unfinished)))
		whole = rfolder_whole_blocks(fd, found->st_size);
	if (whole < found->st_size && !ftruncate(fd, whole))
		found->st_size = whole;
	if (fd >= 0)
		close(fd);
}

static void rfolder_take(struct nsc_recordings_folder *f, const char *name, size_t length)
{
	struct rfolder_file *file;
	struct stat found;

	if (f->n == NSC_RECORDINGS_FILES || !rfolder_is_name(name, length))
		return;
	file = rfolder_at(f, f->n);
	memcpy(file->name, name, length);
	file->name[length] = '\0';
	if (fstatat(f->dir, file->name, &found, AT_SYMLINK_NOFOLLOW) || !S_ISREG(found.st_mode))
		return;
	rfolder_mend(f, file->name, &found);
	file->bytes = (uint64_t)found.st_size;
	file->which = 0;
	f->bytes += file->bytes;
	f->n++;
}

/* A line that was cut by a kill is no name. */
static int rfolder_read_list(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	off_t size = lseek(f->list, 0, SEEK_END), from = size > LIST_MAX ? size - LIST_MAX : 0;
	char *text = size < 0 ? NULL : malloc((size_t)(size - from) + 1);
	ssize_t n = text ? pread(f->list, text, (size_t)(size - from), from) : -1;

	if (n >= 0) {
		const char *at = text, *end;

		for (text[n] = '\0'; (end = strchr(at, '\n')); at = end + 1)
			rfolder_take(f, at, (size_t)(end - at));
	}
	free(text);
	return n < 0 ? rfolder_fail(f, "their list cannot be read", error) : 0;
}

static bool rfolder_write_name(int fd, const char *name)
{
	char line[NSC_RECORDING_NAME + 1];
	int length = snprintf(line, sizeof(line), "%s\n", name);

	return write(fd, line, (size_t)length) == length;
}

/* Without those that are gone; a kill leaves the old list or the new one. */
static int rfolder_shorten_list(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	int fd = openat(f->dir, LIST_NAME ".new", O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool done = fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB);
	int status;

	for (uint32_t i = 0; i < f->n && done; i++)
		done = rfolder_write_name(fd, rfolder_at(f, i)->name);
	if (done && !renameat(f->dir, LIST_NAME ".new", f->dir, LIST_NAME)) {
		close(f->list);
		f->list = fd;
		return 0;
	}
	status = rfolder_fail(f, "their list cannot be written", error);
	if (fd >= 0) {
		unlinkat(f->dir, LIST_NAME ".new", 0);
		close(fd);
	}
	return status;
}

/* --- open ------------------------------------------------------------------------------------- */

static int rfolder_open_list(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	f->list = openat(f->dir, LIST_NAME, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->list < 0)
		return rfolder_fail(f, "their list cannot be opened", error);
	if (flock(f->list, LOCK_EX | LOCK_NB))
		return nsc_fail(error, -EBUSY, "recordings in %.300s: another netscope records there", f->path);
	return 0;
}

static int rfolder_open_folder(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	int status;

	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0)
		return rfolder_fail(f, "the folder cannot be opened", error);
	status = rfolder_open_list(f, error);
	if (!status)
		status = rfolder_read_list(f, error);
	return status ? status : rfolder_shorten_list(f, error);
}

int nsc_recordings_folder_open(struct nsc_recordings_folder **folder, const char *path, uint64_t limit_bytes,
			       struct nsc_error *error)
{
	struct nsc_recordings_folder *f = calloc(1, sizeof(*f) + strlen(path) + 1);
	int status = 0;

	*folder = NULL;
	if (!f)
		return nsc_fail(error, -ENOMEM, "no memory for recordings");
	strcpy(f->path, path);
	f->dir = f->list = -1;
	f->limit = limit_bytes;
	if (mkdir(path, 0700) && errno != EEXIST)
		status = rfolder_fail(f, "the folder cannot be made", error);
	if (!status)
		status = rfolder_open_folder(f, error);
	if (!status)
		status = nsc_outfile_room(f->dir, path, error);
	if (status) {
		nsc_recordings_folder_close(f);
		return status;
	}
	*folder = f;
	return 0;
}

static void rfolder_close_both(struct nsc_recordings_folder *f)
{
	if (f->list >= 0)
		close(f->list);
	if (f->dir >= 0)
		close(f->dir);
	f->list = f->dir = -1;
}

void nsc_recordings_folder_close(struct nsc_recordings_folder *f)
{
	if (f)
		rfolder_close_both(f);
	free(f);
}

const char *nsc_recordings_folder_path(const struct nsc_recordings_folder *f)
{
	return f->path;
}

/* --- files ------------------------------------------------------------------------------------ */

static void rfolder_forget(struct nsc_recordings_folder *f, uint32_t i)
{
	f->bytes -= rfolder_at(f, i)->bytes;
	for (; i + 1 < f->n; i++)
		*rfolder_at(f, i) = *rfolder_at(f, i + 1);
	f->n--;
}

/* One that is gone already, or will not go, is none any more: nothing is tried for ever. */
static bool rfolder_remove_oldest(struct nsc_recordings_folder *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		bool removed;

		if (rfolder_at(f, i)->which)
			continue;
		removed = !unlinkat(f->dir, rfolder_at(f, i)->name, 0);
		rfolder_forget(f, i);
		if (removed)
			return true;
		i--;
	}
	return false;
}

uint32_t nsc_recordings_folder_make_room(struct nsc_recordings_folder *f, uint64_t bytes, bool *fits)
{
	uint32_t removed = 0;

	while ((f->bytes + bytes > f->limit || f->n == NSC_RECORDINGS_FILES) && rfolder_remove_oldest(f))
		removed++;
	*fits = f->bytes + bytes <= f->limit && f->n < NSC_RECORDINGS_FILES;
	return removed;
}

static struct rfolder_file *rfolder_find(struct nsc_recordings_folder *f, uint32_t which)
{
	for (uint32_t i = f->n; i-- > 0;)
		if (rfolder_at(f, i)->which == which)
			return rfolder_at(f, i);
	return NULL;
}

int nsc_recordings_folder_add(struct nsc_recordings_folder *f, const char *name, uint32_t *which,
			      struct nsc_error *error)
{
	struct rfolder_file *file;

	*which = 0;
	errno = ENOSPC;
	if (f->n == NSC_RECORDINGS_FILES)
		return rfolder_fail(f, "too many are there", error);
	errno = 0;
	if (!rfolder_write_name(f->list, name))
		return rfolder_fail(f, "their list cannot be written", error);
	file = rfolder_at(f, f->n++);
	file->bytes = 0;
	file->which = *which = ++f->added;
	snprintf(file->name, sizeof(file->name), "%s", name);
	return 0;
}

void nsc_recordings_folder_grow(struct nsc_recordings_folder *f, uint32_t which, uint64_t bytes)
{
	struct rfolder_file *file = which ? rfolder_find(f, which) : NULL;

	if (!file)
		return;
	f->bytes += bytes - file->bytes;
	file->bytes = bytes;
}

void nsc_recordings_folder_settle(struct nsc_recordings_folder *f, uint32_t which)
{
	struct rfolder_file *file = which ? rfolder_find(f, which) : NULL;

	if (file)
		file->which = 0;
}

/* --- looking after it ------------------------------------------------------------------------- */

int nsc_recordings_folder_look(const struct nsc_recordings_folder *f, struct nsc_error *error)
{
	if (f->dir >= 0 && !nsc_outfile_folder_gone(f->dir))
		return 0;
	return nsc_fail(error, -ENOENT, "recordings in %.300s: cannot be written: the folder was removed", f->path);
}

/* What was in a folder that is gone is gone: the ring begins anew with what the new one has. */
static int rfolder_reopen(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	rfolder_close_both(f);
	f->first = f->n = 0;
	f->bytes = 0;
	return rfolder_open_folder(f, error);
}

int nsc_recordings_folder_try(struct nsc_recordings_folder *f, struct nsc_error *error)
{
	int status = nsc_recordings_folder_look(f, NULL) ? rfolder_reopen(f, error) : 0;

	if (status)
		rfolder_close_both(f);
	return status ? status : nsc_outfile_room(f->dir, f->path, error);
}
