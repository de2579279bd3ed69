/* SPDX-License-Identifier: MIT
 *
 * Round trip times: the integer rule of the EWMA, the least and the last one, and the ends of the numbers.
 */
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

START_TEST(the_first_sample_is_all_three)
{
	struct flow_rtt rtt = { 0 };

	flow_rtt_sample(&rtt, 1234567);
	ck_assert_uint_eq(rtt.samples, 1);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_LAST), 1234567);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_MIN), 1234567);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_EWMA), 1234567);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_HANDSHAKE), 0);
}
END_TEST

START_TEST(the_average_is_7_8_old_and_1_8_new_rounded)
{
	struct flow_rtt rtt = { 0 };

	flow_rtt_sample(&rtt, 1000);
	flow_rtt_sample(&rtt, 2000);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_EWMA), 1125);
	flow_rtt_sample(&rtt, 3); /* (7 * 1125 + 3) / 8 = 984.75 */
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_EWMA), 985);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_MIN), 3);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_LAST), 3);
	flow_rtt_sample(&rtt, 5000);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_MIN), 3);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_LAST), 5000);
	ck_assert_uint_eq(rtt.samples, 4);
}
END_TEST

START_TEST(forty_bits_of_nanoseconds_and_no_more)
{
	struct flow_rtt rtt = { 0 };

	flow_rtt_sample(&rtt, 5000000000ull); /* beyond 32 bits */
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_LAST), 5000000000ull);
	flow_rtt_sample(&rtt, RTT_MAX_NS + 1);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_LAST), RTT_MAX_NS);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_MIN), 5000000000ull);
	flow_rtt_handshake(&rtt, UINT64_MAX);
	ck_assert_uint_eq(flow_rtt_get(&rtt, RTT_HANDSHAKE), RTT_MAX_NS);
}
END_TEST

START_TEST(the_number_of_samples_stays_at_its_largest)
{
	struct flow_rtt rtt = { .samples = UINT32_MAX };

	flow_rtt_sample(&rtt, 7);
	ck_assert_uint_eq(rtt.samples, UINT32_MAX);
}
END_TEST

CHECK_MAIN("round trip times", the_first_sample_is_all_three, the_average_is_7_8_old_and_1_8_new_rounded,
	   forty_bits_of_nanoseconds_and_no_more, the_number_of_samples_stays_at_its_largest)
