/* SPDX-License-Identifier: MIT
 *
 * One thread plays both ends: order, bounds, the way back, and many turns around the ring.
 */
#include "engine/rings/channel.h"

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *arena;

static struct nsc_channel *open_channel(uint32_t buffers, size_t bytes)
{
	struct nsc_channel *channel = NULL;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_channel_open(&channel, arena, buffers, bytes, NULL), 0);
	nsc_channel_populate(channel);
	return channel;
}

START_TEST(holds_as_many_as_it_has)
{
	struct nsc_channel *channel = open_channel(8, 100);
	unsigned n = 0, wrong = 0;
	void *buffer;

	while ((buffer = nsc_channel_acquire(channel))) {
		wrong += (uintptr_t)buffer % NSC_CACHE_LINE != 0;
		wrong += nsc_channel_index(channel, buffer) != n || nsc_channel_buffer(channel, n) != buffer;
		nsc_channel_send(channel, buffer);
		n++;
	}
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(nsc_channel_waiting(channel), 8);
	ck_assert(nsc_channel_valid(channel));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(keeps_the_order_over_many_turns)
{
	struct nsc_channel *channel = open_channel(5, sizeof(uint64_t));
	uint64_t sent = 0, received = 0;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 100000; i++) {
		uint64_t *buffer;

		for (unsigned k = 0; k < i % 7 && (buffer = nsc_channel_acquire(channel)); k++) {
			*buffer = sent++;
			nsc_channel_send(channel, buffer);
		}
		for (unsigned k = 0; k < i % 5 && (buffer = nsc_channel_receive(channel)); k++) {
			wrong += *buffer != received++;
			nsc_channel_give_back(channel, buffer);
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(received, 100000);
	ck_assert_uint_eq(sent - received, nsc_channel_waiting(channel));
	ck_assert(nsc_channel_valid(channel));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(is_empty_at_first_and_again)
{
	struct nsc_channel *channel = open_channel(1, 1);
	void *buffer = nsc_channel_acquire(channel);

	ck_assert_ptr_nonnull(buffer);
	ck_assert_ptr_null(nsc_channel_acquire(channel));
	ck_assert_ptr_null(nsc_channel_receive(channel));
	nsc_channel_send(channel, buffer);
	ck_assert_ptr_eq(nsc_channel_receive(channel), buffer);
	ck_assert_ptr_null(nsc_channel_acquire(channel));
	nsc_channel_give_back(channel, buffer);
	ck_assert_ptr_eq(nsc_channel_acquire(channel), buffer);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(impossible_channels_are_refused)
{
	struct nsc_channel *channel;
	struct nsc_error error;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 0, 8, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, NSC_CHANNEL_BUFFERS_MAX + 1, 8, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 8, 0, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 1024, SIZE_MAX / 512, &error), 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("channel", holds_as_many_as_it_has, keeps_the_order_over_many_turns, is_empty_at_first_and_again,
	   impossible_channels_are_refused)
