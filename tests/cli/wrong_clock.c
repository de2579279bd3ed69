/* SPDX-License-Identifier: MIT
 *
 * Loaded before a program (LD_PRELOAD), for the tests: its time of day is WRONG_CLOCK_S seconds ahead, negative:
 * behind.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*clock_gettime_fn)(clockid_t, struct timespec *);

int clock_gettime(clockid_t id, struct timespec *now)
{
	static clock_gettime_fn of_libc;
	static long ahead;

	if (!of_libc) {
		ahead = atol(getenv("WRONG_CLOCK_S"));
		of_libc = (clock_gettime_fn)dlsym(RTLD_NEXT, "clock_gettime");
	}
	if (of_libc(id, now))
		return -1;
	if (id == CLOCK_REALTIME)
		now->tv_sec += ahead;
	return 0;
}
