/* SPDX-License-Identifier: MIT
 *
 * The watchdog of a live run: it should publish views, and does not. A thread that hangs or gets no core looks like
 * that from here, and so would a clock that stands still. Nobody who reads views would notice. Packets are no
 * condition: a worker that hangs delivers none.
 *
 * Thread: one. Allocates, blocks: never. Reads no clock.
 */
#ifndef DASHBOARD_WATCHDOG_H
#define DASHBOARD_WATCHDOG_H

#include "netscope/base.h"

struct nsc_watchdog {
	uint64_t patience_ns;
	uint64_t seq;       /* of the newest view */
	uint64_t packets;   /* that had arrived when that view was first seen; matters before the first one */
	uint64_t looked_ns; /* time of the last look; 0: none */
	uint64_t blind_ns;  /* how long a view has been waited for */
};

/* `tick_ns` is how often the engine publishes a view, 1..2^62: it may be late by three of them and three seconds more.
 */
void nsc_watchdog_init(struct nsc_watchdog *watchdog, uint64_t tick_ns);

/* Looks once: the time on any clock that does not go back, > 0; the number of the newest view, 0 = none yet; packets
 * that the source has delivered, which are waited for before the first view. Returns for how long there was no new view
 * once that is beyond patience, else 0. Between two looks at most one second counts, so that a process that was stopped
 * is not taken for a blind one. With `watched` false nothing is expected to arrive, and waiting begins anew. */
uint64_t nsc_watchdog_look(struct nsc_watchdog *watchdog, bool watched, uint64_t now_ns, uint64_t seq,
			   uint64_t packets);

#endif
