/* SPDX-License-Identifier: MIT
 *
 * Snapshots arrive in order and whole; there are NSC_SNAPSHOTS of them; offline the worker waits, and counts.
 */
#include "engine/rings/snapshots.h"

#include <pthread.h>
#include <sched.h>

#include "tests/unit/engine/check_main.h"

enum { TOP = 3 };

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher;
static struct nsc_channel *snapshots;
static struct nsc_counters counters;

static void set_up(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_snapshots_open(&snapshots, arena, TOP, false, NULL), 0);
	nsc_idle_init(&worker, NSC_POLL_BLOCK, true);
	nsc_channel_connect(snapshots, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &publisher });
}

START_TEST(is_bounded_and_keeps_the_order)
{
	struct nsc_snapshot *snapshot;
	uint64_t sent = 0, received = 0;
	unsigned wrong = 0;

	set_up();
	while ((snapshot = nsc_channel_acquire(snapshots))) {
		snapshot->tick = sent;
		snapshot->n_top = TOP;
		snapshot->top[TOP - 1].tick_bytes = sent++ * 10;
		nsc_channel_send(snapshots, snapshot);
	}
	while ((snapshot = nsc_channel_receive(snapshots))) {
		wrong += snapshot->tick != received || snapshot->top[TOP - 1].tick_bytes != received * 10;
		received++;
		nsc_channel_give_back(snapshots, snapshot);
	}
	ck_assert_uint_eq(sent, NSC_SNAPSHOTS);
	ck_assert_uint_eq(received, sent);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_ge(nsc_snapshots_bytes(TOP, false), nsc_arena_bytes(arena) / 2);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(rings_at_both_ends)
{
	struct nsc_snapshot *snapshot;

	set_up();
	worker.asleep = publisher.asleep = 1;
	snapshot = nsc_channel_acquire(snapshots);
	ck_assert_uint_eq(publisher.asleep, 1);
	nsc_channel_send(snapshots, snapshot);
	ck_assert_uint_eq(publisher.asleep, 0);
	snapshot = nsc_channel_receive(snapshots);
	ck_assert_uint_eq(worker.asleep, 1);
	nsc_channel_give_back(snapshots, snapshot);
	ck_assert_uint_eq(worker.asleep, 0);
	nsc_arena_close(arena);
}
END_TEST

/* The publisher takes one when it is rung for the first of those that wait. */
static void *take_one(void *context)
{
	while (!__atomic_load_n(&counters.value[NSC_C_SNAPSHOT_WAITS], __ATOMIC_RELAXED))
		sched_yield();
	nsc_channel_give_back(snapshots, nsc_channel_receive(snapshots));
	return NULL;
}

START_TEST(offline_the_worker_waits)
{
	struct nsc_snapshot *snapshot;
	pthread_t thread;

	set_up();
	while ((snapshot = nsc_channel_acquire(snapshots)))
		nsc_channel_send(snapshots, snapshot);
	pthread_create(&thread, NULL, take_one, NULL);
	ck_assert_ptr_nonnull(
		nsc_channel_acquire_or_wait(snapshots, &counters, NSC_C_SNAPSHOT_WAITS, NSC_C_WAITED_SNAPSHOTS));
	pthread_join(thread, NULL);
	ck_assert_uint_eq(counters.value[NSC_C_SNAPSHOT_WAITS], 1);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("snapshots", is_bounded_and_keeps_the_order, rings_at_both_ends, offline_the_worker_waits)
