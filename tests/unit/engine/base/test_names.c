/* SPDX-License-Identifier: MIT
 *
 * Names of links and fates: each number has its own name, and a number beyond the table is "?".
 */
#include "netscope/packet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(known_numbers)
{
	ck_assert_str_eq(nsc_link_name(NSC_LINK_UNSUPPORTED), "unsupported");
	ck_assert_str_eq(nsc_link_name(NSC_LINK_ETHERNET), "eth");
	ck_assert_str_eq(nsc_link_name(NSC_LINK_LINUX_SLL2), "sll2");
	ck_assert_str_eq(nsc_fate_name(NSC_FATE_FLOW), "flow");
	ck_assert_str_eq(nsc_fate_help(NSC_FATE_ARP), "ARP or RARP");
	ck_assert_str_eq(nsc_fate_name(NSC_FATE_UNSUPPORTED_LINK), "unsupported_link");
}
END_TEST

START_TEST(beyond_the_table)
{
	ck_assert_str_eq(nsc_link_name(NSC_LINK_COUNT), "?");
	ck_assert_str_eq(nsc_fate_name(NSC_FATE_COUNT), "?");
	ck_assert_str_eq(nsc_fate_help(NSC_FATE_COUNT), "?");
	ck_assert_str_eq(nsc_fate_name(UINT32_MAX), "?");
}
END_TEST

/* Outputs use a name as a key, so two numbers must never share one. */
static unsigned count_doubles(const char *(*name)(unsigned), unsigned count)
{
	unsigned doubles = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; j < i; j++)
			doubles += !strcmp(name(i), name(j));
	return doubles;
}

START_TEST(each_name_is_its_own)
{
	ck_assert_uint_eq(count_doubles(nsc_link_name, NSC_LINK_COUNT + 1), 0);
	ck_assert_uint_eq(count_doubles(nsc_fate_name, NSC_FATE_COUNT + 1), 0);
	ck_assert_uint_eq(count_doubles(nsc_fate_help, NSC_FATE_COUNT + 1), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = tcase_create("links and fates");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, known_numbers);
	tcase_add_test(tcase, beyond_the_table);
	tcase_add_test(tcase, each_name_is_its_own);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
