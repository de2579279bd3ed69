/* SPDX-License-Identifier: MIT
 *
 * The publisher merges what the workers send about one tick, in the order of ticks, gives each merged view to the
 * sinks, and publishes it under RCU. Offline every tick comes exactly once. Live a worker may have missed a tick: its
 * totals of the tick before stand for it until its next snapshot, which holds everything.
 *
 * The same thread is the detectors' merge half (detect/detectors.h): it takes what workers counted between two
 * snapshots, and has decided every epoch before the last view.
 */
#ifndef NETSCOPE_CONTROL_PUBLISHER_H
#define NETSCOPE_CONTROL_PUBLISHER_H

#include "engine/control/sinks.h"
#include "engine/control/view.h"
#include "engine/detect/detectors.h"
#include "engine/dns/totals.h"
#include "engine/rings/snapshots.h"
#include "netscope/recorder.h"
#include "netscope/rx.h"

struct nsc_publisher {
	struct nsc_idle idle;
	struct nsc_views *views;
	struct nsc_sinks *sinks;
	struct nsc_channel *snapshots[NSC_WORKERS_MAX];
	struct nsc_snapshot *head[NSC_WORKERS_MAX]; /* oldest snapshot of each worker that is not merged yet */
	int32_t core[NSC_WORKERS_MAX];
	struct nsc_rx *const *source; /* [n_sources] */
	uint32_t n_sources;
	const struct nsc_counters *capture;  /* NULL without lanes */
	struct nsc_detectors *detectors;     /* NULL without detectors */
	bool detectors_ended;                /* it has ended */
	const struct nsc_recorder *recorder; /* NULL: no packets are recorded */
	struct nsc_dns_totals *dns;          /* NULL: nobody looks at DNS */
	const struct nsc_counters *merge;    /* of the taps of several sources; NULL without */
	const struct nsc_counters *profile;  /* NULL without */
	const struct nsc_counters *control;  /* of control; NULL without */
	uint64_t tick_ns;
	uint64_t first_tick;
	double tsc_hz;
	uint32_t workers;
	uint32_t top_flows, top_names;
	bool rtts;                     /* snapshots have round trip times */
	struct nsc_name_sums *names;   /* NULL without top names */
	struct nsc_counters counters;  /* its own: TOP_NAMES_FULL */
	struct nsc_timeline *timeline; /* NULL: none */
	uint64_t seq;
	uint64_t packets, bytes, drops; /* totals at the last view, to make the tick's numbers */
	uint64_t loss[NSC_C_COUNT];     /* the same, by counter of the class LOSS */
	const struct nsc_view *last;
};

/* Runs until the last snapshot of every worker is merged, and its view published.
 * Thread: publisher. Allocates: never (its sinks may). */
void nsc_publisher_run(struct nsc_publisher *publisher);

/* One merge, if every worker has sent what it needs. Returns false when there was nothing to do, and sets *ended after
 * the last. Thread: publisher. */
bool nsc_publisher_step(struct nsc_publisher *publisher, bool *ended);

/* Sets the RX_* totals from those of the sources; NSC_UNKNOWN where none of them knows. Thread: any. */
void nsc_source_totals(struct nsc_rx *const *source, uint32_t n, struct nsc_counters *totals);

#endif
