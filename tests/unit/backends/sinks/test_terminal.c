/* SPDX-License-Identifier: MIT
 *
 * Writing to a terminal: whole, though the descriptor takes it in pieces or not at once; a reader that has gone.
 */
#include "backends/sinks/terminal.h"

#include "records.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#define TEXT_BYTES (300 * 1024) /* more than a pipe holds */

static char text[TEXT_BYTES], seen[TEXT_BYTES];
static struct nsc_error error;

static void *read_all(void *context)
{
	int fd = *(const int *)context;
	size_t at = 0;
	ssize_t n;

	while (at < TEXT_BYTES && (n = read(fd, seen + at, TEXT_BYTES - at)) > 0)
		at += (size_t)n;
	return NULL;
}

/* The first write fills the pipe, and the next ones would block. */
START_TEST(a_descriptor_that_would_block_is_waited_for)
{
	pthread_t reader;
	int ends[2];

	for (size_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (char)('a' + i % 23);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, &ends[0]), 0);
	ck_assert_int_eq(nsc_terminal_write(&(struct nsc_terminal){ .fd = ends[1] }, text, text + TEXT_BYTES,
					    "lines: writing", &error),
			 0);
	close(ends[1]);
	pthread_join(reader, NULL);
	ck_assert_mem_eq(seen, text, TEXT_BYTES);
	close(ends[0]);
}
END_TEST

START_TEST(a_reader_that_has_gone)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	ck_assert_int_eq(
		nsc_terminal_write(&(struct nsc_terminal){ .fd = ends[1] }, text, text, "lines: writing", &error),
		0); /* nothing is nothing */
	ck_assert_int_eq(
		nsc_terminal_write(&(struct nsc_terminal){ .fd = ends[1] }, text, text + 5, "lines: writing", &error),
		-EPIPE);
	ck_assert_str_eq(error.text, "lines: writing failed: Broken pipe");
	close(ends[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("terminal");
	TCase *tcase = tcase_create("write");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_descriptor_that_would_block_is_waited_for);
	tcase_add_test(tcase, a_reader_that_has_gone);
	return test_run(suite);
}
