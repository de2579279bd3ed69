/* SPDX-License-Identifier: MIT */
#include "backends/sinks/parquet_encode.h"

#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "pages are little endian");

enum { BYTE = 8, BLOCK = 128, MINIBLOCK = 32, MINIBLOCKS = BLOCK / MINIBLOCK, NARROW = 4096 /* values */ };

static char *put_u64(char *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static char *put_varint(char *at, uint64_t value)
{
	for (; value > 127; value >>= 7)
		*at++ = (char)(value | 128);
	*at++ = (char)value;
	return at;
}

static char *put_zigzag(char *at, int64_t value)
{
	return put_varint(at, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

/* --- levels ----------------------------------------------------------------------------------- */

/* Halves of 32, 16, ... bits change places: Hacker's Delight, 7-3. */
void nsc_parquet_turn(uint64_t mask[64])
{
	uint64_t low = UINT32_MAX;

	for (unsigned half = 32; half; half >>= 1, low ^= low << half)
		for (unsigned i = 0; i < 64; i = ((i | half) + 1) & ~half) {
			uint64_t change = ((mask[i] >> half) ^ mask[i | half]) & low;

			mask[i] ^= change << half;
			mask[i | half] ^= change;
		}
}

char *nsc_parquet_put_levels(char *at, const uint64_t *known, uint32_t rows, uint32_t n)
{
	char *begin = at + sizeof(uint32_t);
	uint32_t bytes = (rows + 7) / 8;

	if (n == rows || !n) {
		at = put_varint(begin, (uint64_t)rows << 1);
		*at++ = n != 0;
	} else {
		at = put_varint(begin, (uint64_t)bytes << 1 | 1);
		at = (char *)memcpy(at, known, bytes) + bytes;
	}
	bytes = (uint32_t)(at - begin);
	memcpy(begin - sizeof(bytes), &bytes, sizeof(bytes));
	return at;
}

/* --- numbers ---------------------------------------------------------------------------------- */

char *nsc_parquet_put_plain(char *at, const uint64_t *value, uint32_t n, unsigned bytes)
{
	if (bytes == sizeof(*value))
		return (char *)memcpy(at, value, (size_t)n * bytes) + (size_t)n * bytes;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t half = (uint32_t)value[i];

		memcpy(at + (size_t)i * sizeof(half), &half, sizeof(half));
	}
	return at + (size_t)n * sizeof(uint32_t);
}

bool nsc_parquet_may_delta(uint64_t largest, unsigned bytes)
{
	return largest >> (bytes == sizeof(uint32_t) ? 31 : 62) == 0;
}

/* n values of so many bits each, 0 to 63, the first in the lowest ones. What is written behind the end is written
 * over. */
#define PACK(name, type)                                                                                               \
	static char *name(char *at, const type *value, uint32_t n, unsigned bits)                                      \
	{                                                                                                              \
		char *end = at + ((size_t)n * bits + 7) / 8;                                                           \
		uint64_t word = 0;                                                                                     \
		unsigned used = 0;                                                                                     \
                                                                                                                       \
		for (uint32_t i = 0; i < n; i++) {                                                                     \
			word |= (uint64_t)value[i] << used;                                                            \
			used += bits;                                                                                  \
			if (used < 64)                                                                                 \
				continue;                                                                              \
			at = put_u64(at, word);                                                                        \
			used -= 64;                                                                                    \
			word = used ? (uint64_t)value[i] >> (bits - used) : 0;                                         \
		}                                                                                                      \
		if (used)                                                                                              \
			put_u64(at, word);                                                                             \
		return end;                                                                                            \
	}
PACK(pack_wide, uint64_t)
PACK(pack_narrow, uint32_t)
PACK(pack_bytes, uint8_t)

/* Behind the last value all differences are 0: a part without one has no bits. */
static char *put_block(char *at, const uint64_t *value, uint32_t n)
{
	uint64_t step[BLOCK] = { 0 };
	int64_t least = INT64_MAX;
	char *width;

	for (uint32_t i = 0; i < n; i++) {
		step[i] = value[i] - (value - 1)[i];
		least = NSC_MIN(least, (int64_t)step[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		step[i] -= (uint64_t)least;
	at = put_zigzag(at, least);
	width = at;
	at += MINIBLOCKS;
	for (unsigned m = 0; m < MINIBLOCKS; m++) {
		uint64_t all = 0;

		for (unsigned i = 0; i < MINIBLOCK; i++)
			all |= step[m * MINIBLOCK + i];
		width[m] = (char)(all ? 64 - __builtin_clzll(all) : 0);
		at = pack_wide(at, step + (size_t)m * MINIBLOCK, MINIBLOCK, (unsigned)width[m]);
	}
	return at;
}

nsc_hot_clones char *nsc_parquet_put_delta(char *at, const uint64_t *value, uint32_t n)
{
	at = put_varint(at, BLOCK);
	at = put_varint(at, MINIBLOCKS);
	at = put_varint(at, n);
	at = put_zigzag(at, n ? (int64_t)value[0] : 0);
	for (uint32_t i = 1; i < n; i += BLOCK)
		at = put_block(at, value + i, NSC_MIN(n - i, (uint32_t)BLOCK));
	return at;
}

/* --- dictionaries ----------------------------------------------------------------------------- */

/* n times the only word that there is. */
static char *put_same(char *at, uint32_t n)
{
	*at++ = 1;
	at = put_varint(at, (uint64_t)n << 1);
	*at++ = 0;
	return at;
}

/* The head of a run of so many indices; runs hold eights. */
static char *put_run(char *at, unsigned bits, uint32_t n)
{
	*at++ = (char)bits;
	return put_varint(at, ((uint64_t)n + 7) / 8 << 1 | 1);
}

static char *put_padding(char *at, const char *end)
{
	while (at < end)
		*at++ = 0;
	return at;
}

static unsigned bits_for(uint32_t words)
{
	return 32 - (unsigned)__builtin_clz(words - 1);
}

unsigned nsc_parquet_index_bits(uint32_t words)
{
	return words > NSC_PARQUET_FEW ? bits_for(words) : BYTE;
}

char *nsc_parquet_put_indices(char *at, const uint32_t *index, uint32_t n, uint32_t words)
{
	unsigned bits = nsc_parquet_index_bits(words);
	char *end;

	if (words == 1)
		return put_same(at, n);
	at = put_run(at, bits, n);
	end = at + ((size_t)n + 7) / 8 * bits;
	return put_padding(pack_narrow(at, index, n, bits), end);
}

/* Values that lie close together have a table of their own. */
static uint32_t few_close(uint8_t *to, struct nsc_parquet_few *few, const uint64_t *value, uint32_t n, uint64_t least)
{
	uint16_t code[NARROW] = { 0 }; /* and 1 */

	for (uint32_t i = 0; i < n; i++) {
		uint16_t *found = &code[value[i] - least];

		if (nsc_unlikely(!*found)) {
			if (few->n == NSC_PARQUET_FEW)
				return i;
			few->value[few->n++] = value[i];
			*found = (uint16_t)few->n;
		}
		to[i] = (uint8_t)(*found - 1);
	}
	return n;
}

enum { SLOT_BITS = 10, SLOTS = 1 << SLOT_BITS }; /* four for a value */

static uint32_t few_apart(uint8_t *to, struct nsc_parquet_few *few, const uint64_t *value, uint32_t n)
{
	uint16_t code[SLOTS] = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)(value[i] * 0x9e3779b97f4a7c15 >> (64 - SLOT_BITS));

		while (code[slot] && few->value[code[slot] - 1] != value[i])
			slot = (slot + 1) % SLOTS;
		if (nsc_unlikely(!code[slot])) {
			if (few->n == NSC_PARQUET_FEW)
				return i;
			few->value[few->n++] = value[i];
			code[slot] = (uint16_t)few->n;
		}
		to[i] = (uint8_t)(code[slot] - 1);
	}
	return n;
}

nsc_hot_clones char *nsc_parquet_put_few(char *at, struct nsc_parquet_few *few, const uint64_t *value, uint32_t n,
					 uint64_t least, uint64_t largest)
{
	char *first = put_run(at, BYTE, n), *end = first + ((size_t)n + 7) / 8 * 8;
	uint32_t done;

	few->n = 0;
	if (least == largest) {
		few->value[few->n++] = least;
		return put_same(at, n);
	}
	done = largest - least < NARROW ? few_close((uint8_t *)first, few, value, n, least)
					: few_apart((uint8_t *)first, few, value, n);
	return done == n ? put_padding(first + n, end) : NULL;
}

unsigned nsc_parquet_few_bits(const struct nsc_parquet_few *few)
{
	return bits_for(few->n);
}

/* What is written never overtakes what is read: 64 values are 64 bytes, and at most eight words of eight bits each. */
char *nsc_parquet_narrow_few(char *at, const struct nsc_parquet_few *few, uint32_t n)
{
	unsigned bits = bits_for(few->n);
	char *first = put_run(at, bits, n), *end = first + ((size_t)n + 7) / 8 * bits;

	return put_padding(pack_bytes(first, (const uint8_t *)first, n, bits), end);
}
