/* SPDX-License-Identifier: MIT
 *
 * The sums behind the printed line: each part says what it takes, and nothing is taken that is not in here.
 */
#include "engine/budget.h"

#include <errno.h>
#include <inttypes.h>

#include "engine/base/memory.h"
#include "engine/base/timeline.h"
#include "engine/base/trace.h"
#include "engine/control/sinks.h"
#include "engine/control/view.h"
#include "engine/decode/duplicates.h"
#include "engine/decode/fragments.h"
#include "engine/decode/tenant.h"
#include "engine/detect/contacts.h"
#include "engine/detect/detectors.h"
#include "engine/dns/queries.h"
#include "engine/dns/totals.h"
#include "engine/rings/alerts.h"
#include "engine/rings/blocks.h"
#include "engine/rings/dns_events.h"
#include "engine/rings/epochs.h"
#include "engine/rings/lane.h"
#include "engine/rings/questions.h"
#include "engine/rings/recorder.h"
#include "engine/rings/records.h"
#include "engine/rings/sampler.h"
#include "engine/rings/snapshots.h"
#include "engine/rings/tap.h"

#define FLOWS_PER_TABLE_MAX (1ull << 31)
#define FLOWS_AT_LEAST (1u << 20) /* of a table that grows */
#define NAMING_BLOCKS 512u        /* streams of each worker whose beginning is incomplete; more for files */
#define HELLO_NS 20000u           /* live, a hello for so much of a tick: some tenth of the time */

static uint64_t budget_flows_from_memory(struct nsc_flow_table_options table)
{
	const struct nsc_memory_room *room = nsc_memory_first_look();

	table.max_flows = FLOWS_AT_LEAST;
	if (room->bytes == UINT64_MAX)
		return table.max_flows;
	return NSC_MAX((uint64_t)((double)room->bytes / 2 / nsc_flow_table_bytes_per_flow(&table)), table.max_flows);
}

static const struct nsc_rx *budget_source(const struct nsc_engine_options *o)
{
	return o->sources ? o->sources[0] : o->rx;
}

struct nsc_flow_table_options nsc_budget_table(const struct nsc_engine_options *o)
{
	struct nsc_flow_table_options table = {
		.decap = o->decode.decap,
		.key = o->decode.key,
		.grow = !o->max_flows,
		.ahead = !budget_source(o)->live,
		.timeout_ns = o->flow_timeout_ns,
		.active_ns = o->active_timeout_ns,
		.tick_ns = o->tick_ns,
		.top_flows = o->top_flows,
		.analyses = o->analyses,
		.rtts = o->rtts,
		.openers = o->detect && !nsc_detect_needs_answers(o->detect),
		.unanswered = o->detect && nsc_detect_needs_answers(o->detect),
		.names = o->names != NSC_NAMES_OFF,
		.recent = o->questions,
		.ended_kept = o->questions ? (o->ended_flows + o->workers - 1) / o->workers : 0,
		.top_names = o->top_names != 0,
		.seed = o->decode.seed,
	};
	uint64_t flows = o->max_flows ? o->max_flows : o->flow_reserve;

	if (!flows)
		flows = budget_flows_from_memory(table);
	table.max_flows = NSC_MIN(flows / o->workers + (flows % o->workers != 0), FLOWS_PER_TABLE_MAX);
	return table;
}

struct nsc_naming_options nsc_budget_naming(const struct nsc_engine_options *o)
{
	const struct nsc_sinks sinks = { .sink = o->sinks, .n = o->n_sinks };
	const struct nsc_rx *source = budget_source(o);

	return (struct nsc_naming_options){
		.names = o->names,
		.memory = o->name_memory / o->workers,
		.blocks = NAMING_BLOCKS,
		.block_memory = source->live ? 0 : o->name_memory / o->workers / 2,
		.hellos_a_tick = source->live ? (uint32_t)NSC_MIN(o->tick_ns / HELLO_NS + 1, UINT32_MAX) : 0,
		.keep = nsc_sinks_want_remaining(&sinks),
	};
}

static uint64_t budget_names(const struct nsc_engine_options *o)
{
	struct nsc_naming_options naming = nsc_budget_naming(o);

	return o->names ? nsc_naming_bytes(&naming) * o->workers : 0;
}

static uint64_t budget_dns(const struct nsc_engine_options *o)
{
	if (!nsc_budget_wants_dns(o))
		return 0;
	return nsc_dns_totals_bytes(o->names == NSC_NAMES_FULL) +
	       o->workers * (nsc_dns_queries_bytes() + NSC_DNS_CHUNKS_BYTES);
}

/* Nothing when no detector is on. */
static uint64_t budget_detect(const struct nsc_engine_options *o)
{
	uint32_t contacts = o->detect ? nsc_detect_contacts(o->detect) : 0;

	if (!contacts)
		return 0;
	return nsc_detectors_bytes(o->detect) + NSC_ALERT_RING_BYTES +
	       o->workers * (nsc_contacts_bytes(contacts) + NSC_EPOCHS_BYTES);
}

static uint64_t budget_taps(const struct nsc_engine_options *o)
{
	const struct nsc_sinks sinks = { .sink = o->sinks, .n = o->n_sinks };
	const struct nsc_rx *source = budget_source(o);
	uint32_t packet_bytes = nsc_sinks_packet_bytes(&sinks);

	uint32_t taps = packet_bytes ? (o->sources ? o->workers : 1) : 0;

	return taps ? nsc_tap_memory(packet_bytes, taps, source->live) +
			       (o->packet_cutoff ? taps * nsc_cutoff_memory() : 0)
		    : 0;
}

static uint64_t budget_dashboard(const struct nsc_engine_options *o)
{
	return (o->sample_every ? nsc_sampler_memory(o->sample_bytes) * o->workers : 0) +
	       (o->questions ? sizeof(struct nsc_flow_question) * o->workers : 0) +
	       nsc_trace_bytes(&o->trace) * (o->workers + o->lanes);
}

/* Of workers and capture, and of control, publisher, writer and guests. */
static uint64_t budget_timelines(const struct nsc_engine_options *o)
{
	return o->timeline ? (o->workers + o->lanes) * nsc_timeline_bytes(NSC_TIMELINE_BUSY) +
				     (3 + o->guests) * nsc_timeline_bytes(NSC_TIMELINE_CALM)
			   : 0;
}

void nsc_budget_make(struct nsc_engine_budget *b, const struct nsc_engine_options *o,
		     const struct nsc_flow_table_options *table)
{
	b->flow_tables = nsc_flow_table_bytes(table) * o->workers;
	b->flow_bytes_each = (uint64_t)(nsc_flow_table_bytes_per_flow(table) + 0.5);
	b->flow_limit = table->max_flows * o->workers;
	b->outstanding_limit = nsc_flow_table_outstanding(table) * o->workers;
	b->lanes = (o->lanes ? nsc_lanes_bytes(o->workers, o->lane_packets) : 0) +
		   (o->readers ? nsc_blocks_bytes(o->workers) : 0);
	b->entry = ((o->join_fragments ? nsc_fragments_bytes() : 0) + (o->dedup_ns ? nsc_duplicates_bytes() : 0) +
		    (o->watch_tenants ? nsc_mixed_bytes() : 0)) *
		   (o->sources ? o->workers : 1);
	b->records = o->record_memory ? nsc_records_bytes(o->record_memory / o->workers) * o->workers : 0;
	b->snapshots = nsc_snapshots_bytes(o->top_flows, o->top_names != 0) * o->workers +
		       (o->top_names ? nsc_name_sums_bytes() : 0) + NSC_VIEWS * (uint64_t)nsc_view_bytes(o->workers);
	b->names = budget_names(o) + budget_dns(o);
	b->taps = budget_taps(o);
	b->detect = budget_detect(o);
	b->dashboard = budget_dashboard(o);
	b->timelines = budget_timelines(o);
	b->recorder = nsc_recorder_bytes(&o->recorder, o->workers);
	b->edges = o->edge_memory;
	b->total = b->flow_tables + b->names + b->lanes + b->entry + b->records + b->snapshots + b->taps + b->detect +
		   b->dashboard + b->timelines + b->recorder;
}

int nsc_budget_check(const struct nsc_engine_budget *b, struct nsc_error *error)
{
	const struct nsc_memory_room *room = nsc_memory_first_look();

	if (b->total + b->edges <= room->bytes)
		return 0;
	return nsc_fail(error, -ENOMEM,
			"the run needs %" PRIu64 " MiB (flow tables %" PRIu64 ", names %" PRIu64 ", lanes %" PRIu64
			", records %" PRIu64 ", snapshots %" PRIu64 ", detectors %" PRIu64 ", recorder %" PRIu64
			", source and outputs %" PRIu64 "), but %.255s leaves %" PRIu64 " MiB",
			(b->total + b->edges) >> 20, b->flow_tables >> 20, b->names >> 20, b->lanes >> 20,
			b->records >> 20, b->snapshots >> 20, b->detect >> 20, b->recorder >> 20, b->edges >> 20,
			room->where, room->bytes >> 20);
}
