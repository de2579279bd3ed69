/* SPDX-License-Identifier: MIT
 *
 * Free blocks are linked through themselves; a byte per unit says which block begins there and whether it is free.
 */
#include "engine/detect/pool.h"

#include <errno.h>

#include "engine/base/assert.h"

#define LARGEST (NSC_POOL_ORDERS - 1)
#define UNITS_OF_LARGEST (1u << LARGEST)
#define FREE 0x80u

struct link {
	uint32_t next, before; /* units; NSC_POOL_NONE at the ends */
};

static uint32_t pool_units(uint64_t bytes)
{
	uint64_t blocks = bytes / ((uint64_t)NSC_POOL_UNIT * UNITS_OF_LARGEST);

	return (uint32_t)(NSC_MAX(NSC_MIN(blocks, (uint64_t)UINT16_MAX), 1u) * UNITS_OF_LARGEST);
}

uint64_t nsc_pool_bytes(uint64_t bytes)
{
	return (uint64_t)pool_units(bytes) * (NSC_POOL_UNIT + 1);
}

static struct link *pool_link(const struct nsc_pool *pool, uint32_t unit)
{
	return nsc_pool_at(pool, unit);
}

static void pool_push(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	uint32_t next = pool->head[order];

	*pool_link(pool, unit) = (struct link){ .next = next, .before = NSC_POOL_NONE };
	if (next != NSC_POOL_NONE)
		pool_link(pool, next)->before = unit;
	pool->head[order] = unit;
	pool->state[unit] = (uint8_t)(FREE | order);
}

static void pool_remove(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	struct link link = *pool_link(pool, unit);

	if (link.before == NSC_POOL_NONE)
		pool->head[order] = link.next;
	else
		pool_link(pool, link.before)->next = link.next;
	if (link.next != NSC_POOL_NONE)
		pool_link(pool, link.next)->before = link.before;
}

/* Largest blocks are listed when they come back; until they were taken once they are not touched at all. */
int nsc_pool_open(struct nsc_pool *pool, struct nsc_arena *arena, uint64_t bytes, struct nsc_error *error)
{
	pool->size = pool->free = pool_units(bytes);
	pool->units = nsc_arena_alloc(arena, (uint64_t)pool->size * NSC_POOL_UNIT);
	pool->state = nsc_arena_alloc(arena, pool->size);
	if (!pool->units || !pool->state)
		return nsc_fail(error, -ENOMEM, "no memory for the detectors' sketches");
	for (uint32_t order = 0; order < NSC_POOL_ORDERS; order++)
		pool->head[order] = NSC_POOL_NONE;
	return 0;
}

/* The smallest order from this one on that has a block; NSC_POOL_ORDERS when none has. */
static uint32_t pool_order_available(const struct nsc_pool *pool, uint32_t order)
{
	while (order < NSC_POOL_ORDERS && pool->head[order] == NSC_POOL_NONE)
		order++;
	return order == NSC_POOL_ORDERS && pool->fresh < pool->size ? LARGEST : order;
}

bool nsc_pool_has(const struct nsc_pool *pool, uint32_t order)
{
	return pool_order_available(pool, order) < NSC_POOL_ORDERS;
}

static uint32_t pool_take_whole(struct nsc_pool *pool, uint32_t order)
{
	uint32_t unit = pool->head[order];

	if (unit != NSC_POOL_NONE) {
		pool_remove(pool, unit, order);
		return unit;
	}
	unit = pool->fresh;
	pool->fresh += UNITS_OF_LARGEST;
	return unit;
}

uint32_t nsc_pool_take(struct nsc_pool *pool, uint32_t order)
{
	uint32_t have = pool_order_available(pool, order), unit;

	if (have >= NSC_POOL_ORDERS)
		return NSC_POOL_NONE;
	unit = pool_take_whole(pool, have);
	while (have > order) {
		have--;
		pool_push(pool, unit + (1u << have), have);
	}
	pool->state[unit] = (uint8_t)order;
	pool->free -= 1u << order;
	return unit;
}

/* Halves of one block differ in one bit of their place; the region begins and ends with whole blocks of the largest
 * order. */
void nsc_pool_give(struct nsc_pool *pool, uint32_t unit, uint32_t order)
{
	nsc_assert(order < NSC_POOL_ORDERS && unit < pool->size && pool->state[unit] == order,
		   "a block that is given back was taken, with this order");
	pool->free += 1u << order;
	for (; order < LARGEST; order++) {
		uint32_t other = unit ^ (1u << order);

		if (pool->state[other] != (FREE | order))
			break;
		pool_remove(pool, other, order);
		unit &= ~(1u << order);
	}
	pool_push(pool, unit, order);
}
