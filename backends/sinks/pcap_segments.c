/* SPDX-License-Identifier: MIT
 *
 * Names are a stem, a number and an extension. Which of the files that have such names are segments, a list beside them
 * tells, ".TARGET.netscope-segments": the number of each one that was begun, a line of fixed length. The numbers of
 * those that are there are kept as a ring, oldest first.
 */
#include "backends/sinks/pcap_segments.h"

#include "backends/sinks/outfile_place.h"
#include "backends/sinks/zstd_frames.h"
#include "netscope/out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS_MIN = 6, DIGITS_MAX = 18, LINE_BYTES = DIGITS_MAX + 1 };

struct segment {
	uint64_t number, bytes; /* with what lies beside */
};

struct nsc_pcap_segments {
	char *stem;            /* the target without its extension */
	const char *name;      /* the last part of it */
	const char *extension; /* with its point; "" = none */
	char *target;
	char *path; /* of the segment that was asked for last */
	size_t path_size;
	char list_name[NAME_MAX + 1];
	int dir, list; /* descriptors */
	struct nsc_pcap_segments_limits limits;
	uint64_t next;
	uint64_t *listed; /* [n_listed], in order; only while the folder is read */
	size_t n_listed, strangers;
	uint64_t bytes;        /* of all that are kept */
	struct segment *kept;  /* [room] */
	size_t room, first, n; /* a ring while segments are removed, else only what was found at open */
};

static int out_of_memory(const char *target, struct nsc_error *error)
{
	return nsc_fail(error, -ENOMEM, "%s: no memory for the names of its segments", target);
}

/* --- names ------------------------------------------------------------------------------------ */

/* A point that begins the name begins no extension. */
static int take_names(struct nsc_pcap_segments *s, const char *target, struct nsc_error *error)
{
	char *slash, *point, *before;

	s->target = strdup(target);
	s->stem = strdup(target);
	s->path_size = strlen(target) + DIGITS_MAX + 4 + sizeof(NSC_PCAP_SEGMENT_BESIDE);
	s->path = malloc(s->path_size);
	if (!s->target || !s->stem || !s->path)
		return out_of_memory(target, error);
	slash = strrchr(s->stem, '/');
	s->name = slash ? slash + 1 : s->stem;
	if (!*s->name)
		return nsc_fail(error, -EISDIR, "%s: cannot be written: it names a directory", target);
	point = strrchr(s->name, '.');
	before = point && nsc_zstd_frames_wanted(s->name) ? memrchr(s->name, '.', (size_t)(point - s->name)) : NULL;
	point = before && before != s->name ? before : point; /* "a.pcapng.zst" is numbered as a.pcapng is */
	s->extension = "";
	if (point && point != s->name) {
		*point = '\0';
		s->extension = s->target + (point - s->stem);
	}
	return 0;
}

static const char *name_of(struct nsc_pcap_segments *s, const char *stem, uint64_t number)
{
	snprintf(s->path, s->path_size, "%s.%0*" PRIu64 "%s", stem, DIGITS_MIN, number, s->extension);
	return s->path;
}

/* Whether `name` is a segment's, and which. */
static bool segment_number_of(const struct nsc_pcap_segments *s, const char *name, uint64_t *number)
{
	size_t stem = strlen(s->name), digits;

	if (strncmp(name, s->name, stem) || name[stem] != '.')
		return false;
	name += stem + 1;
	digits = strspn(name, "0123456789");
	if (digits < DIGITS_MIN || digits > DIGITS_MAX || (digits > DIGITS_MIN && *name == '0'))
		return false;
	*number = strtoull(name, NULL, 10);
	return !strcmp(name + digits, s->extension);
}

/* --- the list --------------------------------------------------------------------------------- */

static int segment_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int list_failed(const struct nsc_pcap_segments *s, struct nsc_error *error)
{
	return nsc_fail(error, -errno, "%s: the list of its segments, %s beside it, cannot be used: %s", s->target,
			s->list_name, strerror(errno));
}

static int list_open(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	const char *slash = strrchr(s->target, '/');

	if ((size_t)snprintf(s->list_name, sizeof(s->list_name), ".%s.netscope-segments",
			     slash ? slash + 1 : s->target) >= sizeof(s->list_name)) {
		errno = ENAMETOOLONG;
		return list_failed(s, error);
	}
	s->list = openat(s->dir, s->list_name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	return s->list < 0 ? list_failed(s, error) : 0;
}

/* Lines of another length were cut, or are not ours. */
static void list_take_lines(struct nsc_pcap_segments *s, const char *at)
{
	for (size_t length; *at; at += length + (at[length] == '\n')) {
		length = strcspn(at, "\n");
		if (length == DIGITS_MAX && strspn(at, "0123456789") == DIGITS_MAX)
			s->listed[s->n_listed++] = strtoull(at, NULL, 10);
	}
	if (!s->n_listed)
		return;
	qsort(s->listed, s->n_listed, sizeof(*s->listed), segment_compare);
	s->next = s->listed[s->n_listed - 1] + 1;
}

static int list_read(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	struct stat found;
	size_t size, done = 0;
	ssize_t n = 1;
	char *text;

	if (fstat(s->list, &found))
		return list_failed(s, error);
	size = S_ISREG(found.st_mode) ? (size_t)found.st_size : 0;
	text = malloc(size + 1);
	s->listed = calloc(size / LINE_BYTES + 1, sizeof(*s->listed));
	while (text && s->listed && done < size && n > 0) {
		n = pread(s->list, text + done, size - done, (off_t)done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (text && s->listed) {
		text[done] = '\0';
		list_take_lines(s, text);
	}
	free(text);
	return !text || !s->listed ? out_of_memory(s->target, error) : n < 0 ? list_failed(s, error) : 0;
}

static bool list_has(const struct nsc_pcap_segments *s, uint64_t number)
{
	return s->n_listed && bsearch(&number, s->listed, s->n_listed, sizeof(number), segment_compare);
}

/* One line, whole or not at all. */
static int list_add(const struct nsc_pcap_segments *s, uint64_t number, struct nsc_error *error)
{
	char line[DIGITS_MAX + 8];
	int length = snprintf(line, sizeof(line), "%0*" PRIu64 "\n", DIGITS_MAX, number);
	ssize_t n = write(s->list, line, (size_t)length);
	struct stat found;

	if (n == length)
		return 0;
	if (n > 0 && !fstat(s->list, &found) && !ftruncate(s->list, found.st_size - n))
		errno = ENOSPC;
	return list_failed(s, error);
}

/* What is there, and the last one in any case: its number is not given again, wherever its file is now. */
static int list_write(const struct nsc_pcap_segments *s, int fd)
{
	uint64_t last = s->listed[s->n_listed - 1];
	size_t n = s->n, length;
	char *text = malloc((n + 1) * LINE_BYTES + 1);
	bool done;

	for (size_t i = 0; text && i < n; i++)
		snprintf(text + i * LINE_BYTES, LINE_BYTES + 1, "%0*" PRIu64 "\n", DIGITS_MAX, s->kept[i].number);
	if (text && (!n || s->kept[n - 1].number != last))
		snprintf(text + n++ * LINE_BYTES, LINE_BYTES + 1, "%0*" PRIu64 "\n", DIGITS_MAX, last);
	length = n * LINE_BYTES;
	done = text && write(fd, text, length) == (ssize_t)length;
	free(text);
	return done ? 0 : -1;
}

/* Those that are gone leave the list: a new one takes its place, so that a kill leaves the old one or the new one. */
static int list_shorten(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	char name[sizeof(s->list_name) + 8];
	int fd;

	if (s->n == s->n_listed)
		return 0;
	snprintf(name, sizeof(name), "%s.new", s->list_name);
	fd = openat(s->dir, name, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return list_failed(s, error);
	if (list_write(s, fd) || renameat(s->dir, name, s->dir, s->list_name)) {
		list_failed(s, error);
		unlinkat(s->dir, name, 0);
		close(fd);
		return -EIO;
	}
	close(s->list);
	s->list = fd;
	return 0;
}

/* --- what is there ---------------------------------------------------------------------------- */

static uint64_t bytes_of(const struct nsc_pcap_segments *s, const char *name)
{
	struct stat found;

	return fstatat(s->dir, name, &found, AT_SYMLINK_NOFOLLOW) || !S_ISREG(found.st_mode) ? 0
											     : (uint64_t)found.st_size;
}

static uint64_t segment_bytes(struct nsc_pcap_segments *s, uint64_t number)
{
	const char *name = name_of(s, s->name, number);
	uint64_t bytes = bytes_of(s, name);

	strcat(s->path, NSC_PCAP_SEGMENT_BESIDE);
	return bytes + bytes_of(s, name);
}

/* For a row that begins at 0. */
static bool segments_grow(struct nsc_pcap_segments *s)
{
	size_t room = s->room ? s->room * 2 : 64;
	struct segment *more = reallocarray(s->kept, room, sizeof(*more));

	if (!more)
		return false;
	s->kept = more;
	s->room = room;
	return true;
}

static bool segments_found(struct nsc_pcap_segments *s, uint64_t number)
{
	if (s->n == s->room && !segments_grow(s))
		return false;
	s->kept[s->n++] = (struct segment){ .number = number };
	return true;
}

/* Numbers go on behind strangers too, which are otherwise left alone. */
static bool read_names(struct nsc_pcap_segments *s, DIR *folder)
{
	const struct dirent *entry;
	bool listed, room = true;
	uint64_t number;

	while (room && (entry = readdir(folder))) {
		if (!segment_number_of(s, entry->d_name, &number))
			continue;
		s->next = NSC_MAX(s->next, number + 1);
		listed = list_has(s, number);
		s->strangers += !listed;
		room = !listed || segments_found(s, number);
	}
	return room;
}

static int read_folder(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	int fd = fcntl(s->dir, F_DUPFD_CLOEXEC, 3);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	bool all;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return nsc_fail(error, -errno, "%s: its folder cannot be read: %s", s->target, strerror(errno));
	}
	all = read_names(s, folder);
	closedir(folder);
	if (!all)
		return out_of_memory(s->target, error);
	if (s->n)
		qsort(s->kept, s->n, sizeof(*s->kept), segment_compare); /* by their first word */
	for (size_t i = 0; i < s->n && s->limits.bytes; i++)
		s->bytes += s->kept[i].bytes = segment_bytes(s, s->kept[i].number);
	return list_shorten(s, error);
}

static bool segments_remove(const struct nsc_pcap_segments *s)
{
	return s->limits.files || s->limits.bytes;
}

/* Room for the segments that are kept, those that are still there, and the new one. */
static int make_ring(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	size_t room = NSC_MAX(s->n, (size_t)s->limits.files) + 1;
	struct segment *ring = reallocarray(s->kept, room, sizeof(*ring));

	if (!ring)
		return out_of_memory(s->target, error);
	s->kept = ring;
	s->room = room;
	return 0;
}

/* A full ring is turned so that it begins at 0, and made longer. */
static bool grow_ring(struct nsc_pcap_segments *s)
{
	struct segment *turned = calloc(s->n, sizeof(*turned));

	for (size_t i = 0; turned && i < s->n; i++)
		turned[i] = s->kept[(s->first + i) % s->room];
	if (turned)
		memcpy(s->kept, turned, s->n * sizeof(*turned));
	s->first = turned ? 0 : s->first;
	free(turned);
	return turned && segments_grow(s);
}

static int segments_open_folder(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	char *end = s->stem + (s->name - s->stem);
	char *folder = s->name == s->stem ? strdup(".") : strndup(s->stem, (size_t)(end - s->stem));

	if (!folder)
		return out_of_memory(s->target, error);
	s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (s->dir < 0)
		return nsc_fail(error, -errno, "%s: cannot be written: %s", s->target, strerror(errno));
	return 0;
}

int nsc_pcap_segments_open(struct nsc_pcap_segments **segments, const char *target,
			   struct nsc_pcap_segments_limits limits, struct nsc_error *error)
{
	struct nsc_pcap_segments *s = calloc(1, sizeof(*s));
	int status;

	if (!s)
		return out_of_memory(target, error);
	s->dir = s->list = -1;
	s->limits = limits;
	status = take_names(s, target, error);
	if (!status)
		status = segments_open_folder(s, error);
	if (!status)
		status = list_open(s, error);
	if (!status)
		status = list_read(s, error);
	if (!status)
		status = read_folder(s, error);
	if (!status && segments_remove(s))
		status = make_ring(s, error);
	if (status) {
		nsc_pcap_segments_close(s);
		return status;
	}
	*segments = s;
	return 0;
}

int nsc_pcap_segments_refuse(struct nsc_pcap_segments *s, const char *input, struct nsc_error *error)
{
	for (size_t i = 0; segments_remove(s) && i < s->n; i++)
		if (nsc_out_same_file(input, name_of(s, s->stem, s->kept[i].number)))
			return nsc_fail(error, -EINVAL,
					"%s: the input is one of its segments, and would be removed in time", s->path);
	return 0;
}

size_t nsc_pcap_segments_strangers(const struct nsc_pcap_segments *s)
{
	return s->strangers;
}

/* --- one after the other ---------------------------------------------------------------------- */

void nsc_pcap_segments_skip(struct nsc_pcap_segments *s)
{
	s->next++;
}

const char *nsc_pcap_segments_next(struct nsc_pcap_segments *s)
{
	return name_of(s, s->stem, s->next);
}

/* A file that is gone already is what was wanted. */
static int remove_oldest(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	struct segment oldest = s->kept[s->first];
	const char *name = name_of(s, s->name, oldest.number);
	int reason = unlinkat(s->dir, name, 0) ? errno : 0;

	s->first = (s->first + 1) % s->room;
	s->n--;
	s->bytes -= oldest.bytes;
	if (reason && reason != ENOENT)
		return nsc_fail(error, -reason, "%s: an old segment, %s, cannot be removed: %s", s->target, name,
				strerror(reason));
	strcat(s->path, NSC_PCAP_SEGMENT_BESIDE);
	if (!unlinkat(s->dir, name, 0) || errno == ENOENT)
		return 0;
	return nsc_fail(error, -errno, "%s: the index of an old segment, %s, cannot be removed: %s", s->target, name,
			strerror(errno));
}

/* Down to `files` of them. */
static int remove_old(struct nsc_pcap_segments *s, size_t files, struct nsc_error *error)
{
	int status = 0;

	while (s->n > files) {
		int failed = remove_oldest(s, status ? NULL : error);

		status = status ? status : failed;
	}
	return status;
}

int nsc_pcap_segments_begun(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	uint64_t number = s->next++;
	int status = list_add(s, number, error), failed;

	if (!segments_remove(s))
		return status;
	if (s->n == s->room && !grow_ring(s))
		remove_oldest(s, NULL);
	s->kept[(s->first + s->n++) % s->room] = (struct segment){ .number = number };
	failed = s->limits.files ? remove_old(s, s->limits.files, status ? NULL : error) : 0;
	return status ? status : failed;
}

uint64_t nsc_pcap_segments_room_for(const struct nsc_pcap_segments *s)
{
	if (!s->limits.bytes || s->n <= 1)
		return UINT64_MAX;
	return s->limits.bytes - NSC_MIN(s->bytes, s->limits.bytes);
}

int nsc_pcap_segments_shed(struct nsc_pcap_segments *s, uint64_t bytes, struct nsc_error *error)
{
	int status = 0;

	while (bytes > nsc_pcap_segments_room_for(s)) {
		int failed = remove_oldest(s, status ? NULL : error);

		status = status ? status : failed;
	}
	return status;
}

void nsc_pcap_segments_ended(struct nsc_pcap_segments *s, uint64_t bytes)
{
	struct segment *last;

	if (!s->limits.bytes || !s->n)
		return;
	last = &s->kept[(s->first + s->n - 1) % s->room];
	s->bytes += bytes - last->bytes;
	last->bytes = bytes;
}

bool nsc_pcap_segments_gone(const struct nsc_pcap_segments *s)
{
	return nsc_outfile_folder_gone(s->dir);
}

int nsc_pcap_segments_room(struct nsc_pcap_segments *s, struct nsc_error *error)
{
	int before = s->dir, list = s->list, status;

	if (nsc_outfile_folder_gone(before)) {
		status = segments_open_folder(s, error);
		if (!status)
			status = list_open(s, error);
		if (status) {
			if (s->dir >= 0)
				close(s->dir);
			s->dir = before;
			s->list = list;
			return status;
		}
		close(before);
		close(list);
	}
	return nsc_outfile_room(s->dir, s->target, error);
}

void nsc_pcap_segments_close(struct nsc_pcap_segments *s)
{
	if (!s)
		return;
	if (s->dir >= 0)
		close(s->dir);
	if (s->list >= 0)
		close(s->list);
	free(s->listed);
	free(s->kept);
	free(s->path);
	free(s->stem);
	free(s->target);
	free(s);
}
