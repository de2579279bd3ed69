/* SPDX-License-Identifier: MIT
 *
 * Everything that one worker owns, built in one place: its arena, and out of that its flow table, its ends of the rings
 * and the worker itself. The engine is an array of these, and what they share.
 *
 * Thread: control, before the worker starts and after it has ended. Allocates: in the core's arena.
 */
#ifndef NETSCOPE_CORE_H
#define NETSCOPE_CORE_H

#include "engine/worker.h"

struct nsc_core {
	struct nsc_arena *arena;
	struct nsc_worker *worker;
	struct nsc_flow_table *table;
	struct nsc_channel *snapshots;   /* totals of each tick, to the publisher */
	struct nsc_records records;      /* ended flows, to the writer; unused without record sinks */
	struct nsc_sampler *sampler;     /* sampled packets, to the dashboard; NULL: no dashboard */
	struct nsc_questions *questions; /* flow queries, from the dashboard and back; NULL: nobody asks */
	struct nsc_contacts *contacts;   /* NULL: no detectors */
	struct nsc_channel *epochs;      /* contacts, to the publisher; NULL: no detectors */
};

struct nsc_engine;

/* Opens core `index` of the engine, 0 .. workers - 1, whose source, tap and lanes are open. 0 or -errno and one
 * sentence. The core is zeroed; its arena is closed by the caller, after a failure too. */
int nsc_core_open(struct nsc_engine *engine, uint32_t index, const struct nsc_flow_table_options *table,
		  struct nsc_error *error);

#endif
