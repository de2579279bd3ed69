/* SPDX-License-Identifier: MIT
 *
 * How far one thread has come, told to another: a number that only goes up, and whose highest value is the end.
 *
 * What the teller did before it raised the mark, the other thread sees after it has read that mark: raise is the
 * release, reading the acquire. So the reader asks for the mark first, and then looks at what it is waiting for: if it
 * finds nothing then, nothing more will come below the mark.
 */
#ifndef NETSCOPE_RINGS_MARK_H
#define NETSCOPE_RINGS_MARK_H

#include "engine/base/idle.h"

#define NSC_MARK_END UINT64_MAX

struct nsc_mark {                               /* zeroed at first */
	alignas(NSC_CACHE_LINE) uint64_t value; /* the teller's; read by the reader */
	alignas(NSC_CACHE_LINE) bool awaited;   /* the reader's; read by the teller */
};

/* Marks go up, from 0 to NSC_MARK_END; one that is not above the last changes nothing. Wakes `reader` if it awaits the
 * mark, and at the end. The reader sets `awaited`, announces its sleep with an exchange, and looks at the mark once
 * more. Here the mark stands before the barrier, and `awaited` is read behind it: at least one of the two sees the
 * other. A reader that awaits no mark is not woken for each. Thread: teller. Allocates, blocks: never. */
nsc_always_inline void nsc_mark_raise(struct nsc_mark *mark, uint64_t value, struct nsc_idle *reader)
{
	if (value <= mark->value)
		return;
	__atomic_store_n(&mark->value, value, __ATOMIC_RELEASE);
	nsc_idle_barrier(reader);
	if ((value == NSC_MARK_END || __atomic_load_n(&mark->awaited, __ATOMIC_RELAXED)) && nsc_idle_asleep(reader))
		nsc_idle_wake(reader);
}

/* 0 before the first. Thread: reader. Allocates, blocks: never. */
nsc_always_inline uint64_t nsc_mark_value(const struct nsc_mark *mark)
{
	return __atomic_load_n(&mark->value, __ATOMIC_ACQUIRE);
}

nsc_always_inline bool nsc_mark_ended(const struct nsc_mark *mark)
{
	return nsc_mark_value(mark) == NSC_MARK_END;
}

/* Whether the reader wants to be woken when the mark goes up. Takes effect for marks that come after it; so it looks at
 * the mark once more before it sleeps, as the rung that announces sleep makes it do. Thread: reader. */
nsc_always_inline void nsc_mark_await(struct nsc_mark *mark, bool awaited)
{
	if (mark->awaited != awaited)
		__atomic_store_n(&mark->awaited, awaited, __ATOMIC_RELAXED);
}

#endif
