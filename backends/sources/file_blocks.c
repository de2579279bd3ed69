/* SPDX-License-Identifier: MIT
 *
 * Capture files read in blocks by several threads (netscope/blocks.h).
 *
 * Two kinds of struct nsc_rx_file walk over the records. `f`, the source, is what a single reader would be: where the
 * next record begins, the clock, the counters, the interfaces, how many packets are still wanted. It moves on from
 * block to block, in order. Each block has one more, `g`, which guesses where its first record begins, knows the format
 * as of the file's first packet, and stops at whatever takes more than that: damage, another header, an interface, a
 * comment that is kept, a time that is not near those before it. When `f` has come to where `g` began, and its clock is
 * at rest, `f` is what it would be after walking over the same records, and takes over what `g` has counted. From where
 * `g` stopped, `f` walks itself.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	READ_BEYOND = 4096, /* bytes behind a block, at once: the rest of its last record, most of the time */
	READ_ON = 65536,    /* the same when a record was longer */
};

#define INTERFACES_SIZE (65536 * sizeof(struct nsc_pcapng_interface))

/* Which block is claimed next: the number of its file, whether all blocks of that file may be, and its number there. */
#define PLACE_PART 50u
#define PLACE_OPEN (1ull << 49)
#define PLACE_INDEX (PLACE_OPEN - 1)

static_assert(NSC_RX_FILES_MAX < 1u << (64 - PLACE_PART), "one more than the last file is a number too");

struct file_block { /* what a block is, and its own walk */
	struct nsc_rx_file g;
	uint32_t part;
	bool last;         /* of its file */
	bool begins;       /* the file's headers, and with them the format, are known to `f` alone */
	bool placed;       /* g has looked for a first record, ... */
	bool found;        /* ... and found it */
	uint64_t from, to; /* bytes of the file */
	uint64_t start;    /* where g began */
};

struct file_part {
	uint64_t number; /* of its first block; written before the part's place is */
	uint64_t size;
};

struct nsc_file_blocks {
	uint32_t bytes; /* of each */
	uint32_t n;
	struct file_block *block; /* [n] */
	struct file_part *part;   /* [n_parts + 1] */
	/* in order */
	uint64_t at; /* where the next record of the file begins */
	bool open;   /* the format of this file is told */
	struct nsc_pcapng_interface *spare;
	/* told with the place of a file that is open, and then left alone */
	bool is_pcapng;
	struct nsc_pcap pcap;
	struct nsc_pcapng pcapng;
	uint64_t first; /* of the first file: where its first record begins */
	/* shared */
	alignas(NSC_CACHE_LINE) uint64_t place;
	alignas(NSC_CACHE_LINE) uint32_t n_interfaces; /* of this section so far */
	bool blind;                                    /* nobody guesses any more in this file */
	uint16_t linktype[NSC_LINK_COUNT];             /* as in the source after the last block */
};

/* --- places ----------------------------------------------------------------------------------- */

static uint64_t place_of(uint32_t part, bool open)
{
	return (uint64_t)part << PLACE_PART | (open ? PLACE_OPEN : 0);
}

static uint64_t blocks_of_part(const struct nsc_file_blocks *b, uint32_t part)
{
	return NSC_MAX((b->part[part].size + b->bytes - 1) / b->bytes, 1);
}

static bool place_is_free(const struct nsc_rx_file *f, uint64_t place)
{
	uint32_t part = (uint32_t)(place >> PLACE_PART);
	uint64_t index = place & PLACE_INDEX;

	if (part >= f->n_parts)
		return false;
	return index < (place & PLACE_OPEN ? blocks_of_part(f->blocks, part) : 1);
}

static bool file_claim(struct nsc_rx *rx, struct nsc_rx_block *block)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	struct nsc_file_blocks *b = f->blocks;
	struct file_block *own = &b->block[block->index];
	uint64_t place = __atomic_load_n(&b->place, __ATOMIC_ACQUIRE), index;

	do {
		if (!place_is_free(f, place))
			return false;
	} while (!__atomic_compare_exchange_n(&b->place, &place, place + 1, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	index = place & PLACE_INDEX;
	own->part = (uint32_t)(place >> PLACE_PART);
	own->from = index * b->bytes;
	own->to = NSC_MIN(own->from + b->bytes, b->part[own->part].size);
	own->last = index + 1 == blocks_of_part(b, own->part);
	own->begins = !(place & PLACE_OPEN);
	block->number = b->part[own->part].number + index;
	block->n = 0;
	return true;
}

/* The next file's blocks are claimed from now on, whatever is left of this one: only its first one, until what stands
 * there was read. */
static void blocks_go_on(struct nsc_rx_file *f, uint32_t part)
{
	struct nsc_file_blocks *b = f->blocks;
	uint64_t place = __atomic_load_n(&b->place, __ATOMIC_RELAXED);
	uint32_t before = (uint32_t)(place >> PLACE_PART);

	b->at = 0;
	b->open = false;
	do {
		b->part[part].number = b->part[before].number + (place & PLACE_INDEX);
	} while (!__atomic_compare_exchange_n(&b->place, &place, place_of(part, false), true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

/* What may change from block to block: a guess that does not know of it does not stand. */
static void blocks_tell(struct nsc_rx_file *f)
{
	struct nsc_file_blocks *b = f->blocks;

	__atomic_store_n(&b->n_interfaces, f->pcapng.n_interfaces, __ATOMIC_RELEASE);
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		if (nsc_unlikely(b->linktype[link] != f->rx.linktype[link]))
			__atomic_store_n(&b->linktype[link], f->rx.linktype[link], __ATOMIC_RELAXED);
}

/* The format stands: all blocks of the file may be claimed. */
static void blocks_open_part(struct nsc_rx_file *f)
{
	struct nsc_file_blocks *b = f->blocks;

	b->is_pcapng = f->is_pcapng;
	b->pcap = f->pcap;
	b->pcapng = f->pcapng;
	b->pcapng.skip_total = b->pcapng.skip_left = 0;
	__atomic_store_n(&b->blind, f->begins || f->in_zeros, __ATOMIC_RELAXED);
	b->open = true;
	__atomic_fetch_or(&b->place, PLACE_OPEN, __ATOMIC_RELEASE);
}

void nsc_file_format_changes(struct nsc_rx_file *f)
{
	struct nsc_file_blocks *b = f->blocks;
	struct nsc_pcapng_interface *table = f->pcapng.interfaces;

	if (!b || !b->open || __atomic_load_n(&b->blind, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&b->blind, true, __ATOMIC_RELAXED);
	f->pcapng.interfaces = b->spare;
	b->spare = table;
}

/* --- a block by itself ------------------------------------------------------------------------ */

static void guess_begin(const struct nsc_rx_file *f, struct file_block *own)
{
	const struct nsc_file_blocks *b = f->blocks;
	struct nsc_rx_file *g = &own->g;

	memset(g, 0, sizeof(*g));
	g->guesses = true;
	g->state = NSC_RX_MORE;
	g->left = UINT64_MAX;
	g->snaplen = f->snaplen;
	g->keeps = f->keeps;
	g->filter = f->filter;
	if (own->begins)
		return;
	g->is_pcapng = b->is_pcapng;
	g->pcap = b->pcap;
	g->pcapng = b->pcapng;
	g->pcapng.n_interfaces = __atomic_load_n(&b->n_interfaces, __ATOMIC_ACQUIRE);
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		g->rx.linktype[link] = __atomic_load_n(&b->linktype[link], __ATOMIC_RELAXED);
}

/* Reads until there are `bytes` behind g->end, or no more: what is wrong shows when the block is walked in order. */
static void guess_read(const struct nsc_rx_file *f, struct file_block *own, uint64_t bytes)
{
	struct nsc_rx_file *g = &own->g;
	uint64_t left = f->blocks->part[own->part].size - g->decoded;
	uint64_t wanted = NSC_MIN(NSC_MIN(bytes, left), (uint64_t)(g->limit - g->end));
	struct nsc_error why;

	while (wanted) {
		ssize_t n = nsc_file_input_read_at(f->input, own->part, g->decoded, g->end, wanted, &why);

		if (n == -EINTR || n == -EAGAIN)
			continue;
		if (n <= 0)
			return;
		g->end += n;
		g->decoded += (uint64_t)n;
		wanted -= (uint64_t)n;
	}
}

static void file_read(struct nsc_rx *rx, struct nsc_rx_block *block)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	struct file_block *own = &f->blocks->block[block->index];
	struct nsc_rx_file *g = &own->g;

	guess_begin(f, own);
	own->placed = own->found = false;
	g->pos = g->end = block->bytes;
	g->limit = block->bytes + f->blocks->bytes + NSC_BLOCK_BEYOND;
	g->border = block->bytes + (own->to - own->from);
	g->decoded = own->from;
	guess_read(f, own, own->to - own->from + READ_BEYOND);
}

/* Whether a first record was found, or is known. */
static bool guess_place(const struct nsc_rx_file *f, struct file_block *own)
{
	const struct nsc_file_blocks *b = f->blocks;
	struct nsc_rx_file *g = &own->g;
	size_t have = (size_t)(g->end - g->pos), at = (size_t)b->first;

	own->placed = true;
	if (own->begins || __atomic_load_n(&b->blind, __ATOMIC_RELAXED))
		return false;
	if (own->from)
		at = g->is_pcapng ? nsc_pcapng_find(g, g->pos, have) : nsc_pcap_find(g, g->pos, have);
	if (at >= have || g->pos + at >= g->border)
		return false;
	g->pos += at;
	own->start = own->from + at;
	return own->found = true;
}

static uint32_t file_walk_block(struct nsc_rx *rx, struct nsc_rx_block *block, struct nsc_packet *pkt)
{
	const struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	struct file_block *own = &f->blocks->block[block->index];
	struct nsc_rx_file *g = &own->g;
	uint32_t n = 0;

	if (!own->placed && !guess_place(f, own))
		g->odd = true;
	while (!g->odd && g->pos < g->border && !n) {
		const uint8_t *end = g->end;
		uint32_t want = NSC_MIN(NSC_BURST_MAX, NSC_BLOCK_PACKETS - block->n);

		n = g->is_pcapng ? nsc_pcapng_walk_within(g, pkt, want) : nsc_pcap_walk_within(g, pkt, want);
		if (n || g->stop != NSC_FILE_NEED)
			continue;
		guess_read(f, own, NSC_MAX(g->need - (uint64_t)(g->end - g->pos), READ_BEYOND));
		g->odd |= g->end == end; /* the file ends here */
	}
	block->n += n;
	return n;
}

enum nsc_file_stop nsc_file_guess_time(struct nsc_rx_file *g, uint64_t ts_ns)
{
	struct nsc_file_guess *guess = &g->guess;
	int64_t ahead = (int64_t)(ts_ns - g->clock.hand.now_ns);

	if (ts_ns >= NSC_STEADY_MAX)
		return nsc_file_odd(g);
	if (!guess->begun) {
		*guess = (struct nsc_file_guess){ .begun = true, .first_ns = ts_ns, .least_ns = ts_ns };
		g->clock.hand = (struct nsc_steady_hand){ .now_ns = ts_ns, .open_ns = NSC_STEADY_SLACK_NS };
		return NSC_FILE_FULL;
	}
	if (ahead < -(int64_t)NSC_STEADY_SLACK_NS || ahead > (int64_t)NSC_STEADY_LEAP_NS)
		return nsc_file_odd(g);
	guess->pauses |= ahead > (int64_t)NSC_STEADY_RETURN_NS;
	guess->least_ns = NSC_MIN(guess->least_ns, ts_ns);
	if (ahead > 0)
		g->clock.hand.now_ns = ts_ns;
	return NSC_FILE_FULL;
}

/* --- in order --------------------------------------------------------------------------------- */

/* A clock at rest takes each of these packets for what the guess took it for: late, next, or after a pause. */
static bool guess_keeps_time(const struct nsc_steady *clock, const struct nsc_rx_file *g)
{
	const struct nsc_file_guess *guess = &g->guess;
	uint64_t now_ns = clock->hand.now_ns + clock->hand.offset_ns;
	int64_t pause = (int64_t)(guess->first_ns - now_ns), late = (int64_t)(guess->least_ns - now_ns);

	if (!guess->begun)
		return true;
	if (clock->hand.open_ns != NSC_STEADY_SLACK_NS || now_ns >= NSC_STEADY_MAX ||
	    g->clock.hand.now_ns - clock->hand.offset_ns >= NSC_STEADY_MAX)
		return false;
	if (clock->returns && (guess->pauses || pause > (int64_t)NSC_STEADY_RETURN_NS))
		return false;
	return late >= -(int64_t)NSC_STEADY_SLACK_NS && pause <= (int64_t)NSC_STEADY_LEAP_NS;
}

static bool guess_has_format(const struct nsc_rx_file *f, const struct nsc_rx_file *g)
{
	const struct nsc_pcap *p = &f->pcap, *q = &g->pcap;

	if (f->is_pcapng != g->is_pcapng || memcmp(f->rx.linktype, g->rx.linktype, sizeof(f->rx.linktype)))
		return false;
	if (f->is_pcapng)
		return f->pcapng.interfaces == g->pcapng.interfaces && f->pcapng.swapped == g->pcapng.swapped &&
		       !f->pcapng.skip_total;
	return p->link == q->link && p->program == q->program && p->plain == q->plain &&
	       p->shape.swapped == q->shape.swapped && p->shape.nano == q->shape.nano &&
	       p->shape.header == q->shape.header && p->shape.lengths == q->shape.lengths;
}

static bool guess_stands(const struct nsc_rx_file *f, const struct file_block *own, uint32_t n)
{
	return own->found && own->start == f->blocks->at && f->state == NSC_RX_MORE && !f->begins && !f->in_zeros &&
	       n < f->left && guess_has_format(f, &own->g) && guess_keeps_time(&f->clock, &own->g);
}

/* From packet time as the block began to the clock that runs. */
static void guess_set_clock(struct nsc_rx_file *f, const struct nsc_rx_file *g, struct nsc_packet *pkt, uint32_t n)
{
	struct nsc_steady_hand *hand = &f->clock.hand;
	uint64_t now_ns = hand->now_ns + hand->offset_ns;
	uint32_t i = 0;

	for (; i < n && pkt[i].clock_ns < now_ns; i++)
		pkt[i].clock_ns = hand->now_ns;
	for (; nsc_unlikely(hand->offset_ns) && i < n; i++)
		pkt[i].clock_ns -= hand->offset_ns;
	if (g->guess.begun && g->clock.hand.now_ns > now_ns)
		hand->now_ns = g->clock.hand.now_ns - hand->offset_ns;
}

static void guess_add_counters(struct nsc_rx_file *f, const struct nsc_rx_file *g)
{
	if (!f->own.delivered) {
		f->refused.packets += g->refused.packets;
		f->refused.vlan += g->refused.vlan;
		f->refused.mpls += g->refused.mpls;
		f->refused.pppoe += g->refused.pppoe;
	}
	f->own.received += g->own.received;
	f->own.received_bytes += g->own.received_bytes;
	f->own.filtered += g->own.filtered;
	f->own.delivered += g->own.delivered;
	f->own.ts_backwards += g->own.ts_backwards;
	f->own.snapped += g->own.snapped;
	f->own.skipped_blocks += g->own.skipped_blocks;
}

/* `f` is where it would be, had it walked over these records. */
static void guess_take(struct nsc_rx_file *f, const struct file_block *own, struct nsc_packet *pkt, uint32_t n)
{
	const struct nsc_rx_file *g = &own->g;

	guess_set_clock(f, g, pkt, n);
	guess_add_counters(f, g);
	f->left -= n;
	f->pos = g->pos;
	if (!n)
		return;
	f->own.ts_backwards += pkt[0].ts_ns < f->last_ns;
	f->last_ns = g->last_ns;
}

/* A single reader has asked for the bytes behind the last record, in pieces as large as the blocks. */
static void blocks_count_bytes(struct nsc_rx_file *f, const struct file_block *own, uint64_t at)
{
	uint64_t size = f->blocks->part[own->part].size, bytes = f->blocks->bytes;

	f->own.file_bytes = f->taken_before + NSC_MIN(at / bytes * bytes + bytes, size);
}

static bool block_is_over(const struct nsc_rx_file *f, const struct file_block *own)
{
	return f->state >= NSC_RX_END || f->part != own->part || f->pos >= f->border;
}

/* Blocks ahead may know what the source knows now. */
static void block_leaves(struct nsc_rx_file *f, const struct file_block *own)
{
	if (f->state != NSC_RX_MORE || f->part != own->part)
		return;
	blocks_tell(f);
	if (!f->blocks->open)
		blocks_open_part(f);
}

static void step_tells(const struct nsc_rx_file *f, struct nsc_rx_block_state *state)
{
	state->state = f->state;
	state->clock_ns = f->clock.hand.now_ns;
	state->offset_ns = f->clock.hand.offset_ns;
}

/* What is behind a step: the next file, or where the next block goes on. */
static void step_ends(struct nsc_rx_file *f, struct file_block *own, const struct nsc_packet *pkt, uint32_t n,
		      struct nsc_rx_block_state *state)
{
	struct nsc_file_blocks *b = f->blocks;
	uint64_t at = nsc_file_offset(f, f->pos);

	blocks_count_bytes(f, own, at);
	nsc_file_step_ends(f, pkt, n);
	state->over = block_is_over(f, own);
	if (f->state >= NSC_RX_END)
		blocks_go_on(f, f->n_parts);
	else if (f->part != own->part)
		blocks_go_on(f, f->part);
	else if (state->over)
		b->at = at;
	if (state->over)
		block_leaves(f, own);
	step_tells(f, state);
}

/* Whether a record begins in the block, or the file ends with it. */
static bool block_has_any(const struct nsc_rx_file *f, const struct file_block *own)
{
	return !f->ended && f->part == own->part && (f->blocks->at < own->to || own->last);
}

static void block_enter(struct nsc_rx_file *f, const struct nsc_rx_block *block, const struct file_block *own)
{
	const struct nsc_rx_file *g = &own->g;
	uint64_t have = (uint64_t)(g->end - block->bytes);

	assert(f->blocks->at >= own->from); /* blocks are joined in order */
	f->pos = block->bytes + NSC_MIN(f->blocks->at - own->from, have);
	f->end = g->end;
	f->limit = g->limit;
	f->decoded = g->decoded;
	f->border = own->last ? g->limit + 1 : g->border;
}

static uint32_t file_join(struct nsc_rx *rx, struct nsc_rx_block *block, bool keep, struct nsc_rx_block_state *state)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	struct file_block *own = &f->blocks->block[block->index];
	uint32_t n = block->n;

	block->n = 0;
	state->over = !block_has_any(f, own);
	step_tells(f, state);
	if (state->over) {
		block_leaves(f, own);
		return 0;
	}
	block_enter(f, block, own);
	if (!keep || !guess_stands(f, own, n))
		return 0;
	block->n = n;
	guess_take(f, own, block->pkt, n);
	step_ends(f, own, block->pkt, n, state);
	return n;
}

static uint32_t file_again(struct nsc_rx *rx, struct nsc_rx_block *block, struct nsc_rx_block_state *state)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	struct file_block *own = &f->blocks->block[block->index];
	struct nsc_packet *pkt = block->pkt + block->n;
	uint32_t want = (uint32_t)NSC_MIN(f->left, NSC_MIN(NSC_BURST_MAX, NSC_BLOCK_PACKETS - block->n));
	uint32_t n = f->state == NSC_RX_MORE ? nsc_file_walk_within(f, pkt, want) : 0;

	if (!n && f->state == NSC_RX_MORE && f->stop == NSC_FILE_NEED && f->pos < f->border)
		nsc_file_fill(f);
	block->n += n;
	step_ends(f, own, pkt, n, state);
	return n;
}

ssize_t nsc_file_blocks_read_on(struct nsc_rx_file *f, struct nsc_error *why)
{
	uint64_t left = f->blocks->part[f->part].size - f->decoded;
	size_t room = (size_t)(f->limit - f->end);

	if (!left)
		return 0;
	assert(room); /* a record ends in the room of the block in which it begins */
	return nsc_file_input_read_at(f->input, f->part, f->decoded, f->end,
				      NSC_MIN(NSC_MIN(room, left), (uint64_t)READ_ON), why);
}

static const struct nsc_rx_block_ops file_block_ops = {
	.claim = file_claim,
	.read = file_read,
	.walk = file_walk_block,
	.join = file_join,
	.again = file_again,
};

/* --- open and close --------------------------------------------------------------------------- */

static bool blocks_are_possible(const struct nsc_rx_file *f)
{
	for (uint32_t i = 0; i < f->n_parts; i++)
		if (!nsc_file_input_is_plain(f->input, i))
			return false;
	return true;
}

static int blocks_alloc(struct nsc_rx_file *f, uint32_t blocks)
{
	struct nsc_file_blocks *b = aligned_alloc(NSC_CACHE_LINE, sizeof(*b));

	if (!b)
		return -ENOMEM;
	memset(b, 0, sizeof(*b));
	f->blocks = b;
	b->block = aligned_alloc(NSC_CACHE_LINE, blocks * sizeof(*b->block));
	b->part = calloc(f->n_parts + 1u, sizeof(*b->part));
	b->spare =
		mmap(NULL, INTERFACES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->spare == MAP_FAILED)
		b->spare = NULL;
	return b->block && b->part && b->spare ? 0 : -ENOMEM;
}

int nsc_file_blocks_open(struct nsc_rx_file *f, uint32_t blocks, uint32_t block_bytes)
{
	struct nsc_file_blocks *b;

	if (!blocks_are_possible(f))
		return 0;
	if (block_bytes > NSC_BLOCK_BYTES || (block_bytes && block_bytes < NSC_CACHE_LINE))
		return nsc_fail(&f->rx.error, -EINVAL, "blocks of %u bytes are impossible", block_bytes);
	if (blocks_alloc(f, blocks))
		return nsc_fail(&f->rx.error, -ENOMEM, "no memory to read in %u blocks", blocks);
	b = f->blocks;
	b->bytes = block_bytes ? block_bytes : NSC_BLOCK_BYTES;
	b->n = blocks;
	for (uint32_t i = 0; i < f->n_parts; i++)
		b->part[i].size = nsc_file_input_size(f->input, i);
	b->at = b->first = nsc_file_offset(f, f->pos);
	blocks_tell(f);
	if (!f->begins && !f->in_zeros)
		blocks_open_part(f);
	f->rx.blocks = &file_block_ops;
	return 0;
}

void nsc_file_blocks_close(struct nsc_rx_file *f)
{
	struct nsc_file_blocks *b = f->blocks;

	if (!b)
		return;
	if (b->spare)
		munmap(b->spare, INTERFACES_SIZE);
	free(b->block);
	free(b->part);
	free(b);
}
