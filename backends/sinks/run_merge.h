/* SPDX-License-Identifier: MIT
 *
 * Merges sorted runs of flow records, in memory, in a file or in the engine's tables, into one stream in export order.
 * Runs that hardly overlap cost two comparisons for each run, not for each record.
 *
 * Thread: one. Allocates: never. Blocks: on reading the file.
 */
#ifndef NETSCOPE_SINKS_RUN_MERGE_H
#define NETSCOPE_SINKS_RUN_MERGE_H

#include "netscope/engine.h"

struct nsc_run {
	const struct nsc_flow_record *next, *end; /* what is in memory; set by the caller for a run in memory */
	struct nsc_flow_record *window;           /* elsewhere: room for window_records */
	uint64_t offset;                          /*   byte in the file of the first record not yet read */
	uint64_t left;                            /*   records there */
	const struct nsc_remaining *remaining;    /* a run in a worker's table; else NULL */
	uint32_t worker;
};

struct nsc_run_top {
	uint64_t key; /* first_seen_ns of the run's next record */
	struct nsc_run *run;
};

struct nsc_run_merge {           /* filled by the caller up to n */
	int fd;                  /* the file of the runs that have one */
	uint32_t window_records; /* >= 1 */
	struct nsc_run_top *top; /* room for n, any content */
	struct nsc_run *run;
	uint32_t n;
	uint64_t limit; /* the current run may go on without a look at the others below this */
	bool started;   /* the current record has been handed out */
};

/* Begins. Empty runs are allowed. 0 or -errno and one sentence (the file cannot be read). */
int nsc_run_merge_begin(struct nsc_run_merge *merge, struct nsc_error *error);

/* Fills record[0..*n) with the next ones, `max` (>= 1) of them or fewer; they are valid until the next call. *n = 0 at
 * the end. 0 or -errno and one sentence. */
int nsc_run_merge_next(struct nsc_run_merge *merge, const struct nsc_flow_record **record, uint32_t max, uint32_t *n,
		       struct nsc_error *error);

#endif
