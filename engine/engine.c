/* SPDX-License-Identifier: MIT
 *
 * Builds an engine: checks the options, lays out all memory, connects the parts. What runs it is engine_run.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/cycles.h"
#include "engine/base/timeline.h"
#include "engine/budget.h"
#include "engine/engine_parts.h"

#define TICK_MIN_NS 1000000ull

static bool threads_are_crowded(const struct nsc_engine_options *o)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return false;
	return o->workers + o->lanes > (unsigned)CPU_COUNT(&cpus);
}

static int check_options(const struct nsc_engine_options *o, struct nsc_error *error)
{
	if (!o->workers || o->workers > NSC_WORKERS_MAX)
		return nsc_fail(error, -EINVAL, "an engine has 1 to %u workers, not %u", NSC_WORKERS_MAX, o->workers);
	if (o->lanes && o->sources)
		return nsc_fail(error, -EINVAL, "lanes stand behind one source, not behind several");
	if (o->readers && (o->lanes || o->sources || !o->rx->blocks))
		return nsc_fail(error, -EINVAL, "%u threads cannot read this source", o->workers);
	if (o->trace.count > NSC_TRACE_MAX || (o->trace.count && (o->readers || !o->trace.matches)))
		return nsc_fail(error, -EINVAL, "%u packets to trace, at most %u, and none where several threads read",
				o->trace.count, NSC_TRACE_MAX);
	if (!o->lanes && !o->sources && !o->readers && o->workers != 1)
		return nsc_fail(error, -EINVAL, "%u workers behind one source need lanes", o->workers);
	if (o->lanes && o->lane_packets < NSC_BURST_MAX)
		return nsc_fail(error, -EINVAL, "a lane holds at least %u packets, not %u", NSC_BURST_MAX,
				o->lane_packets);
	if (o->tick_ns < TICK_MIN_NS)
		return nsc_fail(error, -EINVAL, "a tick lasts at least 1 ms, not %" PRIu64 " ns", o->tick_ns);
	if (o->top_names > NSC_TOP_NAMES_MAX || (o->top_names && o->names != NSC_NAMES_FULL))
		return nsc_fail(error, -EINVAL, "at most %u top names, and only with names", NSC_TOP_NAMES_MAX);
	if (o->top_flows > NSC_TOP_MAX)
		return nsc_fail(error, -EINVAL, "at most %u top flows, not %u", NSC_TOP_MAX, o->top_flows);
	if (o->guests > NSC_GUESTS_MAX)
		return nsc_fail(error, -EINVAL, "at most %u guests, not %u", NSC_GUESTS_MAX, o->guests);
	if (o->recorder.bytes && o->recorder.bytes / o->workers < NSC_RECORDER_BYTES_MIN)
		return nsc_fail(error, -EINVAL, "a recorder has at least %llu MiB for each of %u workers, not %" PRIu64,
				NSC_RECORDER_BYTES_MIN >> 20, o->workers, o->recorder.bytes >> 20);
	if (o->recorder.cutoff > NSC_CUTOFF_MAX || o->packet_cutoff > NSC_CUTOFF_MAX)
		return nsc_fail(error, -EINVAL, "a cut-off is at most %llu bytes", NSC_CUTOFF_MAX);
	if (o->n_sinks > NSC_SINKS_MAX)
		return nsc_fail(error, -EINVAL, "at most %u sinks, not %u", NSC_SINKS_MAX, o->n_sinks);
	return 0;
}

/* --- parts ------------------------------------------------------------------------------------ */

static int cut_tap(struct nsc_engine *e, struct nsc_tap *tap, struct nsc_error *error)
{
	const struct nsc_cutoff_options first = {
		.bytes = e->options.packet_cutoff,
		.timeout_ns = e->options.flow_timeout_ns,
		.decode = &e->options.decode,
	};
	struct nsc_cutoff *cutoff = NULL;
	int failed = nsc_cutoff_open(&cutoff, e->arena, &first, error);

	nsc_tap_cut(tap, cutoff);
	return failed;
}

static int open_tap(struct nsc_engine *e, struct nsc_error *error)
{
	uint32_t bytes = nsc_sinks_packet_bytes(&e->sinks);
	int failed = 0;

	for (uint32_t i = 0; i < e->n_sources && bytes && !failed; i++) {
		failed = nsc_tap_open(&e->tap[i], e->arena, bytes, nsc_sinks_packet_frame(&e->sinks), e->n_sources,
				      e->source[0]->live, error);
		if (!failed && e->options.packet_cutoff)
			failed = cut_tap(e, e->tap[i], error);
	}
	if (!failed && bytes && e->n_sources > 1)
		failed = nsc_tap_merge_open(&e->merge, e->arena, e->tap, e->n_sources, error);
	return failed;
}

/* The publisher's half. */
static int engine_open_detectors(struct nsc_engine *e, struct nsc_error *error)
{
	int failed;

	if (!e->budget.detect)
		return 0;
	e->alerts = nsc_arena_alloc(e->arena, sizeof(*e->alerts));
	if (!e->alerts)
		return nsc_fail(error, -ENOMEM, "no memory for alerts");
	failed = nsc_alert_ring_open(e->alerts, e->arena, e->source[0]->live, error);
	return failed ? failed : nsc_detectors_open(&e->detectors, e->arena, &e->detect, e->options.workers, error);
}

static int engine_open_dns(struct nsc_engine *e, struct nsc_error *error)
{
	const struct nsc_engine_options *o = &e->options;

	if (!nsc_budget_wants_dns(o))
		return 0;
	return nsc_dns_totals_open(&e->dns, e->arena, o->workers, o->names == NSC_NAMES_FULL, error);
}

static int engine_open_blocks(struct nsc_engine *e, const struct nsc_decode_options *decode, struct nsc_error *error)
{
	struct nsc_blocks_options blocks = {
		.source = e->source[0],
		.decode = decode,
		.readers = e->options.workers,
		.tick_ns = e->options.tick_ns,
		.epoch_ns = e->detectors ? NSC_EPOCH_NS : 0,
		.tap = e->tap[0],
		.stop = &e->stop,
	};

	return nsc_blocks_open(&e->blocks, &blocks, e->arena, error);
}

/* What stands between one source and several workers: lanes, or blocks. */
static int engine_open_lanes(struct nsc_engine *e, struct nsc_error *error)
{
	struct nsc_decode_options decode = e->options.decode;
	struct nsc_lanes_options lanes = {
		.source = e->source[0],
		.decode = &decode,
		.lanes = e->options.workers,
		.lane_packets = e->options.lane_packets,
		.tick_ns = e->options.tick_ns,
		.epoch_ns = e->detectors ? NSC_EPOCH_NS : 0,
		.poll = e->options.poll,
		.crowded = e->crowded,
		.tap = e->tap[0],
		.stop = &e->stop,
	};

	if (!e->options.lanes && !e->options.readers)
		return 0;
	if (e->options.lanes && e->options.trace.count) {
		if (nsc_trace_open(&e->trace, &e->options.trace, e->arena, error))
			return -ENOMEM;
		lanes.trace = e->trace;
	}
	if (e->options.join_fragments && nsc_fragments_open(&decode.fragments, e->arena, error))
		return -ENOMEM;
	if (e->options.dedup_ns && nsc_duplicates_open(&decode.duplicates, e->options.dedup_ns, e->arena, error))
		return -ENOMEM;
	if (e->options.watch_tenants && nsc_mixed_open(&decode.mixed, e->arena, error))
		return -ENOMEM;
	return e->options.readers ? engine_open_blocks(e, &decode, error)
				  : nsc_lanes_open(&e->lanes, &lanes, e->arena, error);
}

/* Those of workers lie in their own memory. */
static int engine_open_timelines(struct nsc_engine *e, struct nsc_error *error)
{
	int failed;

	if (!e->options.timeline)
		return 0;
	failed = nsc_timeline_open(&e->control_timeline, e->arena, NSC_TIMELINE_CALM, e->tsc_hz, error);
	if (!failed)
		failed = nsc_timeline_open(&e->publisher.timeline, e->arena, NSC_TIMELINE_CALM, e->tsc_hz, error);
	if (!failed)
		failed = nsc_timeline_open(&e->writer.timeline, e->arena, NSC_TIMELINE_CALM, e->tsc_hz, error);
	if (!failed && e->lanes)
		failed = nsc_timeline_open(&e->capture_timeline, e->arena, NSC_TIMELINE_BUSY, e->tsc_hz, error);
	for (uint32_t i = 0; i < e->options.guests && !failed; i++)
		failed = nsc_timeline_open(&e->guest[i].timeline, e->arena, NSC_TIMELINE_CALM, e->tsc_hz, error);
	if (e->detectors)
		e->detectors->counters.timeline = e->publisher.timeline;
	if (e->dns)
		e->dns->counters.timeline = e->publisher.timeline;
	return failed;
}

/* Who rings whose doorbell. */
static void connect_core(struct nsc_engine *e, uint32_t i)
{
	struct nsc_core *core = &e->core[i];
	struct nsc_idle *worker = &core->worker->idle;

	if (e->lanes) {
		nsc_lanes_connect(e->lanes, i, worker);
		nsc_lanes_write_down(e->lanes, i, e->capture_timeline, core->timeline);
	}
	if (e->blocks)
		nsc_blocks_connect(e->blocks, i, worker, &core->worker->counters);
	nsc_channel_connect(core->snapshots,
			    &(struct nsc_channel_doorbells){ .sender = worker, .receiver = &e->publisher.idle });
	if (core->questions)
		nsc_channel_connect(core->questions->channel, &(struct nsc_channel_doorbells){ .receiver = worker });
	if (e->options.record_memory)
		nsc_channel_connect(core->records.channel,
				    &(struct nsc_channel_doorbells){ .sender = worker, .receiver = &e->writer.idle });
	e->publisher.snapshots[i] = core->snapshots;
	e->publisher.core[i] = i < e->options.n_cores ? e->options.cores[i] : -1;
	e->writer.records[i] = &core->records;
	e->writer.table[i] = core->table;
	if (core->dns) {
		nsc_channel_connect(core->dns_events, &(struct nsc_channel_doorbells){
							      .sender = worker, .receiver = &e->publisher.idle });
		e->dns->events[i] = core->dns_events;
	}
	if (!core->epochs)
		return;
	nsc_channel_connect(core->epochs,
			    &(struct nsc_channel_doorbells){ .sender = worker, .receiver = &e->publisher.idle });
	e->detectors->epochs[i] = core->epochs;
}

static void connect_detectors(struct nsc_engine *e)
{
	if (!e->detectors)
		return;
	nsc_channel_connect(e->alerts->channel, &(struct nsc_channel_doorbells){ .sender = &e->publisher.idle,
										 .receiver = &e->writer.idle });
	e->detectors->alerts = e->alerts;
	if (e->detectors->microbursts)
		e->detectors->microbursts->tick_ns = e->options.tick_ns;
	e->publisher.detectors = e->detectors;
	e->writer.alerts = e->alerts;
}

static void set_up_sources(struct nsc_engine *e)
{
	const struct nsc_engine_options *o = &e->options;

	e->n_sources = o->sources ? o->workers : 1;
	for (uint32_t i = 0; i < e->n_sources; i++)
		e->source[i] = o->sources ? o->sources[i] : o->rx;
}

static void set_up_sinks(struct nsc_engine *e)
{
	e->sinks.sink = e->sink;
	e->sinks.n = e->options.n_sinks;
	e->sinks.failure = &e->failure;
	e->sinks.live = e->source[0]->live;
	e->sinks.stop = e->options.ends_unread ? &e->stop : NULL;
	pthread_mutex_init(&e->sinks.mutex, NULL);
	for (uint32_t i = 0; i < e->sinks.n; i++) {
		e->sink[i] = e->options.sinks[i];
		e->sink[i]->counters = &e->sinks.counters;
	}
}

static void connect_tap(struct nsc_engine *e)
{
	for (uint32_t i = 0; i < e->n_sources && e->tap[i]; i++) {
		nsc_tap_connect(e->tap[i], &e->writer.idle);
		e->writer.tap[i] = e->tap[i];
		e->writer.taps++;
	}
	e->writer.merge = e->merge;
}

static void set_up_edges(struct nsc_engine *e)
{
	const struct nsc_engine_options *o = &e->options;

	e->publisher.views = &e->views;
	e->publisher.sinks = &e->sinks;
	e->publisher.source = e->source;
	e->publisher.n_sources = e->n_sources;
	e->publisher.capture = e->lanes ? nsc_lanes_counters(e->lanes) : NULL;
	e->publisher.merge = e->merge ? &e->merge->counters : NULL;
	e->publisher.profile = e->options.profile;
	e->publisher.control = &e->control;
	e->publisher.dns = e->dns;
	e->publisher.recorder = e->recorder;
	if (e->dns)
		e->dns->shown = o->questions;
	e->publisher.tick_ns = o->tick_ns;
	e->publisher.tsc_hz = e->tsc_hz;
	e->publisher.workers = o->workers;
	e->publisher.top_flows = o->top_flows;
	e->publisher.top_names = o->top_names;
	e->publisher.rtts = o->rtts && o->analyses & NSC_ANALYSIS_RTT;
	e->writer.sinks = &e->sinks;
	e->writer.workers = o->record_memory ? o->workers : 0;
	nsc_idle_init(&e->publisher.idle, NSC_POLL_BLOCK, e->crowded);
	nsc_idle_init(&e->writer.idle, NSC_POLL_BLOCK, e->crowded);
	nsc_idle_trust_doorbell(&e->publisher.idle);
	nsc_idle_trust_doorbell(&e->writer.idle);
}

static int open_parts(struct nsc_engine *e, struct nsc_error *error)
{
	struct nsc_flow_table_options table = nsc_budget_table(&e->options);
	int failed;

	nsc_budget_make(&e->budget, &e->options, &table);
	failed = nsc_budget_check(&e->budget, error);
	if (!failed)
		failed = nsc_arena_open(&e->arena, error);
	if (!failed)
		failed = nsc_views_open(&e->views, e->arena, e->options.workers, error);
	if (!failed && e->options.top_names)
		failed = nsc_name_sums_open(&e->publisher.names, e->arena, error);
	if (!failed && e->options.recorder.bytes)
		failed = nsc_recorder_open(&e->recorder, e->arena, error);
	if (!failed)
		failed = open_tap(e, error);
	if (!failed)
		failed = engine_open_detectors(e, error);
	if (!failed)
		failed = engine_open_dns(e, error);
	if (!failed)
		failed = engine_open_lanes(e, error);
	if (!failed)
		failed = engine_open_timelines(e, error);
	for (uint32_t i = 0; i < e->options.workers && !failed; i++)
		failed = nsc_core_open(e, i, &table, error);
	return failed;
}

static void init_threads(struct nsc_engine *e)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&e->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&e->mutex, NULL);
}

int nsc_engine_open(struct nsc_engine **engine, const struct nsc_engine_options *options, struct nsc_error *error)
{
	int failed = check_options(options, error);
	struct nsc_engine *e;

	if (failed)
		return failed;
	e = aligned_alloc(alignof(struct nsc_engine), sizeof(*e));
	if (!e)
		return nsc_fail(error, -ENOMEM, "no memory for an engine");
	memset(e, 0, sizeof(*e));
	e->options = *options;
	if (options->detect) {
		e->detect = *options->detect;
		e->options.detect = &e->detect;
	}
	e->tsc_hz = nsc_cycles_measure_hz();
	e->began = nsc_cycles_now();
	e->began_ns = nsc_clock_ns(CLOCK_REALTIME);
	e->crowded = threads_are_crowded(options);
	init_threads(e);
	set_up_sources(e);
	set_up_sinks(e);
	nsc_engine_reader_register();
	failed = open_parts(e, error);
	if (failed) {
		nsc_engine_close(e);
		return failed;
	}
	set_up_edges(e);
	for (uint32_t i = 0; i < options->workers; i++)
		connect_core(e, i);
	connect_tap(e);
	connect_detectors(e);
	*engine = e;
	return 0;
}

void nsc_engine_measure(const struct nsc_engine_options *options, struct nsc_engine_budget *budget)
{
	struct nsc_flow_table_options table = nsc_budget_table(options);

	memset(budget, 0, sizeof(*budget));
	nsc_budget_make(budget, options, &table);
}

void nsc_engine_budget(const struct nsc_engine *e, struct nsc_engine_budget *budget)
{
	*budget = e->budget;
}

struct nsc_recorder *nsc_engine_recorder(const struct nsc_engine *e)
{
	return e->recorder;
}

void nsc_engine_close(struct nsc_engine *e)
{
	if (!e)
		return;
	nsc_engine_stop(e);
	while (!nsc_engine_wait(e, 100))
		;
	for (uint32_t i = 0; i < e->options.workers; i++) {
		nsc_naming_close(e->core[i].naming);
		nsc_arena_close(e->core[i].arena);
	}
	nsc_arena_close(e->arena);
	nsc_engine_reader_leave();
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->mutex);
	free(e);
}
