/* SPDX-License-Identifier: MIT */
#include "tools/ship/queue.h"

#include "engine/base/assert.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t queue_hash(const char *text)
{
	uint32_t hash = 2166136261u; /* FNV-1a: the same in every version */

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash ^ hash >> 16;
}

bool nsc_queue_is_mine(const char *name, uint32_t part, uint32_t parts)
{
	return queue_hash(name) % parts == part;
}

/* --- takers ----------------------------------------------------------------------------------- */

void nsc_queue_taker_id(char id[NSC_SEGMENT_TAKER], const char *url)
{
	snprintf(id, NSC_SEGMENT_TAKER, "%08" PRIx32, queue_hash(url));
}

uint32_t nsc_queue_takers_add(struct nsc_queue_takers *takers, const char *id, uint32_t kinds)
{
	uint32_t i = 0;

	while (i < takers->n && strcmp(takers->taker[i].id, id))
		i++;
	if (i == takers->n) {
		nsc_assert(takers->n < NSC_QUEUE_TAKERS, "as many takers as destinations");
		snprintf(takers->taker[i].id, sizeof(takers->taker[i].id), "%s", id);
		takers->taker[i].kinds = kinds;
		takers->n++;
	}
	return i;
}

static bool takers_is_there(const struct nsc_queue_takers *takers, const char *file)
{
	struct stat found;

	return !fstatat(takers->folder, file, &found, AT_SYMLINK_NOFOLLOW);
}

static bool takers_have(const struct nsc_queue_takers *takers, uint32_t taker, const char *name)
{
	char mark[NSC_SEGMENT_MARK];

	nsc_segment_mark(mark, name, takers->taker[taker].id);
	return takers_is_there(takers, mark);
}

/* How many take segments of a kind, and whether each of them has this one. */
static uint32_t takers_wait(const struct nsc_queue_takers *takers, const char *name, bool *all)
{
	uint32_t kind = 1u << nsc_segment_name_kind(name), n = 0;

	*all = true;
	for (uint32_t i = 0; i < takers->n; i++)
		if (takers->taker[i].kinds & kind) {
			n++;
			*all = *all && takers_have(takers, i, name);
		}
	return n;
}

/* First the segment: marks without one are nobody's. */
static void takers_remove(const struct nsc_queue_takers *takers, const char *name)
{
	char mark[NSC_SEGMENT_MARK];

	unlinkat(takers->folder, name, 0);
	for (uint32_t i = 0; i < takers->n; i++) {
		nsc_segment_mark(mark, name, takers->taker[i].id);
		unlinkat(takers->folder, mark, 0);
	}
}

/* The mark of a segment that the sensor has dropped: whoever lacks it will never have it. */
static void takers_orphan(struct nsc_queue_takers *takers, const char *mark, const char *name, bool count)
{
	uint32_t kind = 1u << nsc_segment_name_kind(name);

	for (uint32_t i = 0; i < takers->n && count; i++)
		if (takers->taker[i].kinds & kind && !takers_have(takers, i, name))
			takers->taker[i].lost++;
	unlinkat(takers->folder, mark, 0);
	takers_remove(takers, name);
}

static bool takers_is_one(const struct nsc_queue_takers *takers, const char *id)
{
	for (uint32_t i = 0; i < takers->n; i++)
		if (!strcmp(takers->taker[i].id, id))
			return true;
	return false;
}

static void takers_look(struct nsc_queue_takers *takers, const char *file, bool count)
{
	char name[NSC_SEGMENT_NAME], taker[NSC_SEGMENT_TAKER];
	bool all;

	if (nsc_segment_is_name(file)) {
		if (takers_wait(takers, file, &all) && all)
			takers_remove(takers, file);
	} else if (nsc_segment_mark_read(file, name, taker)) {
		if (!takers_is_one(takers, taker))
			unlinkat(takers->folder, file, 0);
		else if (!takers_is_there(takers, name) && takers_is_there(takers, file))
			takers_orphan(takers, file, name, count);
	}
}

static DIR *takers_list(const struct nsc_queue_takers *takers)
{
	int fd = openat(takers->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list && fd >= 0)
		close(fd);
	return list;
}

void nsc_queue_takers_settle(struct nsc_queue_takers *takers, bool count)
{
	DIR *list = takers_list(takers);
	const struct dirent *entry;

	while (list && (entry = readdir(list))) {
		pthread_mutex_lock(&takers->mutex);
		takers_look(takers, entry->d_name, count);
		pthread_mutex_unlock(&takers->mutex);
	}
	if (list)
		closedir(list);
}

uint64_t nsc_queue_takers_lost(struct nsc_queue_takers *takers, uint32_t taker)
{
	uint64_t lost;

	pthread_mutex_lock(&takers->mutex);
	lost = takers->taker[taker].lost;
	pthread_mutex_unlock(&takers->mutex);
	return lost;
}

/* --- one queue -------------------------------------------------------------------------------- */

static bool queue_is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* The oldest ones stay. */
static void queue_note(struct nsc_queue *queue, const char *name, const struct timespec *written)
{
	uint32_t at = queue->n;

	if (at == NSC_QUEUE_MAX && !queue_is_before(written, &queue->entry[--at].written))
		return;
	queue->n = at + 1;
	for (; at && queue_is_before(written, &queue->entry[at - 1].written); at--)
		queue->entry[at] = queue->entry[at - 1];
	queue->entry[at].written = *written;
	strcpy(queue->entry[at].name, name); /* nsc_segment_is_name has measured it */
}

bool nsc_queue_wants(const struct nsc_queue *queue, const char *name)
{
	enum nsc_segment_kind kind = nsc_segment_name_kind(name);

	return kind != NSC_SEGMENT_KIND_COUNT && queue->takers->taker[queue->taker].kinds & 1u << kind &&
	       nsc_queue_is_mine(name, queue->part, queue->parts) && !takers_have(queue->takers, queue->taker, name);
}

static void queue_look(struct nsc_queue *queue)
{
	DIR *list = takers_list(queue->takers);
	const struct dirent *entry;
	struct stat found;

	queue->n = queue->at = 0;
	if (!list)
		return;
	while ((entry = readdir(list)))
		if (nsc_queue_wants(queue, entry->d_name) &&
		    !fstatat(queue->takers->folder, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(found.st_mode))
			queue_note(queue, entry->d_name, &found.st_mtim);
	closedir(list);
}

static void refused_name(char refused[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)], const char *name)
{
	snprintf(refused, NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED), "%s" NSC_SEGMENT_REFUSED, name);
}

/* False: it is gone, or the sensor drops it. */
static bool queue_open(struct nsc_queue *queue, struct nsc_queue_segment *s)
{
	char head[NSC_SEGMENT_HEAD], refused[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)];
	struct stat found;

	s->fd = openat(queue->takers->folder, s->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return false;
	if (!flock(s->fd, LOCK_SH | LOCK_NB) && !fstat(s->fd, &found) && found.st_nlink) {
		s->bytes = (uint64_t)found.st_size - NSC_SEGMENT_HEAD;
		if (pread(s->fd, head, sizeof(head), 0) == sizeof(head) && !nsc_segment_read(&s->head, head))
			return true;
		refused_name(refused, s->name); /* nobody can read it */
		renameat(queue->takers->folder, s->name, queue->takers->folder, refused);
	}
	close(s->fd);
	return false;
}

bool nsc_queue_take(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	if (queue->at == queue->n)
		queue_look(queue);
	while (queue->at < queue->n) {
		strcpy(segment->name, queue->entry[queue->at++].name);
		if (queue_open(queue, segment))
			return true;
	}
	return false;
}

/* --- its end ---------------------------------------------------------------------------------- */

static bool queue_mark(struct nsc_queue *queue, const char *name)
{
	struct nsc_queue_takers *takers = queue->takers;
	char mark[NSC_SEGMENT_MARK];
	int fd;

	nsc_segment_mark(mark, name, takers->taker[queue->taker].id);
	fd = openat(takers->folder, mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool nsc_queue_done(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	struct nsc_queue_takers *takers = queue->takers;
	bool all;

	if (takers_wait(takers, segment->name, &all) < 2) {
		if (unlinkat(takers->folder, segment->name, 0) && errno != ENOENT)
			return false;
	} else {
		if (!queue_mark(queue, segment->name))
			return false;
		pthread_mutex_lock(&takers->mutex);
		takers_wait(takers, segment->name, &all);
		if (all)
			takers_remove(takers, segment->name);
		pthread_mutex_unlock(&takers->mutex);
	}
	close(segment->fd);
	return true;
}

/* What a database refuses is kept beside what others still get. What they refuse, somebody else has. */
bool nsc_queue_refuse(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	char refused[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)];
	const struct nsc_queue_takers *takers = queue->takers;
	bool all, alone = takers_wait(takers, segment->name, &all) < 2;

	refused_name(refused, segment->name);
	if (alone) {
		if (renameat(takers->folder, segment->name, takers->folder, refused))
			return false;
		close(segment->fd);
		return true;
	}
	if (!strcmp(takers->taker[queue->taker].id, NSC_SEGMENT_DATABASE) &&
	    linkat(takers->folder, segment->name, takers->folder, refused, 0) && errno != EEXIST)
		return false;
	return nsc_queue_done(queue, segment);
}

void nsc_queue_put_back(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	queue->at--;
	close(segment->fd);
}
