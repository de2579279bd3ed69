/* SPDX-License-Identifier: MIT
 *
 * The timeline of one thread, as its owner writes it: a ring of events, at the borders that the cycle account has
 * anyway, and a copy of the longest round of each minute. Nobody waits for whoever reads: events that are overwritten
 * while they are copied are dropped from the copy (timeline.c).
 *
 * Thread: owner, unless said otherwise. Allocates: nsc_timeline_open only. Blocks: never.
 */
#ifndef NETSCOPE_BASE_TIMELINE_H
#define NETSCOPE_BASE_TIMELINE_H

#include "engine/base/arena.h"
#include "engine/base/cycles.h"
#include "netscope/counters.h"
#include "netscope/timeline.h"

#define NSC_TIMELINE_BUSY 16384u  /* events of a thread that packets pass through: 20 ms at 10 Mpps */
#define NSC_TIMELINE_CALM 4096u   /* of any other */
#define NSC_TIMELINE_SHORT 65536u /* cycles: rests that are shorter are put together */

/* What the kernel counts of a thread. */
struct nsc_timeline_usage {
	uint64_t cpu_ns, given, taken, faults; /* given, taken: times that it lost its core, by itself and not */
};

/* A round that is kept: words, each stored whole. `version` is odd while it is written. */
struct nsc_timeline_kept {
	uint64_t version, number, n, began, ended; /* number: of its first event */
	uint64_t word[2 * NSC_TIMELINE_KEPT];
};

struct nsc_timeline {
	alignas(NSC_CACHE_LINE) uint64_t next; /* number of the next event; readers look at it */
	uint64_t *word;                        /* two of each event, [2 * (mask + 1)] */
	uint64_t mask;
	uint64_t last;    /* cycles of the last border */
	uint64_t gap;     /* up to here nothing was to be done, and no border says so yet; 0 = none */
	uint64_t longest; /* cycles: the longest round of this minute */
	uint64_t first;   /* number of the round's first event */
	uint64_t due;     /* event at which what came after a kept round is copied; UINT64_MAX = none */
	uint64_t minute_ends, minute_cycles;
	uint64_t minute;                 /* number of this minute */
	uint64_t turn_began;             /* cycles: see nsc_timeline_turn */
	uint64_t long_cycles;            /* a millisecond */
	struct nsc_timeline_usage usage; /* when it was looked at last, by a thread without a cycle account */
	uint32_t left;                   /* spans until it is looked at again */
	uint32_t owner;                  /* number of its thread; 0: not told */
	struct nsc_timeline_kept *kept;  /* [NSC_TIMELINE_MINUTES] */
};

/* Memory of a timeline of so many events, a power of two from NSC_TIMELINE_KEPT on. */
size_t nsc_timeline_bytes(uint32_t events);

/* 0 or -ENOMEM and one sentence. The ring of a BUSY one is present when it returns; of what is kept, a page is touched
 * once a minute. Thread: control. */
int nsc_timeline_open(struct nsc_timeline **timeline, struct nsc_arena *arena, uint32_t events, double tsc_hz,
		      struct nsc_error *error);

/* Each store releases what was stored before it: whoever sees a word of this event sees that the one before is
 * complete, and that the ring has moved on by then (nsc_timeline_copy). */
nsc_always_inline void nsc_timeline_put(struct nsc_timeline *t, uint64_t cycles, unsigned what, uint32_t n,
					uint32_t value)
{
	uint64_t *word = &t->word[2 * (t->next & t->mask)];

	__atomic_store_n(&word[0], cycles, __ATOMIC_RELEASE);
	__atomic_store_n(&word[1], what | (uint64_t)(uint16_t)n << 16 | (uint64_t)value << 32, __ATOMIC_RELEASE);
	__atomic_store_n(&t->next, t->next + 1, __ATOMIC_RELEASE);
}

void nsc_timeline_close_gap(struct nsc_timeline *timeline);

/* A mark in the span in progress. */
nsc_always_inline void nsc_timeline_tag(struct nsc_timeline *t, unsigned what, uint32_t n, uint32_t value)
{
	if (nsc_unlikely(t->gap))
		nsc_timeline_close_gap(t);
	nsc_timeline_put(t, t->last, what, n, value);
}

/* A border: all since the one before was `what`, done with `n` packets, 0 to 65535. `now`: not before the last one. */
nsc_always_inline void nsc_timeline_border(struct nsc_timeline *t, uint64_t now, unsigned what, uint32_t n)
{
	if (nsc_unlikely(t->gap))
		nsc_timeline_close_gap(t);
	t->last = now;
	nsc_timeline_put(t, now, what, n, 0);
}

/* The same where there was nothing to do: short rests, one behind the other, become one span. */
nsc_always_inline void nsc_timeline_rest(struct nsc_timeline *t, uint64_t began, uint64_t now, unsigned what)
{
	if (now - began < NSC_TIMELINE_SHORT)
		t->gap = now;
	else
		nsc_timeline_border(t, now, what, 0);
}

void nsc_timeline_look_at_round(struct nsc_timeline *timeline, uint64_t began, uint64_t ended);

/* A round with work is over, from `began` to the last border, `ended`: the longest of each minute is kept. */
nsc_always_inline void nsc_timeline_round(struct nsc_timeline *t, uint64_t began, uint64_t ended)
{
	if (nsc_unlikely(ended - began > t->longest || t->next >= t->due || ended >= t->minute_ends))
		nsc_timeline_look_at_round(t, began, ended);
	t->first = t->next;
}

/* What the kernel counts of the calling thread until now. */
void nsc_timeline_ask(struct nsc_timeline_usage *usage);

/* Says of a span or round of `us` that ends now, and was long, how much of it the thread did not run at least, and the
 * pages that came in: marks, as nsc_timeline_now has them. What happened between `before` and `after` is counted, and
 * the CPU time of all of it as that of the span. */
void nsc_timeline_explain(struct nsc_timeline *timeline, uint64_t us, const struct nsc_timeline_usage *before,
			  const struct nsc_timeline_usage *after);

/* The number of its thread, 0 before nsc_timeline_own. Thread: any. */
uint32_t nsc_timeline_owner(const struct nsc_timeline *timeline);

#endif
