/* SPDX-License-Identifier: MIT
 *
 * A flow table with what a worker has around it, for the sections that measure one.
 */
#ifndef NETSCOPE_PERF_TABLE_CASE_H
#define NETSCOPE_PERF_TABLE_CASE_H

#include "engine/flow/table.h"
#include "perf/batch.h"

struct table_case {
	struct nsc_arena *arena;
	struct nsc_flow_table *table;
	struct batch *batch;
	struct nsc_counters counters;
	struct nsc_flow_output output; /* ended records are written into one chunk, over and over */
	uint64_t flows;                /* capacity; one that grows could hold four times as many */
	uint64_t next_tick_ns;
	struct nsc_top_flow top[NSC_TOP_MAX];
};

/* `analyses`: NSC_ANALYSIS_*. One packet each microsecond of packet time, ticks of a second, 10 top flows. Exits on
 * failure. */
struct table_case *table_case_open(uint64_t flows, bool grow, uint64_t timeout_ns, unsigned analyses);
void table_case_close(struct table_case *c);

/* Decodes and counts the batch; CPU ns. */
double table_case_run(struct table_case *c);

/* Closes the tick when the batch has crossed its end. */
void table_case_tick(struct table_case *c);

/* Inserts flows 0..flows-1, in whole batches, into a table for fewer: each beyond its capacity evicts one. CPU ns per
 * flow. */
double table_case_evict_all(struct table_case *c, uint64_t flows);

/* Inserts flows 0..flows-1, in whole batches; CPU ns per flow for the worker's part. `prepare`: CPU ns per flow of
 * making memory ready for a table that grows (the control thread's part), may be NULL. */
double table_case_insert_all(struct table_case *c, double *prepare);

#endif
