/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>

#include "tests/unit/engine/dissect/support.h"

#include "engine/text/print.h"

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

START_TEST(numbers)
{
	uint64_t state = 1;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 100000; i++) {
		uint64_t value = next_random(&state) >> next_random(&state) % 64;
		char ours[32], theirs[32];

		*write_u64(ours, value) = '\0';
		snprintf(theirs, sizeof(theirs), "%llu", (unsigned long long)value);
		wrong += strcmp(ours, theirs) != 0;
		*write_u32(ours, (uint32_t)value) = '\0';
		snprintf(theirs, sizeof(theirs), "%u", (uint32_t)value);
		wrong += strcmp(ours, theirs) != 0;
	}
	for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10)
		for (uint64_t value = power - 1; value <= power; value++) {
			char ours[32], theirs[32];

			*write_u64(ours, value) = '\0';
			snprintf(theirs, sizeof(theirs), "%llu", (unsigned long long)value);
			wrong += strcmp(ours, theirs) != 0;
			*write_u32(ours, (uint32_t)value) = '\0';
			snprintf(theirs, sizeof(theirs), "%u", (uint32_t)value);
			wrong += strcmp(ours, theirs) != 0;
		}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Against the C library, with many zero groups. */
START_TEST(addresses)
{
	uint64_t state = 7;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 200000; i++) {
		uint8_t addr[16];
		char ours[PRINT_IPV6_MAX + 1], theirs[INET6_ADDRSTRLEN];
		uint64_t zeros = next_random(&state);

		for (unsigned k = 0; k < 16; k++)
			addr[k] = zeros >> (k / 2 * 2) & 3 ? 0
							   : (uint8_t)(next_random(&state) >> next_random(&state) % 8);
		if (i % 16 == 0)
			memset(addr + 10, i & 16 ? 0xff : 0, 2);
		*write_ipv6(ours, addr) = '\0';
		inet_ntop(AF_INET6, addr, theirs, sizeof(theirs));
		wrong += strcmp(ours, theirs) != 0;
		*write_ipv4(ours, addr) = '\0';
		inet_ntop(AF_INET, addr, theirs, sizeof(theirs));
		wrong += strcmp(ours, theirs) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(mac_and_time)
{
	char text[32];

	*write_mac(text, (const uint8_t *)"\0\x1b\xff\x80\x0a\x01") = '\0';
	ck_assert_str_eq(text, "00:1b:ff:80:0a:01");
	*write_time(text, 1700000000123456789ull) = '\0';
	ck_assert_str_eq(text, "22:13:20.123456");
	*write_time(text, 86399999999999ull) = '\0';
	ck_assert_str_eq(text, "23:59:59.999999");
	*write_time(text, 0) = '\0';
	ck_assert_str_eq(text, "00:00:00.000000");
}
END_TEST

/* Nothing is written beyond the room, whatever it is. */
START_TEST(bounded)
{
	char text[64];
	unsigned wrong = 0;

	for (size_t room = 0; room < 40; room++) {
		struct print p = { .at = text, .end = text + room };

		memset(text, '#', sizeof(text));
		print_text(&p, "twelve bytes");
		print_u64(&p, 12345678901234ull);
		print_hex(&p, 0xabcd, 4);
		print_escaped(&p, (const uint8_t *)"\xff\\", 2);
		wrong += (size_t)(p.at - text) > room || text[room] != '#' || p.full != (room < 38);
		wrong += room >= 38 && memcmp(text, "twelve bytes123456789012340xabcd\\xff\\\\", 38) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(escape_for_a_terminal)
{
	static const uint8_t bytes[] = "a\\\x1b]0;\n\x7f\x80\xc3\xa9~ ";
	char text[64];
	size_t n = nsc_escape_text(bytes, sizeof(bytes) - 1, text, sizeof(text));

	text[n] = '\0';
	ck_assert_str_eq(text, "a\\\\\\x1b]0;\\x0a\\x7f\\x80\\xc3\\xa9~ ");
	ck_assert_uint_eq(nsc_escape_text((const uint8_t *)"ab\x1b", 3, text, 5), 2); /* never half an escape */
}
END_TEST

START_TEST(escape_for_json)
{
	static const uint8_t bytes[] = "a\"\\\x1b</script>&'\xff";
	char text[96];
	size_t n = nsc_escape_json(bytes, sizeof(bytes) - 1, text, sizeof(text));

	text[n] = '\0';
	ck_assert_str_eq(text, "a\\\"\\\\\\\\\\\\x1b\\u003c/script\\u003e\\u0026\\u0027\\\\xff");
	ck_assert_uint_eq(nsc_escape_json((const uint8_t *)"<", 1, text, 5), 0);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, addresses);
	tcase_add_test(tcase, mac_and_time);
	tcase_add_test(tcase, bounded);
	tcase_add_test(tcase, escape_for_a_terminal);
	tcase_add_test(tcase, escape_for_json);
}

int main(void)
{
	return run_suite("print", add);
}
