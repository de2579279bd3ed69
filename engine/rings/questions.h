/* SPDX-License-Identifier: MIT
 *
 * The way of a question from the dashboard to one worker and back: one question at a time, in a buffer that both write
 * in turn. The worker looks at a few records in each of its rounds, next to the sweep.
 */
#ifndef NETSCOPE_RINGS_QUESTIONS_H
#define NETSCOPE_RINGS_QUESTIONS_H

#include "engine/base/idle.h"
#include "engine/flow/table.h"
#include "engine/rings/channel.h"

struct nsc_questions {
	/* read only after open */
	struct nsc_channel *channel;
	struct nsc_idle *worker; /* whom to wake when a question has come */
	/* the worker's; the dashboard's after every thread of the engine has ended */
	alignas(NSC_CACHE_LINE) struct nsc_flow_question *open; /* being answered; NULL: none */
};

/* 0 or -errno. Thread: control. Allocates: all from `arena`. */
int nsc_questions_open(struct nsc_questions **questions, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_questions_bytes(void);

/* An empty question to fill in, or NULL while one is under way. Thread: dashboard. Allocates, blocks: never. */
struct nsc_flow_question *nsc_questions_acquire(struct nsc_questions *questions);
void nsc_questions_send(struct nsc_questions *questions, struct nsc_flow_question *question);

/* Looks at the next `n` records for the question that is open, or takes the next question. Returns whether one is still
 * open. Thread: worker. Allocates, blocks: never. */
bool nsc_questions_step(struct nsc_questions *questions, const struct nsc_flow_table *table, uint64_t clock_ns,
			uint32_t n, struct nsc_counters *counters);

#endif
