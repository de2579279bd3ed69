/* SPDX-License-Identifier: MIT
 *
 * Epochs of one worker on their way to the publisher: chunks of contacts, in order, and a watermark that says which
 * epochs are complete. The watermark alone is what a worker without contacts tells; epochs that the clock passes over
 * cost nothing.
 *
 * Chunks before the watermark is the order of both sides: the worker sends its chunks and then stores the mark
 * (release); the publisher loads the mark (acquire) and then receives, so that a receive that finds nothing means:
 * nothing more below it.
 */
#ifndef NETSCOPE_RINGS_EPOCHS_H
#define NETSCOPE_RINGS_EPOCHS_H

#include "engine/base/idle.h"
#include "engine/detect/contact.h"
#include "engine/rings/channel.h"

#define NSC_EPOCH_CHUNKS 32u
#define NSC_EPOCH_NONE UINT64_MAX

struct nsc_epochs {
	/* read only after open */
	struct nsc_channel *channel;
	struct nsc_idle *worker; /* whom to wake when a chunk has come back */
	struct nsc_idle
		*publisher;  /* whom to wake when one has come, or when the mark moved while it waited for that */
	const bool *waiting; /* the publisher's: it has contacts that wait for watermarks */
	/* the worker's */
	alignas(NSC_CACHE_LINE)
		uint64_t mark; /* epoch in progress; NSC_EPOCH_NONE after the last; read by the publisher */
};

/* 0 or -errno. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_epochs_open(struct nsc_epochs *epochs, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_epochs_bytes(void);

/* An empty chunk, or NULL when the publisher has all. Thread: worker. Allocates, blocks: never. */
struct nsc_epoch_chunk *nsc_epochs_acquire(struct nsc_epochs *epochs, uint64_t epoch);
void nsc_epochs_send(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk);

/* Every chunk of the epochs before `epoch` was sent. NSC_EPOCH_NONE: that was all. Thread: worker. */
void nsc_epochs_mark(struct nsc_epochs *epochs, uint64_t epoch);

/* To be asked before the receive. Thread: publisher. Allocates, blocks: never. */
uint64_t nsc_epochs_marked(const struct nsc_epochs *epochs);
struct nsc_epoch_chunk *nsc_epochs_receive(struct nsc_epochs *epochs);
void nsc_epochs_give_back(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk);

#endif
