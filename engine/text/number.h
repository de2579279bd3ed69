/* SPDX-License-Identifier: MIT
 *
 * Numbers as text, into the caller's buffer: two digits at a time, no locale, no floating point, no terminating NUL.
 * The functions of engine/text that begin with nsc_format_ write at `at`, where at least the named room must be, and
 * return the new end. They may scribble over that room beyond the end that they return.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_NUMBER_H
#define NETSCOPE_TEXT_NUMBER_H

#include "netscope/base.h"

#include <string.h>

enum {
	NSC_FORMAT_U32_MAX = 10,
	NSC_FORMAT_U64_MAX = 20,
	NSC_FORMAT_U128_MAX = 39,
	NSC_FORMAT_GROUPED_MAX = 26,
};

extern const char nsc_digit_pairs[200];
extern const char nsc_hex_pairs[513];
extern const uint64_t nsc_powers_of_ten[20];

/* Exactly 2 digits; below_100 is 0 to 99. */
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

/* The same for 32 bits, where division is cheaper. Room: NSC_FORMAT_U32_MAX. */
nsc_always_inline char *nsc_format_u32(char *at, uint32_t value)
{
	char *end;

	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	end = at + 2 + (value >= 100) + (value >= 1000) + (value >= 10000) + (value >= 100000) + (value >= 1000000) +
	      (value >= 10000000) + (value >= 100000000) + (value >= 1000000000);
	for (at = end; value >= 100; value /= 100)
		nsc_format_pair(at -= 2, value % 100);
	if (value >= 10)
		nsc_format_pair(at - 2, value);
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

/* Exactly 2 digits, lower case. */
nsc_always_inline char *nsc_format_hex(char *at, uint8_t byte)
{
	memcpy(at, nsc_hex_pairs + 2 * byte, 2);
	return at + 2;
}

/* Room: NSC_FORMAT_U128_MAX. */
char *nsc_format_u128(char *at, unsigned __int128 value);

/* A number of thousandths with 3 decimals: 1234567 is "1234.567". Room: NSC_FORMAT_U128_MAX + 2. */
char *nsc_format_thousandths(char *at, unsigned __int128 value);

/* 8 * bytes / duration in thousandths of bits per second, rounded half up, exactly; 0 when duration_ns is 0. */
unsigned __int128 nsc_bps_thousandths(uint64_t bytes, uint64_t duration_ns);

/* Digits in groups of three: "1,234,567". Room: NSC_FORMAT_GROUPED_MAX. */
char *nsc_format_grouped(char *at, uint64_t value);

/* Room: strlen(text) + 1, for it ends with a NUL that the next piece overwrites. */
nsc_always_inline char *nsc_format_text(char *at, const char *text)
{
	return stpcpy(at, text);
}

/* A text that the compiler knows: one or two moves. Room: its length. */
#define nsc_format_literal(at, text) ((char *)memcpy((at), (text), sizeof(text) - 1) + (sizeof(text) - 1))

#endif
