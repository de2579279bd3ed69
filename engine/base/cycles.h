/* SPDX-License-Identifier: MIT
 *
 * The cycle counter of a core, and what a cycle is worth. Read at the borders of stages, once per burst, never per
 * packet. On machines without a time stamp counter a "cycle" is a nanosecond of CLOCK_MONOTONIC.
 */
#ifndef NETSCOPE_BASE_CYCLES_H
#define NETSCOPE_BASE_CYCLES_H

#include "netscope/clock.h"

nsc_always_inline uint64_t nsc_cycles(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return nsc_monotonic_ns();
#endif
}

/* One moment by both clocks. */
struct nsc_cycles_at {
	uint64_t ns, cycles; /* CLOCK_MONOTONIC; nsc_cycles */
};

/* The closest of a few readings, so that being stopped between the clocks does not set them apart. Thread: any. */
struct nsc_cycles_at nsc_cycles_now(void);

/* Cycles per second between two moments; `to` is later. */
double nsc_cycles_hz(struct nsc_cycles_at from, struct nsc_cycles_at to);

/* Cycles per second, measured against CLOCK_MONOTONIC. Thread: control. Allocates: never. Blocks: for 250 us. */
double nsc_cycles_measure_hz(void);

#endif
