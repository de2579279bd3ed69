/* SPDX-License-Identifier: MIT
 *
 * What names of flows cost: decode and flow table over generated traffic, with and without them, in turn. The packets
 * of a piece are made outside of what is measured, and lie in the cache then, as the bytes of a file do after a read.
 * Names alone are a small difference of two large figures: it is taken between the least that each piece took in any
 * round, for the pieces are the same ones in all rounds.
 */
#include <stdlib.h>
#include <string.h>

#include "backends/sources/gen.h"
#include "engine/flow/naming.h"
#include "perf/bench.h"
#include "perf/table_case.h"

#define PIECE_BURSTS 8u
#define PIECE_PACKETS (PIECE_BURSTS * NSC_BURST_MAX)
#define NAMES_TIMEOUT_NS (600 * NSC_NS_PER_SEC)
#define NAMES_BYTES (64ull << 20)

struct names_case {
	struct nsc_gen_options traffic;
	uint64_t settle; /* packets before it is measured */
	bool per_flow;   /* cost of one flow that said something, else of a packet */
	bool full;
	uint64_t made; /* flows */
	double *least; /* that each piece took, ns */
};

struct names_rig {
	struct nsc_arena *arena;
	struct nsc_naming *naming;
	struct nsc_flow_table *table;
	struct nsc_gen *gen;
	uint8_t *slots;
	struct nsc_burst burst[PIECE_BURSTS];
	struct nsc_counters counters;
	struct nsc_flow_output output;
};

static struct nsc_flow_chunk *names_start_again(struct nsc_flow_output *output)
{
	output->chunk->n = 0;
	return output->chunk;
}

static void names_open(struct names_rig *r, const struct names_case *c)
{
	const struct nsc_naming_options names = {
		.names = NSC_NAMES_FULL, .memory = NAMES_BYTES, .blocks = 512, .keep = true
	};
	struct nsc_flow_table_options options = {
		.max_flows = 1 << 17,
		.timeout_ns = NAMES_TIMEOUT_NS,
		.tick_ns = NSC_NS_PER_SEC,
		.analyses = NSC_ANALYSIS_ALL,
		.seed = batch_decode.seed,
		.names = c->full,
	};
	struct nsc_error error;

	if (nsc_gen_open(&r->gen, &c->traffic, &error) || nsc_arena_open(&r->arena, &error) ||
	    (c->full && nsc_naming_open(&r->naming, &names, r->arena, &error)))
		bench_die("%s", error.text);
	options.naming = r->naming;
	if (nsc_flow_table_open(&r->table, &options, r->arena, &error))
		bench_die("%s", error.text);
	r->output.chunk = calloc(1, sizeof(*r->output.chunk));
	r->output.full = names_start_again;
	r->slots = malloc((size_t)PIECE_PACKETS * nsc_gen_slot_size(r->gen));
	if (!r->output.chunk || !r->slots)
		bench_die("no memory");
	for (uint32_t i = 0; i < PIECE_PACKETS; i++)
		nsc_gen_slot_init(r->gen, r->slots + (size_t)i * nsc_gen_slot_size(r->gen));
}

static void names_close(struct names_rig *r)
{
	nsc_naming_close(r->naming);
	nsc_arena_close(r->arena);
	nsc_gen_close(r->gen);
	free(r->output.chunk);
	free(r->slots);
}

static void names_fill(struct names_rig *r)
{
	batch_generate(r->gen, r->slots, r->burst, PIECE_BURSTS);
	while (r->naming && nsc_naming_prepare(r->naming))
		;
}

static double names_run_piece(struct names_rig *r)
{
	double start = bench_thread_cpu_ns();

	for (uint32_t i = 0; i < PIECE_BURSTS; i++) {
		nsc_decode_burst(&batch_decode, r->burst[i].pkt, r->burst[i].n);
		nsc_flow_table_burst(r->table, r->burst[i].pkt, r->burst[i].n, &r->counters, &r->output);
	}
	return bench_thread_cpu_ns() - start;
}

/* ns per packet */
static double run_names(void *context)
{
	struct names_case *c = context;
	struct names_rig r = { 0 };
	uint64_t packets = c->traffic.traffic.packets / PIECE_PACKETS * PIECE_PACKETS;
	uint64_t settle = c->settle / PIECE_PACKETS * PIECE_PACKETS;

	double spent = 0;

	names_open(&r, c);
	for (uint64_t i = 0; i < packets; i += PIECE_PACKETS) {
		double *least = &c->least[i / PIECE_PACKETS], ns;

		names_fill(&r);
		ns = names_run_piece(&r) * (i >= settle);
		*least = NSC_MIN(*least, ns);
		spent += ns;
	}
	c->made = r.counters.value[NSC_C_FLOW_CREATED];
	names_close(&r);
	return spent / (double)(packets - settle);
}

static double *names_pieces(uint64_t n)
{
	double *least = malloc(n * sizeof(*least));

	if (!least)
		bench_die("no memory");
	for (uint64_t i = 0; i < n; i++)
		least[i] = INFINITY;
	return least;
}

static void names_of(const char *name, const struct names_case *c, const char *alone, const char *budget)
{
	uint64_t packets = c->traffic.traffic.packets, pieces = packets / PIECE_PACKETS;
	struct names_case off = *c, full = *c;
	struct bench_way ways[] = {
		{ .name = "names off", .run = run_names, .context = &off },
		{ .name = "names full", .run = run_names, .context = &full },
	};
	struct bench_way difference = { .name = "names alone" };
	double ns = 0;
	unsigned rounds;

	full.full = true;
	off.least = names_pieces(pieces);
	full.least = names_pieces(pieces);
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 9);
	for (uint64_t i = 0; i < pieces; i++)
		ns += full.least[i] - off.least[i];
	for (unsigned i = 0; i < rounds; i++)
		difference.sample[i] = ns / (double)(c->per_flow ? full.made : packets - c->settle);
	bench_row("names", name, "ns/packet", &ways[1], &ways[0], rounds, NULL);
	bench_row("names", alone, c->per_flow ? "ns/flow" : "ns/packet", &difference, NULL, rounds, budget);
	free(off.least);
	free(full.least);
}

static struct names_case names_traffic(double tcp, double tls, double http, double quic, double dns)
{
	struct names_case c = { .per_flow = true };
	struct nsc_synth_options *t = &c.traffic.traffic;

	nsc_synth_defaults(t);
	t->packets = bench_size(400000, 16384);
	t->flows = 4000;
	t->rate_pps = 100000;
	t->flow_packets = 13;
	t->payload_min = 200;
	t->tcp_share = tcp;
	t->tls_share = tls;
	t->http_share = http;
	t->quic_share = quic;
	t->dns_share = dns;
	return c;
}

void bench_names(void)
{
	struct names_case settled = names_traffic(0.9, 0.6, 0.2, 0.3, 0);
	struct names_case tls = names_traffic(1, 1, 0, 0, 0), http = names_traffic(1, 0, 1, 0, 0);
	struct names_case quic = names_traffic(0, 0, 0, 1, 0), dns = names_traffic(0, 0, 0, 0.0001, 0.9999);
	struct names_case mix = names_traffic(0.75, 0.7, 0.15, 0.35, 0.5), long_mix = mix;
	struct names_case plain = names_traffic(0.8, 0, 0, 0, 0.3);

	settled.traffic.traffic.flow_packets = 0;
	settled.traffic.traffic.flows = 1000;
	settled.settle = settled.traffic.traffic.packets / 4;
	long_mix.traffic.traffic.flow_packets = 100;
	long_mix.traffic.traffic.flows = 400;
	settled.per_flow = mix.per_flow = long_mix.per_flow = plain.per_flow = false;
	names_of("flows that have said who they are", &settled, "  names alone", "names-packet");
	names_of("TLS, 13 packets a flow", &tls, "  names alone: a flow of TLS", "names-tls");
	names_of("HTTP, 13 packets a flow", &http, "  names alone: a flow of HTTP", NULL);
	names_of("QUIC, 13 packets a flow", &quic, "  names alone: a flow of QUIC", NULL);
	names_of("DNS", &dns, "  names alone: a flow of DNS", NULL);
	names_of("TLS, HTTP, QUIC, DNS, 13 packets a flow", &mix, "  names alone", NULL);
	names_of("TLS, HTTP, QUIC, DNS, 100 packets a flow", &long_mix, "  names alone", NULL);
	names_of("DNS and nothing that is known, 13 packets a flow", &plain, "  names alone", NULL);
}
