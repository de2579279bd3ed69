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

/* The same with standard output and standard error apart. */
void child_run_apart(struct child_result *result, const char *const *argv, const char *output, const char *errors,
		     unsigned seconds);

/* Takes `bytes` of memory, has the kernel clear them, and gives them back: whoever takes as much just after that finds
 * memory that the machine really has. On virtual machines what nobody has used for a while is the host's, and comes
 * back at 0.6 GB/s instead of 10: a million flows would take 87 ns more for each packet. A process of its own does it.
 * No more than half of what this machine has left. */
void child_warm_memory(uint64_t bytes);

/* Whether PATH has the program. */
bool child_exists(const char *program);

#endif
