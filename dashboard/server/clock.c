/* SPDX-License-Identifier: MIT
 *
 * The two clocks of the dashboard.
 */
#include "dashboard/server/parts.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NSC_NS_PER_SEC + (uint64_t)now.tv_nsec;
}

uint64_t nsc_web_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t nsc_web_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

void nsc_web_add_server_ms(struct nsc_json *json)
{
	uint64_t us = nsc_web_wall_ns() / 1000;
	char text[40];
	int n = snprintf(text, sizeof(text), "%llu.%03llu", (unsigned long long)(us / 1000),
			 (unsigned long long)(us % 1000));

	nsc_json_key(json, "server_ms");
	nsc_json_raw(json, text, (size_t)n);
}
