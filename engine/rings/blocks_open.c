/* SPDX-License-Identifier: MIT
 *
 * Lays out the readers and their blocks, and hands out what others need of them.
 */
#include <errno.h>
#include <string.h>

#include "engine/rings/blocks_parts.h"

/* Of one block: its bytes, packets, spans, whose they are, what decode puts off. */
static uint64_t block_bytes(void)
{
	return sizeof(struct nsc_shared_block) + 2 * sizeof(void *) + NSC_BLOCK_ROOM + sizeof(struct nsc_decode_notes) +
	       NSC_BLOCK_PACKETS * (sizeof(struct nsc_packet) + sizeof(struct nsc_block_span) + 1 + sizeof(uint16_t));
}

uint64_t nsc_blocks_bytes(uint32_t readers)
{
	return sizeof(struct nsc_blocks) + readers * (sizeof(struct nsc_reader) + NSC_BLOCKS_EACH * block_bytes());
}

static bool block_open(struct nsc_shared_block *s, uint32_t reader, uint32_t i, bool notes, struct nsc_arena *arena)
{
	s->owner = reader;
	s->block.index = reader * NSC_BLOCKS_EACH + i;
	s->block.bytes = nsc_arena_alloc(arena, NSC_BLOCK_ROOM);
	s->block.pkt = nsc_arena_alloc_sparse(arena, NSC_BLOCK_PACKETS * sizeof(*s->block.pkt));
	s->span_far = nsc_arena_alloc_sparse(arena, NSC_BLOCK_PACKETS * sizeof(*s->span_far));
	s->worker = nsc_arena_alloc(arena, NSC_BLOCK_PACKETS * sizeof(*s->worker));
	s->list = nsc_arena_alloc(arena, NSC_BLOCK_PACKETS * sizeof(*s->list));
	s->notes = notes ? nsc_arena_alloc(arena, sizeof(*s->notes)) : NULL;
	return s->block.bytes && s->block.pkt && s->span_far && s->worker && s->list && (s->notes || !notes);
}

static bool reader_open(struct nsc_blocks *b, uint32_t index, struct nsc_arena *arena)
{
	struct nsc_reader *r = &b->reader[index];
	bool done = true;

	r->blocks = b;
	r->index = index;
	r->rx = (struct nsc_rx){ .ops = &nsc_blocks_rx_ops, .decoded = true, .waited = NSC_C_WAITED_BLOCK };
	memcpy(r->rx.linktype, b->source->linktype, sizeof(r->rx.linktype));
	for (unsigned link = NSC_LINK_SEVERAL; link < NSC_LINK_COUNT; link++)
		r->rx.linktype[link] = nsc_link_number(link);
	r->own = nsc_arena_alloc(arena, NSC_BLOCKS_EACH * sizeof(*r->own));
	for (uint32_t i = 0; r->own && i < NSC_BLOCKS_EACH && done; i++)
		done = block_open(&r->own[i], index, i, b->in_order.fragments != NULL, arena);
	return r->own && done;
}

int nsc_blocks_open(struct nsc_blocks **blocks, const struct nsc_blocks_options *options, struct nsc_arena *arena,
		    struct nsc_error *error)
{
	struct nsc_blocks *b;
	bool done;

	if (!options->readers || options->readers > NSC_WORKERS_MAX || !options->tick_ns || !options->source->blocks)
		return nsc_fail(error, -EINVAL, "%u readers of this source are impossible", options->readers);
	b = nsc_arena_alloc(arena, sizeof(*b) + options->readers * sizeof(b->reader[0]));
	if (!b)
		return nsc_fail(error, -ENOMEM, "no memory for %u readers", options->readers);
	b->source = options->source;
	b->tap = options->tap;
	b->stop = options->stop;
	b->tick_ns = options->tick_ns;
	b->epoch_ns = options->epoch_ns;
	b->n = options->readers;
	b->n_order = options->readers * NSC_BLOCKS_EACH;
	b->in_order = b->decode = *options->decode;
	b->decode.fragments = NULL;
	b->decode.duplicates = NULL;
	b->decode.mixed = NULL;
	b->puts_off = b->in_order.fragments || b->in_order.duplicates || b->in_order.mixed;
	b->order = nsc_arena_alloc(arena, b->n_order * sizeof(*b->order));
	b->ready = nsc_arena_alloc(arena, b->n_order * sizeof(*b->ready));
	done = b->order && b->ready;
	for (uint32_t i = 0; i < b->n && done; i++)
		done = reader_open(b, i, arena);
	*blocks = b;
	return done ? 0 : nsc_fail(error, -ENOMEM, "no memory for the blocks of %u readers", b->n);
}

struct nsc_rx *nsc_blocks_rx(struct nsc_blocks *blocks, uint32_t i)
{
	return &blocks->reader[i].rx;
}

void nsc_blocks_connect(struct nsc_blocks *blocks, uint32_t i, struct nsc_idle *worker, struct nsc_counters *counters)
{
	blocks->reader[i].idle = worker;
	blocks->reader[i].counters = counters;
	nsc_count(counters, NSC_C_TAPS, !i && blocks->tap);
}
