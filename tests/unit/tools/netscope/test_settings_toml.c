/* SPDX-License-Identifier: MIT
 *
 * Printed configuration reads back to itself, whatever the values are.
 */
#include "tools/netscope/config.h"
#include "tools/netscope/options.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nsc_error error;

/* The caller frees it. */
static char *print(const struct nsc_settings *settings, bool comments)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	nsc_settings_toml(out, settings, comments);
	fclose(out);
	return text;
}

static void check_round_trip(const struct nsc_settings *settings)
{
	static struct nsc_settings again;
	char *first = print(settings, true), *plain = print(settings, false), *second;
	int status;

	nsc_settings_init(&again);
	status = nsc_config_parse(&again, "printed", first, strlen(first), NULL, &error);
	ck_assert_msg(!status, "%s", error.text);
	second = print(&again, false);
	ck_assert_str_eq(plain, second);
	nsc_settings_fini(&again);
	free(first);
	free(plain);
	free(second);
}

START_TEST(defaults)
{
	static struct nsc_settings settings;

	nsc_settings_init(&settings);
	check_round_trip(&settings);
}
END_TEST

/* Another value than the default for each option of this build. */
static const char *other_value(const struct nsc_option *option)
{
	static char digits[32];

	switch (option->type) {
	case NSC_OPTION_BOOL:
		return strcmp(option->initial, "true") ? "true" : "false";
	case NSC_OPTION_UINT:
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)option->max);
		return digits;
	case NSC_OPTION_FLOAT:
		return "0.30000000000000004";
	case NSC_OPTION_CHOICE:
		return option->choices[1];
	case NSC_OPTION_CORES:
		return option->initial;
	default:
		return "a \"quote\", a \\ and \b\t\n\f\r \x01\x1f\x7f, \xe2\x82\xac \xf0\x9f\x98\x80 #no comment ' ''' "
		       "\\u0041";
	}
}

START_TEST(every_option_changed)
{
	static struct nsc_settings settings;
	unsigned changed = 0;

	nsc_settings_init(&settings);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *option = &nsc_option_table[i];

		if (option->key && !option->part && strcmp(option->key, "synth.rate_pps"))
			changed += !nsc_option_set(&settings, option, other_value(option), NSC_ORIGIN_COMMAND_LINE,
						   &error);
	}
	ck_assert_uint_ge(changed, 40);
	check_round_trip(&settings);
}
END_TEST

static const char *const floats[] = { "0.1",   "1e-7", "123456.789", "1000000000", "0.333333333333333314829616256247",
				      "5e-324" };

START_TEST(floats_come_back_exactly)
{
	static struct nsc_settings settings;

	nsc_settings_init(&settings);
	ck_assert_int_eq(nsc_option_set(&settings, nsc_option_find("flow-timeout-s"), floats[_i],
					NSC_ORIGIN_COMMAND_LINE, &error),
			 0);
	check_round_trip(&settings);
}
END_TEST

START_TEST(lists_are_arrays)
{
	static struct nsc_settings settings;
	char *text;
	bool found;

	nsc_settings_init(&settings);
	settings.web.allowed_hosts = "a.example,b \"c\"";
	text = print(&settings, false);
	found = strstr(text, "\nallowed_hosts = [\"a.example\", \"b \\\"c\\\"\"]\n");
	free(text);
	ck_assert(found);
}
END_TEST

START_TEST(what_toml_cannot_hold)
{
	static struct nsc_settings settings;

	nsc_settings_init(&settings);
	ck_assert_int_eq(nsc_settings_toml_check(&settings, &error), 0);
	settings.out.export_csv = "\xff";
	ck_assert_int_eq(nsc_settings_toml_check(&settings, &error), -EILSEQ);
	ck_assert_str_eq(error.text, "output.export_csv cannot be written as TOML: it is not UTF-8");
	settings.out.export_csv = "a \\ufffd";
	ck_assert_int_eq(nsc_settings_toml_check(&settings, &error), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("settings_toml");
	TCase *tcase = tcase_create("settings_toml");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, every_option_changed);
	tcase_add_loop_test(tcase, floats_come_back_exactly, 0, (int)NSC_ARRAY_LEN(floats));
	tcase_add_test(tcase, lists_are_arrays);
	tcase_add_test(tcase, what_toml_cannot_hold);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
