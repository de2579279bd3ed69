/* SPDX-License-Identifier: MIT
 *
 * Output files: what is refused, what is left behind, and that a reader sees the old file or the new one.
 */
#include "backends/sinks/outfile.h"

#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[64];

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static void put_line(struct nsc_outfile *file, const char *text)
{
	char *at = nsc_outfile_reserve(file, strlen(text));

	if (at)
		nsc_outfile_commit(file, (char *)memcpy(at, text, strlen(text)) + strlen(text));
}

static void check_text(const char *path, const char *want)
{
	char *text = test_read_file(path, NULL);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, want);
	free(text);
}

static int open_status(const char *path, enum nsc_outfile_way way, struct nsc_error *error)
{
	struct nsc_outfile *file = NULL;
	int status = nsc_outfile_open(&file, path, way, 4096, error);

	if (!status)
		nsc_outfile_close(file);
	return status;
}

START_TEST(replaced_only_at_the_end)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	struct stat found;

	test_write_file("out", "old\n");
	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(file, "new\n");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), 0);
	check_text("out", "old\n");
	ck_assert_uint_eq(test_count_files(), 1 + test_names_of_unfinished());
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	check_text("out", "new\n");
	nsc_outfile_close(file);
	ck_assert_uint_eq(test_count_files(), 1);
	ck_assert_int_eq(stat("out", &found), 0);
	ck_assert_uint_eq(found.st_mode & 07777, 0600);
}
END_TEST

START_TEST(given_up_without_a_trace)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	test_write_file("out", "old\n");
	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(file, "new\n");
	nsc_outfile_close(file);
	check_text("out", "old\n");
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

START_TEST(log_is_written_in_place)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	struct stat found;

	test_write_file("log", "something longer\n");
	ck_assert_int_eq(chmod("log", 0644), 0);
	ck_assert_int_eq(nsc_outfile_open(&file, "log", NSC_OUTFILE_LOG, 4096, &error), 0);
	put_line(file, "one\n");
	check_text("log", "");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), 0);
	check_text("log", "one\n");
	put_line(file, "two\n");
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("log", "one\ntwo\n");
	ck_assert_int_eq(stat("log", &found), 0);
	ck_assert_uint_eq(found.st_mode & 07777, 0600);
}
END_TEST

START_TEST(many_records_through_a_small_buffer)
{
	static const char longer[] = "a text of any length goes out in pieces that fit, here in a buffer of 64 bytes\n";
	struct nsc_outfile *file;
	struct nsc_error error;
	size_t bytes;
	char *text;

	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 64, &error), 0);
	for (unsigned i = 0; i < 1000; i++)
		put_line(file, "0123456789012345678901234567890\n");
	nsc_outfile_append(file, longer, strlen(longer));
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	text = test_read_file("out", &bytes);
	ck_assert_uint_eq(bytes, 32 * 1000 + strlen(longer));
	ck_assert_str_eq(text + bytes - 9, "64 bytes\n");
	free(text);
}
END_TEST

/* More than the room that a whole piece leaves behind it. */
START_TEST(a_text_of_many_buffers_goes_out_whole)
{
	enum { BYTES = 3 * NSC_OUTFILE_BUFFER + 7 };
	char *want = malloc(BYTES + 1), *found;
	struct nsc_outfile *file;
	struct nsc_error error;
	size_t bytes;

	for (size_t i = 0; i < BYTES; i++)
		want[i] = (char)('a' + i % 23);
	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, &error), 0);
	put_line(file, "first\n");
	nsc_outfile_append(file, want, BYTES);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	found = test_read_file("out", &bytes);
	ck_assert_uint_eq(bytes, BYTES + 6);
	ck_assert(!memcmp(found + 6, want, BYTES));
	free(found);
	free(want);
}
END_TEST

/* Whole pieces are written, and what was set aside for more of them is given back. */
START_TEST(a_long_file_is_whole_and_has_no_room_behind_it)
{
	enum { LINES = 300000 };
	struct nsc_outfile *file;
	struct nsc_error error;
	char want[32], *text, *at;
	struct stat found;
	unsigned wrong = 0;
	size_t bytes;

	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, &error), 0);
	for (unsigned i = 0; i < LINES; i++) {
		sprintf(want, "line %u\n", i);
		put_line(file, want);
	}
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	ck_assert_int_eq(stat("out", &found), 0);
	ck_assert_int_lt(found.st_blocks * 512, found.st_size + 1024 * 1024);
	text = at = test_read_file("out", &bytes);
	for (unsigned i = 0; i < LINES; i++, at += strlen(want)) {
		sprintf(want, "line %u\n", i);
		wrong += strncmp(at, want, strlen(want)) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_ptr_eq(at, text + bytes);
	free(text);
}
END_TEST

START_TEST(refused_targets)
{
	struct nsc_error error;

	test_write_file("victim", "precious\n");
	ck_assert_int_eq(symlink("victim", "link"), 0);
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	for (enum nsc_outfile_way way = NSC_OUTFILE_REPLACE; way <= NSC_OUTFILE_LOG; way++) {
		ck_assert_int_eq(open_status("link", way, &error), -ELOOP);
		ck_assert_str_eq(error.text, "link: cannot be written: it is a symbolic link");
		ck_assert_int_eq(open_status("dangling", way, &error), -ELOOP);
		ck_assert_int_eq(open_status("dir", way, &error), -EISDIR);
		ck_assert_int_eq(open_status("dir/", way, &error), -EISDIR);
		ck_assert_int_eq(open_status("missing/out", way, &error), -ENOENT);
		ck_assert_str_eq(error.text, "missing/out: cannot be written: its folder does not exist");
		ck_assert_int_eq(open_status("victim/out", way, &error), -ENOTDIR);
	}
	check_text("victim", "precious\n");
	ck_assert_uint_eq(test_count_files(), 4);
}
END_TEST

START_TEST(pipes_and_devices_are_written_directly)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	char name[32], got[8] = "";
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[1]);
	ck_assert_int_eq(nsc_outfile_open(&file, name, NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(file, "hello\n");
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	ck_assert_int_eq(read(fds[0], got, sizeof(got)), 6);
	ck_assert_int_eq(memcmp(got, "hello\n", 6), 0);
	ck_assert_int_eq(open_status("/dev/null", NSC_OUTFILE_REPLACE, &error), 0);
	ck_assert_int_eq(open_status("/dev/fd/999999", NSC_OUTFILE_REPLACE, &error), -EBADF);
	ck_assert_uint_eq(test_count_files(), 0);
}
END_TEST

/* Opening waits for nobody; writing waits as it does with every pipe. */
START_TEST(a_pipe_without_a_reader)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	int reader;

	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(open_status("fifo", NSC_OUTFILE_LOG, &error), -ENXIO);
	ck_assert_str_eq(error.text, "fifo: cannot be written: nobody reads it");
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(nsc_outfile_open(&file, "fifo", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	close(reader);
}
END_TEST

START_TEST(full_device_is_one_sentence)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_outfile_open(&file, "/dev/full", NSC_OUTFILE_LOG, 4096, &error), 0);
	put_line(file, "lost\n");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), -ENOSPC);
	ck_assert_str_eq(error.text, "/dev/full: writing failed after 0 bytes: No space left on device");
	ck_assert_ptr_null(nsc_outfile_reserve(file, 1));
	error.text[0] = '\0';
	ck_assert_int_eq(nsc_outfile_finish(file, &error), -ENOSPC);
	ck_assert_str_eq(error.text, "/dev/full: writing failed after 0 bytes: No space left on device");
	nsc_outfile_close(file);
}
END_TEST

/* The disk is full after 100 bytes: 14 lines of 7 bytes fit. */
static void write_past_the_limit(const char *path, enum nsc_outfile_way way, struct nsc_error *error)
{
	struct rlimit limit, small = { .rlim_cur = 100 };
	struct nsc_outfile *file;

	ck_assert_int_eq(nsc_outfile_open(&file, path, way, 4096, error), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned i = 0; i < 50; i++)
		put_line(file, "a line\n");
	ck_assert_int_eq(nsc_outfile_finish(file, error), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	nsc_outfile_close(file);
}

START_TEST(full_disk_keeps_whole_lines_of_a_log)
{
	struct nsc_error error;
	size_t bytes;
	char *text;

	write_past_the_limit("log", NSC_OUTFILE_LOG, &error);
	ck_assert_str_eq(error.text, "log: writing failed after 98 bytes: File too large");
	text = test_read_file("log", &bytes);
	ck_assert_uint_eq(bytes, 98);
	ck_assert_str_eq(text + 91, "a line\n");
	free(text);
}
END_TEST

START_TEST(full_disk_leaves_the_old_file)
{
	struct nsc_error error;

	test_write_file("out", "old\n");
	write_past_the_limit("out", NSC_OUTFILE_REPLACE, &error);
	ck_assert_str_eq(error.text,
			 "out: writing failed after 98 bytes: File too large; the file was left as it was before");
	check_text("out", "old\n");
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

START_TEST(scratch_has_no_name)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	char got[4];
	int fd;

	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	fd = nsc_outfile_scratch(file, &error);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(test_count_files(), test_names_of_unfinished()); /* the temporary file of the target */
	ck_assert_int_eq(pwrite(fd, "abc", 3, 0), 3);
	ck_assert_int_eq(pread(fd, got, 3, 0), 3);
	close(fd);
	nsc_outfile_close(file);
	ck_assert_int_eq(nsc_outfile_open(&file, "-", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	fd = nsc_outfile_scratch(file, &error);
	ck_assert_int_ge(fd, 0);
	close(fd);
	nsc_outfile_close(file);
}
END_TEST

START_TEST(target_that_became_a_directory)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	ck_assert_int_eq(mkdir("out", 0700), 0);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), -EISDIR);
	nsc_outfile_close(file);
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

/* A link that appears during the run is replaced itself; what it points to is not touched. */
START_TEST(target_that_became_a_link)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	test_write_file("victim", "precious\n");
	ck_assert_int_eq(nsc_outfile_open(&file, "out", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(file, "new\n");
	ck_assert_int_eq(symlink("victim", "out"), 0);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("victim", "precious\n");
	check_text("out", "new\n");
}
END_TEST

static void rotate(struct nsc_outfile *file, bool want)
{
	struct nsc_error error;
	bool rotated;

	ck_assert_int_eq(nsc_outfile_rotate(file, &rotated, &error), 0);
	ck_assert_int_eq(rotated, want);
}

/* Nobody moved it: it gets a number that is free. Somebody did: it keeps that name. Nothing is ever overwritten. */
START_TEST(a_log_begins_anew)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	struct stat found;

	test_write_file("a.000000.log", "of an earlier run\n");
	ck_assert_int_eq(nsc_outfile_open(&file, "a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	rotate(file, false); /* nothing is in it */
	put_line(file, "one\n");
	rotate(file, true);
	check_text("a.000000.log", "of an earlier run\n");
	check_text("a.000001.log", "one\n");
	check_text("a.log", "");
	put_line(file, "two\n");
	ck_assert_int_eq(rename("a.log", "moved"), 0);
	rotate(file, true);
	put_line(file, "three\n");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), 0);
	ck_assert_int_eq(rename("a.log", "moved2"), 0);
	test_write_file("a.log", "somebody else's\n");
	rotate(file, true);
	put_line(file, "four\n");
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("moved", "two\n");
	check_text("moved2", "three\n");
	check_text("a.000002.log", "somebody else's\n");
	check_text("a.log", "four\n");
	ck_assert_int_eq(stat("a.log", &found), 0);
	ck_assert_uint_eq(found.st_mode & 0777, 0600);
}
END_TEST

START_TEST(what_is_no_log_stays)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_outfile_open(&file, "/dev/null", NSC_OUTFILE_LOG, 4096, &error), 0);
	put_line(file, "one\n");
	rotate(file, false);
	nsc_outfile_close(file);
	ck_assert_int_eq(nsc_outfile_open(&file, "b", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(file, "one\n");
	rotate(file, false);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("b", "one\n");
}
END_TEST

/* The folder is gone: the file that is open is written on, and somebody is told. */
START_TEST(no_place_for_a_new_one)
{
	struct nsc_outfile *file;
	struct nsc_error error;
	bool rotated;

	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(nsc_outfile_open(&file, "d/a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	put_line(file, "one\n");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), 0);
	ck_assert_int_eq(rename("d/a.log", "kept"), 0);
	ck_assert_int_eq(rmdir("d"), 0);
	ck_assert_int_lt(nsc_outfile_rotate(file, &rotated, &error), 0);
	ck_assert(!rotated);
	ck_assert_ptr_nonnull(strstr(error.text, "d/a.log: a new one cannot be begun"));
	put_line(file, "two\n");
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("kept", "one\ntwo\n");
}
END_TEST

static void set_limit(rlim_t bytes)
{
	const struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Not before there is room; what was written is kept, what was lost is counted. */
START_TEST(a_failed_log_begins_anew)
{
	int flushed, early, late, written;
	struct nsc_outfile *file;
	struct nsc_error error, again;

	ck_assert_int_eq(nsc_outfile_open(&file, "a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	set_limit(20);
	for (unsigned i = 0; i < 5; i++)
		put_line(file, "a line\n");
	flushed = nsc_outfile_flush(file, &error);
	early = nsc_outfile_check(file, &error);
	put_line(file, "a line\n");
	set_limit(RLIM_INFINITY);
	late = nsc_outfile_check(file, &again);
	put_line(file, "new\n");
	written = nsc_outfile_finish(file, NULL);
	ck_assert_int_eq(flushed, -EFBIG);
	ck_assert_int_eq(early, -EFBIG);
	ck_assert_str_eq(error.text, "a.log: writing failed after 14 bytes: File too large");
	ck_assert_int_eq(late, 1);
	ck_assert_str_eq(again.text, "a.log: is written again, in a new file; 4 rows were lost");
	ck_assert_int_eq(written, 0);
	ck_assert_uint_eq(nsc_outfile_lost(file), 4);
	nsc_outfile_close(file);
	check_text("a.000000.log", "a line\na line\n");
	check_text("a.log", "new\n");
	ck_assert_uint_eq(test_count_files(), 2);
}
END_TEST

START_TEST(a_removed_folder_is_seen)
{
	struct nsc_outfile *log, *whole;
	struct nsc_error error;

	ck_assert_int_eq(mkdir("folder", 0700), 0);
	ck_assert_int_eq(nsc_outfile_open(&log, "folder/log", NSC_OUTFILE_LOG, 4096, &error), 0);
	ck_assert_int_eq(nsc_outfile_open(&whole, "folder/whole", NSC_OUTFILE_REPLACE, 4096, &error), 0);
	put_line(log, "old\n");
	ck_assert_int_eq(nsc_outfile_flush(log, &error), 0);
	unlink("folder/log");
	if (!test_names_of_unfinished()) {
		ck_assert_int_eq(rmdir("folder"), 0);
		ck_assert_int_eq(nsc_outfile_check(whole, &error), -ENOENT);
		ck_assert_str_eq(error.text, "folder/whole: cannot be written: its folder was removed");
		ck_assert_int_eq(nsc_outfile_check(log, &error), -ENOENT);
		ck_assert_str_eq(error.text, "folder/log: cannot be written: its folder was removed");
		put_line(log, "lost\n");
		ck_assert_int_eq(nsc_outfile_flush(log, &error), -ENOENT);
		ck_assert_int_eq(mkdir("folder", 0700), 0);
		ck_assert_int_eq(nsc_outfile_check(log, &error), 1);
		ck_assert_int_eq(nsc_outfile_check(whole, &error), 0);
		ck_assert_uint_eq(nsc_outfile_lost(log), 1);
		put_line(log, "new\n");
		put_line(whole, "all\n");
		ck_assert_int_eq(nsc_outfile_finish(log, &error), 0);
		ck_assert_int_eq(nsc_outfile_finish(whole, &error), 0);
		check_text("folder/log", "new\n");
		check_text("folder/whole", "all\n");
	}
	nsc_outfile_close(log);
	nsc_outfile_close(whole);
	unlink("folder/log");
	unlink("folder/whole");
	rmdir("folder");
}
END_TEST

static void write_line(struct nsc_outfile *file, const char *text)
{
	put_line(file, text);
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), 0);
}

/* Removed: told at once. Renamed: at the second look, for SIGHUP may be on its way. */
START_TEST(a_log_that_loses_its_name)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_outfile_open(&file, "a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	write_line(file, "one\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	ck_assert_int_eq(unlink("a.log"), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), -ENOENT);
	ck_assert_str_eq(error.text, "a.log: was removed while it was written: a new one is begun");
	ck_assert(nsc_outfile_is_empty(file));
	write_line(file, "two\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 1);
	ck_assert_str_eq(error.text, "a.log: is written under its name again");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	ck_assert_int_eq(rename("a.log", "moved"), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	write_line(file, "three\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), -ENOENT);
	ck_assert_str_eq(error.text, "a.log: was renamed while it was written: a new one is begun");
	write_line(file, "four\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 1);
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	nsc_outfile_close(file);
	check_text("moved", "two\nthree\n");
	check_text("a.log", "four\n");
	ck_assert_uint_eq(test_count_files(), 2);
}
END_TEST

/* SIGHUP comes between the looks; then something else has the name, and a pipe must not be waited for. */
/* After a failure, and without one: what follows stands behind what was kept. */
START_TEST(cut_and_written_on)
{
	struct rlimit limit, small;
	struct nsc_outfile *file;
	char *text;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(nsc_outfile_open(&file, "x", NSC_OUTFILE_REPLACE, 4096, NULL), 0);
	nsc_outfile_append(file, "01234567", 8);
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	nsc_outfile_append(file, "89abcdef", 8);
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(nsc_outfile_cut(file, 8), 0);
	nsc_outfile_append(file, "xyz", 3);
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), 0);
	ck_assert_int_eq(nsc_outfile_cut(file, 4), 0);
	nsc_outfile_append(file, "end", 3);
	ck_assert_int_eq(nsc_outfile_finish(file, NULL), 0);
	nsc_outfile_close(file);
	text = test_read_file("x", NULL);
	ck_assert_str_eq(text, "0123end");
	free(text);
}
END_TEST

START_TEST(what_has_the_name_of_a_log)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(nsc_outfile_open(&file, "a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	write_line(file, "one\n");
	ck_assert_int_eq(rename("a.log", "moved"), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	rotate(file, true);
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	ck_assert_int_eq(unlink("a.log"), 0);
	test_write_file("a.log", "somebody else's\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), -ENOENT);
	check_text("a.000000.log", "somebody else's\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 1);
	ck_assert_int_eq(unlink("a.log"), 0);
	ck_assert_int_eq(mkfifo("a.log", 0600), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), -ENOENT);
	write_line(file, "two\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 1);
	nsc_outfile_close(file);
	check_text("a.log", "two\n");
	ck_assert_uint_eq(test_count_files(), 4);
}
END_TEST

/* Never over a file that somebody has put into a folder that was made again. */
START_TEST(a_foreign_file_in_a_new_folder)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(nsc_outfile_open(&file, "d/a.log", NSC_OUTFILE_LOG, 4096, &error), 0);
	ck_assert_int_eq(unlink("d/a.log"), 0);
	ck_assert_int_eq(rmdir("d"), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), -ENOENT);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	test_write_file("d/a.log", "somebody else's\n");
	ck_assert_int_eq(nsc_outfile_check(file, &error), 1);
	write_line(file, "ours\n");
	nsc_outfile_close(file);
	check_text("d/a.000000.log", "somebody else's\n");
	check_text("d/a.log", "ours\n");
	unlink("d/a.000000.log");
	unlink("d/a.log");
}
END_TEST

/* Reads all that the writers of a FIFO write until they have gone: its lines. */
static void *count_lines(void *context)
{
	const int *fd = context;
	static uint64_t lines;
	char bytes[4096];
	ssize_t n;

	lines = 0;
	while ((n = read(*fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += bytes[i] == '\n';
	return &lines;
}

/* Nobody reads: rows are dropped, each is counted, and the caller never waits. Somebody does: that is told, once. */
START_TEST(a_reader_that_stops_is_not_waited_for)
{
	enum { ROWS = 40000 };
	struct nsc_outfile *file;
	struct nsc_error error;
	uint64_t *seen, put = 0;
	pthread_t reader;
	int fd, status;

	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	ck_assert_int_eq(nsc_outfile_open(&file, "fifo", NSC_OUTFILE_LOG, 4096, &error), 0);
	ck_assert_int_eq(nsc_outfile_do_not_wait(file, 64 * 1024, &error), 0);
	for (; put < ROWS; put++)
		put_line(file, "a row\n");
	ck_assert_int_eq(nsc_outfile_flush(file, &error), -EAGAIN);
	ck_assert_str_eq(error.text, "fifo: its reader does not keep up: rows are lost");
	ck_assert_uint_gt(nsc_outfile_lost(file), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), -EAGAIN);
	ck_assert_int_eq(pthread_create(&reader, NULL, count_lines, &fd), 0);
	while ((status = nsc_outfile_check(file, &error)) == -EAGAIN)
		usleep(1000);
	ck_assert_int_eq(status, 1);
	ck_assert_int_eq(strncmp(error.text, "fifo: its reader keeps up again; ", 33), 0);
	ck_assert_int_eq(nsc_outfile_check(file, &error), 0);
	put_line(file, "a row\n");
	ck_assert_int_eq(nsc_outfile_finish(file, &error), 0);
	put = ROWS + 1 - nsc_outfile_lost(file);
	nsc_outfile_close(file);
	ck_assert_int_eq(pthread_join(reader, (void **)&seen), 0);
	ck_assert_uint_eq(*seen, put);
	close(fd);
	unlink("fifo");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outfile");
	TCase *tcase = tcase_create("files");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, replaced_only_at_the_end);
	tcase_add_test(tcase, given_up_without_a_trace);
	tcase_add_test(tcase, log_is_written_in_place);
	tcase_add_test(tcase, many_records_through_a_small_buffer);
	tcase_add_test(tcase, a_text_of_many_buffers_goes_out_whole);
	tcase_add_test(tcase, a_long_file_is_whole_and_has_no_room_behind_it);
	tcase_add_test(tcase, refused_targets);
	tcase_add_test(tcase, pipes_and_devices_are_written_directly);
	tcase_add_test(tcase, a_pipe_without_a_reader);
	tcase_add_test(tcase, full_device_is_one_sentence);
	tcase_add_test(tcase, full_disk_keeps_whole_lines_of_a_log);
	tcase_add_test(tcase, full_disk_leaves_the_old_file);
	tcase_add_test(tcase, scratch_has_no_name);
	tcase_add_test(tcase, target_that_became_a_directory);
	tcase_add_test(tcase, target_that_became_a_link);
	tcase_add_test(tcase, a_log_begins_anew);
	tcase_add_test(tcase, what_is_no_log_stays);
	tcase_add_test(tcase, no_place_for_a_new_one);
	tcase_add_test(tcase, a_failed_log_begins_anew);
	tcase_add_test(tcase, a_removed_folder_is_seen);
	tcase_add_test(tcase, a_log_that_loses_its_name);
	tcase_add_test(tcase, cut_and_written_on);
	tcase_add_test(tcase, what_has_the_name_of_a_log);
	tcase_add_test(tcase, a_foreign_file_in_a_new_folder);
	tcase_add_test(tcase, a_reader_that_stops_is_not_waited_for);
	return test_run(suite);
}
