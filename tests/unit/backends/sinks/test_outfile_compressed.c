/* SPDX-License-Identifier: MIT
 *
 * Compressed output files: each that was finished or rotated is a whole stream; what a full disk ended can be read.
 */
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zstd.h>

#include "backends/sinks/outfile.h"

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

static void set_limit(rlim_t bytes)
{
	const struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A compressed file is one whole stream of this text. */
static void check_packed(const char *path, const char *want)
{
	char text[4096];
	size_t bytes, n;
	char *packed = test_read_file(path, &bytes);

	ck_assert_ptr_nonnull(packed);
	n = ZSTD_decompress(text, sizeof(text), packed, bytes);
	free(packed);
	ck_assert_msg(!ZSTD_isError(n), "%s: %s", path, ZSTD_getErrorName(n));
	ck_assert_uint_eq(n, strlen(want));
	ck_assert_mem_eq(text, want, n);
}

/* One without an end has this text. */
static void check_torn(const char *path, const char *want)
{
	char text[4096], *packed;
	size_t bytes;
	ZSTD_outBuffer out = { text, sizeof(text), 0 };
	ZSTD_inBuffer in = { 0 };
	ZSTD_DCtx *context = ZSTD_createDCtx();

	packed = test_read_file(path, &bytes);
	in.src = packed;
	in.size = bytes;
	ck_assert_uint_gt(ZSTD_decompressStream(context, &out, &in), 0);
	ZSTD_freeDCtx(context);
	free(packed);
	ck_assert_uint_eq(out.pos, strlen(want));
	ck_assert_mem_eq(text, want, out.pos);
}

START_TEST(each_rotated_file_is_a_whole_stream)
{
	struct nsc_outfile *file;
	bool rotated;

	ck_assert_int_eq(nsc_outfile_open(&file, "a.log.zst", NSC_OUTFILE_LOG, 4096, NULL), 0);
	ck_assert_int_eq(nsc_outfile_compress(file, NULL), 0);
	ck_assert(nsc_outfile_is_empty(file));
	ck_assert_int_eq(nsc_outfile_rotate(file, &rotated, NULL), 0);
	ck_assert(!rotated); /* an empty one is not begun anew */
	put_line(file, "one\n");
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), 0);
	put_line(file, "two\n");
	ck_assert_int_eq(nsc_outfile_rotate(file, &rotated, NULL), 0);
	ck_assert(rotated && nsc_outfile_is_empty(file));
	put_line(file, "three\n");
	ck_assert_int_eq(nsc_outfile_finish(file, NULL), 0);
	nsc_outfile_close(file);
	check_packed("a.log.zst", "three\n");
	check_packed("a.log.000000.zst", "one\ntwo\n");
}
END_TEST

/* What did not reach it whole is taken back and counted; the file that follows is another stream. */
START_TEST(a_compressed_log_that_failed_begins_anew)
{
	struct nsc_outfile *file;
	char noise[600];
	int flushed, late;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(' ' + (i * i * 31 + i * 7 + i / 3) % 90);
	memcpy(noise + sizeof(noise) - 2, "\n", 2);
	ck_assert_int_eq(nsc_outfile_open(&file, "a.log.zst", NSC_OUTFILE_LOG, 4096, NULL), 0);
	ck_assert_int_eq(nsc_outfile_compress(file, NULL), 0);
	put_line(file, "kept\n");
	ck_assert_int_eq(nsc_outfile_flush(file, NULL), 0);
	set_limit(100);
	put_line(file, noise);
	put_line(file, "another\n");
	flushed = nsc_outfile_flush(file, NULL);
	set_limit(RLIM_INFINITY);
	late = nsc_outfile_check(file, NULL);
	put_line(file, "new\n");
	ck_assert_int_eq(nsc_outfile_finish(file, NULL), 0);
	ck_assert_int_eq(flushed, -EFBIG);
	ck_assert_int_eq(late, 1);
	ck_assert_uint_eq(nsc_outfile_lost(file), 2);
	nsc_outfile_close(file);
	check_packed("a.log.zst", "new\n");
	check_torn("a.log.000000.zst", "kept\n");
}
END_TEST

START_TEST(what_is_no_file_is_not_compressed)
{
	struct nsc_outfile *file;
	struct nsc_error error;

	ck_assert_int_eq(mkfifo("pipe.gz", 0600), 0);
	ck_assert_int_ge(open("pipe.gz", O_RDWR | O_CLOEXEC), 0); /* somebody reads */
	ck_assert_int_eq(nsc_outfile_open(&file, "pipe.gz", NSC_OUTFILE_LOG, 4096, &error), 0);
	ck_assert_int_eq(nsc_outfile_compress(file, &error), -EINVAL);
	ck_assert_str_eq(error.text, "pipe.gz: its name asks for compression, and it is no regular file");
	nsc_outfile_close(file);
	ck_assert_int_eq(nsc_outfile_compress(NULL, &error), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outfile_compressed");
	TCase *tcase = tcase_create("outfile_compressed");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, each_rotated_file_is_a_whole_stream);
	tcase_add_test(tcase, a_compressed_log_that_failed_begins_anew);
	tcase_add_test(tcase, what_is_no_file_is_not_compressed);
	return test_run(suite);
}
