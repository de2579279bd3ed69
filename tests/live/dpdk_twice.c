/* SPDX-License-Identifier: MIT
 *
 * A second start of DPDK in one process, for tests/live/dpdk: status 0 when it is refused in a sentence, and the first
 * one has left the cores of this thread and its streams alone. Otherwise a sentence on standard error.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "backends/sources/dpdk.h"

static void say_nothing(const char *line)
{
	(void)line;
}

static int fail(const char *what, const char *found)
{
	fprintf(stderr, "dpdk_twice: %s: %s\n", what, found);
	return 1;
}

int main(void)
{
	struct nsc_dpdk_options options = { .live = { .rings = 1 }, .say = say_nothing };
	cpu_set_t before, after;
	struct nsc_error error;
	struct nsc_rx *rx[1];
	uint32_t n;

	sched_getaffinity(0, sizeof(before), &before);
	if (nsc_dpdk_threads() || nsc_dpdk_port_parse(&options.port, "vdev=net_null0", &error) ||
	    nsc_rx_dpdk_open(rx, &n, &options, &error))
		return fail("the first start", error.text);
	sched_getaffinity(0, sizeof(after), &after);
	if (!CPU_EQUAL(&before, &after))
		return fail("the cores of this thread", "they are others");
	if (n != 1 || nsc_dpdk_threads() != 1)
		return fail("the first start", "queues or threads are not one");
	nsc_rx_close(rx[0]);
	if (nsc_rx_dpdk_open(rx, &n, &options, &error) != -EALREADY ||
	    !strstr(error.text, "once in the life of a process"))
		return fail("the second start", error.text);
	return 0;
}
