/* SPDX-License-Identifier: MIT
 *
 * The pool of outstanding segments, from the inside.
 */
#ifndef NETSCOPE_TEST_FLOW_POOL_H
#define NETSCOPE_TEST_FLOW_POOL_H

#include <stdlib.h>

#include "engine/flow/rings.h"

/* Whether a flow remembers anything beyond its newest segments. */
static inline bool pool_holds(const struct flow_tcp *s)
{
	return s->ring[0] || s->ring[1] || s->older.kind;
}

/* Entries of a block; gaps and kinds that do not exist are faults. */
static inline uint32_t pool_entries(const struct flow_block *block, uint32_t *faults)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < BLOCK_ENTRIES; i++) {
		*faults += block->entry[i].kind > OUTSTANDING_HOLE + 1 || (block->entry[i].kind && n < i);
		n += block->entry[i].kind != 0;
	}
	return n;
}

/* There are as many milestones as the newest block counts, in the order of the ring, each of them once. */
static inline void pool_milestones(const struct nsc_flow_table *t, uint32_t newest, uint8_t *seen, uint32_t *faults)
{
	uint32_t way = t->block[newest].milestone & BLOCK_ID_MASK,
		 all = t->block[newest].milestone >> BLOCK_ID_BITS & 31;
	uint32_t id[256] = { 0 }, n = 0, found = 0;

	for (; way && n < 200; way = block_next(&t->block[way])) {
		seen[way]++;
		for (uint32_t i = t->block[way].next >> BLOCK_ID_BITS; i-- > 0;)
			id[n++] = t->block[way].way[i].id;
	}
	*faults += n < all;
	for (uint32_t at = ring_oldest(t, newest), more = 1; more; at = block_next(&t->block[at])) {
		more = at != newest;
		if (t->block[at].flags & BLOCK_MILESTONE)
			*faults += found >= all || id[all - ++found] != at;
	}
	*faults += found != all;
}

/* Entries of a ring; a block that is seen before or of the other direction is a fault, and so is a wrong size. */
static inline uint32_t pool_ring(const struct nsc_flow_table *t, uint32_t newest, unsigned dir, uint8_t *seen,
				 uint32_t *faults)
{
	uint32_t id = newest, size = 0, entries = 0;

	while (newest) {
		uint32_t n = pool_entries(&t->block[id = block_next(&t->block[id])], faults);

		for (uint32_t i = 0; i < n; i++)
			*faults += (t->block[id].entry[i].kind & 1) == dir;
		entries += n;
		*faults += seen[id] != 0;
		seen[id]++;
		size++;
		if (id == newest || size > t->block_max)
			break;
	}
	*faults += ring_size(t, newest) < size || ring_size(t, newest) > RING_MAX;
	if (newest)
		pool_milestones(t, newest, seen, faults);
	return entries;
}

/* Faults of the rings of records [0, flows) and of the free list: 0 when each block is in exactly one place and every
 * ring is whole. entries[flow]: what each has outstanding. */
static inline uint32_t pool_faults(const struct nsc_flow_table *t, uint32_t flows, uint32_t *entries)
{
	uint8_t *seen = calloc(t->block_max + 1, 1);
	uint32_t faults = 0;

	for (uint32_t id = t->block_free; id && !seen[id]; id = block_next(&t->block[id]))
		seen[id]++;
	for (uint32_t flow = 0; flow < flows; flow++) {
		const struct flow_tcp *s = &t->tcp[flow];

		entries[flow] = s->older.kind != 0;
		for (unsigned dir = 0; dir < 2; dir++)
			entries[flow] += pool_ring(t, s->ring[dir], dir, seen, &faults);
	}
	for (uint32_t id = 1; id <= t->block_used; id++)
		faults += seen[id] != 1;
	free(seen);
	return faults;
}

#endif
