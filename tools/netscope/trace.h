/* SPDX-License-Identifier: MIT
 *
 * --trace: the filter of the packets whose way is noted (netscope/trace.h), and what was noted of them at the end.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_TRACE_H
#define TOOLS_NETSCOPE_TRACE_H

#include "netscope/engine.h"
#include "tools/netscope/settings.h"

struct nsc_tracing; /* NULL: nobody asked */

/* Compiles the filter, and sets options->trace, which borrows what it made until nsc_tracing_close. 0 or -errno and one
 * sentence; *tracing is NULL without --trace. Allocates: yes. */
int nsc_tracing_open(struct nsc_tracing **tracing, const struct nsc_settings *settings,
		     struct nsc_engine_options *options, struct nsc_error *error);

/* What was noted of the packets of a run that has ended; NULL without --trace, or without memory for it. It is valid
 * until nsc_tracing_close. Allocates: yes. */
const struct nsc_trace_report *nsc_tracing_report(struct nsc_tracing *tracing, const struct nsc_engine *engine);

void nsc_tracing_close(struct nsc_tracing *tracing); /* NULL is allowed */

#endif
