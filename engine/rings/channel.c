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

#include "engine/base/account.h"
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
	uint32_t buffers;
	size_t all;                                    /* bytes of all buffers */
	alignas(NSC_CACHE_LINE) uint32_t sender_has;   /* the sender's: buffers between acquire and send */
	alignas(NSC_CACHE_LINE) uint32_t receiver_has; /* the receiver's: between receive and give_back */
	struct nsc_mark mark;
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

static void *way_get(struct way *way, uint32_t *has)
{
	void *buffer;

#ifdef __SANITIZE_THREAD__
	if (!ck_ring_size(&way->ring))
		return NULL;
	__tsan_acquire(way);
#endif
	if (!ck_ring_dequeue_spsc(&way->ring, way->slots, &buffer))
		return NULL;
	(*has)++;
	return buffer;
}

static uint32_t way_slots(uint32_t n)
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
		     bool present, struct nsc_error *error)
{
	size_t stride = (bytes + NSC_CACHE_LINE - 1) / NSC_CACHE_LINE * NSC_CACHE_LINE;
	struct nsc_channel *new = nsc_arena_alloc(arena, sizeof(*new));
	uint32_t slots = way_slots(buffers);
	size_t all;

	if (!buffers || buffers > NSC_CHANNEL_BUFFERS_MAX || !stride || __builtin_mul_overflow(stride, buffers, &all) ||
	    all / NSC_CACHE_LINE > UINT32_MAX)
		return nsc_fail(error, -EINVAL, "a channel of %u buffers of %zu bytes is impossible", buffers, bytes);
	if (!new || !way_init(&new->forward, arena, slots) || !way_init(&new->back, arena, slots))
		return nsc_fail(error, -ENOMEM, "no memory for a channel");
	new->buffer = nsc_arena_alloc(arena, all);
	if (!new->buffer)
		return nsc_fail(error, -ENOMEM, "no memory for a channel of %u buffers of %zu bytes", buffers, bytes);
	new->stride = stride;
	new->all = all;
	nsc_channel_connect(new, &(struct nsc_channel_doorbells){ .sender = NULL });
	new->buffers = buffers;
	for (uint32_t i = 0; i < buffers; i++)
		way_put(&new->back, nsc_channel_buffer(new, i));
	if (present) {
		nsc_arena_populate(new->buffer, all);
		nsc_arena_populate(new->forward.slots, slots * sizeof(*new->forward.slots));
	}
	*channel = new;
	return 0;
}

/* Stands where nobody is to be woken: it never sleeps. */
static struct nsc_idle nobody;

void nsc_channel_connect(struct nsc_channel *channel, const struct nsc_channel_doorbells *doorbells)
{
	struct nsc_channel_doorbells *own = &channel->doorbells;

	*own = *doorbells;
	own->sender = own->sender ? own->sender : &nobody;
	own->receiver = own->receiver ? own->receiver : &nobody;
	own->sender_below = own->sender_below ? own->sender_below : UINT32_MAX;
}

/* --- doorbells -------------------------------------------------------------------------------- */

void nsc_channel_ring_receiver(struct nsc_channel *channel)
{
	nsc_idle_ring(channel->doorbells.receiver);
}

void nsc_channel_ring_sender(struct nsc_channel *channel)
{
	nsc_idle_ring(channel->doorbells.sender);
}

static bool channel_is_above(const struct nsc_channel *channel)
{
	return nsc_channel_waiting(channel) > channel->doorbells.receiver_above;
}

/* Only the receiver makes this number smaller, and it looks here: so the last look that matters is exact. */
static bool channel_is_below(const struct nsc_channel *channel)
{
	return nsc_channel_waiting(channel) < channel->doorbells.sender_below;
}

/* --- buffers ---------------------------------------------------------------------------------- */

/* A buffer that is sent or given back twice would be with two threads at once. An end that does so runs out of buffers
 * that it may let go, at the latest when it lets go of the rest. */
nsc_always_inline void channel_let_go(const struct nsc_channel *channel, uint32_t *has, const void *buffer)
{
	nsc_assert((size_t)((const uint8_t *)buffer - channel->buffer) < channel->all,
		   "a buffer goes back to the channel that it came from");
	nsc_assert(!__builtin_sub_overflow(*has, 1, has),
		   "a buffer is sent and given back once, by the end that has it");
}

void *nsc_channel_acquire(struct nsc_channel *channel)
{
	return way_get(&channel->back, &channel->sender_has);
}

static __attribute__((noinline)) void *channel_wait(struct nsc_channel *channel)
{
	const struct nsc_channel_doorbells *doorbells = &channel->doorbells;
	void *buffer;

	nsc_assert(doorbells->sender != &nobody, "a sender that waits has a doorbell");
	nsc_channel_ring_receiver(channel);
	while ((doorbells->resume_below && !channel_is_below(channel)) || !(buffer = nsc_channel_acquire(channel)))
		nsc_idle_wait(doorbells->sender);
	nsc_idle_reset(doorbells->sender);
	return buffer;
}

void *nsc_channel_acquire_or_wait(struct nsc_channel *channel, struct nsc_counters *counters, unsigned waits,
				  unsigned waited)
{
	void *buffer = nsc_channel_acquire(channel);
	uint64_t began;

	if (nsc_likely(buffer))
		return buffer;
	began = nsc_cycles();
	nsc_count(counters, waits, 1);
	buffer = channel_wait(channel);
	nsc_account_waited(counters, waited, began);
	return buffer;
}

void nsc_channel_send(struct nsc_channel *channel, void *buffer)
{
	struct nsc_idle *receiver = channel->doorbells.receiver;

	channel_let_go(channel, &channel->sender_has, buffer);
	way_put(&channel->forward, buffer);
	if (!channel->doorbells.hasty)
		nsc_idle_barrier(receiver);
	if (nsc_unlikely(nsc_idle_asleep(receiver)) && channel_is_above(channel))
		nsc_idle_wake(receiver);
}

void *nsc_channel_receive(struct nsc_channel *channel)
{
	return way_get(&channel->forward, &channel->receiver_has);
}

void nsc_channel_give_back(struct nsc_channel *channel, const void *buffer)
{
	struct nsc_idle *sender = channel->doorbells.sender;

	channel_let_go(channel, &channel->receiver_has, buffer);
	way_put(&channel->back, (void *)(uintptr_t)buffer);
	if (!channel->doorbells.hasty)
		nsc_idle_barrier(sender);
	if (nsc_unlikely(nsc_idle_asleep(sender)) && channel_is_below(channel))
		nsc_idle_wake(sender);
}

/* --- the mark --------------------------------------------------------------------------------- */

void nsc_channel_mark(struct nsc_channel *channel, uint64_t mark)
{
	nsc_mark_raise(&channel->mark, mark, channel->doorbells.receiver);
}

void nsc_channel_await(struct nsc_channel *channel, bool awaited)
{
	nsc_mark_await(&channel->mark, awaited);
}

bool nsc_channel_awaited(const struct nsc_channel *channel)
{
	return channel->mark.awaited;
}

uint64_t nsc_channel_marked(const struct nsc_channel *channel)
{
	return nsc_mark_value(&channel->mark);
}

bool nsc_channel_ended(const struct nsc_channel *channel)
{
	return nsc_mark_ended(&channel->mark);
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

uint32_t nsc_channel_index(const struct nsc_channel *channel, const void *buffer)
{
	return (uint32_t)((size_t)((const uint8_t *)buffer - channel->buffer) / channel->stride);
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
