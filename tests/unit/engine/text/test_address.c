/* SPDX-License-Identifier: MIT
 *
 * Addresses as text, against inet_ntop.
 */
#include "engine/text/address.h"

#include "tests/unit/backends/sinks/records.h"
#include "tests/unit/engine/check_main.h"

#include <arpa/inet.h>

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

START_TEST(mac)
{
	char text[NSC_FORMAT_MAC_MAX + 1];

	*nsc_format_mac(text, (const uint8_t *)"\0\x1b\xff\x80\x0a\x01") = '\0';
	ck_assert_str_eq(text, "00:1b:ff:80:0a:01");
}
END_TEST

CHECK_MAIN("text/address", ipv4_every_octet, ipv6_every_compression, ipv6_random, endpoints, mac)
