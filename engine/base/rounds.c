/* SPDX-License-Identifier: MIT */
#include "engine/base/rounds.h"

#include <sys/resource.h>

void nsc_rounds_look(struct nsc_rounds *rounds)
{
	struct rusage usage = { .ru_nivcsw = 0 };

	getrusage(RUSAGE_THREAD, &usage);
	rounds->switches = (uint64_t)usage.ru_nivcsw + (uint64_t)usage.ru_nvcsw;
	rounds->faults = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
	rounds->left = NSC_ROUNDS_LOOK;
}

void nsc_rounds_long(struct nsc_rounds *rounds, uint64_t ns, uint64_t source_ns, struct nsc_counters *counters)
{
	struct nsc_rounds before = *rounds;
	unsigned cause = NSC_C_ROUND_OWN;

	nsc_rounds_look(rounds);
	if (ns - source_ns <= NSC_ROUND_LONG_NS)
		cause = NSC_C_ROUND_SOURCE;
	else if (rounds->switches != before.switches)
		cause = NSC_C_ROUND_OFF_CORE;
	else if (rounds->faults != before.faults)
		cause = NSC_C_ROUND_FAULTED;
	nsc_count_marked(counters, cause, 1);
}
