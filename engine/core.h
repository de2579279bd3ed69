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

struct nsc_core_options {
	const struct nsc_engine_options *engine;
	const struct nsc_flow_table_options *table;
	struct nsc_rx *rx;   /* what the worker polls: its source, or its lane */
	struct nsc_tap *tap; /* where it copies packets; NULL: nobody wants them, or capture copies them */
	const bool *stop;    /* as in struct nsc_worker */
	double tsc_hz;       /* > 0 */
	bool crowded;        /* see idle.h */
	bool drain;          /* the writer reads the table when the worker has ended */
	uint32_t index;      /* 0 .. workers - 1 */
};

/* 0 or -errno and one sentence. `core` is zeroed; after a failure nsc_core_close frees what there is. */
int nsc_core_open(struct nsc_core *core, const struct nsc_core_options *options, struct nsc_error *error);

/* Makes memory for growth present ahead of the worker. True: something grew. Thread: control, while the worker runs. */
bool nsc_core_prepare(struct nsc_core *core, bool records);

/* Frees all at once. A core that was never opened is allowed. */
void nsc_core_close(struct nsc_core *core);

#endif
