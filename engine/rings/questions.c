/* SPDX-License-Identifier: MIT */
#include "engine/rings/questions.h"

#include <errno.h>

#include "engine/base/assert.h"

int nsc_questions_open(struct nsc_questions **questions, struct nsc_arena *arena, struct nsc_error *error)
{
	struct nsc_questions *new = nsc_arena_alloc(arena, sizeof(*new));
	int failed;

	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for flow queries");
	failed = nsc_channel_open(&new->channel, arena, 1, sizeof(struct nsc_flow_question), true, error);
	*questions = new;
	return failed;
}

bool nsc_questions_step(struct nsc_questions *q, struct nsc_flow_table *table, uint64_t clock_ns, uint32_t n,
			struct nsc_counters *counters)
{
	uint64_t before;
	bool whole;

	if (!q->open) {
		q->open = nsc_channel_receive(q->channel);
		if (nsc_likely(!q->open))
			return false;
		nsc_flow_table_question_begin(table, q->open, clock_ns);
	}
	if (q->open->query.hosts) {
		nsc_flow_table_hosts(table, &q->open->hosts, counters);
		nsc_count(counters, NSC_C_QUERY_ANSWERED, 1);
		nsc_channel_give_back(q->channel, q->open);
		q->open = NULL;
		return false;
	}
	nsc_assert(n, "each step of a question looks at a record at least");
	before = q->open->visited;
	whole = nsc_flow_table_question_step(table, q->open, n);
	nsc_count(counters, NSC_C_QUERY_VISITED, q->open->visited - before);
	NSC_USDT(query, q->open->visited - before, whole);
	if (!whole)
		return true;
	nsc_count(counters, NSC_C_QUERY_ANSWERED, 1);
	nsc_channel_give_back(q->channel, q->open);
	q->open = NULL;
	return false;
}
