/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/name_sums.h"

static struct nsc_arena *arena;

static struct nsc_name_sums *sums_open(void)
{
	struct nsc_name_sums *sums;

	if ((!arena && nsc_arena_open(&arena, NULL)) || nsc_name_sums_open(&sums, arena, NULL))
		abort();
	return sums;
}

static bool count(struct nsc_name_sums *sums, const char *text, uint64_t bytes)
{
	uint32_t number = nsc_name_sums_find(sums, text, (uint32_t)strlen(text));

	if (number)
		nsc_name_sums_add(sums, number, bytes);
	return number;
}

/* "b 30, a 20" */
static const char *top(const struct nsc_name_sums *sums, uint32_t max)
{
	static char text[1024];
	struct nsc_top_name best[NSC_TOP_NAMES_MAX];
	uint32_t n = nsc_name_sums_top(sums, best, max);
	int at = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%.*s %llu", i ? ", " : "", best[i].length,
			       best[i].name, (unsigned long long)best[i].bytes);
	return text;
}

START_TEST(suffixes)
{
	static const char *const pairs[][2] = {
		{ "example.com", "example.com" },
		{ "www.example.com", "example.com" },
		{ "a.b.c.example.com.", "example.com." },
		{ "www.example.co.uk", "example.co.uk" },
		{ "example.co.uk", "example.co.uk" },
		{ "co.uk", "co.uk" },
		{ "a.b.com.au", "b.com.au" },
		{ "www.example.de", "example.de" },
		{ "www.service.example.ltd.uk", "ltd.uk" }, /* not one of the few: a look, no list */
		{ "a.co.com", "co.com" },                   /* not below a country */
		{ "a.b.co.x1", "co.x1" },
		{ "www.co.example", "co.example" },
		{ "localhost", "localhost" },
		{ ".", "." },
		{ "..", ".." },
		{ ".com", ".com" },
		{ "a..com", ".com" },
		{ "10.11.0.2", "10.11.0.2" },
		{ "10.11.0.2.x", "2.x" },
		{ "[2001:db8:11::2]", "[2001:db8:11::2]" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "%3cimg%3e.example.org", "example.org" },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(pairs); i++)
		ck_assert_str_eq(pairs[i][0] + nsc_name_suffix(pairs[i][0], (uint32_t)strlen(pairs[i][0])),
				 pairs[i][1]);
}
END_TEST

START_TEST(the_largest)
{
	struct nsc_name_sums *sums = sums_open();

	ck_assert_str_eq(top(sums, 5), "");
	count(sums, "b", 20);
	count(sums, "bb", 20);
	count(sums, "a", 20);
	count(sums, "z", 5);
	count(sums, "z", 16);
	count(sums, "none", 0);
	ck_assert_str_eq(top(sums, 5), "z 21, a 20, b 20, bb 20");
	ck_assert_str_eq(top(sums, 2), "z 21, a 20");
	ck_assert_str_eq(top(sums, 0), "");
	count(sums, "z", (uint64_t)-21); /* taken back */
	ck_assert_str_eq(top(sums, 5), "a 20, b 20, bb 20");
	nsc_name_sums_clear(sums);
	ck_assert_str_eq(top(sums, 5), "");
	count(sums, "a", 1);
	ck_assert_str_eq(top(sums, 5), "a 1");
}
END_TEST

/* Small at each of two, large in the sum. */
START_TEST(packed_and_added_up)
{
	struct nsc_name_sums *x = sums_open(), *y = sums_open(), *sum = sums_open();
	static uint8_t packed[NSC_NAME_SUMS_PACKED];

	for (unsigned i = 0; i < 100; i++) {
		char text[16];

		snprintf(text, sizeof(text), "x%u", i);
		count(x, text, 100);
		text[0] = 'y';
		count(y, text, 100);
	}
	count(x, "both", 60);
	count(y, "both", 60);
	ck_assert_uint_eq(nsc_name_sums_unpack(sum, packed, nsc_name_sums_pack(x, packed)), 0);
	ck_assert_uint_eq(nsc_name_sums_unpack(sum, packed, nsc_name_sums_pack(y, packed)), 0);
	ck_assert_str_eq(top(sum, 2), "both 120, x0 100");
	ck_assert_uint_eq(nsc_name_sums_pack(sums_open(), packed), 0);
}
END_TEST

/* One by number, one by length; those that are there go on. */
START_TEST(full)
{
	struct nsc_name_sums *sums = sums_open(), *other = sums_open();
	static uint8_t packed[NSC_NAME_SUMS_PACKED + 1];
	char text[NSC_NAME_MAX + 1];
	unsigned taken = 0;

	for (unsigned i = 0; i < NSC_NAME_SUMS + 10; i++) {
		snprintf(text, sizeof(text), "%u", i);
		taken += count(sums, text, 1);
	}
	ck_assert_uint_eq(taken, NSC_NAME_SUMS);
	ck_assert(count(sums, "17", 5));
	ck_assert_str_eq(top(sums, 1), "17 6");
	count(other, "one more", 1);
	ck_assert_uint_eq(nsc_name_sums_unpack(sums, packed, nsc_name_sums_pack(other, packed)), 1);
	nsc_name_sums_clear(sums);
	memset(text, 'x', NSC_NAME_MAX);
	text[NSC_NAME_MAX] = '\0';
	taken = 0;
	for (unsigned i = 0; i < NSC_NAME_SUMS; i++) {
		int n = snprintf(text, 8, "%u", i);

		text[n] = 'x';
		taken += count(sums, text, 1);
	}
	ck_assert_uint_eq(taken, NSC_NAME_SUMS_TEXT / NSC_NAME_MAX);
	packed[NSC_NAME_SUMS_PACKED] = 0x5a;
	nsc_name_sums_pack(sums, packed);
	ck_assert_uint_eq(packed[NSC_NAME_SUMS_PACKED], 0x5a);
}
END_TEST

CHECK_MAIN("name_sums", suffixes, the_largest, packed_and_added_up, full)
