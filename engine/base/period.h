/* SPDX-License-Identifier: MIT
 *
 * Periods of time: ticks and the detectors' epochs. Periods of one length lie side by side from time 0 on. A clock may
 * be any u64 (netscope/base.h): the last period of time is cut where time ends, at 2^64 ns, which no clock reaches. So
 * a period has a start and a length, not an end, and nothing here wraps or has to be clamped.
 */
#ifndef NETSCOPE_BASE_PERIOD_H
#define NETSCOPE_BASE_PERIOD_H

#include "netscope/packet.h"

struct nsc_period {
	uint64_t start_ns;
	uint64_t length_ns; /* 0: holds no clock, as before the first packet. May reach beyond the end of time */
};

/* Whether clock_ns lies in it. A clock never goes back: clock_ns >= start_ns. */
nsc_always_inline bool nsc_period_holds(const struct nsc_period *period, uint64_t clock_ns)
{
	return clock_ns - period->start_ns < period->length_ns;
}

/* What is left of it after clock_ns, which it holds: 1..length_ns. */
nsc_always_inline uint64_t nsc_period_left(const struct nsc_period *period, uint64_t clock_ns)
{
	return period->length_ns - (clock_ns - period->start_ns);
}

/* The period of this length, > 0, that holds clock_ns. */
nsc_always_inline struct nsc_period nsc_period_of(uint64_t clock_ns, uint64_t length_ns)
{
	return (struct nsc_period){ .start_ns = clock_ns - clock_ns % length_ns, .length_ns = length_ns };
}

/* What two periods that hold clock_ns have in common. */
nsc_always_inline struct nsc_period nsc_period_common(const struct nsc_period *a, const struct nsc_period *b,
						      uint64_t clock_ns)
{
	uint64_t start_ns = NSC_MAX(a->start_ns, b->start_ns);
	uint64_t left_ns = NSC_MIN(nsc_period_left(a, clock_ns), nsc_period_left(b, clock_ns));

	return (struct nsc_period){ .start_ns = start_ns, .length_ns = clock_ns - start_ns + left_ns };
}

/* The first nanosecond after it, for printing; UINT64_MAX, the last one of all, for the period that time cuts. */
nsc_always_inline uint64_t nsc_period_end(const struct nsc_period *period)
{
	uint64_t end_ns;

	return __builtin_add_overflow(period->start_ns, period->length_ns, &end_ns) ? UINT64_MAX : end_ns;
}

/* How many of pkt[0..n), n >= 1, it holds: those before the first one that is beyond it. */
nsc_always_inline uint32_t nsc_period_held(const struct nsc_period *period, const struct nsc_packet *pkt, uint32_t n)
{
	uint32_t held = 0;

	if (nsc_likely(nsc_period_holds(period, pkt[n - 1].clock_ns)))
		return n;
	while (nsc_period_holds(period, pkt[held].clock_ns))
		held++;
	return held;
}

#endif
