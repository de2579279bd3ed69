/* SPDX-License-Identifier: MIT
 *
 * What a reader does for all: it reads blocks, and joins them in order.
 */
#include "engine/rings/blocks.h"

#include <string.h>

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "engine/rings/blocks_parts.h"
#include "engine/rings/line_copy.h"

static void reader_account(struct nsc_reader *r, unsigned stage, uint32_t n)
{
	nsc_account_burst(r->counters, stage, n);
}

static void blocks_ring_all(struct nsc_reader *r)
{
	for (uint32_t i = 0; i < r->blocks->n; i++)
		if (i != r->index)
			nsc_idle_ring(r->blocks->reader[i].idle);
}

/* --- whose is which packet -------------------------------------------------------------------- */

/* Packets without a flow only want counting: all of one fate go to one worker, as with lanes. */
static uint32_t block_worker_of(const struct nsc_packet *pkt, uint32_t n)
{
	return pkt->fate == NSC_FATE_FLOW ? (uint32_t)((uint64_t)pkt->hash * n >> 32) : pkt->fate % n;
}

static void block_note_workers(struct nsc_shared_block *s, const struct nsc_packet *pkt, uint32_t from, uint32_t n,
			       uint32_t workers)
{
	for (uint32_t i = 0; i < n; i++)
		s->worker[from + i] = (uint8_t)block_worker_of(&pkt[i], workers);
}

/* Sorts packet numbers by worker: count, sum up, place. */
static void block_share_out(struct nsc_shared_block *s, uint32_t workers)
{
	uint32_t place[NSC_WORKERS_MAX], n = s->block.n;

	memset(s->first, 0, (workers + 1) * sizeof(s->first[0]));
	for (uint32_t i = 0; i < n; i++)
		s->first[s->worker[i] + 1u]++;
	for (uint32_t w = 0; w < workers; w++) {
		place[w] = s->first[w];
		s->first[w + 1] += s->first[w];
	}
	for (uint32_t i = 0; i < n; i++)
		s->list[place[s->worker[i]]++] = (uint16_t)i;
}

/* --- by itself -------------------------------------------------------------------------------- */

static struct nsc_shared_block *reader_free_block(struct nsc_reader *r)
{
	for (uint32_t i = 0; i < NSC_BLOCKS_EACH; i++)
		if (!__atomic_load_n(&r->own[i].left, __ATOMIC_ACQUIRE))
			return &r->own[i];
	return NULL;
}

/* Walk and decode work in a burst that stays in this core's cache; what goes into the block goes past it. */
static void reader_fill(struct nsc_reader *r, struct nsc_shared_block *s)
{
	struct nsc_rx *source = r->blocks->source;
	struct nsc_decode_options decode = r->blocks->decode;
	uint32_t n;

	source->blocks->read(source, &s->block);
	decode.notes = s->notes;
	decode.noted = r->hot;
	if (s->notes)
		s->notes->n = 0;
	while ((n = source->blocks->walk(source, &s->block, r->hot))) {
		decode.noted_from = s->block.n - n;
		reader_account(r, NSC_C_CYCLES_RX, n);
		nsc_decode_burst(&decode, r->hot, n);
		reader_account(r, NSC_C_CYCLES_DECODE, n);
		block_note_workers(s, r->hot, decode.noted_from, n, r->blocks->n);
		for (uint32_t i = 0; i < n; i++)
			nsc_line_copy(&s->block.pkt[decode.noted_from + i], &r->hot[i]);
		reader_account(r, NSC_C_CYCLES_STEER, n);
	}
	nsc_lines_copied(); /* its partners are those of `ready` and `joined` */
	reader_account(r, NSC_C_CYCLES_RX, 0);
	block_share_out(s, r->blocks->n);
	reader_account(r, NSC_C_CYCLES_STEER, 0);
}

bool nsc_blocks_read(struct nsc_reader *r)
{
	struct nsc_blocks *b = r->blocks;
	struct nsc_shared_block *s = reader_free_block(r);

	if (!s || !b->source->blocks->claim(b->source, &s->block))
		return false;
	__atomic_store_n(&s->left, b->n, __ATOMIC_RELAXED);
	reader_fill(r, s);
	nsc_count(r->counters, NSC_C_BLOCKS, 1);
	/* Pairs with the look behind the store to `joining`: one of two readers sees the other. */
	__atomic_store_n(&b->ready[s->block.number % b->n_order], s, __ATOMIC_SEQ_CST);
	nsc_blocks_join(r);
	return true;
}

/* --- in order --------------------------------------------------------------------------------- */

static void block_add_span(struct nsc_shared_block *s, const struct nsc_rx *source, uint32_t at, uint64_t offset_ns)
{
	struct nsc_block_span *last = s->n_spans ? nsc_block_span_at(s, s->n_spans - 1) : NULL, *new;

	if (last && last->offset_ns == offset_ns && !memcmp(last->linktype, source->linktype, sizeof(last->linktype)))
		return;
	new = nsc_block_span_at(s, s->n_spans++);
	new->at = at;
	new->offset_ns = offset_ns;
	memcpy(new->linktype, source->linktype, sizeof(new->linktype));
}

static void block_tap(struct nsc_reader *r, const struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(!r->blocks->tap) || !n)
		return;
	reader_account(r, NSC_C_CYCLES_STEER, 0);
	nsc_tap_burst(r->blocks->tap, r->blocks->source, pkt, n, r->counters);
	reader_account(r, NSC_C_CYCLES_TAP, 0);
}

/* The packets that stood: what decode put off is done now. */
static void block_take_guess(struct nsc_reader *r, struct nsc_shared_block *s, uint32_t n,
			     const struct nsc_rx_block_state *state)
{
	struct nsc_blocks *b = r->blocks;

	if (!n)
		return;
	block_add_span(s, b->source, 0, state->offset_ns);
	if (b->puts_off)
		nsc_decode_settle(&b->in_order, s->block.pkt, n, s->notes);
	block_tap(r, s->block.pkt, n);
}

/* As one reader does it. */
static void block_go_on(struct nsc_reader *r, struct nsc_shared_block *s, struct nsc_rx_block_state *state)
{
	struct nsc_blocks *b = r->blocks;
	uint32_t n = b->source->blocks->again(b->source, &s->block, state);
	struct nsc_packet *pkt = s->block.pkt + s->block.n - n;

	if (!n)
		return;
	nsc_decode_burst(&b->in_order, pkt, n);
	block_add_span(s, b->source, s->block.n - n, state->offset_ns);
	block_tap(r, pkt, n);
}

/* Packets have been shared out before: again only when that may have changed. */
static bool block_join(struct nsc_reader *r, struct nsc_shared_block *s)
{
	struct nsc_blocks *b = r->blocks;
	uint32_t guessed = s->block.n, n;
	bool notes = s->notes && s->notes->n, fits = !notes || s->notes->n <= NSC_DECODE_NOTES_MAX;
	struct nsc_rx_block_state state;

	s->n_spans = 0;
	b->in_order.counters = r->counters;
	n = b->source->blocks->join(b->source, &s->block, fits, &state);
	block_take_guess(r, s, n, &state);
	while (!state.over)
		block_go_on(r, s, &state);
	nsc_count(r->counters, NSC_C_BLOCKS_AGAIN, s->block.n > n);
	if (s->block.n != n || n != guessed || notes || b->in_order.duplicates) {
		block_note_workers(s, s->block.pkt, 0, s->block.n, b->n);
		block_share_out(s, b->n);
	}
	b->end_state = state.state;
	b->end_offset_ns = state.offset_ns;
	b->end_clock_ns = state.clock_ns;
	return state.state >= NSC_RX_END;
}

static void blocks_end(struct nsc_reader *r)
{
	if (r->blocks->tap)
		nsc_tap_end(r->blocks->tap);
	__atomic_store_n(&r->blocks->ended, true, __ATOMIC_RELEASE);
	blocks_ring_all(r);
}

/* The next block, if it is ready. */
static bool blocks_join_next(struct nsc_reader *r)
{
	struct nsc_blocks *b = r->blocks;
	uint64_t number = b->joined;
	struct nsc_shared_block **ready = &b->ready[number % b->n_order], *s;
	bool last;

	if (b->ended)
		return false;
	if (nsc_unlikely(__atomic_load_n(b->stop, __ATOMIC_RELAXED))) {
		blocks_end(r);
		return false;
	}
	s = __atomic_load_n(ready, __ATOMIC_SEQ_CST);
	if (!s)
		return false;
	nsc_assert(s->block.number == number, "a block waits in its own place");
	__atomic_store_n(ready, NULL, __ATOMIC_RELAXED);
	last = block_join(r, s);
	b->order[number % b->n_order] = s;
	__atomic_store_n(&b->joined, number + 1, __ATOMIC_RELEASE); /* partner: reader_next_block */
	if (last)
		blocks_end(r);
	blocks_ring_all(r);
	return !last;
}

void nsc_blocks_join(struct nsc_reader *r)
{
	struct nsc_blocks *b = r->blocks;
	uint64_t next;

	do {
		if (__atomic_exchange_n(&b->joining, true, __ATOMIC_SEQ_CST))
			return; /* who is at it looks again */
		while (blocks_join_next(r))
			;
		next = b->joined;
		__atomic_store_n(&b->joining, false, __ATOMIC_SEQ_CST);
	} while (!__atomic_load_n(&b->ended, __ATOMIC_RELAXED) &&
		 __atomic_load_n(&b->ready[next % b->n_order], __ATOMIC_SEQ_CST));
	reader_account(r, NSC_C_CYCLES_STEER, 0);
}
