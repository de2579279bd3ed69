/* SPDX-License-Identifier: MIT */
#include "tools/ship/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool nsc_queue_is_mine(const char *name, uint32_t part, uint32_t parts)
{
	uint32_t hash = 2166136261u; /* FNV-1a: the same in every version */

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return (hash ^ hash >> 16) % parts == part;
}

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

static void queue_look(struct nsc_queue *queue)
{
	int fd = openat(queue->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat found;

	queue->n = queue->at = 0;
	if (!list)
		return;
	while ((entry = readdir(list)))
		if (nsc_segment_is_name(entry->d_name) && nsc_queue_is_mine(entry->d_name, queue->part, queue->parts) &&
		    !fstatat(queue->folder, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) && S_ISREG(found.st_mode))
			queue_note(queue, entry->d_name, &found.st_mtim);
	closedir(list);
}

/* False: it is gone, or the sensor drops it. */
static bool queue_open(struct nsc_queue *queue, struct nsc_queue_segment *s)
{
	char head[NSC_SEGMENT_HEAD];
	struct stat found;

	s->fd = openat(queue->folder, s->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return false;
	if (!flock(s->fd, LOCK_SH | LOCK_NB) && !fstat(s->fd, &found) && found.st_nlink) {
		s->bytes = (uint64_t)found.st_size - NSC_SEGMENT_HEAD;
		if (pread(s->fd, head, sizeof(head), 0) == sizeof(head) && !nsc_segment_read(&s->head, head))
			return true;
		nsc_queue_refuse(queue, s);
		return false;
	}
	close(s->fd);
	return false;
}

bool nsc_queue_take(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	if (queue->at == queue->n)
		queue_look(queue);
	while (queue->at < queue->n) {
		segment->written = queue->entry[queue->at].written;
		strcpy(segment->name, queue->entry[queue->at++].name);
		if (queue_open(queue, segment))
			return true;
	}
	return false;
}

void nsc_queue_done(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	unlinkat(queue->folder, segment->name, 0);
	close(segment->fd);
}

void nsc_queue_refuse(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	char name[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)];

	snprintf(name, sizeof(name), "%s" NSC_SEGMENT_REFUSED, segment->name);
	renameat(queue->folder, segment->name, queue->folder, name);
	close(segment->fd);
}

/* It is the oldest one, and comes first again. */
void nsc_queue_put_back(struct nsc_queue *queue, struct nsc_queue_segment *segment)
{
	queue->at--;
	close(segment->fd);
}
