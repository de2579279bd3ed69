/* SPDX-License-Identifier: MIT
 *
 * What is reserved counts as if it were used: the line is a promise that the run keeps.
 */
#include "tools/netscope/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* The first number of /proc/self/statm: pages mapped. */
uint64_t nsc_memory_mapped(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128] = "";

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

const char *nsc_memory_advice(const struct nsc_engine_budget *budget, bool grows)
{
	const struct {
		uint64_t bytes;
		const char *advice;
	} parts[] = {
		{ budget->flow_tables, grows ? "give --max-flows a number" : "lower --max-flows" },
		{ budget->lanes, "lower --channel-capacity or --workers" },
		{ budget->records, "lower --record-memory-mb" },
		{ budget->snapshots, "lower --workers or --top-flows" },
		{ budget->detect, "lower analysis.anomalies.memory_mb in the configuration file" },
	};
	size_t largest = 0;

	for (size_t i = 1; i < NSC_ARRAY_LEN(parts); i++)
		if (parts[i].bytes > parts[largest].bytes)
			largest = i;
	return parts[largest].advice;
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

void nsc_memory_print(FILE *out, const struct nsc_memory *memory, const struct nsc_engine_budget *budget, bool grows)
{
	double total = mib(budget->total + memory->edges + memory->program), tables = mib(budget->flow_tables);

	if (grows)
		fprintf(out, "netscope: memory at most %.1f MiB and %" PRIu64 " bytes for each flow: flow tables %.1f",
			total, budget->flow_bytes_each, tables);
	else
		fprintf(out,
			"netscope: memory at most %.1f MiB: flow tables %.1f (%" PRIu64 " flows of %" PRIu64 " bytes)",
			total, tables, budget->flow_limit, budget->flow_bytes_each);
	fprintf(out,
		", lanes %.1f, taps %.1f, records %.1f, snapshots %.1f, detectors %.1f, dashboard %.1f, source and "
		"outputs %.1f, "
		"program %.1f\n",
		mib(budget->lanes), mib(budget->taps), mib(budget->records), mib(budget->snapshots),
		mib(budget->detect), mib(budget->dashboard), mib(memory->edges), mib(memory->program));
}
