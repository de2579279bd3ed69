/* SPDX-License-Identifier: MIT
 *
 * Stages and waits share the time between two borders without a gap, and without an overlap.
 */
#include "engine/base/account.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_counters counters;

static uint64_t value(unsigned counter)
{
	return counters.value[counter];
}

static void spend(uint64_t cycles)
{
	uint64_t began = nsc_cycles();

	while (nsc_cycles() - began < cycles)
		;
}

START_TEST(stages_share_the_time)
{
	uint64_t began;

	memset(&counters, 0, sizeof(counters));
	nsc_account_begin(&counters);
	began = counters.stamp;
	spend(5000);
	nsc_account(&counters, NSC_C_CYCLES_RX);
	spend(5000);
	nsc_account(&counters, NSC_C_CYCLES_FLOW);
	nsc_account(&counters, NSC_C_CYCLES_RX);
	ck_assert_uint_ge(value(NSC_C_CYCLES_RX), 5000);
	ck_assert_uint_ge(value(NSC_C_CYCLES_FLOW), 5000);
	ck_assert_uint_eq(value(NSC_C_CYCLES_RX) + value(NSC_C_CYCLES_FLOW), counters.stamp - began);
}
END_TEST

START_TEST(a_stage_goes_without_its_waits)
{
	uint64_t began, waits, waiting = 0;

	memset(&counters, 0, sizeof(counters));
	nsc_account_begin(&counters);
	began = counters.stamp;
	for (waits = 0; waits < 3; waits++) {
		uint64_t wait = nsc_cycles();

		spend(100000);
		waiting += nsc_cycles() - wait;
		nsc_account_waited(&counters, NSC_C_WAITED_LANE, wait);
	}
	nsc_account(&counters, NSC_C_CYCLES_STEER);
	ck_assert_uint_ge(value(NSC_C_WAITED_LANE), waiting);
	ck_assert_uint_le(value(NSC_C_CYCLES_STEER), counters.stamp - began - waiting);
	ck_assert_uint_eq(value(NSC_C_CYCLES_STEER) + value(NSC_C_WAITED_LANE), counters.stamp - began);
}
END_TEST

CHECK_MAIN("account", stages_share_the_time, a_stage_goes_without_its_waits)
