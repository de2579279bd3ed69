/* SPDX-License-Identifier: MIT
 *
 * Locks of outputs: one holder, what is left behind, what is no file, and a lock file that is not ours.
 */
#include "netscope/out.h"

#include "packets.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[64];
static struct nsc_out_lock *lock, *other;
static struct nsc_error error;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

START_TEST(one_holder)
{
	ck_assert_int_eq(nsc_out_lock_open(&lock, "a.pcap", &error), 0);
	ck_assert_int_eq(nsc_out_lock_open(&other, "./a.pcap", &error), -EBUSY);
	ck_assert_ptr_null(other);
	ck_assert_str_eq(error.text, "./a.pcap: another netscope writes this output: each run needs names of its own "
				     "for its outputs");
	ck_assert_int_eq(nsc_out_lock_open(&other, "b.pcap", &error), 0);
	ck_assert_uint_eq(test_count_files(), 2);
	nsc_out_lock_close(other);
	nsc_out_lock_close(lock);
	ck_assert_uint_eq(test_count_files(), 0);
	ck_assert_int_eq(nsc_out_lock_open(&lock, "a.pcap", &error), 0);
	nsc_out_lock_close(lock);
}
END_TEST

/* Its file stays, and is taken. */
START_TEST(a_holder_that_was_killed)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(nsc_out_lock_open(&lock, "a.pcap", &error));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(access(".a.pcap.netscope-lock", F_OK), 0);
	ck_assert_int_eq(nsc_out_lock_open(&lock, "a.pcap", &error), 0);
	ck_assert_int_eq(nsc_out_lock_open(&other, "a.pcap", &error), -EBUSY);
	nsc_out_lock_close(lock);
	ck_assert_uint_eq(test_count_files(), 0);
}
END_TEST

START_TEST(what_is_no_file_has_none)
{
	static const char *const names[] = { "-", "/dev/stdout", "/dev/null", "fifo", "link", "dir", "none/a", "dir/" };

	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(symlink("a", "link"), 0);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		ck_assert_int_eq(nsc_out_lock_open(&lock, names[i], &error), 0);
		ck_assert_ptr_null(lock);
	}
	nsc_out_lock_close(NULL);
	ck_assert_uint_eq(test_count_files(), 3);
}
END_TEST

/* Names that have their first 249 bytes in common. */
START_TEST(long_names_are_told_apart)
{
	char a[256], b[256];

	memset(a, 'n', 250);
	memset(b, 'n', 250);
	strcpy(a + 250, ".pcap");
	strcpy(b + 250, ".json");
	ck_assert_int_eq(nsc_out_lock_open(&lock, a, &error), 0);
	ck_assert_int_eq(nsc_out_lock_open(&other, b, &error), 0);
	ck_assert(lock && other);
	nsc_out_lock_close(other);
	ck_assert_int_eq(nsc_out_lock_open(&other, a, &error), -EBUSY);
	nsc_out_lock_close(lock);
}
END_TEST

START_TEST(a_lock_file_with_something_in_it_stays)
{
	test_write_file(".a.netscope-lock", "whose?\n");
	ck_assert_int_eq(nsc_out_lock_open(&lock, "a", &error), 0);
	nsc_out_lock_close(lock);
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

/* A directory stands for whatever cannot be opened: root may open every file. */
START_TEST(a_lock_file_that_cannot_be_opened)
{
	ck_assert_int_eq(mkdir(".a.netscope-lock", 0700), 0);
	ck_assert_int_eq(nsc_out_lock_open(&lock, "a", &error), -EISDIR);
	ck_assert_str_eq(error.text, "a: its lock, .a.netscope-lock beside it, cannot be opened: Is a directory");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { one_holder,
				       a_holder_that_was_killed,
				       what_is_no_file_has_none,
				       long_names_are_told_apart,
				       a_lock_file_with_something_in_it_stays,
				       a_lock_file_that_cannot_be_opened };

	return test_main("out_lock", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
