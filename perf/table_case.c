/* SPDX-License-Identifier: MIT
 *
 * See table_case.h.
 */
#include <stdlib.h>
#include <string.h>

#include "perf/bench.h"
#include "perf/child.h"
#include "perf/table_case.h"

#define STEP_NS 1000u
#define TOP_FLOWS 10u
#define FLOW_BYTES 320u /* no flow takes more */

static struct nsc_flow_chunk *start_again(struct nsc_flow_output *output)
{
	output->chunk->n = 0;
	return output->chunk;
}

struct table_case *table_case_open(uint64_t flows, bool grow, uint64_t timeout_ns, unsigned analyses)
{
	struct nsc_flow_table_options options = {
		.max_flows = grow ? flows * 4 : flows,
		.grow = grow,
		.timeout_ns = timeout_ns,
		.tick_ns = NSC_NS_PER_SEC,
		.top_flows = TOP_FLOWS,
		.analyses = (uint8_t)analyses,
		.seed = batch_decode.seed,
	};
	struct table_case *c = aligned_alloc(NSC_CACHE_LINE, sizeof(*c));
	struct nsc_error error;

	if (!c)
		bench_die("no memory");
	child_warm_memory(flows * FLOW_BYTES);
	*c = (struct table_case){ .flows = flows, .batch = batch_open(STEP_NS) };
	c->output.chunk = malloc(sizeof(*c->output.chunk));
	c->output.full = start_again;
	c->next_tick_ns = c->batch->clock_ns + NSC_NS_PER_SEC;
	if (!c->output.chunk)
		bench_die("no memory");
	memset(c->output.chunk, 0, sizeof(*c->output.chunk)); /* touched: no fault while it is measured */
	if (nsc_arena_open(&c->arena, &error) || nsc_flow_table_open(&c->table, &options, c->arena, &error))
		bench_die("%s", error.text);
	return c;
}

void table_case_close(struct table_case *c)
{
	nsc_arena_close(c->arena);
	batch_close(c->batch);
	free(c->output.chunk);
	free(c);
}

double table_case_run(struct table_case *c)
{
	double start = bench_cpu_ns();

	for (uint32_t i = 0; i < BATCH_BURSTS; i++) {
		struct nsc_burst *burst = &c->batch->burst[i];

		nsc_decode_burst(&batch_decode, burst->pkt, burst->n);
		nsc_flow_table_burst(c->table, burst->pkt, burst->n, &c->counters, &c->output);
	}
	return bench_cpu_ns() - start;
}

void table_case_tick(struct table_case *c)
{
	if (c->batch->clock_ns < c->next_tick_ns)
		return;
	nsc_flow_table_tick(c->table, c->next_tick_ns, &c->counters, c->top);
	c->next_tick_ns += NSC_NS_PER_SEC;
}

/* CPU ns of the worker's part and, in *ready, of making memory ready. */
static double table_case_insert(struct table_case *c, uint64_t batches, double *ready)
{
	double spent = 0, start;

	*ready = 0;
	for (uint64_t i = 0; i < batches; i++) {
		batch_fill_new(c->batch, i * BATCH_PACKETS);
		spent += table_case_run(c);
		start = bench_cpu_ns();
		while (nsc_flow_table_prepare(c->table))
			;
		*ready += bench_cpu_ns() - start;
		table_case_tick(c);
	}
	return spent;
}

static void table_case_check(const struct table_case *c, uint64_t made, uint64_t evicted)
{
	const uint64_t *value = c->counters.value;

	if (value[NSC_C_FLOW_CREATED] != made || value[NSC_C_FLOW_EVICTED] != evicted)
		bench_die("%lu flows wanted and %lu evicted, %lu made and %lu evicted", (unsigned long)made,
			  (unsigned long)evicted, (unsigned long)value[NSC_C_FLOW_CREATED],
			  (unsigned long)value[NSC_C_FLOW_EVICTED]);
}

double table_case_insert_all(struct table_case *c, double *prepare)
{
	uint64_t batches = c->flows / BATCH_PACKETS;
	double ready, spent = table_case_insert(c, batches, &ready);

	table_case_check(c, batches * BATCH_PACKETS, 0);
	if (prepare)
		*prepare = ready / (double)(batches * BATCH_PACKETS);
	return spent / (double)(batches * BATCH_PACKETS);
}

double table_case_evict_all(struct table_case *c, uint64_t flows)
{
	uint64_t batches = flows / BATCH_PACKETS, made = batches * BATCH_PACKETS;
	double ready, spent = table_case_insert(c, batches, &ready);

	table_case_check(c, made, made - c->flows);
	return spent / (double)made;
}
