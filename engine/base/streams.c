/* SPDX-License-Identifier: MIT
 *
 * open(2) gives the lowest number that is free, so that going upwards fills each gap with its own number.
 */
#include "engine/base/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "engine/base/assert.h"

enum { STREAMS = 3 };

static bool streams_closed[STREAMS];

int nsc_streams_open(struct nsc_error *error)
{
	for (int fd = 0; fd < STREAMS; fd++) {
		int opened;

		streams_closed[fd] = fcntl(fd, F_GETFD) < 0 && errno == EBADF;
		if (!streams_closed[fd])
			continue;
		opened = open("/dev/null", O_RDWR);
		if (opened < 0)
			return nsc_fail(error, -errno, "descriptor %d is closed, and /dev/null cannot be opened: %s",
					fd, strerror(errno));
		nsc_assert(opened == fd, "the lowest free descriptor is the one that was closed");
	}
	return 0;
}

bool nsc_streams_was_closed(int fd)
{
	nsc_assert(fd >= 0 && fd < STREAMS, "a standard stream has a number from 0 to 2");
	return streams_closed[fd];
}
