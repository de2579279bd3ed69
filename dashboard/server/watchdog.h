/* SPDX-License-Identifier: MIT
 *
 * The watchdog of a live run: packets arrive, and yet no view is published. The engine's clock is packet time and never
 * goes back, so a clock that was set back, or one packet with a time in the future, leaves every tick open until time
 * has caught up; a thread that hangs looks the same from here. Nobody who reads views would notice.
 *
 * Thread: one. Allocates, blocks: never. Reads no clock.
 */
#ifndef DASHBOARD_WATCHDOG_H
#define DASHBOARD_WATCHDOG_H

#include "netscope/base.h"

struct nsc_watchdog {
	uint64_t patience_ns;
	uint64_t seq;       /* of the newest view */
	uint64_t packets;   /* that had arrived when that view was first seen */
	uint64_t looked_ns; /* time of the last look; 0: none */
	uint64_t blind_ns;  /* how long packets have waited for a view */
};

/* `tick_ns` is how often the engine publishes a view while packets arrive, 1..2^62: it may be late by three of them and
 * three seconds more. */
void nsc_watchdog_init(struct nsc_watchdog *watchdog, uint64_t tick_ns);

/* Looks once: the time on any clock that does not go back, > 0; the number of the newest view, 0 = none yet; packets
 * that the source has delivered. Returns for how long packets have arrived without a view once that is beyond patience,
 * else 0. Between two looks at most one second counts, so that a process that was stopped is not taken for a blind one.
 * With `watched` false nothing is expected to arrive, and waiting begins anew. */
uint64_t nsc_watchdog_look(struct nsc_watchdog *watchdog, bool watched, uint64_t now_ns, uint64_t seq,
			   uint64_t packets);

#endif
