/* SPDX-License-Identifier: MIT
 *
 * Calibration of the cycle counter. Reading both clocks costs under 50 ns, so that 250 us keep the error below two
 * parts in ten thousand, and a run on a small file does not wait for it. Whoever is stopped between the two clocks
 * reads them again.
 */
#include "engine/base/cycles.h"

enum { MEASURE_NS = 250 * 1000, READINGS = 4 };

struct nsc_cycles_at nsc_cycles_now(void)
{
	struct nsc_cycles_at best = { .ns = 0 };
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < READINGS; i++) {
		uint64_t before = nsc_cycles(), ns = nsc_monotonic_ns(), after = nsc_cycles();

		if (after - before >= least)
			continue;
		least = after - before;
		best = (struct nsc_cycles_at){ .ns = ns, .cycles = before + least / 2 };
	}
	return best;
}

double nsc_cycles_hz(struct nsc_cycles_at from, struct nsc_cycles_at to)
{
	return (double)(to.cycles - from.cycles) * (double)NSC_NS_PER_SEC / (double)(to.ns - from.ns);
}

double nsc_cycles_measure_hz(void)
{
	struct nsc_cycles_at from = nsc_cycles_now(), to;

	do
		to = nsc_cycles_now();
	while (to.ns - from.ns < MEASURE_NS);
	return nsc_cycles_hz(from, to);
}
