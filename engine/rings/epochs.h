/* SPDX-License-Identifier: MIT
 *
 * Epochs of one worker on their way to the publisher: a channel of chunks of contacts, in order, whose mark is the
 * epoch in progress. Every chunk of the epochs before it was sent. A worker without contacts tells nothing but its
 * mark, so epochs that the clock passes over cost nothing.
 *
 * No chunk is free: offline the worker waits (counted DETECT_WAITS); live the contact is not counted (DETECT_SKIPPED).
 */
#ifndef NETSCOPE_RINGS_EPOCHS_H
#define NETSCOPE_RINGS_EPOCHS_H

#include "engine/rings/channel.h"

#define NSC_EPOCH_CHUNKS 32u
#define NSC_EPOCH_NONE NSC_CHANNEL_END
#define NSC_EPOCH_CHUNK_BYTES 32768u

struct nsc_epoch_chunk {
	uint64_t epoch; /* clock_ns / NSC_EPOCH_NS */
	uint32_t n;     /* records */
	uint32_t bytes; /* that they take, 0..sizeof(record) */
	alignas(NSC_CACHE_LINE) uint8_t record[NSC_EPOCH_CHUNK_BYTES - NSC_CACHE_LINE]; /* detect/contact.h */
};

static_assert(sizeof(struct nsc_epoch_chunk) == NSC_EPOCH_CHUNK_BYTES, "whole pages");

struct nsc_epochs {
	struct nsc_channel *channel;
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
nsc_always_inline int nsc_epochs_open(struct nsc_epochs *epochs, struct nsc_arena *arena, struct nsc_error *error)
{
	int failed = nsc_channel_open(&epochs->channel, arena, NSC_EPOCH_CHUNKS, sizeof(struct nsc_epoch_chunk), error);

	if (!failed)
		nsc_channel_populate(epochs->channel);
	return failed;
}

nsc_always_inline uint64_t nsc_epochs_bytes(void)
{
	return NSC_EPOCH_CHUNKS * (uint64_t)sizeof(struct nsc_epoch_chunk);
}

/* Thread: control, before the start. */
nsc_always_inline void nsc_epochs_connect(struct nsc_epochs *epochs, struct nsc_idle *worker,
					  struct nsc_idle *publisher)
{
	nsc_channel_connect(epochs->channel,
			    &(struct nsc_channel_doorbells){ .sender = worker, .receiver = publisher });
}

nsc_always_inline struct nsc_epoch_chunk *nsc_epochs_begin(struct nsc_epoch_chunk *chunk, uint64_t epoch)
{
	chunk->epoch = epoch;
	chunk->n = chunk->bytes = 0;
	return chunk;
}

/* An empty chunk for `epoch`, or NULL when the publisher has all. Thread: worker. Allocates, blocks: never. */
nsc_always_inline struct nsc_epoch_chunk *nsc_epochs_acquire(struct nsc_epochs *epochs, uint64_t epoch)
{
	struct nsc_epoch_chunk *chunk = nsc_channel_acquire(epochs->channel);

	return chunk ? nsc_epochs_begin(chunk, epoch) : NULL;
}

/* The same, but waits for one. Thread: worker. Allocates: never. */
nsc_always_inline struct nsc_epoch_chunk *nsc_epochs_acquire_or_wait(struct nsc_epochs *epochs, uint64_t epoch,
								     struct nsc_counters *counters)
{
	return nsc_epochs_begin(nsc_channel_acquire_or_wait(epochs->channel, counters, NSC_C_DETECT_WAITS), epoch);
}

nsc_always_inline void nsc_epochs_send(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk)
{
	nsc_channel_send(epochs->channel, chunk);
}

/* Every chunk of the epochs before `epoch` was sent. NSC_EPOCH_NONE: that was all. Thread: worker. */
nsc_always_inline void nsc_epochs_mark(struct nsc_epochs *epochs, uint64_t epoch)
{
	nsc_channel_mark(epochs->channel, epoch);
}

/* Ask for the mark before the receive. Thread: publisher. Allocates, blocks: never. */
nsc_always_inline uint64_t nsc_epochs_marked(const struct nsc_epochs *epochs)
{
	return nsc_channel_marked(epochs->channel);
}

/* Whether the publisher has contacts that wait for this worker's mark. Thread: publisher. */
nsc_always_inline void nsc_epochs_await(struct nsc_epochs *epochs, bool awaited)
{
	nsc_channel_await(epochs->channel, awaited);
}

nsc_always_inline struct nsc_epoch_chunk *nsc_epochs_receive(struct nsc_epochs *epochs)
{
	return nsc_channel_receive(epochs->channel);
}

nsc_always_inline void nsc_epochs_give_back(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk)
{
	nsc_channel_give_back(epochs->channel, chunk);
}

#endif
