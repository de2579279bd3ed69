/* SPDX-License-Identifier: MIT
 *
 * DNS messages of the traffic generator: one question, and answers that fit it. A name is one 32-bit number, so that
 * a flow remembers its question in four bytes.
 */
#include <stdio.h>

#include "gen_internal.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, CLASS_IN = 1, FLAGS_QUERY = 0x0100, FLAGS_ANSWER = 0x8180, CODE_NXDOMAIN = 3 };

static uint8_t *put_label(uint8_t *at, const char *label)
{
	size_t len = strlen(label);

	*at = (uint8_t)len;
	memcpy(at + 1, label, len);
	return at + 1 + len;
}

/* SERVICE-HEX.example.TLD */
static const char dns_services[8][8] = { "www-", "api-", "cdn-", "mail-", "static-", "img-", "auth-", "ns-" };
static const char dns_tops[4][4] = { "com", "net", "org", "edu" };

static uint8_t *put_name(uint32_t name, uint8_t *at)
{
	char label[16];
	size_t len = strlen(dns_services[name & 7]);

	memcpy(label, dns_services[name & 7], len);
	for (int i = 0; i < 6; i++)
		label[len++] = "0123456789abcdef"[name >> (4 * i + 8) & 15];
	label[len] = '\0';
	at = put_label(at, label);
	at = put_label(at, "example");
	at = put_label(at, dns_tops[name >> 3 & 3]);
	*at = 0;
	return at + 1;
}

void gen_host_name(uint32_t name, char *text)
{
	snprintf(text, GEN_NAME_MAX, "%s%x%x%x%x%x%x.example.%s", dns_services[name & 7], name >> 8 & 15,
		 name >> 12 & 15, name >> 16 & 15, name >> 20 & 15, name >> 24 & 15, name >> 28 & 15,
		 dns_tops[name >> 3 & 3]);
}

static uint8_t *put_answer(uint32_t name, uint32_t i, uint32_t type, uint8_t *at)
{
	uint32_t len = type == TYPE_A ? 4 : 16;

	gen_put16(at, 0xc00c); /* the question's name */
	gen_put16(at + 2, type);
	gen_put16(at + 4, CLASS_IN);
	gen_put32(at + 6, 60 + (name >> 20));
	gen_put16(at + 10, len);
	memset(at + 12, 0, len);
	if (type == TYPE_AAAA)
		gen_put32(at + 12, 0x20010db8);
	gen_put32(at + 12 + len - 4, 0xcb007100 + ((name >> 8) + i) % 254 + 1); /* 203.0.113.0/24 */
	return at + 12 + len;
}

uint32_t gen_dns_message(uint32_t name, uint32_t dir, uint8_t *out)
{
	uint32_t mixed = (uint32_t)gen_mix(name);
	uint32_t type = mixed & 3 ? TYPE_A : TYPE_AAAA;
	uint32_t code = mixed >> 2 & 15 ? 0 : CODE_NXDOMAIN;
	uint32_t answers = dir == 0 || code ? 0 : 1 + (mixed >> 6) % 3;
	uint8_t *at;

	memset(out, 0, 12);
	gen_put16(out, mixed >> 16);
	gen_put16(out + 2, dir == 0 ? FLAGS_QUERY : FLAGS_ANSWER | code);
	gen_put16(out + 4, 1);
	gen_put16(out + 6, answers);
	at = put_name(name, out + 12);
	gen_put16(at, type);
	gen_put16(at + 2, CLASS_IN);
	at += 4;
	for (uint32_t i = 0; i < answers; i++)
		at = put_answer(name, i, type, at);
	return (uint32_t)(at - out);
}
