/* SPDX-License-Identifier: MIT
 *
 * The capture file that is written: the sink of --write-pcap, opened with the first packet, so that an old file stays
 * when nothing was found.
 */
#ifndef TOOLS_EXTRACT_OUTPUT_H
#define TOOLS_EXTRACT_OUTPUT_H

#include "netscope/engine.h"
#include "netscope/out.h"

struct nsc_extract_output {
	const char *path;
	bool nanoseconds;        /* times may be finer than microseconds; the caller sets it before the first packet */
	uint64_t packets, bytes; /* so far; bytes as captured */
	struct nsc_out_lock *lock;
	struct nsc_sink *sink; /* NULL: no packet so far */
	struct nsc_rx source;  /* what the sink is told of its source */
	struct nsc_packet_chunk *chunk;
};

/* Takes the name, and looks whether it can be written. 0 or -errno and one sentence. */
int nsc_extract_output_open(struct nsc_extract_output *output, const char *path, struct nsc_error *error);

/* Before each packet: begins the file with the first one. *number is what the packet has for its comments (kept.h), 0:
 * the file holds none. 0 or -errno and one sentence. */
int nsc_extract_output_next(struct nsc_extract_output *output, const struct nsc_packet *pkt, uint16_t linktype,
			    uint64_t *number, struct nsc_error *error);

/* 0 or -errno and one sentence. */
int nsc_extract_output_put(struct nsc_extract_output *output, const struct nsc_packet *pkt, uint16_t linktype,
			   struct nsc_error *error);

/* Writes all out; the file is whole then. 0 or -errno and one sentence. */
int nsc_extract_output_finish(struct nsc_extract_output *output, struct nsc_error *error);
void nsc_extract_output_close(struct nsc_extract_output *output);

#endif
