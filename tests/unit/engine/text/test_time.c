/* SPDX-License-Identifier: MIT
 *
 * Times as text, at both ends of the clock.
 */
#include "engine/text/time.h"

#include "tests/unit/engine/check_main.h"

START_TEST(seconds)
{
	char text[64];

	*nsc_format_seconds(text, 0) = '\0';
	ck_assert_str_eq(text, "0.000000000");
	*nsc_format_seconds(text, 1) = '\0';
	ck_assert_str_eq(text, "0.000000001");
	*nsc_format_seconds(text, 1700000000123456789ull) = '\0';
	ck_assert_str_eq(text, "1700000000.123456789");
	*nsc_format_seconds(text, UINT64_MAX) = '\0';
	ck_assert_str_eq(text, "18446744073.709551615");
	*nsc_format_timestamp(text, 1700000000123456789ull) = '\0';
	ck_assert_str_eq(text, "1700000000.123456789");
	*nsc_format_timestamp(text, -505421191000ull) = '\0'; /* 505.4 s before 1970, as pcapng counts it */
	ck_assert_str_eq(text, "18446744073204.130425000");
	*nsc_format_timestamp(text, -1000ull) = '\0';
	ck_assert_str_eq(text, "18446744073709.551615000");
	*nsc_format_timestamp(text, -600000000ull) = '\0';
	ck_assert_str_eq(text, "18446744073708.951616000");
	*nsc_format_timestamp(text, NSC_TIME_MAX) = '\0';
	ck_assert_str_eq(text, "9223372036.854775807");
	*nsc_format_timestamp(text, UINT64_MAX) = '\0'; /* 1 ns before 1970 */
	ck_assert_str_eq(text, "18446744073709.551615999");
	*nsc_format_timestamp(text, (uint64_t)NSC_TIME_MAX + 1) = '\0'; /* as long before 2^64 us */
	ck_assert_str_eq(text, "18437520701672.696840192");
}
END_TEST

START_TEST(time_of_day)
{
	char text[64];

	*nsc_format_time_of_day(text, 1700000000123456789ull) = '\0';
	ck_assert_str_eq(text, "22:13:20.123456");
	*nsc_format_time_of_day(text, 86399999999999ull) = '\0';
	ck_assert_str_eq(text, "23:59:59.999999");
	*nsc_format_time_of_day(text, 0) = '\0';
	ck_assert_str_eq(text, "00:00:00.000000");
	*nsc_format_time_of_day(text, NSC_TIME_MAX) = '\0';
	ck_assert_str_eq(text, "23:47:16.854775");
	*nsc_format_time_of_day(text, -505421191000ull) = '\0'; /* of second 18446744073204, which its timestamp says */
	ck_assert_str_eq(text, "07:53:24.130425");
	*nsc_format_time_of_day(text, UINT64_MAX) = '\0';
	ck_assert_str_eq(text, "08:01:49.551615");
}
END_TEST

CHECK_MAIN("text/time", seconds, time_of_day)
