/* SPDX-License-Identifier: MIT
 *
 * Text from the wire on its way into a name.
 */
#include <strings.h>

#include "engine/names/parser.h"
#include "engine/text/number.h"

enum { PLAIN = 1, CAPITAL = PLAIN | 0x20 };

/* NSC_NAME_PLAIN, letters and digits; a capital has the bit that makes it small. */
static const uint8_t text_kind[256] = {
	['.'] = PLAIN, ['-'] = PLAIN,         ['_'] = PLAIN,         [':'] = PLAIN,
	['['] = PLAIN, [']'] = PLAIN,         ['*'] = PLAIN,         ['/'] = PLAIN,
	['~'] = PLAIN, ['0' ... '9'] = PLAIN, ['a' ... 'z'] = PLAIN, ['A' ... 'Z'] = CAPITAL,
};

typedef uint8_t text_piece __attribute__((vector_size(16)));

nsc_always_inline text_piece piece_within(text_piece piece, uint8_t first, uint8_t last)
{
	return (text_piece)(piece - first <= (uint8_t)(last - first));
}

/* Twice eight characters that stand as they are, as nearly all do: at p[0..8) and p[second..second + 8), and so at
 * `at`. False when there may be others among them. */
nsc_always_inline bool text_write_plain(char *at, const uint8_t *p, uint32_t second, bool lower)
{
	text_piece piece, capital, plain;
	uint64_t half[2];

	memcpy(&half[0], p, sizeof(*half));
	memcpy(&half[1], p + second, sizeof(*half));
	memcpy(&piece, half, sizeof(piece));
	capital = piece_within(piece, 'A', 'Z');
	plain = capital | piece_within(piece, 'a', 'z') | piece_within(piece, '-', ':') | (text_piece)(piece == '_');
	memcpy(half, &plain, sizeof(half));
	if ((half[0] & half[1]) != UINT64_MAX)
		return false;
	piece |= lower ? capital & 0x20 : capital & 0;
	memcpy(half, &piece, sizeof(half));
	memcpy(at, &half[0], sizeof(*half));
	memcpy(at + second, &half[1], sizeof(*half));
	return true;
}

/* All n characters, 8 or more, when that is how they stand; what was written counts for nothing otherwise. */
static bool text_write_all_plain(char *at, const uint8_t *p, uint32_t n, bool lower)
{
	uint32_t i = 0;

	for (; n - i > 16; i += 16)
		if (!text_write_plain(at + i, p + i, 8, lower))
			return false;
	i = n >= 16 ? n - 16 : 0;
	return text_write_plain(at + i, p + i, n - i - 8, lower);
}

/* In the form of netscope/names.h; characters written, 0 when they do not fit into `room`. */
static uint32_t text_write(char *at, uint32_t room, const uint8_t *p, uint32_t n, bool first, bool lower)
{
	char *begin = at, *end = at + room;
	uint8_t small = lower ? CAPITAL & ~PLAIN : 0;

	if (n >= 8 && n <= room && !(first && *p == '-') && text_write_all_plain(at, p, n, lower))
		return n;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t kind = text_kind[p[i]];
		bool plain = kind && !(p[i] == '-' && first && i == 0);

		if (end - at < (plain ? 1 : 3))
			return 0;
		if (plain) {
			*at++ = (char)(p[i] | (kind & small));
		} else {
			*at++ = '%';
			at = nsc_format_hex(at, p[i]);
		}
	}
	return (uint32_t)(at - begin);
}

uint32_t name_write(char text[NSC_NAME_MAX], const uint8_t *p, uint32_t n)
{
	return n <= NSC_NAME_MAX ? text_write(text, NSC_NAME_MAX, p, n, true, true) : 0;
}

void name_set(struct nsc_named *named, const uint8_t *p, uint32_t n)
{
	named->name_length = (uint8_t)name_write(named->name, p, n);
}

void name_set_authority(struct nsc_named *named, const uint8_t *p, uint32_t n)
{
	const uint8_t *at = memrchr(p, '@', n), *end;

	if (at) {
		n -= (uint32_t)(at + 1 - p);
		p = at + 1;
	}
	end = n && *p == '[' ? memchr(p, ']', n) : memchr(p, ':', n);
	if (end)
		n = (uint32_t)(end - p) + (*p == '[');
	name_set(named, p, n);
}

void name_set_url(struct nsc_named *named, const uint8_t *p, uint32_t n)
{
	uint32_t length = 0;

	while (length < n && !strchr("/?#; >", p[length]))
		length++;
	name_set_authority(named, p, length);
}

void name_add_alpn(struct nsc_named *named, const uint8_t *p, uint32_t n)
{
	uint32_t at = named->alpn_length, gap = at != 0, length;

	if (!n || at + gap >= NSC_ALPN_MAX)
		return;
	length = text_write(named->alpn + at + gap, NSC_ALPN_MAX - at - gap, p, n, !gap, false);
	if (!length)
		return;
	if (gap)
		named->alpn[at] = ';';
	named->alpn_length = (uint8_t)(at + gap + length);
}

static enum nsc_name_verdict text_compare(const struct nsc_name_input *in, const char *text, bool any_case)
{
	uint32_t length = (uint32_t)strlen(text), n = NSC_MIN(in->n, length);
	const char *have = (const char *)in->data;

	if ((*text ^ *have) & ~0x20) /* most texts differ in their first letter */
		return NSC_NAME_NO;
	if (any_case ? strncasecmp(have, text, n) : memcmp(have, text, n))
		return NSC_NAME_NO;
	return n == length ? NSC_NAME_FOUND : NSC_NAME_MORE;
}

enum nsc_name_verdict name_begins(const struct nsc_name_input *in, const char *text)
{
	return text_compare(in, text, false);
}

enum nsc_name_verdict name_begins_any(const struct nsc_name_input *in, const char *const *texts)
{
	enum nsc_name_verdict best = NSC_NAME_NO;

	for (; *texts && best != NSC_NAME_FOUND; texts++)
		best = NSC_MAX(best, text_compare(in, *texts, true));
	return best;
}

bool name_contains(const uint8_t *p, uint32_t n, const char *text)
{
	uint32_t length = (uint32_t)strlen(text);

	for (uint32_t i = 0; i + length <= n; i++)
		if (!strncasecmp((const char *)p + i, text, length))
			return true;
	return false;
}

uint32_t name_line(const struct nsc_name_input *in, uint32_t max)
{
	const uint8_t *end = memchr(in->data, '\n', NSC_MIN(in->n, max));

	if (!end)
		return UINT32_MAX;
	return (uint32_t)(end - in->data) - (end > in->data && end[-1] == '\r');
}
