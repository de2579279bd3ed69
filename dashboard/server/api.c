/* SPDX-License-Identifier: MIT
 *
 * The answers under /api, /metrics and /healthz.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/text/summary.h"

enum { PACKETS_MOST = 10000, PACKETS_A_PIECE = 16 };

static const char json_type[] = "application/json";

static void api_begin(struct nsc_json *json)
{
	nsc_json_init(json, NSC_WEB_BODY_MAX);
	nsc_json_open(json, '{');
}

static void api_end(struct nsc_server *server, h2o_req_t *req, struct nsc_json *json)
{
	nsc_json_close(json, '}');
	nsc_respond_json(server, req, json_type, json);
}

bool nsc_api_number(struct nsc_server *server, h2o_req_t *req, const char *name, uint64_t least, uint64_t most,
		    uint64_t *value)
{
	struct nsc_span text = nsc_parameter(req, name);

	if (!text.text)
		return true;
	if (text.length && text.length < 20 && strspn(text.text, "0123456789") == text.length) {
		uint64_t number = strtoull(text.text, NULL, 10);

		if (number >= least && number <= most) {
			*value = number;
			return true;
		}
	}
	nsc_respond_error(server, req, 400, "%s is a whole number from %llu to %llu", name, (unsigned long long)least,
			  (unsigned long long)most);
	return false;
}

/* --- summary ---------------------------------------------------------------------------------- */

/* The document of --summary-json, without its closing brace: what follows is added to it. */
static void api_add_summary(struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX];
	struct nsc_summary summary = {
		.view = web->view,
		.interface = interface,
		.interfaces = nsc_web_interfaces(web, interface),
		.elapsed_ns = (web->seen_over_ns ? web->seen_over_ns : nsc_monotonic_ns()) - web->started_monotonic_ns,
		.source = web->options.source,
		.input = web->options.input[0] ? web->options.input : NULL,
		.live = web->options.live,
		.clock = web->options.clock[0] ? web->options.clock : NULL,
		.doctor_json = web->options.doctor_json[0] ? web->options.doctor_json : NULL,
		.version = web->options.version,
		.config_json = web->options.config_json,
		.budget = &web->budget,
		.files = &web->options.files,
		.failure = web->seen == NSC_WEB_FAILED ? web->seen_text : NULL,
		.without_losses = true, /* the API's list has `since` and `what` as well, and is that of a frame */
	};
	char *text = nsc_summary_json(&summary, false);
	size_t n = text ? strlen(text) : 0;

	if (n > 2)
		nsc_json_raw_members(json, text + 1, n - 2);
	else
		json->out.full = true;
	free(text);
}

void nsc_api_summary(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	struct nsc_json json;

	nsc_web_refresh(web);
	api_begin(&json);
	api_add_summary(web, &json);
	nsc_json_add_u64(&json, "protocol", NSC_WEB_PROTOCOL);
	nsc_json_add_text(&json, "boot_id", web->boot_id);
	nsc_show_state(web, &json);
	nsc_json_add_u64(&json, "view_seq", web->view->seq);
	nsc_json_add_bool(&json, "final", web->view->seq && web->view->final);
	nsc_show_tick(web, &json, false);
	nsc_show_top(web, &json);
	nsc_show_losses(web, &json);
	nsc_json_add_u64(&json, "clients", server->clients);
	api_end(server, req, &json);
}

/* --- flows ------------------------------------------------------------------------------------ */

struct flows_request { /* in the request's pool */
	struct nsc_flow_search search;
	struct nsc_server *server;
	h2o_req_t *req;
};

static void flows_dispose(void *context)
{
	struct flows_request *request = context;

	nsc_queries_cancel(request->server->web, &request->search);
}

static void flows_done(struct nsc_flow_search *search, struct nsc_json *json)
{
	struct flows_request *request = search->context;

	if (!json)
		nsc_respond_error(request->server, request->req, 503, "the server ends");
	else
		nsc_respond_json(request->server, request->req, json_type, json);
}

static void api_query(struct nsc_server *server, h2o_req_t *req, bool groups)
{
	struct nsc_query_text text = {
		.filter = nsc_parameter(req, "filter"),
		.sort = nsc_parameter(req, "sort"),
		.order = nsc_parameter(req, "order"),
		.key = nsc_parameter(req, "key"),
		.by = nsc_parameter(req, "by"),
		.after = nsc_parameter(req, "after"),
		.limit = 100,
		.groups = groups,
	};
	struct flows_request *request;
	struct nsc_error error;
	int status;

	if (!nsc_api_number(server, req, "limit", 1, NSC_QUERY_ROWS, &text.limit) ||
	    (groups && !nsc_api_number(server, req, "last", 1, UINT32_MAX, &text.last)))
		return;
	request = h2o_mem_alloc_shared(&req->pool, sizeof(*request), flows_dispose);
	*request = (struct flows_request){ .server = server, .req = req };
	request->search.context = request;
	request->search.done = flows_done;
	status = nsc_queries_ask(server->web, &request->search, &text, &error);
	if (status)
		nsc_respond_error(server, req, status == -EBUSY ? 429 : 400, "%s", error.text);
}

void nsc_api_flows(struct nsc_server *server, h2o_req_t *req)
{
	api_query(server, req, false);
}

void nsc_api_groups(struct nsc_server *server, h2o_req_t *req)
{
	api_query(server, req, true);
}

/* --- alerts, cores, config, health ------------------------------------------------------------ */

void nsc_api_alerts(struct nsc_server *server, h2o_req_t *req)
{
	static struct nsc_kept_alert alerts[NSC_ALERTS_KEPT]; /* one thread, and not kept */
	struct nsc_web *web = server->web;
	uint64_t after = 0, limit = NSC_ALERTS_KEPT, total, oldest;
	struct nsc_json json;
	uint32_t n;

	if (!nsc_api_number(server, req, "after", 0, INT64_MAX, &after) ||
	    !nsc_api_number(server, req, "limit", 1, NSC_ALERTS_KEPT, &limit))
		return;
	pthread_mutex_lock(&web->mutex);
	n = nsc_alerts_copy(&web->alerts, after, alerts, (uint32_t)limit);
	total = web->alerts.seen;
	oldest = nsc_alerts_oldest(&web->alerts);
	pthread_mutex_unlock(&web->mutex);
	api_begin(&json);
	nsc_json_add_u64(&json, "total", total);
	nsc_json_add_u64(&json, "oldest", oldest);
	nsc_alerts_show(alerts, n, &json);
	api_end(server, req, &json);
}

void nsc_api_cores(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_json json;

	nsc_web_refresh(server->web);
	api_begin(&json);
	nsc_show_cores(server->web, &json);
	api_end(server, req, &json);
}

static uint64_t api_resident_bytes(void)
{
	unsigned long long size, resident;
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t bytes = NSC_UNKNOWN;

	if (file && fscanf(file, "%llu %llu", &size, &resident) == 2)
		bytes = resident * (uint64_t)sysconf(_SC_PAGESIZE);
	if (file)
		fclose(file);
	return bytes;
}

static void api_add_budget(const struct nsc_engine_budget *budget, struct nsc_json *json)
{
	nsc_json_add_open(json, "budget", '{');
	nsc_json_add_u64(json, "flow_tables", budget->flow_tables);
	nsc_json_add_u64(json, "flow_bytes_each", budget->flow_bytes_each);
	nsc_json_add_u64(json, "flow_limit", budget->flow_limit);
	nsc_json_add_u64(json, "outstanding_limit", budget->outstanding_limit);
	nsc_json_add_u64(json, "names", budget->names);
	nsc_json_add_u64(json, "lanes", budget->lanes);
	nsc_json_add_u64(json, "records", budget->records);
	nsc_json_add_u64(json, "snapshots", budget->snapshots);
	nsc_json_add_u64(json, "taps", budget->taps);
	nsc_json_add_u64(json, "detectors", budget->detect);
	nsc_json_add_u64(json, "dashboard", budget->dashboard);
	nsc_json_add_u64(json, "total", budget->total);
	nsc_json_close(json, '}');
}

static void api_add_arena(const char *name, uint64_t bytes, struct nsc_json *json)
{
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "name", name);
	nsc_json_add_u64(json, "allocated", bytes);
	nsc_json_close(json, '}');
}

static void api_add_memory(struct nsc_server *server, struct nsc_json *json)
{
	const struct nsc_web *web = server->web;
	uint32_t workers = web->view->n_workers;
	char name[32];

	nsc_json_add_open(json, "memory", '{');
	api_add_budget(&web->budget, json);
	nsc_json_add_open(json, "arenas", '[');
	for (uint32_t i = 0; i < workers; i++) {
		snprintf(name, sizeof(name), "worker %u", i);
		api_add_arena(name, nsc_engine_arena_bytes(web->engine, i), json);
	}
	api_add_arena("shared", nsc_engine_arena_bytes(web->engine, UINT32_MAX), json);
	nsc_json_close(json, ']');
	nsc_json_add_u64(json, "rss", api_resident_bytes());
	nsc_json_add_u64(json, "web", web->samples.room * web->samples.slot_size + server->bytes);
	nsc_json_close(json, '}');
}

void nsc_api_config(struct nsc_server *server, h2o_req_t *req)
{
	const struct nsc_web_options *o = &server->web->options;
	struct nsc_json json;

	nsc_web_refresh(server->web);
	api_begin(&json);
	nsc_json_add_text(&json, "version", o->version);
	nsc_json_key(&json, "config");
	nsc_json_raw(&json, o->config_json, strlen(o->config_json));
	nsc_json_key(&json, "doctor");
	if (o->doctor_json[0])
		nsc_json_raw(&json, o->doctor_json, strlen(o->doctor_json));
	else
		nsc_json_null(&json);
	api_add_memory(server, &json);
	nsc_json_add_time(&json, "started", server->web->started_ns);
	nsc_json_add_u64(&json, "pid", (uint64_t)getpid());
	api_end(server, req, &json);
}

void nsc_api_metrics(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_json text;

	nsc_web_refresh(server->web);
	nsc_json_init(&text, NSC_WEB_BODY_MAX);
	nsc_show_metrics(server->web, &text);
	nsc_respond_json(server, req, "text/plain; version=0.0.4; charset=utf-8", &text);
}

void nsc_api_healthz(struct nsc_server *server, h2o_req_t *req)
{
	char text[NSC_WEB_STATE_TEXT + 64];

	nsc_web_refresh(server->web);
	if (server->web->seen == NSC_WEB_RUNNING) {
		snprintf(text, sizeof(text), "ok\n%s%s", server->web->seen_text, server->web->seen_text[0] ? "\n" : "");
		nsc_respond_text(server, req, 200, text);
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s\n", nsc_web_state_name(server->web->seen),
		 server->web->seen_text[0] ? ": " : "", server->web->seen_text);
	nsc_respond_text(server, req, 503, text);
}

void nsc_api_health(struct nsc_server *server, h2o_req_t *req)
{
	nsc_respond_text(server, req, 200, "ok\n");
}

/* --- packets ---------------------------------------------------------------------------------- */

struct packets_stream {
	struct nsc_stream super;
	uint64_t next, last; /* ids; the stream ends where `last` is */
	bool begun;
};

static bool next_packets(struct nsc_stream *super)
{
	struct packets_stream *s = (struct packets_stream *)super;
	struct nsc_samples *samples = &super->server->web->samples;
	struct nsc_json *json = &super->piece;

	if (!s->begun) {
		json->comma = false;
		nsc_json_open(json, '{');
		nsc_json_add_u64(json, "oldest", nsc_samples_oldest(samples));
		nsc_json_add_u64(json, "newest", samples->seen);
		nsc_json_add_u64(json, "seen", samples->seen);
		nsc_json_add_open(json, "packets", '[');
		s->begun = true;
	}
	s->next = NSC_MAX(s->next, nsc_samples_oldest(samples)); /* some may have gone meanwhile */
	for (unsigned i = 0; i < PACKETS_A_PIECE && s->next <= s->last; i++, s->next++)
		nsc_sample_json(samples, nsc_samples_find(samples, s->next), json);
	if (s->next <= s->last)
		return true;
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
	return false;
}

void nsc_api_packets(struct nsc_server *server, h2o_req_t *req)
{
	const struct nsc_samples *samples = &server->web->samples;
	uint64_t after = 0, limit = 1000;
	struct packets_stream *s;

	if (!nsc_api_number(server, req, "after", 0, INT64_MAX, &after) ||
	    !nsc_api_number(server, req, "limit", 1, PACKETS_MOST, &limit))
		return;
	nsc_sampling_looked(&server->web->sampling, nsc_monotonic_ns());
	nsc_web_take_samples(server->web);
	s = (struct packets_stream *)nsc_stream_new(server, req, sizeof(*s), next_packets);
	s->last = samples->seen;
	s->next = NSC_MAX(after + 1, s->last > limit ? s->last - limit + 1 : 1);
	nsc_stream_start(&s->super, req, json_type);
}

void nsc_api_packet(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span path = nsc_path(req);
	size_t length = path.length - strlen("/api/v1/packets/");
	char text[24];
	struct nsc_json json;

	snprintf(text, sizeof(text), "%.*s", (int)NSC_MIN(length, sizeof(text) - 1), path.text + path.length - length);
	if (length > 18 || strspn(text, "0123456789") != length) {
		nsc_respond_error(server, req, 404, "the id of a packet is a whole number");
		return;
	}
	api_begin(&json);
	nsc_sample_detail_json(&server->web->samples, strtoull(text, NULL, 10), &json);
	api_end(server, req, &json);
}
