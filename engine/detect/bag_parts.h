/* SPDX-License-Identifier: MIT
 *
 * Inside a bag: bag.c has lists and series, bag_hash.c the sets of more than 32 elements.
 */
#ifndef NETSCOPE_DETECT_BAG_PARTS_H
#define NETSCOPE_DETECT_BAG_PARTS_H

#include <string.h>

#include "engine/detect/bag.h"

#define BAG_LIST_ORDERS 3u /* blocks of order 0..2 are lists of 8, 16, 32 elements */
#define BAG_LIST_MAX 32u

nsc_always_inline uint32_t bag_order(uint8_t form)
{
	return form & ~NSC_BAG_BLOCK;
}

/* Places for elements in a block. */
nsc_always_inline uint32_t bag_room(uint32_t order)
{
	return 8u << order;
}

nsc_always_inline uint64_t *bag_block(const struct nsc_bags *bags, const struct nsc_bag *bag)
{
	return nsc_pool_at(bags->pool, bag->unit);
}

nsc_always_inline uint16_t bag_age(const struct nsc_bags *bags, uint64_t element)
{
	return (uint16_t)(bags->now - (uint16_t)element);
}

nsc_always_inline bool bag_lives(const struct nsc_bags *bags, uint64_t element)
{
	return bag_age(bags, element) < bags->window;
}

/* A block, if need be after others have lost theirs; NSC_POOL_NONE. The caller's bag is not one of those. */
uint32_t bag_take(struct nsc_bags *bags, uint32_t order);

/* bag_hash.c: `from` lists `n` elements, all different. */
void bag_hash_begin(struct nsc_bags *bags, struct nsc_bag *bag, uint32_t unit, uint32_t order, const uint64_t *from,
		    uint32_t n);
void bag_hash_note(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form, uint64_t element);
void bag_hash_purge(struct nsc_bags *bags, struct nsc_bag *bag, uint8_t *form);
uint64_t bag_hash_different(struct nsc_bags *bags, const struct nsc_bag *bag, uint8_t form);

#endif
