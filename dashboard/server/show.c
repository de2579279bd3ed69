/* SPDX-License-Identifier: MIT
 *
 * The state of the engine as JSON: pieces that frames and REST answers share.
 */
#include "dashboard/server/parts.h"

#include <stdio.h>
#include <string.h>

#include "engine/text/row.h"

static const char *const state_names[] = {
	[NSC_WEB_STARTING] = "starting",           [NSC_WEB_RUNNING] = "running",
	[NSC_WEB_LINK_DOWN] = "link_down",         [NSC_WEB_STALLED] = "stalled",
	[NSC_WEB_OUTPUT_FAILED] = "output_failed", [NSC_WEB_ENDED] = "ended",
	[NSC_WEB_STOPPING] = "stopping",           [NSC_WEB_FAILED] = "failed",
};

const char *nsc_web_state_name(enum nsc_web_state state)
{
	return state_names[state];
}

/* --- looking on ------------------------------------------------------------------------------- */

static void refresh_state(struct nsc_web *web)
{
	pthread_mutex_lock(&web->mutex);
	web->seen = web->state;
	web->alerts_seen = web->alerts.seen;
	web->seen_over_ns = web->over_ns;
	memcpy(web->seen_text, web->state_text, sizeof(web->seen_text));
	pthread_mutex_unlock(&web->mutex);
	if (web->seen != NSC_WEB_RUNNING || !web->blind_ns)
		return;
	web->seen = NSC_WEB_STALLED;
	snprintf(web->seen_text, sizeof(web->seen_text),
		 "no tick has ended for %llu s: a thread of the analysis hangs or gets no core, and what arrives is "
		 "not seen",
		 (unsigned long long)(web->blind_ns / NSC_NS_PER_SEC));
}

void nsc_web_watch(struct nsc_web *web, uint64_t now_ns)
{
	struct nsc_counters totals;
	uint64_t published;
	bool running;

	if (!web->options.live || now_ns - web->watchdog.looked_ns < NSC_NS_PER_SEC / 2)
		return;
	pthread_mutex_lock(&web->mutex);
	running = web->state == NSC_WEB_RUNNING;
	published = web->published;
	pthread_mutex_unlock(&web->mutex);
	nsc_engine_totals(web->engine, &totals);
	web->blind_ns = nsc_watchdog_look(&web->watchdog, running, now_ns, published, totals.value[NSC_C_RX_DELIVERED]);
	pthread_mutex_lock(&web->mutex);
	nsc_events_stalled(&web->events, web->blind_ns);
	pthread_mutex_unlock(&web->mutex);
}

bool nsc_web_refresh(struct nsc_web *web)
{
	struct nsc_view *oldest = web->before;

	refresh_state(web);
	if (!nsc_engine_view_copy(web->engine, web->spare) || web->spare->seq == web->view->seq)
		return false;
	web->before = web->view;
	web->view = web->spare;
	web->spare = oldest;
	return true;
}

void nsc_web_take_samples(struct nsc_web *web)
{
	const struct nsc_packet_chunk *chunk;
	bool any = true;

	for (uint32_t round = 0; any && round < 64; round++) {
		any = false;
		for (uint32_t i = 0; i < web->view->n_workers || i == 0; i++) {
			chunk = nsc_engine_samples(web->engine, i);
			if (!chunk)
				continue;
			nsc_samples_add(&web->samples, i, chunk);
			nsc_engine_samples_return(web->engine, i, chunk);
			any = true;
		}
	}
}

/* --- pieces ----------------------------------------------------------------------------------- */

uint64_t nsc_web_drops(const struct nsc_web *web, uint64_t drops)
{
	return drops == NSC_UNKNOWN && !web->options.live ? 0 : drops;
}

void nsc_show_state(const struct nsc_web *web, struct nsc_json *json)
{
	enum nsc_web_state state = web->seen == NSC_WEB_RUNNING && !web->view->seq ? NSC_WEB_STARTING : web->seen;

	nsc_json_add_text(json, "state", nsc_web_state_name(state));
	nsc_json_add_text(json, "state_text", web->seen_text);
}

void nsc_show_flow(struct nsc_json *json, const struct nsc_flow_record *flow)
{
	struct nsc_community_id community;
	char row[NSC_ROW_JSON_MAX];

	nsc_community_ids(&community, &flow, 1);
	nsc_json_key(json, "key");
	nsc_flow_key_json(json, flow);
	nsc_json_raw_members(json, row, (size_t)(nsc_row_json(row, flow, &community, 0) - row));
}

void nsc_show_top(const struct nsc_web *web, struct nsc_json *json)
{
	const struct nsc_view *view = web->view;
	double seconds = (double)view->rate_ns / NSC_NS_PER_SEC;

	nsc_json_add_open(json, "top", '[');
	for (uint32_t i = 0; view->seq && i < view->n_top && i < web->options.top_n; i++) {
		nsc_json_open(json, '{');
		nsc_json_add_u64(json, "tick_bytes", view->top[i].tick_bytes);
		nsc_json_add_fixed(json, "bps", (double)view->top[i].tick_bytes * 8 / seconds, 3);
		nsc_show_flow(json, &view->top[i].flow);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
}

static void show_top_names(const struct nsc_view *view, struct nsc_json *json)
{
	double seconds = (double)view->rate_ns / NSC_NS_PER_SEC;
	char name[NSC_NAME_MAX + 1];

	if (!view->n_top_names)
		return;
	nsc_json_add_open(json, "top_names", '[');
	for (uint32_t i = 0; i < view->n_top_names; i++) {
		memcpy(name, view->top_name[i].name, view->top_name[i].length);
		name[view->top_name[i].length] = '\0';
		nsc_json_open(json, '{');
		nsc_json_add_text(json, "name", name);
		nsc_json_add_u64(json, "tick_bytes", view->top_name[i].bytes);
		nsc_json_add_fixed(json, "bps", (double)view->top_name[i].bytes * 8 / seconds, 3);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
}

void nsc_show_recorder(const struct nsc_view *view, const struct nsc_recorder_span *span, struct nsc_json *json)
{
	if (!view->recorder)
		return;
	nsc_json_add_open(json, "recorder", '{');
	nsc_json_add_u64(json, "packets", span->packets);
	nsc_json_add_fixed(json, "held_secs", (double)span->held_ns / NSC_NS_PER_SEC, 3);
	if (span->oldest_ns == NSC_UNKNOWN)
		nsc_json_add_u64(json, "oldest", NSC_UNKNOWN);
	else
		nsc_json_add_time(json, "oldest", span->oldest_ns);
	nsc_json_add_bool(json, "wrapped", span->wrapped);
	nsc_json_close(json, '}');
}

void nsc_show_microburst(const struct nsc_view *view, const struct nsc_microburst *microburst, struct nsc_json *json)
{
	if (!view->microbursts)
		return;
	nsc_json_add_open(json, "microburst", '{');
	nsc_json_add_u64(json, "packets", microburst->packets);
	nsc_json_add_u64(json, "bytes", microburst->bytes);
	nsc_json_close(json, '}');
}

void nsc_show_tick(const struct nsc_web *web, struct nsc_json *json, bool top)
{
	const struct nsc_view *view = web->view;
	double seconds = (double)view->rate_ns / NSC_NS_PER_SEC;

	nsc_json_key(json, "tick");
	if (!view->seq) {
		nsc_json_null(json);
		return;
	}
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "seq", view->seq);
	nsc_json_add_time(json, "start", nsc_view_start_time(view));
	nsc_json_add_time(json, "end", nsc_view_end_time(view));
	nsc_json_add_u64(json, "packets", view->tick_packets);
	nsc_json_add_u64(json, "bytes", view->tick_bytes);
	nsc_json_add_u64(json, "drops", nsc_web_drops(web, view->tick_drops));
	nsc_json_add_fixed(json, "bps", (double)view->tick_bytes * 8 / seconds, 3);
	nsc_json_add_fixed(json, "pps", (double)view->tick_packets / seconds, 3);
	nsc_json_add_u64(json, "flows", view->totals.value[NSC_C_FLOW_ACTIVE]);
	nsc_json_add_u64(json, "alerts", web->alerts_seen);
	nsc_show_microburst(view, &view->microburst, json);
	if (top) {
		nsc_show_top(web, json);
		show_top_names(view, json);
	}
	nsc_json_close(json, '}');
}

void nsc_show_counters(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "counters", '[');
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		nsc_json_u64(json, web->view->seq ? web->view->totals.value[i] : NSC_UNKNOWN);
	nsc_json_close(json, ']');
}

void nsc_show_ledger(const struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_ledger ledger = { .balanced = true };

	if (web->view->seq)
		nsc_ledger_check(&ledger, &web->view->totals, web->view->final, web->view->lanes);
	nsc_json_add_open(json, "ledger", '{');
	nsc_json_add_bool(json, "balanced", ledger.balanced);
	nsc_json_add_bool(json, "exact", web->view->seq && web->view->final);
	nsc_json_add_open(json, "lines", '[');
	for (uint32_t i = 0; i < ledger.n; i++) {
		nsc_json_open(json, '{');
		nsc_json_add_text(json, "what", ledger.line[i].what);
		nsc_json_add_u64(json, "have", ledger.line[i].have);
		nsc_json_add_u64(json, "want", ledger.line[i].want);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
}

static void show_share(struct nsc_json *json, const char *name, uint64_t packets, uint64_t bytes)
{
	if (!packets)
		return;
	nsc_json_open(json, '[');
	nsc_json_text(json, name);
	nsc_json_u64(json, packets);
	nsc_json_u64(json, bytes);
	nsc_json_close(json, ']');
}

static void show_protocols(const struct nsc_web *web, struct nsc_json *json)
{
	const uint64_t *value = web->view->totals.value;
	uint64_t tcp = value[NSC_C_WORKER_TCP], udp = value[NSC_C_WORKER_UDP];

	nsc_json_add_open(json, "protocols", '[');
	if (web->view->seq) {
		show_share(json, "tcp", tcp, value[NSC_C_WORKER_TCP_BYTES]);
		show_share(json, "udp", udp, value[NSC_C_WORKER_UDP_BYTES]);
		show_share(json, "other", value[NSC_C_WORKER_PACKETS] - tcp - udp,
			   value[NSC_C_WORKER_BYTES] - value[NSC_C_WORKER_TCP_BYTES] - value[NSC_C_WORKER_UDP_BYTES]);
	}
	nsc_json_close(json, ']');
}

void nsc_show_mix(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "mix", '{');
	show_protocols(web, json);
	nsc_json_add_open(json, "fates", '[');
	for (unsigned fate = 0; web->view->seq && fate < NSC_FATE_COUNT; fate++) {
		uint64_t packets = web->view->totals.value[NSC_C_FATE + fate];

		if (!packets)
			continue;
		nsc_json_open(json, '[');
		nsc_json_text(json, nsc_fate_name(fate));
		nsc_json_u64(json, packets);
		nsc_json_close(json, ']');
	}
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
}

void nsc_show_seconds(struct nsc_json *json, uint64_t ns)
{
	if (ns % NSC_NS_PER_SEC || ns > NSC_TIME_MAX)
		nsc_json_time(json, ns);
	else
		nsc_json_u64(json, ns / NSC_NS_PER_SEC);
}

void nsc_show_points(struct nsc_json *json, const struct nsc_point *point, uint32_t n)
{
	nsc_json_add_open(json, "points", '[');
	for (uint32_t i = 0; i < n; i++, point++) {
		nsc_json_open(json, '[');
		nsc_show_seconds(json, point->start_ns);
		nsc_show_seconds(json, point->length_ns);
		nsc_json_u64(json, point->value[NSC_HISTORY_PACKETS]);
		nsc_json_u64(json, point->value[NSC_HISTORY_BYTES]);
		nsc_json_u64(json, point->value[NSC_HISTORY_DROPS]);
		nsc_json_u64(json, point->value[NSC_HISTORY_FLOWS]);
		nsc_json_bool(json, point->down);
		nsc_json_close(json, ']');
	}
	nsc_json_close(json, ']');
}
