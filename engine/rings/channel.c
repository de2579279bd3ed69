/* SPDX-License-Identifier: MIT
 *
 * The only user of Concurrency Kit. ck's loads, stores and fences are assembly, which ThreadSanitizer does not see:
 * the pair is named to it here. `way_put` releases between writing the slot and ck's commit. In such builds `way_get`
 * asks for the size first (which loads the producer's tail), acquires, and only then lets ck copy the slot. A slot is
 * written again only after a buffer that was sent later came back on the other way (a way has more slots than there are
 * buffers), so that pair orders the slots too. No suppression is needed.
 */
#include "engine/rings/channel.h"

#include <ck_ring.h>
#include <errno.h>

#include "engine/base/assert.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

struct way { /* producer's and consumer's index have a cache line each inside ck_ring */
	alignas(NSC_CACHE_LINE) ck_ring_t ring;
	ck_ring_buffer_t *slots;
};

struct nsc_channel {
	struct way forward; /* sender -> receiver */
	struct way back;    /* receiver -> sender */
	/* read only after the start */
	alignas(NSC_CACHE_LINE) struct nsc_channel_doorbells doorbells;
	uint8_t *buffer;
	size_t stride;
	size_t bytes;
	uint32_t buffers;
	uint32_t slots;
	uint64_t inverse; /* of the stride in cache lines, in 2^-32, rounded up: a division costs more than the rest */
	uint8_t *sender_has;   /* [buffers], the sender's: 1 from acquire to send */
	uint8_t *receiver_has; /* [buffers], the receiver's: 1 from receive to give_back */
	/* the sender's; read by the receiver */
	alignas(NSC_CACHE_LINE) uint64_t mark;
	/* the receiver's; read by the sender */
	alignas(NSC_CACHE_LINE) bool awaited;
};

/* --- the ways --------------------------------------------------------------------------------- */

/* Cannot be full: there are more slots than buffers. */
static void way_put(struct way *way, void *buffer)
{
	*(void **)ck_ring_enqueue_reserve_spsc(&way->ring, way->slots) = buffer;
#ifdef __SANITIZE_THREAD__
	__tsan_release(way);
#endif
	ck_ring_enqueue_commit_spsc(&way->ring);
}

static void *way_get(struct way *way)
{
	void *buffer;

#ifdef __SANITIZE_THREAD__
	if (!ck_ring_size(&way->ring))
		return NULL;
	__tsan_acquire(way);
#endif
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

	if (!buffers || buffers > NSC_CHANNEL_BUFFERS_MAX || !stride || __builtin_mul_overflow(stride, buffers, &all) ||
	    all / NSC_CACHE_LINE > UINT32_MAX)
		return nsc_fail(error, -EINVAL, "a channel of %u buffers of %zu bytes is impossible", buffers, bytes);
	if (!new || !way_init(&new->forward, arena, power_above(buffers)) ||
	    !way_init(&new->back, arena, power_above(buffers)))
		return nsc_fail(error, -ENOMEM, "no memory for a channel");
	new->buffer = nsc_arena_alloc(arena, all);
	new->sender_has = nsc_arena_alloc(arena, buffers);
	new->receiver_has = nsc_arena_alloc(arena, buffers);
	if (!new->buffer || !new->sender_has || !new->receiver_has)
		return nsc_fail(error, -ENOMEM, "no memory for a channel of %u buffers of %zu bytes", buffers, bytes);
	new->stride = stride;
	new->inverse = (1ull << 32) / (stride / NSC_CACHE_LINE) + 1;
	new->doorbells.sender_below = UINT32_MAX;
	new->bytes = bytes;
	new->buffers = buffers;
	new->slots = power_above(buffers);
	for (uint32_t i = 0; i < buffers; i++)
		way_put(&new->back, nsc_channel_buffer(new, i));
	*channel = new;
	return 0;
}

void nsc_channel_connect(struct nsc_channel *channel, const struct nsc_channel_doorbells *doorbells)
{
	channel->doorbells = *doorbells;
	if (!channel->doorbells.sender_below)
		channel->doorbells.sender_below = UINT32_MAX;
	nsc_assert(!doorbells->hasty || (doorbells->sender && doorbells->receiver),
		   "hasty doorbells stand at both ends of a channel");
}

/* --- who has a buffer ------------------------------------------------------------------------- */

static void *channel_take(const struct nsc_channel *channel, uint8_t *has, void *buffer)
{
	if (buffer)
		has[nsc_channel_index(channel, buffer)] = 1;
	return buffer;
}

/* A buffer that is sent or given back twice would be with two threads at once, and one that comes from elsewhere with
 * nobody knows whom. */
static void channel_let_go(const struct nsc_channel *channel, uint8_t *has, const void *buffer)
{
	uint32_t i = nsc_channel_index(channel, buffer);

	nsc_assert(i < channel->buffers && nsc_channel_buffer(channel, i) == buffer,
		   "a buffer goes back to the channel that it came from");
	nsc_assert(has[i], "a buffer is sent and given back once, by the thread that has it");
	has[i] = 0;
}

/* --- doorbells -------------------------------------------------------------------------------- */

static void channel_ring(struct nsc_idle *idle)
{
	if (idle)
		nsc_idle_ring(idle);
}

void nsc_channel_ring_receiver(struct nsc_channel *channel)
{
	channel_ring(channel->doorbells.receiver);
}

void nsc_channel_ring_sender(struct nsc_channel *channel)
{
	channel_ring(channel->doorbells.sender);
}

/* Whether the sender's doorbell is to ring. Only the receiver makes this number smaller. */
static bool channel_is_below(const struct nsc_channel *channel)
{
	return nsc_channel_waiting(channel) < channel->doorbells.sender_below;
}

static bool channel_is_above(const struct nsc_channel *channel)
{
	return nsc_channel_waiting(channel) > channel->doorbells.receiver_above;
}

/* --- buffers ---------------------------------------------------------------------------------- */

void *nsc_channel_acquire(struct nsc_channel *channel)
{
	void *buffer = way_get(&channel->back);

	return channel->doorbells.hasty ? buffer : channel_take(channel, channel->sender_has, buffer);
}

static __attribute__((noinline)) void *channel_wait(struct nsc_channel *channel)
{
	const struct nsc_channel_doorbells *doorbells = &channel->doorbells;
	void *buffer;

	nsc_assert(doorbells->sender, "a sender that waits has a doorbell");
	nsc_channel_ring_receiver(channel);
	while ((doorbells->resume_below && !channel_is_below(channel)) || !(buffer = nsc_channel_acquire(channel)))
		nsc_idle_wait(doorbells->sender);
	nsc_idle_reset(doorbells->sender);
	return buffer;
}

void *nsc_channel_acquire_or_wait(struct nsc_channel *channel, struct nsc_counters *counters, unsigned counter)
{
	void *buffer = nsc_channel_acquire(channel);

	if (nsc_likely(buffer))
		return buffer;
	nsc_count(counters, counter, 1);
	return channel_wait(channel);
}

void nsc_channel_send(struct nsc_channel *channel, void *buffer)
{
	if (channel->doorbells.hasty) {
		way_put(&channel->forward, buffer);
		if (nsc_unlikely(nsc_idle_asleep(channel->doorbells.receiver)) && channel_is_above(channel))
			nsc_idle_wake(channel->doorbells.receiver);
		return;
	}
	channel_let_go(channel, channel->sender_has, buffer);
	way_put(&channel->forward, buffer);
	if (channel_is_above(channel))
		nsc_channel_ring_receiver(channel);
}

void *nsc_channel_receive(struct nsc_channel *channel)
{
	void *buffer = way_get(&channel->forward);

	return channel->doorbells.hasty ? buffer : channel_take(channel, channel->receiver_has, buffer);
}

void nsc_channel_give_back(struct nsc_channel *channel, void *buffer)
{
	if (channel->doorbells.hasty) {
		way_put(&channel->back, buffer);
		if (nsc_unlikely(nsc_idle_asleep(channel->doorbells.sender)) && channel_is_below(channel))
			nsc_idle_wake(channel->doorbells.sender);
		return;
	}
	channel_let_go(channel, channel->receiver_has, buffer);
	way_put(&channel->back, buffer);
	if (channel_is_below(channel))
		nsc_channel_ring_sender(channel);
}

/* --- the mark --------------------------------------------------------------------------------- */

bool nsc_channel_awaited(const struct nsc_channel *channel)
{
	return __atomic_load_n(&channel->awaited, __ATOMIC_RELAXED);
}

/* Release: pairs with the acquire in nsc_channel_marked. The receiver sets `awaited`, announces its sleep with an
 * exchange, and looks at the mark once more. Here the mark stands before the barrier, and `awaited` is read behind it:
 * at least one of the two sees the other. A receiver that awaits no mark is not woken for each. */
void nsc_channel_mark(struct nsc_channel *channel, uint64_t mark)
{
	if (mark <= channel->mark)
		return;
	__atomic_store_n(&channel->mark, mark, __ATOMIC_RELEASE);
#ifdef __SANITIZE_THREAD__
	__atomic_fetch_add(&channel->mark, 0, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
	if (mark == NSC_CHANNEL_END || nsc_channel_awaited(channel))
		nsc_channel_ring_receiver(channel);
}

void nsc_channel_end(struct nsc_channel *channel)
{
	nsc_channel_mark(channel, NSC_CHANNEL_END);
}

void nsc_channel_await(struct nsc_channel *channel, bool awaited)
{
	if (channel->awaited != awaited)
		__atomic_store_n(&channel->awaited, awaited, __ATOMIC_RELAXED);
}

uint64_t nsc_channel_marked(const struct nsc_channel *channel)
{
	return __atomic_load_n(&channel->mark, __ATOMIC_ACQUIRE);
}

bool nsc_channel_ended(const struct nsc_channel *channel)
{
	return nsc_channel_marked(channel) == NSC_CHANNEL_END;
}

/* --- both sides ------------------------------------------------------------------------------- */

uint32_t nsc_channel_waiting(const struct nsc_channel *channel)
{
	return ck_ring_size(&channel->forward.ring);
}

void *nsc_channel_buffer(const struct nsc_channel *channel, uint32_t i)
{
	return channel->buffer + i * channel->stride;
}

/* Exact for the start of a buffer, since all of them together have fewer than 2^32 lines. */
uint32_t nsc_channel_index(const struct nsc_channel *channel, const void *buffer)
{
	uint64_t line = (uint64_t)((const uint8_t *)buffer - channel->buffer) / NSC_CACHE_LINE;

	return (uint32_t)(line * channel->inverse >> 32);
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
