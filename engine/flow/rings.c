/* SPDX-License-Identifier: MIT */
#include "engine/flow/rings.h"

#include "engine/base/assert.h"

#define RINGS_MAX 128u   /* blocks of a connection: 640 segments and holes */
#define RINGS_UNHEARD 1u /* while the other side has not been heard: a capture of one direction waits in vain */

static void block_link(struct flow_block *block, uint32_t next, uint32_t size)
{
	block->next = next | size << BLOCK_ID_BITS;
}

static uint32_t block_take(struct nsc_flow_table *t)
{
	uint32_t id = t->block_free;

	if (id) {
		t->block_free = block_next(&t->block[id]);
		return id;
	}
	if (t->block_used + 1 >= t->block_max)
		return 0;
	id = t->block_used + 1;
	__atomic_store_n(&t->block_used, id, __ATOMIC_RELAXED);
	return id;
}

static void block_give(struct nsc_flow_table *t, uint32_t id)
{
	t->block[id].next = t->block_free;
	t->block_free = id;
}

uint32_t ring_block(struct nsc_flow_table *t, const struct flow_tcp *s, const struct rings *rings, unsigned dir,
		    struct nsc_counters *counters)
{
	uint32_t limit = s->flags[!dir] & TCP_HEARD ? RINGS_MAX : RINGS_UNHEARD, id;

	if (ring_size(t, rings->newest[0]) + ring_size(t, rings->newest[1]) >= limit) {
		nsc_count(counters, NSC_C_TCP_OUTSTANDING_LIMIT, 1);
		return 0;
	}
	id = block_take(t);
	if (id)
		memset(&t->block[id], 0, sizeof(t->block[id]));
	else
		nsc_count(counters, NSC_C_TCP_BLOCKS_FULL, 1);
	return id;
}

void ring_insert(struct nsc_flow_table *t, uint32_t *newest, uint32_t before, uint32_t id)
{
	uint32_t size = ring_size(t, *newest) + 1;

	if (!before) {
		block_link(&t->block[id], id, 1);
		*newest = id;
		return;
	}
	block_link(&t->block[id], block_next(&t->block[before]), 0);
	block_link(&t->block[before], id, 0);
	if (*newest == before) {
		t->block[id].untimed = t->block[before].untimed;
		*newest = id;
	}
	block_link(&t->block[*newest], ring_oldest(t, *newest), size);
}

void ring_drop(struct nsc_flow_table *t, uint32_t *newest, uint32_t before, uint32_t id)
{
	uint32_t size = ring_size(t, *newest), next = block_next(&t->block[id]);

	nsc_assert(size && block_next(&t->block[before]) == id,
		   "a block that leaves its ring follows the one before it");
	block_give(t, id);
	if (size == 1) {
		*newest = 0;
		return;
	}
	block_link(&t->block[before], next, 0);
	if (*newest == id) {
		t->block[before].untimed = t->block[id].untimed;
		*newest = before;
	}
	block_link(&t->block[*newest], ring_oldest(t, *newest), size - 1);
}

/* They are linked already, from the oldest on. */
void ring_release(struct nsc_flow_table *t, uint32_t *newest)
{
	uint32_t oldest;

	if (!*newest)
		return;
	oldest = ring_oldest(t, *newest);
	block_give(t, *newest);
	t->block_free = oldest;
	*newest = 0;
}
