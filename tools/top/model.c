/* SPDX-License-Identifier: MIT
 *
 * From JSON to numbers. The sensor is believed in nothing: every member may be missing, of another type or too long.
 */
#include "tools/top/model.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void nsc_top_numbers_init(struct nsc_top_numbers *numbers)
{
	*numbers = (struct nsc_top_numbers){
		.elapsed = NAN,
		.tick_end = NAN,
		.pps = NAN,
		.bps = NAN,
		.flows = NAN,
		.alerts = NAN,
		.drops = NAN,
		.received = NAN,
		.lost = NAN,
		.borders = NAN,
		.imbalance = NAN,
		.matched = NAN,
		.held = NAN,
	};
}

/* --- members ---------------------------------------------------------------------------------- */

static double model_number_of(const cJSON *item)
{
	return cJSON_IsNumber(item) && isfinite(item->valuedouble) && item->valuedouble >= 0 ? item->valuedouble : NAN;
}

static double model_number_at(const cJSON *object, const char *name)
{
	return model_number_of(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void model_text_at(const cJSON *object, const char *name, char *out, size_t room)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	snprintf(out, room, "%s", text ? text : "");
}

#define TEXT(object, name, out) model_text_at(object, name, out, sizeof(out))

static bool model_is_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool model_says(const cJSON *object, const char *name, const char *text)
{
	const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return found && !strcmp(found, text);
}

static void model_row_of_numbers(double *out, uint32_t room, const cJSON *array)
{
	const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;

	for (uint32_t i = 0; i < room; i++, item = item ? item->next : NULL)
		out[i] = model_number_of(item);
}

/* --- flows ------------------------------------------------------------------------------------ */

static void model_read_end(const cJSON *flow, const char *name, char out[NSC_TOP_END])
{
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(flow, name);
	double port = model_number_at(end, "port");
	char ip[NSC_TOP_END - 16];

	TEXT(end, "ip", ip);
	if (isnan(port))
		snprintf(out, NSC_TOP_END, "%s", ip);
	else
		snprintf(out, NSC_TOP_END, strchr(ip, ':') ? "[%s]:%.0f" : "%s:%.0f", ip, fmin(port, UINT16_MAX));
}

static void model_read_flow(struct nsc_top_row *flow, const cJSON *row)
{
	bool back = model_says(row, "client", "b_to_a"), forth = model_says(row, "client", "a_to_b");

	TEXT(row, "protocol", flow->protocol);
	TEXT(row, "app", flow->app);
	TEXT(row, "tcp_state", flow->state);
	TEXT(row, "name", flow->name);
	model_read_end(row, back ? "endpoint_b" : "endpoint_a", flow->from);
	model_read_end(row, back ? "endpoint_a" : "endpoint_b", flow->to);
	flow->has_client = back || forth;
	flow->bps = model_number_at(row, cJSON_HasObjectItem(row, "bps") ? "bps" : "avg_bps");
	flow->bytes = model_number_at(row, "bytes_total");
	flow->packets = model_number_at(row, "packets_total");
	flow->rtt_ms = model_number_at(row, "rtt_ewma_ms");
	flow->retransmissions = model_number_at(row, "retransmissions");
	flow->lost_segments = model_number_at(row, "lost_segments");
}

static void model_read_rows(struct nsc_top_flows *flows, const cJSON *rows)
{
	const cJSON *row;

	flows->n = 0;
	cJSON_ArrayForEach(row, rows)
	{
		if (flows->n < NSC_TOP_FLOWS && cJSON_IsObject(row))
			model_read_flow(&flows->flow[flows->n++], row);
	}
}

/* --- the rest of the summary ------------------------------------------------------------------ */

/* Packets lost before or inside the program, as the page adds them up. */
static double model_lost_packets(const cJSON *counters)
{
	static const char *const names[] = { "rx_nic_drops", "rx_stack_drops", "rx_kernel_drops", "lane_full" };
	double sum = NAN;

	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		double n = model_number_at(counters, names[i]);

		if (!isnan(n))
			sum = isnan(sum) ? n : sum + n;
	}
	return sum;
}

static void model_read_losses(struct nsc_top_numbers *numbers, const cJSON *losses)
{
	const cJSON *item;

	numbers->n_losses = 0;
	cJSON_ArrayForEach(item, losses)
	{
		struct nsc_top_loss *loss = &numbers->loss[numbers->n_losses];

		if (numbers->n_losses == NSC_TOP_LOSSES || !cJSON_IsObject(item))
			continue;
		TEXT(item, "place", loss->place);
		TEXT(item, "counter", loss->counter);
		TEXT(item, "unit", loss->unit);
		TEXT(item, "what", loss->what);
		TEXT(item, "advice", loss->advice);
		loss->is_loss = model_says(item, "class", "loss");
		loss->count = model_number_at(item, "count");
		loss->since = model_number_at(item, "since");
		numbers->n_losses++;
	}
}

static void model_read_ledger(struct nsc_top_numbers *numbers, const cJSON *ledger)
{
	const cJSON *line, *lines = cJSON_GetObjectItemCaseSensitive(ledger, "lines");

	numbers->balanced = model_is_true(ledger, "balanced");
	numbers->borders = cJSON_IsArray(lines) ? cJSON_GetArraySize(lines) : NAN;
	numbers->unbalanced[0] = '\0';
	cJSON_ArrayForEach(line, lines)
	{
		if (!numbers->unbalanced[0] && fabs(model_number_at(line, "have") - model_number_at(line, "want")) > 0)
			TEXT(line, "what", numbers->unbalanced);
	}
}

static void model_read_tick(struct nsc_top_numbers *numbers, const cJSON *tick)
{
	numbers->tick_end = model_number_at(tick, "end");
	numbers->pps = model_number_at(tick, "pps");
	numbers->bps = model_number_at(tick, "bps");
	numbers->flows = model_number_at(tick, "flows");
	numbers->alerts = model_number_at(tick, "alerts");
	numbers->drops = model_number_at(tick, "drops");
}

/* --- bodies ----------------------------------------------------------------------------------- */

/* The object that has the member `known`, to be freed; NULL and a sentence. */
static cJSON *model_parse(const char *text, size_t length, const char *what, const char *known, struct nsc_error *error)
{
	cJSON *root = cJSON_ParseWithLength(text, length);

	if (root && cJSON_IsObject(root) && cJSON_HasObjectItem(root, known))
		return root;
	cJSON_Delete(root);
	nsc_fail(error, -EPROTO, "/api/v1/%s answers with something else than docs/web-api.md says: is this netscope?",
		 what);
	return NULL;
}

int nsc_top_read_summary(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error)
{
	cJSON *root = model_parse(text, length, "summary", "state", error);
	const cJSON *source, *counters, *config;
	double protocol;

	if (!root)
		return -EPROTO;
	protocol = model_number_at(root, "protocol");
	if (protocol != NSC_TOP_PROTOCOL) {
		cJSON_Delete(root);
		return nsc_fail(error, -EPROTO,
				"the sensor speaks version %.0f of the protocol, and this netscope version %d",
				protocol, NSC_TOP_PROTOCOL);
	}
	source = cJSON_GetObjectItemCaseSensitive(root, "source");
	counters = cJSON_GetObjectItemCaseSensitive(root, "counters");
	TEXT(root, "version", numbers->version);
	TEXT(root, "boot_id", numbers->boot_id);
	config = cJSON_GetObjectItemCaseSensitive(root, "config");
	TEXT(cJSON_GetObjectItemCaseSensitive(config, "spool"), "sensor", numbers->sensor);
	numbers->elapsed = model_number_at(root, "elapsed_secs");
	TEXT(source, "name", numbers->source);
	TEXT(source, "input", numbers->input);
	numbers->live = model_is_true(source, "live");
	TEXT(root, "state", numbers->state);
	TEXT(root, "state_text", numbers->state_text);
	model_read_tick(numbers, cJSON_GetObjectItemCaseSensitive(root, "tick"));
	numbers->received = model_number_at(counters, "rx_received");
	numbers->lost = model_lost_packets(counters);
	model_read_ledger(numbers, cJSON_GetObjectItemCaseSensitive(root, "ledger"));
	model_read_losses(numbers, cJSON_GetObjectItemCaseSensitive(root, "losses"));
	model_read_rows(&numbers->top, cJSON_GetObjectItemCaseSensitive(root, "top"));
	cJSON_Delete(root);
	return 0;
}

static void model_read_worker(struct nsc_top_worker *worker, const cJSON *item)
{
	worker->index = model_number_at(item, "index");
	worker->core = model_number_at(item, "core");
	worker->busy = model_number_at(item, "busy");
	worker->empty = model_number_at(item, "empty");
	worker->idle = model_number_at(item, "idle");
	worker->waited = model_number_at(item, "waited");
	worker->pps = model_number_at(item, "pps");
	worker->bps = model_number_at(item, "bps");
	worker->waiting = model_number_at(item, "waiting");
	worker->round_p99_ns = model_number_at(cJSON_GetObjectItemCaseSensitive(item, "round_ns"), "p99");
	model_row_of_numbers(worker->cycles, NSC_TOP_STAGES,
			     cJSON_GetObjectItemCaseSensitive(item, "cycles_per_packet"));
}

int nsc_top_read_cores(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error)
{
	cJSON *root = model_parse(text, length, "cores", "workers", error);
	const cJSON *item, *capture;

	if (!root)
		return -EPROTO;
	numbers->n_stages = numbers->n_workers = 0;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "stages"))
	{
		if (numbers->n_stages < NSC_TOP_STAGES && cJSON_IsString(item))
			snprintf(numbers->stage[numbers->n_stages++], NSC_TOP_WORD, "%s", item->valuestring);
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "workers"))
	{
		if (numbers->n_workers < NSC_TOP_WORKERS && cJSON_IsObject(item))
			model_read_worker(&numbers->worker[numbers->n_workers++], item);
	}
	capture = cJSON_GetObjectItemCaseSensitive(root, "capture");
	numbers->has_capture = cJSON_IsObject(capture);
	model_row_of_numbers(numbers->capture, NSC_TOP_STAGES,
			     cJSON_GetObjectItemCaseSensitive(capture, "cycles_per_packet"));
	numbers->imbalance = model_number_at(root, "imbalance");
	cJSON_Delete(root);
	return 0;
}

int nsc_top_read_flows(struct nsc_top_numbers *numbers, const char *text, size_t length, struct nsc_error *error)
{
	cJSON *root = model_parse(text, length, "flows", "flows", error);

	if (!root)
		return -EPROTO;
	numbers->matched = model_number_at(root, "matched");
	numbers->held = model_number_at(root, "held");
	model_read_rows(&numbers->found, cJSON_GetObjectItemCaseSensitive(root, "flows"));
	cJSON_Delete(root);
	return 0;
}

bool nsc_top_read_error(char sentence[NSC_TOP_NAME], const char *text, size_t length)
{
	cJSON *root = cJSON_ParseWithLength(text, length);

	model_text_at(root, "error", sentence, NSC_TOP_NAME);
	cJSON_Delete(root);
	return sentence[0];
}
