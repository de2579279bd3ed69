/* SPDX-License-Identifier: MIT
 *
 * A frame is written 30 times a second at most, so this is plain code, but for the numbers.
 */
#include "engine/text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096, NUMBER_MAX = 32 };

void nsc_json_init(struct nsc_json *json, size_t limit)
{
	*json = (struct nsc_json){ .limit = limit };
}

void nsc_json_free(struct nsc_json *json)
{
	free(json->data);
	json->data = NULL;
	json->length = json->room = 0;
}

static bool enlarge(struct nsc_json *json, size_t wanted)
{
	size_t room = NSC_MIN(NSC_MAX(NSC_MAX(json->room * 2, (size_t)ROOM_FIRST), wanted), json->limit);
	char *data = wanted <= json->limit ? realloc(json->data, room) : NULL;

	if (!data) {
		json->failed = true;
		return false;
	}
	json->data = data;
	json->room = room;
	return true;
}

char *nsc_json_room(struct nsc_json *json, size_t bytes)
{
	if (json->failed || (json->room - json->length < bytes && !enlarge(json, json->length + bytes)))
		return NULL;
	return json->data + json->length;
}

void nsc_json_grow(struct nsc_json *json, size_t bytes)
{
	json->length += bytes;
}

static void put(struct nsc_json *json, const char *text, size_t length)
{
	char *at = nsc_json_room(json, length);

	if (!at)
		return;
	memcpy(at, text, length);
	json->length += length;
}

/* Before each value: the comma that it needs. */
static void begin_value(struct nsc_json *json)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
}

void nsc_json_open(struct nsc_json *json, char bracket)
{
	begin_value(json);
	put(json, &bracket, 1);
	json->comma = false;
}

void nsc_json_close(struct nsc_json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

void nsc_json_key(struct nsc_json *json, const char *key)
{
	begin_value(json);
	put(json, "\"", 1);
	put(json, key, strlen(key));
	put(json, "\":", 2);
	json->comma = false;
}

void nsc_json_raw(struct nsc_json *json, const char *text, size_t length)
{
	begin_value(json);
	put(json, text, length);
}

void nsc_json_raw_members(struct nsc_json *json, const char *text, size_t length)
{
	if (length)
		nsc_json_raw(json, text, length);
}

void nsc_json_null(struct nsc_json *json)
{
	nsc_json_raw(json, "null", 4);
}

void nsc_json_bool(struct nsc_json *json, bool value)
{
	nsc_json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

static char *digits_before(char *end, uint64_t value)
{
	do
		*--end = (char)('0' + value % 10);
	while (value /= 10);
	return end;
}

void nsc_json_u64(struct nsc_json *json, uint64_t value)
{
	char text[NUMBER_MAX], *end = text + sizeof(text), *begin = digits_before(end, value);

	if (value == NSC_UNKNOWN)
		nsc_json_null(json);
	else
		nsc_json_raw(json, begin, (size_t)(end - begin));
}

void nsc_json_time(struct nsc_json *json, uint64_t ns)
{
	char text[NUMBER_MAX];
	int n = snprintf(text, sizeof(text), "%llu.%09llu", (unsigned long long)(ns / NSC_NS_PER_SEC),
			 (unsigned long long)(ns % NSC_NS_PER_SEC));

	if (ns == NSC_UNKNOWN)
		nsc_json_null(json);
	else
		nsc_json_raw(json, text, (size_t)n);
}

void nsc_json_fixed(struct nsc_json *json, double value, int decimals)
{
	char text[NUMBER_MAX + 320];
	int n;

	if (!isfinite(value)) {
		nsc_json_null(json);
		return;
	}
	n = snprintf(text, sizeof(text), "%.*f", decimals, value);
	nsc_json_raw(json, text, (size_t)n);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Bytes of the well-formed UTF-8 character at text, 0 when it is none. */
static size_t utf8_length(const unsigned char *text, size_t length)
{
	unsigned c = text[0];
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	unsigned low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;

	if (!n || n > length)
		return 0;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (text[i] < low || text[i] > high)
			return 0;
	return n;
}

bool nsc_json_is_utf8(const uint8_t *text, size_t length)
{
	size_t n;

	for (size_t i = 0; i < length; i += n) {
		n = utf8_length(text + i, length - i);
		if (!n)
			return false;
	}
	return true;
}

static void put_escaped(struct nsc_json *json, unsigned char c)
{
	char text[8];

	if (c == '"' || c == '\\') {
		text[0] = '\\';
		text[1] = (char)c;
		put(json, text, 2);
	} else {
		put(json, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", c));
	}
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

void nsc_json_text_n(struct nsc_json *json, const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + length;

	begin_value(json);
	put(json, "\"", 1);
	while (at < end) {
		const unsigned char *plain = at;
		size_t n;

		while (at < end && is_plain(*at))
			at++;
		put(json, (const char *)plain, (size_t)(at - plain));
		if (at == end)
			break;
		n = utf8_length(at, (size_t)(end - at));
		if (n == 1)
			put_escaped(json, *at);
		else
			put(json, n ? (const char *)at : "\xef\xbf\xbd", n ? n : 3);
		at += n ? n : 1;
	}
	put(json, "\"", 1);
}

void nsc_json_text(struct nsc_json *json, const char *text)
{
	if (text)
		nsc_json_text_n(json, text, strlen(text));
	else
		nsc_json_null(json);
}

void nsc_json_hex(struct nsc_json *json, const uint8_t *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *at;

	begin_value(json);
	at = nsc_json_room(json, 2 * length + 2);
	if (!at)
		return;
	*at++ = '"';
	for (size_t i = 0; i < length; i++) {
		*at++ = digits[bytes[i] >> 4];
		*at++ = digits[bytes[i] & 15];
	}
	*at = '"';
	json->length += 2 * length + 2;
}

/* --- members ---------------------------------------------------------------------------------- */

void nsc_json_add_u64(struct nsc_json *json, const char *key, uint64_t value)
{
	nsc_json_key(json, key);
	nsc_json_u64(json, value);
}

void nsc_json_add_time(struct nsc_json *json, const char *key, uint64_t ns)
{
	nsc_json_key(json, key);
	nsc_json_time(json, ns);
}

void nsc_json_add_fixed(struct nsc_json *json, const char *key, double value, int decimals)
{
	nsc_json_key(json, key);
	nsc_json_fixed(json, value, decimals);
}

void nsc_json_add_bool(struct nsc_json *json, const char *key, bool value)
{
	nsc_json_key(json, key);
	nsc_json_bool(json, value);
}

void nsc_json_add_text(struct nsc_json *json, const char *key, const char *text)
{
	nsc_json_key(json, key);
	nsc_json_text(json, text);
}
