/* SPDX-License-Identifier: MIT
 *
 * Asks the index of a capture file where the packets of a host, a port or a flow are. Nothing in an index is trusted:
 * whatever is wrong with it is an error with one sentence, never another answer. Whoever is refused reads the whole
 * capture.
 *
 * Thread: one at a time. Allocates.
 */
#ifndef NETSCOPE_INDEX_NSX_READER_H
#define NETSCOPE_INDEX_NSX_READER_H

#include "backends/index/conversation.h"
#include "netscope/rx.h"

struct nsc_nsx;

struct nsc_nsx_info {
	uint64_t packets;
	uint64_t min_ns, max_ns; /* packet time; min > max: no packet */
	uint64_t size;           /* bytes of the capture */
	uint64_t covered;        /* bytes of it that are indexed: fewer where it is damaged behind them */
	uint64_t index_bytes;    /* of the index */
	uint32_t parts;
	bool decap;
};

/* Opens "<capture>.nsx". `decap`, `tunnels` (text of the named ports; NULL = ""): how the caller decodes; an index that
 * was made otherwise answers for other addresses, and is refused. 0; or, with one sentence each:
 *
 * -ENOENT     there is none
 * -ESTALE     it is older than the capture, or of another one
 * -ENOTSUP    made by another version, or with another --decap
 * -EBADMSG    damaged
 * -errno      it or the capture cannot be read */
int nsc_nsx_open(struct nsc_nsx **nsx, const char *capture, bool decap, const char *tunnels, struct nsc_error *error);

const struct nsc_nsx_info *nsc_nsx_info(const struct nsc_nsx *nsx);

struct nsc_nsx_query {
	uint64_t from_ns, to_ns;     /* packet time, both ends included, as u64; all: 0 and UINT64_MAX */
	const struct nsc_term *term; /* [n_terms]: all of them hold */
	uint32_t n_terms;            /* 0..NSC_TERMS_MAX; 0: every packet of that time */
};

struct nsc_nsx_ranges {           /* all 0 at first */
	struct nsc_rx_span *span; /* [n] of the capture, whole records, in order, none touches the next */
	size_t n, room;
	uint64_t bytes; /* of all of them */
};

/* What must be read of the capture, into `ranges`, whose memory is used again. Put behind each other, the ranges are a
 * capture file in themselves, with all headers, sections and interfaces that their packets need. In it are all packets
 * that match, in the order of the capture, and others beside them. No packet matches: only headers, which may be left
 * unread (*any tells whether some may match). 0, or -errno and one sentence: nothing that was found so far counts. */
int nsc_nsx_find(struct nsc_nsx *nsx, const struct nsc_nsx_query *query, struct nsc_nsx_ranges *ranges, bool *any,
		 struct nsc_error *error);

void nsc_nsx_ranges_free(struct nsc_nsx_ranges *ranges);

/* Bytes of the index that were read so far. */
uint64_t nsc_nsx_bytes_read(const struct nsc_nsx *nsx);

void nsc_nsx_close(struct nsc_nsx *nsx); /* NULL is allowed */

#endif
