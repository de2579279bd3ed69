/* SPDX-License-Identifier: MIT
 *
 * What a polling thread does when it finds nothing: a ladder from spinning to sleeping, and the doorbell that wakes it.
 *
 *   busy      pauses, for ever (yields when there are more polling threads than cores)
 *   adaptive  pauses for some microseconds, yields, then sleeps: 50 us first, doubling to 1 ms
 *   block     sleeps after a few pauses
 *
 * One nsc_idle belongs to one thread. Any thread may ring its doorbell. The rung before a sleep only announces it, so
 * that the owner polls once more after the announcement. Both sides put a full barrier between their store and their
 * load, so at least one of them sees the other: a doorbell that is rung between poll and sleep is heard. A thread whose
 * work always comes with a doorbell may sleep long: waking every millisecond to find nothing took writer and publisher
 * 5 % of a short run's samples.
 */
#ifndef NETSCOPE_BASE_IDLE_H
#define NETSCOPE_BASE_IDLE_H

#include "netscope/engine.h"

struct nsc_idle {
	/* the owner's */
	alignas(NSC_CACHE_LINE) uint32_t round; /* the next rung, from 0; stays on the last ones */
	uint32_t spins;                         /* rungs that pause */
	uint32_t yields;                        /* rungs that yield, after them */
	uint32_t longest_ns;                    /* of one sleep */
	bool sleeps;                            /* whether the ladder goes on to sleeping */
	/* everybody's: read by those who ring, written by the owner, and once by the one who wakes it */
	alignas(NSC_CACHE_LINE) uint32_t asleep;
};

/* `crowded`: there are more polling threads than cores, so spinning takes time from the one that is waited for.
 * Thread: control. Allocates, blocks: never. */
void nsc_idle_init(struct nsc_idle *idle, enum nsc_poll_mode mode, bool crowded);

/* Whatever the owner waits for rings its doorbell: one sleep may last 100 ms instead of 1 ms. Thread: control, before
 * the start. */
void nsc_idle_trust_doorbell(struct nsc_idle *idle);

/* One rung: returns after 20 ns to 1 ms (100 ms when the doorbell is trusted). May be called any number of times.
 * Thread: owner, after each poll that found nothing. Allocates: never. */
void nsc_idle_wait(struct nsc_idle *idle);

/* The ladder's next rung is sleep: whoever has a better place to sleep than here may go there instead.
 * Thread: owner. */
nsc_always_inline bool nsc_idle_may_sleep(const struct nsc_idle *idle)
{
	return idle->sleeps && idle->round >= idle->spins + idle->yields;
}

/* Something was found: back to the first rung. Thread: owner. */
nsc_always_inline void nsc_idle_reset(struct nsc_idle *idle)
{
	if (nsc_unlikely(idle->round)) {
		idle->round = 0;
		__atomic_store_n(&idle->asleep, 0, __ATOMIC_RELAXED);
	}
}

/* A hint for those who ring in batches. Thread: any. */
nsc_always_inline bool nsc_idle_asleep(const struct nsc_idle *idle)
{
	return __atomic_load_n(&idle->asleep, __ATOMIC_RELAXED);
}

void nsc_idle_wake(struct nsc_idle *idle);

/* Between what the owner shall find and the look whether it sleeps: pairs with the exchange of the announcement in
 * idle.c. ThreadSanitizer knows no fences. Thread: any but the owner. */
nsc_always_inline void nsc_idle_barrier(struct nsc_idle *idle)
{
#ifdef __SANITIZE_THREAD__
	__atomic_fetch_add(&idle->asleep, 0, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/* Wakes the owner if it sleeps: a barrier and one load of a shared line when it does not. Thread: any but the owner. */
nsc_always_inline void nsc_idle_ring(struct nsc_idle *idle)
{
	nsc_idle_barrier(idle);
	if (nsc_unlikely(nsc_idle_asleep(idle)))
		nsc_idle_wake(idle);
}

#endif
