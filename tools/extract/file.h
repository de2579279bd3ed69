/* SPDX-License-Identifier: MIT
 *
 * One capture file, and of its packets those that are wanted, one after the other.
 */
#ifndef TOOLS_EXTRACT_FILE_H
#define TOOLS_EXTRACT_FILE_H

#include "backends/index/nsx_reader.h"
#include "netscope/decode.h"
#include "netscope/rx.h"
#include "tools/extract/select.h"

struct nsc_extract_job { /* what is wanted of all files */
	struct nsc_select select;
	struct nsc_decode_options decode;
	uint64_t from_ns, to_ns; /* both included: 0 and UINT64_MAX for all */
	const char *filter;      /* libpcap's, or NULL */
	uint32_t snaplen;        /* 0 = as captured */
	/* Called after each burst, some microseconds apart; false ends the work. */
	bool (*goes_on)(void *context);
	void *context;
};

struct nsc_extract_file {
	const char *path;
	uint64_t bytes;               /* of the file */
	uint64_t first_ns;            /* time of its first packet; NSC_UNKNOWN: it has none */
	bool nanoseconds;             /* its times may be finer than microseconds */
	struct nsc_nsx_ranges ranges; /* all of it that must be read; none = the whole file */
	bool skip;                    /* nothing of it is wanted */
	struct nsc_rx *rx;            /* NULL: not open */
	struct nsc_burst *burst;
	uint64_t wanted;                 /* packets of the burst that are still to come, by bit */
	uint64_t burst_number;           /* among the file's delivered packets: of the first one in the burst */
	size_t comments, comments_to;    /* where in the log of comments (kept.h) those of the burst are */
	struct nsc_rx_counters counters; /* when it was closed */
	uint64_t looked;                 /* bytes that the look read of a file with ranges */
	struct nsc_error failed;         /* why it was not read to its end; "" = it was */
};

/* Opens the file, reads its headers and its first packet, and closes it: sets first_ns and nanoseconds. 0, or -errno
 * and one sentence. */
int nsc_extract_file_look(struct nsc_extract_file *file, struct nsc_error *error);

/* Opens it for nsc_extract_file_next. 0, or -errno and one sentence. Thread: control. */
int nsc_extract_file_open(struct nsc_extract_file *file, const struct nsc_extract_job *job, struct nsc_error *error);

/* The packet at which the file stands, first the first wanted one; NULL behind the last: `failed` says whether it was
 * read to its end. Valid until the next call. */
const struct nsc_packet *nsc_extract_file_next(struct nsc_extract_file *file, const struct nsc_extract_job *job);

/* The comments of the packet at which the file stands, again under `number`, which lies above all numbers so far. */
void nsc_extract_file_comments(const struct nsc_extract_file *file, uint64_t number);

void nsc_extract_file_close(struct nsc_extract_file *file); /* the ranges go, too */

#endif
