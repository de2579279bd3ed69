/* SPDX-License-Identifier: MIT
 *
 * Text into bounded room. A struct print is checked at every piece and drops what does not fit; the functions that
 * write at a bare pointer are for callers that have made sure of the room, because they write millions of lines.
 */
#ifndef NETSCOPE_TEXT_PRINT_H
#define NETSCOPE_TEXT_PRINT_H

#include <string.h>

#include "netscope/base.h"

struct print {
	char *at, *end;
	bool full; /* something was dropped */
};

enum { /* room that a bare write may use */
       PRINT_U64_MAX = 20,
       PRINT_MAC_MAX = 17,
       PRINT_IPV4_MAX = 16, /* with a point that the next piece overwrites */
       PRINT_IPV6_MAX = 48,
       PRINT_TIME_MAX = 15,
};

struct print_octet {
	char text[4]; /* "7.", "255." */
};

extern const char print_pairs[201];
extern const char print_hex_pairs[513];
extern const struct print_octet print_octets[256];
extern const uint8_t print_octet_lengths[256];

nsc_always_inline char *write_pair(char *at, uint32_t below_100)
{
	memcpy(at, print_pairs + 2 * below_100, 2);
	return at + 2;
}

nsc_always_inline char *write_u64(char *at, uint64_t value)
{
	char digits[PRINT_U64_MAX], *p = digits + sizeof(digits);
	size_t n;

	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	for (; value >= 100; value /= 100)
		write_pair(p -= 2, (uint32_t)(value % 100));
	if (value >= 10)
		write_pair(p -= 2, (uint32_t)value);
	else
		*--p = (char)('0' + value);
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(at, p, n);
	return at + n;
}

/* A 32-bit number: the digits are counted first and written in place. */
nsc_always_inline char *write_u32(char *at, uint32_t value)
{
	char *end;

	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	end = at + 2 + (value >= 100) + (value >= 1000) + (value >= 10000) + (value >= 100000) + (value >= 1000000) +
	      (value >= 10000000) + (value >= 100000000) + (value >= 1000000000);
	for (at = end; value >= 100; value /= 100)
		write_pair(at -= 2, value % 100);
	if (value >= 10)
		write_pair(at - 2, value);
	else
		at[-1] = (char)('0' + value);
	return end;
}

nsc_always_inline char *write_hex(char *at, uint8_t byte)
{
	memcpy(at, print_hex_pairs + 2 * byte, 2);
	return at + 2;
}

nsc_always_inline char *write_mac(char *at, const uint8_t *mac)
{
	for (unsigned i = 0; i < 6; i++) {
		at = write_hex(at, mac[i]);
		*at++ = ':';
	}
	return at - 1;
}

nsc_always_inline char *write_ipv4(char *at, const uint8_t *addr)
{
	for (unsigned i = 0; i < 4; i++) {
		memcpy(at, print_octets[addr[i]].text, 4);
		at += print_octet_lengths[addr[i]];
	}
	return at - 1;
}

#define write_literal(at, text) ((char *)memcpy((at), (text), sizeof(text) - 1) + (sizeof(text) - 1))

/* RFC 5952, as inet_ntop. */
char *write_ipv6(char *at, const uint8_t *addr);

/* Time of day, UTC, cut to microseconds. */
char *write_time(char *at, uint64_t ns);

void print_bytes(struct print *p, const char *text, size_t n);
void print_text(struct print *p, const char *text);
void print_u64(struct print *p, uint64_t value);
void print_hex(struct print *p, uint64_t value, unsigned digits); /* "0x" first */
void print_char(struct print *p, char c);
void print_spaces(struct print *p, unsigned n);

/* Bytes from the wire, as nsc_escape_text. */
void print_escaped(struct print *p, const uint8_t *bytes, size_t n);

#endif
