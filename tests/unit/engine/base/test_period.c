/* SPDX-License-Identifier: MIT
 *
 * Periods from time 0 to the end of time: which clocks they hold, what is left of them, what two have in common.
 */
#include "engine/base/period.h"

#include "tests/unit/engine/check_main.h"

START_TEST(before_the_first_packet_it_holds_nothing)
{
	struct nsc_period none = { .start_ns = 0 };

	ck_assert(!nsc_period_holds(&none, 0));
	ck_assert(!nsc_period_holds(&none, 1));
	ck_assert(!nsc_period_holds(&none, UINT64_MAX));
}
END_TEST

START_TEST(a_usual_one)
{
	struct nsc_period period = nsc_period_of(1234, 100);

	ck_assert_uint_eq(period.start_ns, 1200);
	ck_assert(nsc_period_holds(&period, 1200) && nsc_period_holds(&period, 1299));
	ck_assert(!nsc_period_holds(&period, 1300) && !nsc_period_holds(&period, UINT64_MAX));
	ck_assert_uint_eq(nsc_period_left(&period, 1234), 66);
	ck_assert_uint_eq(nsc_period_end(&period), 1300);
}
END_TEST

START_TEST(the_last_one_is_cut_by_the_end_of_time)
{
	struct nsc_period period = nsc_period_of(UINT64_MAX, 1000);

	ck_assert_uint_eq(period.start_ns, UINT64_MAX - 615);
	ck_assert(nsc_period_holds(&period, UINT64_MAX - 615) && nsc_period_holds(&period, UINT64_MAX));
	ck_assert_uint_eq(nsc_period_left(&period, UINT64_MAX), 385);
	ck_assert_uint_eq(nsc_period_end(&period), UINT64_MAX);
	period = nsc_period_of(UINT64_MAX - 616, 1000);
	ck_assert(!nsc_period_holds(&period, UINT64_MAX - 615) && !nsc_period_holds(&period, UINT64_MAX));
	ck_assert_uint_eq(nsc_period_end(&period), UINT64_MAX - 615);
}
END_TEST

START_TEST(the_longest_one_is_all_of_time)
{
	struct nsc_period period = nsc_period_of(5, UINT64_MAX);

	ck_assert_uint_eq(period.start_ns, 0);
	ck_assert(nsc_period_holds(&period, 0) && nsc_period_holds(&period, UINT64_MAX - 1));
	ck_assert(!nsc_period_holds(&period, UINT64_MAX));
}
END_TEST

/* Against the definition, clock by clock, at both ends of time. */
START_TEST(what_two_have_in_common)
{
	static const uint64_t from[] = { 0, 5000, UINT64_MAX - 3000 };
	uint32_t wrong = 0;

	for (unsigned k = 0; k < NSC_ARRAY_LEN(from); k++)
		for (uint64_t at = from[k], n = 0; n < 3000; n++, at++) {
			struct nsc_period a = nsc_period_of(at, 1000), b = nsc_period_of(at, 700);
			struct nsc_period both = nsc_period_common(&a, &b, at);

			wrong += !nsc_period_holds(&both, at) || both.start_ns != NSC_MAX(a.start_ns, b.start_ns);
			for (uint64_t later = at; later - at < 1100 && later >= at; later++)
				wrong += nsc_period_holds(&both, later) !=
					 (nsc_period_holds(&a, later) && nsc_period_holds(&b, later));
		}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(counts_the_packets_that_it_holds)
{
	struct nsc_period period = nsc_period_of(UINT64_MAX - 2000, 1000);
	struct nsc_packet pkt[4] = {
		{ .clock_ns = UINT64_MAX - 2000 },
		{ .clock_ns = UINT64_MAX - 1616 },
		{ .clock_ns = UINT64_MAX - 1615 },
		{ .clock_ns = UINT64_MAX },
	};

	ck_assert_uint_eq(nsc_period_held(&period, pkt, 4), 2);
	ck_assert_uint_eq(nsc_period_held(&period, pkt, 2), 2);
	ck_assert_uint_eq(nsc_period_held(&period, pkt, 1), 1);
	ck_assert_uint_eq(nsc_period_held(&period, pkt + 2, 2), 0);
}
END_TEST

CHECK_MAIN("period", before_the_first_packet_it_holds_nothing, a_usual_one, the_last_one_is_cut_by_the_end_of_time,
	   the_longest_one_is_all_of_time, what_two_have_in_common, counts_the_packets_that_it_holds)
