/* SPDX-License-Identifier: MIT */
#include "dashboard/server/server.h"

#include <errno.h>
#include <stdio.h>

/* --- what is wanted --------------------------------------------------------------------------- */

int nsc_sampling_want(struct nsc_sampling *s, const struct nsc_sample_text *text, uint64_t minutes, uint64_t now_ns,
		      struct nsc_error *error)
{
	struct nsc_sample_filter filter;
	int status = nsc_sample_filter_parse(&filter, text, error);

	if (!status && text->key_length > NSC_SAMPLING_KEY)
		status = nsc_fail(error, -EINVAL, "key: longer than %d bytes", NSC_SAMPLING_KEY);
	if (status)
		return status;
	s->wanted = filter;
	snprintf(s->filter, sizeof(s->filter), "%.*s", (int)text->filter_length,
		 text->filter_length ? text->filter : "");
	snprintf(s->key, sizeof(s->key), "%.*s", (int)text->key_length, text->key_length ? text->key : "");
	s->since_ns = nsc_clock_ns(CLOCK_REALTIME);
	s->until_ns = now_ns + minutes * 60 * NSC_NS_PER_SEC;
	s->looked_ns = now_ns;
	s->on = true;
	s->changes++;
	return 0;
}

void nsc_sampling_want_all(struct nsc_sampling *s)
{
	if (!s->on)
		return;
	s->on = false;
	s->wanted.mode = NSC_SAMPLE_ALL;
	s->changes++;
}

void nsc_sampling_looked(struct nsc_sampling *s, uint64_t now_ns)
{
	s->looked_ns = now_ns;
}

uint64_t nsc_sampling_left(const struct nsc_sampling *s, uint64_t now_ns)
{
	uint64_t end_ns = NSC_MIN(s->until_ns, s->looked_ns + NSC_SAMPLING_PATIENCE_S * NSC_NS_PER_SEC);

	return s->on && end_ns > now_ns ? end_ns - now_ns : 0;
}

void nsc_sampling_open(struct nsc_web *web)
{
	struct nsc_sampling *s = &web->sampling;

	s->wanted.mode = NSC_SAMPLE_ALL;
	while (s->workers < NSC_WORKERS_MAX &&
	       (s->room[s->workers] = nsc_engine_sample_filter(web->engine, s->workers)))
		s->workers++;
}

/* --- on its way ------------------------------------------------------------------------------- */

static bool sampling_is_over(const struct nsc_web *web)
{
	return web->seen == NSC_WEB_ENDED || web->seen == NSC_WEB_FAILED;
}

/* True when every worker does what it was told last. */
static bool sampling_collect(struct nsc_web *web)
{
	struct nsc_sampling *s = &web->sampling;
	bool all = true;

	for (uint32_t i = 0; i < web->sampling.workers; i++) {
		if (!s->room[i])
			s->room[i] = nsc_engine_sample_filter(web->engine, i);
		all &= s->room[i] != NULL;
	}
	return all;
}

static void sampling_send(struct nsc_web *web, const struct nsc_sample_filter *filter)
{
	struct nsc_sampling *s = &web->sampling;

	for (uint32_t i = 0; i < web->sampling.workers; i++) {
		*s->room[i] = *filter;
		nsc_engine_sample_filter_send(web->engine, i, s->room[i]);
		s->room[i] = NULL;
	}
}

static void sampling_count(const struct nsc_web *web, uint64_t count[NSC_SAMPLING_COUNTS])
{
	struct nsc_counters totals;

	nsc_engine_totals(web->engine, &totals);
	count[NSC_SAMPLING_MATCHED] = totals.value[NSC_C_SAMPLE_MATCHED];
	count[NSC_SAMPLING_COPIED] = totals.value[NSC_C_SAMPLE_PACKETS];
	count[NSC_SAMPLING_MISSED] = totals.value[NSC_C_SAMPLE_MISSED];
}

/* No worker samples anything: what was taken before is here, or comes now. */
static void sampling_begin(struct nsc_web *web)
{
	struct nsc_sampling *s = &web->sampling;

	nsc_web_take_samples(web);
	s->after = web->samples.seen;
	sampling_count(web, s->before);
}

static void sampling_advance(struct nsc_web *web)
{
	static const struct nsc_sample_filter none = { .mode = NSC_SAMPLE_NONE };
	struct nsc_sampling *s = &web->sampling;

	if (s->phase == NSC_SAMPLING_CHANGES && s->sent == s->changes) {
		s->phase = NSC_SAMPLING_RESTS;
	} else if (s->phase == NSC_SAMPLING_PAUSES) {
		sampling_begin(web);
		sampling_send(web, &s->wanted);
		s->sent = s->changes;
		s->phase = NSC_SAMPLING_CHANGES;
	} else {
		sampling_send(web, &none);
		s->phase = NSC_SAMPLING_PAUSES;
	}
}

bool nsc_sampling_step(struct nsc_web *web, uint64_t now_ns)
{
	struct nsc_sampling *s = &web->sampling;

	if (web->clients)
		nsc_sampling_looked(s, now_ns);
	if (s->on && !nsc_sampling_left(s, now_ns))
		nsc_sampling_want_all(s);
	if ((s->phase == NSC_SAMPLING_RESTS && s->sent == s->changes) || sampling_is_over(web))
		return false;
	if (sampling_collect(web))
		sampling_advance(web);
	return s->phase != NSC_SAMPLING_RESTS;
}

/* --- shown, and asked for --------------------------------------------------------------------- */

void nsc_show_sampling(const struct nsc_web *web, struct nsc_json *json)
{
	const struct nsc_sampling *s = &web->sampling;
	bool holds = s->phase == NSC_SAMPLING_RESTS && s->sent == s->changes;
	uint64_t count[NSC_SAMPLING_COUNTS], now_ns = nsc_monotonic_ns();

	nsc_json_key(json, "sampling");
	if (!s->on) {
		nsc_json_null(json);
		return;
	}
	sampling_count(web, count);
	for (unsigned i = 0; i < NSC_SAMPLING_COUNTS; i++)
		count[i] = s->sent == s->changes ? count[i] - s->before[i] : 0;
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "filter", s->filter[0] ? s->filter : NULL);
	nsc_json_add_text(json, "key", s->key[0] ? s->key : NULL);
	nsc_json_add_u64(json, "every", s->wanted.every);
	nsc_json_add_time(json, "since", s->since_ns);
	nsc_json_add_fixed(json, "ends_in_secs", (double)(s->until_ns - NSC_MIN(s->until_ns, now_ns)) / 1e9, 3);
	nsc_json_add_bool(json, "holds", holds);
	nsc_json_add_u64(json, "after", s->sent == s->changes ? s->after : web->samples.seen);
	nsc_json_add_u64(json, "matched", count[NSC_SAMPLING_MATCHED]);
	nsc_json_add_u64(json, "copied", count[NSC_SAMPLING_COPIED]);
	nsc_json_add_u64(json, "missed", count[NSC_SAMPLING_MISSED]);
	nsc_json_close(json, '}');
}

void nsc_api_sampling(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	struct nsc_json json;

	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_text(&json, "boot_id", web->boot_id);
	nsc_show_sampling(web, &json);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, "application/json", &json);
}

/* False: answered. */
static bool sampling_is_possible(struct nsc_server *server, h2o_req_t *req)
{
	const struct nsc_web *web = server->web;

	if (!web->samples.room)
		nsc_respond_error(server, req, 409,
				  "this run samples no packets: web.sample_rate or web.packet_buffer is 0");
	else if (sampling_is_over(web))
		nsc_respond_error(server, req, 409, "the run has ended: no packet comes any more");
	return web->samples.room && !sampling_is_over(web);
}

void nsc_api_sampling_start(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span filter = nsc_parameter(req, "filter"), key = nsc_parameter(req, "key");
	uint64_t every = 1, minutes = NSC_SAMPLING_MINUTES;
	struct nsc_sample_text text = {
		.filter = filter.text, .filter_length = filter.length, .key = key.text, .key_length = key.length
	};
	struct nsc_error error;

	if (!sampling_is_possible(server, req) || !nsc_api_number(server, req, "every", 1, UINT32_MAX, &every) ||
	    !nsc_api_number(server, req, "minutes", 1, NSC_SAMPLING_MINUTES_MAX, &minutes))
		return;
	text.every = (uint32_t)every;
	if (nsc_sampling_want(&server->web->sampling, &text, minutes, nsc_monotonic_ns(), &error))
		nsc_respond_error(server, req, 400, "%s", error.text);
	else
		nsc_api_sampling(server, req);
}

void nsc_api_sampling_stop(struct nsc_server *server, h2o_req_t *req)
{
	nsc_sampling_want_all(&server->web->sampling);
	nsc_api_sampling(server, req);
}
