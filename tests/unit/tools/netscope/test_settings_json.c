/* SPDX-License-Identifier: MIT
 *
 * The configuration as JSON: sections once each, every key, and texts of any bytes.
 */
#include "tools/netscope/options.h"

#include <check.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static struct nsc_settings settings;

static cJSON *parsed(void)
{
	char *text = nsc_settings_json(&settings);
	cJSON *json = cJSON_ParseWithOpts(text, NULL, true);

	free(text);
	return json;
}

static const cJSON *find(const cJSON *json, const char *key)
{
	char part[64];

	for (; json && *key; key += strcspn(key, ".") + (strchr(key, '.') != NULL)) {
		snprintf(part, sizeof(part), "%.*s", (int)strcspn(key, "."), key);
		json = cJSON_GetObjectItem(json, part);
	}
	return json;
}

static unsigned count_leaves(const cJSON *json)
{
	unsigned n = !cJSON_IsObject(json);

	for (const cJSON *child = n ? NULL : json->child; child; child = child->next)
		n += count_leaves(child);
	return n;
}

START_TEST(every_key_is_there_once)
{
	unsigned missing = 0, keys = 0;
	cJSON *json;

	nsc_settings_init(&settings);
	json = parsed();
	ck_assert_ptr_nonnull(json);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *key = nsc_option_table[i].key;

		keys += key != NULL;
		missing += key && !find(json, key);
	}
	ck_assert_uint_eq(missing, 0);
	ck_assert_uint_eq(count_leaves(json), keys); /* a section that came twice would hide keys from the loop */
	cJSON_Delete(json);
}
END_TEST

START_TEST(values_as_they_are)
{
	cJSON *json, *flow, *capture;

	nsc_settings_init(&settings);
	settings.flow_timeout_s = 0.1;
	settings.max_flows = 0;
	settings.read_pcap = "a \"b\"\\\n\x01 caf\xc3\xa9\0";
	json = parsed();
	ck_assert_ptr_nonnull(json);
	flow = cJSON_GetObjectItem(json, "flow");
	capture = cJSON_GetObjectItem(json, "capture");
	ck_assert(cJSON_GetNumberValue(cJSON_GetObjectItem(flow, "timeout_secs")) == 0.1);
	ck_assert(cJSON_GetNumberValue(cJSON_GetObjectItem(flow, "max_flows")) == 0);
	ck_assert(cJSON_IsFalse(cJSON_GetObjectItem(flow, "decap")));
	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(capture, "backend")), "auto");
	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(capture, "read_pcap")), settings.read_pcap);
	cJSON_Delete(json);
}
END_TEST

static const struct {
	const char *path, *shown;
} odd_bytes[] = {
	{ "\xff", "\"\xef\xbf\xbd\"" },
	{ "a\xc3", "\"a\xef\xbf\xbd\"" },
	{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xe0\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xf5\x80\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
	{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
};

START_TEST(bytes_that_are_no_utf8)
{
	char wanted[64], paths[32], *text;
	bool found;

	nsc_settings_init(&settings);
	memset(paths, 0, sizeof(paths)); /* several paths are an array */
	memcpy(paths, odd_bytes[_i].path, strlen(odd_bytes[_i].path));
	memcpy(paths + strlen(paths) + 1, "b", 1);
	settings.read_pcap = paths;
	snprintf(wanted, sizeof(wanted), "\"read_pcap\":[%s, \"b\"],", odd_bytes[_i].shown);
	text = nsc_settings_json(&settings);
	found = strstr(text, wanted);
	free(text);
	ck_assert_msg(found, "wanted %s", wanted);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("settings_json");
	TCase *tcase = tcase_create("settings_json");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, every_key_is_there_once);
	tcase_add_test(tcase, values_as_they_are);
	tcase_add_loop_test(tcase, bytes_that_are_no_utf8, 0, (int)NSC_ARRAY_LEN(odd_bytes));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
