/* SPDX-License-Identifier: MIT
 *
 * Prometheus text, version 0.0.4, from the registry of counters: the same numbers as everywhere else.
 */
#include "dashboard/server/parts.h"
#include "engine/text/address.h"
#include "netscope/metric.h"
#include "netscope/summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_LENGTH = 1024 };

#define DNS_METRIC_SERVERS 10u

static void nsc_printf(2, 3) metrics_print(struct nsc_json *text, const char *format, ...)
{
	char *at = nsc_buffer_room(&text->out, LINE_MAX_LENGTH);
	va_list args;
	int n;

	if (!at)
		return;
	va_start(args, format);
	n = vsnprintf(at, LINE_MAX_LENGTH, format, args);
	va_end(args);
	nsc_buffer_claim(&text->out, (size_t)NSC_MIN(n, LINE_MAX_LENGTH - 1));
}

static void metrics_head(struct nsc_json *text, const char *name, const char *type, const char *help)
{
	metrics_print(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *metrics_begin(struct nsc_json *text, enum nsc_metric_id id)
{
	const struct nsc_metric_info *info = &nsc_metric_table[id];

	metrics_head(text, info->name, info->type, info->help);
	return info->name;
}

/* Counters that share a metric follow one another: one head for all of them. */
static void metrics_registry(struct nsc_json *text, const struct nsc_counters *totals)
{
	struct nsc_metric metric, last = { .type = NULL };

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		if (totals->value[i] == NSC_UNKNOWN)
			continue;
		nsc_metric_of(&metric, i);
		if (strcmp(metric.name, last.name))
			metrics_head(text, metric.name, metric.type, metric.help);
		metrics_print(text, "%s{place=\"%s\"", metric.name, nsc_counter_table[i].place);
		if (metric.label)
			metrics_print(text, ",%s=\"%s\"", metric.label, metric.value);
		metrics_print(text, "} %" PRIu64 "\n", totals->value[i]);
		last = metric;
	}
}

static void metrics_cycles_by_worker(struct nsc_json *text, const struct nsc_view *view, enum nsc_metric_id id,
				     enum nsc_counter_class class)
{
	const char *name = metrics_begin(text, id);
	struct nsc_metric metric;

	for (uint32_t i = 0; i < view->n_workers; i++)
		for (unsigned c = 0; c < NSC_C_COUNT; c++) {
			if (nsc_counter_table[c].class != class)
				continue;
			nsc_metric_of(&metric, c);
			metrics_print(text, "%s{worker=\"%u\",%s=\"%s\"} %" PRIu64 "\n", name, i, metric.label,
				      metric.value, view->worker[i].counters.value[c]);
		}
}

static void metrics_by_worker(struct nsc_json *text, const struct nsc_view *view)
{
	const char *name = metrics_begin(text, NSC_METRIC_BY_WORKER_PACKETS);

	for (uint32_t i = 0; i < view->n_workers; i++)
		metrics_print(text, "%s{worker=\"%u\"} %" PRIu64 "\n", name, i,
			      view->worker[i].counters.value[NSC_C_WORKER_PACKETS]);
	metrics_cycles_by_worker(text, view, NSC_METRIC_BY_WORKER_CYCLES, NSC_CLASS_CYCLES);
	metrics_cycles_by_worker(text, view, NSC_METRIC_BY_WORKER_WAITED, NSC_CLASS_WAITED);
}

/* Buckets by powers of two of ns, of which the last of each is below the next power. `labels`: "" or "worker=\"0\",".
 */
static void metrics_histogram(struct nsc_json *text, const char *name, const char *labels,
			      const struct nsc_histogram *histogram, uint64_t sum_ns, unsigned first_power,
			      unsigned last_power)
{
	uint64_t samples = 0;
	unsigned bucket = 0;
	char braced[32] = "";

	for (unsigned power = first_power; power <= last_power; power++) {
		uint64_t last_ns = (1ull << power) - 1;

		for (; bucket <= nsc_histogram_bucket(last_ns); bucket++)
			samples += histogram->count[bucket];
		metrics_print(text, "%s_bucket{%sle=\"%.9f\"} %" PRIu64 "\n", name, labels,
			      (double)last_ns / NSC_NS_PER_SEC, samples);
	}
	for (; bucket < NSC_HISTOGRAM_BUCKETS; bucket++)
		samples += histogram->count[bucket];
	metrics_print(text, "%s_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, samples);
	if (*labels) /* without the comma */
		snprintf(braced, sizeof(braced), "{%.*s}", (int)strlen(labels) - 1, labels);
	metrics_print(text, "%s_sum%s %.9f\n%s_count%s %" PRIu64 "\n", name, braced, (double)sum_ns / NSC_NS_PER_SEC,
		      name, braced, samples);
}

enum { DURATION_LE_FIRST = 10, DURATION_LE_LAST = 33 }; /* powers of two of ns: 1 us to 8.6 s */

static void metrics_durations(struct nsc_json *text, const struct nsc_view *view)
{
	static const enum nsc_metric_id metric[NSC_DURATION_COUNT] = {
		[NSC_DURATION_ROUND] = NSC_METRIC_ROUND_DURATION,
		[NSC_DURATION_AGE] = NSC_METRIC_PACKET_AGE,
		[NSC_DURATION_QUEUE] = NSC_METRIC_LANE_QUEUE,
	};
	char labels[32];

	for (unsigned d = 0; d < NSC_DURATION_COUNT; d++) {
		const char *name = metrics_begin(text, metric[d]);

		for (uint32_t i = 0; i < view->n_workers; i++) {
			const struct nsc_histogram *histogram = &view->worker[i].duration[d];

			snprintf(labels, sizeof(labels), "worker=\"%u\",", i);
			metrics_histogram(text, name, labels, histogram, histogram->sum_ns, DURATION_LE_FIRST,
					  DURATION_LE_LAST);
		}
	}
}

static void metrics_rounds(struct nsc_json *text, const struct nsc_view *view)
{
	static const struct {
		double q;
		const char *name;
	} quantiles[] = { { 0.5, "50" }, { 0.99, "99" }, { 0.9999, "99.99" }, { 1, "100" } };
	const char *name = metrics_begin(text, NSC_METRIC_ROUND_SECONDS);

	for (uint32_t i = 0; i < view->n_workers; i++)
		for (size_t q = 0; q < NSC_ARRAY_LEN(quantiles); q++)
			metrics_print(text, "%s{worker=\"%u\",percentile=\"%s\"} %.9f\n", name, i, quantiles[q].name,
				      (double)nsc_histogram_quantile(&view->worker[i].duration[NSC_DURATION_ROUND],
								     quantiles[q].q) /
					      NSC_NS_PER_SEC);
}

static void metrics_recorder(struct nsc_json *text, const struct nsc_view *view)
{
	const char *name = metrics_begin(text, NSC_METRIC_RECORDER_HELD);

	for (uint32_t i = 0; i < view->n_workers && view->recorder; i++)
		metrics_print(text, "%s{worker=\"%u\"} %.9f\n", name, i,
			      (double)view->worker[i].recorder.held_ns / NSC_NS_PER_SEC);
	name = metrics_begin(text, NSC_METRIC_RECORDER_OLDEST);
	for (uint32_t i = 0; i < view->n_workers && view->recorder; i++)
		if (view->worker[i].recorder.oldest_ns != NSC_UNKNOWN)
			metrics_print(text, "%s{worker=\"%u\"} %" PRIu64 ".%09" PRIu64 "\n", name, i,
				      view->worker[i].recorder.oldest_ns / (uint64_t)NSC_NS_PER_SEC,
				      view->worker[i].recorder.oldest_ns % (uint64_t)NSC_NS_PER_SEC);
}

/* --- DNS: addresses of servers, never a name --------------------------------------------------- */

enum { DNS_LE_FIRST = 16, DNS_LE_LAST = 33 }; /* powers of two of ns: 65 us to 8.6 s */

static const char *metrics_dns_server(char text[NSC_FORMAT_IP_MAX + 1], const struct nsc_dns_server *server)
{
	*nsc_format_ip(text, server->addr, server->ip_version) = '\0';
	return text;
}

static void metrics_dns_latency(struct nsc_json *text, const struct nsc_dns_view *dns)
{
	const char *name = metrics_begin(text, NSC_METRIC_DNS_LATENCY);

	metrics_histogram(text, name, "", &dns->latency, dns->latency_sum_ns, DNS_LE_FIRST, DNS_LE_LAST);
}

static void metrics_dns_servers(struct nsc_json *text, const struct nsc_dns_view *dns)
{
	uint32_t n = NSC_MIN(dns->n_servers, DNS_METRIC_SERVERS);
	const char *name = metrics_begin(text, NSC_METRIC_DNS_SERVER_QUERIES);
	char server[NSC_FORMAT_IP_MAX + 1];

	for (uint32_t i = 0; i < n; i++)
		metrics_print(text, "%s{server=\"%s\"} %" PRIu64 "\n", name,
			      metrics_dns_server(server, &dns->server[i]), dns->server[i].row.counts.queries);
	name = metrics_begin(text, NSC_METRIC_DNS_SERVER_ANSWERS);
	for (uint32_t i = 0; i < n; i++)
		for (unsigned code = 0; code < NSC_DNS_CODE_COUNT; code++)
			if (dns->server[i].row.counts.answers[code])
				metrics_print(text, "%s{server=\"%s\",code=\"%s\"} %" PRIu64 "\n", name,
					      metrics_dns_server(server, &dns->server[i]), nsc_dns_code_name(code),
					      dns->server[i].row.counts.answers[code]);
	name = metrics_begin(text, NSC_METRIC_DNS_SERVER_UNANSWERED);
	for (uint32_t i = 0; i < n && dns->heard; i++)
		metrics_print(text, "%s{server=\"%s\"} %" PRIu64 "\n", name,
			      metrics_dns_server(server, &dns->server[i]), dns->server[i].row.counts.unanswered);
	name = metrics_begin(text, NSC_METRIC_DNS_SERVER_LATENCY);
	for (uint32_t i = 0; i < n; i++) {
		const struct nsc_dns_latency *latency = &dns->server[i].row.latency;

		if (!latency->samples)
			continue;
		metrics_print(text, "%s{server=\"%s\",percentile=\"50\"} %.9f\n", name,
			      metrics_dns_server(server, &dns->server[i]), (double)latency->p50_ns / NSC_NS_PER_SEC);
		metrics_print(text, "%s{server=\"%s\",percentile=\"99\"} %.9f\n", name,
			      metrics_dns_server(server, &dns->server[i]), (double)latency->p99_ns / NSC_NS_PER_SEC);
	}
}

static void metrics_dns(struct nsc_json *text, const struct nsc_dns_view *dns)
{
	const char *name;

	if (!dns->on)
		return;
	name = metrics_begin(text, NSC_METRIC_DNS_ANSWERS);
	for (unsigned code = 0; code < NSC_DNS_CODE_COUNT; code++)
		metrics_print(text, "%s{code=\"%s\"} %" PRIu64 "\n", name, nsc_dns_code_name(code),
			      dns->total.answers[code]);
	metrics_dns_latency(text, dns);
	metrics_dns_servers(text, dns);
}

static void metrics_label(struct nsc_json *text, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			metrics_print(text, "\\n");
		else
			metrics_print(text, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	}
}

static void metrics_about(struct nsc_json *text, const struct nsc_web *web)
{
	metrics_print(text, "%s %d\n", metrics_begin(text, NSC_METRIC_UP), web->seen == NSC_WEB_RUNNING);
	metrics_print(text, "%s %d\n", metrics_begin(text, NSC_METRIC_STALLED), web->seen == NSC_WEB_STALLED);
	metrics_print(text, "%s %" PRIu64 "\n", metrics_begin(text, NSC_METRIC_LOGINS_FAILED),
		      nsc_web_logins_failed(web));
	metrics_print(text, "%s{version=\"", metrics_begin(text, NSC_METRIC_INFO));
	metrics_label(text, web->options.version);
	metrics_print(text, "\",source=\"");
	metrics_label(text, web->options.source);
	metrics_print(text, "\",input=\"");
	metrics_label(text, web->options.input);
	metrics_print(text, "\"} 1\n");
}

static void metrics_interface(struct nsc_json *text, const char *name, const char *interface, const char *place,
			      uint64_t value)
{
	if (value == NSC_UNKNOWN)
		return;
	metrics_print(text, "%s{interface=\"", name);
	metrics_label(text, interface);
	metrics_print(text, "\"%s%s%s} %" PRIu64 "\n", *place ? ",place=\"" : "", place, *place ? "\"" : "", value);
}

static void metrics_interfaces(struct nsc_json *text, const struct nsc_web *web)
{
	struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = nsc_web_interfaces(web, interface);
	const char *name = n ? metrics_begin(text, NSC_METRIC_INTERFACE_UP) : NULL;

	for (uint32_t i = 0; i < n; i++)
		if (interface[i].state)
			metrics_interface(text, name, interface[i].name, "", !strcmp(interface[i].state, "up"));
	name = n ? metrics_begin(text, NSC_METRIC_INTERFACE_OUTAGES) : NULL;
	for (uint32_t i = 0; i < n; i++)
		metrics_interface(text, name, interface[i].name, "", interface[i].outages);
	name = n ? metrics_begin(text, NSC_METRIC_INTERFACE_PACKETS) : NULL;
	for (uint32_t i = 0; i < n; i++)
		metrics_interface(text, name, interface[i].name, "", interface[i].rx.received);
	name = n ? metrics_begin(text, NSC_METRIC_INTERFACE_BYTES) : NULL;
	for (uint32_t i = 0; i < n; i++)
		metrics_interface(text, name, interface[i].name, "", interface[i].rx.received_bytes);
	name = n ? metrics_begin(text, NSC_METRIC_INTERFACE_LOST) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		const struct nsc_rx_counters *rx = &interface[i].rx;

		metrics_interface(text, name, interface[i].name, nsc_counter_table[NSC_C_RX_KERNEL_DROPS].place,
				  rx->kernel_drops);
		metrics_interface(text, name, interface[i].name, nsc_counter_table[NSC_C_RX_STACK_DROPS].place,
				  rx->stack_drops);
		metrics_interface(text, name, interface[i].name, nsc_counter_table[NSC_C_RX_NIC_DROPS].place,
				  rx->nic_drops);
	}
}

void nsc_show_metrics(const struct nsc_web *web, struct nsc_json *text)
{
	const struct nsc_view *view = web->view;
	struct nsc_ledger ledger;

	metrics_about(text, web);
	metrics_interfaces(text, web);
	if (!view->seq)
		return;
	metrics_registry(text, &view->totals);
	nsc_ledger_check(&ledger, &view->totals, view->final, view->lanes);
	metrics_print(text, "%s %d\n", metrics_begin(text, NSC_METRIC_LEDGER_BALANCED), ledger.balanced);
	metrics_print(text, "%s %.0f\n", metrics_begin(text, NSC_METRIC_CYCLE_HERTZ), view->tsc_hz);
	metrics_by_worker(text, view);
	metrics_rounds(text, view);
	metrics_recorder(text, view);
	metrics_durations(text, view);
	metrics_dns(text, &view->dns);
}
