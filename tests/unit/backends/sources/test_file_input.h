/* SPDX-License-Identifier: MIT
 *
 * A sample capture, and a pipe that gives it in pieces.
 */
#ifndef NETSCOPE_TEST_FILE_INPUT_H
#define NETSCOPE_TEST_FILE_INPUT_H

#include "test_file_maker.h"

#include <pthread.h>

#define PACKETS 500u

static inline struct made sample(void)
{
	struct made m = made_new(false);

	put_pcap_header(&m, 0xa1b2c3d4, 2, 4, 1);
	for (uint32_t i = 0; i < PACKETS; i++)
		put_record(&m, i, 1, i, i % 300, 300);
	return m;
}

static inline bool is_sample(const struct got *g)
{
	return !g->status && g->state == NSC_RX_END && g->n == PACKETS && !g->bad_bytes;
}

/* --- pipes ------------------------------------------------------------------------------------ */

struct writer {
	const struct made *m;
	int fd;
	size_t step;
};

static inline void *write_slowly(void *arg)
{
	const struct writer *w = arg;

	for (size_t done = 0; done < w->m->n;) {
		ssize_t n = write(w->fd, w->m->at + done, NSC_MIN(w->step, w->m->n - done));

		if (n < 0)
			break;
		done += (size_t)n;
	}
	close(w->fd);
	return NULL;
}

static inline struct got *read_pipe(const struct made *m, size_t step)
{
	struct nsc_rx_file_options options = { .loans = 1 };
	struct writer w = { .m = m, .step = step };
	pthread_t thread;
	struct got *g;
	char path[64];
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	w.fd = fds[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, write_slowly, &w), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	options.path = path;
	g = read_path(&options);
	close(fds[0]);
	pthread_join(thread, NULL);
	return g;
}

#endif
