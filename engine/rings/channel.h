/* SPDX-License-Identifier: MIT
 *
 * A bounded channel from one thread to another: full buffers go forward, empty ones come back. It is the only way in
 * which buffers pass between threads. Snapshots, records, the tap, samples, questions, epochs, alerts and lanes are
 * typed uses of it.
 *
 * Both ways are ck_ring (one producer, one consumer), and channel.c is the only file that knows it. The ways have room
 * for all buffers, so send and give_back never fail. What is bounded is acquire: it finds nothing when every buffer is
 * under way or with the receiver. Then the sender goes without (and counts that), or waits through its idle ladder.
 *
 * Order: send is the release, receive the acquire; on the way back give_back is the release, acquire the acquire.
 *
 * Doorbells: send wakes the receiver, give_back the sender (base/idle.h says why none is lost).
 *
 * Mark (mark.h): beside the buffers the sender may tell how far it has come. What was sent before a mark is received by
 * a receive after that mark was read. The highest mark is the end: nothing more will be sent.
 */
#ifndef NETSCOPE_RINGS_CHANNEL_H
#define NETSCOPE_RINGS_CHANNEL_H

#include "engine/base/arena.h"
#include "engine/rings/mark.h"
#include "netscope/counters.h"

struct nsc_channel;

#define NSC_CHANNEL_BUFFERS_MAX (1u << 20)
#define NSC_CHANNEL_END NSC_MARK_END

/* `buffers` (1..NSC_CHANNEL_BUFFERS_MAX) buffers of `bytes` (>= 1) each, cache line aligned, zeroed, all empty at the
 * sender. They lie side by side. With `present` all are touched, so that nobody faults on them later. 0, or -errno and
 * one sentence. Thread: control. Allocates: all from `arena`. */
int nsc_channel_open(struct nsc_channel **channel, struct nsc_arena *arena, uint32_t buffers, size_t bytes,
		     bool present, struct nsc_error *error);

struct nsc_channel_doorbells {
	struct nsc_idle *sender;   /* rung by give_back; the ladder of acquire_or_wait. NULL: the sender never waits */
	struct nsc_idle *receiver; /* rung by send, mark and end. NULL: the receiver looks by itself */
	/* Batches. A wake-up costs as much as several buffers: */
	uint32_t receiver_above; /* send rings only while more than so many buffers wait for the receiver */
	uint32_t sender_below;   /* give_back rings only while fewer than so many do; 0: always */
	bool resume_below;       /* a sender that has begun to wait goes on no sooner than give_back rings */
	/* For lanes, whose buffers are bursts: doorbells look without a barrier, and may miss a thread that falls
	 * asleep just then. Who sends or gives back rings with nsc_channel_ring_* when it runs out of work. */
	bool hasty;
};

/* Who is woken, and when. Without it nobody is. Thread: control, before the start. */
void nsc_channel_connect(struct nsc_channel *channel, const struct nsc_channel_doorbells *doorbells);

/* --- the sender's side ------------------------------------------------------------------------ */

/* An empty buffer, the longest idle first; NULL when all are under way. Allocates, blocks: never. */
void *nsc_channel_acquire(struct nsc_channel *channel);

/* The same, but never NULL: when all are under way, waits, however long the receiver takes. Of the sender's counters
 * `waits` (class WAIT) counts that, and `waited` (class WAITED) has its cycles, which the stage in progress goes
 * without. A sender is connected. Allocates: never. */
void *nsc_channel_acquire_or_wait(struct nsc_channel *channel, struct nsc_counters *counters, unsigned waits,
				  unsigned waited);

/* Hands over a buffer that acquire returned, once. Allocates, blocks: never. */
void nsc_channel_send(struct nsc_channel *channel, void *buffer);

/* Raises the mark, 0..NSC_CHANNEL_END (after the last send). Rings when the receiver awaits it, and at the end. */
void nsc_channel_mark(struct nsc_channel *channel, uint64_t mark);

/* Wakes the receiver if it sleeps, with a barrier, whatever waits. */
void nsc_channel_ring_receiver(struct nsc_channel *channel);

/* --- the receiver's side ---------------------------------------------------------------------- */

/* The oldest buffer sent, or NULL. Allocates, blocks: never. */
void *nsc_channel_receive(struct nsc_channel *channel);

/* Returns a buffer that receive handed out, once, in any order. Allocates, blocks: never. */
void nsc_channel_give_back(struct nsc_channel *channel, const void *buffer);

/* Whether the sender shall ring when its mark goes up. */
void nsc_channel_await(struct nsc_channel *channel, bool awaited);

bool nsc_channel_awaited(const struct nsc_channel *channel); /* the same thread */

/* 0 before the first. Ask before the receive. */
uint64_t nsc_channel_marked(const struct nsc_channel *channel);
bool nsc_channel_ended(const struct nsc_channel *channel);

/* Wakes the sender if it sleeps, with a barrier, whatever waits. */
void nsc_channel_ring_sender(struct nsc_channel *channel);

/* --- both ------------------------------------------------------------------------------------- */

/* Buffers sent and not yet received, 0..`buffers`: exact for neither side while the other works.
 * Thread: sender or receiver. */
uint32_t nsc_channel_waiting(const struct nsc_channel *channel);

/* Buffer i (0..`buffers` - 1), to lay it out or to make it present before the threads start, and the number of a
 * buffer. Thread: any. */
void *nsc_channel_buffer(const struct nsc_channel *channel, uint32_t i);
uint32_t nsc_channel_index(const struct nsc_channel *channel, const void *buffer);

/* Consistency of both ways, for tests. Thread: any, while both sides stand still. */
bool nsc_channel_valid(const struct nsc_channel *channel);

#endif
