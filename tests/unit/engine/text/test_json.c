/* SPDX-License-Identifier: MIT
 *
 * JSON: commas, numbers, texts from the wire, limits.
 */
#include "engine/text/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_json json;

static void is(const char *want)
{
	ck_assert(!json.failed);
	ck_assert_msg(json.length == strlen(want) && !memcmp(json.data, want, json.length), "%.*s, wanted %s",
		      (int)json.length, json.data, want);
	nsc_json_free(&json);
}

START_TEST(commas_are_where_they_belong)
{
	nsc_json_init(&json, 4096);
	nsc_json_open(&json, '{');
	nsc_json_add_u64(&json, "a", 1);
	nsc_json_key(&json, "b");
	nsc_json_open(&json, '[');
	nsc_json_close(&json, ']');
	nsc_json_key(&json, "c");
	nsc_json_open(&json, '[');
	nsc_json_u64(&json, 1);
	nsc_json_open(&json, '{');
	nsc_json_close(&json, '}');
	nsc_json_text(&json, "x");
	nsc_json_close(&json, ']');
	nsc_json_raw_members(&json, "\"d\":2", 5);
	nsc_json_raw_members(&json, "", 0);
	nsc_json_add_text(&json, "e", NULL);
	nsc_json_close(&json, '}');
	is("{\"a\":1,\"b\":[],\"c\":[1,{},\"x\"],\"d\":2,\"e\":null}");
}
END_TEST

START_TEST(numbers)
{
	nsc_json_init(&json, 4096);
	nsc_json_u64(&json, 0);
	nsc_json_u64(&json, UINT64_MAX - 1);
	nsc_json_u64(&json, NSC_UNKNOWN);
	nsc_json_time(&json, 1700000000000000001ull);
	nsc_json_time(&json, 5);
	nsc_json_time(&json, NSC_UNKNOWN);
	nsc_json_fixed(&json, 1.0 / 3, 3);
	nsc_json_fixed(&json, NAN, 3);
	nsc_json_fixed(&json, -INFINITY, 3);
	nsc_json_fixed(&json, 1e20, 0);
	nsc_json_bool(&json, true);
	is("0,18446744073709551614,null,1700000000.000000001,0.000000005,null,0.333,null,null,100000000000000000000,"
	   "true");
}
END_TEST

/* Whatever the bytes: valid JSON, valid UTF-8, nothing that ends a script element. */
START_TEST(texts_are_harmless)
{
	char text[3];

	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b += 3) {
			cJSON *parsed;

			text[0] = (char)a;
			text[1] = (char)b;
			text[2] = 'x';
			nsc_json_init(&json, 4096);
			nsc_json_text_n(&json, text, 3);
			ck_assert(nsc_json_is_utf8((const uint8_t *)json.data, json.length));
			ck_assert_ptr_null(memchr(json.data, '<', json.length));
			ck_assert_ptr_null(memchr(json.data, '&', json.length));
			for (size_t i = 0; i < json.length; i++)
				ck_assert_uint_ge((unsigned char)json.data[i], 0x20);
			parsed = cJSON_ParseWithLength(json.data, json.length);
			ck_assert_ptr_nonnull(parsed);
			cJSON_Delete(parsed);
			nsc_json_free(&json);
		}
	nsc_json_init(&json, 4096);
	nsc_json_text(&json, "</script>\"\\\n\xc3\xa9\xf0\x9f\x90\x9f\xff\xed\xa0\x80");
	is("\"\\u003c/"
	   "script\\u003e\\\"\\\\\\u000a\xc3\xa9\xf0\x9f\x90\x9f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
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
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(bad); i++)
		ck_assert_msg(!nsc_json_is_utf8((const uint8_t *)bad[i], strlen(bad[i])), "bad %zu", i);
	for (size_t i = 0; i < NSC_ARRAY_LEN(good); i++)
		ck_assert_msg(nsc_json_is_utf8((const uint8_t *)good[i], strlen(good[i])), "good %zu", i);
}
END_TEST

START_TEST(limits_hold)
{
	uint8_t bytes[300] = { 0xab };

	nsc_json_init(&json, 602);
	nsc_json_hex(&json, bytes, 300);
	ck_assert(!json.failed);
	ck_assert_uint_eq(json.length, 602);
	ck_assert(!memcmp(json.data, "\"ab00", 5));
	nsc_json_u64(&json, 1);
	ck_assert(json.failed);
	ck_assert_uint_eq(json.length, 602);
	ck_assert_uint_le(json.room, 602);
	nsc_json_free(&json);
}
END_TEST

CHECK_MAIN("json", commas_are_where_they_belong, numbers, texts_are_harmless, utf8, limits_hold)
