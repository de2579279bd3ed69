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
#include "engine/engine_parts.h"

#define FLOWS_PER_TABLE_MAX (1ull << 31)
#define TICK_MIN_NS 1000000ull

/* --- how much --------------------------------------------------------------------------------- */

/* MemAvailable in bytes; UINT64_MAX when the kernel does not tell. */
static uint64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kilobytes = UINT64_MAX;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kilobytes) == 1)
			break;
	if (file)
		fclose(file);
	return kilobytes > UINT64_MAX / 1024 ? UINT64_MAX : kilobytes * 1024;
}

/* Without a cap the address space is laid out for as many flows as half of the memory holds. */
static uint64_t flows_from_memory(struct nsc_flow_table_options table)
{
	uint64_t memory = memory_available();

	table.max_flows = 1u << 20;
	if (memory == UINT64_MAX)
		return table.max_flows;
	return NSC_MAX((uint64_t)((double)(memory / 2) / nsc_flow_table_bytes_per_flow(&table)), table.max_flows);
}

static struct nsc_flow_table_options table_options(const struct nsc_engine_options *o)
{
	struct nsc_flow_table_options table = {
		.grow = !o->max_flows,
		.timeout_ns = o->flow_timeout_ns,
		.tick_ns = o->tick_ns,
		.top_flows = o->top_flows,
		.analyses = o->analyses,
		.seed = o->decode.seed,
	};
	uint64_t flows = o->max_flows ? o->max_flows : o->flow_reserve ? o->flow_reserve : flows_from_memory(table);

	table.max_flows = NSC_MIN(flows / o->workers + (flows % o->workers != 0), FLOWS_PER_TABLE_MAX);
	return table;
}

/* Nothing when no detector is on. */
static uint64_t detect_bytes(const struct nsc_engine_options *o)
{
	uint32_t contacts = o->detect ? nsc_detect_contacts(o->detect) : 0;

	if (!contacts)
		return 0;
	return nsc_detectors_bytes(o->detect) + nsc_alert_queue_bytes() +
	       o->workers * (nsc_contacts_bytes(contacts) + nsc_epochs_bytes());
}

static uint64_t tap_memory(const struct nsc_engine_options *o, uint32_t packet_bytes)
{
	const struct nsc_rx *source = o->sources ? o->sources[0] : o->rx;

	return nsc_tap_memory(packet_bytes, o->sources ? o->workers : 1, source->live);
}

static void make_budget(struct nsc_engine_budget *b, const struct nsc_engine_options *o,
			const struct nsc_flow_table_options *table)
{
	const struct nsc_sinks sinks = { .sink = o->sinks, .n = o->n_sinks };
	uint32_t packet_bytes = nsc_sinks_packet_bytes(&sinks);

	b->flow_tables = nsc_flow_table_bytes(table) * o->workers;
	b->flow_bytes_each = (uint64_t)(nsc_flow_table_bytes_per_flow(table) + 0.5);
	b->flow_limit = table->max_flows * o->workers;
	b->lanes = o->lanes ? nsc_lanes_bytes(o->workers, o->lane_packets) : 0;
	b->records = o->record_memory ? nsc_records_bytes(o->record_memory / o->workers) * o->workers : 0;
	b->snapshots = nsc_mailbox_bytes(o->top_flows) * o->workers + NSC_VIEWS * (uint64_t)nsc_view_bytes(o->workers);
	b->taps = packet_bytes ? tap_memory(o, packet_bytes) : 0;
	b->detect = detect_bytes(o);
	if (o->sample_every)
		b->dashboard = nsc_sampler_memory(o->sample_bytes) * o->workers;
	if (o->questions)
		b->dashboard += nsc_questions_bytes() * o->workers;
	b->total = b->flow_tables + b->lanes + b->records + b->snapshots + b->taps + b->detect + b->dashboard;
}

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
	if (!o->lanes && !o->sources && o->workers != 1)
		return nsc_fail(error, -EINVAL, "%u workers behind one source need lanes", o->workers);
	if (o->lanes && o->lane_packets < NSC_BURST_MAX)
		return nsc_fail(error, -EINVAL, "a lane holds at least %u packets, not %u", NSC_BURST_MAX,
				o->lane_packets);
	if (o->tick_ns < TICK_MIN_NS)
		return nsc_fail(error, -EINVAL, "a tick lasts at least 1 ms, not %" PRIu64 " ns", o->tick_ns);
	if (o->top_flows > NSC_TOP_MAX)
		return nsc_fail(error, -EINVAL, "at most %u top flows, not %u", NSC_TOP_MAX, o->top_flows);
	if (o->n_sinks > NSC_SINKS_MAX)
		return nsc_fail(error, -EINVAL, "at most %u sinks, not %u", NSC_SINKS_MAX, o->n_sinks);
	return 0;
}

static int check_memory(const struct nsc_engine_budget *b, struct nsc_error *error)
{
	uint64_t available = memory_available();

	if (b->total <= available)
		return 0;
	return nsc_fail(error, -ENOMEM,
			"the memory set aside would be %" PRIu64 " MiB (flow tables %" PRIu64 ", lanes %" PRIu64
			", records %" PRIu64 ", snapshots %" PRIu64 ", detectors %" PRIu64 "), but %" PRIu64
			" MiB are available",
			b->total >> 20, b->flow_tables >> 20, b->lanes >> 20, b->records >> 20, b->snapshots >> 20,
			b->detect >> 20, available >> 20);
}

/* --- parts ------------------------------------------------------------------------------------ */

static int open_tap(struct nsc_engine *e, struct nsc_error *error)
{
	uint32_t bytes = nsc_sinks_packet_bytes(&e->sinks);
	int failed = 0;

	for (uint32_t i = 0; i < e->n_sources && bytes && !failed; i++)
		failed = nsc_tap_open(&e->tap[i], e->arena, bytes, e->n_sources, e->source[0]->live, error);
	if (!failed && bytes && e->n_sources > 1)
		failed = nsc_tap_merge_open(&e->merge, e->arena, e->tap, e->n_sources, error);
	return failed;
}

/* The publisher's half. */
static int open_detectors(struct nsc_engine *e, struct nsc_error *error)
{
	int failed;

	if (!e->budget.detect)
		return 0;
	e->alerts = nsc_arena_alloc(e->arena, sizeof(*e->alerts));
	if (!e->alerts)
		return nsc_fail(error, -ENOMEM, "no memory for alerts");
	e->alerts->live = e->source[0]->live;
	failed = nsc_alert_queue_open(e->alerts, e->arena, error);
	return failed ? failed : nsc_detectors_open(&e->detectors, e->arena, &e->detect, e->options.workers, error);
}

/* A worker's half, and the way from it. */
static int open_contacts(struct nsc_engine *e, uint32_t i, struct nsc_error *error)
{
	struct nsc_contacts_options options = { .seed = { e->detect.seed[0], e->detect.seed[1] } };
	int failed;

	if (!e->detectors)
		return 0;
	options.wanted = nsc_detect_contacts(&e->detect);
	options.epochs = e->epochs[i] = nsc_arena_alloc(e->worker_arena[i], sizeof(*e->epochs[i]));
	if (!e->epochs[i])
		return nsc_fail(error, -ENOMEM, "no memory for the epochs of worker %u", i);
	failed = nsc_epochs_open(e->epochs[i], e->worker_arena[i], error);
	return failed ? failed : nsc_contacts_open(&e->contacts[i], e->worker_arena[i], &options, error);
}

static int open_lanes(struct nsc_engine *e, struct nsc_error *error)
{
	struct nsc_lanes_options lanes = {
		.source = e->source[0],
		.decode = &e->options.decode,
		.lanes = e->options.workers,
		.lane_packets = e->options.lane_packets,
		.tick_ns = e->options.tick_ns,
		.epoch_ns = e->detectors ? NSC_EPOCH_NS : 0,
		.poll = e->options.poll,
		.crowded = e->crowded,
		.tap = e->tap[0],
		.stop = &e->stop,
	};

	return e->options.lanes ? nsc_lanes_open(&e->lanes, &lanes, e->arena, error) : 0;
}

static int open_records(struct nsc_engine *e, uint32_t i, struct nsc_error *error)
{
	if (!e->options.record_memory)
		return 0;
	return nsc_records_open(&e->records[i], e->worker_arena[i], i, e->options.record_memory / e->options.workers,
				error);
}

static int open_for_dashboard(struct nsc_engine *e, uint32_t i, struct nsc_error *error)
{
	const struct nsc_engine_options *o = &e->options;
	int failed = 0;

	if (o->sample_every)
		failed = nsc_sampler_open(&e->sampler[i], e->worker_arena[i], o->sample_every, o->sample_bytes, error);
	if (!failed && o->questions)
		failed = nsc_questions_open(&e->questions[i], e->worker_arena[i], error);
	return failed;
}

static int open_memory(struct nsc_engine *e, uint32_t i, struct nsc_error *error)
{
	int failed = nsc_arena_open(&e->worker_arena[i], error);

	if (failed)
		return failed;
	e->worker[i] = nsc_arena_alloc(e->worker_arena[i], sizeof(*e->worker[i]));
	if (!e->worker[i])
		return nsc_fail(error, -ENOMEM, "no memory for worker %u", i);
	failed = nsc_mailbox_open(&e->mailbox[i], e->worker_arena[i], e->options.top_flows, error);
	if (!failed)
		failed = open_for_dashboard(e, i, error);
	return failed ? failed : open_records(e, i, error);
}

static int open_worker(struct nsc_engine *e, uint32_t i, const struct nsc_flow_table_options *table,
		       struct nsc_error *error)
{
	int failed = open_memory(e, i, error);

	if (!failed)
		failed = nsc_flow_table_open(&e->table[i], table, e->worker_arena[i], error);
	if (!failed)
		failed = open_contacts(e, i, error);
	if (failed)
		return failed;
	nsc_worker_init(e->worker[i], &(struct nsc_worker_options){
					      .rx = e->lanes ? nsc_lanes_rx(e->lanes, i) : e->source[i],
					      .decode = &e->options.decode,
					      .table = e->table[i],
					      .mailbox = &e->mailbox[i],
					      .records = e->options.record_memory ? &e->records[i] : NULL,
					      .contacts = e->contacts[i],
					      .tap = e->lanes ? NULL : e->tap[i],
					      .sampler = e->sampler[i],
					      .questions = e->questions[i],
					      .tick_ns = e->options.tick_ns,
					      .tsc_hz = e->tsc_hz,
					      .poll = e->options.poll,
					      .crowded = e->crowded,
					      .drain = e->options.record_memory && nsc_sinks_want_remaining(&e->sinks),
					      .stop = e->lanes ? NULL : &e->stop,
				      });
	/* Live, the capture thread rings before it goes to sleep itself; offline a worker is never idle for long. */
	if (e->lanes && e->source[0]->live)
		nsc_idle_trust_bell_mostly(&e->worker[i]->idle);
	return 0;
}

/* Who rings whose bell. */
static void connect_worker(struct nsc_engine *e, uint32_t i)
{
	if (e->lanes)
		nsc_lanes_bell(e->lanes, i, &e->worker[i]->idle);
	if (e->lanes &&
	    e->source[0]->live) /* every burst rings then; offline only the one that fills a lane by a quarter */
		nsc_idle_trust_bell(&e->worker[i]->idle);
	e->mailbox[i].worker = e->records[i].worker = &e->worker[i]->idle;
	e->mailbox[i].publisher = &e->publisher.idle;
	if (e->questions[i])
		e->questions[i]->worker = &e->worker[i]->idle;
	e->records[i].writer = &e->writer.idle;
	e->publisher.mailbox[i] = &e->mailbox[i];
	e->publisher.core[i] = i < e->options.n_cores ? e->options.cores[i] : -1;
	e->writer.records[i] = &e->records[i];
	e->writer.table[i] = e->table[i];
	if (!e->detectors)
		return;
	e->epochs[i]->worker = &e->worker[i]->idle;
	e->epochs[i]->publisher = &e->publisher.idle;
	e->epochs[i]->waiting = &e->detectors->waiting;
	e->detectors->epochs[i] = e->epochs[i];
}

static void connect_detectors(struct nsc_engine *e)
{
	if (!e->detectors)
		return;
	e->alerts->publisher = &e->publisher.idle;
	e->alerts->writer = &e->writer.idle;
	e->detectors->queue = e->alerts;
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
	for (uint32_t i = 0; i < e->sinks.n; i++)
		e->sink[i] = e->options.sinks[i];
}

static void connect_tap(struct nsc_engine *e)
{
	for (uint32_t i = 0; i < e->n_sources && e->tap[i]; i++) {
		e->tap[i]->writer = &e->writer.idle;
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
	e->publisher.tick_ns = o->tick_ns;
	e->publisher.tsc_hz = e->tsc_hz;
	e->publisher.workers = o->workers;
	e->publisher.top_flows = o->top_flows;
	e->writer.sinks = &e->sinks;
	e->writer.workers = o->record_memory ? o->workers : 0;
	nsc_idle_init(&e->publisher.idle, NSC_POLL_BLOCK, e->crowded);
	nsc_idle_init(&e->writer.idle, NSC_POLL_BLOCK, e->crowded);
	nsc_idle_trust_bell(&e->publisher.idle);
	nsc_idle_trust_bell(&e->writer.idle);
}

static int open_parts(struct nsc_engine *e, struct nsc_error *error)
{
	struct nsc_flow_table_options table = table_options(&e->options);
	int failed;

	make_budget(&e->budget, &e->options, &table);
	failed = check_memory(&e->budget, error);
	if (!failed)
		failed = nsc_arena_open(&e->arena, error);
	if (!failed)
		failed = nsc_views_open(&e->views, e->arena, e->options.workers, error);
	if (!failed)
		failed = open_tap(e, error);
	if (!failed)
		failed = open_detectors(e, error);
	if (!failed)
		failed = open_lanes(e, error);
	for (uint32_t i = 0; i < e->options.workers && !failed; i++)
		failed = open_worker(e, i, &table, error);
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
	e->crowded = threads_are_crowded(options);
	init_threads(e);
	set_up_sources(e);
	set_up_sinks(e);
	nsc_views_reader_register();
	failed = open_parts(e, error);
	if (failed) {
		nsc_engine_close(e);
		return failed;
	}
	set_up_edges(e);
	for (uint32_t i = 0; i < options->workers; i++)
		connect_worker(e, i);
	connect_tap(e);
	connect_detectors(e);
	*engine = e;
	return 0;
}

void nsc_engine_measure(const struct nsc_engine_options *options, struct nsc_engine_budget *budget)
{
	struct nsc_flow_table_options table = table_options(options);

	memset(budget, 0, sizeof(*budget));
	make_budget(budget, options, &table);
}

void nsc_engine_budget(const struct nsc_engine *e, struct nsc_engine_budget *budget)
{
	*budget = e->budget;
}

void nsc_engine_close(struct nsc_engine *e)
{
	if (!e)
		return;
	nsc_engine_stop(e);
	while (!nsc_engine_wait(e, 100))
		;
	for (uint32_t i = 0; i < e->options.workers; i++)
		nsc_arena_close(e->worker_arena[i]);
	nsc_arena_close(e->arena);
	nsc_views_reader_leave();
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->mutex);
	free(e);
}
