/* SPDX-License-Identifier: MIT
 *
 * Compression of an output on its way to its file: one stream, of zstd (RFC 8878, level 3) or gzip (RFC 1952, level 6).
 * What was fed can be read back at every border between two pieces, also when the stream never ends.
 *
 * Thread: one at a time. Allocates: at open, and what the libraries take at the first piece (zstd 4 MiB, zlib 260 KiB).
 */
#ifndef NETSCOPE_SINKS_SQUEEZE_H
#define NETSCOPE_SINKS_SQUEEZE_H

#include <sys/types.h>

#include "netscope/error.h"

struct nsc_squeeze;

enum nsc_squeeze_border {
	NSC_SQUEEZE_PIECE, /* more follows */
	NSC_SQUEEZE_END,   /* the stream is whole; what is fed next begins another one */
};

/* Whether a file of this name is compressed: .zst, .gz. */
bool nsc_squeeze_wanted(const char *path);

/* As the name says, which must be a wanted one. 0, or -ENOMEM and one sentence. */
int nsc_squeeze_open(struct nsc_squeeze **squeeze, const char *path, struct nsc_error *error);

/* A piece: 0 bytes or more, which stay where they are until all of it has been taken. */
void nsc_squeeze_feed(struct nsc_squeeze *squeeze, const char *from, size_t bytes, enum nsc_squeeze_border border);

/* What becomes of the piece, one part after the other: bytes at *out, valid until the next call; 0 = that was all;
 * or -ENOMEM: the stream is lost. */
ssize_t nsc_squeeze_take(struct nsc_squeeze *squeeze, const char **out);

/* Another stream begins, for another file. */
void nsc_squeeze_restart(struct nsc_squeeze *squeeze);

void nsc_squeeze_close(struct nsc_squeeze *squeeze); /* NULL is allowed */

#endif
