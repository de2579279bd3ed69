/* SPDX-License-Identifier: MIT
 *
 * Ping-pong through one channel: every buffer's contents arrive whole, in order, none lost, and the empty ones return.
 * Run under ThreadSanitizer: the payload is plain memory, so a missing order between send and receive is a race.
 * On a busy machine each turn of a thread may wait for a core, so time bounds the messages, too.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "engine/rings/channel.h"
#include "tests/unit/engine/check_main.h"

enum { BUFFERS = 16, WORDS = 32, MESSAGES = 300000, MESSAGES_LEAST = 1000, SECONDS = 10 };

static struct nsc_channel *channel;
static unsigned wrong;
static uint64_t messages = MESSAGES; /* fewer as soon as the sender has stopped */

static void *receiver(void *context)
{
	for (uint64_t expected = 0; expected < __atomic_load_n(&messages, __ATOMIC_ACQUIRE);) {
		uint64_t *words = nsc_channel_receive(channel);

		if (!words) {
			sched_yield();
			continue;
		}
		for (unsigned i = 0; i < WORDS; i++)
			wrong += words[i] != expected + i;
		words[0] = UINT64_MAX; /* seen by the sender when it gets this buffer again */
		nsc_channel_give_back(channel, words);
		expected++;
	}
	return NULL;
}

static void send_one(uint64_t number, unsigned *stale)
{
	uint64_t *words;

	while (!(words = nsc_channel_acquire(channel)))
		sched_yield();
	*stale += number >= BUFFERS && words[0] != UINT64_MAX;
	for (unsigned i = 0; i < WORDS; i++)
		words[i] = number + i;
	nsc_channel_send(channel, words);
}

static bool is_late(time_t start, uint64_t sent)
{
	return sent >= MESSAGES_LEAST && sent % BUFFERS == 0 && time(NULL) > start + SECONDS;
}

START_TEST(ping_pong)
{
	struct nsc_arena *arena;
	pthread_t thread;
	unsigned stale = 0;
	uint64_t sent = 0;
	time_t start = time(NULL);

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_channel_open(&channel, arena, BUFFERS, WORDS * sizeof(uint64_t), true, NULL), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, receiver, NULL), 0);
	while (sent < MESSAGES && !is_late(start, sent))
		send_one(sent++, &stale);
	__atomic_store_n(&messages, sent, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(stale, 0);
	ck_assert(nsc_channel_valid(channel));
	ck_assert_uint_eq(nsc_channel_waiting(channel), 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("channel_stress", ping_pong)
