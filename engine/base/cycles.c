/* SPDX-License-Identifier: MIT
 *
 * Calibration of the cycle counter. Reading both clocks costs under 50 ns, so that 250 us keep the error below two
 * parts in ten thousand, and a run on a small file does not wait for it.
 */
#include "engine/base/cycles.h"

enum { MEASURE_NS = 250 * 1000 };

double nsc_cycles_measure_hz(void)
{
	uint64_t start_ns = nsc_monotonic_ns(), start = nsc_cycles(), now_ns, now;

	do {
		now_ns = nsc_monotonic_ns();
		now = nsc_cycles();
	} while (now_ns - start_ns < MEASURE_NS);
	return (double)(now - start) * (double)NSC_NS_PER_SEC / (double)(now_ns - start_ns);
}
