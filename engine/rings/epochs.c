/* SPDX-License-Identifier: MIT
 *
 * A channel of chunks, a watermark, bells.
 */
#include "engine/rings/epochs.h"

int nsc_epochs_open(struct nsc_epochs *epochs, struct nsc_arena *arena, struct nsc_error *error)
{
	int failed = nsc_channel_open(&epochs->channel, arena, NSC_EPOCH_CHUNKS, sizeof(struct nsc_epoch_chunk), error);

	if (!failed)
		nsc_channel_populate(epochs->channel);
	return failed;
}

uint64_t nsc_epochs_bytes(void)
{
	return NSC_EPOCH_CHUNKS * (uint64_t)sizeof(struct nsc_epoch_chunk);
}

struct nsc_epoch_chunk *nsc_epochs_acquire(struct nsc_epochs *epochs, uint64_t epoch)
{
	struct nsc_epoch_chunk *chunk = nsc_channel_acquire(epochs->channel);

	if (!chunk)
		return NULL;
	chunk->epoch = epoch;
	chunk->n = chunk->bytes = 0;
	return chunk;
}

void nsc_epochs_send(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk)
{
	nsc_channel_send(epochs->channel, chunk);
	nsc_idle_ring(epochs->publisher);
}

/* Release: pairs with the acquire in nsc_epochs_marked. The publisher sets `waiting` before it announces that it falls
 * asleep (an exchange) and looks once more after that; here the mark stands before the barrier and `waiting` is read
 * behind it: one of the two sees the other. A publisher that waits for no watermark is not woken ten times a second of
 * packet time. */
void nsc_epochs_mark(struct nsc_epochs *epochs, uint64_t epoch)
{
	__atomic_store_n(&epochs->mark, epoch, __ATOMIC_RELEASE);
#ifdef __SANITIZE_THREAD__
	__atomic_fetch_add(&epochs->mark, 0, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
	if (epoch == NSC_EPOCH_NONE || __atomic_load_n(epochs->waiting, __ATOMIC_RELAXED))
		nsc_idle_ring(epochs->publisher);
}

uint64_t nsc_epochs_marked(const struct nsc_epochs *epochs)
{
	return __atomic_load_n(&epochs->mark, __ATOMIC_ACQUIRE);
}

struct nsc_epoch_chunk *nsc_epochs_receive(struct nsc_epochs *epochs)
{
	return nsc_channel_receive(epochs->channel);
}

void nsc_epochs_give_back(struct nsc_epochs *epochs, struct nsc_epoch_chunk *chunk)
{
	nsc_channel_give_back(epochs->channel, chunk);
	nsc_idle_ring(epochs->worker);
}
