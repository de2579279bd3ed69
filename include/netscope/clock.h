/* SPDX-License-Identifier: MIT
 *
 * The system's clocks, in ns. Below engine/worker.c time is an argument, and nothing reads them.
 */
#ifndef NETSCOPE_CLOCK_H
#define NETSCOPE_CLOCK_H

#include <time.h>

#include "netscope/base.h"

nsc_always_inline uint64_t nsc_clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NSC_NS_PER_SEC + (uint64_t)now.tv_nsec;
}

nsc_always_inline uint64_t nsc_monotonic_ns(void)
{
	return nsc_clock_ns(CLOCK_MONOTONIC);
}

#endif
