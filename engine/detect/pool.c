/* SPDX-License-Identifier: MIT
 *
 * Free blocks are linked through themselves; a byte per unit says which block begins there and whether it is free.
 */
#include "engine/detect/pool.h"

#include <errno.h>

#define LARGEST (NSC_POOL_ORDERS - 1)
#define UNITS_OF_LARGEST (1u << LARGEST)
#define FREE 0x80u

struct link {
	uint32_t next, before; /* units; NSC_POOL_NONE at the ends */
};

static uint32_t units_of(uint64_t bytes)
{
	uint64_t blocks = bytes / ((uint64_t)NSC_POOL_UNIT * UNITS_OF_LARGEST);

	return (uint32_t)(NSC_MAX(NSC_MIN(blocks, (uint64_t)UINT16_MAX), 1u) * UNITS_OF_LARGEST);
}

uint64_t nsc_pool_bytes(uint64_t bytes)
{
	return (uint64_t)units_of(bytes) * (NSC_POOL_UNIT + 1);
}

static struct link *link_of(const struct nsc_pool *pool, uint32_t unit)
{
	return nsc_pool_at(pool, unit);
}

static void push(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	uint32_t next = pool->head[order];

	*link_of(pool, unit) = (struct link){.next = next, .before = NSC_POOL_NONE};
	if (next != NSC_POOL_NONE)
		link_of(pool, next)->before = unit;
	pool->head[order] = unit;
	pool->state[unit] = (uint8_t)(FREE | order);
}

static void remove_block(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	struct link link = *link_of(pool, unit);

	if (link.before == NSC_POOL_NONE)
		pool->head[order] = link.next;
	else
		link_of(pool, link.before)->next = link.next;
	if (link.next != NSC_POOL_NONE)
		link_of(pool, link.next)->before = link.before;
}

/* The last block first, so that the first one is taken first: what is never needed is never touched. */
int nsc_pool_open(struct nsc_pool *pool, struct nsc_arena *arena, uint64_t bytes, struct nsc_error *error)
{
	uint32_t units = units_of(bytes);

	pool->units = nsc_arena_alloc(arena, (uint64_t)units * NSC_POOL_UNIT);
	pool->state = nsc_arena_alloc(arena, units);
	if (!pool->units || !pool->state)
		return nsc_fail(error, -ENOMEM, "no memory for the detectors' sketches");
	for (uint32_t order = 0; order < NSC_POOL_ORDERS; order++)
		pool->head[order] = NSC_POOL_NONE;
	for (uint32_t unit = units; unit > 0; unit -= UNITS_OF_LARGEST)
		push(pool, unit - UNITS_OF_LARGEST, LARGEST);
	pool->free = units;
	return 0;
}

uint32_t nsc_pool_take(struct nsc_pool *pool, uint32_t order)
{
	uint32_t have = order, unit;

	while (have < NSC_POOL_ORDERS && pool->head[have] == NSC_POOL_NONE)
		have++;
	if (have >= NSC_POOL_ORDERS)
		return NSC_POOL_NONE;
	unit = pool->head[have];
	remove_block(pool, unit, have);
	while (have > order) {
		have--;
		push(pool, unit + (1u << have), have);
	}
	pool->state[unit] = (uint8_t)order;
	pool->free -= 1u << order;
	return unit;
}

/* Halves of one block differ in one bit of their place; the region begins and ends with whole blocks of the largest order. */
void nsc_pool_give(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	pool->free += 1u << order;
	for (; order < LARGEST; order++) {
		uint32_t other = unit ^ (1u << order);

		if (pool->state[other] != (FREE | order))
			break;
		remove_block(pool, other, order);
		unit &= ~(1u << order);
	}
	push(pool, unit, order);
}
