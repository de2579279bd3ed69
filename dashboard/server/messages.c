/* SPDX-License-Identifier: MIT
 *
 * Whole messages of the WebSocket.
 */
#include "dashboard/server/deflate.h"
#include "dashboard/server/groups.h"
#include "dashboard/server/links.h"

#include <stdlib.h>
#include <string.h>

#include "netscope/query.h"

/* --- bytes ------------------------------------------------------------------------------------ */

enum { TEXT = 0x1, COMPRESSED = 0x40 /* RSV1: RFC 7692 section 6 */ };

/* Takes the text; NULL is none. A server's frame is not masked: opcode and length, RFC 6455 section 5.2. */
static struct nsc_message *message_new(uint8_t opcode, char *text, size_t n)
{
	struct nsc_message *message = text ? malloc(sizeof(*message)) : NULL;
	uint8_t *head;

	if (!message) {
		free(text);
		return NULL;
	}
	*message = (struct nsc_message){ .refs = 1, .text = text, .length = n };
	head = message->head_room;
	head[0] = 0x80 | opcode; /* the only frame of its message */
	message->head = n < 126 ? 2 : n <= UINT16_MAX ? 4 : 10;
	head[1] = n < 126 ? (uint8_t)n : n <= UINT16_MAX ? 126 : 127;
	for (uint32_t i = 2; i < message->head; i++)
		head[i] = (uint8_t)(n >> 8 * (message->head - 1 - i));
	return message;
}

struct nsc_message *nsc_message_of(struct nsc_json *json)
{
	if (json->out.full)
		nsc_json_free(json);
	return message_new(TEXT, json->out.data, json->out.length);
}

struct nsc_message *nsc_message_pack(struct nsc_message *message, struct nsc_deflate *deflate)
{
	size_t length;
	char *text;

	if (message->packed)
		return message->packed;
	if (!deflate || message->length < NSC_DEFLATE_LEAST)
		return message;
	text = nsc_deflate_pack(deflate, message->text, message->length, &length);
	message->packed = text ? message_new(TEXT | COMPRESSED, text, length) : NULL;
	return message->packed ? message->packed : message;
}

struct nsc_message *nsc_message_control(uint8_t opcode, const uint8_t *payload, size_t length)
{
	char *text = malloc(length + 1);

	if (text)
		memcpy(text, payload, length);
	return message_new(opcode, text, length);
}

struct nsc_message *nsc_message_keep(struct nsc_message *message)
{
	message->refs++;
	return message;
}

void nsc_message_drop(struct nsc_message *message)
{
	if (!message || --message->refs)
		return;
	nsc_message_drop(message->packed);
	free(message->text);
	free(message);
}

static void message_begin(struct nsc_json *json, const char *type)
{
	nsc_json_init(json, NSC_WEB_FRAME_MAX);
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "type", type);
}

static struct nsc_message *message_end(struct nsc_json *json)
{
	nsc_json_close(json, '}');
	return nsc_message_of(json);
}

static void message_add_server_ms(struct nsc_json *json)
{
	uint64_t us = nsc_clock_ns(CLOCK_REALTIME) / 1000;

	nsc_json_add_fixed(json, "server_ms", (double)us / 1e3, 3);
}

/* --- hello ------------------------------------------------------------------------------------ */

static void hello_add_counters(struct nsc_json *json)
{
	nsc_json_add_open(json, "counters", '[');
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		const struct nsc_counter_info *info = &nsc_counter_table[i];

		nsc_json_open(json, '{');
		nsc_json_add_text(json, "name", info->name);
		nsc_json_add_text(json, "unit", info->unit);
		nsc_json_add_text(json, "place", info->place);
		nsc_json_add_text(json, "kind", info->class == NSC_CLASS_GAUGE ? "gauge" : "counter");
		nsc_json_add_text(json, "class", nsc_counter_class_name(info->class));
		nsc_json_add_text(json, "help", info->help);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
}

static void hello_add_field(struct nsc_json *json, const struct nsc_column *column)
{
	static const char *const kinds[] = { "number", "bytes",   "rate", "duration", "port",
					     "word",   "address", "text", "country" };

	nsc_json_open(json, '{');
	nsc_json_add_text(json, "name", column->name);
	nsc_json_add_text(json, "kind", kinds[column->kind]);
	nsc_json_add_text(json, "help", column->help);
	if (column->words) {
		nsc_json_add_open(json, "words", '[');
		for (const char *const *word = column->words; *word; word++)
			nsc_json_text(json, *word);
		nsc_json_close(json, ']');
	}
	nsc_json_close(json, '}');
}

static void hello_add_columns(struct nsc_json *json)
{
	nsc_json_add_open(json, "filter", '{');
	nsc_json_add_open(json, "fields", '[');
	for (uint32_t i = 0; i < nsc_column_count; i++)
		if (nsc_column_table[i].filters)
			hello_add_field(json, &nsc_column_table[i]);
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
	nsc_json_add_open(json, "sort", '[');
	for (uint32_t i = 0; i < nsc_column_count; i++)
		if (nsc_column_table[i].sorts)
			nsc_json_text(json, nsc_column_table[i].name);
	nsc_json_close(json, ']');
}

static void hello_add_settings(const struct nsc_web *web, struct nsc_json *json)
{
	const struct nsc_web_options *o = &web->options;

	nsc_json_add_open(json, "settings", '{');
	nsc_json_add_u64(json, "sample_rate", o->sample_rate);
	nsc_json_add_u64(json, "packet_buffer", web->samples.room);
	nsc_json_add_u64(json, "payload_bytes", o->payload_bytes);
	nsc_json_add_u64(json, "top_n", o->top_n);
	nsc_json_add_u64(json, "peers", web->n_peers);
	nsc_json_close(json, '}');
	nsc_json_add_open(json, "analysis", '{');
	nsc_json_add_bool(json, "rtt", o->rtt);
	nsc_json_add_bool(json, "retrans", o->retrans);
	nsc_json_add_bool(json, "out_of_order", o->out_of_order);
	nsc_json_add_bool(json, "alerts", o->alerts);
	nsc_json_add_bool(json, "apps", o->names != NSC_NAMES_OFF);
	nsc_json_add_bool(json, "names", o->names == NSC_NAMES_FULL);
	nsc_json_close(json, '}');
}

static void hello_add_history(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "history", '{');
	nsc_history_show_series(json);
	nsc_json_add_bool(json, "file", web->kept.due_ns);
	nsc_json_close(json, '}');
}

static void hello_add_source(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "source", '{');
	nsc_json_add_text(json, "name", web->options.source);
	nsc_json_add_text(json, "input", web->options.input[0] ? web->options.input : NULL);
	nsc_json_add_bool(json, "live", web->options.live);
	nsc_json_close(json, '}');
}

struct nsc_message *nsc_message_hello(struct nsc_web *web)
{
	struct nsc_json json;

	message_begin(&json, "hello");
	nsc_json_add_text(&json, "version", web->options.version);
	nsc_json_add_u64(&json, "protocol", NSC_WEB_PROTOCOL);
	nsc_json_add_u64(&json, "tick_ms", web->options.tick_ms);
	nsc_json_add_text(&json, "boot_id", web->boot_id);
	message_add_server_ms(&json);
	hello_add_source(web, &json);
	hello_add_counters(&json);
	nsc_show_stages(web, &json);
	hello_add_columns(&json);
	nsc_show_group_kinds(&json);
	hello_add_settings(web, &json);
	hello_add_history(web, &json);
	nsc_links_show(web->options.links, &json);
	return message_end(&json);
}

/* --- frame ------------------------------------------------------------------------------------ */

static void frame_add_packets(struct nsc_web *web, struct nsc_json *json)
{
	uint64_t first = NSC_MAX(web->packets_sent + 1, nsc_samples_oldest(&web->samples)), newest = web->samples.seen;

	if (newest >= NSC_WEB_FRAME_PACKETS)
		first = NSC_MAX(first, newest - NSC_WEB_FRAME_PACKETS + 1);
	nsc_json_add_open(json, "packets", '[');
	for (uint64_t id = first; id <= newest; id++)
		nsc_sample_json(&web->samples, nsc_samples_find(&web->samples, id), json);
	nsc_json_close(json, ']');
	web->packets_sent = newest;
}

static void frame_add_points(struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_point points[NSC_WEB_POINTS];
	uint32_t n;

	pthread_mutex_lock(&web->mutex);
	n = nsc_history_copy(&web->history, 0, 0, points, NSC_WEB_POINTS);
	pthread_mutex_unlock(&web->mutex);
	nsc_show_points(json, points, n);
}

static void frame_add_alerts(struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_kept_alert alerts[NSC_WEB_FRAME_ALERTS];
	uint32_t n;

	pthread_mutex_lock(&web->mutex);
	n = nsc_alerts_copy(&web->alerts, web->alerts_sent, alerts, NSC_WEB_FRAME_ALERTS);
	web->alerts_sent = web->alerts.seen;
	pthread_mutex_unlock(&web->mutex);
	nsc_alerts_show(alerts, n, json);
}

static void frame_add_events(struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_event events[NSC_WEB_FRAME_ALERTS];
	uint32_t n;

	pthread_mutex_lock(&web->mutex);
	n = nsc_events_copy(&web->events, web->events_sent, 0, UINT64_MAX, events, NSC_WEB_FRAME_ALERTS);
	web->events_sent = web->events.seen;
	pthread_mutex_unlock(&web->mutex);
	nsc_events_show(events, n, json);
}

static void frame_add_episodes(struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "episodes", '{');
	pthread_mutex_lock(&web->mutex);
	nsc_episodes_show_open(&web->episodes, json);
	pthread_mutex_unlock(&web->mutex);
	nsc_json_close(json, '}');
}

static void frame_add_none(struct nsc_json *json, const char *list)
{
	nsc_json_add_open(json, list, '[');
	nsc_json_close(json, ']');
}

/* `news`: with what came since the frame before, which is then told; else with none of it. */
static struct nsc_message *frame_of(struct nsc_web *web, bool news)
{
	struct nsc_json json;

	message_begin(&json, "frame");
	nsc_json_add_u64(&json, "frame_seq", web->frame_seq);
	message_add_server_ms(&json);
	nsc_show_state(web, &json);
	nsc_show_tick(web, &json, true);
	nsc_show_counters(web, &json);
	nsc_show_ledger(web, &json);
	nsc_show_interfaces(web, &json);
	nsc_show_losses(web, &json);
	nsc_show_mix(web, &json);
	nsc_show_cores_brief(web, &json);
	frame_add_points(web, &json);
	frame_add_episodes(web, &json);
	nsc_show_sampling(web, &json);
	if (news) {
		frame_add_packets(web, &json);
		frame_add_alerts(web, &json);
		frame_add_events(web, &json);
	} else {
		frame_add_none(&json, "packets");
		frame_add_none(&json, "alerts");
		frame_add_none(&json, "events");
	}
	nsc_json_add_u64(&json, "clients", web->clients);
	return message_end(&json);
}

struct nsc_message *nsc_message_frame(struct nsc_web *web)
{
	web->frame_seq++;
	return frame_of(web, true);
}

struct nsc_message *nsc_message_first_frame(struct nsc_web *web)
{
	return frame_of(web, false);
}

/* --- answers ---------------------------------------------------------------------------------- */

struct nsc_message *nsc_message_detail(struct nsc_web *web, uint64_t id)
{
	struct nsc_json json;

	message_begin(&json, "packet_detail");
	nsc_sample_detail_json(&web->samples, id, &json);
	return message_end(&json);
}

struct nsc_message *nsc_message_error(const char *text, double request)
{
	struct nsc_json json;

	message_begin(&json, "error");
	nsc_json_add_fixed(&json, "request", request, 0);
	nsc_json_add_text(&json, "message", text);
	return message_end(&json);
}

struct nsc_message *nsc_message_pong(double t)
{
	struct nsc_json json;

	message_begin(&json, "pong");
	nsc_json_add_fixed(&json, "t", t, 3);
	message_add_server_ms(&json);
	return message_end(&json);
}
