/* SPDX-License-Identifier: MIT
 *
 * Merging: the heads are looked through for each packet, for there are as many as workers.
 */
#include "engine/rings/tap_merge.h"

#include <errno.h>

#include "engine/rings/packet_copy.h"

int nsc_tap_merge_open(struct nsc_tap_merge **merge, struct nsc_arena *arena, struct nsc_tap *const *tap, uint32_t n,
		       struct nsc_error *error)
{
	struct nsc_tap_merge *m = nsc_arena_alloc(arena, sizeof(*m));
	const struct nsc_packet_chunk *like;

	if (!m)
		return nsc_fail(error, -ENOMEM, "no memory to merge %u taps", n);
	m->tap = tap;
	m->n = n;
	like = nsc_channel_buffer(tap[0]->channel, 0);
	m->out = nsc_arena_alloc(arena, sizeof(*m->out) + like->room);
	if (!m->out)
		return nsc_fail(error, -ENOMEM, "no memory to merge %u taps", n);
	m->out->room = like->room;
	m->out->frame = like->frame;
	*merge = m;
	return 0;
}

/* --- heads ------------------------------------------------------------------------------------ */

/* The mark is asked for before the chunk: a chunk that was sent before the clock was told, or before the end, is seen
 * by the receive that follows. */
static void tap_merge_refill(struct nsc_tap_merge *m, uint32_t i)
{
	struct nsc_tap_head *head = &m->head[i];

	head->clock_ns = nsc_channel_marked(m->tap[i]->channel);
	head->chunk = nsc_channel_receive(m->tap[i]->channel);
	if (!head->chunk)
		return;
	head->next = nsc_packet_first(head->chunk);
	head->left = head->chunk->n;
}

static void tap_merge_refill_all(struct nsc_tap_merge *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (!m->head[i].chunk)
			tap_merge_refill(m, i);
}

static void tap_merge_step(struct nsc_tap_merge *m, uint32_t i)
{
	struct nsc_tap_head *head = &m->head[i];

	head->number = head->next->number;
	head->next = nsc_packet_next(head->next);
	if (--head->left)
		return;
	nsc_channel_give_back(m->tap[i]->channel, head->chunk);
	tap_merge_refill(m, i);
}

/* --- the order -------------------------------------------------------------------------------- */

/* The tap with the oldest packet at hand; n when there is none. */
static uint32_t tap_merge_oldest(const struct nsc_tap_merge *m)
{
	uint32_t best = m->n;

	for (uint32_t i = 0; i < m->n; i++)
		if (m->head[i].chunk && (best == m->n || m->head[i].next->ts_ns < m->head[best].next->ts_ns))
			best = i;
	return best;
}

/* The taps that could still bring an older one are asked to tell when they cannot any more. */
static bool tap_merge_must_wait(struct nsc_tap_merge *m, uint64_t ts_ns)
{
	bool wait = false;

	for (uint32_t i = 0; i < m->n; i++) {
		bool awaited = !m->head[i].chunk && m->head[i].clock_ns < ts_ns;

		nsc_channel_await(m->tap[i]->channel, awaited);
		wait |= awaited;
	}
	return wait;
}

/* More than half of a tap's chunks wait for the writer. */
static bool tap_merge_is_pressed(const struct nsc_tap_merge *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (nsc_channel_waiting(m->tap[i]->channel) > m->tap[i]->chunks / 2)
			return true;
	return false;
}

/* --- giving ----------------------------------------------------------------------------------- */

static bool tap_merge_has_room(const struct nsc_tap_merge *m, const struct nsc_packet_record *record)
{
	return nsc_packet_fits(m->out, nsc_packet_framed_size(m->out->frame, record->len));
}

/* Numbers go on over all taps; what one of them has dropped leaves its gap. */
static void tap_merge_give(struct nsc_tap_merge *m, uint32_t i)
{
	const struct nsc_packet_record *record = m->head[i].next;
	struct nsc_packet_record given = *record;

	m->number += record->number - m->head[i].number;
	given.number = m->number;
	nsc_packet_append(m->out, given, nsc_packet_bytes(record), nsc_packet_framed_size(m->out->frame, record->len));
	tap_merge_step(m, i);
}

const struct nsc_packet_chunk *nsc_tap_merge_next(struct nsc_tap_merge *m)
{
	bool pressed = tap_merge_is_pressed(m);

	m->out->n = m->out->bytes = 0;
	tap_merge_refill_all(m);
	for (uint32_t i = tap_merge_oldest(m); i < m->n && tap_merge_has_room(m, m->head[i].next);
	     i = tap_merge_oldest(m)) {
		bool early = tap_merge_must_wait(m, m->head[i].next->ts_ns);

		if (early && !pressed)
			break;
		nsc_count(&m->counters, NSC_C_TAP_EARLY, early);
		tap_merge_give(m, i);
	}
	return m->out->n ? m->out : NULL;
}
