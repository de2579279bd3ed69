/* SPDX-License-Identifier: MIT */
#include "tools/netscope/trace.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "backends/sources/file_filter.h"
#include "backends/sources/linktype.h"

struct nsc_tracing {
	struct nsc_file_filter *filter;
	const struct bpf_insn *program[NSC_LINKTYPES]; /* NULL: the filter has no meaning on that link */
	struct nsc_trace_report report;
	struct nsc_trace_packet *packet;
};

static bool tracing_matches(const void *context, const struct nsc_packet *pkt, uint16_t linktype)
{
	const struct nsc_tracing *tracing = context;
	int row = nsc_linktype_row(linktype);

	return row >= 0 && tracing->program[row] &&
	       bpf_filter(tracing->program[row], pkt->data, NSC_MAX(pkt->wire_len, pkt->cap_len), pkt->cap_len);
}

int nsc_tracing_open(struct nsc_tracing **out, const struct nsc_settings *settings, struct nsc_engine_options *options,
		     struct nsc_error *error)
{
	struct nsc_tracing *tracing;
	struct nsc_error why;
	int status;

	*out = NULL;
	if (!settings->trace[0])
		return 0;
	tracing = calloc(1, sizeof(*tracing));
	if (!tracing)
		return nsc_fail(error, -ENOMEM, "no memory to trace packets");
	status = nsc_file_filter_open(&tracing->filter, settings->trace, -1, false, error);
	if (status) {
		free(tracing);
		return status;
	}
	for (unsigned row = 0; row < NSC_LINKTYPES; row++)
		tracing->program[row] = nsc_file_filter_program(tracing->filter, row, &why);
	tracing->report = (struct nsc_trace_report){ .filter = settings->trace, .wanted = settings->trace_count };
	options->trace = (struct nsc_trace_options){
		.count = settings->trace_count,
		.matches = tracing_matches,
		.context = tracing,
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
	nsc_file_filter_close(tracing->filter);
	free(tracing->packet);
	free(tracing);
}
