/* SPDX-License-Identifier: MIT
 *
 * Prometheus text, version 0.0.4, from the registry of counters: the same numbers as everywhere else.
 */
#include "dashboard/server/parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_LENGTH = 1024 };

static void print(struct nsc_json *text, const char *format, ...) nsc_printf(2, 3);

static void print(struct nsc_json *text, const char *format, ...)
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

static void head(struct nsc_json *text, const char *name, const char *type, const char *help)
{
	print(text, "# HELP netscope_%s %s\n# TYPE netscope_%s %s\n", name, help, name, type);
}

static void counter(struct nsc_json *text, const struct nsc_counter_info *info, uint64_t value)
{
	bool total = info->class != NSC_CLASS_GAUGE;
	char name[80];

	if (value == NSC_UNKNOWN)
		return;
	snprintf(name, sizeof(name), "%s%s", info->name, total ? "_total" : "");
	head(text, name, total ? "counter" : "gauge", info->help);
	print(text, "netscope_%s{place=\"%s\"} %" PRIu64 "\n", name, info->place, value);
}

static void by_worker(const struct nsc_web *web, struct nsc_json *text)
{
	const struct nsc_view *view = web->view;

	head(text, "by_worker_packets_total", "counter", "packets that each worker took");
	for (uint32_t i = 0; i < view->n_workers; i++)
		print(text, "netscope_by_worker_packets_total{worker=\"%u\"} %" PRIu64 "\n", i,
		      view->worker[i].counters.value[NSC_C_WORKER_PACKETS]);
	head(text, "by_worker_cycles_total", "counter", "cycles of each worker by stage");
	for (uint32_t i = 0; i < view->n_workers; i++)
		for (unsigned c = 0; c < NSC_C_COUNT; c++)
			if (nsc_counter_table[c].class == NSC_CLASS_CYCLES)
				print(text, "netscope_by_worker_cycles_total{worker=\"%u\",stage=\"%s\"} %" PRIu64 "\n",
				      i, nsc_counter_table[c].name + sizeof("cycles_") - 1,
				      view->worker[i].counters.value[c]);
}

/* Quantiles are what is known: the sum that a Prometheus summary or histogram wants is not kept. */
static void rounds(const struct nsc_web *web, struct nsc_json *text)
{
	static const struct {
		double q;
		const char *name;
	} quantiles[] = { { 0.5, "50" }, { 0.99, "99" }, { 0.9999, "99.99" }, { 1, "100" } };

	head(text, "round_seconds", "gauge", "time of a worker's round with packets, by percentile, since the start");
	for (uint32_t i = 0; i < web->view->n_workers; i++)
		for (size_t q = 0; q < NSC_ARRAY_LEN(quantiles); q++)
			print(text, "netscope_round_seconds{worker=\"%u\",percentile=\"%s\"} %.9f\n", i,
			      quantiles[q].name,
			      (double)nsc_histogram_quantile(&web->view->worker[i].round, quantiles[q].q) /
				      NSC_NS_PER_SEC);
}

static void label(struct nsc_json *text, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			print(text, "\\n");
		else
			print(text, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	}
}

static void about(const struct nsc_web *web, struct nsc_json *text)
{
	head(text, "up", "gauge", "1 while packets can arrive");
	print(text, "netscope_up %d\n", web->seen == NSC_WEB_RUNNING);
	head(text, "stalled", "gauge", "1 while packets arrive and no tick ends: every other number is old");
	print(text, "netscope_stalled %d\n", web->seen == NSC_WEB_STALLED);
	head(text, "info", "gauge", "the program and its source");
	print(text, "netscope_info{version=\"");
	label(text, web->options.version);
	print(text, "\",source=\"");
	label(text, web->options.source);
	print(text, "\",input=\"");
	label(text, web->options.input);
	print(text, "\"} 1\n");
}

void nsc_show_metrics(const struct nsc_web *web, struct nsc_json *text)
{
	struct nsc_ledger ledger;

	about(web, text);
	if (!web->view->seq)
		return;
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		counter(text, &nsc_counter_table[i], web->view->totals.value[i]);
	nsc_ledger_check(&ledger, &web->view->totals, web->view->final, web->view->lanes);
	head(text, "ledger_balanced", "gauge", "1 while every packet has exactly one fate");
	print(text, "netscope_ledger_balanced %d\n", ledger.balanced);
	by_worker(web, text);
	rounds(web, text);
}
