/* SPDX-License-Identifier: MIT
 *
 * The buffer and its way to the disk. The places of files are found in outfile_place.c.
 */
#include "backends/sinks/outfile.h"

#include "backends/sinks/outfile_place.h"
#include "backends/sinks/pump.h"
#include "backends/sinks/squeeze.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct nsc_outfile {
	char *next, *end; /* where the next record goes; the end of the buffer */
	int failed;       /* 0, or -errno of the first failure; nothing is written after it */
	bool finished;
	bool is_log;
	bool waits; /* for a reader: it is written when the run has ended */
	struct nsc_error why;
	uint64_t written;            /* bytes in the file, or on their way */
	uint64_t lost;               /* lines that were cut off or not taken */
	struct nsc_pump *pump;       /* NULL: writes wait */
	struct nsc_squeeze *squeeze; /* NULL: it is not compressed */
	uint64_t whole;              /* compressed: of `written`, up to the last border between pieces */
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
	f->is_log = way == NSC_OUTFILE_LOG;
	f->waits = !f->is_log;
	status = nsc_outfile_place_open(&f->place, path,
					way == NSC_OUTFILE_REPLACE ? NSC_PLACE_REPLACED : NSC_PLACE_EMPTIED, error);
	if (status) {
		free(f);
		return status;
	}
	*file = f;
	return 0;
}

int nsc_outfile_compress(struct nsc_outfile *f, struct nsc_error *error)
{
	if (!f || !nsc_squeeze_wanted(f->place.path))
		return 0;
	if (!f->place.regular)
		return nsc_fail(error, -EINVAL, "%s: its name asks for compression, and it is no regular file",
				f->place.path);
	return nsc_squeeze_open(&f->squeeze, f->place.path, error);
}

int nsc_outfile_do_not_wait(struct nsc_outfile *f, size_t bytes, struct nsc_error *error)
{
	if (!f || !nsc_pump_is_wanted(f->place.fd))
		return 0;
	return nsc_pump_open(&f->pump, f->place.fd, f->place.path, bytes, error);
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

static void outfile_fail(struct nsc_outfile *f, int status)
{
	f->failed = status;
	nsc_fail(&f->why, status, "%s: writing failed after %llu bytes: %s%s", f->place.path,
		 (unsigned long long)f->written, strerror(-status),
		 f->place.replaces ? "; the file was left as it was before" : "");
}

/* --- a reader --------------------------------------------------------------------------------- */

/* What is on its way never arrives. The buffer is free for it: what was there was taken or counted. */
static void outfile_fail_reader(struct nsc_outfile *f, int status)
{
	size_t bytes, reached;

	while ((bytes = nsc_pump_take_back(f->pump, f->buffer, (size_t)(f->end - f->buffer), &reached, NULL)))
		f->lost += outfile_lines_in(f->buffer + reached, f->buffer + bytes);
	f->failed = status;
	if (status == -ETIMEDOUT && f->is_log)
		nsc_fail(&f->why, status, "%s: its reader took nothing at the end of the run; %llu rows were lost",
			 f->place.path, (unsigned long long)f->lost);
	else if (status == -ETIMEDOUT)
		nsc_fail(&f->why, status, "%s: its reader took nothing at the end of the run: it is not complete",
			 f->place.path);
	else
		nsc_fail(&f->why, status, "%s: writing failed within %llu bytes: %s", f->place.path,
			 (unsigned long long)f->written, strerror(-status));
}

static void outfile_pump_out(struct nsc_outfile *f)
{
	size_t bytes = (size_t)(f->next - f->buffer);
	int status = f->waits ? nsc_pump_wait(f->pump, bytes) : 0;

	if (!status)
		status = nsc_pump_put(f->pump, f->buffer, bytes);
	if (status)
		f->lost += outfile_lines_in(f->buffer, f->next);
	else
		f->written += bytes;
	f->next = f->buffer;
	if (status && status != -EAGAIN)
		outfile_fail_reader(f, status);
}

static void outfile_wait(struct nsc_outfile *f)
{
	int status = nsc_pump_wait(f->pump, 0);

	if (status)
		outfile_fail_reader(f, status);
}

static int outfile_is_behind(const struct nsc_outfile *f, struct nsc_error *error)
{
	return nsc_fail(error, -EAGAIN, "%s: its reader does not keep up: rows are lost", f->place.path);
}

static int outfile_look_at_reader(const struct nsc_outfile *f, struct nsc_error *error)
{
	int found = nsc_pump_look(f->pump);

	if (found < 0)
		return outfile_is_behind(f, error);
	return found ? nsc_fail(error, found, "%s: its reader keeps up again; %llu rows were lost", f->place.path,
				(unsigned long long)f->lost)
		     : 0;
}

/* 0, or -errno: then *from is how far it came. */
static int outfile_put(struct nsc_outfile *f, const char **from, const char *end)
{
	nsc_outfile_place_set_aside(&f->place, f->written, (size_t)(end - *from));
	while (*from < end) {
		ssize_t n = write(f->place.fd, *from, (size_t)(end - *from));

		if (n > 0) {
			*from += n;
			f->written += (uint64_t)n;
		} else if (n == 0 || errno != EINTR) {
			return n ? -errno : -EIO;
		}
	}
	return 0;
}

/* The first `bytes` bytes of the buffer are a piece. One that did not reach the file whole is taken back. */
static void outfile_squeeze(struct nsc_outfile *f, size_t bytes, enum nsc_squeeze_border border)
{
	const char *out;
	ssize_t n;
	int status = 0;

	nsc_squeeze_feed(f->squeeze, f->buffer, bytes, border);
	while (!status && (n = nsc_squeeze_take(f->squeeze, &out)))
		status = n < 0 ? (int)n : outfile_put(f, &out, out + n);
	if (status) {
		f->lost += outfile_lines_in(f->buffer, f->next);
		if (!ftruncate(f->place.fd, (off_t)f->whole))
			f->written = f->whole;
		outfile_fail(f, status);
	}
	f->whole = f->written;
}

static void outfile_write_lines(struct nsc_outfile *f, size_t bytes)
{
	const char *from = f->buffer;
	int status = outfile_put(f, &from, f->buffer + bytes);

	if (!status)
		return;
	keep_whole_lines(f, from);
	outfile_fail(f, status);
}

/* Writes the first `bytes` bytes of the buffer out; the rest moves to its begin. */
static void outfile_write(struct nsc_outfile *f, size_t bytes)
{
	if (!f->failed && bytes && f->squeeze)
		outfile_squeeze(f, bytes, NSC_SQUEEZE_PIECE);
	else if (!f->failed)
		outfile_write_lines(f, bytes);
	memmove(f->buffer, f->buffer + bytes, (size_t)(f->next - f->buffer) - bytes);
	f->next -= bytes;
}

static void outfile_write_out(struct nsc_outfile *f)
{
	if (f->pump && !f->failed && f->next > f->buffer)
		outfile_pump_out(f);
	outfile_write(f, (size_t)(f->next - f->buffer));
}

/* Whoever has this file now can read it to its end. */
static void outfile_end_stream(struct nsc_outfile *f)
{
	outfile_write_out(f);
	if (f->squeeze && !f->failed && !f->finished)
		outfile_squeeze(f, 0, NSC_SQUEEZE_END);
}

/* Another file has been begun. */
static void outfile_began(struct nsc_outfile *f)
{
	f->written = f->whole = 0;
	if (f->squeeze)
		nsc_squeeze_restart(f->squeeze);
}

/* Of a file that nobody sees yet only whole pieces are written, if that is room enough: the page cache takes them in
 * one go. */
static void outfile_make_room(struct nsc_outfile *f, size_t wanted)
{
	size_t left = (size_t)(f->end - f->next);

	if (f->place.replaces && !f->pump && f->next - f->buffer >= NSC_OUTFILE_PIECE &&
	    left + NSC_OUTFILE_PIECE >= wanted)
		outfile_write(f, NSC_OUTFILE_PIECE);
	else
		outfile_write_out(f);
}

static int outfile_result(const struct nsc_outfile *f, struct nsc_error *error)
{
	if (f->failed)
		return nsc_fail(error, f->failed, "%s", f->why.text);
	return f->pump && !f->waits && nsc_pump_is_behind(f->pump) ? outfile_is_behind(f, error) : 0;
}

char *nsc_outfile_reserve(struct nsc_outfile *f, size_t bytes)
{
	if (nsc_unlikely((size_t)(f->end - f->next) < bytes))
		outfile_make_room(f, bytes);
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

int nsc_outfile_cut(struct nsc_outfile *f, uint64_t bytes)
{
	f->next = f->buffer;
	if (ftruncate(f->place.fd, (off_t)bytes) || lseek(f->place.fd, (off_t)bytes, SEEK_SET) < 0)
		return -errno;
	f->written = f->whole = bytes;
	f->failed = 0;
	return 0;
}

int nsc_outfile_rotate(struct nsc_outfile *f, bool *rotated, struct nsc_error *error)
{
	int status;

	*rotated = false;
	outfile_write_out(f);
	if (f->failed || f->finished || !f->written)
		return 0; /* a failure shows at the next flush */
	outfile_end_stream(f);
	if (f->failed)
		return 0;
	status = nsc_outfile_place_rotate(&f->place, rotated, error);
	if (*rotated)
		outfile_began(f);
	return status;
}

/* What is in the buffer of a file that has failed was counted as lost. */
static int outfile_restart(struct nsc_outfile *f, bool keep, struct nsc_error *error)
{
	if (nsc_outfile_place_restart(&f->place, keep, NULL))
		return outfile_result(f, error);
	f->failed = 0;
	outfile_began(f);
	f->next = f->buffer;
	nsc_fail(error, 0, "%s: is written again, in a new file; %llu rows were lost", f->place.path,
		 (unsigned long long)f->lost);
	return 1;
}

/* A file that works: does its name lead to it? */
static int outfile_watch(struct nsc_outfile *f, struct nsc_error *error)
{
	bool begun;
	int status;

	outfile_write_out(f);
	status = f->failed ? outfile_result(f, error) : nsc_outfile_place_watch(&f->place, &begun, error);
	if (!f->failed && begun)
		outfile_began(f);
	return status;
}

int nsc_outfile_check(struct nsc_outfile *f, struct nsc_error *error)
{
	int gone = f->finished ? 0 : nsc_outfile_place_check(&f->place, error);

	if (f->pump && !f->failed)
		return outfile_look_at_reader(f, error);
	if (f->place.replaces && gone && !f->failed)
		return gone;
	if (gone && !f->failed) {
		outfile_write_out(f);
		f->failed = nsc_outfile_place_check(&f->place, &f->why);
	}
	if (f->finished || f->place.replaces || !f->place.regular)
		return outfile_result(f, error);
	if (!f->failed)
		return outfile_watch(f, error);
	return outfile_restart(f, f->written && !gone, error);
}

uint64_t nsc_outfile_lost(const struct nsc_outfile *f)
{
	return f->lost;
}

bool nsc_outfile_is_empty(const struct nsc_outfile *f)
{
	return !f->failed && !f->written && f->next == f->buffer;
}

int nsc_outfile_finish(struct nsc_outfile *f, struct nsc_error *error)
{
	f->waits = true;
	outfile_end_stream(f);
	if (f->pump && !f->failed)
		outfile_wait(f);
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
	nsc_pump_close(f->pump);
	nsc_squeeze_close(f->squeeze);
	nsc_outfile_place_close(&f->place);
	free(f);
}
