/* SPDX-License-Identifier: MIT
 *
 * Decode and flow table: packets of flows that exist, packets that open one, and the memory that a flow takes. Every
 * flow section compares with the cache lines that such a table cannot avoid (lines.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf/bench.h"
#include "perf/lines.h"
#include "perf/table_case.h"

#define TIMEOUT_NS (600 * NSC_NS_PER_SEC) /* longer than any of these runs in packet time */

/* --- existing flows --------------------------------------------------------------------------- */

struct flow_case {
	struct table_case *table;
	struct lines *lines;
	uint64_t packets, flows;
	uint32_t (*said)[2]; /* NULL: pure acknowledgements */
};

static void flow_case_fill(struct flow_case *c)
{
	if (c->said)
		batch_fill_talk(c->table->batch, c->flows, c->said);
	else
		batch_fill_random(c->table->batch, c->flows);
}

static double run_flow(void *context)
{
	struct flow_case *c = context;
	uint64_t batches = c->packets / BATCH_PACKETS;
	double spent = 0;

	for (uint64_t i = 0; i < batches; i++) {
		flow_case_fill(c);
		spent += table_case_run(c->table);
		table_case_tick(c->table);
	}
	return spent / (double)(batches * BATCH_PACKETS);
}

static double run_lines(void *context)
{
	struct flow_case *c = context;

	return lines_update(c->lines, c->packets);
}

static void flow_of_size(const char *name, uint64_t flows, unsigned analyses, bool talk, const char *budget)
{
	/* whole batches of flows, so that all are there before the first round */
	struct flow_case c = { .flows = NSC_MAX(flows / BATCH_PACKETS, 1u) * BATCH_PACKETS,
			       .packets = bench_size(4000000, 40960) };
	struct bench_way ways[] = {
		{ .name = "decode + flow", .run = run_flow, .context = &c },
		{ .name = "2 random lines, prefetched", .run = run_lines, .context = &c },
	};
	uint64_t created;
	unsigned rounds;

	c.table = table_case_open(c.flows, false, TIMEOUT_NS, analyses);
	c.lines = lines_open(c.table->arena, c.flows);
	c.said = talk ? calloc(c.flows, sizeof(*c.said)) : NULL;
	if (talk && !c.said)
		bench_die("no memory");
	table_case_insert_all(c.table, NULL);
	created = c.table->counters.value[NSC_C_FLOW_CREATED];
	c.flows = NSC_MIN(flows, c.flows);
	rounds = bench_run(ways, 2, 7);
	if (c.table->counters.value[NSC_C_FLOW_CREATED] != created)
		bench_die("flows were to exist, but %lu were made",
			  (unsigned long)(c.table->counters.value[NSC_C_FLOW_CREATED] - created));
	bench_row("flow", name, "ns/packet", &ways[0], &ways[1], rounds, budget);
	lines_close(c.lines);
	table_case_close(c.table);
	free(c.said);
}

void bench_flow(void)
{
	const uint64_t million = bench_size(1000000, 20000), ten = bench_size(10000000, 40000);

	flow_of_size("existing flow, 1 k flows, no TCP analysis", 1000, 0, false, "flow-1k");
	flow_of_size("existing flow, 1 k flows, all analyses, ACKs", 1000, NSC_ANALYSIS_ALL, false, NULL);
	flow_of_size("existing flow, 1 M flows, no TCP analysis", million, 0, false, "flow-1m-off");
	flow_of_size("existing flow, 1 M flows, all analyses, ACKs", million, NSC_ANALYSIS_ALL, false, "flow-1m-all");
	flow_of_size("existing flow, 1 M flows, all, data and ACKs", million, NSC_ANALYSIS_ALL, true, "flow-1m-all");
	flow_of_size("existing flow, 10 M flows, no TCP analysis", ten, 0, false, NULL);
	flow_of_size("existing flow, 10 M flows, all, data and ACKs", ten, NSC_ANALYSIS_ALL, true, NULL);
}

/* --- new flows -------------------------------------------------------------------------------- */

struct insert_case {
	uint64_t flows;
	bool grow;
	unsigned analyses;
	double prepare; /* of the last run */
};

static double run_insert(void *context)
{
	struct insert_case *c = context;
	struct table_case *table = table_case_open(c->flows, c->grow, TIMEOUT_NS, c->analyses);
	double ns = table_case_insert_all(table, &c->prepare);

	table_case_close(table);
	return ns;
}

enum { EVICT_SHARE = 10 }; /* of the flows there is room for one in so many */

static double run_evict(void *context)
{
	struct insert_case *c = context;
	struct table_case *table = table_case_open(c->flows / EVICT_SHARE, false, TIMEOUT_NS, c->analyses);
	double ns = table_case_evict_all(table, c->flows);

	table_case_close(table);
	return ns;
}

/* Follows run_insert of the same case in each round. */
static double prepare_of(void *context)
{
	struct insert_case *c = context;

	return c->prepare;
}

static double run_append(void *context)
{
	struct insert_case *c = context;
	struct nsc_error error;
	struct nsc_arena *arena;
	struct lines *lines;
	double ns;

	if (nsc_arena_open(&arena, &error))
		bench_die("%s", error.text);
	lines = lines_open(arena, c->flows);
	ns = lines_append(lines, c->flows);
	lines_close(lines);
	nsc_arena_close(arena);
	return ns;
}

void bench_insert(void)
{
	struct insert_case fixed = { .flows = bench_size(1000000, 20000), .analyses = NSC_ANALYSIS_ALL };
	struct insert_case growing = { .flows = fixed.flows, .grow = true, .analyses = NSC_ANALYSIS_ALL };
	struct bench_way ways[] = {
		{ .name = "fixed", .run = run_insert, .context = &fixed },
		{ .name = "growing", .run = run_insert, .context = &growing },
		{ .name = "prepare", .run = prepare_of, .context = &growing, .follows = true },
		{ .name = "1 random line, 104 B appended", .run = run_append, .context = &fixed },
		{ .name = "full", .run = run_evict, .context = &fixed },
	};
	struct bench_way evict = { .name = "full less fixed" };
	unsigned rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 7);

	for (unsigned r = 0; r < rounds; r++)
		evict.sample[r] = (ways[4].sample[r] - ways[0].sample[r]) * EVICT_SHARE / (EVICT_SHARE - 1);

	bench_row("insert", "decode + new flow, 1 M, fixed table", "ns/flow", &ways[0], &ways[3], rounds, "insert-1m");
	bench_row("insert", "decode + new flow, 1 M, growing table", "ns/flow", &ways[1], &ways[3], rounds,
		  "insert-1m");
	bench_row("insert", "  its memory made ready (control thread)", "ns/flow", &ways[2], NULL, rounds, NULL);
	bench_row("insert", "decode + new flow, 1 M, table for 100 k", "ns/flow", &ways[4], &ways[3], rounds, NULL);
	bench_row("insert", "  an eviction", "ns", &evict, NULL, rounds, "evict");
}

/* --- memory ----------------------------------------------------------------------------------- */

static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	double bytes = NAN;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "Rss:", 4))
			bytes = strtod(line + 4, NULL) * 1024;
	if (file)
		fclose(file);
	return bytes;
}

static double run_memory(void *context)
{
	struct insert_case *c = context;
	struct table_case *table;
	double before = resident_bytes(), after;
	uint64_t held = c->flows / BATCH_PACKETS * BATCH_PACKETS;

	table = table_case_open(c->flows, c->grow, TIMEOUT_NS, c->analyses);
	table_case_insert_all(table, NULL);
	after = resident_bytes();
	table_case_close(table);
	return (after - before) / (double)held;
}

void bench_memory(void)
{
	const uint64_t flows = bench_size(1000000, 20000);
	struct insert_case fixed = { .flows = flows, .analyses = NSC_ANALYSIS_ALL };
	struct insert_case growing = { .flows = flows, .grow = true, .analyses = NSC_ANALYSIS_ALL };
	struct insert_case fixed_off = { .flows = flows }, growing_off = { .flows = flows, .grow = true };
	struct bench_way ways[] = {
		{ .name = "fixed", .run = run_memory, .context = &fixed },
		{ .name = "growing", .run = run_memory, .context = &growing },
		{ .name = "fixed, off", .run = run_memory, .context = &fixed_off },
		{ .name = "growing, off", .run = run_memory, .context = &growing_off },
	};
	static const char *const rows[] = { "1 M flows, all analyses, fixed table",
					    "1 M flows, all analyses, growing table",
					    "1 M flows, no TCP analysis, fixed table",
					    "1 M flows, no TCP analysis, growing table" };
	unsigned rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 3);

	for (unsigned i = 0; i < NSC_ARRAY_LEN(ways); i++)
		bench_row("memory", rows[i], "bytes/flow", &ways[i], NULL, rounds,
			  i < 2 ? "flow-bytes-all" : "flow-bytes-off");
}
