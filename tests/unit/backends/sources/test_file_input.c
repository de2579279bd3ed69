/* SPDX-License-Identifier: MIT
 *
 * Where the bytes come from: pipes in single bytes, standard input.
 */
#include "test_file_input.h"

START_TEST(a_pipe_in_pieces_of_any_size)
{
	static const size_t steps[] = { 1, 7, 4096, 1u << 20 };
	struct made m = sample();
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(steps); i++) {
		struct got *g = read_pipe(&m, steps[i]);

		wrong += !is_sample(g) || g->counters.file_size != NSC_UNKNOWN || g->counters.file_bytes != m.n;
		free(g);
	}
	ck_assert_uint_eq(wrong, 0);
	free(m.at);
}
END_TEST

START_TEST(a_silent_pipe_is_idle)
{
	static struct nsc_burst burst;
	struct nsc_rx_file_options options = { .loans = 1 };
	struct made m = sample();
	struct nsc_error error;
	struct nsc_rx *rx;
	char path[64];
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], m.at, 24), 24);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	options.path = path;
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	nsc_rx_poll(rx, &burst);
	ck_assert(burst.n == 0 && burst.state == NSC_RX_IDLE);
	ck_assert_int_eq(write(fds[1], m.at + 24, 16), 16); /* the first packet is empty */
	nsc_rx_poll(rx, &burst);
	ck_assert(burst.n == 1 && burst.state == NSC_RX_MORE);
	nsc_rx_release(rx, burst.loan);
	close(fds[1]);
	nsc_rx_poll(rx, &burst);
	ck_assert(burst.n == 0 && burst.state == NSC_RX_END);
	nsc_rx_close(rx);
	close(fds[0]);
	free(m.at);
}
END_TEST

START_TEST(standard_input)
{
	struct nsc_rx_file_options options = { .path = "-", .loans = 1 };
	struct made m = sample();
	int kept = dup(STDIN_FILENO), fd = memfd_create("stdin", 0);
	struct got *g;

	ck_assert_int_eq(write(fd, "skip", 4), 4); /* it begins where it stands, not at 0 */
	ck_assert_int_eq(write(fd, m.at, m.n), (ssize_t)m.n);
	ck_assert_int_eq(lseek(fd, 4, SEEK_SET), 4);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	g = read_path(&options);
	dup2(kept, STDIN_FILENO);
	close(kept);
	ck_assert(is_sample(g));
	ck_assert_uint_eq(g->counters.file_size, m.n);
	free(g);
	close(fd);
	free(m.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_input");
	TCase *tcase = tcase_create("input");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_pipe_in_pieces_of_any_size);
	tcase_add_test(tcase, a_silent_pipe_is_idle);
	tcase_add_test(tcase, standard_input);
	return run_suite(suite);
}
