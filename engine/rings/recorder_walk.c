/* SPDX-License-Identifier: MIT
 *
 * Walks over the rings of all workers.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/rings/recorder.h"
#include "engine/rings/recorder_copy.h"
#include "engine/rings/recorder_parts.h"

enum { LOOKS = 64 }; /* packets of one call */

/* --- one ring --------------------------------------------------------------------------------- */

static uint64_t walk_tail(const struct nsc_recorder_ring *ring)
{
	return __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE); /* partner: recorder_forget */
}

/* Whether a block is still there, after something in it was read. */
static bool walk_is_there(const struct nsc_recorder_ring *ring, uint64_t block)
{
	nsc_recorder_got();
	return walk_tail(ring) <= block;
}

/* What is known of block `number`: false if it has not begun, or is gone. */
static bool walk_block(const struct nsc_recorder_ring *ring, uint64_t number, struct nsc_recorder_block *out)
{
	const struct nsc_recorder_block *block = &ring->block[nsc_recorder_slot(ring, number)];

	if (__atomic_load_n(&block->number, __ATOMIC_ACQUIRE) != number) /* partner: recorder_describe_block */
		return false;
	out->number = number;
	out->first = nsc_recorder_get_word(&block->first);
	out->clock_ns = nsc_recorder_get_word(&block->clock_ns);
	out->time_ns = nsc_recorder_get_word(&block->time_ns);
	out->latest_ns = nsc_recorder_get_word(&block->latest_ns);
	return walk_is_there(ring, number);
}

/* The oldest block that is there, and what is known of it. A block stays for as long as the others take to fill, so a
 * second try is rare, and a third one would mean that this thread did not run meanwhile. False before the first packet.
 */
static bool walk_oldest(const struct nsc_recorder_ring *ring, struct nsc_recorder_block *out)
{
	for (uint64_t tail = walk_tail(ring), before;; tail = walk_tail(ring)) {
		if (walk_block(ring, tail, out))
			return true;
		before = tail;
		if (walk_tail(ring) == before)
			return false;
	}
}

/* Blocks before `block` may be overwritten, as far as this walk goes. */
static void walk_hold(struct nsc_recorder_walk *walk, uint32_t i, uint64_t block)
{
	struct nsc_recorder_ring *ring = walk->recorder->ring[i];

	if (!walk->hold)
		return;
	__atomic_store_n(&ring->held[walk->index], block, __ATOMIC_RELEASE); /* partner: recorder_oldest_held */
	nsc_idle_ring(&ring->idle);
}

static void walk_move(struct nsc_recorder_walk *walk, uint32_t i, const struct nsc_recorder_block *block)
{
	struct nsc_recorder_walk_ring *at = &walk->ring[i];

	at->block = block->number;
	at->at = 0;
	at->next = block->first;
	at->has = false;
	walk_hold(walk, i, block->number);
}

/* What comes next is gone: on with the oldest that is there. */
static void walk_fall_behind(struct nsc_recorder_walk *walk, uint32_t i)
{
	struct nsc_recorder_walk_ring *at = &walk->ring[i];
	struct nsc_recorder_block oldest;
	uint64_t next = at->next;

	if (!walk_oldest(walk->recorder->ring[i], &oldest))
		return;
	walk_move(walk, i, &oldest);
	walk->numbers.overwritten += NSC_MIN(at->next, at->until) - NSC_MIN(next, at->until);
}

/* The next packet's head; it has been recorded. False when it is gone. */
static bool walk_read_head(struct nsc_recorder_walk *walk, uint32_t i)
{
	const struct nsc_recorder_ring *ring = walk->recorder->ring[i];
	struct nsc_recorder_walk_ring *at = &walk->ring[i];
	struct nsc_recorder_block next;

	if (walk_block(ring, at->block + 1, &next) && next.first == at->next)
		walk_move(walk, i, &next);
	nsc_recorder_get(&at->head, ring->data + nsc_recorder_slot(ring, at->block) * ring->block_bytes + at->at,
			 sizeof(at->head));
	at->has = walk_is_there(ring, at->block);
	return at->has;
}

static void walk_pass(struct nsc_recorder_walk_ring *at)
{
	at->at += nsc_recorder_size(at->head.len);
	at->next++;
	at->has = false;
}

/* --- several rings ---------------------------------------------------------------------------- */

struct walk_look {     /* at the rings, for the next packet of all */
	int best;      /* whose it is; -1: there is none */
	bool ended;    /* nothing more will come from any */
	bool in_order; /* no other worker may still record one before it */
	bool somebody_waits;
};

/* Up to which clock a ring without a packet has brought everything: read before a look whether there is one. */
static uint64_t walk_clock(const struct nsc_recorder_ring *ring)
{
	uint64_t clock_ns = __atomic_load_n(&ring->clock_ns, __ATOMIC_ACQUIRE); /* partner: nsc_recorder_advance */

	return __atomic_load_n(&ring->ended, __ATOMIC_ACQUIRE) ? UINT64_MAX : clock_ns;
}

/* Whether a packet of ring `i` is there; else nothing before *clock_ns will come. */
static bool walk_look_at(struct nsc_recorder_walk *walk, uint32_t i, uint64_t *clock_ns)
{
	const struct nsc_recorder_ring *ring = walk->recorder->ring[i];
	struct nsc_recorder_walk_ring *at = &walk->ring[i];

	while (!at->has) {
		uint64_t recorded;

		*clock_ns = walk->last ? UINT64_MAX : walk_clock(ring);
		recorded = __atomic_load_n(&ring->recorded, __ATOMIC_ACQUIRE); /* partner: recorder_publish */
		if (at->next >= NSC_MIN(at->until, recorded))
			return false;
		if (!walk_read_head(walk, i))
			walk_fall_behind(walk, i);
	}
	return true;
}

static struct walk_look walk_look(struct nsc_recorder_walk *walk)
{
	struct walk_look look = { .best = -1, .ended = true };
	uint64_t best_ns = UINT64_MAX, first_to_come_ns = UINT64_MAX;

	for (uint32_t i = 0; i < walk->recorder->workers; i++) {
		uint64_t clock_ns = UINT64_MAX;

		if (walk_look_at(walk, i, &clock_ns)) {
			if (look.best < 0 || walk->ring[i].head.clock_ns < best_ns) {
				look.best = (int)i;
				best_ns = walk->ring[i].head.clock_ns;
			}
		} else {
			first_to_come_ns = NSC_MIN(first_to_come_ns, clock_ns);
		}
		look.somebody_waits |= __atomic_load_n(&walk->recorder->ring[i]->waits, __ATOMIC_ACQUIRE);
	}
	look.ended = first_to_come_ns == UINT64_MAX;
	look.in_order = look.ended || first_to_come_ns > best_ns;
	return look;
}

/* Its bytes; false when they are gone. */
static bool walk_copy(struct nsc_recorder_walk *walk, uint32_t i)
{
	const struct nsc_recorder_ring *ring = walk->recorder->ring[i];
	const struct nsc_recorder_walk_ring *at = &walk->ring[i];
	const struct nsc_recorder_head *head = &at->head;

	nsc_recorder_get(walk->bytes,
			 ring->data + nsc_recorder_slot(ring, at->block) * ring->block_bytes + at->at + sizeof(*head),
			 head->len);
	if (!walk_is_there(ring, at->block))
		return false;
	walk->record = (struct nsc_packet_record){
		.number = at->next + 1,
		.ts_ns = head->ts_ns,
		.cap_len = head->cap_len,
		.wire_len = head->wire_len,
		.len = head->len,
		.bytes_at = (int32_t)(offsetof(struct nsc_recorder_walk, bytes) -
				      offsetof(struct nsc_recorder_walk, record)),
		.linktype = head->linktype,
		.link = nsc_link_of(head->linktype),
		.fate = head->fate,
		.interface = head->interface,
	};
	return true;
}

enum nsc_recorder_state nsc_recorder_walk_next(struct nsc_recorder_walk *walk, const struct nsc_packet_record **record)
{
	*record = NULL;
	for (uint32_t looks = 0; looks < LOOKS; looks++) {
		struct walk_look look = walk_look(walk);
		struct nsc_recorder_walk_ring *at = &walk->ring[NSC_MAX(look.best, 0)];

		if (look.best < 0)
			return look.ended ? NSC_RECORDER_END : NSC_RECORDER_NOTHING;
		if (!look.in_order && !(walk->hold && look.somebody_waits))
			return NSC_RECORDER_NOTHING;
		if (at->head.ts_ns < walk->from_ns || at->head.ts_ns > walk->to_ns) {
			walk_pass(at);
			walk->numbers.passed++;
			continue;
		}
		if (!walk_copy(walk, (uint32_t)look.best)) {
			walk_fall_behind(walk, (uint32_t)look.best);
			continue;
		}
		walk_pass(at);
		walk->numbers.packets++;
		walk->numbers.bytes += walk->record.len;
		walk->numbers.early += !look.in_order;
		*record = &walk->record;
		return NSC_RECORDER_PACKET;
	}
	return NSC_RECORDER_MORE;
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* The block with which a walk begins in this ring. A walk that holds says so first, and begins behind what its owner
 * has claimed before that. */
static void walk_begin(struct nsc_recorder_walk *walk, uint32_t i)
{
	struct nsc_recorder_ring *ring = walk->recorder->ring[i];
	struct nsc_recorder_block block = { .number = 0 }, next;

	walk->ring[i] = (struct nsc_recorder_walk_ring){ .until = UINT64_MAX };
	if (walk->hold) {
		__atomic_store_n(&ring->held[walk->index], 0, __ATOMIC_RELAXED);
		nsc_idle_barrier(&ring->idle); /* partner: recorder_forget */
		block.number = __atomic_load_n(&ring->claimed, __ATOMIC_RELAXED);
	}
	if (!walk->hold || !walk_block(ring, block.number, &block))
		walk_oldest(ring, &block);
	while (block.latest_ns < walk->from_ns && walk_block(ring, block.number + 1, &next))
		block = next;
	walk_move(walk, i, &block);
}

int nsc_recorder_walk_open(struct nsc_recorder_walk **out, struct nsc_recorder *recorder,
			   const struct nsc_recorder_walk_options *options, struct nsc_error *error)
{
	struct nsc_recorder_walk *walk = NULL;

	if (options->from_ns > options->to_ns)
		return nsc_fail(error, -EINVAL,
				"recorded packets from %" PRIu64 " ns to %" PRIu64 " ns: it ends before it begins",
				options->from_ns, options->to_ns);
	for (uint32_t i = 0; i < NSC_RECORDER_WALKS && !walk; i++)
		if (!__atomic_exchange_n(&recorder->walk[i].taken, true, __ATOMIC_ACQUIRE))
			walk = &recorder->walk[i];
	if (!walk)
		return nsc_fail(error, -EBUSY, "%u recordings are being written already, and no more at a time can be",
				NSC_RECORDER_WALKS);
	walk->hold = options->hold && !recorder->ring[0]->live;
	walk->last = false;
	walk->from_ns = options->from_ns;
	walk->to_ns = options->to_ns;
	walk->numbers = (struct nsc_recorder_numbers){ .packets = 0 };
	for (uint32_t i = 0; i < recorder->workers; i++)
		walk_begin(walk, i);
	*out = walk;
	return 0;
}

void nsc_recorder_walk_until_now(struct nsc_recorder_walk *walk)
{
	for (uint32_t i = 0; i < walk->recorder->workers; i++)
		walk->ring[i].until = __atomic_load_n(&walk->recorder->ring[i]->recorded, __ATOMIC_ACQUIRE);
	walk->last = true;
}

struct nsc_recorder_numbers nsc_recorder_walk_numbers(const struct nsc_recorder_walk *walk)
{
	return walk->numbers;
}

void nsc_recorder_walk_close(struct nsc_recorder_walk *walk)
{
	if (!walk)
		return;
	for (uint32_t i = 0; i < walk->recorder->workers; i++)
		walk_hold(walk, i, UINT64_MAX);
	__atomic_store_n(&walk->taken, false, __ATOMIC_RELEASE);
}

/* --- numbers ---------------------------------------------------------------------------------- */

uint32_t nsc_recorder_workers(const struct nsc_recorder *recorder)
{
	return recorder->workers;
}

uint64_t nsc_recorder_clock(const struct nsc_recorder *recorder)
{
	uint64_t least_ns = UINT64_MAX;

	for (uint32_t i = 0; i < recorder->workers; i++) {
		const struct nsc_recorder_ring *ring = recorder->ring[i];
		uint64_t time_ns = __atomic_load_n(&ring->time_ns, __ATOMIC_ACQUIRE);

		if (!__atomic_load_n(&ring->ended, __ATOMIC_ACQUIRE))
			least_ns = NSC_MIN(least_ns, time_ns);
	}
	return least_ns;
}

void nsc_recorder_span(const struct nsc_recorder *recorder, uint32_t worker, struct nsc_recorder_span *span)
{
	const struct nsc_recorder_ring *ring = recorder->ring[worker];
	struct nsc_recorder_block oldest;
	uint64_t recorded, clock_ns, time_ns;

	*span = (struct nsc_recorder_span){ .oldest_ns = NSC_UNKNOWN, .newest_ns = NSC_UNKNOWN };
	if (!walk_oldest(ring, &oldest))
		return;
	recorded = __atomic_load_n(&ring->recorded, __ATOMIC_ACQUIRE);
	clock_ns = __atomic_load_n(&ring->clock_ns, __ATOMIC_ACQUIRE);
	time_ns = __atomic_load_n(&ring->time_ns, __ATOMIC_RELAXED);
	span->oldest_ns = oldest.time_ns;
	span->newest_ns = NSC_MAX(time_ns, oldest.time_ns);
	span->held_ns = NSC_MAX(clock_ns, oldest.clock_ns) - oldest.clock_ns;
	span->packets = NSC_MAX(recorded, oldest.first) - oldest.first;
	span->wrapped = oldest.number > 0;
}

uint64_t nsc_recorder_held_since(const struct nsc_recorder *recorder)
{
	uint64_t since = 0;

	for (uint32_t i = 0; i < nsc_recorder_workers(recorder); i++) {
		struct nsc_recorder_span span;

		nsc_recorder_span(recorder, i, &span);
		if (span.wrapped && span.oldest_ns != NSC_UNKNOWN)
			since = NSC_MAX(since, span.oldest_ns);
	}
	return since;
}
