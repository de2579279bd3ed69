/* SPDX-License-Identifier: MIT
 *
 * Addresses as text; see number.h for what the functions have in common.
 */
#ifndef NETSCOPE_TEXT_ADDRESS_H
#define NETSCOPE_TEXT_ADDRESS_H

#include "engine/text/number.h"

enum {
	NSC_FORMAT_MAC_MAX = 18,      /* with a colon that the next piece overwrites */
	NSC_FORMAT_IP_MAX = 48,       /* an IPv6 address with an IPv4 tail is 45 */
	NSC_FORMAT_ENDPOINT_MAX = 56, /* with brackets, colon and port */
};

struct nsc_octet_text { /* "7.", "42.", "255.": the digits of an octet and the point after it */
	char text[4];
};

extern const struct nsc_octet_text nsc_octet_texts[256];
extern const uint8_t nsc_octet_lengths[256];

/* Dotted IPv4, addr in network order. Room: NSC_FORMAT_IP_MAX. */
nsc_always_inline char *nsc_format_ipv4(char *at, const uint8_t addr[4])
{
	for (unsigned i = 0; i < 4; i++) {
		memcpy(at, nsc_octet_texts[addr[i]].text, 4);
		at += nsc_octet_lengths[addr[i]];
	}
	return at - 1;
}

/* "02:00:00:00:00:01". Room: NSC_FORMAT_MAC_MAX. */
nsc_always_inline char *nsc_format_mac(char *at, const uint8_t addr[6])
{
	for (unsigned i = 0; i < 6; i++) {
		at = nsc_format_hex(at, addr[i]);
		*at++ = ':';
	}
	return at - 1;
}

/* RFC 5952, as inet_ntop: lower case, the first longest run of zero groups cut, an IPv4 tail in ::a.b.c.d and
 * ::ffff:a.b.c.d. Room: NSC_FORMAT_IP_MAX. */
char *nsc_format_ipv6(char *at, const uint8_t addr[16]);

/* ip_version 4 or 6. Room: NSC_FORMAT_IP_MAX. */
char *nsc_format_ip(char *at, const uint8_t addr[16], unsigned ip_version);

/* "1.2.3.4:80", "[2001:db8::1]:80". Room: NSC_FORMAT_ENDPOINT_MAX. */
char *nsc_format_endpoint(char *at, const uint8_t addr[16], unsigned ip_version, uint16_t port);

#endif
