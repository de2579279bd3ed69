/* SPDX-License-Identifier: MIT */
#include "engine/base/rounds.h"

#include <sys/mman.h>
#include <time.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_counters counters;

static uint64_t counted(void)
{
	return counters.value[NSC_C_ROUND_SOURCE] + counters.value[NSC_C_ROUND_OFF_CORE] +
	       counters.value[NSC_C_ROUND_FAULTED] + counters.value[NSC_C_ROUND_OWN];
}

START_TEST(time_in_the_source_is_the_sources)
{
	struct nsc_rounds rounds = { .left = 0 };

	counters = (struct nsc_counters){ .stamp = 0 };
	nsc_rounds_begin(&rounds);
	nsc_rounds_long(&rounds, NSC_ROUND_LONG_NS + 1, 1, &counters);
	nsc_rounds_long(&rounds, 9 * NSC_ROUND_LONG_NS, 9 * NSC_ROUND_LONG_NS, &counters);
	ck_assert_uint_eq(counters.value[NSC_C_ROUND_SOURCE], 2);
	ck_assert_uint_eq(counted(), 2);
}
END_TEST

START_TEST(a_sleep_is_off_the_core)
{
	struct nsc_rounds rounds = { .left = 0 };

	counters = (struct nsc_counters){ .stamp = 0 };
	nsc_rounds_begin(&rounds);
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	nsc_rounds_long(&rounds, 2 * NSC_ROUND_LONG_NS, 0, &counters);
	ck_assert_uint_eq(counters.value[NSC_C_ROUND_OFF_CORE], 1);
	ck_assert_uint_eq(counted(), 1);
}
END_TEST

/* Without an interruption in between: repeated until there was none. */
static unsigned cause_of(bool fault)
{
	for (;;) {
		uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct nsc_rounds rounds = { .left = 0 };

		ck_assert_ptr_ne(page, MAP_FAILED);
		counters = (struct nsc_counters){ .stamp = 0 };
		nsc_rounds_begin(&rounds);
		if (fault)
			*(volatile uint8_t *)page = 1;
		nsc_rounds_long(&rounds, 2 * NSC_ROUND_LONG_NS, 0, &counters);
		munmap(page, 4096);
		ck_assert_uint_eq(counted(), 1);
		if (!counters.value[NSC_C_ROUND_OFF_CORE])
			return counters.value[NSC_C_ROUND_FAULTED] ? NSC_C_ROUND_FAULTED : NSC_C_ROUND_OWN;
	}
}

START_TEST(a_page_fault_and_nothing_at_all)
{
	ck_assert_uint_eq(cause_of(true), NSC_C_ROUND_FAULTED);
	ck_assert_uint_eq(cause_of(false), NSC_C_ROUND_OWN);
}
END_TEST

/* What happened before the last look is no cause. */
START_TEST(looks_again_after_a_while_and_after_a_sleep)
{
	struct nsc_rounds rounds = { .left = 0 };

	for (uint32_t i = 0; i < NSC_ROUNDS_LOOK; i++)
		nsc_rounds_begin(&rounds);
	ck_assert_uint_eq(rounds.left, 0);
	rounds.switches = UINT64_MAX;
	nsc_rounds_begin(&rounds);
	ck_assert_uint_ne(rounds.switches, UINT64_MAX);
	ck_assert_uint_eq(rounds.left, NSC_ROUNDS_LOOK - 1);
	nsc_rounds_slept(&rounds);
	rounds.switches = UINT64_MAX;
	nsc_rounds_begin(&rounds);
	ck_assert_uint_ne(rounds.switches, UINT64_MAX);
}
END_TEST

CHECK_MAIN("rounds", time_in_the_source_is_the_sources, a_sleep_is_off_the_core, a_page_fault_and_nothing_at_all,
	   looks_again_after_a_while_and_after_a_sleep)
