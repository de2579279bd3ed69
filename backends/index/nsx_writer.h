/* SPDX-License-Identifier: MIT
 *
 * Writes the index of a capture file while its packets come, in bounded memory: `netscope index`, and --write-pcap for
 * each file of a rotation.
 *
 * The index is a file of its own, which gets its name at the end, when it is whole. What goes wrong with it is told
 * once, at the end, and touches nothing else: then there is no index.
 *
 * Thread: one at a time. Allocates: at open; at begin and end its names.
 */
#ifndef NETSCOPE_INDEX_NSX_WRITER_H
#define NETSCOPE_INDEX_NSX_WRITER_H

#include "backends/index/conversation.h"
#include "netscope/error.h"

struct nsc_nsx_writer;

struct nsc_nsx_writer_options {
	bool decap;          /* as nsc_nsx_open wants it */
	const char *tunnels; /* NULL = "" */
};

/* All memory for one file after the other; nsc_nsx_writer_memory tells how much. 0 or -errno and one sentence. */
int nsc_nsx_writer_open(struct nsc_nsx_writer **writer, const struct nsc_nsx_writer_options *options,
			struct nsc_error *error);
uint64_t nsc_nsx_writer_memory(void);

/* The index of another capture file begins, "<capture>.nsx". One that is there already stays until the end. */
void nsc_nsx_begin(struct nsc_nsx_writer *writer, const char *capture);

/* The one that was begun is compressed: the bytes of it that are told count what a reader decompresses. */
void nsc_nsx_compressed(struct nsc_nsx_writer *writer);

/* What is at `at`, up to the next packet or describe, describes packets behind it: a header, an interface. `at` is
 * never below an earlier one. */
void nsc_nsx_describe(struct nsc_nsx_writer *writer, uint64_t at);

/* A packet whose record begins at `at`. Of `pkt` what a source fills in is read, the bytes too, at the latest by the
 * next nsc_nsx_flush: they must lie there until then. */
void nsc_nsx_add(struct nsc_nsx_writer *writer, const struct nsc_packet *pkt, uint64_t at);
void nsc_nsx_flush(struct nsc_nsx_writer *writer);

struct nsc_nsx_made {
	uint64_t packets, bytes; /* bytes of the index */
	uint32_t parts;
};

/* The capture is complete, is closed and ends at `covered`. `damaged`: more bytes may follow, of which nothing is
 * known. Its two edges are read, for the index to know it again. 0, or -errno and one sentence: there is no index. */
int nsc_nsx_end(struct nsc_nsx_writer *writer, uint64_t covered, bool damaged, struct nsc_nsx_made *made,
		struct nsc_error *error);

/* No index of this file, after all. */
void nsc_nsx_drop(struct nsc_nsx_writer *writer);

void nsc_nsx_writer_close(struct nsc_nsx_writer *writer); /* NULL is allowed; an index that was begun is dropped */

#endif
