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
uint64_t nsc_questions_bytes(void);

/* Thread: control, before the start. */
nsc_always_inline void nsc_questions_connect(struct nsc_questions *questions, struct nsc_idle *worker)
{
	nsc_channel_connect(questions->channel, &(struct nsc_channel_doorbells){ .receiver = worker });
}

/* An empty question to fill in, or NULL while one is under way. Thread: dashboard. Allocates, blocks: never. */
nsc_always_inline struct nsc_flow_question *nsc_questions_acquire(struct nsc_questions *questions)
{
	return nsc_channel_acquire(questions->channel);
}

nsc_always_inline void nsc_questions_send(struct nsc_questions *questions, struct nsc_flow_question *question)
{
	nsc_channel_send(questions->channel, question);
}

/* Looks at the next `n` (>= 1) records for the question that is open, or takes the next question. Returns whether one
 * is still open. Thread: worker. Allocates, blocks: never. */
bool nsc_questions_step(struct nsc_questions *questions, const struct nsc_flow_table *table, uint64_t clock_ns,
			uint32_t n, struct nsc_counters *counters);

#endif
