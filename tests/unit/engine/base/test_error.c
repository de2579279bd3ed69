/* SPDX-License-Identifier: MIT
 *
 * nsc_fail: the status passes through, the sentence is formatted, cut and always terminated.
 */
#include "netscope/error.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(formats_and_returns_the_status)
{
	struct nsc_error error;

	ck_assert_int_eq(nsc_fail(&error, -EINVAL, "%s: wanted %u, found %u", "file", 1u, 2u), -EINVAL);
	ck_assert_str_eq(error.text, "file: wanted 1, found 2");
}
END_TEST

START_TEST(cuts_a_long_sentence)
{
	struct nsc_error error;
	char longer[2 * sizeof(error.text)];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	memset(&error, 0xff, sizeof(error));
	ck_assert_int_eq(nsc_fail(&error, -E2BIG, "%s", longer), -E2BIG);
	ck_assert_uint_eq(strnlen(error.text, sizeof(error.text)), sizeof(error.text) - 1);
	ck_assert_int_eq(strncmp(error.text, longer, sizeof(error.text) - 1), 0);
}
END_TEST

START_TEST(no_one_asks_for_the_sentence)
{
	ck_assert_int_eq(nsc_fail(NULL, -ENOENT, "%s", "unheard"), -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("error");
	TCase *tcase = tcase_create("nsc_fail");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, formats_and_returns_the_status);
	tcase_add_test(tcase, cuts_a_long_sentence);
	tcase_add_test(tcase, no_one_asks_for_the_sentence);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
