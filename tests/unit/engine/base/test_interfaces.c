/* SPDX-License-Identifier: MIT */
#include "netscope/interfaces.h"

#include <stdio.h>

#include "tests/unit/backends/sinks/records.h"

START_TEST(names_keep_their_numbers)
{
	unsigned eth0 = nsc_interface_number("eth0", 4), eth1 = nsc_interface_number("eth1 and more", 4);

	ck_assert_uint_ne(eth0, 0);
	ck_assert_uint_ne(eth1, eth0);
	ck_assert_uint_eq(nsc_interface_number("eth0", 4), eth0);
	ck_assert_str_eq(nsc_interface_name(eth1), "eth1");
	ck_assert_uint_eq(nsc_interface_number("", 0), 0);
	ck_assert_uint_eq(nsc_interface_number("\0eth0", 5), 0);
	ck_assert_ptr_null(nsc_interface_name(0));
	ck_assert_ptr_null(nsc_interface_name(200));
	ck_assert_ptr_null(nsc_interface_name(256));
}
END_TEST

START_TEST(a_long_name_is_cut)
{
	char name[200];
	unsigned number;

	memset(name, 'x', sizeof(name));
	number = nsc_interface_number(name, sizeof(name));
	ck_assert_uint_eq(strlen(nsc_interface_name(number)), NSC_INTERFACE_NAME_MAX);
	ck_assert_uint_eq(nsc_interface_number(name, 150), number);
}
END_TEST

START_TEST(one_too_many_has_no_number)
{
	char name[16];
	unsigned given = 0;

	for (unsigned i = 1; i <= NSC_INTERFACES_MAX; i++) /* by other tests of this process */
		given += nsc_interface_name(i) != NULL;
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "if%u", i);
		given += nsc_interface_number(name, strlen(name)) != 0;
	}
	ck_assert_uint_eq(given, NSC_INTERFACES_MAX);
	ck_assert_uint_ne(nsc_interface_number("if7", 3), 0);
	ck_assert_uint_eq(nsc_interface_number("one more", 8), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("interfaces");
	TCase *tcase = tcase_create("names");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, names_keep_their_numbers);
	tcase_add_test(tcase, a_long_name_is_cut);
	tcase_add_test(tcase, one_too_many_has_no_number);
	return test_run(suite);
}
