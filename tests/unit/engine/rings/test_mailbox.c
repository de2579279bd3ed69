/* SPDX-License-Identifier: MIT
 *
 * Snapshots arrive in order and whole; a mailbox is full after NSC_MAILBOX_SNAPSHOTS; both bells ring.
 */
#include "engine/rings/mailbox.h"

#include "tests/unit/engine/check_main.h"

enum { TOP = 3 };

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher;
static struct nsc_mailbox mailbox = { .worker = &worker, .publisher = &publisher };

static void set_up(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_mailbox_open(&mailbox, arena, TOP, NULL), 0);
}

START_TEST(is_bounded_and_keeps_the_order)
{
	struct nsc_snapshot *snapshot;
	uint64_t sent = 0, received = 0;
	unsigned wrong = 0;

	set_up();
	while ((snapshot = nsc_mailbox_acquire(&mailbox))) {
		snapshot->tick = sent;
		snapshot->n_top = TOP;
		snapshot->top[TOP - 1].tick_bytes = sent++ * 10;
		nsc_mailbox_send(&mailbox, snapshot);
	}
	while ((snapshot = nsc_mailbox_receive(&mailbox))) {
		wrong += snapshot->tick != received || snapshot->top[TOP - 1].tick_bytes != received * 10;
		received++;
		nsc_mailbox_give_back(&mailbox, snapshot);
	}
	ck_assert_uint_eq(sent, NSC_MAILBOX_SNAPSHOTS);
	ck_assert_uint_eq(received, sent);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_ge(nsc_mailbox_bytes(TOP), nsc_arena_bytes(arena) / 2);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(rings_at_both_ends)
{
	struct nsc_snapshot *snapshot;

	set_up();
	worker.asleep = publisher.asleep = 1;
	snapshot = nsc_mailbox_acquire(&mailbox);
	ck_assert_uint_eq(publisher.asleep, 1);
	nsc_mailbox_send(&mailbox, snapshot);
	ck_assert_uint_eq(publisher.asleep, 0);
	snapshot = nsc_mailbox_receive(&mailbox);
	ck_assert_uint_eq(worker.asleep, 1);
	nsc_mailbox_give_back(&mailbox, snapshot);
	ck_assert_uint_eq(worker.asleep, 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("mailbox", is_bounded_and_keeps_the_order, rings_at_both_ends)
