/* SPDX-License-Identifier: MIT
 *
 * What happens when the reader of an output goes away (`netscope ... | head`): the sink behind it is called no more
 * and counts as done. When nobody else waits for the run, it ends.
 */
#ifndef TOOLS_NETSCOPE_CLOSED_PIPE_H
#define TOOLS_NETSCOPE_CLOSED_PIPE_H

#include "netscope/engine.h"

struct nsc_closed_pipe { /* stands before a sink, in its place; the caller's memory */
	struct nsc_sink sink;
	struct nsc_sink_ops ops;
	struct nsc_sink *inner;
	struct nsc_engine *engine; /* stopped when the pipe closes; NULL = others still wait for the run */
	bool closed;
};

/* Thread: control, before the run. */
void nsc_closed_pipe_init(struct nsc_closed_pipe *guard, struct nsc_sink *inner);

#endif
