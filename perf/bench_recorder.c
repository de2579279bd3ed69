/* SPDX-License-Identifier: MIT
 *
 * What the flight recorder costs: mixed packets that lie in memory (mean 580 bytes, 37 MB of them, so that they are in
 * no cache) through decode and flow table, and into a ring of 256 MiB for each worker. The floor copies the same bytes
 * with memcpy into as much memory, one behind the other, and does nothing else with them. One worker, and two at a
 * time. Rounds (64 packets) in which the scheduler took the core away are set aside.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/base/cycles.h"
#include "engine/flow/table.h"
#include "engine/rings/recorder.h"
#include "netscope/view.h"
#include "perf/batch.h"
#include "perf/bench.h"

enum { WORKERS = 2, LONG_NS = 20000 };

enum recorder_way { OFF, RECORDS, COPIES, CUTS };

static const char *const way_names[] = { "off", "recorder", "memcpy of the same bytes", "first 16 KiB of a flow" };

struct recorder_worker {
	uint8_t *bytes; /* of all packets */
	struct nsc_packet *pkt;
	uint64_t packets, span_ns; /* span: from the first packet to the last */
	struct nsc_arena *arena;
	struct nsc_recorder_ring *ring;
	struct nsc_cutoff *cutoff;
	uint8_t *copy;
	uint64_t copied; /* bytes, where the next ones go */
	struct nsc_counters counters;
	struct nsc_rx rx;
	/* of a run */
	struct recorder_case *of;
	pthread_t thread;
	double cpu_ns;
	struct nsc_histogram rounds;
};

static struct recorder_worker *recorder_worker[WORKERS];
static struct nsc_recorder *recorder;
static double ns_per_cycle;
static uint64_t ring_bytes; /* of each worker */

struct recorder_case {
	enum recorder_way way;
	unsigned workers;
	uint64_t passes;
	double cpu_ns, p9999; /* of the last run: a packet; a round */
};

static void recorder_make_packets(struct recorder_worker *w, uint64_t seed)
{
	struct nsc_synth_options synth;
	struct nsc_burst burst;
	struct nsc_error error;
	uint64_t at = 0, n = 0;
	struct nsc_rx *rx;

	nsc_synth_defaults(&synth);
	synth.seed = seed;
	synth.packets = w->packets;
	synth.flows = 10000;
	synth.elephant_share = 0.5;
	synth.flow_packets = 50;
	if (nsc_rx_synth_open(&rx, &synth, &error))
		bench_die("%s", error.text);
	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			memcpy(w->bytes + at, burst.pkt[i].data, burst.pkt[i].cap_len);
			w->pkt[n] = burst.pkt[i];
			w->pkt[n++].data = w->bytes + at;
			at += burst.pkt[i].cap_len;
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state < NSC_RX_END);
	memcpy(w->rx.linktype, rx->linktype, sizeof(w->rx.linktype));
	w->packets = n / NSC_BURST_MAX * NSC_BURST_MAX;
	w->span_ns = w->pkt[n - 1].clock_ns - w->pkt[0].clock_ns + 1000;
	nsc_rx_close(rx);
}

static struct recorder_worker *recorder_worker_open(uint64_t seed)
{
	struct nsc_recorder_options options = { .bytes = ring_bytes * WORKERS };
	const struct nsc_cutoff_options first = { .bytes = 16384, .decode = &batch_decode };
	struct recorder_worker *w = aligned_alloc(NSC_CACHE_LINE, sizeof(*w));
	struct nsc_error error;

	if (!w)
		bench_die("no memory");
	memset(w, 0, sizeof(*w));
	w->packets = bench_size(65536, 4096);
	w->bytes = malloc(w->packets * 1600);
	w->pkt = malloc(w->packets * sizeof(*w->pkt));
	if (!w->bytes || !w->pkt || nsc_arena_open(&w->arena, &error))
		bench_die("no memory");
	recorder_make_packets(w, seed);
	w->copy = nsc_arena_reserve(w->arena, ring_bytes);
	if (!w->copy || nsc_recorder_ring_open(&w->ring, recorder, &options, WORKERS, true, w->arena, &error))
		bench_die("no memory for a recorder");
	if (nsc_cutoff_open(&w->cutoff, w->arena, &first, &error))
		bench_die("%s", error.text);
	nsc_arena_populate(w->copy, ring_bytes);
	while (nsc_recorder_prepare(w->ring))
		;
	return w;
}

static void recorder_copy_burst(struct recorder_worker *w, const struct nsc_packet *pkt, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (w->copied + pkt[i].cap_len > ring_bytes)
			w->copied = 0;
		memcpy(w->copy + w->copied, pkt[i].data, pkt[i].cap_len);
		w->copied += pkt[i].cap_len;
	}
}

static uint64_t recorder_taken_away(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nivcsw;
}

static void recorder_note_round(struct recorder_worker *w, uint64_t cycles, uint64_t *before)
{
	uint64_t ns = (uint64_t)((double)cycles * ns_per_cycle), now = ns > LONG_NS ? recorder_taken_away() : *before;

	if (now != *before) {
		*before = now;
		return;
	}
	w->rounds.count[nsc_histogram_bucket(ns)]++;
	w->rounds.max_ns = NSC_MAX(w->rounds.max_ns, ns);
}

static void recorder_run_pass(struct recorder_worker *w, struct nsc_flow_table *table, uint64_t pass)
{
	struct nsc_flow_output output = { .chunk = NULL };
	uint64_t before = recorder_taken_away();
	struct nsc_burst burst;

	for (uint64_t at = 0; at < w->packets; at += NSC_BURST_MAX) {
		uint64_t start = nsc_cycles();

		for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
			burst.pkt[i] = w->pkt[at + i];
			burst.pkt[i].clock_ns += pass * w->span_ns;
		}
		nsc_decode_burst(&batch_decode, burst.pkt, NSC_BURST_MAX);
		if (w->of->way == RECORDS || w->of->way == CUTS)
			nsc_recorder_burst(w->ring, &w->rx, burst.pkt, NSC_BURST_MAX, 0, &w->counters);
		else if (w->of->way == COPIES)
			recorder_copy_burst(w, burst.pkt, NSC_BURST_MAX);
		nsc_flow_table_burst(table, burst.pkt, NSC_BURST_MAX, &w->counters, &output);
		if (pass)
			recorder_note_round(w, nsc_cycles() - start, &before);
	}
}

/* The first pass finds cold tables, and does not count. */
static void *run_worker_of(void *context)
{
	struct recorder_worker *w = context;
	struct nsc_flow_table_options options = {
		.max_flows = 100000,
		.timeout_ns = 60 * NSC_NS_PER_SEC,
		.tick_ns = NSC_NS_PER_SEC,
		.seed = batch_decode.seed,
	};
	struct nsc_flow_table *table;
	struct nsc_arena *arena;
	struct nsc_error error;
	double start;

	memset(&w->rounds, 0, sizeof(w->rounds));
	nsc_recorder_cut(w->ring, w->of->way == CUTS ? w->cutoff : NULL);
	if (nsc_arena_open(&arena, &error) || nsc_flow_table_open(&table, &options, arena, &error))
		bench_die("%s", error.text);
	recorder_run_pass(w, table, 0);
	start = bench_thread_cpu_ns();
	for (uint64_t pass = 1; pass <= w->of->passes; pass++)
		recorder_run_pass(w, table, pass);
	w->cpu_ns = (bench_thread_cpu_ns() - start) / (double)(w->packets * w->of->passes);
	nsc_arena_close(arena);
	return NULL;
}

static double run_recorder(void *context)
{
	struct recorder_case *c = context;
	struct nsc_histogram rounds;

	memset(&rounds, 0, sizeof(rounds));
	c->cpu_ns = 0;
	for (unsigned i = 0; i < c->workers; i++) {
		recorder_worker[i]->of = c;
		if (pthread_create(&recorder_worker[i]->thread, NULL, run_worker_of, recorder_worker[i]))
			bench_die("cannot start a thread: %s", strerror(errno));
	}
	for (unsigned i = 0; i < c->workers; i++) {
		pthread_join(recorder_worker[i]->thread, NULL);
		c->cpu_ns += recorder_worker[i]->cpu_ns / c->workers;
		nsc_histogram_add(&rounds, &recorder_worker[i]->rounds);
	}
	c->p9999 = (double)nsc_histogram_quantile(&rounds, 0.9999);
	return c->cpu_ns;
}

/* Figures of the runs just before. */
static double p9999_of(void *context)
{
	return ((struct recorder_case *)context)->p9999;
}

static void subtract(struct bench_way *difference, const struct bench_way *more, const struct bench_way *less,
		     unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++)
		difference->sample[i] = more->sample[i] - less->sample[i];
}

static void measure_recorder(unsigned workers)
{
	struct recorder_case off = { OFF, workers, bench_size(64, 1), 0, 0 }, on = off, copies = off, cuts = off;
	struct bench_way ways[] = {
		{ .name = way_names[OFF], .run = run_recorder, .context = &off },
		{ .name = way_names[OFF], .run = p9999_of, .context = &off, .follows = true },
		{ .name = way_names[RECORDS], .run = run_recorder, .context = &on },
		{ .name = way_names[RECORDS], .run = p9999_of, .context = &on, .follows = true },
		{ .name = way_names[COPIES], .run = run_recorder, .context = &copies },
		{ .name = way_names[COPIES], .run = p9999_of, .context = &copies, .follows = true },
		{ .name = way_names[CUTS], .run = run_recorder, .context = &cuts },
	};
	struct bench_way adds = { .name = way_names[RECORDS] }, floor = { .name = way_names[COPIES] },
			 over = { .name = way_names[RECORDS] }, cut = { .name = way_names[CUTS] };
	unsigned rounds;
	char text[64];

	on.way = RECORDS;
	copies.way = COPIES;
	cuts.way = CUTS;
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 7);
	subtract(&adds, &ways[2], &ways[0], rounds);
	subtract(&floor, &ways[4], &ways[0], rounds);
	subtract(&over, &ways[2], &ways[4], rounds);
	subtract(&cut, &ways[6], &ways[0], rounds);
	snprintf(text, sizeof(text), "%u worker%s: decode, flow, recorder", workers, workers == 1 ? "" : "s");
	bench_row("recorder", text, "ns/packet", &ways[2], &ways[0], rounds, NULL);
	bench_row("recorder", "  what it adds", "ns/packet", &adds, &floor, rounds, NULL);
	bench_row("recorder", "  more than the copy", "ns/packet", &over, NULL, rounds, "recorder-copy");
	bench_row("recorder", "  what it adds with a cut-off", "ns/packet", &cut, &adds, rounds, NULL);
	bench_row("recorder", "  99.99 % of rounds", "ns/round", &ways[3], &ways[1], rounds, NULL);
	bench_row("recorder", "", "ns/round", &ways[3], &ways[5], rounds, NULL);
}

void bench_recorder(void)
{
	struct nsc_arena *arena;
	struct nsc_error error;

	ns_per_cycle = 1e9 / nsc_cycles_measure_hz();
	ring_bytes = bench_size(256, 8) << 20;
	if (nsc_arena_open(&arena, &error) || nsc_recorder_open(&recorder, arena, &error))
		bench_die("no memory for a recorder");
	for (unsigned i = 0; i < WORKERS; i++)
		recorder_worker[i] = recorder_worker_open(i + 1);
	measure_recorder(1);
	measure_recorder(2);
	for (unsigned i = 0; i < WORKERS; i++) {
		nsc_arena_close(recorder_worker[i]->arena);
		free(recorder_worker[i]->bytes);
		free(recorder_worker[i]->pkt);
		free(recorder_worker[i]);
	}
	nsc_arena_close(arena);
}
