/* SPDX-License-Identifier: MIT
 *
 * Samples without performance events: each thread has a timer on its own CPU clock, whose signal interrupts that thread
 * alone. The handler walks the frame pointers and writes a ring that belongs to the thread. Nothing of it takes a lock,
 * allocates, or reads outside of the thread's own stack.
 *
 * The kernel looks at such timers at its own tick, so there are no more samples a second than it has ticks, and the
 * signal comes on the way back to the program: what was called in the kernel is not seen. A thread that comes back from
 * a system call was in the kernel; the time of a page fault looks like that of the function that touched the page.
 *
 * There is one set of timers for the process, and a thread that has once had a place in it keeps it.
 */
#ifndef NETSCOPE_BASE_PROFILE_TIMERS_H
#define NETSCOPE_BASE_PROFILE_TIMERS_H

#include "engine/base/profile_events.h"

enum { NSC_PROFILE_RING = 4096, NSC_PROFILE_WEIGHT_MAX = 255 }; /* words of a ring; samples that one stands for */

/* Samples of one thread. Two words and the frames of each, over the end of the ring to its begin. */
struct nsc_profile_ring {
	alignas(NSC_CACHE_LINE) uint64_t head; /* words written; by the thread's handler */
	uint64_t lost;                         /* samples that found no room */
	alignas(NSC_CACHE_LINE) uint64_t tail; /* words taken; by who takes samples */
	uint64_t lost_told;
	uint64_t word[NSC_PROFILE_RING];
};

struct nsc_profile_registers {
	uint64_t instruction, frame, stack;
};

/* Writes a sample: time_ns, core and in_kernel of `head`, and the frames. `top`: end of the memory of the stack;
 * everything from registers.stack to there can be read. A full ring drops it and counts. Thread: the ring's.
 * Async-signal-safe. Allocates, blocks: never. */
void nsc_profile_ring_put(struct nsc_profile_ring *ring, const struct nsc_profile_registers *registers, uint64_t top,
			  const struct nsc_profile_sample *head, uint32_t weight);

/* Hands over what was written: a sample that stands for several comes as often. Thread: one at a time. */
void nsc_profile_ring_drain(struct nsc_profile_ring *ring, uint32_t tid, const struct nsc_profile_visitor *visitor);

/* Of this process, of which the calling thread gets the first timer; others get theirs by nsc_profile_thread. `*hz`
 * becomes what the kernel's tick allows, at most. 0, or -errno and one sentence. Thread: control. Allocates. */
int nsc_profile_timers_open(uint32_t *hz, bool running, struct nsc_error *error);

/* Arms or disarms the timers of all threads, and of those to come. Thread: any. */
void nsc_profile_timers_run(bool running);

/* Hands over what all threads have written, in order of time for each. Thread: one at a time. */
void nsc_profile_timers_take(const struct nsc_profile_visitor *visitor);

/* Threads that got no timer since they were opened. Thread: any. */
uint32_t nsc_profile_timers_missing(void);

/* No signal is asked for any more; one on its way does no harm. Thread: control. */
void nsc_profile_timers_close(void);

#endif
