/* SPDX-License-Identifier: MIT
 *
 * The buffer and its way to the disk. The places of files are found in outfile_place.c.
 */
#include "backends/sinks/outfile.h"

#include "backends/sinks/outfile_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct nsc_outfile {
	char *next, *end; /* where the next record goes; the end of the buffer */
	int failed;       /* 0, or -errno of the first failure; nothing is written after it */
	bool finished;
	struct nsc_error why;
	uint64_t written; /* bytes in the file */
	uint64_t lost;    /* lines that were cut off or not taken */
	struct nsc_outfile_place place;
	char buffer[];
};

int nsc_outfile_open(struct nsc_outfile **file, const char *path, enum nsc_outfile_way way, size_t buffer_bytes,
		     struct nsc_error *error)
{
	struct nsc_outfile *f;
	int status;

	*file = NULL;
	if (!nsc_outfile_wanted(path))
		return 0;
	f = malloc(sizeof(*f) + buffer_bytes);
	if (!f)
		return nsc_fail(error, -ENOMEM, "%s: no memory for an output buffer of %zu bytes", path, buffer_bytes);
	memset(f, 0, sizeof(*f));
	f->next = f->buffer;
	f->end = f->buffer + buffer_bytes;
	status = nsc_outfile_place_open(&f->place, path,
					way == NSC_OUTFILE_REPLACE ? NSC_PLACE_REPLACED : NSC_PLACE_EMPTIED, error);
	if (status) {
		free(f);
		return status;
	}
	*file = f;
	return 0;
}

static uint64_t outfile_lines_in(const char *from, const char *end)
{
	uint64_t n = 0;

	for (; (from = memchr(from, '\n', (size_t)(end - from))); from++)
		n++;
	return n;
}

/* A record that was cut by a full disk must not stay: the file ends after the last whole line that reached it. */
static void keep_whole_lines(struct nsc_outfile *f, const char *reached)
{
	const char *line_end = memrchr(f->buffer, '\n', (size_t)(reached - f->buffer));
	const char *whole = line_end ? line_end + 1 : f->buffer;
	size_t torn = (size_t)(reached - whole);

	f->lost += outfile_lines_in(whole, f->next);
	if (torn && f->place.regular && !ftruncate(f->place.fd, (off_t)(f->written - torn)))
		f->written -= torn;
}

static void outfile_fail_write(struct nsc_outfile *f, const char *reached, int reason)
{
	f->failed = -reason;
	keep_whole_lines(f, reached);
	nsc_fail(&f->why, -reason, "%s: writing failed after %llu bytes: %s%s", f->place.path,
		 (unsigned long long)f->written, strerror(reason),
		 f->place.replaces ? "; the file was left as it was before" : "");
}

static void outfile_write_out(struct nsc_outfile *f)
{
	const char *from = f->buffer;
	ssize_t n;

	while (from < f->next && !f->failed) {
		n = write(f->place.fd, from, (size_t)(f->next - from));
		if (n > 0) {
			from += n;
			f->written += (uint64_t)n;
		} else if (n == 0 || errno != EINTR) {
			outfile_fail_write(f, from, n ? errno : EIO);
		}
	}
	f->next = f->buffer;
}

static int outfile_result(const struct nsc_outfile *f, struct nsc_error *error)
{
	return f->failed ? nsc_fail(error, f->failed, "%s", f->why.text) : 0;
}

char *nsc_outfile_reserve(struct nsc_outfile *f, size_t bytes)
{
	if (nsc_unlikely((size_t)(f->end - f->next) < bytes))
		outfile_write_out(f);
	if (nsc_likely(!f->failed))
		return f->next;
	f->lost++;
	return NULL;
}

void nsc_outfile_commit(struct nsc_outfile *f, const char *end)
{
	assert(end >= f->next && end <= f->end);
	f->next += end - f->next;
}

void nsc_outfile_append(struct nsc_outfile *f, const char *text, size_t bytes)
{
	while (bytes) {
		size_t n = NSC_MIN(bytes, (size_t)(f->end - f->buffer));
		char *at = nsc_outfile_reserve(f, n);

		if (!at)
			return;
		memcpy(at, text, n);
		nsc_outfile_commit(f, at + n);
		text += n;
		bytes -= n;
	}
}

int nsc_outfile_flush(struct nsc_outfile *f, struct nsc_error *error)
{
	outfile_write_out(f);
	return outfile_result(f, error);
}

int nsc_outfile_rotate(struct nsc_outfile *f, bool *rotated, struct nsc_error *error)
{
	int status;

	*rotated = false;
	outfile_write_out(f);
	if (f->failed || f->finished || !f->written)
		return 0; /* a failure shows at the next flush */
	status = nsc_outfile_place_rotate(&f->place, rotated, error);
	if (*rotated)
		f->written = 0;
	return status;
}

/* What is in the buffer of a file that has failed was counted as lost. */
static int outfile_restart(struct nsc_outfile *f, bool keep, struct nsc_error *error)
{
	if (nsc_outfile_place_restart(&f->place, keep, NULL))
		return outfile_result(f, error);
	f->failed = 0;
	f->written = 0;
	f->next = f->buffer;
	nsc_fail(error, 0, "%s: is written again, in a new file; %llu rows were lost", f->place.path,
		 (unsigned long long)f->lost);
	return 1;
}

int nsc_outfile_check(struct nsc_outfile *f, struct nsc_error *error)
{
	int gone = f->finished ? 0 : nsc_outfile_place_check(&f->place, error);

	if (f->place.replaces && gone && !f->failed)
		return gone;
	if (gone && !f->failed) {
		outfile_write_out(f);
		f->failed = nsc_outfile_place_check(&f->place, &f->why);
	}
	if (!f->failed || f->finished || f->place.replaces || !f->place.regular)
		return outfile_result(f, error);
	return outfile_restart(f, f->written && !gone, error);
}

uint64_t nsc_outfile_lost(const struct nsc_outfile *f)
{
	return f->lost;
}

int nsc_outfile_finish(struct nsc_outfile *f, struct nsc_error *error)
{
	outfile_write_out(f);
	if (!f->failed && !f->finished)
		f->failed = nsc_outfile_place_settle(&f->place, &f->why);
	f->finished = true;
	return outfile_result(f, error);
}

int nsc_outfile_scratch(const struct nsc_outfile *f, struct nsc_error *error)
{
	return nsc_outfile_place_scratch(&f->place, error);
}

void nsc_outfile_close(struct nsc_outfile *f)
{
	if (!f)
		return;
	nsc_outfile_place_close(&f->place);
	free(f);
}
