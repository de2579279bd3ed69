/* SPDX-License-Identifier: MIT
 *
 * What has the name of an output when a live run begins: kept under a number, or beside it.
 */
#include "backends/sinks/set_aside.h"

#include "netscope/out.h"

#include "packets.h"

#include <errno.h>
#include <sys/stat.h>

static char folder[64];
static struct nsc_error said;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static void check_text(const char *path, const char *want)
{
	char *text = test_read_file(path, NULL);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, want);
	free(text);
}

START_TEST(renamed)
{
	test_write_file("a.000001.pcap", "taken\n");
	for (unsigned i = 0; i < 3; i++) {
		test_write_file("a.pcap", i ? "later\n" : "first\n");
		ck_assert_int_eq(nsc_out_set_aside("./a.pcap", false, &said), 1);
		ck_assert_int_ne(access("a.pcap", F_OK), 0);
	}
	ck_assert_str_eq(said.text, "./a.pcap: is there already: what it holds is kept as a.000003.pcap");
	check_text("a.000000.pcap", "first\n");
	check_text("a.000001.pcap", "taken\n");
	check_text("a.000002.pcap", "later\n");
	check_text("a.000003.pcap", "later\n");
}
END_TEST

/* A run that ends early begins again with the same file: it is kept once. */
START_TEST(kept_beside_its_name)
{
	test_write_file("f.csv", "old\n");
	ck_assert_int_eq(nsc_out_set_aside("f.csv", true, &said), 1);
	ck_assert_str_eq(said.text, "f.csv: is there already: what it holds is kept as f.000000.csv");
	ck_assert_int_eq(nsc_out_set_aside("f.csv", true, &said), 0);
	ck_assert_uint_eq(test_count_files(), 2);
	ck_assert_int_eq(unlink("f.csv"), 0);
	test_write_file("f.csv", "new\n");
	ck_assert_int_eq(nsc_out_set_aside("f.csv", true, &said), 1);
	check_text("f.000000.csv", "old\n");
	check_text("f.000001.csv", "new\n");
	check_text("f.csv", "new\n");
}
END_TEST

START_TEST(nothing_to_keep)
{
	static const char *const names[] = {
		"none", "empty", "fifo", "dir", "link", "dir/", "none/a", "-", "/dev/null"
	};

	test_write_file("empty", "");
	test_write_file("victim", "precious\n");
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	ck_assert_int_eq(symlink("victim", "link"), 0);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		ck_assert_int_eq(nsc_out_set_aside(names[i], false, &said), 0);
		ck_assert_int_eq(nsc_out_set_aside(names[i], true, &said), 0);
	}
	ck_assert_uint_eq(test_count_files(), 5);
	check_text("victim", "precious\n");
}
END_TEST

START_TEST(a_name_without_room_for_a_number)
{
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	test_write_file(name, "old\n");
	ck_assert_int_eq(nsc_out_set_aside(name, false, &said), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(strstr(said.text, ": is there already, and cannot be set aside for a new one: "));
	check_text(name, "old\n");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { renamed, kept_beside_its_name, nothing_to_keep,
				       a_name_without_room_for_a_number };

	return test_main("set_aside", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
