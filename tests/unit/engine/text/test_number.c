/* SPDX-License-Identifier: MIT
 *
 * Numbers as text, against printf and at their edges.
 */
#include "engine/text/number.h"

#include "tests/unit/backends/sinks/records.h"
#include "tests/unit/engine/check_main.h"

#include <inttypes.h>

static unsigned check_u64(uint64_t value)
{
	char text[32], want[32];

	*nsc_format_u64(text, value) = '\0';
	snprintf(want, sizeof(want), "%" PRIu64, value);
	if (strcmp(text, want))
		return 1;
	*nsc_format_u32(text, (uint32_t)value) = '\0';
	snprintf(want, sizeof(want), "%" PRIu32, (uint32_t)value);
	return !!strcmp(text, want);
}

START_TEST(as_printf)
{
	uint64_t power = 1, state = 1;
	unsigned wrong = check_u64(0) + check_u64(UINT64_MAX);

	for (unsigned i = 0; i < 20; i++, power *= 10)
		wrong += check_u64(power) + check_u64(power - 1) + check_u64(power + 1);
	for (unsigned i = 0; i < 64; i++)
		wrong += check_u64(1ull << i) + check_u64((1ull << i) - 1);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t value = test_random(&state);

		wrong += check_u64(value >> (value & 63));
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(wide_and_fixed_point)
{
	char text[64];

	*nsc_format_thousandths(text, 0) = '\0';
	ck_assert_str_eq(text, "0.000");
	*nsc_format_thousandths(text, 1234567) = '\0';
	ck_assert_str_eq(text, "1234.567");
	*nsc_format_thousandths(text, ~(unsigned __int128)0) = '\0';
	ck_assert_str_eq(text, "340282366920938463463374607431768211.455");
	*nsc_format_u128(text, (unsigned __int128)UINT64_MAX + 1) = '\0';
	ck_assert_str_eq(text, "18446744073709551616");
	*nsc_format_u128(text, (unsigned __int128)1000000000000000000ull * 1000000000000000000ull) = '\0';
	ck_assert_str_eq(text, "1000000000000000000000000000000000000");
}
END_TEST

static const char *rate_text(uint64_t bytes, uint64_t duration_ns)
{
	static char text[64];

	*nsc_format_thousandths(text, nsc_bps_thousandths(bytes, duration_ns)) = '\0';
	return text;
}

START_TEST(rates)
{
	ck_assert_str_eq(rate_text(1000, 0), "0.000");
	ck_assert_str_eq(rate_text(0, 5), "0.000");
	ck_assert_str_eq(rate_text(125, NSC_NS_PER_SEC), "1000.000");
	ck_assert_str_eq(rate_text(1, 3 * NSC_NS_PER_SEC), "2.667");
	ck_assert_str_eq(rate_text(1, 16000 * NSC_NS_PER_SEC), "0.001"); /* 0.0005 goes up */
	ck_assert_str_eq(rate_text(1, 16001 * NSC_NS_PER_SEC), "0.000");
	ck_assert_str_eq(rate_text(2305843, NSC_NS_PER_SEC), "18446744.000"); /* either side of 64 bits */
	ck_assert_str_eq(rate_text(2305844, NSC_NS_PER_SEC), "18446752.000");
	ck_assert_str_eq(rate_text(UINT64_MAX, 1), "147573952589676412920000000000.000");
	ck_assert_str_eq(rate_text(UINT64_MAX, UINT64_MAX), "8000000000.000");
	ck_assert_str_eq(rate_text(1, UINT64_MAX), "0.000");
}
END_TEST

START_TEST(grouped_and_hex)
{
	char text[64];

	*nsc_format_grouped(text, 0) = '\0';
	ck_assert_str_eq(text, "0");
	*nsc_format_grouped(text, 999) = '\0';
	ck_assert_str_eq(text, "999");
	*nsc_format_grouped(text, 1000) = '\0';
	ck_assert_str_eq(text, "1,000");
	*nsc_format_grouped(text, UINT64_MAX) = '\0';
	ck_assert_str_eq(text, "18,446,744,073,709,551,615");
	*nsc_format_hex(nsc_format_hex(text, 0x0f), 0xa0) = '\0';
	ck_assert_str_eq(text, "0fa0");
	*nsc_format_three(nsc_format_nine(text, 7), 42) = '\0';
	ck_assert_str_eq(text, "000000007042");
}
END_TEST

CHECK_MAIN("text/number", as_printf, wide_and_fixed_point, rates, grouped_and_hex)
