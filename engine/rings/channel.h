/* SPDX-License-Identifier: MIT
 *
 * A bounded channel between two threads: full buffers go forward, empty ones come back. Both ways are ck_ring
 * (one producer, one consumer), and channel.c is the only file that knows it.
 *
 * The ways are laid out for all buffers, so that send and give_back never fail: what is bounded is acquire, which finds
 * nothing when every buffer is with the receiver. Whoever sends a buffer writes it before, whoever receives it sees it
 * whole: send is the release, receive the acquire; and the same backwards for give_back and acquire.
 */
#ifndef NETSCOPE_RINGS_CHANNEL_H
#define NETSCOPE_RINGS_CHANNEL_H

#include "engine/base/arena.h"

struct nsc_channel;

#define NSC_CHANNEL_BUFFERS_MAX (1u << 20)

/* `buffers` (1..NSC_CHANNEL_BUFFERS_MAX) buffers of `bytes` each, cache line aligned, zeroed, all empty at the sender.
 * They lie side by side. 0 or -errno. Thread: control. Allocates: all from `arena`. */
int nsc_channel_open(struct nsc_channel **channel, struct nsc_arena *arena, uint32_t buffers, size_t bytes,
		     struct nsc_error *error);

/* An empty buffer, the longest idle first; NULL when all are under way. Thread: sender. Allocates, blocks: never. */
void *nsc_channel_acquire(struct nsc_channel *channel);

/* Hands over a buffer that acquire returned. Thread: sender. Allocates, blocks: never. */
void nsc_channel_send(struct nsc_channel *channel, void *buffer);

/* The oldest buffer sent, or NULL. Thread: receiver. Allocates, blocks: never. */
void *nsc_channel_receive(struct nsc_channel *channel);

/* Returns a buffer that receive handed out, in any order. Thread: receiver. Allocates, blocks: never. */
void nsc_channel_give_back(struct nsc_channel *channel, void *buffer);

/* Buffers sent and not yet received: exact for neither side while the other works, never more than `buffers`.
 * Thread: sender or receiver. */
uint32_t nsc_channel_waiting(const struct nsc_channel *channel);

/* The i-th buffer, to lay it out or to make it present before the threads start, and the number of a buffer. */
void *nsc_channel_buffer(const struct nsc_channel *channel, uint32_t i);
uint32_t nsc_channel_index(const struct nsc_channel *channel, const void *buffer);
uint32_t nsc_channel_buffers(const struct nsc_channel *channel);
size_t nsc_channel_buffer_bytes(const struct nsc_channel *channel);

/* Touches every buffer and both ways, so that nobody faults on them later. Thread: control. */
void nsc_channel_populate(struct nsc_channel *channel);

/* Consistency of both ways, for tests. Thread: any, while both sides stand still. */
bool nsc_channel_valid(const struct nsc_channel *channel);

#endif
