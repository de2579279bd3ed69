/* SPDX-License-Identifier: MIT
 *
 * Capture files out: pcap (microseconds or nanoseconds) and pcapng, either byte order, through one large buffer.
 */
#ifndef PKTGEN_WRITER_H
#define PKTGEN_WRITER_H

#include "backends/sources/gen.h"

struct writer_options {
	const char *path; /* "-" is standard output */
	bool pcapng;
	bool nanoseconds;
	bool big_endian;
	uint32_t snaplen; /* for the file's header; 0 = no limit */
};

struct writer;

/* Creates or empties the file and writes its header. Every call: 0, or -errno and a sentence; after a failure only
 * writer_abandon may follow. */
int writer_open(struct writer **writer, const struct writer_options *options, struct nsc_error *error);
int writer_add(struct writer *writer, const struct nsc_gen_frame *frame, struct nsc_error *error);
/* Writes what is left, closes and frees. */
int writer_close(struct writer *writer, struct nsc_error *error);
/* Frees, and removes the file, if it is a regular one: half a capture would look like a whole one. */
void writer_abandon(struct writer *writer);

#endif
