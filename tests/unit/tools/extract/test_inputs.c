/* SPDX-License-Identifier: MIT
 *
 * Which files a folder stands for.
 */
#include "tools/extract/inputs.h"

#include "tests/unit/engine/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(names_of_capture_files)
{
	static const char *const taken[] = {
		"a.pcap",    "a.PCAPNG",     "a.000001.pcapng", "a.cap",     "a.pcap7",
		"a.pcap.gz", "a.pcapng.zst", "a.pcap12.xz",     "a.cap.bz2", "b.pcap.lz4"
	};
	static const char *const left[] = { "a.txt", ".a.pcap",    "a.pcap.nsx", "pcap",
					    ".pcap", "a.pcap.tmp", "a.csv.gz",   "12" };
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(taken); i++)
		wrong += !nsc_inputs_takes(taken[i]);
	for (size_t i = 0; i < NSC_ARRAY_LEN(left); i++)
		wrong += nsc_inputs_takes(left[i]);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static void put_file(const char *name, const char *bytes)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	close(fd);
}

START_TEST(files_and_folders)
{
	char folder[] = "/tmp/inputs-XXXXXX";
	struct nsc_inputs inputs;
	struct nsc_error error;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(mkdir("d", 0700) | mkdir("d/x.pcap", 0700) | mkdir("empty", 0700) | mkfifo("pipe", 0600), 0);
	put_file("d/b.pcap", "1");
	put_file("d/a.pcap", "1");
	put_file("d/none.pcap", "");
	put_file("d/note.txt", "1");
	put_file("z", "1");
	ck_assert_int_eq(nsc_inputs_read(&inputs, "z\0d\0d/note.txt\0", &error), 0);
	ck_assert_uint_eq(inputs.n, 4);
	ck_assert_str_eq(inputs.path[0], "z");
	ck_assert_str_eq(inputs.path[1], "d/a.pcap");
	ck_assert_str_eq(inputs.path[2], "d/b.pcap");
	ck_assert_str_eq(inputs.path[3], "d/note.txt");
	nsc_inputs_close(&inputs);
	ck_assert_int_eq(nsc_inputs_read(&inputs, "empty\0", &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "'empty' holds no capture file"));
	nsc_inputs_close(&inputs);
	ck_assert_int_eq(nsc_inputs_read(&inputs, "nothing\0", &error), -ENOENT);
	nsc_inputs_close(&inputs);
	ck_assert_int_eq(nsc_inputs_read(&inputs, "-\0", &error), -EINVAL);
	nsc_inputs_close(&inputs);
	ck_assert_int_eq(nsc_inputs_read(&inputs, "pipe\0", &error), -EINVAL);
	nsc_inputs_close(&inputs);
	ck_assert_int_eq(unlink("d/a.pcap") | unlink("d/b.pcap") | unlink("d/none.pcap") | unlink("d/note.txt") |
				 rmdir("d/x.pcap") | rmdir("d") | rmdir("empty") | unlink("z") | unlink("pipe") |
				 chdir("/") | rmdir(folder),
			 0);
}
END_TEST

CHECK_MAIN("extract/inputs", names_of_capture_files, files_and_folders)
