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
	ck_assert(!json.out.full);
	ck_assert_msg(json.out.length == strlen(want) && !memcmp(json.out.data, want, json.out.length),
		      "%.*s, wanted %s", (int)json.out.length, json.out.data, want);
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
	nsc_json_time(&json, UINT64_MAX);
	nsc_json_fixed(&json, 1.0 / 3, 3);
	nsc_json_fixed(&json, NAN, 3);
	nsc_json_fixed(&json, -INFINITY, 3);
	nsc_json_fixed(&json, 1e20, 0);
	nsc_json_bool(&json, true);
	is("0,18446744073709551614,null,1700000000.000000001,0.000000005,18446744073709.551615999,0.333,null,null,"
	   "100000000000000000000,true");
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
			ck_assert(nsc_is_utf8(json.out.data, json.out.length));
			ck_assert_ptr_null(memchr(json.out.data, '<', json.out.length));
			ck_assert_ptr_null(memchr(json.out.data, '&', json.out.length));
			for (size_t i = 0; i < json.out.length; i++)
				ck_assert_uint_ge((unsigned char)json.out.data[i], 0x20);
			parsed = cJSON_ParseWithLength(json.out.data, json.out.length);
			ck_assert_ptr_nonnull(parsed);
			cJSON_Delete(parsed);
			nsc_json_free(&json);
		}
	nsc_json_init(&json, 4096);
	nsc_json_text(&json, "</script>\"\\\n\xc3\xa9\xf0\x9f\x90\x9f\xff\xed\xa0\x80");
	is("\"\\u003c/"
	   "script\\u003e\\\"\\\\\\n\xc3\xa9\xf0\x9f\x90\x9f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}
END_TEST

START_TEST(limits_hold)
{
	uint8_t bytes[300] = { 0xab };

	nsc_json_init(&json, 602);
	nsc_json_hex(&json, bytes, 300);
	ck_assert(!json.out.full);
	ck_assert_uint_eq(json.out.length, 602);
	ck_assert(!memcmp(json.out.data, "\"ab00", 5));
	nsc_json_u64(&json, 1);
	ck_assert(json.out.full);
	ck_assert_uint_eq(json.out.length, 602);
	ck_assert_uint_le(json.out.room, 602);
	nsc_json_free(&json);
}
END_TEST

CHECK_MAIN("json", commas_are_where_they_belong, numbers, texts_are_harmless, limits_hold)
