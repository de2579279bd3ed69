/* SPDX-License-Identifier: MIT
 *
 * The ladder: spins first, sleeps later and never long, starts over, and hears the doorbell.
 */
#include "engine/base/idle.h"

#include <pthread.h>
#include <sched.h>

#include "engine/base/cycles.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_idle idle;

/* More than any ladder has before its first sleep; enough of one that yields from its fifth rung on, for ever: on a
 * busy machine each yield is a turn of everybody else. */
enum { RUNGS = 200, RUNGS_OF_YIELDS = 20 };

/* Waits until the ladder announces sleep; returns how many rungs that took, 0 when it never does. */
static unsigned rungs_to_sleep(unsigned most)
{
	for (unsigned i = 1; i <= most; i++) {
		nsc_idle_wait(&idle);
		if (nsc_idle_asleep(&idle))
			return i;
	}
	return 0;
}

START_TEST(each_mode_has_its_ladder)
{
	unsigned adaptive, block;

	nsc_idle_init(&idle, NSC_POLL_ADAPTIVE, false);
	adaptive = rungs_to_sleep(RUNGS);
	nsc_idle_init(&idle, NSC_POLL_BLOCK, false);
	block = rungs_to_sleep(RUNGS);
	ck_assert_uint_gt(block, 0);
	ck_assert_uint_gt(adaptive, block);
	nsc_idle_init(&idle, NSC_POLL_BUSY, false);
	ck_assert_uint_eq(rungs_to_sleep(RUNGS), 0);
	nsc_idle_init(&idle, NSC_POLL_BUSY, true);
	ck_assert_uint_eq(rungs_to_sleep(RUNGS_OF_YIELDS), 0);
}
END_TEST

START_TEST(a_crowd_gives_way_sooner)
{
	unsigned alone, crowded;

	nsc_idle_init(&idle, NSC_POLL_ADAPTIVE, false);
	alone = rungs_to_sleep(RUNGS);
	nsc_idle_init(&idle, NSC_POLL_ADAPTIVE, true);
	crowded = rungs_to_sleep(RUNGS);
	ck_assert_uint_lt(crowded, alone);
}
END_TEST

START_TEST(reset_starts_over)
{
	unsigned first;

	nsc_idle_init(&idle, NSC_POLL_ADAPTIVE, false);
	first = rungs_to_sleep(RUNGS);
	nsc_idle_reset(&idle);
	ck_assert(!nsc_idle_asleep(&idle));
	ck_assert_uint_eq(rungs_to_sleep(RUNGS), first);
}
END_TEST

/* A thread may wait for weeks. However far the ladder has come, it pauses or announces and sleeps in turn: it never
 * sleeps without an announcement, and never announces for ever. The announcement is taken back here before each rung,
 * so that no rung takes long. */
START_TEST(the_ladder_has_no_end)
{
	static const uint32_t far[] = { 0, 1000, INT32_MAX - 8u, UINT32_MAX - 9, UINT32_MAX - 8 };
	enum nsc_poll_mode mode = (enum nsc_poll_mode)(_i / 2);
	bool crowded = _i % 2;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(far); i++) {
		unsigned announced = 0;

		nsc_idle_init(&idle, mode, crowded);
		if (!idle.sleeps) {
			ck_assert_uint_eq(rungs_to_sleep(crowded ? RUNGS_OF_YIELDS : RUNGS), 0);
			break; /* it stays on its last rung */
		}
		idle.round = NSC_MAX(far[i], idle.spins + idle.yields);
		for (unsigned k = 0; k < 1000; k++) {
			idle.asleep = 0;
			nsc_idle_wait(&idle);
			announced += nsc_idle_asleep(&idle);
		}
		ck_assert_uint_ge(announced, 499);
		ck_assert_uint_le(announced, 501);
	}
}
END_TEST

/* Sleeping is bounded without any doorbell: at the ladder's end by 1 ms, and by 100 ms for one who trusts a doorbell.
 * On a busy machine a sleeper gets its turn late, but hardly each time. */
START_TEST(sleep_ends_by_itself)
{
	uint64_t shortest_ns = UINT64_MAX;

	nsc_idle_init(&idle, NSC_POLL_BLOCK, false);
	idle.round = 1000;
	nsc_idle_wait(&idle);
	for (unsigned i = 0; i < 10; i++) {
		uint64_t start_ns = nsc_monotonic_ns();

		nsc_idle_wait(&idle); /* announces */
		nsc_idle_wait(&idle);
		shortest_ns = NSC_MIN(shortest_ns, nsc_monotonic_ns() - start_ns);
	}
	ck_assert_uint_ge(shortest_ns, 1000 * 1000);
	ck_assert_uint_lt(shortest_ns, 50 * 1000 * 1000);
}
END_TEST

enum { ENOUGH = 5 };

static bool done;
static unsigned rings;

static void *ringer(void *context)
{
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		if (nsc_idle_asleep(&idle)) {
			nsc_idle_ring(&idle);
			rings++;
		}
		sched_yield();
	}
	return NULL;
}

START_TEST(a_doorbell_takes_the_announcement_back)
{
	pthread_t thread;
	unsigned heard = 0;

	nsc_idle_init(&idle, NSC_POLL_BLOCK, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, ringer, NULL), 0);
	for (unsigned i = 0; i < 2000 && heard < ENOUGH; i++) {
		nsc_idle_wait(&idle);
		heard += idle.round > 4 && !nsc_idle_asleep(&idle);
		sched_yield();
	}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ck_assert_uint_gt(rings, 0);
	ck_assert_uint_gt(heard, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idle");
	TCase *tcase = tcase_create("idle");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, each_mode_has_its_ladder);
	tcase_add_test(tcase, a_crowd_gives_way_sooner);
	tcase_add_test(tcase, reset_starts_over);
	tcase_add_loop_test(tcase, the_ladder_has_no_end, 0, 2 * (NSC_POLL_BLOCK + 1));
	tcase_add_test(tcase, sleep_ends_by_itself);
	tcase_add_test(tcase, a_doorbell_takes_the_announcement_back);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
