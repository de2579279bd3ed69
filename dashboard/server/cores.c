/* SPDX-License-Identifier: MIT
 *
 * Where cycles go: the difference between two views, worker by worker, stage by stage.
 */
#include "dashboard/server/parts.h"
#include "dashboard/server/threads.h"

#include <math.h>
#include <string.h>

static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 0.9999 };
static const char *const quantile_names[] = { "p50", "p90", "p99", "p99_9", "p99_99" };

/* What threads on the way of the packets do; the publisher is none. */
static bool cores_is_stage(unsigned counter)
{
	return nsc_counter_stage(counter) && strcmp(nsc_counter_table[counter].place, "publisher");
}

/* What they wait for: the publisher waits for the writer, and is none of them. */
static bool cores_is_wait(unsigned counter)
{
	return nsc_counter_waited(counter) && counter != NSC_C_WAITED_ALERTS;
}

void nsc_cores_init(struct nsc_web *web)
{
	for (unsigned i = 0; i < NSC_C_COUNT && web->stages < NSC_WEB_STAGES; i++)
		if (cores_is_stage(i))
			web->stage[web->stages++] = i;
}

void nsc_show_stages(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_open(json, "stages", '[');
	for (uint32_t i = 0; i < web->stages; i++)
		nsc_json_text(json, nsc_counter_stage(web->stage[i]));
	nsc_json_close(json, ']');
}

/* The counters of worker i since the view before, or since the start when there is none. */
static void difference(const struct nsc_web *web, uint32_t i, struct nsc_counters *now)
{
	const struct nsc_counters *before = web->before->seq ? &web->before->worker[i].counters : NULL;

	*now = web->view->worker[i].counters;
	for (unsigned c = 0; before && c < NSC_C_COUNT; c++)
		if (nsc_counter_table[c].class != NSC_CLASS_GAUGE)
			now->value[c] -= before->value[c];
}

static double seconds_between(const struct nsc_web *web)
{
	uint64_t from_ns = web->before->seq ? web->before->end_ns : web->view->start_ns;

	return (double)(web->view->end_ns > from_ns ? web->view->end_ns - from_ns : 1) / NSC_NS_PER_SEC;
}

static void show_cycles(const struct nsc_web *web, const char *key, const struct nsc_counters *counters,
			struct nsc_json *json)
{
	uint64_t packets = counters->value[NSC_C_WORKER_PACKETS];

	nsc_json_add_open(json, key, '[');
	for (uint32_t i = 0; i < web->stages; i++)
		nsc_json_fixed(json, packets ? (double)counters->value[web->stage[i]] / (double)packets : NAN, 2);
	nsc_json_close(json, ']');
}

static void show_load(const struct nsc_web *web, const struct nsc_counters *now, struct nsc_json *json)
{
	double busy = 0, empty = (double)now->value[NSC_C_CYCLES_EMPTY], idle = (double)now->value[NSC_C_CYCLES_IDLE],
	       waited = 0, all;

	for (uint32_t i = 0; i < web->stages; i++)
		busy += (double)now->value[web->stage[i]];
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		waited += cores_is_wait(i) ? (double)now->value[i] : 0;
	all = busy + empty + idle + waited;
	all = all > 0 ? all : 1;
	nsc_json_add_fixed(json, "load", busy / all, 4);
	nsc_json_add_fixed(json, "busy", busy / all, 4);
	nsc_json_add_fixed(json, "empty", empty / all, 4);
	nsc_json_add_fixed(json, "idle", idle / all, 4);
	nsc_json_add_fixed(json, "waited", waited / all, 4);
	nsc_json_add_fixed(json, "pps", (double)now->value[NSC_C_WORKER_PACKETS] / seconds_between(web), 1);
	nsc_json_add_fixed(json, "bps", 8 * (double)now->value[NSC_C_WORKER_BYTES] / seconds_between(web), 1);
	nsc_json_add_fixed(json, "empty_polls", (double)now->value[NSC_C_WORKER_EMPTY_POLLS] / seconds_between(web), 1);
}

static bool cores_is_time(unsigned counter)
{
	return cores_is_stage(counter) || cores_is_wait(counter) || counter == NSC_C_CYCLES_EMPTY ||
	       counter == NSC_C_CYCLES_IDLE || counter == NSC_C_WORKER_EMPTY_POLLS;
}

/* What the capture thread counts is in the totals only: those less the workers'. */
static void capture_counters(const struct nsc_view *view, struct nsc_counters *capture)
{
	*capture = view->totals;
	for (uint32_t i = 0; i < view->n_workers; i++)
		for (unsigned c = 0; c < NSC_C_COUNT; c++)
			if (cores_is_time(c))
				capture->value[c] -= view->worker[i].counters.value[c];
	capture->value[NSC_C_WORKER_PACKETS] = capture->value[NSC_C_LANE_PACKETS];
}

/* The same since the view before, or since the start when there is none. */
static void capture_difference(const struct nsc_web *web, struct nsc_counters *now)
{
	struct nsc_counters before;

	capture_counters(web->view, now);
	if (!web->before->seq)
		return;
	capture_counters(web->before, &before);
	for (unsigned c = 0; c < NSC_C_COUNT; c++)
		if (cores_is_time(c) || c == NSC_C_WORKER_PACKETS || c == NSC_C_WORKER_BYTES)
			now->value[c] -= before.value[c];
}

static void show_waiting(const struct nsc_web *web, uint32_t i, struct nsc_json *json)
{
	nsc_json_add_u64(json, "waiting",
			 web->view->lanes ? web->view->worker[i].counters.value[NSC_C_LANE_WAITING] : NSC_UNKNOWN);
}

static void show_duration_brief(unsigned duration, const struct nsc_histogram *histogram, struct nsc_json *json)
{
	const char *member = nsc_duration_table[duration].member;

	if (duration != NSC_DURATION_ROUND && !nsc_histogram_total(histogram)) {
		nsc_json_add_u64(json, member, NSC_UNKNOWN);
		return;
	}
	nsc_json_add_open(json, member, '[');
	for (size_t q = 0; q < NSC_ARRAY_LEN(quantiles); q++)
		nsc_json_u64(json, nsc_histogram_quantile(histogram, quantiles[q]));
	nsc_json_u64(json, histogram->max_ns);
	nsc_json_close(json, ']');
}

void nsc_show_cores_brief(const struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_counters now;

	nsc_json_add_open(json, "cores", '[');
	for (uint32_t i = 0; i < web->view->n_workers; i++) {
		difference(web, i, &now);
		nsc_json_open(json, '{');
		show_load(web, &now, json);
		show_cycles(web, "cycles", &now, json);
		show_waiting(web, i, json);
		for (unsigned d = 0; d < NSC_DURATION_COUNT; d++)
			show_duration_brief(d, &web->view->worker[i].duration[d], json);
		nsc_show_microburst(web->view, &web->view->worker[i].microburst, json);
		nsc_show_recorder(web->view, &web->view->worker[i].recorder, json);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
	nsc_json_key(json, "capture");
	if (!web->view->lanes) {
		nsc_json_null(json);
		return;
	}
	capture_difference(web, &now);
	nsc_json_open(json, '{');
	show_load(web, &now, json);
	nsc_json_close(json, '}');
}

/* --- the body of /api/v1/cores ---------------------------------------------------------------- */

static void show_histogram(const struct nsc_histogram *histogram, struct nsc_json *json)
{
	nsc_json_add_open(json, "histogram", '[');
	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++) {
		if (!histogram->count[i])
			continue;
		nsc_json_open(json, '[');
		nsc_json_u64(json, nsc_histogram_bucket_end(i));
		nsc_json_u64(json, histogram->count[i]);
		nsc_json_close(json, ']');
	}
	nsc_json_close(json, ']');
}

static void show_duration(unsigned duration, const struct nsc_histogram *histogram, struct nsc_json *json)
{
	const struct nsc_duration_info *info = &nsc_duration_table[duration];

	nsc_json_add_open(json, info->member, '{');
	nsc_json_add_u64(json, info->counted, nsc_histogram_total(histogram));
	for (size_t q = 0; q < NSC_ARRAY_LEN(quantiles); q++)
		nsc_json_add_u64(json, quantile_names[q], nsc_histogram_quantile(histogram, quantiles[q]));
	nsc_json_add_u64(json, "max", histogram->max_ns);
	if (duration != NSC_DURATION_ROUND)
		show_histogram(histogram, json);
	nsc_json_close(json, '}');
	if (duration == NSC_DURATION_ROUND)
		show_histogram(histogram, json); /* where it has always stood */
}

static void show_worker(const struct nsc_web *web, uint32_t i, struct nsc_json *json)
{
	const struct nsc_view_worker *worker = &web->view->worker[i];
	struct nsc_counters now;

	difference(web, i, &now);
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "index", i);
	nsc_json_add_u64(json, "core", worker->core < 0 ? NSC_UNKNOWN : (uint64_t)worker->core);
	nsc_json_add_u64(json, "packets", now.value[NSC_C_WORKER_PACKETS]);
	show_load(web, &now, json);
	show_cycles(web, "cycles_per_packet", &now, json);
	nsc_json_add_open(json, "total", '{');
	show_cycles(web, "cycles_per_packet", &worker->counters, json);
	nsc_json_add_u64(json, "packets", worker->counters.value[NSC_C_WORKER_PACKETS]);
	nsc_json_add_u64(json, "bytes", worker->counters.value[NSC_C_WORKER_BYTES]);
	nsc_json_add_u64(json, "empty_polls", worker->counters.value[NSC_C_WORKER_EMPTY_POLLS]);
	nsc_json_close(json, '}');
	show_waiting(web, i, json);
	nsc_show_microburst(web->view, &worker->microburst, json);
	nsc_show_recorder(web->view, &worker->recorder, json);
	for (unsigned d = 0; d < NSC_DURATION_COUNT; d++)
		show_duration(d, &worker->duration[d], json);
	nsc_json_close(json, '}');
}

/* The busiest worker over the mean of all; NAN: there is nothing to compare. */
static double imbalance(const struct nsc_web *web)
{
	uint64_t most = 0, sum = 0;
	struct nsc_counters now;

	for (uint32_t i = 0; i < web->view->n_workers; i++) {
		difference(web, i, &now);
		most = NSC_MAX(most, now.value[NSC_C_WORKER_PACKETS]);
		sum += now.value[NSC_C_WORKER_PACKETS];
	}
	return web->view->n_workers < 2 || !sum ? NAN : (double)most * web->view->n_workers / (double)sum;
}

static void show_waited(const struct nsc_counters *counters, struct nsc_json *json)
{
	uint64_t packets = counters->value[NSC_C_WORKER_PACKETS], waited = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		waited += cores_is_wait(i) ? counters->value[i] : 0;
	nsc_json_add_fixed(json, "waited_per_packet", packets ? (double)waited / (double)packets : NAN, 2);
}

static void show_capture(const struct nsc_web *web, struct nsc_json *json)
{
	struct nsc_counters total, now;

	nsc_json_key(json, "capture");
	if (!web->view->lanes) {
		nsc_json_null(json);
		return;
	}
	capture_counters(web->view, &total);
	capture_difference(web, &now);
	nsc_json_open(json, '{');
	show_load(web, &now, json);
	show_cycles(web, "cycles_per_packet", &total, json);
	show_waited(&total, json);
	nsc_json_close(json, '}');
}

void nsc_show_cores(const struct nsc_web *web, struct nsc_json *json)
{
	nsc_json_add_u64(json, "tsc_hz", (uint64_t)web->view->tsc_hz);
	nsc_show_stages(web, json);
	nsc_json_add_fixed(json, "imbalance", imbalance(web), 3);
	nsc_json_add_open(json, "workers", '[');
	for (uint32_t i = 0; i < web->view->n_workers; i++)
		show_worker(web, i, json);
	nsc_json_close(json, ']');
	show_capture(web, json);
	nsc_show_threads(json);
}
