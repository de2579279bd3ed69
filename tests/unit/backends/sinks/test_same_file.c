/* SPDX-License-Identifier: MIT
 *
 * One file under two names.
 */
#include "netscope/out.h"

#include "records.h"

#include <sys/stat.h>

START_TEST(one_file_under_two_names)
{
	char folder[64];

	test_enter_folder(folder);
	test_write_file("a", "");
	test_write_file("b", "");
	ck_assert_int_eq(link("a", "hard"), 0);
	ck_assert_int_eq(symlink("a", "soft"), 0);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	ck_assert_int_eq(nsc_out_same_file("a", "a"), 1);
	ck_assert_int_eq(nsc_out_same_file("a", "./dir/../a"), 1);
	ck_assert_int_eq(nsc_out_same_file("a", "hard"), 1);
	ck_assert_int_eq(nsc_out_same_file("a", "soft"), 1);
	ck_assert_int_eq(nsc_out_same_file("a", "b"), 0);
	ck_assert_int_eq(nsc_out_same_file("a", "new"), 0);
	ck_assert_int_eq(nsc_out_same_file("new", "./new"), 1);
	ck_assert_int_eq(nsc_out_same_file("new", "dir/../new"), 1);
	ck_assert_int_eq(nsc_out_same_file("new", "dir/new"), 0);
	ck_assert_int_eq(nsc_out_same_file("new", "newer"), 0);
	ck_assert_int_eq(nsc_out_same_file("missing/x", "missing/x"), 1);
	ck_assert_int_eq(nsc_out_same_file("missing/x", "missing/y"), 0);
	ck_assert_int_eq(nsc_out_same_file("/dev/null", "/dev/null"), 0);
	ck_assert_int_eq(nsc_out_same_file("-", "-"), 1);
	test_leave_folder(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("same file");
	TCase *tcase = tcase_create("names");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, one_file_under_two_names);
	return test_run(suite);
}
