/* SPDX-License-Identifier: MIT
 *
 * A run and its parts, for the files that open, watch and end it.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_RUN_PARTS_H
#define TOOLS_NETSCOPE_RUN_PARTS_H

#include "netscope/recordings.h"
#include "tools/netscope/cores_choose.h"
#include "tools/netscope/dashboard.h"
#include "tools/netscope/memory.h"
#include "tools/netscope/notify.h"
#include "tools/netscope/outputs.h"
#include "tools/netscope/packet_filter.h"
#include "tools/netscope/profiling.h"
#include "tools/netscope/reload.h"
#include "tools/netscope/run.h"
#include "tools/netscope/source.h"
#include "tools/netscope/trace.h"
#include "tools/netscope/watch.h"

struct nsc_run_reload {
	struct nsc_settings *settings; /* of the run */
	struct nsc_settings start;     /* with which it began: its texts may be gone */
	bool asked;                    /* SIGHUP has come since the last one was begun */
	bool under_way;                /* not every thread has what was handed to it */
};

struct nsc_placing {                   /* which threads run where */
	struct nsc_core_choice choice; /* workers first, then the capture thread */
	cpu_set_t elsewhere;           /* of those for which there was none, with --management-cores */
	bool memory;                   /* of each worker is taken near its core */
	char said[320];                /* "" = nothing was asked for */
};

struct nsc_run {
	const struct nsc_settings *settings; /* as they are now */
	struct nsc_run_reload reload;
	struct nsc_sources sources;
	struct nsc_watch watch[NSC_LIVE_INTERFACES_MAX]; /* of each interface */
	uint32_t failures_told;                          /* bits: of interfaces that gave up */
	struct nsc_outputs outputs;
	struct nsc_dashboard dashboard;
	struct nsc_tracing *tracing;        /* NULL: no packet is traced */
	struct nsc_packet_filter *recorded; /* which packets are recorded; NULL: all, or none */
	struct nsc_profiling profiling;
	struct nsc_recordings *recordings; /* NULL: nobody asks the flight recorder */
	char recorded_text[128];           /* what it keeps of a packet, in words */
	struct nsc_placing placing;
	struct nsc_engine *engine;
	struct nsc_engine_budget budget;
	struct nsc_memory memory;
	bool confined;         /* privileges are given up, step by step */
	struct nsc_view *view; /* the final one */
	char input[4200];      /* what is read, in words */
	char *doctor;          /* JSON; NULL = nobody wants it */
	uint64_t started_ns, elapsed_ns;
	uint64_t outputs_look_ns; /* when outputs are looked at next */
	uint32_t steps_told;      /* of the log of packet time's steps */
	uint32_t feed_told;       /* sentences of the feed */
	struct nsc_notify notify;
	uint64_t rounds[NSC_WORKERS_MAX]; /* of each worker, when the service manager had its last sign of life */
	uint64_t status_ns;               /* when it was told what the run does */
	bool stopping;                    /* it knows */
	enum nsc_exit exit;
};

/* The engine for the sources and outputs that are open. 0 or -errno and one sentence. */
int nsc_run_open_engine(struct nsc_run *run, struct nsc_error *error);

/* Length of a tick of the sources that are open, for these settings, ns: >= 1. */
uint64_t nsc_run_tick_ns(const struct nsc_run *run, const struct nsc_settings *settings);

/* What the settings tell the detectors, but for the seed of their hashes. 0 or -EINVAL and one sentence. */
int nsc_run_detect_options(struct nsc_detect_options *options, const struct nsc_settings *settings,
			   struct nsc_error *error);

/* Bytes for flow records that wait for the export. */
uint64_t nsc_run_record_memory(const struct nsc_settings *settings);

/* run_notify.c, what a service manager is told. Open: before the run is confined. Ready: the sources deliver. Reload:
 * SIGHUP has come; Ready again when it was done. Look: in the loop of control. Linger: in that of a dashboard that
 * stays, with the run as its context. */
void nsc_run_notify_open(struct nsc_run *run);
void nsc_run_notify_ready(struct nsc_run *run);
void nsc_run_notify_reload(struct nsc_run *run);
void nsc_run_notify_look(struct nsc_run *run, uint64_t now_ns);
void nsc_run_notify_linger(void *run);
void nsc_run_notify_stopping(struct nsc_run *run);

/* run_place.c. Choose: when the sources are open, before the engine is. Take: control moves to --management-cores, and
 * so does every thread that is started afterwards and has no core of its own. List: threads with a core. 0 or -errno
 * and one sentence. */
void nsc_run_place_choose(struct nsc_run *run);
uint32_t nsc_run_place_list(const struct nsc_run *run, struct nsc_summary_place place[NSC_CORES_MAX]);
int nsc_run_place_take(const struct nsc_run *run, struct nsc_error *error);

/* run_interfaces.c, of the interfaces of a live run. Open: before the run is confined. Look: in the loop of control;
 * true once a second: then count is due. Filtered: a filter explains why nothing arrives. */
void nsc_run_interfaces_open(struct nsc_run *run);
bool nsc_run_interfaces_look(struct nsc_run *run);
void nsc_run_interfaces_count(struct nsc_run *run);
void nsc_run_interfaces_filtered(struct nsc_run *run, bool filtered);
void nsc_run_interfaces_close(struct nsc_run *run);

/* How they are, `run` is the context: what came over each, and its state. Thread: any. */
uint32_t nsc_run_interfaces_show(void *run, struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX]);

/* The same, with what the interfaces counted themselves. */
uint32_t nsc_run_interfaces_ask(struct nsc_run *run, struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX]);

/* run_feed.c, of what another host sends. Open: before the run is confined. Tell: in the loop of control. */
void nsc_run_feed_open(struct nsc_run *run);
void nsc_run_feed_tell(struct nsc_run *run);

/* run_reload.c. Open: before the run. Reload: SIGHUP has come. Look: in the loop of control, whether a reload that is
 * under way is over. `settings` are the run's, and change. */
void nsc_run_reload_open(struct nsc_run *run, struct nsc_settings *settings);
void nsc_run_reload(struct nsc_run *run);
void nsc_run_reload_look(struct nsc_run *run);

/* How this run decodes: of the options that are the engine's own, nothing. */
struct nsc_decode_options nsc_run_decode_options(const struct nsc_settings *settings);

/* run_recordings.c. Open: as the user that the run has, with the outputs. Start: the engine is open, and the run
 * confined. Record: SIGUSR2 has come. 0 or -errno and one sentence. */
int nsc_run_recordings_open(struct nsc_run *run, struct nsc_error *error);
int nsc_run_recordings_start(struct nsc_run *run, struct nsc_error *error);
void nsc_run_recordings_record(struct nsc_run *run);

/* Says what a person asked for and will not get. */
void nsc_run_say_without_use(const struct nsc_settings *settings);

#endif
