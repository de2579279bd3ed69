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
#define NSC_EPOCHS_BYTES ((uint64_t)NSC_EPOCH_CHUNKS * NSC_EPOCH_CHUNK_BYTES) /* of one worker */

struct nsc_epoch_chunk {
	uint64_t epoch;     /* clock_ns / NSC_EPOCH_NS */
	uint64_t offset_ns; /* packet time minus clock when the epoch began, modulo 2^64 */
	uint32_t n;         /* records */
	uint32_t bytes;     /* that they take, 0..sizeof(record) */
	alignas(NSC_CACHE_LINE) uint8_t record[NSC_EPOCH_CHUNK_BYTES - NSC_CACHE_LINE]; /* detect/contact.h */
};

static_assert(sizeof(struct nsc_epoch_chunk) == NSC_EPOCH_CHUNK_BYTES, "whole pages");

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
nsc_always_inline int nsc_epochs_open(struct nsc_channel **epochs, struct nsc_arena *arena, struct nsc_error *error)
{
	return nsc_channel_open(epochs, arena, NSC_EPOCH_CHUNKS, sizeof(struct nsc_epoch_chunk), true, error);
}

/* Makes the chunk that was acquired, or NULL, an empty one of `epoch`. Thread: worker. */
nsc_always_inline struct nsc_epoch_chunk *nsc_epochs_begin(struct nsc_epoch_chunk *chunk, uint64_t epoch)
{
	if (!chunk)
		return NULL;
	chunk->epoch = epoch;
	chunk->n = chunk->bytes = 0;
	return chunk;
}

#endif
