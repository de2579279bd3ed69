/* SPDX-License-Identifier: MIT */
#include "engine/base/rounds.h"

void nsc_rounds_look(struct nsc_rounds *rounds)
{
	nsc_timeline_ask(&rounds->usage);
	rounds->left = NSC_ROUNDS_LOOK;
}

static bool rounds_lost_core(const struct nsc_timeline_usage *before, const struct nsc_timeline_usage *after)
{
	return after->given != before->given || after->taken != before->taken;
}

void nsc_rounds_long(struct nsc_rounds *rounds, uint64_t ns, uint64_t source_ns, struct nsc_counters *counters)
{
	struct nsc_rounds before = *rounds;
	unsigned cause = NSC_C_ROUND_OWN;

	nsc_rounds_look(rounds);
	if (ns - source_ns <= NSC_ROUND_LONG_NS)
		cause = NSC_C_ROUND_SOURCE;
	else if (rounds_lost_core(&before.usage, &rounds->usage))
		cause = NSC_C_ROUND_OFF_CORE;
	else if (rounds->usage.faults != before.usage.faults)
		cause = NSC_C_ROUND_FAULTED;
	nsc_count_marked(counters, cause, 1);
	if (counters->timeline && ns > NSC_ROUND_TOLD_NS)
		nsc_timeline_explain(counters->timeline, ns / 1000, &before.usage, &rounds->usage);
}

void nsc_rounds_tell(struct nsc_rounds *rounds, uint64_t cycles, const struct nsc_counters *counters)
{
	struct nsc_timeline_usage before = rounds->usage;
	struct nsc_timeline *timeline = counters->timeline;

	if (!timeline || nsc_likely(cycles <= timeline->long_cycles))
		return;
	nsc_rounds_look(rounds);
	nsc_timeline_explain(timeline, (uint64_t)((unsigned __int128)cycles * 1000 / timeline->long_cycles), &before,
			     &rounds->usage);
}
