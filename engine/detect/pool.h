/* SPDX-License-Identifier: MIT
 *
 * Blocks of 64 bytes to 1 MiB, powers of two, from one region that is laid out at the start: a buddy allocator.
 * Whatever was cut up comes together again, so that a flood of small blocks does not spoil the pool for large ones.
 *
 * Thread: one. Allocates: at open only.
 */
#ifndef NETSCOPE_DETECT_POOL_H
#define NETSCOPE_DETECT_POOL_H

#include "engine/base/arena.h"

#define NSC_POOL_UNIT 64u   /* bytes of a block of order 0; order n has 2^n times as many */
#define NSC_POOL_ORDERS 15u /* 0..14 */
#define NSC_POOL_NONE UINT32_MAX

struct nsc_pool {
	uint8_t *units;
	uint8_t *state;                 /* of the block that begins at each unit */
	uint32_t head[NSC_POOL_ORDERS]; /* free blocks */
	uint32_t fresh, size;           /* units from `fresh` on were never taken; all of them */
	uint32_t free;                  /* units that are free */
};

/* `bytes` are rounded down to whole MiB, at least one. 0 or -errno. Thread: control. */
int nsc_pool_open(struct nsc_pool *pool, struct nsc_arena *arena, uint64_t bytes, struct nsc_error *error);
uint64_t nsc_pool_bytes(uint64_t bytes); /* what that takes */

/* A block's first unit, or NSC_POOL_NONE. Its contents are whatever they were. Blocks: never. */
uint32_t nsc_pool_take(struct nsc_pool *pool, uint32_t order);
void nsc_pool_give(struct nsc_pool *pool, uint32_t unit, uint32_t order);

/* Whether take would find a block. */
bool nsc_pool_has(const struct nsc_pool *pool, uint32_t order);

nsc_always_inline void *nsc_pool_at(const struct nsc_pool *pool, uint32_t unit)
{
	return pool->units + (uint64_t)unit * NSC_POOL_UNIT;
}

#endif
