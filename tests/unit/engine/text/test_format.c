/* SPDX-License-Identifier: MIT
 *
 * Numbers and addresses as text, against printf and inet_ntop and at their edges.
 */
#include "engine/text/format.h"

#include "tests/unit/backends/sinks/records.h"

#include <arpa/inet.h>
#include <inttypes.h>

static unsigned check_u64(uint64_t value)
{
	char text[32], want[32];

	*nsc_format_u64(text, value) = '\0';
	snprintf(want, sizeof(want), "%" PRIu64, value);
	return !!strcmp(text, want);
}

START_TEST(u64_as_printf)
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

START_TEST(fixed_point)
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

START_TEST(small_forms)
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
	*nsc_format_time_of_day(text, 1700000000123456789ull) = '\0';
	ck_assert_str_eq(text, "22:13:20.123456");
	*nsc_format_time_of_day(text, 86399999999999ull) = '\0';
	ck_assert_str_eq(text, "23:59:59.999999");
	*nsc_format_time_of_day(text, 0) = '\0';
	ck_assert_str_eq(text, "00:00:00.000000");
}
END_TEST

START_TEST(ipv4_every_octet)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < 256; i++) {
		uint8_t addr[4] = { (uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7), (uint8_t)i };
		char text[NSC_FORMAT_IP_MAX + 1], want[INET_ADDRSTRLEN];

		*nsc_format_ipv4(text, addr) = '\0';
		inet_ntop(AF_INET, addr, want, sizeof(want));
		wrong += !!strcmp(text, want);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static unsigned check_ipv6(const uint8_t addr[16])
{
	char text[NSC_FORMAT_IP_MAX + 1], want[INET6_ADDRSTRLEN];

	*nsc_format_ipv6(text, addr) = '\0';
	inet_ntop(AF_INET6, addr, want, sizeof(want));
	if (!strcmp(text, want))
		return 0;
	printf("ipv6: %s, wanted %s\n", text, want);
	return 1;
}

/* Every pattern of zero groups, with groups of one to four digits, and all ones where IPv4 is mapped. */
START_TEST(ipv6_every_compression)
{
	static const uint16_t fill[] = { 0x1, 0x10, 0x100, 0x1000, 0xffff, 0xabcd };
	unsigned wrong = 0;

	for (unsigned zeros = 0; zeros < 256; zeros++) {
		for (unsigned f = 0; f < NSC_ARRAY_LEN(fill); f++) {
			uint8_t addr[16] = { 0 };

			for (unsigned i = 0; i < 8; i++) {
				addr[2 * i] = zeros >> i & 1 ? 0 : (uint8_t)(fill[f] >> 8);
				addr[2 * i + 1] = zeros >> i & 1 ? 0 : (uint8_t)fill[f];
			}
			wrong += check_ipv6(addr);
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(ipv6_random)
{
	uint64_t state = 7;
	unsigned wrong = 0;

	for (unsigned n = 0; n < 100000; n++) {
		uint8_t addr[16];

		for (unsigned i = 0; i < 16; i++) {
			uint64_t value = test_random(&state);

			addr[i] = value % 3 ? 0 : (uint8_t)(value >> 8);
		}
		wrong += check_ipv6(addr);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(endpoints)
{
	uint8_t four[16] = { 192, 0, 2, 1 }, six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	char text[NSC_FORMAT_IP_MAX + 9];

	*nsc_format_endpoint(text, four, 4, 53) = '\0';
	ck_assert_str_eq(text, "192.0.2.1:53");
	*nsc_format_endpoint(text, six, 6, 65535) = '\0';
	ck_assert_str_eq(text, "[2001:db8::1]:65535");
}
END_TEST

static const char *json_text(const char *text, size_t length)
{
	static char out[256];

	*nsc_format_json_string(out, text, length) = '\0';
	return out;
}

#define JSON(text) json_text(text, sizeof(text) - 1)

START_TEST(json_strings)
{
	ck_assert_str_eq(JSON(""), "\"\"");
	ck_assert_str_eq(JSON("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
	ck_assert_str_eq(JSON("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
	ck_assert_str_eq(JSON("\0\x1f\x7f"), "\"\\u0000\\u001f\\u007f\"");
	ck_assert_str_eq(JSON("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
			 "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}
END_TEST

#define BAD "\xef\xbf\xbd"

START_TEST(json_strings_that_are_not_utf8)
{
	ck_assert_str_eq(JSON("\xff"), "\"" BAD "\"");
	ck_assert_str_eq(JSON("\xc3"), "\"" BAD "\"");                         /* cut */
	ck_assert_str_eq(JSON("\xc0\xaf"), "\"" BAD BAD "\"");                 /* overlong */
	ck_assert_str_eq(JSON("\xe0\x80\xaf"), "\"" BAD BAD BAD "\"");         /* overlong */
	ck_assert_str_eq(JSON("\xed\xa0\x80"), "\"" BAD BAD BAD "\"");         /* surrogate */
	ck_assert_str_eq(JSON("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\""); /* beyond U+10FFFF */
	ck_assert_str_eq(JSON("\x80z"), "\"" BAD "z\"");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("format");
	TCase *tcase = tcase_create("text");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, u64_as_printf);
	tcase_add_test(tcase, fixed_point);
	tcase_add_test(tcase, rates);
	tcase_add_test(tcase, small_forms);
	tcase_add_test(tcase, ipv4_every_octet);
	tcase_add_test(tcase, ipv6_every_compression);
	tcase_add_test(tcase, ipv6_random);
	tcase_add_test(tcase, endpoints);
	tcase_add_test(tcase, json_strings);
	tcase_add_test(tcase, json_strings_that_are_not_utf8);
	return test_run(suite);
}
