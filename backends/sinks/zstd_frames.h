/* SPDX-License-Identifier: MIT
 *
 * Compression of a capture file in frames of zstd (RFC 8878, level 3): each piece becomes one frame, which holds whole
 * records and says how many bytes it holds. At its end the file has the table of its frames, as zstd's seekable format
 * (contrib/seekable_format, version 0.1.0) has it: a frame that other readers skip. With it a reader goes to any byte
 * of the uncompressed file; without it, as after a kill, the file is read from its begin.
 *
 * Thread: one at a time. Allocates: at open, and the table as it grows, up to 8 MiB.
 */
#ifndef NETSCOPE_SINKS_ZSTD_FRAMES_H
#define NETSCOPE_SINKS_ZSTD_FRAMES_H

#include <sys/types.h>

#include "netscope/error.h"

enum { NSC_ZSTD_FRAMES_MAX = 1 << 20 }; /* of a file; one with more has no table */

struct nsc_zstd_frames;

/* Whether a capture file of this name is compressed: .zst. */
bool nsc_zstd_frames_wanted(const char *path);

/* For pieces of 1..`most` bytes. 0, or -ENOMEM and one sentence that names the path. */
int nsc_zstd_frames_open(struct nsc_zstd_frames **frames, const char *path, size_t most, struct nsc_error *error);

/* A frame of these bytes: its length, and where it lies until the next call; -ENOMEM. It is in the table only when
 * nsc_zstd_frames_keep follows: it was written. */
ssize_t nsc_zstd_frames_make(struct nsc_zstd_frames *frames, const uint8_t *from, size_t bytes, const uint8_t **out);
void nsc_zstd_frames_keep(struct nsc_zstd_frames *frames);

/* The table of all frames that were kept, as bytes to write behind them: their number, 0 when there is none, or no
 * memory for it. When nsc_zstd_frames_keep follows, more frames may come behind it. Valid until the next call. */
size_t nsc_zstd_frames_table(struct nsc_zstd_frames *frames, const uint8_t **out);

/* Bytes of the table when another frame is kept. */
size_t nsc_zstd_frames_table_size(const struct nsc_zstd_frames *frames);

/* Uncompressed bytes of all frames that were kept. */
uint64_t nsc_zstd_frames_plain(const struct nsc_zstd_frames *frames);

void nsc_zstd_frames_restart(struct nsc_zstd_frames *frames); /* another file begins */
void nsc_zstd_frames_close(struct nsc_zstd_frames *frames);   /* NULL is allowed */

#endif
