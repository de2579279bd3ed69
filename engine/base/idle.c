/* SPDX-License-Identifier: MIT
 *
 * The rungs, counted in rounds: a pause is about 40 cycles, so that the spinning of `adaptive` lasts some 5 us with the
 * poll between two pauses, less than a futex call and its wake-up cost together.
 */
#include "engine/base/idle.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	SLEEP_FIRST_NS = 50 * 1000,
	SLEEP_DOUBLINGS = 11,
	SLEEP_MAX_NS = 1000 * 1000,
	SLEEP_BELL_NS = 100 * 1000 * 1000,
	SLEEP_MOSTLY_NS = 10 * 1000 * 1000
};

static const struct {
	uint32_t spins, yields;
	bool sleeps;
} ladders[][2] = {
	/* [mode][crowded] */
	[NSC_POLL_ADAPTIVE] = { { 128, 16, true }, { 4, 4, true } },
	[NSC_POLL_BUSY] = { { UINT32_MAX, 0, false }, { 4, UINT32_MAX - 4, false } },
	[NSC_POLL_BLOCK] = { { 4, 0, true }, { 4, 0, true } },
};

void nsc_idle_init(struct nsc_idle *idle, enum nsc_poll_mode mode, bool crowded)
{
	idle->spins = ladders[mode][crowded].spins;
	idle->yields = ladders[mode][crowded].yields;
	idle->sleeps = ladders[mode][crowded].sleeps;
	idle->round = 0;
	idle->longest_ns = SLEEP_MAX_NS;
	idle->asleep = 0;
}

void nsc_idle_trust_bell(struct nsc_idle *idle)
{
	idle->longest_ns = SLEEP_BELL_NS;
}

void nsc_idle_trust_bell_mostly(struct nsc_idle *idle)
{
	idle->longest_ns = SLEEP_MOSTLY_NS;
}

static void pause_core(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void futex_sleep(uint32_t *word, long ns)
{
	struct timespec timeout = { .tv_nsec = ns };

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 1, &timeout, NULL, 0);
}

/* The announcement must be out before the poll that follows it: an exchange is a full barrier. */
static void announce_or_sleep(struct nsc_idle *idle, uint32_t rung)
{
	uint32_t doublings = NSC_MIN(rung / 2, (uint32_t)SLEEP_DOUBLINGS);

	if (!(rung & 1))
		__atomic_exchange_n(&idle->asleep, 1, __ATOMIC_SEQ_CST);
	else
		futex_sleep(&idle->asleep, NSC_MIN((long)SLEEP_FIRST_NS << doublings, (long)idle->longest_ns));
}

void nsc_idle_wait(struct nsc_idle *idle)
{
	uint32_t round = idle->round;

	if (round < UINT32_MAX - 1)
		idle->round++;
	else
		idle->round = round & ~1u; /* stays on the last two rungs */
	if (round < idle->spins)
		pause_core();
	else if (!idle->sleeps || round - idle->spins < idle->yields)
		sched_yield();
	else
		announce_or_sleep(idle, round - idle->spins - idle->yields);
}

void nsc_idle_wake(struct nsc_idle *idle)
{
	if (__atomic_exchange_n(&idle->asleep, 0, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &idle->asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
