/* SPDX-License-Identifier: MIT
 *
 * Whether an output could be opened: what is refused, and that nothing is changed or left behind.
 */
#include "netscope/out.h"

#include "packets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct nsc_error error;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static off_t size_of(const char *name)
{
	struct stat found;

	return stat(name, &found) ? -1 : found.st_size;
}

START_TEST(what_can_be_opened_stays_as_it_is)
{
	test_write_file("old.csv", "old");
	ck_assert_int_eq(nsc_out_probe("old.csv", false, &error), 0);
	ck_assert_int_eq(nsc_out_probe("old.csv", true, &error), 0);
	ck_assert_int_eq(nsc_out_probe("new.csv", false, &error), 0);
	ck_assert_int_eq(nsc_out_probe("new.csv", true, &error), 0);
	ck_assert_int_eq(nsc_out_probe("/dev/null", true, &error), 0);
	ck_assert_int_eq(size_of("old.csv"), 3);
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

/* Opening it would wait for its reader, or end it. */
START_TEST(a_pipe_is_not_opened)
{
	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	ck_assert_int_eq(nsc_out_probe("pipe", false, &error), 0);
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

START_TEST(what_is_refused)
{
	int fd = open("/dev/null", O_RDONLY);
	char name[32];

	ck_assert_int_eq(symlink("elsewhere", "link"), 0);
	ck_assert_int_eq(nsc_out_probe("link", false, &error), -ELOOP);
	ck_assert_str_eq(error.text, "link: cannot be written: it is a symbolic link");
	ck_assert_int_eq(nsc_out_probe(".", true, &error), -EISDIR);
	ck_assert_int_eq(nsc_out_probe("none/x", true, &error), -ENOENT);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	ck_assert_int_eq(nsc_out_probe(name, false, &error), -EBADF);
	close(fd);
	ck_assert_int_eq(nsc_out_probe(name, false, &error), -EBADF);
}
END_TEST

/* Root may write everywhere. */
START_TEST(a_file_that_may_not_be_written)
{
	if (!geteuid())
		return;
	test_write_file("old.csv", "old");
	ck_assert_int_eq(chmod("old.csv", 0400), 0);
	ck_assert_int_eq(nsc_out_probe("old.csv", false, &error), -EACCES);
	ck_assert_int_eq(nsc_out_probe("old.csv", true, &error), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { what_can_be_opened_stays_as_it_is, a_pipe_is_not_opened, what_is_refused,
				       a_file_that_may_not_be_written };

	return test_main("out_probe", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
