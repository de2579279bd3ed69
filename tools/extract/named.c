/* SPDX-License-Identifier: MIT */
#include "tools/extract/named.h"

#include "engine/names/quic.h"
#include "netscope/clock.h"
#include "netscope/out.h"
#include "tools/netscope/options.h"
#include "tools/netscope/signals.h"
#include "tools/netscope/source.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { NAME_MEMORY = 128 << 20, RECORD_MEMORY = 64 << 20, WAIT_MS = 50, FLOWS_AT_ONCE = 4096 };

/* --- the list --------------------------------------------------------------------------------- */

static int ends_compare(const struct nsc_conversation *x, const struct nsc_conversation *y)
{
	int order = (int)x->ip_version - (int)y->ip_version;

	if (!order)
		order = memcmp(x->address, y->address, sizeof(x->address));
	if (order)
		return order;
	order = memcmp(x->port, y->port, sizeof(x->port));
	return order ? order : (int)x->proto - (int)y->proto;
}

static int named_compare(const void *x, const void *y)
{
	const struct nsc_named_flow *a = x, *b = y;
	int order = ends_compare(&a->of, &b->of);

	if (order)
		return order;
	return a->from_ns == b->from_ns ? 0 : a->from_ns < b->from_ns ? -1 : 1;
}

/* In order, and those of the same ends apart in time. */
static void named_flows_settle(struct nsc_named_flows *flows)
{
	uint32_t n = 0;

	if (flows->n)
		qsort(flows->flow, flows->n, sizeof(*flows->flow), named_compare);
	for (uint32_t i = 0; i < flows->n; i++) {
		struct nsc_named_flow *before = n ? &flows->flow[n - 1] : NULL, *flow = &flows->flow[i];

		if (before && !ends_compare(&before->of, &flow->of) && flow->from_ns <= before->to_ns)
			before->to_ns = NSC_MAX(before->to_ns, flow->to_ns);
		else
			flows->flow[n++] = *flow;
	}
	flows->n = n;
}

static int named_flows_add(struct nsc_named_flows *flows, const struct nsc_flow_record *record)
{
	struct nsc_named_flow flow = {
		.of = { .ip_version = record->ip_version,
			.proto = record->proto,
			.has_ports = true,
			.port = { record->port_a, record->port_b } },
		.from_ns = record->first_seen_ns,
		.to_ns = record->last_seen_ns,
	};

	if (flows->n == flows->room) {
		uint32_t room = flows->room + FLOWS_AT_ONCE + flows->room / 2;
		struct nsc_named_flow *more = realloc(flows->flow, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		flows->flow = more;
		flows->room = room;
	}
	if (flows->n == NSC_NAMED_FLOWS_MAX)
		return -E2BIG;
	memcpy(flow.of.address[0], record->addr_a, 16);
	memcpy(flow.of.address[1], record->addr_b, 16);
	nsc_conversation_order(&flow.of);
	flows->flow[flows->n++] = flow;
	return 0;
}

bool nsc_named_flows_hold(const struct nsc_named_flows *flows, const struct nsc_conversation *conversation,
			  uint64_t ts_ns)
{
	const struct nsc_named_flow wanted = { .of = *conversation, .from_ns = ts_ns };
	uint32_t low = 0, high = flows->n; /* before high, the last one that begins no later is low - 1 */

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (named_compare(&flows->flow[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && !ends_compare(&flows->flow[low - 1].of, conversation) && ts_ns <= flows->flow[low - 1].to_ns;
}

void nsc_named_flows_free(struct nsc_named_flows *flows)
{
	free(flows->flow);
	*flows = (struct nsc_named_flows){ 0 };
}

/* --- names ------------------------------------------------------------------------------------ */

bool nsc_name_ends(const char *name, size_t length, const char *suffix)
{
	size_t n = strlen(suffix);

	if (!n || n > length || strncasecmp(name + length - n, suffix, n))
		return false;
	return n == length || suffix[0] == '.' || name[length - n - 1] == '.';
}

/* The sink of the run. Thread: writer; control reads it when the run has ended. */
struct named_sink {
	struct nsc_sink sink;
	const char *suffix;
	struct nsc_named_flows *flows;
	int status;
};

static int named_take(struct named_sink *sink, const struct nsc_flow_record *record, uint32_t n,
		      struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < n && !status; i++) {
		struct nsc_named named;

		nsc_flow_named(&record[i], &named);
		if (nsc_name_ends(named.name, named.name_length, sink->suffix))
			status = named_flows_add(sink->flows, &record[i]);
	}
	if (status == -E2BIG)
		nsc_fail(error, 0,
			 "more than %d flows have a name that ends so: choose a longer --name, or fewer files",
			 NSC_NAMED_FLOWS_MAX);
	else if (status)
		nsc_fail(error, 0, "no memory for the flows whose name ends so");
	return sink->status = status;
}

static int named_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			 struct nsc_error *error)
{
	return named_take((struct named_sink *)sink, chunk->record, chunk->n, error);
}

static int named_remaining(struct nsc_sink *sink, uint32_t worker, const struct nsc_flow_record *record, uint32_t n,
			   struct nsc_error *error)
{
	return named_take((struct named_sink *)sink, record, n, error);
}

static const struct nsc_sink_ops named_ops = {
	.name = "names",
	.records = named_records,
	.remaining = named_remaining,
};

/* --- the run ---------------------------------------------------------------------------------- */

static void named_wait(struct nsc_engine *engine, const struct nsc_settings *settings, uint64_t bytes)
{
	struct nsc_progress *progress = settings->progress ? nsc_progress_open(STDERR_FILENO, bytes) : NULL;
	struct nsc_counters totals;

	nsc_signals_watch(engine);
	while (!nsc_engine_wait(engine, WAIT_MS)) {
		nsc_engine_totals(engine, &totals);
		nsc_progress_update(progress, &totals, nsc_monotonic_ns());
	}
	nsc_signals_watch(NULL);
	nsc_progress_close(progress);
}

static int named_run(struct nsc_engine *engine, const struct nsc_settings *settings, uint64_t bytes, bool *began,
		     struct nsc_error *error)
{
	int status;

	nsc_signals_block(true);
	status = nsc_engine_start(engine, error);
	nsc_signals_block(false);
	*began = !status;
	if (status)
		return status;
	named_wait(engine, settings, bytes);
	return nsc_engine_status(engine, error);
}

/* As -r finds flows and names, but for the analyses. A table that nobody has bounded grows. */
static struct nsc_engine_options named_options(const struct nsc_settings *settings, struct nsc_rx *rx)
{
	bool bounded = nsc_settings_origin(settings, "max-flows") != NSC_ORIGIN_DEFAULT;

	return (struct nsc_engine_options){
		.rx = rx,
		.workers = 1,
		.poll = NSC_POLL_BLOCK,
		.decode = nsc_conversation_decode(settings->decap),
		.join_fragments = true,
		.max_flows = bounded ? settings->max_flows : 0,
		.flow_timeout_ns = (uint64_t)ceil(settings->flow_timeout_s * 1e9),
		.tick_ns = NSC_NS_PER_SEC,
		.names = NSC_NAMES_FULL,
		.name_memory = settings->names_memory_mb ? settings->names_memory_mb << 20 : NAME_MEMORY,
		.record_memory = RECORD_MEMORY,
	};
}

int nsc_named_flows_find(struct nsc_named_flows *flows, const struct nsc_settings *settings, const char *const *paths,
			 uint32_t n, uint64_t bytes, struct nsc_error *error)
{
	struct nsc_rx_file_options source = { .path = paths[0], .paths = paths, .n_paths = n, .loans = 1 };
	struct named_sink sink = { .sink.ops = &named_ops, .suffix = settings->extract.name, .flows = flows };
	struct nsc_sink *sinks[] = { &sink.sink };
	struct nsc_engine_options options;
	struct nsc_engine *engine = NULL;
	bool began = false;
	struct nsc_rx *rx;
	int status;

	nsc_source_allow_descriptors(n);
	status = nsc_rx_file_open(&rx, &source, error);

	if (status)
		return status;
	nsc_quic_start_alone();
	options = named_options(settings, rx);
	options.sinks = sinks;
	options.n_sinks = NSC_ARRAY_LEN(sinks);
	status = nsc_engine_open(&engine, &options, error);
	if (!status)
		status = named_run(engine, settings, bytes, &began, error);
	if (engine)
		nsc_engine_close(engine);
	nsc_rx_close(rx);
	named_flows_settle(flows);
	return sink.status || !began ? status : 0; /* who reads the files again tells of damage */
}
