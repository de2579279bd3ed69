/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "engine/base/timeline.h"
#include "engine/budget.h"
#include "engine/engine_parts.h"
#include "engine/rings/dns_events.h"

static int core_open_recorder(struct nsc_core *core, struct nsc_engine *e, struct nsc_error *error)
{
	const struct nsc_engine_options *o = &e->options;
	const struct nsc_cutoff_options first = {
		.bytes = o->recorder.cutoff,
		.timeout_ns = o->flow_timeout_ns,
		.decode = &o->decode,
	};
	struct nsc_cutoff *cutoff = NULL;
	int failed = nsc_recorder_ring_open(&core->recorder, e->recorder, &o->recorder, o->workers, e->source[0]->live,
					    core->arena, error);

	if (failed || !first.bytes)
		return failed;
	failed = nsc_cutoff_open(&cutoff, core->arena, &first, error);
	nsc_recorder_cut(core->recorder, cutoff);
	return failed;
}

/* The worker's ends of the rings. */
static int core_open_rings(struct nsc_core *core, struct nsc_engine *e, uint32_t index, struct nsc_error *error)
{
	const struct nsc_engine_options *o = &e->options;
	int failed = nsc_snapshots_open(&core->snapshots, core->arena, o->top_flows, o->top_names != 0, error);

	if (!failed && o->sample_every)
		failed = nsc_sampler_open(&core->sampler, core->arena, o->sample_every, o->sample_bytes, error);
	if (!failed && o->recorder.bytes)
		failed = core_open_recorder(core, e, error);
	if (!failed && o->questions)
		failed = nsc_questions_open(&core->questions, core->arena, error);
	if (!failed && o->record_memory)
		failed = nsc_records_open(&core->records, core->arena, index, o->record_memory / o->workers, error);
	return failed;
}

/* The hot half of the detectors; nothing when none is on. */
static int core_open_contacts(struct nsc_core *core, const struct nsc_detect_options *detect, struct nsc_error *error)
{
	uint32_t wanted = detect ? nsc_detect_contacts(detect) : 0;
	int failed = wanted ? nsc_epochs_open(&core->epochs, core->arena, error) : 0;

	if (failed || !wanted)
		return failed;
	return nsc_contacts_open(&core->contacts, core->arena, core->epochs, wanted, detect->seed, error);
}

static int core_open_dns(struct nsc_core *core, const struct nsc_engine_options *o, struct nsc_error *error)
{
	int failed = nsc_dns_events_open(&core->dns_events, core->arena, error);

	return failed ? failed
		      : nsc_dns_queries_open(&core->dns, core->arena, core->dns_events, &o->decode,
					     o->names == NSC_NAMES_FULL, error);
}

static struct nsc_rx *core_source(const struct nsc_engine *e, uint32_t i)
{
	if (e->lanes)
		return nsc_lanes_rx(e->lanes, i);
	return e->blocks ? nsc_blocks_rx(e->blocks, i) : e->source[i];
}

/* Whether each worker polls a source of its own: else packets come decoded, and whoever decodes remembers what matters
 * of those before. */
static bool core_polls(const struct nsc_engine *e)
{
	return !e->lanes && !e->blocks;
}

/* Whoever polls the source copies packets, and looks for a stop. */
static void core_init_worker(struct nsc_core *core, struct nsc_engine *e, uint32_t i)
{
	struct nsc_decode_options decode = e->options.decode;
	bool polls = core_polls(e);

	decode.fragments = core->fragments;
	decode.duplicates = core->duplicates;
	decode.mixed = core->mixed;
	nsc_worker_init(core->worker,
			&(struct nsc_worker_options){
				.number = i,
				.wall = e->source[0]->clock && !strcmp(e->source[0]->clock, "kernel"),
				.rx = core_source(e, i),
				.decode = &decode,
				.table = core->table,
				.snapshots = core->snapshots,
				.records = e->options.record_memory ? &core->records : NULL,
				.contacts = core->contacts,
				.dns = core->dns,
				.tap = polls ? e->tap[i] : NULL,
				.sampler = core->sampler,
				.recorder = core->recorder,
				.questions = core->questions,
				.trace = core->trace,
				.timeline = core->timeline,
				.tick_ns = e->options.tick_ns,
				.names_at = e->options.top_names ? nsc_snapshot_names_at(e->options.top_flows) : 0,
				.tsc_hz = e->tsc_hz,
				.poll = e->options.poll,
				.crowded = e->crowded,
				.drain = e->options.record_memory && nsc_sinks_want_remaining(&e->sinks),
				.stop = polls ? &e->stop : NULL,
			});
}

static int core_open_naming(struct nsc_core *core, const struct nsc_engine_options *o, struct nsc_error *error)
{
	const struct nsc_naming_options naming = nsc_budget_naming(o);

	return nsc_naming_open(&core->naming, &naming, core->arena, error);
}

static int core_open_table(struct nsc_core *core, const struct nsc_flow_table_options *table, struct nsc_error *error)
{
	struct nsc_flow_table_options own = *table;

	own.naming = core->naming;
	return nsc_flow_table_open(&core->table, &own, core->arena, error);
}

int nsc_core_open(struct nsc_engine *e, uint32_t index, const struct nsc_flow_table_options *table,
		  struct nsc_error *error)
{
	struct nsc_core *core = &e->core[index];
	int failed = nsc_arena_open(&core->arena, error);

	if (failed)
		return failed;
	if (e->options.nodes && index < e->options.n_cores && e->options.nodes[index] >= 0)
		nsc_arena_bind(core->arena, e->options.nodes[index]);
	core->worker = nsc_arena_alloc(core->arena, sizeof(*core->worker));
	if (!core->worker)
		return nsc_fail(error, -ENOMEM, "no memory for worker %u", index);
	if (e->options.timeline)
		failed = nsc_timeline_open(&core->timeline, core->arena, NSC_TIMELINE_BUSY, e->tsc_hz, error);
	if (!failed)
		failed = core_open_rings(core, e, index, error);
	if (!failed && table->names)
		failed = core_open_naming(core, &e->options, error);
	if (!failed)
		failed = core_open_table(core, table, error);
	if (!failed && e->options.join_fragments && core_polls(e))
		failed = nsc_fragments_open(&core->fragments, core->arena, error);
	if (!failed && e->options.dedup_ns && core_polls(e))
		failed = nsc_duplicates_open(&core->duplicates, e->options.dedup_ns, core->arena, error);
	if (!failed && e->options.watch_tenants && core_polls(e))
		failed = nsc_mixed_open(&core->mixed, core->arena, error);
	if (!failed)
		failed = core_open_contacts(core, e->options.detect, error);
	if (!failed && nsc_budget_wants_dns(&e->options))
		failed = core_open_dns(core, &e->options, error);
	if (!failed && e->options.trace.count)
		failed = nsc_trace_open(&core->trace, &e->options.trace, core->arena, error);
	if (!failed)
		core_init_worker(core, e, index);
	return failed;
}
