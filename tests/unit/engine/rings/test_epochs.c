/* SPDX-License-Identifier: MIT
 *
 * Chunks of one worker and its mark; who is woken. The order of both under contention is
 * tests/stress/test_detect_stress.c.
 */
#include "engine/rings/epochs.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher;
static struct nsc_channel *epochs;

static void set_up(void)
{
	memset(&publisher, 0, sizeof(publisher));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_epochs_open(&epochs, arena, NULL), 0);
	nsc_channel_connect(epochs, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &publisher });
}

START_TEST(chunks_circulate)
{
	struct nsc_epoch_chunk *chunk;
	uint32_t n = 0;

	set_up();
	while ((chunk = nsc_epochs_begin(nsc_channel_acquire(epochs), 7))) {
		ck_assert_uint_eq(chunk->epoch, 7);
		ck_assert_uint_eq(chunk->n + chunk->bytes, 0);
		nsc_channel_send(epochs, chunk);
		n++;
	}
	ck_assert_uint_eq(n, NSC_EPOCH_CHUNKS);
	ck_assert_uint_eq(NSC_EPOCHS_BYTES, n * sizeof(*chunk));
	nsc_channel_give_back(epochs, nsc_channel_receive(epochs));
	ck_assert_ptr_nonnull(nsc_epochs_begin(nsc_channel_acquire(epochs), 8));
	nsc_arena_close(arena);
}
END_TEST

/* A publisher that waits for no mark sleeps on; one that does is woken, and so it is by the last mark and by chunks. */
START_TEST(marks_wake_only_who_waits)
{
	set_up();
	publisher.asleep = 1;
	nsc_channel_mark(epochs, 5);
	ck_assert_uint_eq(nsc_channel_marked(epochs), 5);
	ck_assert(nsc_idle_asleep(&publisher));
	nsc_channel_await(epochs, true);
	nsc_channel_mark(epochs, 6);
	ck_assert(!nsc_idle_asleep(&publisher));
	publisher.asleep = 1;
	nsc_channel_await(epochs, false);
	nsc_channel_send(epochs, nsc_epochs_begin(nsc_channel_acquire(epochs), 6));
	ck_assert(!nsc_idle_asleep(&publisher));
	publisher.asleep = 1;
	nsc_channel_mark(epochs, NSC_EPOCH_NONE);
	ck_assert(!nsc_idle_asleep(&publisher));
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("epochs", chunks_circulate, marks_wake_only_who_waits)
