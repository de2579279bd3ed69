/* SPDX-License-Identifier: MIT
 *
 * What happened when: /api/v1/history, /api/v1/events, and /api/v1/dns.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/text/address.h"
#include "engine/text/summary.h"

enum {
	SERIES_MOST = 32, /* asked for at once */
	POINTS_MOST = 5000,
	POINTS_A_PIECE = 64,
};

static const char history_json_type[] = "application/json";

bool nsc_api_time(struct nsc_server *server, h2o_req_t *req, const char *name, uint64_t *ns)
{
	struct nsc_span text = nsc_parameter(req, name);
	double seconds;
	char *rest;

	if (!text.text)
		return true;
	seconds = strtod(text.text, &rest);
	if (text.length && !*rest && seconds >= 0 && seconds * 1e9 < 0x1p64) {
		*ns = (uint64_t)(seconds * 1e9);
		return true;
	}
	nsc_respond_error(server, req, 400, "%s is a time in seconds since 1970, 0 to 18446744073", name);
	return false;
}

/* --- one tier as it is ------------------------------------------------------------------------ */

static void history_tier(struct nsc_server *server, h2o_req_t *req)
{
	static const char *const columns[] = { "time", "length", "packets", "bytes", "drops", "flows", "down" };
	static struct nsc_point points[NSC_HISTORY_MOST]; /* one thread, and not kept */
	uint64_t step = 1, after_ns = 0;
	struct nsc_json json;
	unsigned series = 0;
	uint32_t n;

	if (!nsc_api_number(server, req, "step", 1, 600, &step) || !nsc_api_time(server, req, "after", &after_ns))
		return;
	while (series < NSC_HISTORY_STEPS && nsc_history_step_secs[series] != step)
		series++;
	if (series == NSC_HISTORY_STEPS) {
		nsc_respond_error(server, req, 400, "step is 1, 10, 60 or 600");
		return;
	}
	pthread_mutex_lock(&server->web->mutex);
	n = nsc_history_copy(&server->web->history, series, after_ns, points, NSC_HISTORY_MOST);
	pthread_mutex_unlock(&server->web->mutex);
	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_u64(&json, "step", step);
	nsc_json_add_text(&json, "boot_id", server->web->boot_id);
	nsc_json_add_open(&json, "columns", '[');
	for (size_t i = 0; i < NSC_ARRAY_LEN(columns); i++)
		nsc_json_text(&json, columns[i]);
	nsc_json_close(&json, ']');
	nsc_show_points(&json, points, n);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, history_json_type, &json);
}

/* --- any span --------------------------------------------------------------------------------- */

enum column_kind { COLUMN_VALUE, COLUMN_DOWN, COLUMN_QUANTILE, COLUMN_SAMPLES };

struct history_column {
	const char *name;
	enum column_kind kind;
	unsigned which; /* enum nsc_history_value or nsc_history_measure */
	double q;
};

static const struct history_column history_columns[] = {
#define NSC_X(id, name, how, counter) { name, COLUMN_VALUE, NSC_HISTORY_##id, 0 },
	NSC_HISTORY_VALUES(NSC_X)
#undef NSC_X
		{ "down", COLUMN_DOWN, 0, 0 },
	{ "rtt_p50_ms", COLUMN_QUANTILE, NSC_HISTORY_RTT, 0.5 },
	{ "rtt_p95_ms", COLUMN_QUANTILE, NSC_HISTORY_RTT, 0.95 },
	{ "rtt_p99_ms", COLUMN_QUANTILE, NSC_HISTORY_RTT, 0.99 },
	{ "rtt", COLUMN_SAMPLES, NSC_HISTORY_RTT, 0 },
	{ "dns_p50_ms", COLUMN_QUANTILE, NSC_HISTORY_DNS, 0.5 },
	{ "dns_p95_ms", COLUMN_QUANTILE, NSC_HISTORY_DNS, 0.95 },
	{ "dns_p99_ms", COLUMN_QUANTILE, NSC_HISTORY_DNS, 0.99 },
	{ "dns", COLUMN_SAMPLES, NSC_HISTORY_DNS, 0 },
};

struct history_stream {
	struct nsc_stream super;
	struct nsc_history_range range;
	uint64_t complete_ns;
	const struct nsc_host_kept *host; /* NULL: of the whole run */
	uint32_t number;                  /* of the host whose place that is */
	uint32_t n_columns;
	const struct history_column *column[SERIES_MOST];
	bool begun;
};

void nsc_history_show_series(struct nsc_json *json)
{
	nsc_json_add_open(json, "tiers", '[');
	for (unsigned i = 0; i < NSC_HISTORY_STEPS; i++)
		nsc_json_u64(json, nsc_history_step_secs[i]);
	nsc_json_close(json, ']');
	nsc_json_add_open(json, "series", '[');
	for (size_t i = 0; i < NSC_ARRAY_LEN(history_columns); i++)
		nsc_json_text(json, history_columns[i].name);
	nsc_json_close(json, ']');
}

static const struct nsc_history *history_of(const struct history_stream *s, const struct nsc_server *server)
{
	return s->host ? &s->host->history : &server->web->history;
}

static const struct history_column *history_find_column(const char *name, size_t length)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(history_columns); i++)
		if (strlen(history_columns[i].name) == length && !memcmp(history_columns[i].name, name, length))
			return &history_columns[i];
	return NULL;
}

/* False: answered. */
static bool history_read_columns(struct nsc_server *server, h2o_req_t *req, struct history_stream *s)
{
	struct nsc_span text = nsc_parameter(req, "series");
	const char *at = text.text ? text.text : "packets,bytes,drops,flows,down";

	for (;; at++) {
		size_t n = strcspn(at, ",");

		if (s->n_columns == SERIES_MOST) {
			nsc_respond_error(server, req, 400, "at most %d series at once", SERIES_MOST);
			return false;
		}
		s->column[s->n_columns] = history_find_column(at, n);
		if (!s->column[s->n_columns++]) {
			nsc_respond_error(server, req, 400, "there is no series \"%.*s\": hello.history has all names",
					  (int)NSC_MIN(n, (size_t)40), at);
			return false;
		}
		at += n;
		if (!*at)
			return true;
	}
}

static void history_show_ms(struct nsc_json *json, uint64_t ns)
{
	nsc_json_fixed(json, (double)ns / 1e6, 3);
}

static void history_show_samples(struct nsc_json *json, const uint32_t count[NSC_HISTORY_BUCKETS])
{
	nsc_json_open(json, '[');
	for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++) {
		if (!count[i])
			continue;
		nsc_json_u64(json, i);
		nsc_json_u64(json, count[i]);
	}
	nsc_json_close(json, ']');
}

static void history_show_column(struct nsc_json *json, const struct history_column *column,
				const struct nsc_point *point, const struct nsc_point_samples *samples)
{
	if (column->kind == COLUMN_VALUE)
		nsc_json_u64(json, point->value[column->which]);
	else if (column->kind == COLUMN_DOWN)
		nsc_json_bool(json, point->down);
	else if (!nsc_point_has_samples(point, column->which))
		nsc_json_null(json);
	else if (column->kind == COLUMN_QUANTILE)
		history_show_ms(json, nsc_history_quantile(samples->count[column->which], column->q));
	else
		history_show_samples(json, samples->count[column->which]);
}

/* From when on it is followed: null before the workers' first answer. */
static void history_show_host(const struct nsc_host_kept *host, struct nsc_json *json)
{
	char text[NSC_FORMAT_IP_MAX];

	*nsc_format_ip(text, host->addr, host->ip_version) = '\0';
	nsc_json_add_text(json, "host", text);
	nsc_json_key(json, "since");
	if (host->history.end_ns)
		nsc_show_seconds(json, host->history.begin_ns + host->history.offset_ns);
	else
		nsc_json_null(json);
}

static void history_show_head(struct history_stream *s, struct nsc_json *json)
{
	bool samples = false;

	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "step", s->range.step_ns / NSC_NS_PER_SEC);
	nsc_json_add_u64(json, "tier",
			 history_of(s, s->super.server)->series[s->range.series].step_ns / NSC_NS_PER_SEC);
	if (s->host)
		history_show_host(s->host, json);
	nsc_json_add_text(json, "boot_id", s->super.server->web->boot_id);
	nsc_json_key(json, "complete");
	if (s->complete_ns)
		nsc_show_seconds(json, s->complete_ns);
	else
		nsc_json_null(json);
	nsc_json_add_open(json, "columns", '[');
	nsc_json_text(json, "time");
	nsc_json_text(json, "length");
	for (uint32_t i = 0; i < s->n_columns; i++) {
		nsc_json_text(json, s->column[i]->name);
		samples |= s->column[i]->kind == COLUMN_SAMPLES;
	}
	nsc_json_close(json, ']');
	if (samples) {
		nsc_json_add_open(json, "buckets_ms", '[');
		for (unsigned i = 0; i < NSC_HISTORY_BUCKETS; i++)
			nsc_json_fixed(json, (double)nsc_history_bucket_end(i) / 1e6, 6);
		nsc_json_close(json, ']');
	}
	nsc_json_add_open(json, "points", '[');
}

static bool history_next(struct nsc_stream *super)
{
	static struct nsc_point points[POINTS_A_PIECE]; /* one thread, and not kept */
	static struct nsc_point_samples samples[POINTS_A_PIECE];
	struct history_stream *s = (struct history_stream *)super;
	struct nsc_web *web = super->server->web;
	struct nsc_json *json = &super->piece;
	uint32_t n;

	if (!s->begun)
		history_show_head(s, json);
	s->begun = true;
	pthread_mutex_lock(&web->mutex);
	n = nsc_history_part(history_of(s, super->server), &s->range, points, samples, POINTS_A_PIECE);
	pthread_mutex_unlock(&web->mutex);
	if (s->host && s->host->number != s->number) { /* its place was given to another one meanwhile */
		s->range.over = true;
		n = 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		nsc_json_open(json, '[');
		nsc_show_seconds(json, points[i].start_ns);
		nsc_show_seconds(json, points[i].known_ns);
		for (uint32_t c = 0; c < s->n_columns; c++)
			history_show_column(json, s->column[c], &points[i], &samples[i]);
		nsc_json_close(json, ']');
	}
	if (!s->range.over)
		return true;
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
	return false;
}

/* False: answered. */
static bool history_read_host(struct nsc_server *server, h2o_req_t *req, struct history_stream *s)
{
	struct nsc_span text = nsc_parameter(req, "host");
	uint8_t addr[16], ip_version;

	if (!text.text)
		return true;
	if (strlen(text.text) != text.length || !nsc_host_parse(text.text, addr, &ip_version)) {
		nsc_respond_error(server, req, 400, "host is an address of IPv4 or IPv6, not \"%.*s\"",
				  (int)NSC_MIN(text.length, (size_t)64), text.text);
		return false;
	}
	s->host = nsc_web_ask_host(server->web, addr, ip_version);
	if (!s->host) {
		nsc_respond_error(server, req, 429,
				  "%d hosts are followed, the most: a place is free when nobody has asked for one of "
				  "them for a minute",
				  NSC_HOSTS_MAX);
		return false;
	}
	s->number = s->host->number;
	return true;
}

static void history_span(struct nsc_server *server, h2o_req_t *req)
{
	struct history_stream asked = { .range = { .to_ns = UINT64_MAX } }, *s;
	uint64_t points = 1000;

	if (!nsc_api_time(server, req, "from", &asked.range.from_ns) ||
	    !nsc_api_time(server, req, "to", &asked.range.to_ns) ||
	    !nsc_api_number(server, req, "points", 2, POINTS_MOST, &points) ||
	    !history_read_columns(server, req, &asked))
		return;
	if (asked.range.from_ns >= asked.range.to_ns) {
		nsc_respond_error(server, req, 400, "from is a time before to");
		return;
	}
	if (!history_read_host(server, req, &asked))
		return;
	s = (struct history_stream *)nsc_stream_new(server, req, sizeof(*s), history_next);
	s->range = asked.range;
	s->host = asked.host;
	s->number = asked.number;
	s->n_columns = asked.n_columns;
	memcpy(s->column, asked.column, sizeof(s->column));
	pthread_mutex_lock(&server->web->mutex);
	nsc_history_plan(history_of(s, server), &s->range, (uint32_t)points);
	s->complete_ns = nsc_history_complete(history_of(s, server), &s->range);
	pthread_mutex_unlock(&server->web->mutex);
	nsc_stream_start(&s->super, req, history_json_type);
}

void nsc_api_history(struct nsc_server *server, h2o_req_t *req)
{
	static const char *const spans[] = { "from", "to", "points", "series", "host" };
	bool tier = nsc_parameter(req, "step").text || nsc_parameter(req, "after").text, span = false;

	for (size_t i = 0; i < NSC_ARRAY_LEN(spans); i++)
		span |= nsc_parameter(req, spans[i]).text != NULL;
	if (tier && span)
		nsc_respond_error(server, req, 400,
				  "step and after do not go together with from, to, points, series and host");
	else if (span)
		history_span(server, req);
	else
		history_tier(server, req);
}

/* --- events, DNS ------------------------------------------------------------------------------ */

void nsc_api_events(struct nsc_server *server, h2o_req_t *req)
{
	static struct nsc_event events[NSC_EVENTS_KEPT]; /* one thread, and not kept */
	uint64_t after = 0, limit = NSC_EVENTS_KEPT, from_ns = 0, to_ns = UINT64_MAX, total, oldest;
	struct nsc_web *web = server->web;
	struct nsc_json json;
	uint32_t n;

	if (!nsc_api_number(server, req, "after", 0, INT64_MAX, &after) ||
	    !nsc_api_number(server, req, "limit", 1, NSC_EVENTS_KEPT, &limit) ||
	    !nsc_api_time(server, req, "from", &from_ns) || !nsc_api_time(server, req, "to", &to_ns))
		return;
	if (from_ns >= to_ns) {
		nsc_respond_error(server, req, 400, "from is a time before to");
		return;
	}
	pthread_mutex_lock(&web->mutex);
	n = nsc_events_copy(&web->events, after, from_ns, to_ns, events, (uint32_t)limit);
	total = web->events.seen;
	oldest = nsc_events_oldest(&web->events);
	pthread_mutex_unlock(&web->mutex);
	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_u64(&json, "total", total);
	nsc_json_add_u64(&json, "oldest", oldest);
	nsc_events_show(events, n, &json);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, history_json_type, &json);
}

void nsc_api_dns(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	struct nsc_json json;
	char *text;

	nsc_web_refresh(web);
	text = nsc_summary_dns_json(web->view);
	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_key(&json, "clock");
	if (web->view->seq)
		nsc_json_time(&json, nsc_view_end_time(web->view));
	else
		nsc_json_null(&json);
	nsc_json_key(&json, "dns");
	if (text)
		nsc_json_raw(&json, text, strlen(text));
	else
		nsc_json_null(&json);
	nsc_json_close(&json, '}');
	free(text);
	nsc_respond_json(server, req, history_json_type, &json);
}
