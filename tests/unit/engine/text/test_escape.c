/* SPDX-License-Identifier: MIT
 *
 * Each row of the table in escape.h, the places where a text is cut, and the forms of UTF-8.
 */
#include "engine/text/escape.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define EURO "\xe2\x82\xac"
#define FISH "\xf0\x9f\x90\x9f"
#define CSI "\xc2\x9b"
#define OVERRIDE "\xe2\x80\xae"

static const struct {
	const char *text, *escaped[NSC_ESCAPE_TARGETS];
} cases[] = {
	{ "plain ~ 09 AZ", { "plain ~ 09 AZ", "plain ~ 09 AZ", "plain ~ 09 AZ", "plain ~ 09 AZ" } },
	{ "a\\b", { "a\\\\b", "a\\b", "a\\\\b", "a\\\\b" } },
	{ "\"<>&'", { "\"<>&'", "\"<>&'", "\\\"<>&'", "\\\"\\u003c\\u003e\\u0026\\u0027" } },
	{ "\b\f\n\r\t",
	  { "\\x08\\x0c\\x0a\\x0d\\x09", "\\x08\\x0c\\x0a\\x0d\\x09", "\\b\\f\\n\\r\\t", "\\b\\f\\n\\r\\t" } },
	{ "\x1b]0;\a\x7f",
	  { "\\x1b]0;\\x07\\x7f", "\\x1b]0;\\x07\\x7f", "\\u001b]0;\\u0007\\u007f", "\\u001b]0;\\u0007\\u007f" } },
	{ EURO FISH, { "\\xe2\\x82\\xac\\xf0\\x9f\\x90\\x9f", EURO FISH, EURO FISH, EURO FISH } },
	{ CSI, { "\\xc2\\x9b", "\\xc2\\x9b", "\\u009b", "\\u009b" } },
	{ OVERRIDE, { "\\xe2\\x80\\xae", "\\xe2\\x80\\xae", "\\u202e", "\\u202e" } },
	{ "\xff\xe2\x82",
	  { "\\xff\\xe2\\x82", "\\xff\\xe2\\x82", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" } },
};

START_TEST(each_target)
{
	char out[256];

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases) * NSC_ESCAPE_TARGETS; i++) {
		unsigned target = i % NSC_ESCAPE_TARGETS, row = i / NSC_ESCAPE_TARGETS;

		out[nsc_escape(target, cases[row].text, strlen(cases[row].text), out, sizeof(out) - 1)] = '\0';
		ck_assert_str_eq(out, cases[row].escaped[target]);
	}
}
END_TEST

/* Nothing beyond the room, and never half a character or escape: the next larger room continues the same text. */
START_TEST(cut_between_characters)
{
	static const char text[] = "a\"" EURO FISH "\x1b<" CSI "\xff\\z";
	char whole[128], part[128];

	for (unsigned target = 0; target < NSC_ESCAPE_TARGETS; target++) {
		size_t all = nsc_escape(target, text, sizeof(text) - 1, whole, sizeof(whole)), before = 0;

		ck_assert_uint_le(all, NSC_ESCAPE_GROWTH * (sizeof(text) - 1));
		for (size_t room = 0; room <= all; room++) {
			size_t n;

			memset(part, '#', sizeof(part));
			n = nsc_escape(target, text, sizeof(text) - 1, part, room);
			ck_assert_uint_le(n, room);
			ck_assert_uint_ge(n, before);
			ck_assert_int_eq(part[room], '#');
			ck_assert_int_eq(memcmp(part, whole, n), 0);
			ck_assert(n == before || room == n);
			before = n;
		}
		ck_assert_uint_eq(before, all);
	}
}
END_TEST

/* Whatever the bytes: valid JSON, valid UTF-8, nothing that ends a script element, nothing that steers. */
START_TEST(whatever_the_bytes)
{
	char out[64], quoted[64];

	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b += 3) {
			const char text[] = { (char)a, (char)b, 'x' };
			size_t n = nsc_escape(NSC_ESCAPE_HTML, text, sizeof(text), out, sizeof(out));
			cJSON *parsed;

			ck_assert(nsc_is_utf8(out, n));
			ck_assert_ptr_null(memchr(out, '<', n));
			ck_assert_ptr_null(memchr(out, '&', n));
			quoted[0] = '"';
			memcpy(quoted + 1, out, n);
			quoted[n + 1] = '"';
			parsed = cJSON_ParseWithLength(quoted, n + 2);
			ck_assert_ptr_nonnull(parsed);
			cJSON_Delete(parsed);
			n = nsc_escape(NSC_ESCAPE_TERMINAL, text, sizeof(text), out, sizeof(out));
			ck_assert(nsc_is_utf8(out, n));
			for (size_t i = 0; i < n; i++)
				ck_assert((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
		}
}
END_TEST

START_TEST(for_a_terminal)
{
	char out[8];

	ck_assert_str_eq(nsc_escape_terminal("a\x1b"
					     "b",
					     out, sizeof(out)),
			 "a\\x1bb");
	ck_assert_str_eq(nsc_escape_terminal("abcd\x1b", out, sizeof(out)), "abcd");
	ck_assert_str_eq(nsc_escape_terminal("abc", out, 1), "");
}
END_TEST

START_TEST(utf8)
{
	static const char *const bad[] = { "\x80",
					   "\xc0\xaf",
					   "\xc1\xbf",
					   "\xe0\x80\xaf",
					   "\xed\xa0\x80",
					   "\xf0\x80\x80\xaf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "\xc3",
					   "\xe2\x82",
					   "\xf0\x9f\x90",
					   "a\xc3z" };
	static const char *const good[] = { "",
					    "abc",
					    "\xc2\x80",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf",
					    (EURO FISH) };

	for (size_t i = 0; i < NSC_ARRAY_LEN(bad); i++)
		ck_assert_msg(!nsc_is_utf8(bad[i], strlen(bad[i])), "bad %zu", i);
	for (size_t i = 0; i < NSC_ARRAY_LEN(good); i++)
		ck_assert_msg(nsc_is_utf8(good[i], strlen(good[i])), "good %zu", i);
	ck_assert_uint_eq(nsc_utf8_length(EURO, 3), 3);
	ck_assert_uint_eq(nsc_utf8_length(EURO, 2), 0);
}
END_TEST

CHECK_MAIN("text/escape", each_target, cut_between_characters, whatever_the_bytes, for_a_terminal, utf8)
