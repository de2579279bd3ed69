/* SPDX-License-Identifier: MIT
 *
 * A short queue of blocks, in the order of the file.
 */
#include "file_direct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "netscope/base.h"
#include "uring.h"

#define CACHESTAT 451 /* on every machine; newer than the headers of Debian 12 */

struct direct_block {
	uint8_t *to;
	int32_t result; /* once done: bytes or -errno */
	bool flies;     /* through the ring */
	bool done;
};

struct nsc_file_direct {
	struct nsc_uring *ring; /* NULL: one call for all blocks */
	int *fds;
	uint32_t block;
	/* of the file that is read */
	int fd;
	uint32_t k;
	bool on;
	uint64_t at; /* the offset of the oldest block that was asked for */
	/* asked for: `n` blocks from queue[first] on, in a circle */
	uint32_t first, n;
	struct direct_block queue[NSC_DIRECT_DEPTH];
};

/* --- whether ---------------------------------------------------------------------------------- */

static int set_direct(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT))
		return -errno;
	return 0;
}

const char *nsc_file_direct_refuses(int fd)
{
	int status = set_direct(fd, true);

	if (status)
		return status == -EINVAL ? "its file system does not know O_DIRECT" : strerror(-status);
	set_direct(fd, false);
	return NULL;
}

bool nsc_file_direct_is_cold(int fd, uint64_t size)
{
	struct {
		uint64_t at, bytes;
	} range = { 0, size };
	struct {
		uint64_t cached, dirty, written_back, evicted, evicted_lately;
	} pages;

	if (syscall(CACHESTAT, fd, &range, &pages, 0))
		return false;
	return pages.cached * (uint64_t)sysconf(_SC_PAGESIZE) < size / 2;
}

/* --- the queue -------------------------------------------------------------------------------- */

static struct direct_block *direct_at(struct nsc_file_direct *d, uint32_t i)
{
	return &d->queue[(d->first + i) % NSC_DIRECT_DEPTH];
}

static struct direct_block *direct_add(struct nsc_file_direct *d, uint8_t *to)
{
	struct direct_block *block = direct_at(d, d->n++);

	*block = (struct direct_block){ .to = to };
	return block;
}

static void direct_remove(struct nsc_file_direct *d)
{
	d->first = (d->first + 1) % NSC_DIRECT_DEPTH;
	d->n--;
}

static bool direct_is_asked(struct nsc_file_direct *d, const uint8_t *to)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (direct_at(d, i)->to == to)
			return true;
	return false;
}

void nsc_file_direct_ahead(struct nsc_file_direct *d, uint8_t *to)
{
	struct direct_block *block;

	if (!d->on || d->n == NSC_DIRECT_DEPTH || direct_is_asked(d, to))
		return;
	block = direct_add(d, to);
	block->flies = d->ring != NULL;
	if (d->ring)
		nsc_uring_read(d->ring, d->k, d->at + (uint64_t)(d->n - 1) * d->block, to, d->block,
			       (uint64_t)(block - d->queue));
}

/* --- reading ---------------------------------------------------------------------------------- */

/* One call for all that was asked for and does not fly. 0, or -EINTR. */
static int direct_together(struct nsc_file_direct *d)
{
	struct iovec to[NSC_DIRECT_DEPTH];
	uint32_t n = 0;
	ssize_t got;

	for (; n < d->n && !direct_at(d, n)->flies; n++)
		to[n] = (struct iovec){ direct_at(d, n)->to, d->block };
	got = preadv(d->fd, to, (int)n, (off_t)d->at);
	got = got < 0 ? -errno : got;
	for (uint32_t i = 0; i < n && got != -EINTR; i++) {
		struct direct_block *block = direct_at(d, i);

		block->result = (int32_t)NSC_MIN(got, (ssize_t)d->block);
		block->done = true;
		got = NSC_MAX(got - (ssize_t)d->block, (ssize_t)0);
	}
	return got == -EINTR ? -EINTR : 0;
}

/* Takes what has landed, or waits for it. 0, or -EINTR. */
static int direct_land(struct nsc_file_direct *d)
{
	struct nsc_uring_done done;
	bool any = false;

	for (; nsc_uring_take(d->ring, &done); any = true) {
		d->queue[done.tag].result = done.result;
		d->queue[done.tag].done = true;
	}
	return any ? 0 : nsc_uring_wait(d->ring);
}

/* The memory of blocks in flight belongs to the kernel: they are waited for, signal or not. */
static void direct_forget(struct nsc_file_direct *d)
{
	for (; d->n; direct_remove(d))
		while (direct_at(d, 0)->flies && !direct_at(d, 0)->done)
			direct_land(d);
}

/* From `at` on the page cache. */
static void direct_leave(struct nsc_file_direct *d)
{
	direct_forget(d);
	d->on = false;
	set_direct(d->fd, false);
	lseek(d->fd, (off_t)d->at, SEEK_SET);
}

ssize_t nsc_file_direct_read(struct nsc_file_direct *d, uint8_t *to)
{
	const struct direct_block *block = direct_at(d, 0);
	int status = 0;
	ssize_t n;

	if (d->n && block->to != to)
		direct_forget(d);
	if (!d->n)
		block = direct_add(d, to); /* nobody asked before: nothing is gained by a flight */
	while (!block->done && !status)
		status = block->flies ? direct_land(d) : direct_together(d);
	if (status)
		return status;
	n = block->result;
	direct_remove(d);
	d->at += (uint64_t)NSC_MAX(n, (ssize_t)0);
	if (n < 0)
		d->fds[d->k] = -1; /* not begun a second time */
	if (n < (ssize_t)d->block)
		direct_leave(d);
	return n;
}

bool nsc_file_direct_goes_on(const struct nsc_file_direct *d)
{
	return d->on;
}

/* --- one file after the other ----------------------------------------------------------------- */

int nsc_file_direct_open(struct nsc_file_direct **direct, const int *fds, uint32_t n, uint32_t block,
			 struct nsc_error *error)
{
	struct nsc_file_direct *d = calloc(1, sizeof(*d));

	if (d)
		d->fds = malloc(n * sizeof(*fds));
	if (!d || !d->fds) {
		free(d);
		return nsc_fail(error, -ENOMEM, "no memory to read past the page cache");
	}
	memcpy(d->fds, fds, n * sizeof(*fds));
	d->block = block;
	if (nsc_uring_open(&d->ring, fds, n, NSC_DIRECT_DEPTH))
		d->ring = NULL;
	*direct = d;
	return 0;
}

bool nsc_file_direct_in_flight(const struct nsc_file_direct *d)
{
	return d->ring != NULL;
}

void nsc_file_direct_begin(struct nsc_file_direct *d, uint32_t k, uint64_t offset)
{
	direct_forget(d);
	d->k = k;
	d->fd = d->fds[k];
	d->at = offset;
	d->on = d->fd >= 0 && offset % NSC_DIRECT_ALIGN == 0 && !set_direct(d->fd, true);
}

void nsc_file_direct_close(struct nsc_file_direct *d)
{
	if (!d)
		return;
	direct_forget(d);
	nsc_uring_close(d->ring);
	free(d->fds);
	free(d);
}
