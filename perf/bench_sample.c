/* SPDX-License-Identifier: MIT
 *
 * What a worker that samples packets for the dashboard pays for choosing them, burst by burst behind decode and flow
 * table, so that packets and records are where a worker has them. No packet passes a filter, so none is copied. A
 * filter is a small difference of two large figures, which are measured in turn.
 */
#include <string.h>

#include "engine/rings/sampler.h"
#include "perf/bench.h"
#include "perf/table_case.h"

#define SAMPLE_TIMEOUT_NS (600 * NSC_NS_PER_SEC)
#define SAMPLE_FLOWS (bench_size(100000, 8192) / BATCH_PACKETS * BATCH_PACKETS)

struct sample_case {
	struct table_case *table;
	struct nsc_sampler *sampler;
	const char *filter, *key; /* NULL: none */
	uint64_t packets;
};

static const struct nsc_rx sample_rx = { .linktype = { [NSC_LINK_ETHERNET] = 1 } };

static void sample_choose(const struct sample_case *c)
{
	const struct nsc_sample_text text = { .filter = c->filter,
					      .filter_length = c->filter ? strlen(c->filter) : 0,
					      .key = c->key,
					      .key_length = c->key ? strlen(c->key) : 0,
					      .every = 1 };
	struct nsc_sample_filter *filter = nsc_channel_acquire(c->sampler->filters);
	struct nsc_error error;

	filter->mode = NSC_SAMPLE_ALL;
	if ((c->filter || c->key) && nsc_sample_filter_parse(filter, &text, &error))
		bench_die("%s", error.text);
	nsc_channel_send(c->sampler->filters, filter);
}

/* As worker.c. */
static void sample_burst(const struct sample_case *c, struct nsc_burst *burst)
{
	nsc_decode_burst(&batch_decode, burst->pkt, burst->n);
	nsc_flow_table_burst(c->table->table, burst->pkt, burst->n, &c->table->counters, &c->table->output);
	nsc_sampler_look(c->sampler);
	if (c->sampler->filter.mode == NSC_SAMPLE_ALL)
		nsc_sampler_burst(c->sampler, &sample_rx, burst->pkt, burst->n, &c->table->counters);
	else
		nsc_sampler_burst_of_flows(c->sampler, c->table->table, burst->clock_ns, &sample_rx, burst->pkt,
					   burst->n, &c->table->counters);
}

/* ns per packet */
static double run_sample(void *context)
{
	struct sample_case *c = context;
	uint64_t batches = c->packets / BATCH_PACKETS;
	double spent = 0, start;

	sample_choose(c);
	for (uint64_t i = 0; i < batches; i++) {
		batch_fill_random(c->table->batch, SAMPLE_FLOWS);
		start = bench_thread_cpu_ns();
		for (uint32_t b = 0; b < BATCH_BURSTS; b++)
			sample_burst(c, &c->table->batch->burst[b]);
		spent += bench_thread_cpu_ns() - start;
		table_case_tick(c->table);
	}
	return spent / (double)(batches * BATCH_PACKETS);
}

void bench_sample(void)
{
	static const struct {
		const char *name, *filter, *key;
	} rows[] = {
		{ "no filter", NULL, NULL },
		{ "one flow by its key", NULL, "tcp-198.51.100.1-1-198.51.100.2-2" },
		{ "host:198.51.100.7", "host:198.51.100.7", NULL },
		{ "udp port:53", "udp port:53", NULL },
		{ "client:198.51.100.7", "client:198.51.100.7", NULL },
		{ "bytes>1T", "bytes>1T", NULL },
	};
	struct bench_way ways[NSC_ARRAY_LEN(rows)];
	struct sample_case c[NSC_ARRAY_LEN(rows)];
	struct bench_way alone = { .name = "filter less none" };
	struct table_case *table = table_case_open(SAMPLE_FLOWS, false, SAMPLE_TIMEOUT_NS, NSC_ANALYSIS_ALL);
	struct nsc_sampler *sampler;
	struct nsc_error error;
	unsigned rounds;

	if (nsc_sampler_open(&sampler, table->arena, UINT32_MAX, 256, &error))
		bench_die("%s", error.text);
	table_case_insert_all(table, NULL);
	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		c[i] = (struct sample_case){ .table = table,
					     .sampler = sampler,
					     .filter = rows[i].filter,
					     .key = rows[i].key,
					     .packets = bench_size(2000000, 40960) };
		ways[i] = (struct bench_way){ .name = rows[i].name, .run = run_sample, .context = &c[i] };
	}
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 9);
	bench_row("sample", "decode + flow + samples, no filter", "ns/packet", &ways[0], NULL, rounds, NULL);
	for (size_t i = 1; i < NSC_ARRAY_LEN(rows); i++) {
		for (unsigned r = 0; r < rounds; r++)
			alone.sample[r] = ways[i].sample[r] - ways[0].sample[r];
		bench_row("sample", rows[i].name, "ns/packet", &alone, NULL, rounds, NULL);
	}
	table_case_close(table);
}
