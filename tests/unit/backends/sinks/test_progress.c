/* SPDX-License-Identifier: MIT
 *
 * The progress line on a terminal of its own: text, redraw rate, clearing; and silence elsewhere.
 */
#include "netscope/out.h"

#include "records.h"

#include <fcntl.h>

#define CLEAR "\r\033[K"

static int terminal, master;
static char text[4096];

static void open_terminal(void)
{
	master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master) | unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(terminal, 0);
}

static void close_terminal(void)
{
	close(terminal);
	close(master);
}

/* What has been drawn since the last call. */
static const char *drawn(void)
{
	ssize_t n = read(master, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void update(struct nsc_progress *progress, uint64_t bytes, uint64_t packets, uint64_t ms)
{
	static struct nsc_counters totals;

	totals.value[NSC_C_RX_FILE_BYTES] = bytes;
	totals.value[NSC_C_RX_RECEIVED] = packets;
	nsc_progress_update(progress, &totals, (1000 + ms) * 1000000);
}

START_TEST(a_file)
{
	struct nsc_progress *progress = nsc_progress_open(terminal, 1000000000);

	ck_assert_ptr_nonnull(progress);
	update(progress, 0, 0, 0);
	ck_assert_str_eq(drawn(), "\r[....................]   0 %  0 B  0 packets\033[K");
	update(progress, 1000, 10, 99);
	ck_assert_str_eq(drawn(), "");
	update(progress, 250000000, 1234567, 2000);
	ck_assert_str_eq(drawn(),
			 "\r[#####...............]  25 %  250.0 MB  1.2 M packets  617.2 k/s  00:06 left\033[K");
	update(progress, 1000000, 1234567, 10000);
	ck_assert_str_eq(drawn(),
			 "\r[....................]   0 %  1.0 MB  1.2 M packets  123.4 k/s  2:46:30 left\033[K");
	update(progress, 1000000000, 5000000, 12000);
	ck_assert_str_eq(drawn(), "\r[####################] 100 %  1.0 GB  5.0 M packets  416.6 k/s  00:00 left\033[K");
	nsc_progress_close(progress);
	ck_assert_str_eq(drawn(), CLEAR);
}
END_TEST

START_TEST(a_pipe_has_no_end)
{
	struct nsc_progress *progress = nsc_progress_open(terminal, NSC_UNKNOWN);

	update(progress, 5000, 50, 0);
	ck_assert_str_eq(drawn(), "\r5.0 kB  50 packets\033[K");
	update(progress, 50000, 500, 1000);
	ck_assert_str_eq(drawn(), "\r50.0 kB  500 packets  500/s\033[K");
	nsc_progress_close(progress);
}
END_TEST

/* A file that grows while it is read goes past its size: no percentage beyond 100. */
START_TEST(odd_sizes)
{
	struct nsc_progress *progress = nsc_progress_open(terminal, 100);

	update(progress, 101, 1, 0);
	ck_assert_str_eq(drawn(), "\r101 B  1 packets\033[K");
	nsc_progress_close(progress);
	drawn();
	progress = nsc_progress_open(terminal, 0);
	update(progress, UINT64_MAX, UINT64_MAX, 0);
	ck_assert_str_eq(drawn(), "\r1844.6 PB  1844.6 P packets\033[K");
	nsc_progress_close(progress);
}
END_TEST

START_TEST(no_terminal)
{
	int fds[2];
	char byte;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_ptr_null(nsc_progress_open(fds[1], 1000));
	update(NULL, 1, 1, 1);
	nsc_progress_close(NULL);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &byte, 1), 0);
	close(fds[0]);
}
END_TEST

START_TEST(nothing_drawn_nothing_cleared)
{
	nsc_progress_close(nsc_progress_open(terminal, 1000));
	ck_assert_str_eq(drawn(), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress");
	TCase *tcase = tcase_create("line");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, open_terminal, close_terminal);
	tcase_add_test(tcase, a_file);
	tcase_add_test(tcase, a_pipe_has_no_end);
	tcase_add_test(tcase, odd_sizes);
	tcase_add_test(tcase, no_terminal);
	tcase_add_test(tcase, nothing_drawn_nothing_cleared);
	return test_run(suite);
}
