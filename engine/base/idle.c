/* SPDX-License-Identifier: MIT
 *
 * The rungs of the ladder. A pause is about 40 cycles, so the spinning of `adaptive` lasts some 5 us with the poll
 * between two pauses. That is less than a futex call and its wake-up cost together.
 */
#include "engine/base/idle.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/assert.h"

enum {
	SLEEP_FIRST_NS = 50 * 1000,
	SLEEP_DOUBLINGS = 11,
	SLEEP_RUNGS = 2 * (SLEEP_DOUBLINGS + 1), /* each sleep has a rung before it that announces it */
	SLEEP_MAX_NS = 1000 * 1000,
	SLEEP_DOORBELL_NS = 100 * 1000 * 1000
};

static const struct {
	uint32_t spins, yields;
	bool sleeps;
} ladders[][2] = {
	/* [mode][crowded]; one that does not sleep stays on its last rung */
	[NSC_POLL_ADAPTIVE] = { { 128, 16, true }, { 4, 4, true } },
	[NSC_POLL_BUSY] = { { 1, 0, false }, { 4, 1, false } },
	[NSC_POLL_BLOCK] = { { 4, 0, true }, { 4, 0, true } },
};

void nsc_idle_init(struct nsc_idle *idle, enum nsc_poll_mode mode, bool crowded)
{
	nsc_assert((unsigned)mode < NSC_ARRAY_LEN(ladders), "each poll mode has a ladder");
	idle->spins = ladders[mode][crowded].spins;
	idle->yields = ladders[mode][crowded].yields;
	idle->sleeps = ladders[mode][crowded].sleeps;
	idle->round = 0;
	idle->longest_ns = SLEEP_MAX_NS;
	idle->asleep = 0;
}

void nsc_idle_trust_doorbell(struct nsc_idle *idle)
{
	idle->longest_ns = SLEEP_DOORBELL_NS;
}

static void idle_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void idle_sleep(struct nsc_idle *idle, uint32_t sleeps)
{
	uint32_t doublings = NSC_MIN(sleeps, (uint32_t)SLEEP_DOUBLINGS);
	struct timespec timeout = { .tv_nsec = NSC_MIN((long)SLEEP_FIRST_NS << doublings, (long)idle->longest_ns) };

	syscall(SYS_futex, &idle->asleep, FUTEX_WAIT_PRIVATE, 1, &timeout, NULL, 0);
}

/* The announcement must be out before the poll that follows it: an exchange is a full barrier. */
static void idle_announce_or_sleep(struct nsc_idle *idle, uint32_t rung)
{
	if (rung & 1)
		idle_sleep(idle, rung / 2);
	else
		__atomic_exchange_n(&idle->asleep, 1, __ATOMIC_SEQ_CST);
}

/* The ladder ends, and waiting may not: at its end a thread that sleeps takes the last two rungs in turn. */
static uint32_t idle_next(const struct nsc_idle *idle)
{
	uint32_t rungs = idle->spins + idle->yields + (idle->sleeps ? SLEEP_RUNGS : 0);

	if (nsc_likely(idle->round + 1 < rungs))
		return idle->round + 1;
	return rungs - 1 - idle->sleeps;
}

void nsc_idle_wait(struct nsc_idle *idle)
{
	uint32_t round = idle->round;

	idle->round = idle_next(idle);
	if (round < idle->spins)
		idle_pause();
	else if (round - idle->spins < idle->yields)
		sched_yield();
	else
		idle_announce_or_sleep(idle, round - idle->spins - idle->yields);
}

void nsc_idle_wake(struct nsc_idle *idle)
{
	if (__atomic_exchange_n(&idle->asleep, 0, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &idle->asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
