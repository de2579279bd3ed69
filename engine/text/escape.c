/* SPDX-License-Identifier: MIT
 *
 * See the table in escape.h.
 */
#include "engine/text/escape.h"

#include "engine/text/number.h"

enum { WIRE = 1 << NSC_ESCAPE_WIRE, TERMINAL = 1 << NSC_ESCAPE_TERMINAL, JSON = 1 << NSC_ESCAPE_JSON };
enum { ALL = (1 << NSC_ESCAPE_TARGETS) - 1, NOT_HTML = ALL & ~(1 << NSC_ESCAPE_HTML) };

/* The targets in which a byte stands for itself. */
static const uint8_t escape_plain[256] = {
	[' ' ... '!'] = ALL, ['"'] = WIRE | TERMINAL, ['#' ... '%'] = ALL, ['&' ... '\''] = NOT_HTML,
	['(' ... ';'] = ALL, ['<'] = NOT_HTML,        ['='] = ALL,         ['>'] = NOT_HTML,
	['?' ... '['] = ALL, ['\\'] = TERMINAL,       [']' ... '~'] = ALL,
};

static const struct {
	uint32_t first, last;
} escape_steers[] = { { 0x80, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 } };

size_t nsc_utf8_length(const void *text, size_t length)
{
	const uint8_t *at = text;
	unsigned c = at[0],
		 low = c == 0xe0   ? 0xa0
		       : c == 0xf0 ? 0x90
				   : 0x80,
		 high = c == 0xed   ? 0x9f
			: c == 0xf4 ? 0x8f
				    : 0xbf;
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (n > length)
		return 0;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (at[i] < low || at[i] > high)
			return 0;
	return n;
}

bool nsc_is_utf8(const void *text, size_t length)
{
	const uint8_t *at = text;

	for (size_t i = 0, n; i < length; i += n) {
		n = nsc_utf8_length(at + i, length - i);
		if (!n)
			return false;
	}
	return true;
}

/* The number of a character of 1 to 3 bytes; of a longer one nothing that steers. */
static uint32_t escape_code(const uint8_t *at, size_t n)
{
	if (n == 2)
		return (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
	if (n == 3)
		return (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
	return n == 1 ? at[0] : 0;
}

static bool escape_is_steering(uint32_t code)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(escape_steers); i++)
		if (code >= escape_steers[i].first && code <= escape_steers[i].last)
			return true;
	return false;
}

static size_t escape_as_hex(char *to, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to = nsc_format_hex(nsc_format_literal(to, "\\x"), at[i]);
	return 4 * n;
}

static size_t escape_as_json(char *to, uint32_t code)
{
	static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *name = code ? strchr(named, (int)code) : NULL;

	*to++ = '\\';
	if (code < 0x80 && name) {
		*to = names[name - named];
		return 2;
	}
	*to++ = 'u';
	nsc_format_hex(nsc_format_hex(to, (uint8_t)(code >> 8)), (uint8_t)code);
	return 6;
}

/* One character that does not stand for itself; n is its length, 0 for a byte that is not UTF-8. */
static size_t escape_character(enum nsc_escape target, char *to, const uint8_t *at, size_t n)
{
	bool json = target == NSC_ESCAPE_JSON || target == NSC_ESCAPE_HTML;

	if (n > 1 && !escape_is_steering(escape_code(at, n))) {
		memcpy(to, at, n);
		return n;
	}
	if (json && n)
		return escape_as_json(to, escape_code(at, n));
	if (json)
		return (size_t)((char *)mempcpy(to, "\xef\xbf\xbd", 3) - to);
	if (*at == '\\')
		return (size_t)((char *)mempcpy(to, "\\\\", 2) - to);
	return escape_as_hex(to, at, NSC_MAX(n, 1));
}

size_t nsc_escape_part(enum nsc_escape target, const uint8_t **text, const uint8_t *end, char *out, size_t room)
{
	const uint8_t *at = *text;
	char *to = out, *stop = room ? out + room : out, character[NSC_ESCAPE_CHARACTER];

	while (at < end) {
		size_t n, written;

		while (at < end && to < stop && escape_plain[*at] & 1 << target)
			*to++ = (char)*at++;
		if (at == end || to == stop)
			break;
		n = target == NSC_ESCAPE_WIRE ? 0 : nsc_utf8_length(at, (size_t)(end - at));
		written = escape_character(target, character, at, n);
		if (written > (size_t)(stop - to))
			break;
		memcpy(to, character, written);
		to += written;
		at += NSC_MAX(n, (size_t)1);
	}
	*text = at;
	return (size_t)(to - out);
}

size_t nsc_escape(enum nsc_escape target, const void *text, size_t length, char *out, size_t room)
{
	const uint8_t *at = text;

	return nsc_escape_part(target, &at, at + length, out, room);
}

const char *nsc_escape_terminal(const char *text, char *out, size_t room)
{
	out[nsc_escape(NSC_ESCAPE_TERMINAL, text, strlen(text), out, room - 1)] = '\0';
	return out;
}
