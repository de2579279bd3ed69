/* SPDX-License-Identifier: MIT
 *
 * The only user of Concurrency Kit. ck's loads, stores and fences are assembly, which ThreadSanitizer does not see:
 * the pair is named to it here. `way_put` releases between writing the slot and ck's commit; `way_get` asks for the
 * size first (which loads the producer's tail), acquires, and only then lets ck copy the slot. A slot is written again
 * only after a buffer that was sent later came back on the other way (a way has more slots than there are buffers), so
 * that pair orders the slots too. No suppression is needed.
 */
#include "engine/rings/channel.h"

#include <ck_ring.h>
#include <errno.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define tsan_acquire(p) __tsan_acquire(p)
#define tsan_release(p) __tsan_release(p)
#else
#define tsan_acquire(p) ((void)(p))
#define tsan_release(p) ((void)(p))
#endif

struct way { /* producer's and consumer's index have a cache line each inside ck_ring */
	alignas(NSC_CACHE_LINE) ck_ring_t ring;
	ck_ring_buffer_t *slots;
};

struct nsc_channel {
	struct way forward; /* sender -> receiver */
	struct way back;    /* receiver -> sender */
	uint8_t *buffer;
	size_t stride;
	size_t bytes;
	uint32_t buffers;
	uint32_t slots;
};

/* Cannot be full: there are more slots than buffers. */
static void way_put(struct way *way, void *buffer)
{
	*(void **)ck_ring_enqueue_reserve_spsc(&way->ring, way->slots) = buffer;
	tsan_release(way);
	ck_ring_enqueue_commit_spsc(&way->ring);
}

static void *way_get(struct way *way)
{
	void *buffer;

	if (!ck_ring_size(&way->ring))
		return NULL;
	tsan_acquire(way);
	return ck_ring_dequeue_spsc(&way->ring, way->slots, &buffer) ? buffer : NULL;
}

static uint32_t power_above(uint32_t n)
{
	uint32_t power = 4; /* ck_ring's smallest */

	while (power <= n)
		power *= 2;
	return power;
}

static bool way_init(struct way *way, struct nsc_arena *arena, uint32_t slots)
{
	way->slots = nsc_arena_alloc(arena, slots * sizeof(*way->slots));
	ck_ring_init(&way->ring, slots);
	return way->slots;
}

int nsc_channel_open(struct nsc_channel **channel, struct nsc_arena *arena, uint32_t buffers, size_t bytes,
		     struct nsc_error *error)
{
	size_t stride = (bytes + NSC_CACHE_LINE - 1) / NSC_CACHE_LINE * NSC_CACHE_LINE;
	struct nsc_channel *new = nsc_arena_alloc(arena, sizeof(*new));
	size_t all;

	if (!buffers || buffers > NSC_CHANNEL_BUFFERS_MAX || !stride || __builtin_mul_overflow(stride, buffers, &all))
		return nsc_fail(error, -EINVAL, "a channel of %u buffers of %zu bytes is impossible", buffers, bytes);
	if (!new || !way_init(&new->forward, arena, power_above(buffers)) ||
	    !way_init(&new->back, arena, power_above(buffers)))
		return nsc_fail(error, -ENOMEM, "no memory for a channel");
	new->buffer = nsc_arena_alloc(arena, all);
	if (!new->buffer)
		return nsc_fail(error, -ENOMEM, "no memory for a channel of %u buffers of %zu bytes", buffers, bytes);
	new->stride = stride;
	new->bytes = bytes;
	new->buffers = buffers;
	new->slots = power_above(buffers);
	for (uint32_t i = 0; i < buffers; i++)
		way_put(&new->back, nsc_channel_buffer(new, i));
	*channel = new;
	return 0;
}

void *nsc_channel_acquire(struct nsc_channel *channel)
{
	return way_get(&channel->back);
}

void nsc_channel_send(struct nsc_channel *channel, void *buffer)
{
	way_put(&channel->forward, buffer);
}

void *nsc_channel_receive(struct nsc_channel *channel)
{
	return way_get(&channel->forward);
}

void nsc_channel_give_back(struct nsc_channel *channel, void *buffer)
{
	way_put(&channel->back, buffer);
}

uint32_t nsc_channel_waiting(const struct nsc_channel *channel)
{
	return ck_ring_size(&channel->forward.ring);
}

void *nsc_channel_buffer(const struct nsc_channel *channel, uint32_t i)
{
	return channel->buffer + i * channel->stride;
}

uint32_t nsc_channel_index(const struct nsc_channel *channel, const void *buffer)
{
	return (uint32_t)((size_t)((const uint8_t *)buffer - channel->buffer) / channel->stride);
}

uint32_t nsc_channel_buffers(const struct nsc_channel *channel)
{
	return channel->buffers;
}

size_t nsc_channel_buffer_bytes(const struct nsc_channel *channel)
{
	return channel->bytes;
}

void nsc_channel_populate(struct nsc_channel *channel)
{
	nsc_arena_populate(channel->buffer, channel->stride * channel->buffers);
	nsc_arena_populate(channel->forward.slots, channel->slots * sizeof(*channel->forward.slots));
}

/* ck_ring_valid looks at p_head, which only producers that compete move on. */
static bool way_valid(const struct way *way, uint32_t buffers)
{
	return !(way->ring.size & (way->ring.size - 1)) && way->ring.mask == way->ring.size - 1 &&
	       way->ring.p_tail - way->ring.c_head <= buffers;
}

bool nsc_channel_valid(const struct nsc_channel *channel)
{
	return way_valid(&channel->forward, channel->buffers) && way_valid(&channel->back, channel->buffers) &&
	       ck_ring_size(&channel->forward.ring) + ck_ring_size(&channel->back.ring) <= channel->buffers;
}
