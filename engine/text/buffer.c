/* SPDX-License-Identifier: MIT
 *
 * Every piece goes through nsc_buffer_bytes or nsc_buffer_room.
 */
#include "engine/text/buffer.h"

#include "engine/base/assert.h"
#include "engine/text/number.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096 };

void nsc_buffer_close(struct nsc_buffer *b)
{
	if (b->limit)
		free(b->data);
	*b = (struct nsc_buffer){ .limit = b->limit };
}

static bool buffer_has(const struct nsc_buffer *b, size_t n)
{
	return b->room - b->length >= n;
}

/* Makes room for n more where the limit allows it. */
static bool buffer_grow(struct nsc_buffer *b, size_t n)
{
	size_t room;
	char *data;

	if (!b->limit || n > b->limit - b->length)
		return false;
	room = NSC_MIN(NSC_MAX(NSC_MAX(b->room * 2, (size_t)ROOM_FIRST), b->length + n), b->limit);
	data = realloc(b->data, room);
	if (!data)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

char *nsc_buffer_room(struct nsc_buffer *b, size_t n)
{
	if (!b->full && (buffer_has(b, n) || buffer_grow(b, n)))
		return b->data + b->length;
	b->full = true;
	return NULL;
}

void nsc_buffer_claim(struct nsc_buffer *b, size_t n)
{
	nsc_assert(buffer_has(b, n), "a piece of text ends in the room that was asked for");
	b->length += n;
}

void nsc_buffer_bytes(struct nsc_buffer *b, const void *bytes, size_t n)
{
	if (b->full)
		return;
	if (!buffer_has(b, n) && !buffer_grow(b, n)) {
		n = b->room - b->length;
		b->full = true;
	}
	if (n)
		memcpy(b->data + b->length, bytes, n);
	b->length += n;
}

void nsc_buffer_text(struct nsc_buffer *b, const char *text)
{
	nsc_buffer_bytes(b, text, strlen(text));
}

void nsc_buffer_char(struct nsc_buffer *b, char c)
{
	nsc_buffer_bytes(b, &c, 1);
}

void nsc_buffer_spaces(struct nsc_buffer *b, unsigned n)
{
	while (n--)
		nsc_buffer_char(b, ' ');
}

void nsc_buffer_u64(struct nsc_buffer *b, uint64_t value)
{
	char digits[NSC_FORMAT_U64_MAX];

	nsc_buffer_bytes(b, digits, (size_t)(nsc_format_u64(digits, value) - digits));
}

void nsc_buffer_hex(struct nsc_buffer *b, uint64_t value, unsigned digits)
{
	char text[2 + 16] = "0x";

	nsc_assert(digits >= 1 && digits <= 16, "a 64-bit number has 1 to 16 hexadecimal digits");
	for (unsigned i = digits; i-- > 0; value >>= 4)
		text[2 + i] = nsc_hex_pairs[2 * (value & 15) + 1];
	nsc_buffer_bytes(b, text, 2 + digits);
}

void nsc_buffer_escaped(struct nsc_buffer *b, enum nsc_escape target, const void *text, size_t n)
{
	const uint8_t *at = text, *end = at + n;

	while (at < end && !b->full) {
		b->length += nsc_escape_part(target, &at, end, b->data + b->length, b->room - b->length);
		b->full = at < end && !buffer_grow(b, NSC_ESCAPE_CHARACTER);
	}
}
