/* SPDX-License-Identifier: MIT
 *
 * Bytes as Encodings.md of parquet-format describes them, and values read back by the shortest readers that follow it.
 * tests/golden/parquet has whole files read by readers that are not ours.
 */
#include "backends/sinks/parquet_encode.h"

#include "tests/unit/engine/check_main.h"

#include <string.h>

enum { N = 10000 };

static uint64_t value[N], back[N], state;
static uint32_t narrow[N];
static char page[NSC_PARQUET_DELTA_ROOM(N) + NSC_PARQUET_SCRIBBLE];

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* --- readers ---------------------------------------------------------------------------------- */

static uint64_t read_varint(const uint8_t **at)
{
	uint64_t out = 0;

	for (unsigned shift = 0;; shift += 7) {
		out |= (uint64_t)(**at & 127) << shift;
		if (!(*(*at)++ & 128))
			return out;
	}
}

static uint64_t read_zigzag(const uint8_t **at)
{
	uint64_t v = read_varint(at);

	return (v >> 1) ^ -(v & 1);
}

/* Number i of values of so many bits. */
static uint64_t read_bits(const uint8_t *at, uint32_t i, unsigned bits)
{
	uint64_t out = 0;

	for (unsigned b = 0; b < bits; b++) {
		uint64_t place = (uint64_t)i * bits + b;

		out |= (uint64_t)(at[place / 8] >> place % 8 & 1) << b;
	}
	return out;
}

/* Where the page ends. */
static const uint8_t *read_delta(const uint8_t *at, uint32_t want)
{
	uint64_t block = read_varint(&at), parts = read_varint(&at), n = read_varint(&at), last = read_zigzag(&at);

	ck_assert(block % 128 == 0 && block / parts % 32 == 0 && n == want);
	if (n)
		back[0] = last;
	for (uint32_t i = 1; i < n; i += (uint32_t)block) {
		uint64_t least = read_zigzag(&at);
		const uint8_t *width = at;

		at += parts;
		for (uint32_t part = 0; part < parts; part++) {
			for (uint32_t k = 0; k < block / parts; k++) {
				uint64_t place = i + part * (block / parts) + k;

				if (place < n)
					back[place] = last += least + read_bits(at, k, width[part]);
			}
			at += block / parts * width[part] / 8;
		}
	}
	return at;
}

static const uint8_t *read_indices(const uint8_t *at, uint32_t n)
{
	unsigned bits = *at++;

	for (uint32_t i = 0; i < n;) {
		uint64_t head = read_varint(&at);

		if (head & 1) {
			for (uint32_t k = 0; k < head >> 1 << 3; k++, i++)
				if (i < n)
					back[i] = read_bits(at, k, bits);
			at += (head >> 1) * bits;
		} else {
			for (uint64_t k = 0; k < head >> 1; k++)
				back[i++] = *at;
			at += (bits + 7) / 8;
		}
	}
	return at;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void delta_is_read_back(uint32_t n)
{
	char *end = nsc_parquet_put_delta(page, value, n);

	memset(back, 0xff, sizeof(back));
	ck_assert_ptr_eq(read_delta((const uint8_t *)page, n), end);
	ck_assert_mem_eq(back, value, n * sizeof(*value));
	ck_assert_uint_le((size_t)(end - page), NSC_PARQUET_DELTA_ROOM(n));
}

START_TEST(differences)
{
	static const uint32_t sizes[] = { 1, 2, 32, 33, 128, 129, 130, 257, N };

	for (unsigned bits = 0; bits <= 62; bits++) {
		state = 1 + bits;
		for (uint32_t i = 0; i < N; i++)
			value[i] = bits ? next_random() >> (64 - bits) : 7;
		for (unsigned s = 0; s < NSC_ARRAY_LEN(sizes); s++)
			delta_is_read_back(sizes[s]);
	}
}
END_TEST

/* 1, 2, ... cost nothing but the heads of blocks. */
START_TEST(golden_differences)
{
	char *end;

	for (uint32_t i = 0; i < N; i++)
		value[i] = i + 1;
	end = nsc_parquet_put_delta(page, value, 3);
	ck_assert_uint_eq((size_t)(end - page), 10);
	ck_assert_mem_eq(page, "\x80\x01\x04\x03\x02\x02\0\0\0\0", 10);
	end = nsc_parquet_put_delta(page, value, 129);
	ck_assert_uint_eq((size_t)(end - page), 11);
	end = nsc_parquet_put_delta(page, value, 130);
	ck_assert_uint_eq((size_t)(end - page), 16);
}
END_TEST

START_TEST(what_has_no_differences)
{
	ck_assert(nsc_parquet_may_delta(INT32_MAX, 4) && !nsc_parquet_may_delta(1u << 31, 4));
	ck_assert(nsc_parquet_may_delta((1ull << 62) - 1, 8) && !nsc_parquet_may_delta(1ull << 62, 8));
}
END_TEST

START_TEST(indices_of_many_words)
{
	static const uint32_t words[] = { 1, 2, 256, 257, 511, 512, 513, 4096, 9999 };

	for (unsigned w = 0; w < NSC_ARRAY_LEN(words); w++)
		for (uint32_t n = 1; n < 40; n++) {
			char *end;

			state = n;
			for (uint32_t i = 0; i < n; i++)
				narrow[i] = (uint32_t)(next_random() % words[w]);
			end = nsc_parquet_put_indices(page, narrow, n, words[w]);
			ck_assert_ptr_eq(read_indices((const uint8_t *)page, n), end);
			for (uint32_t i = 0; i < n; i++)
				ck_assert_uint_eq(back[i], narrow[i]);
		}
}
END_TEST

/* Each number is found again through its index; NULL exactly when there are more than fit. */
static void few_are_read_back(uint32_t n, uint64_t different, uint64_t stride)
{
	struct nsc_parquet_few few;
	uint64_t least = UINT64_MAX, largest = 0;
	char *end;

	for (uint32_t i = 0; i < n; i++) {
		value[i] = 1000 + (i < different ? i : next_random() % different) * stride;
		least = NSC_MIN(least, value[i]);
		largest = NSC_MAX(largest, value[i]);
	}
	end = nsc_parquet_put_few(page, &few, value, n, least, largest);
	if (different > NSC_PARQUET_FEW) {
		ck_assert_ptr_null(end);
		return;
	}
	ck_assert_uint_eq(few.n, different);
	ck_assert_ptr_eq(read_indices((const uint8_t *)page, n), end);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_uint_eq(few.value[back[i]], value[i]);
	if (different == 1)
		return;
	end = nsc_parquet_narrow_few(page, &few, n);
	ck_assert_uint_eq((uint8_t)*page, nsc_parquet_few_bits(&few));
	ck_assert_ptr_eq(read_indices((const uint8_t *)page, n), end);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_uint_eq(few.value[back[i]], value[i]);
}

START_TEST(few_numbers)
{
	static const uint64_t different[] = { 1, 2, 3, 4, 5, 17, 255, 256, 257, 5000 },
			      strides[] = { 1, 15, 1000, 1ull << 40 };

	state = 5;
	for (unsigned d = 0; d < NSC_ARRAY_LEN(different); d++)
		for (unsigned s = 0; s < NSC_ARRAY_LEN(strides); s++)
			few_are_read_back(N, different[d], strides[s]);
	few_are_read_back(1, 1, 1);
	few_are_read_back(9, 9, 1);
}
END_TEST

START_TEST(levels)
{
	uint64_t known[2] = { 0x8000000000000001, 1 };
	char *end = nsc_parquet_put_levels(page, known, 66, 66);

	ck_assert_mem_eq(page, "\x03\0\0\0\x84\x01\x01", 7);
	ck_assert_ptr_eq(end, page + 7);
	end = nsc_parquet_put_levels(page, known, 66, 0);
	ck_assert_mem_eq(page, "\x03\0\0\0\x84\x01\x00", 7);
	end = nsc_parquet_put_levels(page, known, 66, 3);
	ck_assert_mem_eq(page, "\x0a\0\0\0\x13\x01\0\0\0\0\0\0\x80\x01", 14);
	ck_assert_ptr_eq(end, page + 14);
}
END_TEST

START_TEST(masks_turn)
{
	uint64_t mask[64], before[64];

	state = 3;
	for (unsigned i = 0; i < 64; i++)
		before[i] = mask[i] = next_random();
	nsc_parquet_turn(mask);
	for (unsigned row = 0; row < 64; row++)
		for (unsigned column = 0; column < 64; column++)
			ck_assert_uint_eq(mask[column] >> row & 1, before[row] >> column & 1);
}
END_TEST

CHECK_MAIN("parquet_encode", differences, golden_differences, what_has_no_differences, indices_of_many_words,
	   few_numbers, levels, masks_turn)
