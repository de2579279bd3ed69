/* SPDX-License-Identifier: MIT
 *
 * Another program, measured: what it took from the processor, how long it ran, how large it became.
 */
#ifndef NETSCOPE_PERF_CHILD_H
#define NETSCOPE_PERF_CHILD_H

#include "netscope/base.h"

struct child_result {
	double cpu_ns; /* user + system, threads and waited-for children included */
	double wall_ns;
	double max_rss; /* bytes */
	int status;     /* exit status; 128 + signal; -1 = could not be started, or was stopped for taking too long */
};

/* Runs argv (argv[0] is looked up in PATH; ends with NULL) with nothing on standard input, its output going to `log`,
 * and kills it after `seconds`. */
void child_run(struct child_result *result, const char *const *argv, const char *log, unsigned seconds);

/* Whether PATH has the program. */
bool child_exists(const char *program);

#endif
