/* SPDX-License-Identifier: MIT
 *
 * An output file: one buffer, one writer, whole records only.
 *
 * Two ways to a target. REPLACE writes a file of its own in the target's folder, which has no name where the file
 * system can do that, and gives it the target's name at the end: a reader sees the old file or the whole new one, and a
 * failure leaves the old one. LOG empties the target and writes into it: a reader sees whole records at every moment,
 * and a failure keeps those that were written.
 *
 * Files are made with mode 0600 and never through a symbolic link. A terminal, pipe or device (/dev/null), "-" and
 * /dev/stdout (standard output), and /dev/fd/N are written directly in both ways.
 *
 * Thread: one at a time. Allocates: at open only.
 */
#ifndef NETSCOPE_SINKS_OUTFILE_H
#define NETSCOPE_SINKS_OUTFILE_H

#include "netscope/error.h"

struct nsc_outfile;

enum nsc_outfile_way { NSC_OUTFILE_REPLACE, NSC_OUTFILE_LOG };

enum {
	NSC_OUTFILE_PIECE = 256 * 1024,                     /* bytes: a good size for write(2) */
	NSC_OUTFILE_BUFFER = NSC_OUTFILE_PIECE + 16 * 1024, /* a piece and a record; stays in the second-level cache */
};

/* Whether an option names a file: a path that is NULL or "" is off. */
static inline bool nsc_outfile_wanted(const char *path)
{
	return path && *path;
}

/* Takes the buffer and creates what will be written, so that a target that cannot be written is refused now.
 * `buffer_bytes` must be at least the largest record. *file is NULL when none is wanted. 0 or -errno and one sentence
 * that names the path. */
int nsc_outfile_open(struct nsc_outfile **file, const char *path, enum nsc_outfile_way way, size_t buffer_bytes,
		     struct nsc_error *error);

/* Before the first record: a file whose name says so (squeeze.h) is compressed. What is compressed is one stream, which
 * is whole when the file is finished or rotated; what was flushed before can be read. 0, -ENOMEM, or -EINVAL for
 * what is no regular file, and one sentence. NULL is allowed. */
int nsc_outfile_compress(struct nsc_outfile *file, struct nsc_error *error);

/* For a live run, before the first record: where somebody reads at the other end, nothing waits for that reader any
 * more (pump.h), and rows of a LOG that find no room are dropped and counted. A REPLACE, which is written at the end,
 * waits. `bytes`: the room, at least twice the buffer. 0 or -errno and one sentence. NULL is allowed. */
int nsc_outfile_do_not_wait(struct nsc_outfile *file, size_t bytes, struct nsc_error *error);

/* Room for one record of up to `bytes` bytes; writes the buffer out first when it is too full. NULL when the file has
 * failed, now or before (nsc_outfile_finish says why). */
char *nsc_outfile_reserve(struct nsc_outfile *file, size_t bytes);

/* The record ends at `end`, which lies within the room reserved just before. */
void nsc_outfile_commit(struct nsc_outfile *file, const char *end);

/* A text of any length that is no record; a failure shows at finish. */
void nsc_outfile_append(struct nsc_outfile *file, const char *text, size_t bytes);

/* Writes the buffer out. 0 or -errno and the first failure: path, bytes written, reason. -EAGAIN and one sentence while
 * rows are dropped, because a reader does not keep up: that is no failure, and nsc_outfile_check tells when it is over.
 */
int nsc_outfile_flush(struct nsc_outfile *file, struct nsc_error *error);

/* For a record that is more than a line: the file ends after its first `bytes` bytes, which a flush has written, and
 * can be written on, whether it had failed or not. 0, or -errno when it cannot be cut. */
int nsc_outfile_cut(struct nsc_outfile *file, uint64_t bytes);

/* Writes the buffer out and begins the file anew (outfile_place.h says how): LOG only. *rotated stays false when there
 * is nothing to begin anew. 0, or -errno and one sentence: writing goes on in the old file then. */
int nsc_outfile_rotate(struct nsc_outfile *file, bool *rotated, struct nsc_error *error);

/* Writes all and puts the file in its place. 0 or -errno and the first failure. */
int nsc_outfile_finish(struct nsc_outfile *file, struct nsc_error *error);

/* An unlinked file of mode 0600 in the target's folder (in TMPDIR or /tmp for a target without one), for data that
 * does not fit in memory. A descriptor, or -errno and one sentence. */
int nsc_outfile_scratch(const struct nsc_outfile *file, struct nsc_error *error);

/* Looks after the file: a LOG that failed, or whose folder was removed, begins anew when there is room (what was
 * written before is kept under another name); one that was removed or renamed begins anew under its name. 0 = nothing
 * has changed and all is well; 1 = begun anew, or its name or its reader is there again, and `error` says so and what
 * was lost; else -errno and the sentence of the failure. A REPLACE that failed stays so. */
int nsc_outfile_check(struct nsc_outfile *file, struct nsc_error *error);

/* Records of a LOG that never reached the file, because it had failed, or its reader. */
uint64_t nsc_outfile_lost(const struct nsc_outfile *file);

/* Whether it takes records, and none was written into it yet, since it was begun. */
bool nsc_outfile_is_empty(const struct nsc_outfile *file);

/* Frees; a REPLACE that was not finished leaves no trace. NULL is allowed. */
void nsc_outfile_close(struct nsc_outfile *file);

#endif
