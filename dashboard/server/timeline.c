/* SPDX-License-Identifier: MIT
 *
 * The timeline as a download. What it copies at its begin is held until the client has read it, so there is one at a
 * time.
 */
#include "dashboard/server/server.h"

#include "engine/text/timeline.h"

struct timeline_stream {
	struct nsc_stream super;
	struct nsc_timeline_dump *dump; /* the holder's */
};

struct timeline_holder { /* in the request's pool: goes when the request does */
	struct nsc_server *server;
	struct nsc_timeline_dump *dump;
};

static void timeline_dispose(void *context)
{
	struct timeline_holder *holder = context;

	nsc_timeline_dump_close(holder->dump);
	holder->server->timeline_on_its_way = false;
}

static bool timeline_next(struct nsc_stream *super)
{
	return nsc_timeline_dump_next(((struct timeline_stream *)super)->dump, &super->piece);
}

void nsc_api_timeline(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_timelines timelines;
	struct timeline_holder *holder;
	struct timeline_stream *s;
	struct nsc_error error;

	nsc_engine_timelines(server->web->engine, &timelines);
	if (!timelines.n) {
		nsc_respond_error(server, req, 404, "no timeline is kept: --no-timeline, or the run has not begun");
		return;
	}
	if (server->timeline_on_its_way) {
		nsc_respond_error(server, req, 429, "another timeline is on its way: ask again");
		return;
	}
	holder = h2o_mem_alloc_shared(&req->pool, sizeof(*holder), timeline_dispose);
	*holder = (struct timeline_holder){ .server = server };
	server->timeline_on_its_way = true;
	if (nsc_timeline_dump_open(&holder->dump, &timelines, &error)) {
		nsc_respond_error(server, req, 503, "%s", error.text);
		return;
	}
	s = (struct timeline_stream *)nsc_stream_new(server, req, sizeof(*s), timeline_next);
	s->dump = holder->dump;
	nsc_respond_header(req, "content-disposition", "attachment; filename=\"netscope-timeline.json\"");
	nsc_stream_start(&s->super, req, "application/json");
}
