/* SPDX-License-Identifier: MIT
 *
 * An index that is being written: a row of blocks, which gets its name when it is whole.
 *
 * Thread: one at a time. Allocates: its names, at open.
 */
#ifndef NETSCOPE_INDEX_NSX_FILE_H
#define NETSCOPE_INDEX_NSX_FILE_H

#include "backends/index/nsx.h"
#include "backends/sinks/outfile_place.h"

enum { NSC_NSX_FILE_BLOCKS = 16 };

struct nsc_nsx_file {
	struct nsc_outfile_place place;
	bool is_open;
	int failed; /* 0, or -errno: nothing more is written */
	struct nsc_error why;
	uint64_t id;
	uint64_t number; /* of the first block in the buffer */
	size_t used;     /* payload bytes in the buffer */
	uint8_t block[NSC_NSX_FILE_BLOCKS][NSC_NSX_BLOCK];
};

/* Begins the index `path`. What fails is told by finish. */
void nsc_nsx_file_open(struct nsc_nsx_file *file, const char *path);

/* The place at which the next bytes are put. */
uint64_t nsc_nsx_file_at(const struct nsc_nsx_file *file);

void nsc_nsx_file_put(struct nsc_nsx_file *file, const void *bytes, size_t n);

/* Writes the foot, with this file's id, and gives the index its name. 0, or -errno and one sentence; then it is
 * dropped. */
int nsc_nsx_file_finish(struct nsc_nsx_file *file, struct nsc_nsx_foot *foot, struct nsc_error *error);

/* Leaves nothing behind. Of one that is not open: nothing. */
void nsc_nsx_file_drop(struct nsc_nsx_file *file);

#endif
