/* SPDX-License-Identifier: MIT
 *
 * Inside a multiset: multiset.c has lists and series, multiset_hash.c the sets of more than 32 elements.
 */
#ifndef NETSCOPE_DETECT_MULTISET_PARTS_H
#define NETSCOPE_DETECT_MULTISET_PARTS_H

#include <string.h>

#include "engine/detect/multiset.h"

#define MULTISET_LIST_ORDERS 3u /* blocks of order 0..2 are lists of 8, 16, 32 elements */
#define MULTISET_LIST_MAX 32u

nsc_always_inline uint32_t multiset_order(uint8_t form)
{
	return form & ~NSC_MULTISET_BLOCK;
}

/* Places for elements in a block. */
nsc_always_inline uint32_t multiset_room(uint32_t order)
{
	return 8u << order;
}

nsc_always_inline uint64_t *multiset_block(const struct nsc_multisets *multisets, const struct nsc_multiset *multiset)
{
	return nsc_pool_at(multisets->pool, multiset->unit);
}

nsc_always_inline uint16_t multiset_age(const struct nsc_multisets *multisets, uint64_t element)
{
	return (uint16_t)(multisets->now - (uint16_t)element);
}

nsc_always_inline bool multiset_lives(const struct nsc_multisets *multisets, uint64_t element)
{
	return multiset_age(multisets, element) < multisets->window;
}

/* A block, if need be after others have lost theirs; NSC_POOL_NONE. The caller's multiset is not one of those. */
uint32_t multiset_take(struct nsc_multisets *multisets, uint32_t order);

/* multiset_hash.c: `from` lists `n` elements, all different. */
void multiset_hash_begin(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint32_t unit, uint32_t order,
			 const uint64_t *from, uint32_t n);
void multiset_hash_note(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form,
			uint64_t element);
void multiset_hash_purge(struct nsc_multisets *multisets, struct nsc_multiset *multiset, uint8_t *form);
uint64_t multiset_hash_different(struct nsc_multisets *multisets, const struct nsc_multiset *multiset, uint8_t form);

#endif
