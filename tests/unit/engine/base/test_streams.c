/* SPDX-License-Identifier: MIT
 *
 * Each standard stream that is closed becomes /dev/null, and no other one is touched.
 */
#include "engine/base/streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static bool is_null(int fd)
{
	struct stat null, found;

	return !stat("/dev/null", &null) && !fstat(fd, &found) && S_ISCHR(found.st_mode) &&
	       found.st_rdev == null.st_rdev;
}

/* Every way in which three streams can be open or closed. The process' own come back afterwards. */
START_TEST(closed_ones_are_opened)
{
	int kept[3], pipes[2], status[8];
	bool null[8][3], said[8][3];
	struct nsc_error error;

	ck_assert_int_eq(pipe(pipes), 0);
	for (int fd = 0; fd < 3; fd++)
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	for (unsigned mask = 0; mask < 8; mask++) {
		for (int fd = 0; fd < 3; fd++)
			dup2(pipes[0], fd);
		for (int fd = 0; fd < 3; fd++)
			if (mask >> fd & 1)
				close(fd);
		status[mask] = nsc_streams_open(&error);
		for (int fd = 0; fd < 3; fd++) {
			null[mask][fd] = is_null(fd);
			said[mask][fd] = nsc_streams_was_closed(fd);
		}
	}
	for (int fd = 0; fd < 3; fd++)
		dup2(kept[fd], fd);
	for (unsigned mask = 0; mask < 8; mask++) {
		ck_assert_int_eq(status[mask], 0);
		for (int fd = 0; fd < 3; fd++) {
			ck_assert_int_eq(null[mask][fd], mask >> fd & 1);
			ck_assert_int_eq(said[mask][fd], mask >> fd & 1);
		}
	}
}
END_TEST

CHECK_MAIN("streams", closed_ones_are_opened)
