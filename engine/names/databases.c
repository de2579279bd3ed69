/* SPDX-License-Identifier: MIT
 *
 * Redis by a client's first command, PostgreSQL by a client's first message, MySQL by its server's greeting.
 */
#include "engine/names/parser.h"

/* An array of texts: "*1\r\n$4\r\nPING\r\n". */
NAME_PARSER(redis)
{
	uint32_t at = 1;

	if (in->data[0] != '*')
		return NSC_NAME_NO;
	while (at < in->n && at < 8 && in->data[at] >= '0' && in->data[at] <= '9')
		at++;
	if (at == in->n)
		return name_more(in, out, in->n + 1);
	if (at == 1 || in->data[at] != '\r')
		return NSC_NAME_NO;
	for (const char *rest = "\r\n$"; *rest; rest++, at++) {
		if (at == in->n)
			return name_more(in, out, in->n + 1);
		if (in->data[at] != (uint8_t)*rest)
			return NSC_NAME_NO;
	}
	return name_found(out, NSC_APP_REDIS);
}

/* Asks for TLS or GSSAPI, or begins with protocol 3 and the user's name. */
NAME_PARSER(postgresql)
{
	static const uint8_t asks[] = { 0, 0, 0, 8, 4, 0xd2, 0x16 };
	uint32_t length;

	if (!memcmp(in->data, asks, NSC_MIN(in->n, (uint32_t)sizeof(asks)))) {
		if (in->n < 8) /* a single 0 is what keep-alives say */
			return name_has_port(in, 5432) ? name_more(in, out, 8) : NSC_NAME_NO;
		return in->data[7] == 0x2f || in->data[7] == 0x30 ? name_watch(out, NSC_APP_POSTGRESQL) : NSC_NAME_NO;
	}
	if (in->data[0] || (in->n > 1 && in->data[1]))
		return NSC_NAME_NO;
	if (in->n < 13)
		return name_has_port(in, 5432) ? name_more(in, out, 13) : NSC_NAME_NO;
	length = name_load32(in->data);
	if (length < 13 || length > 10000 || name_load32(in->data + 4) >> 16 != 3 || memcmp(in->data + 8, "user", 5))
		return NSC_NAME_NO;
	return name_found(out, NSC_APP_POSTGRESQL);
}

/* Length (little endian), sequence 0, protocol 10, the server's version as text. */
NAME_PARSER(mysql)
{
	uint32_t length, at = 5;

	if (in->n < 6)
		return name_has_port(in, 3306) ? name_more(in, out, 6) : NSC_NAME_NO;
	length = in->data[0] | (uint32_t)in->data[1] << 8 | (uint32_t)in->data[2] << 16;
	if (length < 20 || length > 1024 || in->data[3] != 0 || in->data[4] != 10)
		return NSC_NAME_NO;
	if (in->data[5] < '0' || in->data[5] > '9')
		return NSC_NAME_NO;
	while (at < in->n && at < 5 + 64 && in->data[at] >= 0x20 && in->data[at] < 0x7f)
		at++;
	if (at == in->n)
		return name_more(in, out, 4 + length);
	return in->data[at] == 0 ? name_found(out, NSC_APP_MYSQL) : NSC_NAME_NO;
}
