/* SPDX-License-Identifier: MIT
 *
 * Lays out one core.
 */
#include "engine/core.h"

#include <errno.h>

#include "engine/detect/detectors.h"

static int core_open_queries(struct nsc_core *core, const struct nsc_engine_options *o, struct nsc_error *error)
{
	int failed = 0;

	if (o->sample_every)
		failed = nsc_sampler_open(&core->sampler, core->arena, o->sample_every, o->sample_bytes, error);
	if (!failed && o->questions)
		failed = nsc_questions_open(&core->questions, core->arena, error);
	return failed;
}

/* The worker's ends of the rings. */
static int core_open_rings(struct nsc_core *core, const struct nsc_engine_options *o, uint32_t index,
			   struct nsc_error *error)
{
	int failed = nsc_snapshots_open(&core->snapshots, core->arena, o->top_flows, error);

	if (!failed)
		failed = core_open_queries(core, o, error);
	if (!failed && o->record_memory)
		failed = nsc_records_open(&core->records, core->arena, index, o->record_memory / o->workers, error);
	return failed;
}

/* The hot half of the detectors; nothing when none is on. */
static int core_open_contacts(struct nsc_core *core, const struct nsc_detect_options *detect, struct nsc_error *error)
{
	struct nsc_contacts_options options = { .wanted = detect ? nsc_detect_contacts(detect) : 0 };
	int failed;

	if (!options.wanted)
		return 0;
	options.seed[0] = detect->seed[0];
	options.seed[1] = detect->seed[1];
	failed = nsc_epochs_open(&core->epochs, core->arena, error);
	options.epochs = core->epochs;
	return failed ? failed : nsc_contacts_open(&core->contacts, core->arena, &options, error);
}

static void core_init_worker(struct nsc_core *core, const struct nsc_core_options *o)
{
	nsc_worker_init(core->worker, &(struct nsc_worker_options){
					      .rx = o->rx,
					      .decode = &o->engine->decode,
					      .table = core->table,
					      .snapshots = core->snapshots,
					      .records = o->engine->record_memory ? &core->records : NULL,
					      .contacts = core->contacts,
					      .tap = o->tap,
					      .sampler = core->sampler,
					      .questions = core->questions,
					      .tick_ns = o->engine->tick_ns,
					      .tsc_hz = o->tsc_hz,
					      .poll = o->engine->poll,
					      .crowded = o->crowded,
					      .drain = o->drain,
					      .stop = o->stop,
				      });
}

int nsc_core_open(struct nsc_core *core, const struct nsc_core_options *o, struct nsc_error *error)
{
	int failed = nsc_arena_open(&core->arena, error);

	if (failed)
		return failed;
	core->worker = nsc_arena_alloc(core->arena, sizeof(*core->worker));
	if (!core->worker)
		return nsc_fail(error, -ENOMEM, "no memory for worker %u", o->index);
	failed = core_open_rings(core, o->engine, o->index, error);
	if (!failed)
		failed = nsc_flow_table_open(&core->table, o->table, core->arena, error);
	if (!failed)
		failed = core_open_contacts(core, o->engine->detect, error);
	if (!failed)
		core_init_worker(core, o);
	return failed;
}

bool nsc_core_prepare(struct nsc_core *core, bool records)
{
	bool grew = nsc_flow_table_prepare(core->table);

	return (records && nsc_records_prepare(&core->records)) | grew;
}

void nsc_core_close(struct nsc_core *core)
{
	nsc_arena_close(core->arena);
}
