/* SPDX-License-Identifier: MIT
 *
 * A receiver that is slow: once the sender waits, it holds everything for so many cycles. How long it really held is
 * told, so what a test demands of the sender's account does not depend on the machine's load.
 */
#ifndef NETSCOPE_TESTS_SLOW_H
#define NETSCOPE_TESTS_SLOW_H

#include <pthread.h>
#include <sched.h>

#include "engine/base/account.h"
#include "engine/rings/channel.h"

enum { SLOW_HOLDS = 3 };

/* Cycles: nothing to speak of, a millisecond or two, and four times that. */
static const uint64_t slow_holds[SLOW_HOLDS] = { 0, 3000000, 12000000 };

struct slow {
	struct nsc_channel *channel;
	const struct nsc_counters *counters; /* the sender's */
	unsigned waits;                      /* of them, what counts that it waits */
	uint64_t hold, held;
};

static inline void slow_hold(struct slow *s)
{
	uint64_t began;

	while (!__atomic_load_n(&s->counters->value[s->waits], __ATOMIC_RELAXED))
		sched_yield();
	began = nsc_cycles();
	do {
		sched_yield();
		s->held = nsc_cycles() - began;
	} while (s->held < s->hold);
}

/* A thread: holds, and gives back what there is. */
static inline void *slow_receiver(void *context)
{
	struct slow *s = context;

	slow_hold(s);
	for (void *buffer; (buffer = nsc_channel_receive(s->channel));)
		nsc_channel_give_back(s->channel, buffer);
	return NULL;
}

#endif
