/* SPDX-License-Identifier: MIT
 *
 * Packets out of the flight recorder, as a download, or what they say. The recorder's thread writes into a pipe, and
 * never waits for a browser; what comes out at this end goes on as the browser reads it, a pipe's worth at a time.
 */
#include "netscope/recorder.h"
#include "dashboard/server/server.h"

#include <fcntl.h>
#include <unistd.h>

struct recorder_download { /* in the request's pool: goes when the request does */
	h2o_generator_t generator;
	struct nsc_server *server;
	h2o_req_t *req;
	h2o_socket_t *pipe; /* NULL: at its end */
	size_t under_way;   /* bytes of the pipe's input */
};

static void recorder_close(struct recorder_download *d)
{
	if (d->pipe)
		h2o_socket_close(d->pipe);
	d->pipe = NULL;
}

static void recorder_dispose(void *context)
{
	recorder_close(context);
}

/* What came is sent, and nothing is read before that is out. An end of the pipe is the end of the file: the file itself
 * says whether it is complete. */
static void recorder_read(h2o_socket_t *pipe, const char *error)
{
	struct recorder_download *d = pipe->data;
	h2o_iovec_t part = h2o_iovec_init(pipe->input->bytes, pipe->input->size);

	nsc_server_woke(d->server);
	if (error) {
		recorder_close(d);
		h2o_send(d->req, NULL, 0, H2O_SEND_STATE_FINAL);
		return;
	}
	h2o_socket_read_stop(pipe);
	d->under_way = part.len;
	h2o_send(d->req, &part, 1, H2O_SEND_STATE_IN_PROGRESS);
}

static void recorder_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
	struct recorder_download *d = (struct recorder_download *)generator;

	nsc_server_woke(d->server);
	if (!d->pipe)
		return;
	h2o_buffer_consume(&d->pipe->input, d->under_way);
	d->under_way = 0;
	h2o_socket_read_start(d->pipe, recorder_read);
}

static void recorder_stop(h2o_generator_t *generator, h2o_req_t *req)
{
	recorder_close((struct recorder_download *)generator);
}

bool nsc_api_choice(struct nsc_server *server, h2o_req_t *req, struct nsc_packet_choice *choice)
{
	static const char *const words[] = { "host", "flow", "filter", "last", "from", "to" };
	struct nsc_error error;

	nsc_packet_choice_init(choice);
	for (size_t i = 0; i < NSC_ARRAY_LEN(words); i++) {
		struct nsc_span value = nsc_parameter(req, words[i]);

		if (!value.text)
			continue;
		if (strlen(value.text) != value.length) {
			nsc_respond_error(server, req, 400, "%s: it has a NUL in it", words[i]);
			return false;
		}
		if (nsc_packet_choice_set(choice, words[i], value.text, &error)) {
			nsc_respond_error(server, req, 400, "%s", error.text);
			return false;
		}
	}
	return true;
}

/* Where packets will come out; -1: answered. */
static int recorder_ask(struct nsc_server *server, h2o_req_t *req, const struct nsc_record_ask *ask)
{
	const struct nsc_web *web = server->web;
	struct nsc_error error;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		nsc_respond_error(server, req, 503, "no descriptor is free: ask again");
		return -1;
	}
	if (!web->record(web->recordings, ask, "asked for through the dashboard", ends[1], &error))
		return ends[0];
	close(ends[0]);
	nsc_respond_error(server, req, 503, "%s", error.text);
	return -1;
}

/* Since when the recorder holds all packets, for who wants to know before the body. */
static void recorder_add_since(struct nsc_server *server, h2o_req_t *req)
{
	uint64_t since_ns = nsc_recorder_held_since(nsc_engine_recorder(server->web->engine));

	if (since_ns)
		nsc_respond_header_ns(req, "x-netscope-since", since_ns);
}

static void recorder_begin(struct nsc_server *server, h2o_req_t *req, const struct nsc_record_ask *ask)
{
	nsc_respond_begin(server, req, 200, ask->follow ? "application/json" : "application/octet-stream");
	nsc_respond_header(req, "cache-control", "no-store");
	if (!ask->follow)
		nsc_respond_header(req, "content-disposition", "attachment; filename=\"netscope-recorder.pcapng\"");
	recorder_add_since(server, req);
}

void nsc_recorder_answer(struct nsc_server *server, h2o_req_t *req, const struct nsc_record_ask *ask)
{
	static h2o_generator_t nothing;
	struct recorder_download *d;
	int end;

	if (!server->web->record) {
		nsc_respond_error(server, req, 404, "this run has no recorder: --recorder-mb MB gives it one");
		return;
	}
	if (nsc_request_is_head(req)) { /* nobody is asked */
		recorder_begin(server, req, ask);
		nsc_respond_start(req, &nothing);
		return;
	}
	end = recorder_ask(server, req, ask);
	if (end < 0)
		return;
	d = h2o_mem_alloc_shared(&req->pool, sizeof(*d), recorder_dispose);
	*d = (struct recorder_download){
		.generator = { .proceed = recorder_proceed, .stop = recorder_stop },
		.server = server,
		.req = req,
		.pipe = h2o_evloop_socket_create(server->loop, end, 0),
	};
	d->pipe->data = d;
	recorder_begin(server, req, ask);
	h2o_start_response(req, &d->generator);
	h2o_socket_read_start(d->pipe, recorder_read);
}

void nsc_api_recorder(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_record_ask ask = { .follow = false };
	uint64_t mb = 0;

	if (!nsc_api_choice(server, req, &ask.choice) || !nsc_api_number(server, req, "limit_mb", 1, UINT32_MAX, &mb))
		return;
	ask.bytes_most = mb << 20;
	nsc_recorder_answer(server, req, &ask);
}
