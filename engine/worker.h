/* SPDX-License-Identifier: MIT
 *
 * A worker: one core, one source (or lane), one flow table. Everything it needs stands here; it shares nothing but the
 * ends of channels (docs/sharing.md).
 */
#ifndef NETSCOPE_WORKER_H
#define NETSCOPE_WORKER_H

#include "engine/base/idle.h"
#include "engine/base/period.h"
#include "engine/base/rounds.h"
#include "engine/base/trace.h"
#include "engine/detect/contacts.h"
#include "engine/dns/queries.h"
#include "engine/flow/table.h"
#include "engine/rings/lane.h"
#include "engine/rings/questions.h"
#include "engine/rings/recorder.h"
#include "engine/rings/records.h"
#include "engine/rings/sampler.h"
#include "engine/rings/tap.h"
#include "engine/tick.h"
#include "netscope/rx.h"

struct nsc_worker {
	struct nsc_rx *rx;
	struct nsc_decode_options decode;
	struct nsc_flow_table *table;
	struct nsc_tap *tap;                /* NULL: nobody wants packets, or capture taps them */
	struct nsc_contacts *contacts;      /* NULL: no detectors */
	struct nsc_dns_queries *dns;        /* NULL: nobody looks at DNS */
	struct nsc_sampler *sampler;        /* NULL: no dashboard */
	struct nsc_recorder_ring *recorder; /* NULL: no packets are recorded in memory */
	struct nsc_questions *questions;    /* NULL: nobody asks about flows */
	struct nsc_trace *trace;            /* NULL: nobody traces packets */
	uint64_t clock_ns;                  /* of the last packet, or of the source when it is idle */
	struct nsc_period uncut;            /* what tick and epoch have in common; empty before the first packet */
	uint64_t swept_ns;                  /* that clock at the last sweep without packets */
	struct nsc_tick tick;
	struct nsc_records_output output; /* ended records */
	uint64_t ns_per_cycle_32;         /* in 2^-32 ns */
	const bool *stop;                 /* set by whoever wants the reader to stop; NULL behind a lane */
	struct nsc_idle idle;
	struct nsc_counters counters;
	struct nsc_histogram duration[NSC_DURATION_COUNT];
	struct nsc_rounds rounds; /* why some were long */
	struct nsc_burst burst;
	uint32_t names_at; /* of a snapshot; 0: nobody adds up bytes by name */
	uint32_t number;   /* from 0 */
	bool wall;         /* time stamps are of this machine's clock */
	bool drain;        /* somebody reads the remaining flows out of the table */
};

struct nsc_worker_options {
	struct nsc_rx *rx;
	const struct nsc_decode_options *decode; /* copied; the worker counts for it */
	struct nsc_flow_table *table;
	struct nsc_channel *snapshots;
	struct nsc_records *records; /* this and the next seven: NULL as in struct nsc_worker */
	struct nsc_tap *tap;
	struct nsc_contacts *contacts;
	struct nsc_dns_queries *dns;
	struct nsc_sampler *sampler;
	struct nsc_recorder_ring *recorder;
	struct nsc_questions *questions;
	struct nsc_trace *trace;
	struct nsc_timeline *timeline; /* NULL: none */
	uint64_t tick_ns;              /* > 0 */
	uint32_t names_at;             /* nsc_snapshot_names_at, or 0: nobody adds up bytes by name */
	double tsc_hz;                 /* > 0 */
	enum nsc_poll_mode poll;
	bool crowded; /* see idle.h */
	bool drain;   /* the writer reads the table when the worker has ended */
	const bool *stop;
	uint32_t number; /* of the worker, from 0 */
	bool wall;       /* time stamps of packets are of this machine's clock, now */
};

/* Thread: control. Allocates: never (the caller's memory, zeroed). */
void nsc_worker_init(struct nsc_worker *worker, const struct nsc_worker_options *options);

/* Packet time now, for what is shown. Thread: worker, or any after it has ended. */
nsc_always_inline uint64_t nsc_worker_time(const struct nsc_worker *worker)
{
	return worker->clock_ns + worker->burst.offset_ns;
}

/* Polls until the end of input has come through, then settles the table and sends the last snapshot.
 * Thread: the worker's own. Allocates: never. Blocks: offline, for a writer or publisher that is behind. */
void nsc_worker_run(struct nsc_worker *worker);

#endif
