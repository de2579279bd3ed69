/* SPDX-License-Identifier: MIT
 *
 * The outputs: sinks for the engine, and what is printed or written once when a run ends. A path is never NULL or
 * empty unless it says so. Files are made with mode 0600 and never through a symbolic link; a target that cannot be
 * written is refused at open, before the run starts. SIGPIPE must be ignored: a closed pipe is then -EPIPE, with which
 * a program should end quietly.
 *
 * Each sink is opened and closed by control; its calls come from the threads that struct nsc_sink_ops names.
 */
#ifndef NETSCOPE_OUT_H
#define NETSCOPE_OUT_H

#include "netscope/engine.h"

#include <stdio.h>

/* 1 when writing both names would write one file (or the second name reads what the first writes), else 0. "-" is
 * standard output, so do not ask about an input of that name. Character devices are shared without harm: 0. */
int nsc_out_same_file(const char *a, const char *b);

/* --- backends/out/export.c: every flow of the run, sorted, as JSON and CSV ------------------------------------- */

struct nsc_export_options {
	const char *json_path;  /* NULL or "" = off; at least one of the two is on */
	const char *csv_path;   /* NULL or "" = off */
	uint64_t record_memory; /* as in nsc_engine_options: bounds the chunks that it holds */
};

/* Holds chunks and reorders the records in them, so it comes last among the sinks that take records.
 * Needs `keep` in its records call. */
int nsc_export_open(struct nsc_sink **sink, const struct nsc_export_options *options, struct nsc_error *error);

/* How a held chunk goes home (nsc_engine_chunk_return on the engine that was opened meanwhile). Before the run. */
void nsc_export_attach(struct nsc_sink *sink, void (*give_back)(void *context, struct nsc_flow_chunk *), void *context);

/* Rows written. After finish. */
uint64_t nsc_export_rows(const struct nsc_sink *sink);

/* Removes what was not finished. NULL is allowed. */
void nsc_export_close(struct nsc_sink *sink);

/* --- backends/out/expired.c: flows as they end, as JSON lines and CSV ------------------------------------------ */

struct nsc_expired_options {
	const char *jsonl_path; /* NULL or "" = off; at least one of the two is on */
	const char *csv_path;   /* NULL or "" = off */
};

/* Whole lines are in the files whenever a records call has returned. */
int nsc_expired_open(struct nsc_sink **sink, const struct nsc_expired_options *options, struct nsc_error *error);
void nsc_expired_close(struct nsc_sink *sink);

#endif
