/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <string.h>

#include "engine/names/block.h"

static struct nsc_name_block block;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static bool put(uint32_t start, const char *text)
{
	return nsc_name_block_put(&block, start, (const uint8_t *)text, (uint32_t)strlen(text));
}

static bool holds(const char *text)
{
	return nsc_name_block_length(&block) == strlen(text) && !memcmp(block.data, text, strlen(text));
}

START_TEST(in_order_and_not)
{
	nsc_name_block_clear(&block);
	ck_assert(holds(""));
	ck_assert(put(4, "ef") && holds("") && put(0, "ab") && holds("ab"));
	ck_assert(put(2, "cd") && holds("abcdef") && block.n == 1);
	ck_assert(put(8, "ij") && put(12, "mn") && block.n == 3);
	ck_assert(put(5, "fghijklmno") && holds("abcdefghijklmno") && block.n == 1);
}
END_TEST

/* What is there stays; a piece fills the holes only. */
START_TEST(first_one_stays)
{
	nsc_name_block_clear(&block);
	ck_assert(put(2, "cd") && put(6, "gh"));
	ck_assert(put(0, "XXXXXXXXX") && holds("XXcdXXghX"));
	ck_assert(put(0, "YYYY") && holds("XXcdXXghX"));
}
END_TEST

START_TEST(bounds)
{
	static uint8_t bytes[NSC_NAME_STREAM_MAX + 10];

	nsc_name_block_clear(&block);
	for (uint32_t i = 0; i < NSC_NAME_PARTS_MAX; i++)
		ck_assert(put(2 * i + 1, "x"));
	ck_assert(!put(2 * NSC_NAME_PARTS_MAX + 1, "x"));
	ck_assert(put(0, "a") && nsc_name_block_length(&block) == 2);
	ck_assert(nsc_name_block_put(&block, 0, bytes, sizeof(bytes)));
	ck_assert_uint_eq(nsc_name_block_length(&block), NSC_NAME_STREAM_MAX);
	ck_assert(put(NSC_NAME_STREAM_MAX, "x") && put(UINT32_MAX, "x") && put(NSC_NAME_STREAM_MAX - 1, "xyz"));
	ck_assert_uint_eq(nsc_name_block_length(&block), NSC_NAME_STREAM_MAX);
}
END_TEST

/* A small block takes what it has room for, says when something was too much, and all of it goes on in a larger one. */
START_TEST(grows)
{
	static struct nsc_name_block large;
	static uint8_t bytes[60];

	nsc_name_block_clear(&block);
	block.cut = NSC_NAME_STREAM_MAX - 40;
	memset(bytes, 'b', sizeof(bytes));
	ck_assert(put(0, "abc") && put(30, "0123456789") && !block.small);
	ck_assert(!put(39, "xy") && block.small && block.n == 2);
	nsc_name_block_copy(&large, &block);
	ck_assert(!large.small && large.cut == 0 && large.n == 2);
	ck_assert(nsc_name_block_put(&large, 3, bytes, sizeof(bytes)) && nsc_name_block_length(&large) == 63);
	ck_assert(!memcmp(large.data, "abcb", 4) && !memcmp(large.data + 29, "b0123456789b", 12));
	nsc_name_block_clear(&block);
	ck_assert(!block.small && block.cut == NSC_NAME_STREAM_MAX - 40);
	block.cut = 0;
}
END_TEST

/* Against a map of bytes. */
START_TEST(random_pieces)
{
	static uint8_t want[256];
	static bool there[256];
	uint64_t state = 88172645463325252u;
	unsigned wrong = 0;

	for (unsigned round = 0; round < 2000; round++) {
		nsc_name_block_clear(&block);
		memset(there, 0, sizeof(there));
		for (unsigned i = 0; i < 24; i++) {
			uint32_t start = (uint32_t)(next_random(&state) % 240),
				 n = (uint32_t)(next_random(&state) % 16), length = 0;
			uint8_t piece[16];

			for (uint32_t k = 0; k < n; k++)
				piece[k] = (uint8_t)next_random(&state);
			if (nsc_name_block_put(&block, start, piece, n)) {
				for (uint32_t k = 0; k < n; k++) {
					want[start + k] = there[start + k] ? want[start + k] : piece[k];
					there[start + k] = true;
				}
			}
			while (length < sizeof(there) && there[length])
				length++;
			wrong += nsc_name_block_length(&block) != length || memcmp(block.data, want, length) != 0;
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

CHECK_MAIN("block", in_order_and_not, first_one_stays, bounds, grows, random_pieces)
