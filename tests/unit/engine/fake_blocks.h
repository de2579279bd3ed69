/* SPDX-License-Identifier: MIT
 *
 * A source in blocks for tests: packet i has number i, a flow and a clock that follow from i. Its frames lie in the
 * block, and are overwritten when it is claimed again. Some blocks guess wrong, and are walked again.
 */
#ifndef NETSCOPE_TESTS_FAKE_BLOCKS_H
#define NETSCOPE_TESTS_FAKE_BLOCKS_H

#include "tests/unit/engine/fake_source.h"

enum { FAKE_BLOCKS_FLOWS = 500 };

struct fake_blocks {
	struct nsc_rx rx;
	uint64_t packets;
	uint32_t per_block;
	uint32_t wrong_every; /* one block of so many guesses wrong; 0 = none does */
	bool fails;           /* at its end */
	uint64_t next;        /* block to be claimed; atomic */
	uint64_t joined, joined_packets;
};

static uint32_t fake_blocks_step_every; /* packets for which the offset stays; 0 = for ever */

static inline uint64_t fake_blocks_clock(uint64_t i)
{
	return 1000000 + i * 50;
}

static inline uint64_t fake_blocks_offset(uint64_t i)
{
	return fake_blocks_step_every ? i / fake_blocks_step_every * 1000 : 0;
}

static inline struct nsc_packet fake_blocks_packet(struct nsc_rx_block *block, uint64_t number)
{
	uint8_t *frame = block->bytes + (size_t)block->n * FAKE_FRAME;

	fake_frame(frame, number, (uint32_t)(number * 2654435761u >> 12) % FAKE_BLOCKS_FLOWS);
	return (struct nsc_packet){ .data = frame,
				    .ts_ns = fake_blocks_clock(number) + fake_blocks_offset(number),
				    .clock_ns = fake_blocks_clock(number),
				    .cap_len = FAKE_FRAME,
				    .wire_len = FAKE_FRAME,
				    .link = NSC_LINK_ETHERNET };
}

static inline uint64_t fake_blocks_end(const struct fake_blocks *f, uint64_t block)
{
	return NSC_MIN((block + 1) * f->per_block, f->packets);
}

static inline bool fake_blocks_claim(struct nsc_rx *rx, struct nsc_rx_block *block)
{
	struct fake_blocks *f = (struct fake_blocks *)rx;
	uint64_t next = __atomic_load_n(&f->next, __ATOMIC_RELAXED);

	do {
		if (next && next * f->per_block >= f->packets)
			return false;
	} while (!__atomic_compare_exchange_n(&f->next, &next, next + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	block->number = next;
	block->n = 0;
	return true;
}

static inline void fake_blocks_read(struct nsc_rx *rx, struct nsc_rx_block *block)
{
	const struct fake_blocks *f = (struct fake_blocks *)rx;

	memset(block->bytes, FAKE_RELEASED, (size_t)f->per_block * FAKE_FRAME);
}

static inline uint32_t fake_blocks_append(struct fake_blocks *f, struct nsc_rx_block *block, uint32_t most)
{
	uint64_t at = block->number * f->per_block + block->n, end = fake_blocks_end(f, block->number);
	uint32_t n = 0;

	for (; n < most && at + n < end; n++, block->n++)
		block->pkt[block->n] = fake_blocks_packet(block, at + n);
	return n;
}

static inline uint32_t fake_blocks_walk(struct nsc_rx *rx, struct nsc_rx_block *block, struct nsc_packet *pkt)
{
	struct fake_blocks *f = (struct fake_blocks *)rx;
	uint32_t n = fake_blocks_append(f, block, NSC_BURST_MAX);

	for (uint32_t i = 0; i < n; i++) {
		pkt[i] = block->pkt[block->n - n + i];
		if (f->wrong_every && block->number % f->wrong_every == 0)
			pkt[i].wire_len = 1;
	}
	return n;
}

static inline void fake_blocks_tell(const struct fake_blocks *f, const struct nsc_rx_block *block,
				    struct nsc_rx_block_state *state)
{
	uint64_t at = block->number * f->per_block + block->n, end = fake_blocks_end(f, block->number);

	state->over = at >= end;
	state->state = at < f->packets ? NSC_RX_MORE : f->fails ? NSC_RX_FAILED : NSC_RX_END;
	state->clock_ns = at ? fake_blocks_clock(at - 1) : 0;
	state->offset_ns = at ? fake_blocks_offset(at - 1) : 0;
}

static inline uint32_t fake_blocks_join(struct nsc_rx *rx, struct nsc_rx_block *block, bool keep,
					struct nsc_rx_block_state *state)
{
	struct fake_blocks *f = (struct fake_blocks *)rx;

	f->joined += f->joined == block->number;
	if (!keep || (f->wrong_every && block->number % f->wrong_every == 0))
		block->n = 0;
	f->joined_packets += block->n;
	fake_blocks_tell(f, block, state);
	if (f->fails)
		nsc_fail(&f->rx.error, 0, "the fake has failed");
	return block->n;
}

static inline uint32_t fake_blocks_again(struct nsc_rx *rx, struct nsc_rx_block *block,
					 struct nsc_rx_block_state *state)
{
	struct fake_blocks *f = (struct fake_blocks *)rx;
	uint64_t at = block->number * f->per_block + block->n;
	uint32_t most = NSC_BURST_MAX, n;

	if (fake_blocks_step_every) /* a burst ends before a packet that changes the offset */
		most = NSC_MIN(most, fake_blocks_step_every - (uint32_t)(at % fake_blocks_step_every));
	n = fake_blocks_append(f, block, most);
	f->joined_packets += n;
	fake_blocks_tell(f, block, state);
	return n;
}

static const struct nsc_rx_block_ops fake_blocks_ops = {
	.claim = fake_blocks_claim,
	.read = fake_blocks_read,
	.walk = fake_blocks_walk,
	.join = fake_blocks_join,
	.again = fake_blocks_again,
};

/* per_block: 1..NSC_BLOCK_BYTES / FAKE_FRAME. */
static inline void fake_blocks_open(struct fake_blocks *f, uint64_t packets, uint32_t per_block)
{
	*f = (struct fake_blocks){ .rx = { .blocks = &fake_blocks_ops }, .packets = packets, .per_block = per_block };
}

#endif
