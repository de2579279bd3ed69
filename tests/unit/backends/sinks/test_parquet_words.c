/* SPDX-License-Identifier: MIT
 *
 * Texts and their numbers: equal ones have one number, first come first; too many different ones have none.
 */
#include "backends/sinks/parquet_words.h"

#include "tests/unit/engine/check_main.h"

#include <stdio.h>
#include <string.h>

enum { N = 122880 };

static uint64_t texts[N * 3];
static uint32_t place[N], number[N], used, n;
static struct nsc_parquet_words *words;

static void add(const char *text)
{
	place[n++] = used;
	texts[used] = strlen(text);
	strncpy((char *)(texts + used + 1), text, 16);
	used += 1 + (uint32_t)(strlen(text) + 7) / 8;
}

static void add_number(uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	add(text);
}

static void begin(void)
{
	n = used = 0;
	if (!words)
		words = nsc_parquet_words_open();
	ck_assert_ptr_nonnull(words);
}

static void end(void)
{
	nsc_parquet_words_close(words);
	words = NULL;
}

START_TEST(first_come_first)
{
	static const char *const some[] = { "b",        "",          "a",        "b", "b\x01", "",
					    "12345678", "123456789", "12345678", "b", "b",     "b" };
	static const uint32_t want[] = { 0, 1, 2, 0, 3, 1, 4, 5, 4, 0, 0, 0 };

	begin();
	for (unsigned i = 0; i < NSC_ARRAY_LEN(some); i++)
		add(some[i]);
	for (unsigned i = 0; i < 20; i++)
		add("b");
	ck_assert(nsc_parquet_words_number(words, texts, place, n, number));
	ck_assert_uint_eq(words->n, 6);
	ck_assert_mem_eq(number, want, sizeof(want));
	ck_assert_mem_eq(texts + words->place[2] + 1, "a", 2);
	end();
}
END_TEST

/* The second call knows nothing of the first. */
START_TEST(as_many_as_pay)
{
	static const uint32_t different[] = { 1, 1000, 20000, 50000, N / 2 };
	uint64_t state = 1;

	for (unsigned d = 0; d < NSC_ARRAY_LEN(different); d++) {
		bool pays = different[d] <= NSC_PARQUET_WORDS_MAX;

		begin();
		for (uint32_t i = 0; i < N; i++) {
			state = state * 6364136223846793005 + 1442695040888963407;
			add_number((uint32_t)(state >> 33) % different[d]);
		}
		ck_assert_uint_eq(nsc_parquet_words_number(words, texts, place, n, number), pays);
		ck_assert(!pays || (words->n <= different[d] && words->n > different[d] / 10 * 9));
		for (uint32_t i = 0; i < N && pays; i++)
			ck_assert_uint_eq(texts[words->place[number[i]] + 1], texts[place[i] + 1]);
	}
	end();
}
END_TEST

/* What is never the same twice is found out soon. */
START_TEST(all_different)
{
	begin();
	for (uint32_t i = 0; i < N; i++)
		add_number(i);
	ck_assert(!nsc_parquet_words_number(words, texts, place, n, number));
	ck_assert_uint_le(words->n, 4097);
	end();
}
END_TEST

CHECK_MAIN("parquet_words", first_come_first, as_many_as_pay, all_different)
