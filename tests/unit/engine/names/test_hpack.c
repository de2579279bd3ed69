/* SPDX-License-Identifier: MIT
 *
 * The examples of RFC 7541 appendix C that need no table of their own, and every byte as a character.
 */
#include "tests/unit/engine/check_main.h"

#include <stdlib.h>
#include <string.h>

#include "engine/names/hpack.h"

static bool text_is(const struct hpack_string *s, const char *want)
{
	uint8_t text[300];
	uint32_t n = hpack_text(s, text, sizeof(text));

	return n == strlen(want) && !memcmp(text, want, n);
}

static uint32_t written(const char *bytes, uint32_t n, uint32_t max, uint8_t *text)
{
	struct hpack_string s = { (const uint8_t *)bytes, n, true };

	return hpack_text(&s, text, max);
}

/* C.4.1: three fields that the static table has, and one whose value is coded. */
START_TEST(coded_request)
{
	static const uint8_t bytes[] = "\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff";
	struct hpack_block block = { bytes, bytes + sizeof(bytes) - 1 };
	struct hpack_field field;

	for (unsigned i = 0; i < 3; i++) {
		ck_assert(hpack_next(&block, &field));
		ck_assert(!field.has_value);
		ck_assert_uint_eq(field.index, bytes[i] & 0x7f);
	}
	ck_assert(hpack_next(&block, &field));
	ck_assert_uint_eq(field.index, HPACK_AUTHORITY);
	ck_assert(text_is(&field.value, "www.example.com"));
	ck_assert(!hpack_next(&block, &field));
}
END_TEST

/* C.2.1 to C.2.3: with, without, and never in the table; a size of the table before them. */
START_TEST(literal_names)
{
	static const char bytes[] = "\x3f\xe1\x1f\x40\x0a"
				    "custom-key\x0d"
				    "custom-header\x04\x0c/sample/path\x10\x08password\x06secret";
	struct hpack_block block = { (const uint8_t *)bytes, (const uint8_t *)bytes + sizeof(bytes) - 1 };
	struct hpack_field field;

	ck_assert(hpack_next(&block, &field) && field.index == HPACK_LITERAL);
	ck_assert(text_is(&field.name, "custom-key") && text_is(&field.value, "custom-header"));
	ck_assert(hpack_next(&block, &field) && field.index == 4 && text_is(&field.value, "/sample/path"));
	ck_assert(hpack_next(&block, &field) && field.index == HPACK_LITERAL);
	ck_assert(text_is(&field.name, "password") && text_is(&field.value, "secret"));
	ck_assert(!hpack_next(&block, &field));
}
END_TEST

/* A field that is cut anywhere is none, in memory that ends there. */
START_TEST(cut_anywhere)
{
	static const uint8_t bytes[] =
		"\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf";
	struct hpack_field field;

	for (uint32_t n = 0, whole = sizeof(bytes) - 1; n <= whole; n++) {
		uint8_t *exact = malloc(n ? n : 1);
		struct hpack_block block = { exact, exact + n };

		memcpy(exact, bytes, n);
		ck_assert_int_eq(hpack_next(&block, &field), n == whole);
		if (n == whole) /* C.4.3 */
			ck_assert(text_is(&field.name, "custom-key") && text_is(&field.value, "custom-value"));
		free(exact);
	}
}
END_TEST

/* By its text and by its code, and nothing that is a part of them. */
START_TEST(names)
{
	const uint8_t coded[] = "\x9c\xe8\x4f", plain[] = "host";

	for (unsigned huffman = 0; huffman < 2; huffman++) {
		struct hpack_string s = { huffman ? coded : plain, huffman ? 3 : 4, huffman };

		ck_assert(hpack_is(&s, "host", "\x9c\xe8\x4f"));
		s.n--;
		ck_assert(!hpack_is(&s, "host", "\x9c\xe8\x4f"));
	}
	ck_assert(text_is(&(struct hpack_string){ coded, 3, true }, "host"));
}
END_TEST

START_TEST(numbers)
{
	static const uint8_t large[] = "\x7f\xff\xff\xff\xff\xff\x01", none[] = "\x80",
			     value[] = "\x41\x7f\xff\xff\x03";
	static const uint8_t sizes[] = "\x21\x22\x23\x82";
	struct hpack_block block = { large, large + sizeof(large) - 1 };
	struct hpack_field field;

	ck_assert(!hpack_next(&block, &field)); /* longer than any number that counts */
	block = (struct hpack_block){ none, none + 1 };
	ck_assert(!hpack_next(&block, &field)); /* no field has place 0 */
	block = (struct hpack_block){ value, value + sizeof(value) - 1 };
	ck_assert(!hpack_next(&block, &field)); /* a value that ends behind the block */
	block = (struct hpack_block){ sizes, sizes + sizeof(sizes) - 1 };
	ck_assert(!hpack_next(&block, &field)); /* a third size of the table */
	block.at = sizes + 1;
	ck_assert(hpack_next(&block, &field) && field.index == 2);
}
END_TEST

/* 16 bits of 1, the end of a string (30 bits of 1), a byte of padding, and padding that is not all 1. */
START_TEST(bad_codes)
{
	uint8_t text[16];

	ck_assert_uint_eq(written("\xff\xff", 2, sizeof(text), text), 0);
	ck_assert_uint_eq(written("\xff\xff\xff\xff", 4, sizeof(text), text), 0);
	ck_assert_uint_eq(written("\x07\xff", 2, sizeof(text), text), 0);
	ck_assert_uint_eq(written("\x06", 1, sizeof(text), text), 0);
	ck_assert_uint_eq(written("\x07", 1, sizeof(text), text), 1);
	ck_assert_uint_eq(written("\x00\x00\x7f", 3, 3, text), 0); /* more than there is room for */
	ck_assert_uint_eq(written("\x00\x00\x7f", 3, 4, text), 4);
	ck_assert_uint_eq(written("\xff\xff\xff\xff", 4, 3, text), 0); /* longer than its text may be */
}
END_TEST

CHECK_MAIN("hpack", coded_request, literal_names, cut_anywhere, names, numbers, bad_codes)
