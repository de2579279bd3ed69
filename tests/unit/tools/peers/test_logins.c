/* SPDX-License-Identifier: MIT
 *
 * The file of names and passwords: who gets which, and lines that are none.
 */
#include "tools/peers/logins.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_logins logins;
static struct nsc_error error;

static int open_text(const char *text, mode_t mode)
{
	char path[] = "/tmp/nsc-logins-XXXXXX";
	int fd = mkstemp(path), status;

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
	status = nsc_logins_open(&logins, path, &error);
	unlink(path);
	return status;
}

START_TEST(each_gets_its_own)
{
	const struct nsc_login *login;

	ck_assert_int_eq(
		open_text("# sensors\n\n  https://a:1 noc  a pass word \r\n*\tall\tother\nhttps://c:3 x y", 0600), 0);
	ck_assert_uint_eq(logins.n, 3);
	login = nsc_logins_find(&logins, "https://a:1");
	ck_assert_str_eq(login->name, "noc");
	ck_assert_str_eq(login->password, "a pass word ");
	ck_assert_str_eq(nsc_logins_find(&logins, "https://b:2")->name, "all");
	ck_assert_str_eq(nsc_logins_unused(&logins)->url, "https://c:3");
	ck_assert_str_eq(nsc_logins_find(&logins, "https://c:3")->password, "y");
	ck_assert_ptr_null(nsc_logins_unused(&logins));
	nsc_logins_close(&logins);
	ck_assert_int_eq(nsc_logins_open(&logins, "", &error), 0);
	ck_assert_ptr_null(nsc_logins_find(&logins, "https://a:1"));
	nsc_logins_close(&logins);
}
END_TEST

START_TEST(lines_that_are_none)
{
	static const char *const texts[] = { "https://a:1\n", "https://a:1 noc\n", "https://a:1 noc \n", "x y:z w\n" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(texts); i++) {
		ck_assert_int_eq(open_text(texts[i], 0600), -EINVAL);
		ck_assert_ptr_nonnull(strstr(error.text, ":1: "));
		nsc_logins_close(&logins);
	}
	ck_assert_int_eq(open_text("* a b\n", 0640), -EACCES);
	nsc_logins_close(&logins);
	ck_assert_int_lt(nsc_logins_open(&logins, "/nowhere", &error), 0);
	nsc_logins_close(&logins);
}
END_TEST

START_TEST(too_many)
{
	static char text[NSC_LOGINS_TEXT + 100];
	size_t n = 0;

	for (unsigned i = 0; i < NSC_LOGINS_MAX + 1; i++)
		n += (size_t)sprintf(text + n, "https://a:%u b c\n", i);
	ck_assert_int_eq(open_text(text, 0600), -EINVAL);
	nsc_logins_close(&logins);
	memset(text, '#', sizeof(text) - 1);
	ck_assert_int_eq(open_text(text, 0600), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "longer than"));
	nsc_logins_close(&logins);
}
END_TEST

CHECK_MAIN("logins", each_gets_its_own, lines_that_are_none, too_many)
