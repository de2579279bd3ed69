/* SPDX-License-Identifier: MIT
 *
 * What clients ask for over the WebSocket: a table of message types.
 */
#include "dashboard/server/server.h"

#include <cjson/cJSON.h>
#include <math.h>

enum { RATE_MOST_MS = 60000 };

static bool command_number(const cJSON *message, const char *name, double *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(message, name);

	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return false;
	*value = item->valuedouble;
	return true;
}

static bool command_whole_number(const cJSON *message, const char *name, double most, uint64_t *value)
{
	double number;

	if (!command_number(message, name, &number) || number < 0 || number > most || number != floor(number))
		return false;
	*value = (uint64_t)number;
	return true;
}

static void command_refuse(struct nsc_socket *c, const char *text)
{
	nsc_socket_send(c, nsc_message_error(text, c->request));
}

/* --- commands --------------------------------------------------------------------------------- */

static void command_packet_detail(struct nsc_socket *c, const cJSON *message)
{
	uint64_t id;

	if (command_whole_number(message, "id", 9007199254740992.0, &id))
		nsc_socket_send(c, nsc_message_detail(c->server->web, id));
	else
		command_refuse(c, "get_packet_detail: id is a whole number");
}

static void command_set_rate(struct nsc_socket *c, const cJSON *message)
{
	uint64_t tick_ms = c->server->web->options.tick_ms, wanted;

	if (!command_whole_number(message, "tick_ms", RATE_MOST_MS, &wanted)) {
		command_refuse(c, "set_rate: tick_ms is a whole number from 0 to 60000");
		return;
	}
	c->rate_ns = wanted ? NSC_MAX(wanted, tick_ms) * 1000000 : UINT64_MAX;
	c->next_ns = 0;
}

static void command_ping(struct nsc_socket *c, const cJSON *message)
{
	double t;

	if (command_number(message, "t", &t))
		nsc_socket_send(c, nsc_message_pong(t));
	else
		command_refuse(c, "ping: t is a number");
}

static void command_flows_begin(struct nsc_flow_search *search, struct nsc_json *json)
{
	nsc_json_add_text(json, "type", "flows");
	nsc_json_add_fixed(json, "request", ((struct nsc_socket *)search->context)->search_request, 0);
}

static void command_flows_done(struct nsc_flow_search *search, struct nsc_json *json)
{
	if (json) /* else the socket is told of the end by itself */
		nsc_socket_send(search->context, nsc_message_of(json));
}

static struct nsc_span command_text(const cJSON *message, const char *name, bool *wrong)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(message, name);

	*wrong |= item && !cJSON_IsString(item);
	return cJSON_IsString(item) ? (struct nsc_span){ item->valuestring, strlen(item->valuestring) }
				    : (struct nsc_span){ "", 0 };
}

static void command_query_flows(struct nsc_socket *c, const cJSON *message)
{
	bool wrong = false;
	struct nsc_query_text text = {
		.filter = command_text(message, "filter", &wrong),
		.sort = command_text(message, "sort", &wrong),
		.order = command_text(message, "order", &wrong),
		.key = command_text(message, "key", &wrong),
		.after = command_text(message, "after", &wrong),
		.limit = 100,
	};
	struct nsc_error error;

	if (cJSON_HasObjectItem(message, "limit") && !command_whole_number(message, "limit", 1e9, &text.limit))
		wrong = true;
	if (wrong) {
		command_refuse(c, "query_flows: filter, sort, order, key and after are texts, limit is a whole number");
		return;
	}
	nsc_queries_cancel(c->server->web, &c->search);
	c->search.context = c;
	c->search.begin = command_flows_begin;
	c->search.done = command_flows_done;
	c->search_request = c->request;
	if (nsc_queries_ask(c->server->web, &c->search, &text, &error))
		command_refuse(c, error.text);
}

static void command_groups_begin(struct nsc_flow_search *search, struct nsc_json *json)
{
	nsc_json_add_text(json, "type", "groups");
	nsc_json_add_fixed(json, "request", ((struct nsc_socket *)search->context)->group_request, 0);
}

static void command_query_groups(struct nsc_socket *c, const cJSON *message)
{
	bool wrong = false;
	struct nsc_query_text text = {
		.filter = command_text(message, "filter", &wrong),
		.sort = command_text(message, "sort", &wrong),
		.by = command_text(message, "by", &wrong),
		.limit = 100,
		.after = command_text(message, "after", &wrong),
		.groups = true,
	};
	struct nsc_error error;

	if (cJSON_HasObjectItem(message, "limit") && !command_whole_number(message, "limit", 1e9, &text.limit))
		wrong = true;
	if (cJSON_HasObjectItem(message, "last") && !command_whole_number(message, "last", 1e9, &text.last))
		wrong = true;
	if (wrong) {
		command_refuse(c,
			       "query_groups: by, filter, sort and after are texts, limit and last are whole numbers");
		return;
	}
	nsc_queries_cancel(c->server->web, &c->group_search);
	c->group_search.context = c;
	c->group_search.begin = command_groups_begin;
	c->group_search.done = command_flows_done;
	c->group_request = c->request;
	if (nsc_queries_ask(c->server->web, &c->group_search, &text, &error))
		command_refuse(c, error.text);
}

static const struct {
	const char *type;
	void (*run)(struct nsc_socket *, const cJSON *message);
} commands[] = {
	{ "get_packet_detail", command_packet_detail },
	{ "query_flows", command_query_flows },
	{ "query_groups", command_query_groups },
	{ "set_rate", command_set_rate },
	{ "ping", command_ping },
};

static void command_run(struct nsc_socket *c, const cJSON *message)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(message, "type");

	command_number(message, "request", &c->request);
	for (size_t i = 0; cJSON_IsString(type) && i < NSC_ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].type, type->valuestring))
			continue;
		commands[i].run(c, message);
		return;
	}
	command_refuse(c, "type is one of get_packet_detail, query_flows, query_groups, set_rate, ping");
}

void nsc_socket_command(struct nsc_socket *c, const char *text, size_t length)
{
	cJSON *message = cJSON_ParseWithLengthOpts(text, length + 1, NULL, true);

	c->request = NAN;
	if (cJSON_IsObject(message))
		command_run(c, message);
	else
		command_refuse(c, "a message is one JSON object");
	cJSON_Delete(message);
}

void nsc_socket_forget(struct nsc_socket *c)
{
	nsc_queries_cancel(c->server->web, &c->search);
	nsc_queries_cancel(c->server->web, &c->group_search);
}
