/* SPDX-License-Identifier: MIT
 *
 * The index of a capture file that is there already: `netscope index`.
 *
 * Thread: control. Allocates.
 */
#ifndef NETSCOPE_INDEX_NSX_REBUILD_H
#define NETSCOPE_INDEX_NSX_REBUILD_H

#include "backends/index/nsx_writer.h"

struct nsc_nsx_rebuilt {
	struct nsc_nsx_made made;
	uint64_t covered;        /* bytes of the capture */
	struct nsc_error damage; /* why no more of it are; "" = all are */
};

/* Reads `capture` once and writes its index with `writer`, up to the first damage. `stop` is asked once in a while:
 * true ends it. 0; -EINTR; or -errno and one sentence: an index that was there stays as it was. */
int nsc_nsx_rebuild(struct nsc_nsx_writer *writer, const char *capture, bool (*stop)(void),
		    struct nsc_nsx_rebuilt *rebuilt, struct nsc_error *error);

#endif
