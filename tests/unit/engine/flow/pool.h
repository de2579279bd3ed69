/* SPDX-License-Identifier: MIT
 *
 * The pool of outstanding segments, from the inside.
 */
#ifndef NETSCOPE_TEST_FLOW_POOL_H
#define NETSCOPE_TEST_FLOW_POOL_H

#include <stdlib.h>

#include "engine/flow/internal.h"

static inline uint32_t pool_next(const struct flow_block *block)
{
	return block->next & ((1u << BLOCK_ID_BITS) - 1);
}

/* Entries of a block; gaps and strange kinds are faults. */
static inline uint32_t pool_entries(const struct flow_block *block, uint32_t *faults)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < BLOCK_ENTRIES; i++) {
		*faults += block->entry[i].kind > OUTSTANDING_HOLE + 1 || (block->entry[i].kind && n < i);
		n += block->entry[i].kind != 0;
	}
	return n;
}

/* Faults of the rings of records [0, flows) and of the free list: 0 when each block is in exactly one place and every
 * ring is whole. entries[flow]: what each has outstanding. */
static inline uint32_t pool_faults(const struct nsc_flow_table *t, uint32_t flows, uint32_t *entries)
{
	uint8_t *seen = calloc(t->block_max + 1, 1);
	uint32_t faults = 0;

	for (uint32_t id = t->block_free; id && !seen[id]; id = pool_next(&t->block[id]))
		seen[id]++;
	for (uint32_t flow = 0; flow < flows; flow++) {
		uint32_t newest = t->tcp[flow].blocks, id = newest, size = 0;

		entries[flow] = 0;
		while (newest) {
			uint32_t n = pool_entries(&t->block[id = pool_next(&t->block[id])], &faults);

			entries[flow] += n;
			faults += !n + (seen[id] != 0);
			seen[id]++;
			size++;
			if (id == newest || size > t->block_max)
				break;
		}
		faults += newest && t->block[newest].next >> BLOCK_ID_BITS != size;
	}
	for (uint32_t id = 1; id <= t->block_used; id++)
		faults += seen[id] != 1;
	free(seen);
	return faults;
}

#endif
