/* SPDX-License-Identifier: MIT
 *
 * Where in its file lies what a capture file source has just given: for an index of it.
 */
#ifndef NETSCOPE_SOURCES_FILE_PLACES_H
#define NETSCOPE_SOURCES_FILE_PLACES_H

#include "netscope/rx.h"

enum { NSC_FILE_DESCRIBED = 16 }; /* runs of records that describe, within one poll */

struct nsc_file_described {
	struct nsc_rx_span run[NSC_FILE_DESCRIBED]; /* bytes of the file, in order */
	uint32_t n;
	bool lost;    /* there were more */
	bool untimed; /* a packet has the time of the one before it */
};

struct nsc_file_places {
	uint64_t at[NSC_BURST_MAX];          /* by packet: the byte of the file at which its record begins */
	uint64_t next;                       /* of the next record, or of what should be one */
	struct nsc_file_described described; /* since the last call: headers, sections, interfaces, names, secrets */
	bool compressed;                     /* bytes count decompressed data */
	const char
		*why_not; /* why parts of it cannot be read alone, as "it is a pcap of an old kind"; NULL = they can */
};

/* Of the burst that was polled last from `rx`, a source of one file. Thread: owner. Allocates, blocks: never. */
void nsc_file_places(struct nsc_rx *rx, const struct nsc_burst *burst, struct nsc_file_places *places);

#endif
