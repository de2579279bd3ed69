/* SPDX-License-Identifier: MIT */
#include "engine/names/hpack.h"

#include <string.h>

enum {
	BITS_MIN = 5, /* of a character */
	BITS_MAX = 30,
	PADDING_MAX = 7,
	SIZES_MAX = 2,     /* changes of the table's size in front of a field: 4.2 has no use for more */
	INTEGER_BYTES = 4, /* behind the first one: what is longer is a length beyond every block */
};

/* --- the code --------------------------------------------------------------------------------- */

/* The code of RFC 7541 appendix B is canonical: of one length, characters in their order have codes in their order. How
 * many there are of each length, and all of them by length. The end of a string, last of those with 30 bits, must not
 * come and is left out. */
static const uint8_t code_count[BITS_MAX + 1] = {
	[5] = 10,  [6] = 26,  [7] = 32, [8] = 6,   [10] = 5,  [11] = 3,  [12] = 2,
	[13] = 6,  [14] = 2,  [15] = 3, [19] = 3,  [20] = 8,  [21] = 13, [22] = 26,
	[23] = 29, [24] = 12, [25] = 4, [26] = 15, [27] = 19, [28] = 29, [30] = 3,
};

/* clang-format off */
static const uint8_t code_character[256] = {
	48, 49, 50, 97, 99, 101, 105, 111, 115, 116, 32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 61, 65,
	95, 98, 100, 102, 103, 104, 108, 109, 110, 112, 114, 117, 58, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75,
	76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 89, 106, 107, 113, 118, 119, 120, 121, 122, 38, 42,
	44, 59, 88, 90, 33, 34, 40, 41, 63, 39, 43, 124, 35, 62, 0, 36, 64, 91, 93, 126, 94, 125, 60, 96,
	123, 92, 195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161, 167, 172, 176, 177, 179, 209,
	216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178,
	181, 185, 186, 187, 189, 190, 196, 198, 228, 232, 233, 1, 135, 137, 138, 139, 140, 141, 143, 147,
	149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239,
	9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237, 199, 207, 234, 235, 192, 193, 200, 201,
	202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255, 203, 204, 211, 212, 214, 221, 222, 223, 241,
	244, 245, 246, 247, 248, 250, 251, 252, 253, 254, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18,
	19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249, 10, 13, 22,
};
/* clang-format on */

struct bits { /* of a string, first bit first */
	const uint8_t *p;
	uint32_t n, at;
};

/* Reads one character; false at the end, and at what is none: *rest then says how many bits are left. */
static bool bits_character(struct bits *b, uint8_t *character, uint32_t *rest)
{
	uint32_t code = 0, first = 0, place = 0, left = b->n - b->at;

	*rest = left;
	for (uint32_t i = 0; i < BITS_MAX && i < left; i++, b->at++) {
		uint32_t count = code_count[i + 1];

		code = code << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1);
		if (code - first < count) {
			*character = code_character[place + code - first];
			b->at++;
			return true;
		}
		place += count;
		first = (first + count) << 1;
	}
	return false;
}

/* The last bits, fewer than a byte, must all be set. */
static bool bits_are_padding(const struct hpack_string *s, uint32_t rest)
{
	uint8_t mask = (uint8_t)((1u << (rest & PADDING_MAX)) - 1);

	return !rest || (rest <= PADDING_MAX && (s->p[s->n - 1] & mask) == mask);
}

static uint32_t huffman_text(const struct hpack_string *s, uint8_t *text, uint32_t max)
{
	struct bits b = { .p = s->p, .n = s->n * 8 };
	uint32_t length = 0, rest;
	uint8_t character;

	while (bits_character(&b, &character, &rest)) {
		if (length == max)
			return 0;
		text[length++] = character;
	}
	return bits_are_padding(s, rest) ? length : 0;
}

bool hpack_is(const struct hpack_string *s, const char *plain, const char *coded)
{
	const char *text = s->huffman ? coded : plain;

	return s->n == strlen(text) && !memcmp(s->p, text, s->n);
}

uint32_t hpack_text(const struct hpack_string *s, uint8_t *text, uint32_t max)
{
	if (s->n > max)
		return 0;
	if (s->huffman)
		return huffman_text(s, text, max);
	memcpy(text, s->p, s->n);
	return s->n;
}

/* --- fields ----------------------------------------------------------------------------------- */

/* A number whose first bits are the last `bits` of a byte (5.1). */
static bool hpack_number(struct hpack_block *block, unsigned bits, uint32_t *number)
{
	uint32_t most = (1u << bits) - 1;

	if (block->at == block->end)
		return false;
	*number = *block->at++ & most;
	if (*number < most)
		return true;
	for (unsigned i = 0; i < INTEGER_BYTES && block->at < block->end; i++) {
		uint8_t byte = *block->at++;

		*number += (byte & 0x7fu) << (7 * i);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool hpack_string(struct hpack_block *block, struct hpack_string *s)
{
	s->huffman = block->at < block->end && *block->at & 0x80;
	if (!hpack_number(block, 7, &s->n) || block->end - block->at < (ptrdiff_t)s->n)
		return false;
	s->p = block->at;
	block->at += s->n;
	return true;
}

/* The forms of a field, by its first bits (6). */
bool hpack_next(struct hpack_block *block, struct hpack_field *field)
{
	uint8_t first;

	for (unsigned i = 0; i < SIZES_MAX && block->at < block->end && (*block->at & 0xe0) == 0x20; i++)
		if (!hpack_number(block, 5, &field->index))
			return false;
	if (block->at == block->end || (*block->at & 0xe0) == 0x20)
		return false;
	first = *block->at;
	field->has_value = !(first & 0x80);
	if (!field->has_value)
		return hpack_number(block, 7, &field->index) && field->index;
	if (!hpack_number(block, first & 0x40 ? 6 : 4, &field->index))
		return false;
	if (field->index == HPACK_LITERAL && !hpack_string(block, &field->name))
		return false;
	return hpack_string(block, &field->value);
}
