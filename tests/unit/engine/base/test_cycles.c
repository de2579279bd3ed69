/* SPDX-License-Identifier: MIT
 *
 * The cycle counter runs forward, and its measured rate agrees with the clock over a longer time.
 */
#include "engine/base/cycles.h"

#include "tests/unit/engine/check_main.h"

START_TEST(runs_forward)
{
	uint64_t before = nsc_cycles();
	unsigned back = 0;

	for (unsigned i = 0; i < 100000; i++) {
		uint64_t now = nsc_cycles();

		back += now < before;
		before = now;
	}
	ck_assert_uint_eq(back, 0);
}
END_TEST

/* 2 %, because a busy machine may stop us between the two clocks. */
START_TEST(rate_agrees_with_the_clock)
{
	double hz = nsc_cycles_measure_hz(), seen;
	uint64_t start_ns = nsc_monotonic_ns(), start = nsc_cycles();

	while (nsc_monotonic_ns() - start_ns < 50 * 1000 * 1000)
		;
	seen = (double)(nsc_cycles() - start) * (double)NSC_NS_PER_SEC / (double)(nsc_monotonic_ns() - start_ns);
	ck_assert_double_gt(hz, 1e6);
	ck_assert_double_lt(hz / seen, 1.02);
	ck_assert_double_gt(hz / seen, 0.98);
}
END_TEST

CHECK_MAIN("cycles", runs_forward, rate_agrees_with_the_clock)
