/* SPDX-License-Identifier: MIT
 *
 * Sorts the records of one chunk in place into export order (nsc_flow_record_compare). Records that are in order
 * already cost one walk. Keys and indices are sorted, then each displaced record moves once.
 */
#ifndef NETSCOPE_SINKS_CHUNK_SORT_H
#define NETSCOPE_SINKS_CHUNK_SORT_H

#include "netscope/flow.h"

struct nsc_chunk_sort_slot {
	uint64_t key; /* first_seen_ns above the smallest in the chunk */
	uint32_t index;
};

struct nsc_chunk_sort { /* scratch memory, any content */
	struct nsc_chunk_sort_slot slot[NSC_FLOW_CHUNK_RECORDS], spare[NSC_FLOW_CHUNK_RECORDS];
};

/* n is 0..NSC_FLOW_CHUNK_RECORDS. Time: O(n) for keys, O(g log g) for each group of g equal first_seen_ns.
 * Thread: the owner of the records and of the scratch. Allocates: never. Blocks: never. */
void nsc_chunk_sort(struct nsc_flow_record *record, uint32_t n, struct nsc_chunk_sort *scratch);

#endif
