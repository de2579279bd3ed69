/* SPDX-License-Identifier: MIT
 *
 * The way of a question from the dashboard to one worker and back: a channel of one buffer, which both write in turn.
 * The worker looks at a few records in each of its rounds, next to the sweep. The dashboard is not woken by the answer;
 * it looks by itself.
 */
#ifndef NETSCOPE_RINGS_QUESTIONS_H
#define NETSCOPE_RINGS_QUESTIONS_H

#include "engine/flow/table.h"
#include "engine/rings/channel.h"

struct nsc_questions {
	/* read only after open */
	struct nsc_channel *channel;
	/* the worker's; the dashboard's after every thread of the engine has ended */
	alignas(NSC_CACHE_LINE) struct nsc_flow_question *open; /* being answered; NULL: none */
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`, and touches it. */
int nsc_questions_open(struct nsc_questions **questions, struct nsc_arena *arena, struct nsc_error *error);

/* Looks at the next `n` (>= 1) records for the question that is open, or takes the next question. Returns whether one
 * is still open. Thread: worker. Allocates, blocks: never. */
bool nsc_questions_step(struct nsc_questions *questions, struct nsc_flow_table *table, uint64_t clock_ns, uint32_t n,
			struct nsc_counters *counters);

#endif
