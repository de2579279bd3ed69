/* SPDX-License-Identifier: MIT
 *
 * The summary for machines. Numbers go in as text, since a double does not hold every 64-bit count; what a source
 * cannot know is null, never 0.
 */
#include "engine/text/summary.h"

#include "engine/text/address.h"
#include "engine/text/escape.h"
#include "engine/text/time.h"
#include "engine/text/trace.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { SCHEMA_VERSION = 1 };

/* Of all counters that `name` has a name for. */
static uint64_t summary_sum(const struct nsc_counters *counters, const char *(*name)(unsigned))
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		if (name(i))
			sum += counters->value[i];
	return sum;
}

uint64_t nsc_summary_busy_cycles(const struct nsc_counters *counters)
{
	return summary_sum(counters, nsc_counter_stage);
}

uint64_t nsc_summary_waited_cycles(const struct nsc_counters *counters)
{
	return summary_sum(counters, nsc_counter_waited);
}

uint64_t nsc_summary_ratio(uint64_t value, uint64_t scale, uint64_t over)
{
	unsigned __int128 ratio = over ? ((unsigned __int128)value * scale + over / 2) / over : 0;

	return ratio > UINT64_MAX ? UINT64_MAX : (uint64_t)ratio;
}

void nsc_summary_dns_total(const struct nsc_dns_view *dns, struct nsc_dns_row *row)
{
	row->counts = dns->total;
	row->latency = (struct nsc_dns_latency){ .p50_ns = nsc_histogram_quantile(&dns->latency, 0.5),
						 .p99_ns = nsc_histogram_quantile(&dns->latency, 0.99),
						 .max_ns = dns->latency.max_ns };
	row->latency.samples = nsc_histogram_total(&dns->latency);
}

static void add_u64(cJSON *to, const char *name, uint64_t value)
{
	char text[NSC_FORMAT_U64_MAX + 1];

	if (value == NSC_UNKNOWN) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	*nsc_format_u64(text, value) = '\0';
	cJSON_AddRawToObject(to, name, text);
}

static void add_thousandths(cJSON *to, const char *name, uint64_t value)
{
	char text[NSC_FORMAT_U128_MAX + 3];

	*nsc_format_thousandths(text, value) = '\0';
	cJSON_AddRawToObject(to, name, text);
}

static void add_seconds(cJSON *to, const char *name, uint64_t ns)
{
	char text[NSC_FORMAT_SECONDS_MAX + 1];

	*nsc_format_seconds(text, ns) = '\0';
	cJSON_AddRawToObject(to, name, text);
}

static void add_timestamp(cJSON *to, const char *name, uint64_t ns)
{
	char text[NSC_FORMAT_SECONDS_MAX + 1];

	*nsc_format_timestamp(text, ns) = '\0';
	cJSON_AddRawToObject(to, name, text);
}

/* cJSON copies bytes that are not UTF-8, which a path may have. */
static void summary_add_text(cJSON *to, const char *name, const char *text)
{
	char quoted[NSC_ESCAPE_GROWTH * PATH_MAX + sizeof("\"\"")], *at = quoted;

	if (!text) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	*at++ = '"';
	at += nsc_escape(NSC_ESCAPE_JSON, text, strnlen(text, PATH_MAX), at, NSC_ESCAPE_GROWTH * PATH_MAX);
	memcpy(at, "\"", 2);
	cJSON_AddRawToObject(to, name, quoted);
}

static void summary_add_counters(cJSON *to, const struct nsc_counters *counters)
{
	cJSON *object = cJSON_AddObjectToObject(to, "counters");

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		add_u64(object, nsc_counter_table[i].name, counters->value[i]);
}

static void add_fates(cJSON *to, const struct nsc_counters *counters)
{
	cJSON *object = cJSON_AddObjectToObject(to, "fates");

	for (unsigned fate = 0; fate < NSC_FATE_COUNT; fate++)
		add_u64(object, nsc_fate_name(fate), counters->value[NSC_C_FATE + fate]);
}

static void add_per_packet(cJSON *to, const char *key, const struct nsc_counters *counters,
			   const char *(*name)(unsigned))
{
	cJSON *object = cJSON_AddObjectToObject(to, key);
	uint64_t packets = counters->value[NSC_C_WORKER_PACKETS];

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		if (name(i))
			add_thousandths(object, name(i), nsc_summary_ratio(counters->value[i], 1000, packets));
	add_thousandths(object, "total", nsc_summary_ratio(summary_sum(counters, name), 1000, packets));
}

static void add_cycles(cJSON *to, const struct nsc_counters *counters)
{
	add_per_packet(to, "cycles_per_packet", counters, nsc_counter_stage);
	add_per_packet(to, "waited_per_packet", counters, nsc_counter_waited);
}

static void add_histogram(cJSON *to, const struct nsc_histogram *histogram)
{
	cJSON *buckets = cJSON_AddArrayToObject(to, "histogram"), *pair;

	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++) {
		if (!histogram->count[i])
			continue;
		pair = cJSON_CreateArray();
		cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)nsc_histogram_bucket_end(i)));
		cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)histogram->count[i]));
		cJSON_AddItemToArray(buckets, pair);
	}
}

static void add_duration(cJSON *to, unsigned duration, const struct nsc_histogram *histogram, bool whole)
{
	cJSON *object = cJSON_AddObjectToObject(to, nsc_duration_table[duration].member);

	add_u64(object, nsc_duration_table[duration].counted, nsc_histogram_total(histogram));
	add_u64(object, "p50", nsc_histogram_quantile(histogram, 0.5));
	add_u64(object, "p99", nsc_histogram_quantile(histogram, 0.99));
	add_u64(object, "p99_99", nsc_histogram_quantile(histogram, 0.9999));
	add_u64(object, "max", histogram->max_ns);
	add_u64(object, "sum", histogram->sum_ns);
	if (whole)
		add_histogram(object, histogram);
}

static void add_durations(cJSON *to, const struct nsc_histogram *duration, bool whole)
{
	for (unsigned i = 0; i < NSC_DURATION_COUNT; i++)
		add_duration(to, i, &duration[i], whole);
}

static void add_sum_of_durations(cJSON *to, const struct nsc_view *view)
{
	struct nsc_histogram sum[NSC_DURATION_COUNT];

	memset(sum, 0, sizeof(sum));
	for (uint32_t i = 0; i < view->n_workers; i++)
		for (unsigned d = 0; d < NSC_DURATION_COUNT; d++)
			nsc_histogram_add(&sum[d], &view->worker[i].duration[d]);
	add_durations(to, sum, true);
}

static void add_ledger(cJSON *to, const struct nsc_view *view)
{
	cJSON *object = cJSON_AddObjectToObject(to, "ledger"), *lines;
	struct nsc_ledger ledger;

	nsc_ledger_check(&ledger, &view->totals, view->final, view->lanes);
	cJSON_AddBoolToObject(object, "balanced", ledger.balanced);
	lines = cJSON_AddArrayToObject(object, "lines");
	for (uint32_t i = 0; i < ledger.n; i++) {
		cJSON *line = cJSON_CreateObject();

		cJSON_AddStringToObject(line, "what", ledger.line[i].what);
		add_u64(line, "have", ledger.line[i].have);
		add_u64(line, "want", ledger.line[i].want);
		cJSON_AddItemToArray(lines, line);
	}
}

static void add_workers(cJSON *to, const struct nsc_view *view)
{
	cJSON *workers = cJSON_AddArrayToObject(to, "workers");

	for (uint32_t i = 0; i < view->n_workers; i++) {
		const struct nsc_view_worker *w = &view->worker[i];
		cJSON *worker = cJSON_CreateObject();

		if (w->core < 0)
			cJSON_AddNullToObject(worker, "core");
		else
			cJSON_AddNumberToObject(worker, "core", w->core);
		add_cycles(worker, &w->counters);
		add_durations(worker, w->duration, false);
		summary_add_counters(worker, &w->counters);
		cJSON_AddItemToArray(workers, worker);
	}
}

static void add_time(cJSON *to, const char *name, uint64_t ns)
{
	char text[NSC_FORMAT_SECONDS_MAX + 1];

	if (ns == NSC_UNKNOWN) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	*nsc_format_timestamp(text, ns) = '\0';
	cJSON_AddRawToObject(to, name, text);
}

/* The source may still be reading. */
static void add_file(cJSON *rows, const struct nsc_rx_file_part *part, bool over)
{
	cJSON *row = cJSON_CreateObject();

	summary_add_text(row, "path", part->path);
	add_u64(row, "packets", __atomic_load_n(&part->packets, __ATOMIC_RELAXED));
	add_u64(row, "bytes", __atomic_load_n(&part->bytes, __ATOMIC_RELAXED));
	add_time(row, "first_seen", __atomic_load_n(&part->first_ns, __ATOMIC_RELAXED));
	add_time(row, "last_seen", __atomic_load_n(&part->last_ns, __ATOMIC_RELAXED));
	add_u64(row, "joined", __atomic_load_n(&part->joined, __ATOMIC_RELAXED));
	summary_add_text(row, "failure", over && part->failure.text[0] ? part->failure.text : NULL);
	cJSON_AddItemToArray(rows, row);
}

static void add_files(cJSON *to, const struct nsc_rx_file_report *files)
{
	uint32_t over;
	cJSON *rows;

	if (!files || !files->n) {
		cJSON_AddNullToObject(to, "inputs");
		return;
	}
	rows = cJSON_AddArrayToObject(to, "inputs");
	over = files->over ? __atomic_load_n(files->over, __ATOMIC_ACQUIRE) : files->n;
	for (uint32_t i = 0; i < files->n; i++)
		add_file(rows, &files->part[i], i < over);
}

static size_t hint_tag(char *text, size_t used, const char *filter, const char *what, const char *word, uint64_t n)
{
	if (!n || strstr(filter, word))
		return used;
	return used + (size_t)snprintf(text + used, NSC_SUMMARY_HINT - used,
				       ", %" PRIu64 " of them carry %s, which needs \"%s and (...)\"", n, what, word);
}

bool nsc_summary_hint(const struct nsc_summary *s, char text[NSC_SUMMARY_HINT])
{
	const struct nsc_rx_file_report *files = s->files;
	const struct nsc_rx_file_refused *refused = files ? &files->refused : NULL;
	const char *filter = s->filter;
	size_t used;

	if (!files || !filter || !refused->packets || refused->packets != s->view->totals.value[NSC_C_RX_RECEIVED])
		return false;
	used = (size_t)snprintf(text, NSC_SUMMARY_HINT, "the filter refused all %" PRIu64 " packets", refused->packets);
	used = hint_tag(text, used, filter, "a VLAN tag", "vlan", refused->vlan);
	used = hint_tag(text, used, filter, "PPPoE", "pppoes", refused->pppoe);
	used = hint_tag(text, used, filter, "MPLS", "mpls", refused->mpls);
	if (files->no_meaning)
		snprintf(text + used, NSC_SUMMARY_HINT - used, "; on a link type it has no meaning: %.400s",
			 files->no_meaning);
	return true;
}

static void summary_add_hint(cJSON *to, const struct nsc_summary *s)
{
	char text[NSC_SUMMARY_HINT];

	summary_add_text(to, "hint", nsc_summary_hint(s, text) ? text : NULL);
}

static void summary_add_source(cJSON *to, const struct nsc_summary *s)
{
	cJSON *object = cJSON_AddObjectToObject(to, "source");

	summary_add_text(object, "name", s->source);
	summary_add_text(object, "input", s->input);
	cJSON_AddBoolToObject(object, "live", s->live);
	summary_add_text(object, "clock", s->clock);
	add_files(object, s->files);
	summary_add_hint(object, s);
}

/* What was lost, or forgotten for want of room, each place by itself. */
static void add_rows(cJSON *to, const struct nsc_counters *totals, enum nsc_counter_class class)
{
	bool loss = class == NSC_CLASS_LOSS;
	cJSON *rows = cJSON_AddArrayToObject(to, loss ? "losses" : "limits");

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		cJSON *row;

		if (nsc_counter_table[i].class != class)
			continue;
		row = cJSON_CreateObject();
		summary_add_text(row, loss ? "place" : "what", nsc_loss_table[i].name);
		summary_add_text(row, "counter", nsc_counter_table[i].name);
		if (loss)
			cJSON_AddBoolToObject(row, "apart", nsc_loss_table[i].apart);
		add_u64(row, loss ? "lost" : "hit", totals->value[i]);
		summary_add_text(row, "advice", nsc_loss_table[i].advice);
		cJSON_AddItemToArray(rows, row);
	}
}

/* What it counted itself. */
static void interface_add_own(cJSON *object, const struct nsc_summary_interface *interface)
{
	cJSON *extra;

	add_u64(object, "packets", interface->packets);
	add_u64(object, "missed", interface->missed);
	add_u64(object, "dropped", interface->dropped);
	add_u64(object, "errors", interface->errors);
	extra = cJSON_AddObjectToObject(object, "driver");
	for (uint32_t i = 0; i < interface->n; i++)
		add_u64(extra, interface->extra[i].name, interface->extra[i].moved);
}

/* Of a run with one interface, as it always was. */
static void summary_add_interface(cJSON *to, const struct nsc_summary *s)
{
	if (s->interfaces == 1 && s->interface->tells)
		interface_add_own(cJSON_AddObjectToObject(to, "interface"), s->interface);
	else
		cJSON_AddNullToObject(to, "interface");
}

static void interface_add_came(cJSON *object, const struct nsc_summary_interface *interface)
{
	const struct nsc_rx_counters *rx = &interface->rx;

	summary_add_text(object, "name", interface->name);
	summary_add_text(object, "state", interface->state);
	cJSON_AddNumberToObject(object, "outages", interface->outages);
	add_u64(object, "kernel_seen", rx->kernel_seen);
	add_u64(object, "received", rx->received);
	add_u64(object, "received_bytes", rx->received_bytes);
	add_u64(object, "filtered", rx->filtered);
	add_u64(object, "delivered", rx->delivered);
	add_u64(object, "left", rx->left);
	add_u64(object, "kernel_drops", rx->kernel_drops);
	add_u64(object, "stack_drops", rx->stack_drops);
	add_u64(object, "nic_drops", rx->nic_drops);
}

static void summary_add_interfaces(cJSON *to, const struct nsc_summary *s)
{
	cJSON *array = cJSON_AddArrayToObject(to, "interfaces");

	for (uint32_t i = 0; i < s->interfaces; i++) {
		cJSON *object = cJSON_CreateObject();

		interface_add_came(object, &s->interface[i]);
		if (s->interface[i].tells)
			interface_add_own(cJSON_AddObjectToObject(object, "own"), &s->interface[i]);
		else
			cJSON_AddNullToObject(object, "own");
		cJSON_AddItemToArray(array, object);
	}
}

/* The busiest worker's share of the packets against an even one; null with one worker. */
static void add_imbalance(cJSON *to, const struct nsc_view *view)
{
	uint64_t most = 0, all = view->totals.value[NSC_C_WORKER_PACKETS];

	for (uint32_t i = 0; i < view->n_workers; i++)
		most = NSC_MAX(most, view->worker[i].counters.value[NSC_C_WORKER_PACKETS]);
	if (view->n_workers > 1 && all)
		add_thousandths(to, "imbalance", nsc_summary_ratio(most, 1000ull * view->n_workers, all));
	else
		cJSON_AddNullToObject(to, "imbalance");
}

/* The first steps of packet time; the counters have the number of all. */
static void add_clock_steps(cJSON *to, const struct nsc_steady_log *log)
{
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];
	uint32_t n = log ? nsc_steady_log_read(log, step) : 0;
	cJSON *array = cJSON_AddArrayToObject(to, "clock_steps");

	for (uint32_t i = 0; i < n; i++) {
		cJSON *object = cJSON_CreateObject();

		add_timestamp(object, "from", step[i].from_ns);
		add_timestamp(object, "to", step[i].to_ns);
		cJSON_AddItemToArray(array, object);
	}
}

static void summary_add_budget(cJSON *to, const struct nsc_engine_budget *budget)
{
	cJSON *object;

	if (!budget) {
		cJSON_AddNullToObject(to, "memory_budget");
		return;
	}
	object = cJSON_AddObjectToObject(to, "memory_budget");
	add_u64(object, "flow_tables", budget->flow_tables);
	add_u64(object, "flow_bytes_each", budget->flow_bytes_each);
	add_u64(object, "flow_limit", budget->flow_limit);
	add_u64(object, "outstanding_limit", budget->outstanding_limit);
	add_u64(object, "names", budget->names);
	add_u64(object, "lanes", budget->lanes);
	add_u64(object, "entry", budget->entry);
	add_u64(object, "records", budget->records);
	add_u64(object, "snapshots", budget->snapshots);
	add_u64(object, "taps", budget->taps);
	add_u64(object, "detectors", budget->detect);
	add_u64(object, "dashboard", budget->dashboard);
	add_u64(object, "timelines", budget->timelines);
	add_u64(object, "recorder", budget->recorder);
	add_u64(object, "total", budget->total);
}

/* --- DNS -------------------------------------------------------------------------------------- */

static void summary_add_latency(cJSON *to, const struct nsc_dns_latency *latency)
{
	cJSON *object = cJSON_AddObjectToObject(to, "latency_ns");

	add_u64(object, "samples", latency->samples);
	add_u64(object, "p50", latency->samples ? latency->p50_ns : NSC_UNKNOWN);
	add_u64(object, "p99", latency->samples ? latency->p99_ns : NSC_UNKNOWN);
	add_u64(object, "max", latency->samples ? latency->max_ns : NSC_UNKNOWN);
}

/* Without any answer in the capture nobody knows what was not answered. */
static void summary_add_dns_row(cJSON *to, const struct nsc_dns_row *row, bool heard)
{
	const struct nsc_dns_counts *counts = &row->counts;
	cJSON *answers;

	add_u64(to, "queries", counts->queries);
	add_u64(to, "repeated", counts->repeated);
	add_u64(to, "answered", nsc_dns_answered(counts));
	add_u64(to, "unanswered", heard ? counts->unanswered : NSC_UNKNOWN);
	answers = cJSON_AddObjectToObject(to, "answers");
	for (unsigned code = 0; code < NSC_DNS_CODE_COUNT; code++)
		if (counts->answers[code])
			add_u64(answers, nsc_dns_code_name(code), counts->answers[code]);
	summary_add_latency(to, &row->latency);
}

static void summary_add_dns_servers(cJSON *to, const struct nsc_dns_view *dns)
{
	cJSON *rows = cJSON_AddArrayToObject(to, "servers");
	char text[NSC_FORMAT_IP_MAX + 1];

	for (uint32_t i = 0; i < dns->n_servers; i++) {
		cJSON *row = cJSON_CreateObject();

		*nsc_format_ip(text, dns->server[i].addr, dns->server[i].ip_version) = '\0';
		summary_add_text(row, "server", text);
		summary_add_dns_row(row, &dns->server[i].row, dns->heard);
		cJSON_AddItemToArray(rows, row);
	}
}

static void summary_add_dns_names(cJSON *to, const struct nsc_dns_view *dns)
{
	cJSON *rows = cJSON_AddArrayToObject(to, "names");
	char text[NSC_NAME_MAX + 1];

	for (uint32_t i = 0; i < dns->n_names; i++) {
		cJSON *row = cJSON_CreateObject();

		memcpy(text, dns->name[i].name, dns->name[i].length);
		text[dns->name[i].length] = '\0';
		summary_add_text(row, "name", text);
		summary_add_dns_row(row, &dns->name[i].row, dns->heard);
		cJSON_AddItemToArray(rows, row);
	}
}

static void summary_add_dns(cJSON *to, const struct nsc_view *view)
{
	const struct nsc_dns_view *dns = &view->dns;
	const uint64_t *value = view->totals.value;
	struct nsc_dns_row total;
	cJSON *object;

	if (!dns->on) {
		cJSON_AddNullToObject(to, "dns");
		return;
	}
	object = cJSON_AddObjectToObject(to, "dns");
	nsc_summary_dns_total(dns, &total);
	summary_add_dns_row(object, &total, dns->heard);
	cJSON_AddBoolToObject(object, "answers_captured", dns->heard);
	add_u64(object, "answered_again", value[NSC_C_DNS_ANSWERED_AGAIN]);
	add_u64(object, "other_question", value[NSC_C_DNS_OTHER_QUESTION]);
	add_u64(object, "unasked", value[NSC_C_DNS_UNASKED]);
	add_u64(object, "servers_known", dns->servers_known);
	summary_add_dns_servers(object, dns);
	add_u64(object, "names_known", dns->names ? dns->names_known : NSC_UNKNOWN);
	if (dns->names)
		summary_add_dns_names(object, dns);
	else
		cJSON_AddNullToObject(object, "names");
}

char *nsc_summary_dns_json(const struct nsc_view *view)
{
	cJSON *root = cJSON_CreateObject();
	char *text;

	summary_add_dns(root, view);
	text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(root, "dns"));
	cJSON_Delete(root);
	return text;
}

/* What the rings hold at the end. */
static void summary_add_recorder(cJSON *to, const struct nsc_view *view)
{
	cJSON *object, *rows;

	if (!view->recorder) {
		cJSON_AddNullToObject(to, "recorder");
		return;
	}
	object = cJSON_AddObjectToObject(to, "recorder");
	rows = cJSON_AddArrayToObject(object, "workers");
	for (uint32_t i = 0; i < view->n_workers; i++) {
		const struct nsc_recorder_span *span = &view->worker[i].recorder;
		cJSON *row = cJSON_CreateObject();

		add_u64(row, "packets", span->packets);
		add_seconds(row, "held_secs", span->held_ns);
		add_time(row, "oldest", span->oldest_ns);
		add_time(row, "newest", span->newest_ns);
		cJSON_AddBoolToObject(row, "wrapped", span->wrapped);
		cJSON_AddItemToArray(rows, row);
	}
}

static void summary_add_cores(cJSON *to, const struct nsc_summary *s)
{
	cJSON *object, *threads;

	if (!s->cores) {
		cJSON_AddNullToObject(to, "cores");
		return;
	}
	object = cJSON_AddObjectToObject(to, "cores");
	summary_add_text(object, "said", s->cores);
	cJSON_AddBoolToObject(object, "near_memory", s->near_memory);
	threads = cJSON_AddArrayToObject(object, "threads");
	for (uint32_t i = 0; i < s->places; i++) {
		cJSON *thread = cJSON_CreateObject();

		summary_add_text(thread, "role", s->place[i].role);
		cJSON_AddNumberToObject(thread, "number", s->place[i].number);
		summary_add_text(thread, "interface", s->place[i].interface);
		cJSON_AddNumberToObject(thread, "core", s->place[i].core);
		add_u64(thread, "node", s->place[i].node < 0 ? NSC_UNKNOWN : (uint64_t)s->place[i].node);
		cJSON_AddItemToArray(threads, thread);
	}
}

static cJSON *summary_build(const struct nsc_summary *s)
{
	const struct nsc_view *view = s->view;
	cJSON *root = cJSON_CreateObject();

	cJSON_AddNumberToObject(root, "schema_version", SCHEMA_VERSION);
	summary_add_text(root, "version", s->version);
	summary_add_source(root, s);
	summary_add_text(root, "failure", s->failure);
	add_seconds(root, "elapsed_secs", s->elapsed_ns);
	add_u64(root, "packets_per_second",
		nsc_summary_ratio(view->totals.value[NSC_C_RX_RECEIVED], NSC_NS_PER_SEC, s->elapsed_ns));
	add_u64(root, "tsc_hz", (uint64_t)view->tsc_hz);
	add_clock_steps(root, s->clock_log);
	add_fates(root, &view->totals);
	if (!s->without_losses)
		add_rows(root, &view->totals, NSC_CLASS_LOSS);
	add_rows(root, &view->totals, NSC_CLASS_LIMIT);
	summary_add_interface(root, s);
	summary_add_interfaces(root, s);
	add_imbalance(root, view);
	add_ledger(root, view);
	summary_add_dns(root, view);
	summary_add_recorder(root, view);
	add_cycles(root, &view->totals);
	add_sum_of_durations(root, view);
	summary_add_counters(root, &view->totals);
	add_workers(root, view);
	summary_add_cores(root, s);
	summary_add_budget(root, s->budget);
	if (s->trace)
		summary_add_text(nsc_trace_add_json(root, s->trace), "filter", s->trace->filter);
	cJSON_AddRawToObject(root, "config", s->config_json ? s->config_json : "null");
	cJSON_AddRawToObject(root, "doctor", s->doctor_json ? s->doctor_json : "null");
	return root;
}

char *nsc_summary_json(const struct nsc_summary *summary, bool lines)
{
	cJSON *root = summary_build(summary);
	char *text = root ? (lines ? cJSON_Print : cJSON_PrintUnformatted)(root) : NULL;

	cJSON_Delete(root);
	return text;
}
