/* SPDX-License-Identifier: MIT
 *
 * What is reserved counts as if it were used: the line is a promise that the run keeps.
 */
#include "tools/netscope/memory.h"

#include "tools/netscope/say.h"

#include "engine/base/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* Address space that a library has set aside and nobody can touch: DPDK takes 128 GiB to lay huge pages into. */
static uint64_t memory_out_of_reach(void)
{
	const uint64_t least = 1ull << 30; /* what is smaller may be opened later, by malloc */
	FILE *file = fopen("/proc/self/maps", "re");
	uint64_t from, to, sum = 0;
	char line[512], access;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " --%c", &from, &to, &access) == 3 && access == '-' &&
		    to - from >= least)
			sum += to - from;
	if (file)
		fclose(file);
	return sum;
}

/* The first two numbers of /proc/self/statm, in pages. */
struct nsc_memory_use nsc_memory_use(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), mapped, resident;
	char text[128] = "", *end;

	if (fd < 0)
		return (struct nsc_memory_use){ .mapped = 0 };
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	mapped = strtoull(text, &end, 10);
	resident = strtoull(end, NULL, 10);
	return (struct nsc_memory_use){ .mapped = mapped * page - memory_out_of_reach(), .resident = resident * page };
}

static uint64_t memory_needed(const struct nsc_engine_options *options)
{
	struct nsc_engine_budget budget;

	nsc_engine_measure(options, &budget);
	return budget.total + budget.edges;
}

static void memory_shrink(const struct nsc_engine_options *options, struct nsc_memory_part *part, uint64_t room)
{
	part->before = *part->bytes;
	while (!part->asked && memory_needed(options) > room && *part->bytes > part->least)
		*part->bytes = NSC_MAX(*part->bytes / 2, part->least);
}

static void memory_tell(const struct nsc_memory_room *room, const struct nsc_memory_part *parts, uint32_t n,
			struct nsc_error *said)
{
	char text[256] = "";
	size_t at = 0;

	for (uint32_t i = 0; i < n && at < sizeof(text); i++)
		if (*parts[i].bytes < parts[i].before)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s %s of %" PRIu64 " MiB instead of %" PRIu64, at ? " and" : "",
					       parts[i].name, *parts[i].bytes >> 20, parts[i].before >> 20);
	nsc_fail(said, 0, "%.200s leaves %" PRIu64 " MiB: the run makes do with%s", room->where, room->bytes >> 20,
		 text);
}

bool nsc_memory_fit(const struct nsc_engine_options *options, struct nsc_memory_part *parts, uint32_t n,
		    struct nsc_error *said)
{
	const struct nsc_memory_room *room = nsc_memory_first_look();

	if (memory_needed(options) <= room->bytes)
		return false;
	for (uint32_t i = 0; i < n; i++)
		memory_shrink(options, &parts[i], room->bytes);
	if (memory_needed(options) <= room->bytes) {
		memory_tell(room, parts, n, said);
		return true;
	}
	for (uint32_t i = 0; i < n; i++)
		*parts[i].bytes = parts[i].before;
	return false;
}

const char *nsc_memory_advice(const struct nsc_engine_budget *budget, bool grows)
{
	const struct {
		uint64_t bytes;
		const char *advice;
	} parts[] = {
		{ budget->names, "lower --names-memory-mb" },
		{ budget->flow_tables, grows ? "give --max-flows a number" : "lower --max-flows" },
		{ budget->lanes, "lower --readers, --channel-capacity or --workers" },
		{ budget->records, "lower --record-memory-mb" },
		{ budget->snapshots, "lower --workers or --top-flows" },
		{ budget->recorder, "lower --recorder-mb" },
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

	if (out == stderr)
		fputs(nsc_say_level(NSC_LEVEL_INFO), out);
	if (grows)
		fprintf(out,
			"netscope: memory at most %.1f MiB and %" PRIu64 " bytes for each flow: flow tables %.1f (",
			total, budget->flow_bytes_each, tables);
	else
		fprintf(out,
			"netscope: memory at most %.1f MiB: flow tables %.1f (%" PRIu64 " flows of %" PRIu64 " bytes, ",
			total, tables, budget->flow_limit, budget->flow_bytes_each);
	fprintf(out, "%" PRIu64 " outstanding segments)", budget->outstanding_limit);
	fprintf(out,
		", names %.1f, lanes %.1f, taps %.1f, records %.1f, snapshots %.1f, detectors %.1f, dashboard %.1f, "
		"timeline %.1f, recorder %.1f, source and "
		"outputs %.1f, "
		"program %.1f\n",
		mib(budget->names), mib(budget->lanes), mib(budget->taps), mib(budget->records), mib(budget->snapshots),
		mib(budget->detect), mib(budget->dashboard), mib(budget->timelines), mib(budget->recorder),
		mib(memory->edges), mib(memory->program));
}
