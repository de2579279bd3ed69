/* SPDX-License-Identifier: MIT
 *
 * What an engine consists of: shared by engine.c, which lays it out, core.c, which lays out what one worker owns, and
 * engine_run.c, which runs it.
 */
#ifndef NETSCOPE_ENGINE_PARTS_H
#define NETSCOPE_ENGINE_PARTS_H

#include <pthread.h>

#include "engine/base/cycles.h"
#include "engine/control/publisher.h"
#include "engine/control/writer.h"
#include "engine/decode/duplicates.h"
#include "engine/decode/fragments.h"
#include "engine/decode/tenant.h"
#include "engine/dns/totals.h"
#include "engine/rings/blocks.h"
#include "engine/rings/lane.h"
#include "engine/worker.h"
#include "netscope/engine.h"

#define NSC_THREADS_MAX (NSC_WORKERS_MAX + 3u) /* capture, publisher, writer */
#define NSC_GUESTS_MAX 4u

struct nsc_thread {
	pthread_t id;
	struct nsc_engine *engine;
	void (*run)(struct nsc_engine *, uint32_t index);
	uint32_t index;
	int32_t core;   /* -1: not pinned */
	bool elsewhere; /* then it runs where `options.elsewhere` says */
	char name[16];
	uint32_t tid; /* as the system numbers threads: its own, set before the gate */
};

struct nsc_guest { /* a thread beside these that has a timeline */
	struct nsc_timeline *timeline;
	char name[16];
};

enum nsc_gate { NSC_GATE_SHUT, NSC_GATE_OPEN, NSC_GATE_GIVEN_UP };

/* Everything that one worker owns: its arena, and out of that its flow table, its ends of the rings and the worker. */
struct nsc_core {
	struct nsc_arena *arena;
	struct nsc_worker *worker;
	struct nsc_flow_table *table;
	struct nsc_naming *naming;       /* NULL: nobody wants names */
	struct nsc_fragments *fragments; /* NULL: capture decodes, or nobody wants them; so are the next two */
	struct nsc_duplicates *duplicates;
	struct nsc_mixed *mixed;
	struct nsc_channel *snapshots;      /* totals of each tick, to the publisher */
	struct nsc_records records;         /* ended flows, to the writer; unused without record sinks */
	struct nsc_sampler *sampler;        /* sampled packets, to the dashboard; NULL: no dashboard */
	struct nsc_recorder_ring *recorder; /* the latest packets; NULL: nobody wants them */
	struct nsc_questions *questions;    /* flow queries, from the dashboard and back; NULL: nobody asks */
	struct nsc_trace *trace;            /* NULL: nobody traces packets */
	struct nsc_contacts *contacts;      /* NULL: no detectors */
	struct nsc_channel *epochs;         /* contacts, to the publisher; NULL: no detectors */
	struct nsc_dns_queries *dns;        /* NULL: nobody looks at DNS; so is the next */
	struct nsc_channel *dns_events;     /* to the publisher */
	struct nsc_timeline *timeline;      /* NULL: nobody wants one */
};

struct nsc_engine {
	struct nsc_engine_options options;
	struct nsc_rx *source[NSC_WORKERS_MAX]; /* each polled by its worker, or the first by capture */
	uint32_t n_sources;
	struct nsc_engine_budget budget;
	struct nsc_arena *arena;               /* what cores share: lanes, views, far ends of rings */
	struct nsc_core core[NSC_WORKERS_MAX]; /* [options.workers] */
	struct nsc_recorder *recorder;         /* all rings of packets, and walks; NULL: nobody wants them */
	struct nsc_lanes *lanes;               /* NULL: no capture thread */
	struct nsc_trace *trace;               /* capture's; NULL: no lanes, or nobody traces packets */
	struct nsc_blocks *blocks;             /* NULL: each source is polled by one thread */
	struct nsc_detect_options detect;      /* options.detect points here, if at all */
	struct nsc_detectors *detectors;       /* NULL: no detectors; so is the next */
	struct nsc_alert_ring *alerts;
	struct nsc_dns_totals *dns;           /* NULL: nobody looks at DNS */
	struct nsc_tap *tap[NSC_WORKERS_MAX]; /* one for each source; NULL: nobody wants packets */
	struct nsc_tap_merge *merge;          /* NULL: one tap at most */
	struct nsc_views views;
	struct nsc_sinks sinks;
	struct nsc_sink *sink[NSC_SINKS_MAX];
	struct nsc_failure failure;
	struct nsc_publisher publisher;
	struct nsc_writer writer;
	struct nsc_timeline *capture_timeline,
		*control_timeline;              /* NULL: nobody wants one, or there is no such thread */
	struct nsc_guest guest[NSC_GUESTS_MAX]; /* [options.guests] */
	uint32_t n_guests;                      /* that have come */
	struct nsc_cycles_at began;             /* when it was opened */
	uint64_t began_ns;                      /* the same, time of day */
	bool stop;                              /* set by anybody, polled by the reader */
	double tsc_hz;
	bool crowded;
	/* threads: under the mutex */
	struct nsc_thread thread[NSC_THREADS_MAX];
	uint32_t n_threads;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	enum nsc_gate gate;
	uint32_t ready, finished;
	bool joined;
	uint32_t quiet_waits;        /* control's: see nsc_engine_wait */
	struct nsc_counters control; /* its own, read by others: RELOADS */
};

/* Opens core `index` of the engine, 0 .. workers - 1, whose source, tap and lanes are open. 0 or -errno and one
 * sentence. The core is zeroed; its arena is closed by the caller, after a failure too. */
int nsc_core_open(struct nsc_engine *engine, uint32_t index, const struct nsc_flow_table_options *table,
		  struct nsc_error *error);

#endif
