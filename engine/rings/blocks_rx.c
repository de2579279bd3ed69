/* SPDX-License-Identifier: MIT
 *
 * What a reader does as the worker of its flows: it takes their packets from each joined block, in order.
 */
#include <string.h>

#include "engine/rings/blocks_parts.h"

static struct nsc_reader *reader_of(struct nsc_rx *rx)
{
	return (struct nsc_reader *)rx;
}

/* --- borders ---------------------------------------------------------------------------------- */

/* What the tick and the epoch of clock_ns have in common. */
static struct nsc_period reader_uncut_at(const struct nsc_blocks *b, uint64_t clock_ns)
{
	struct nsc_period tick = nsc_period_of(clock_ns, b->tick_ns), epoch;

	if (!b->epoch_ns)
		return tick;
	epoch = nsc_period_of(clock_ns, b->epoch_ns);
	return nsc_period_common(&tick, &epoch, clock_ns);
}

/* The first packet of pkt[from..to) that the period does not hold, which holds pkt[from]. Clocks never fall. */
static uint32_t reader_border(const struct nsc_period *uncut, const struct nsc_packet *pkt, uint32_t from, uint32_t to)
{
	if (nsc_likely(nsc_period_holds(uncut, pkt[to - 1].clock_ns)))
		return to;
	while (to - from > 1) {
		uint32_t middle = from + (to - from) / 2;

		if (nsc_period_holds(uncut, pkt[middle].clock_ns))
			from = middle;
		else
			to = middle;
	}
	return to;
}

/* Packets from r->run on: true when they begin with a border, which comes first. */
static bool reader_begin_run(struct nsc_reader *r)
{
	struct nsc_shared_block *s = r->from;
	uint32_t at = r->run, to = s->block.n;
	uint64_t clock_ns = s->block.pkt[at].clock_ns;
	const struct nsc_block_span *span;
	bool crosses;

	while (r->span + 1 < s->n_spans && nsc_block_span_at(s, r->span + 1)->at <= at)
		r->span++;
	if (r->span + 1 < s->n_spans)
		to = nsc_block_span_at(s, r->span + 1)->at;
	span = nsc_block_span_at(s, r->span);
	memcpy(r->rx.linktype, span->linktype, sizeof(span->linktype));
	r->offset_ns = span->offset_ns;
	crosses = !nsc_period_holds(&r->uncut, clock_ns);
	if (crosses) {
		r->uncut = reader_uncut_at(r->blocks, clock_ns);
		r->clock_ns = clock_ns;
	}
	r->run = reader_border(&r->uncut, s->block.pkt, at, to);
	return crosses;
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void reader_leave_block(struct nsc_reader *r)
{
	struct nsc_shared_block *s = r->from;
	const struct nsc_reader *owner = &r->blocks->reader[s->owner];

	r->from = NULL;
	r->next++;
	/* Partner: reader_free_block. After it the block may be written again. */
	if (!__atomic_sub_fetch(&s->left, 1, __ATOMIC_ACQ_REL) && owner != r)
		nsc_idle_ring(owner->idle);
}

static bool reader_next_block(struct nsc_reader *r)
{
	const struct nsc_blocks *b = r->blocks;

	if (__atomic_load_n(&b->joined, __ATOMIC_ACQUIRE) == r->next)
		return false;
	r->from = b->order[r->next % b->n_order];
	r->at = r->from->first[r->index];
	r->end = r->from->first[r->index + 1];
	r->run = r->span = 0;
	return true;
}

/* Of IP the TTL with the addresses behind it, and of TCP the window: often two lines. */
static void reader_ask_for_headers(const struct nsc_packet *pkt)
{
	nsc_prefetch(pkt->data + pkt->l3_off + 8);
	nsc_prefetch(pkt->data + pkt->l4_off + 15);
}

/* The next packets of this run, of which there is one at least. Descriptors and headers may lie in another core's
 * cache, or in none: headers, and the descriptors of the next burst, are asked for now. */
static uint32_t reader_take_run(struct nsc_reader *r, struct nsc_packet *pkt)
{
	const struct nsc_packet *from = r->from->block.pkt;
	const uint16_t *list = r->from->list + r->at;
	uint32_t left = r->end - r->at, n = NSC_MIN(left, NSC_BURST_MAX), ahead;

	while (nsc_unlikely(list[n - 1] >= r->run))
		n--;
	for (uint32_t i = 0; i < n; i++) {
		pkt[i] = from[list[i]];
		reader_ask_for_headers(&pkt[i]);
	}
	ahead = NSC_MIN(left - n, NSC_BURST_MAX);
	for (uint32_t i = n; i < n + ahead; i++)
		nsc_prefetch(&from[list[i]]);
	r->at += n;
	return n;
}

/* Fills the burst with what comes next of the joined blocks: packets, or a border. False when nothing does. */
static bool reader_take(struct nsc_reader *r, struct nsc_burst *burst)
{
	for (;;) {
		bool crosses = false;

		if (!r->from && !reader_next_block(r))
			return false;
		if (r->at < r->end && r->from->list[r->at] < r->run)
			burst->n = reader_take_run(r, burst->pkt);
		else if (r->run < r->from->block.n)
			crosses = reader_begin_run(r);
		else
			reader_leave_block(r);
		if (burst->n)
			r->clock_ns = burst->pkt[burst->n - 1].clock_ns;
		if (burst->n || crosses)
			return true;
	}
}

/* --- the source of its worker ----------------------------------------------------------------- */

static void reader_end(struct nsc_reader *r, struct nsc_burst *burst)
{
	const struct nsc_blocks *b = r->blocks;

	burst->state = b->end_state == NSC_RX_FAILED ? NSC_RX_FAILED : NSC_RX_END;
	r->clock_ns = NSC_MAX(r->clock_ns, b->end_clock_ns);
	r->offset_ns = b->end_offset_ns;
	r->rx.error = b->source->error;
}

static void reader_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_reader *r = reader_of(rx);
	bool ended = __atomic_load_n(&r->blocks->ended, __ATOMIC_ACQUIRE); /* then no more is joined */

	burst->n = 0;
	burst->state = NSC_RX_MORE;
	if (reader_take(r, burst)) {
		nsc_idle_reset(r->idle);
	} else if (ended) {
		reader_end(r, burst);
	} else if (nsc_unlikely(__atomic_load_n(r->blocks->stop, __ATOMIC_RELAXED))) {
		nsc_blocks_join(r);
	} else if (!nsc_blocks_read(r)) {
		burst->state = NSC_RX_IDLE;
		nsc_count(r->counters, NSC_C_BLOCK_WAITS, !r->waits);
		r->waits = true;
	} else {
		r->waits = false;
	}
	burst->clock_ns = r->clock_ns;
	burst->offset_ns = r->offset_ns;
	burst->loan = r->next;
}

/* A block is left when its last burst has been worked on, which is when the next one is asked for. */
static void reader_release(struct nsc_rx *rx, uint64_t loan)
{
}

static void reader_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
}

static void reader_close(struct nsc_rx *rx)
{
}

const struct nsc_rx_ops nsc_blocks_rx_ops = {
	.name = "reader",
	.poll = reader_poll,
	.release = reader_release,
	.counters = reader_counters,
	.close = reader_close,
};
