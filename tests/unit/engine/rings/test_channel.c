/* SPDX-License-Identifier: MIT
 *
 * One thread plays both ends: order, bounds, the way back, and many turns around the ring.
 */
#include "engine/rings/channel.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/slow.h"

static struct nsc_arena *arena;

static struct nsc_channel *open_channel(uint32_t buffers, size_t bytes)
{
	struct nsc_channel *channel = NULL;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_channel_open(&channel, arena, buffers, bytes, true, NULL), 0);
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
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 0, 8, true, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, NSC_CHANNEL_BUFFERS_MAX + 1, 8, true, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 8, 0, true, &error), 0);
	ck_assert_int_lt(nsc_channel_open(&channel, arena, 1024, SIZE_MAX / 512, true, &error), 0);
	nsc_arena_close(arena);
}
END_TEST

/* Sizes at which a rounded reciprocal could go wrong first. */
START_TEST(every_buffer_has_its_number)
{
	static const size_t sizes[] = { 1, 64, 65, 4160, 3 * 64, 7 * 64, 32768, 255 * 64 };
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(sizes); i++) {
		struct nsc_channel *channel = open_channel(1000, sizes[i]);

		for (uint32_t k = 0; k < 1000; k++)
			wrong += nsc_channel_index(channel, nsc_channel_buffer(channel, k)) != k;
		nsc_arena_close(arena);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* --- doorbells -------------------------------------------------------------------------------- */

static struct nsc_idle sender, receiver;
static struct nsc_counters counters;

static struct nsc_channel *open_connected(uint32_t buffers, struct nsc_channel_doorbells doorbells)
{
	struct nsc_channel *channel = open_channel(buffers, sizeof(uint64_t));

	nsc_idle_init(&sender, NSC_POLL_BLOCK, true);
	nsc_idle_init(&receiver, NSC_POLL_BLOCK, true);
	memset(&counters, 0, sizeof(counters));
	doorbells.sender = &sender;
	doorbells.receiver = &receiver;
	nsc_channel_connect(channel, &doorbells);
	return channel;
}

START_TEST(rings_at_the_other_end)
{
	struct nsc_channel *channel = open_connected(4, (struct nsc_channel_doorbells){ .hasty = _i });

	sender.asleep = receiver.asleep = 1;
	nsc_channel_send(channel, nsc_channel_acquire(channel));
	ck_assert(!nsc_idle_asleep(&receiver));
	ck_assert(nsc_idle_asleep(&sender));
	nsc_channel_give_back(channel, nsc_channel_receive(channel));
	ck_assert(!nsc_idle_asleep(&sender));
	sender.asleep = receiver.asleep = 1;
	nsc_channel_ring_receiver(channel);
	nsc_channel_ring_sender(channel);
	ck_assert(!nsc_idle_asleep(&receiver) && !nsc_idle_asleep(&sender));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(rings_for_a_batch)
{
	struct nsc_channel_doorbells doorbells = { .receiver_above = 2, .sender_below = 2, .hasty = _i };
	struct nsc_channel *channel = open_connected(4, doorbells);

	sender.asleep = receiver.asleep = 1;
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(nsc_idle_asleep(&receiver), i < 3);
		nsc_channel_send(channel, nsc_channel_acquire(channel));
	}
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(nsc_idle_asleep(&sender), i < 3);
		nsc_channel_give_back(channel, nsc_channel_receive(channel));
	}
	ck_assert(!nsc_idle_asleep(&sender));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(nobody_is_woken_without_doorbells)
{
	struct nsc_channel *channel = open_channel(2, 8);

	nsc_channel_send(channel, nsc_channel_acquire(channel));
	nsc_channel_give_back(channel, nsc_channel_receive(channel));
	nsc_channel_mark(channel, NSC_CHANNEL_END);
	ck_assert(nsc_channel_ended(channel));
	nsc_arena_close(arena);
}
END_TEST

/* --- waiting ---------------------------------------------------------------------------------- */

static struct nsc_channel *waited;

/* Gives back one buffer after the other once the sender has begun to wait. */
static void *give_back_slowly(void *context)
{
	while (!__atomic_load_n(&counters.value[NSC_C_TAP_WAITS], __ATOMIC_RELAXED))
		sched_yield();
	for (void *buffer; (buffer = nsc_channel_receive(waited)); sched_yield())
		nsc_channel_give_back(waited, buffer);
	return NULL;
}

START_TEST(waits_and_counts)
{
	struct nsc_channel_doorbells doorbells = { .sender_below = 3, .resume_below = true };
	pthread_t thread;
	void *buffer;

	waited = open_connected(8, doorbells);
	nsc_idle_trust_doorbell(&sender);
	while ((buffer = nsc_channel_acquire(waited)))
		nsc_channel_send(waited, buffer);
	pthread_create(&thread, NULL, give_back_slowly, NULL);
	buffer = nsc_channel_acquire_or_wait(waited, &counters, NSC_C_TAP_WAITS, NSC_C_WAITED_TAP);
	ck_assert_ptr_eq(buffer, nsc_channel_buffer(waited, 0));
	ck_assert_uint_lt(nsc_channel_waiting(waited), 3); /* it did not go on for the first that came back */
	pthread_join(thread, NULL);
	ck_assert_uint_eq(counters.value[NSC_C_TAP_WAITS], 1);
	ck_assert_uint_eq(sender.round, 0);
	ck_assert_ptr_nonnull(nsc_channel_acquire_or_wait(waited, &counters, NSC_C_TAP_WAITS, NSC_C_WAITED_TAP));
	ck_assert_uint_eq(counters.value[NSC_C_TAP_WAITS], 1);
	nsc_arena_close(arena);
}
END_TEST

/* The longer the receiver takes, the longer is the wait, and none of it is work. */
START_TEST(a_slow_receiver_makes_no_work)
{
	struct slow slow = { .counters = &counters, .waits = NSC_C_TAP_WAITS, .hold = slow_holds[_i] };
	uint64_t began, work, waiting;
	pthread_t thread;
	void *buffer;

	memset(&counters, 0, sizeof(counters));
	slow.channel = open_connected(4, (struct nsc_channel_doorbells){ .hasty = false });
	while ((buffer = nsc_channel_acquire(slow.channel)))
		nsc_channel_send(slow.channel, buffer);
	pthread_create(&thread, NULL, slow_receiver, &slow);
	nsc_account_begin(&counters);
	began = counters.stamp;
	nsc_channel_acquire_or_wait(slow.channel, &counters, NSC_C_TAP_WAITS, NSC_C_WAITED_TAP);
	nsc_account(&counters, NSC_C_CYCLES_TAP);
	pthread_join(thread, NULL);
	work = counters.value[NSC_C_CYCLES_TAP];
	waiting = counters.value[NSC_C_WAITED_TAP];
	ck_assert_uint_ge(slow.held, slow.hold);
	ck_assert_uint_ge(waiting, slow.held);
	ck_assert_uint_eq(work + waiting, counters.stamp - began);
	nsc_arena_close(arena);
}
END_TEST

/* --- the mark --------------------------------------------------------------------------------- */

START_TEST(marks_go_up_to_the_end)
{
	struct nsc_channel *channel = open_connected(4, (struct nsc_channel_doorbells){ .hasty = false });

	ck_assert_uint_eq(nsc_channel_marked(channel), 0);
	nsc_channel_mark(channel, 5);
	nsc_channel_mark(channel, 3);
	ck_assert_uint_eq(nsc_channel_marked(channel), 5);
	ck_assert(!nsc_channel_ended(channel));
	nsc_channel_mark(channel, NSC_CHANNEL_END);
	ck_assert(nsc_channel_ended(channel));
	ck_assert_uint_eq(nsc_channel_marked(channel), NSC_CHANNEL_END);
	nsc_arena_close(arena);
}
END_TEST

/* A receiver that awaits no mark sleeps on; one that does is woken, and so it is by the end. */
START_TEST(marks_wake_only_who_awaits)
{
	struct nsc_channel *channel = open_connected(4, (struct nsc_channel_doorbells){ .hasty = false });

	receiver.asleep = 1;
	nsc_channel_mark(channel, 5);
	ck_assert(nsc_idle_asleep(&receiver));
	nsc_channel_await(channel, true);
	nsc_channel_mark(channel, 5);
	ck_assert(nsc_idle_asleep(&receiver));
	nsc_channel_mark(channel, 6);
	ck_assert(!nsc_idle_asleep(&receiver));
	receiver.asleep = 1;
	nsc_channel_await(channel, false);
	nsc_channel_mark(channel, 7);
	ck_assert(nsc_idle_asleep(&receiver));
	nsc_channel_mark(channel, NSC_CHANNEL_END);
	ck_assert(!nsc_idle_asleep(&receiver));
	nsc_arena_close(arena);
}
END_TEST

/* --- misuse ends the program ------------------------------------------------------------------ */

enum misuse { SENT_TWICE, GIVEN_BACK_TWICE, ONE_OF_TWO_GIVEN_BACK_TWICE, FOREIGN, SENT_BY_RECEIVER, MISUSES };

/* The runner sees the signal; the sentence goes nowhere. */
START_TEST(misuse_ends_the_program)
{
	static uint64_t elsewhere[8];
	struct nsc_channel *channel = open_channel(4, 8);
	void *buffer = nsc_channel_acquire(channel), *other;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	nsc_channel_send(channel, buffer);
	if (_i == SENT_TWICE)
		nsc_channel_send(channel, buffer);
	nsc_channel_send(channel, nsc_channel_acquire(channel));
	buffer = nsc_channel_receive(channel);
	other = _i == ONE_OF_TWO_GIVEN_BACK_TWICE ? nsc_channel_receive(channel) : NULL;
	if (_i == SENT_BY_RECEIVER)
		nsc_channel_send(channel, buffer);
	nsc_channel_give_back(channel, _i == FOREIGN ? elsewhere : buffer);
	if (_i != FOREIGN)
		nsc_channel_give_back(channel, buffer);
	if (other)
		nsc_channel_give_back(channel, other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("channel");
	TCase *tcase = tcase_create("channel"), *misuse;
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, holds_as_many_as_it_has);
	tcase_add_test(tcase, keeps_the_order_over_many_turns);
	tcase_add_test(tcase, is_empty_at_first_and_again);
	tcase_add_test(tcase, impossible_channels_are_refused);
	tcase_add_test(tcase, every_buffer_has_its_number);
	tcase_add_loop_test(tcase, rings_at_the_other_end, 0, 2);
	tcase_add_loop_test(tcase, rings_for_a_batch, 0, 2);
	tcase_add_test(tcase, nobody_is_woken_without_doorbells);
	tcase_add_test(tcase, waits_and_counts);
	tcase_add_loop_test(tcase, a_slow_receiver_makes_no_work, 0, SLOW_HOLDS);
	tcase_add_test(tcase, marks_go_up_to_the_end);
	tcase_add_test(tcase, marks_wake_only_who_awaits);
	if (srunner_fork_status(runner) == CK_FORK) {
		misuse = tcase_create("misuse");
		suite_add_tcase(suite, misuse);
		tcase_add_loop_test_raise_signal(misuse, misuse_ends_the_program, SIGABRT, 0, MISUSES);
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
