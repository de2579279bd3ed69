/* SPDX-License-Identifier: MIT
 *
 * The same calls as the sink behind it, and one thing more: -EPIPE is no failure. A sink's calls never overlap, so that
 * `closed` needs no order of its own.
 */
#include "tools/netscope/closed_pipe.h"

#include <errno.h>

static int settle(struct nsc_closed_pipe *guard, int status)
{
	guard->sink.lost = guard->inner->lost;
	if (status != -EPIPE)
		return status;
	guard->closed = true;
	if (guard->engine)
		nsc_engine_stop(guard->engine);
	return 0;
}

static int tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->tick(guard->inner, view, error));
}

static int records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		   struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->records(guard->inner, chunk, urgent, keep, error));
}

static int packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->packets(guard->inner, chunk, error));
}

static int alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->alerts(guard->inner, alert, n, error));
}

static int rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->rotate(guard->inner, error));
}

static int guard_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->check(guard->inner, error));
}

static int finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct nsc_closed_pipe *guard = (struct nsc_closed_pipe *)sink;

	return guard->closed ? 0 : settle(guard, guard->inner->ops->finish(guard->inner, remaining, error));
}

void nsc_closed_pipe_init(struct nsc_closed_pipe *guard, struct nsc_sink *inner)
{
	*guard = (struct nsc_closed_pipe){
		.sink.ops = &guard->ops,
		.inner = inner,
		.ops = {
			.name = inner->ops->name,
			.wants_remaining = inner->ops->wants_remaining,
			.packet_bytes = inner->ops->packet_bytes,
			.tick = inner->ops->tick ? tick : NULL,
			.records = inner->ops->records ? records : NULL,
			.packets = inner->ops->packets ? packets : NULL,
			.alerts = inner->ops->alerts ? alerts : NULL,
			.rotate = inner->ops->rotate ? rotate : NULL,
			.check = inner->ops->check ? guard_check : NULL,
			.finish = inner->ops->finish ? finish : NULL,
		},
	};
}
