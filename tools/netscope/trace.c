/* SPDX-License-Identifier: MIT */
#include "tools/netscope/trace.h"

#include <errno.h>
#include <stdlib.h>

#include "tools/netscope/packet_filter.h"

struct nsc_tracing {
	struct nsc_packet_filter *filter;
	struct nsc_trace_report report;
	struct nsc_trace_packet *packet;
};

int nsc_tracing_open(struct nsc_tracing **out, const struct nsc_settings *settings, struct nsc_engine_options *options,
		     struct nsc_error *error)
{
	struct nsc_tracing *tracing;
	int status;

	*out = NULL;
	if (!settings->trace[0])
		return 0;
	tracing = calloc(1, sizeof(*tracing));
	if (!tracing)
		return nsc_fail(error, -ENOMEM, "no memory to trace packets");
	status = nsc_packet_filter_open(&tracing->filter, settings->trace, error);
	if (status) {
		free(tracing);
		return status;
	}
	tracing->report = (struct nsc_trace_report){ .filter = settings->trace, .wanted = settings->trace_count };
	options->trace = (struct nsc_trace_options){
		.count = settings->trace_count,
		.matches = nsc_packet_filter_matches,
		.context = tracing->filter,
	};
	*out = tracing;
	return 0;
}

const struct nsc_trace_report *nsc_tracing_report(struct nsc_tracing *tracing, const struct nsc_engine *engine)
{
	if (!tracing)
		return NULL;
	tracing->packet = calloc(tracing->report.wanted, sizeof(*tracing->packet));
	if (!tracing->packet)
		return NULL;
	tracing->report.n = nsc_engine_trace(engine, tracing->packet);
	tracing->report.packet = tracing->packet;
	return &tracing->report;
}

void nsc_tracing_close(struct nsc_tracing *tracing)
{
	if (!tracing)
		return;
	nsc_packet_filter_close(tracing->filter);
	free(tracing->packet);
	free(tracing);
}
