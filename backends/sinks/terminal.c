/* SPDX-License-Identifier: MIT
 *
 * See terminal.h.
 */
#include "backends/sinks/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A terminal that somebody else has made non-blocking is full: wait for it. */
static bool try_again(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	if (errno == EAGAIN)
		poll(&wait, 1, -1);
	return errno == EINTR || errno == EAGAIN;
}

int nsc_terminal_write(int fd, const char *from, const char *end, const char *what, struct nsc_error *error)
{
	int status = 0;

	flockfile(stdout);
	while (from < end && !status) {
		ssize_t n = write(fd, from, (size_t)(end - from));

		if (n >= 0)
			from += n;
		else if (!try_again(fd))
			status = -errno;
	}
	funlockfile(stdout);
	return status ? nsc_fail(error, status, "%s failed: %s", what, strerror(-status)) : 0;
}
