/* SPDX-License-Identifier: MIT
 *
 * Names, keys and sections, and what a misspelt one probably meant.
 */
#include "tools/netscope/options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(names_and_keys)
{
	ck_assert_str_eq(nsc_option_find("web-tls")->key, "web.tls.enabled");
	ck_assert_str_eq(nsc_option_find_key("web.tls.enabled")->name, "web-tls");
	ck_assert_ptr_null(nsc_option_find("no-web"));
	ck_assert_ptr_null(nsc_option_find("web-tl"));
	ck_assert_ptr_null(nsc_option_find_key("web.tls"));
	ck_assert_ptr_null(nsc_option_find_key("config")); /* an option without a key */
	ck_assert_ptr_null(nsc_option_find("tick-ms"));    /* a key without an option */
	ck_assert_ptr_nonnull(nsc_option_find_key("web.tick_ms"));
}
END_TEST

START_TEST(sections)
{
	ck_assert(nsc_option_is_section("web") && nsc_option_is_section("web.tls"));
	ck_assert(nsc_option_is_section("analysis.anomalies.syn_flood"));
	ck_assert(!nsc_option_is_section("we") && !nsc_option_is_section("web.") && !nsc_option_is_section("web.port"));
}
END_TEST

static const struct {
	const char *written, *meant; /* NULL = nothing is near */
} names[] = {
	{ "wokrers", "workers" },
	{ "export-j", "export-json" },
	{ "no-stat", "no-stats" },
	{ "summary", "summary-json" },
	{ "quit", "quiet" },
	{ "bananas", NULL },
	{ "", NULL },
	{ "q", NULL },
	{ "max_flows", "max-flows" },
};

START_TEST(nearest_names)
{
	const char *nearest = nsc_option_nearest(names[_i].written);

	ck_assert_pstr_eq(nearest, names[_i].meant);
}
END_TEST

static const struct {
	const char *written, *meant;
} keys[] = {
	{ "capture.snaplne", "capture.snaplen" },
	{ "capture.quiet", "output.quiet" },
	{ "quiet", "output.quiet" },
	{ "captrue", "capture" },
	{ "web.auht", "web.auth" },
	{ "bananas", NULL },
	{ "analysis.anomalies.syn_flod.window_sec", "analysis.anomalies.syn_flood.window_secs" },
};

START_TEST(nearest_words)
{
	const struct nsc_option *poll = nsc_option_find("poll"), *generate = nsc_option_find("generate");

	ck_assert_pstr_eq(nsc_option_nearest_word(poll, "bsuy"), "busy");
	ck_assert_pstr_eq(nsc_option_nearest_word(poll, "adapt"), "adaptive");
	ck_assert_pstr_eq(nsc_option_nearest_word(poll, "fast"), NULL);
	ck_assert_pstr_eq(nsc_option_nearest_word(poll, ""), NULL);
	ck_assert_pstr_eq(nsc_option_nearest_word(generate, "x"), NULL); /* not the empty word, one letter away */
}
END_TEST

START_TEST(nearest_keys)
{
	ck_assert_pstr_eq(nsc_option_nearest_key(keys[_i].written), keys[_i].meant);
}
END_TEST

START_TEST(long_names_are_cut)
{
	static char name[10000];

	memset(name, 'a', sizeof(name) - 1);
	ck_assert_ptr_null(nsc_option_nearest(name));
	memcpy(name, "x.", 2);
	ck_assert_ptr_null(nsc_option_nearest_key(name));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("option_find");
	TCase *tcase = tcase_create("option_find");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, names_and_keys);
	tcase_add_test(tcase, sections);
	tcase_add_loop_test(tcase, nearest_names, 0, (int)NSC_ARRAY_LEN(names));
	tcase_add_test(tcase, nearest_words);
	tcase_add_loop_test(tcase, nearest_keys, 0, (int)NSC_ARRAY_LEN(keys));
	tcase_add_test(tcase, long_names_are_cut);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
