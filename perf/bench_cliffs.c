/* SPDX-License-Identifier: MIT
 *
 * Cliffs: decode and flow table on generated traffic, along one axis at a time. A step from one row to the next that is
 * larger than the budget is a cliff. What the most expensive packets cost is in bench_worst.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/sources/gen.h"
#include "perf/bench.h"
#include "perf/stats.h"
#include "perf/table_case.h"

#define TIMEOUT_NS (600 * NSC_NS_PER_SEC)
#define SNAPLEN 128u /* the headers are there, and frames of 9000 bytes lie as near as small ones */
#define WAYS_MAX 8u

enum axis { AXIS_RTT, AXIS_LOSS, AXIS_FLOWS, AXIS_SIZE, AXIS_IPV6, AXES };

static const struct axis_info {
	const char *name, *unit;
	unsigned n;
	double value[WAYS_MAX];
} axes[AXES] = {
	[AXIS_RTT] = { "round trip", "ms", 8, { 1, 2, 5, 10, 20, 50, 100, 200 } },
	[AXIS_LOSS] = { "loss", "%", 5, { 0, 1, 5, 10, 20 } },
	[AXIS_FLOWS] = { "flows", "", 6, { 100, 1e3, 1e4, 1e5, 1e6, 1e7 } },
	[AXIS_SIZE] = { "frames", "bytes", 5, { 60, 200, 600, 1500, 9000 } },
	[AXIS_IPV6] = { "IPv6", "%", 5, { 0, 25, 50, 75, 100 } },
};

/* 200 flows whose data is on its way for 50 ms and of which one segment in twenty is lost; 10,000 flows otherwise. */
static struct nsc_synth_options cliff_traffic(enum axis axis, double value)
{
	struct nsc_synth_options o;

	nsc_synth_defaults(&o);
	o.snaplen = SNAPLEN;
	o.flows = axis == AXIS_RTT || axis == AXIS_LOSS ? 200 : bench_size(10000, 1000);
	o.vlan_share = 0;
	switch (axis) {
	case AXIS_RTT:
		o.rtt_us = (uint32_t)(1000 * value);
		o.loss = 0.05;
		break;
	case AXIS_LOSS:
		o.rtt_us = 50000;
		o.loss = value / 100;
		break;
	case AXIS_FLOWS:
		o.flows = bench_size((uint64_t)value, (uint64_t)NSC_MIN(value, 2000));
		break;
	case AXIS_SIZE:
		o.payload_min = o.payload_max = (uint32_t)NSC_MIN(value - 54, NSC_GEN_PAYLOAD_MAX);
		o.ipv6_share = 0;
		break;
	default:
		o.ipv6_share = value / 100;
	}
	return o;
}

struct cliff_case {
	char name[64];
	struct nsc_gen *gen;
	struct table_case *table;
	uint8_t *slots;
	uint64_t packets;
};

static void cliff_fill(struct cliff_case *c)
{
	struct batch *batch = c->table->batch;

	batch->clock_ns = batch_generate(c->gen, c->slots, batch->burst, BATCH_BURSTS);
}

static double cliff_packets(struct cliff_case *c, uint64_t packets)
{
	uint64_t batches = packets / BATCH_PACKETS + 1;
	double spent = 0;

	for (uint64_t i = 0; i < batches; i++) {
		cliff_fill(c);
		spent += table_case_run(c->table);
		while (nsc_flow_table_prepare(c->table->table))
			;
		table_case_tick(c->table);
	}
	return spent / (double)(batches * BATCH_PACKETS);
}

static double cliff_run(void *context)
{
	struct cliff_case *c = context;

	return cliff_packets(c, c->packets);
}

/* Warm: nearly all flows are there, and as much is outstanding as will be. */
static void cliff_open(struct cliff_case *c, enum axis axis, double value)
{
	struct nsc_gen_options options = { .traffic = cliff_traffic(axis, value) };
	struct nsc_error error;
	size_t slot_size;

	snprintf(c->name, sizeof(c->name), "%s %g%s%s", axes[axis].name, value, *axes[axis].unit ? " " : "",
		 axes[axis].unit);
	if (nsc_gen_open(&c->gen, &options, &error))
		bench_die("%s", error.text);
	c->table = table_case_open(options.traffic.flows + 64, false, TIMEOUT_NS, NSC_ANALYSIS_ALL);
	slot_size = nsc_gen_slot_size(c->gen);
	c->slots = malloc(slot_size * BATCH_PACKETS);
	if (!c->slots)
		bench_die("no memory");
	for (uint32_t i = 0; i < BATCH_PACKETS; i++)
		nsc_gen_slot_init(c->gen, c->slots + i * slot_size);
	c->packets = bench_size(400000, 8192);
	cliff_packets(c, 2 * options.traffic.flows + bench_size(400000, 8192));
}

static void cliff_close(struct cliff_case *c)
{
	table_case_close(c->table);
	nsc_gen_close(c->gen);
	free(c->slots);
}

/* How many times one way costs the other, whichever is dearer: of each round, and as the median. */
static double cliff_step(const struct bench_way *one, const struct bench_way *other, unsigned rounds, double *sample)
{
	struct stats_ratio ratio;
	bool falls;

	stats_ratio_of(&ratio, one->sample, other->sample, rounds);
	falls = ratio.median < 1;
	for (unsigned r = 0; r < rounds; r++)
		sample[r] = falls ? one->sample[r] / other->sample[r] : other->sample[r] / one->sample[r];
	return falls ? 1 / ratio.median : ratio.median;
}

static void cliff_axis(enum axis axis)
{
	struct cliff_case cases[WAYS_MAX] = { 0 };
	struct bench_way ways[WAYS_MAX] = { 0 }, largest = { .name = "ratio of neighbours" };
	double sample[BENCH_ROUNDS_MAX], step, most = 0;
	unsigned rounds, n = axes[axis].n;
	char name[64];

	for (unsigned i = 0; i < n; i++) {
		cliff_open(&cases[i], axis, axes[axis].value[i]);
		ways[i] = (struct bench_way){ .name = "as before", .run = cliff_run, .context = &cases[i] };
	}
	rounds = bench_run(ways, n, 9);
	for (unsigned i = 0; i < n; i++) {
		bench_row("cliffs", cases[i].name, "ns/packet", &ways[i], i ? &ways[i - 1] : NULL, rounds, NULL);
		cliff_close(&cases[i]);
		step = i ? cliff_step(&ways[i - 1], &ways[i], rounds, sample) : 0;
		if (step <= most)
			continue;
		most = step;
		memcpy(largest.sample, sample, sizeof(sample));
	}
	snprintf(name, sizeof(name), "  %s: largest step", axes[axis].name);
	bench_row("cliffs", name, "times", &largest, NULL, rounds, "cliff");
}

void bench_cliffs(void)
{
	for (enum axis axis = 0; axis < AXES; axis++)
		cliff_axis(axis);
}
