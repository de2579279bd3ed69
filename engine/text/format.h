/* SPDX-License-Identifier: MIT
 *
 * Numbers and addresses as text, into the caller's buffer: two digits at a time, no locale, no floating point, no
 * terminating NUL. Each function writes at `at`, where at least the named room must be, and returns the new end.
 * It may scribble over that room beyond the end that it returns.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_FORMAT_H
#define NETSCOPE_TEXT_FORMAT_H

#include "netscope/base.h"

#include <string.h>

enum {
	NSC_FORMAT_U64_MAX = 20,
	NSC_FORMAT_U128_MAX = 39,
	NSC_FORMAT_SECONDS_MAX = 24, /* 14 digits, a point, 9 digits */
	NSC_FORMAT_IP_MAX = 48,      /* an IPv6 address with an IPv4 tail is 45 */
	NSC_FORMAT_TIME_MAX = 15,    /* HH:MM:SS.uuuuuu */
};

struct nsc_octet_text { /* "7.", "42.", "255.": the digits of an octet and the point after it */
	char text[4];
};

extern const char nsc_digit_pairs[200];
extern const struct nsc_octet_text nsc_octet_texts[256];
extern const uint64_t nsc_powers_of_ten[20];

nsc_always_inline char *nsc_format_pair(char *at, unsigned below_100)
{
	memcpy(at, nsc_digit_pairs + 2 * below_100, 2);
	return at + 2;
}

/* Exactly 8 digits, with leading zeros; value < 10^8. */
nsc_always_inline char *nsc_format_eight(char *at, uint32_t value)
{
	uint32_t high = value / 10000, low = value % 10000;

	at = nsc_format_pair(at, high / 100);
	at = nsc_format_pair(at, high % 100);
	at = nsc_format_pair(at, low / 100);
	return nsc_format_pair(at, low % 100);
}

/* value >= 1 */
nsc_always_inline unsigned nsc_digits_u64(uint64_t value)
{
	unsigned guess = (64 - (unsigned)__builtin_clzll(value)) * 1233 >> 12;

	return guess + (value >= nsc_powers_of_ten[guess]);
}

/* Room: NSC_FORMAT_U64_MAX. */
nsc_always_inline char *nsc_format_u64(char *at, uint64_t value)
{
	char *end;

	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	end = at + nsc_digits_u64(value);
	for (at = end; value >= 100; value /= 100)
		nsc_format_pair(at -= 2, (unsigned)(value % 100));
	if (value >= 10)
		nsc_format_pair(at - 2, (unsigned)value);
	else
		at[-1] = (char)('0' + value);
	return end;
}

/* Exactly 9 digits, with leading zeros; value < 10^9. */
nsc_always_inline char *nsc_format_nine(char *at, uint32_t value)
{
	*at++ = (char)('0' + value / 100000000);
	return nsc_format_eight(at, value % 100000000);
}

/* Exactly 3 digits, with leading zeros; value < 1000. */
nsc_always_inline char *nsc_format_three(char *at, uint32_t value)
{
	*at++ = (char)('0' + value / 100);
	return nsc_format_pair(at, value % 100);
}

/* Nanoseconds as seconds with 9 decimals, exactly. Room: NSC_FORMAT_SECONDS_MAX. */
nsc_always_inline char *nsc_format_seconds(char *at, uint64_t ns)
{
	const uint32_t eight = 100000000;
	uint64_t seconds = ns / NSC_NS_PER_SEC;

	if (nsc_likely(seconds >= 10ull * eight && seconds < 100ull * eight)) { /* times from 2001 to 2286 */
		at = nsc_format_pair(at, (unsigned)(seconds / eight));
		at = nsc_format_eight(at, (uint32_t)(seconds % eight));
	} else {
		at = nsc_format_u64(at, seconds);
	}
	*at++ = '.';
	return nsc_format_nine(at, (uint32_t)(ns % NSC_NS_PER_SEC));
}

/* A time from 2^63 ns on, which packet.h explains: seconds before 2^64 us, as the file counts them. */
char *nsc_format_late_timestamp(char *at, uint64_t ns);

/* A point in time in seconds with 9 decimals, exactly. Room: NSC_FORMAT_SECONDS_MAX. */
nsc_always_inline char *nsc_format_timestamp(char *at, uint64_t ns)
{
	return nsc_likely(ns <= NSC_TIME_MAX) ? nsc_format_seconds(at, ns) : nsc_format_late_timestamp(at, ns);
}

/* Dotted IPv4, addr in network order. Room: NSC_FORMAT_IP_MAX. */
nsc_always_inline char *nsc_format_ipv4(char *at, const uint8_t addr[4])
{
	for (unsigned i = 0; i < 4; i++) {
		memcpy(at, nsc_octet_texts[addr[i]].text, 4);
		at += 2 + (addr[i] >= 10) + (addr[i] >= 100);
	}
	return at - 1;
}

/* RFC 5952, as inet_ntop: lower case, the first longest run of zero groups cut, an IPv4 tail in ::a.b.c.d and
 * ::ffff:a.b.c.d. Room: NSC_FORMAT_IP_MAX. */
char *nsc_format_ipv6(char *at, const uint8_t addr[16]);

/* ip_version 4 or 6. Room: NSC_FORMAT_IP_MAX. */
char *nsc_format_ip(char *at, const uint8_t addr[16], unsigned ip_version);

/* "1.2.3.4:80", "[2001:db8::1]:80". Room: NSC_FORMAT_IP_MAX + 8. */
char *nsc_format_endpoint(char *at, const uint8_t addr[16], unsigned ip_version, uint16_t port);

/* Room: NSC_FORMAT_U128_MAX. */
char *nsc_format_u128(char *at, unsigned __int128 value);

/* A number of thousandths with 3 decimals: 1234567 is "1234.567". Room: NSC_FORMAT_U128_MAX + 2. */
char *nsc_format_thousandths(char *at, unsigned __int128 value);

/* 8 * bytes / duration in thousandths of bits per second, rounded half up, exactly; 0 when duration_ns is 0. */
unsigned __int128 nsc_bps_thousandths(uint64_t bytes, uint64_t duration_ns);

/* Digits in groups of three: "1,234,567". Room: 26. */
char *nsc_format_grouped(char *at, uint64_t value);

/* Time of day, UTC, cut to microseconds: "23:59:59.123456". Room: NSC_FORMAT_TIME_MAX. */
char *nsc_format_time_of_day(char *at, uint64_t ns);

/* text[0..length) as a JSON string with its quotes; control characters, quote and backslash escaped, bytes that are
 * not UTF-8 replaced by U+FFFD. Room: 2 + 6 * length. */
char *nsc_format_json_string(char *at, const char *text, size_t length);

/* Room: strlen(text) + 1, for it ends with a NUL that the next piece overwrites. */
nsc_always_inline char *nsc_format_text(char *at, const char *text)
{
	return stpcpy(at, text);
}

/* A text that the compiler knows: one or two moves. Room: its length. */
#define nsc_format_literal(at, text) ((char *)memcpy((at), (text), sizeof(text) - 1) + (sizeof(text) - 1))

#endif
