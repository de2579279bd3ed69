/* SPDX-License-Identifier: MIT
 *
 * The table of frames at the end of a zstd file (contrib/seekable_format), by which a byte of the decompressed data is
 * found without decompressing all before it.
 */
#ifndef NETSCOPE_SOURCES_FILE_SEEK_H
#define NETSCOPE_SOURCES_FILE_SEEK_H

#include "netscope/base.h"

enum { NSC_FILE_SEEK_MAX = 1 << 22 }; /* frames; a table with more is not used */

struct nsc_file_seek;

struct nsc_file_seek_place {
	uint64_t at;    /* byte of the file at which a frame begins, from `start` on */
	uint64_t plain; /* and its first byte in the decompressed data */
};

/* Reads the table of the file that lies at start..start+size of `fd`. NULL when there is none, when something is wrong
 * with it, and without memory: then the file is read from its begin. Thread: control. Allocates: 16 bytes a frame. */
struct nsc_file_seek *nsc_file_seek_open(int fd, uint64_t start, uint64_t size);

/* The frame in which byte `plain` of the decompressed data lies, or the last one. O(log frames). Allocates: never. */
struct nsc_file_seek_place nsc_file_seek_find(const struct nsc_file_seek *seek, uint64_t plain);

/* The byte of the file, from `start` on, behind the frame in which byte `plain` lies. O(log frames). */
uint64_t nsc_file_seek_end(const struct nsc_file_seek *seek, uint64_t plain);

void nsc_file_seek_close(struct nsc_file_seek *seek); /* NULL is allowed */

#endif
