/* SPDX-License-Identifier: MIT
 *
 * What detectors cost under attack: the same generated SYNs through decode and flow table, with and without the
 * detectors' half on the packet path; and, in a run of its own, what the other half costs the publisher. All in one
 * thread, so that nobody's waiting is counted; in the runs of the packet path chunks are taken and given back unread,
 * so that the two halves, which have a core each in the engine, do not spoil each other's caches. The flow table is as
 * large as it is by default, so that nearly every SYN evicts a flow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/detect/contacts.h"
#include "engine/detect/detectors.h"
#include "engine/flow/table.h"
#include "perf/batch.h"
#include "perf/bench.h"

#define FLOWS 100000u
#define BURSTS 64u
#define MEMORY (256ull << 20)

struct attack_case {
	unsigned attack;
	double share;
	uint64_t flows, flow_packets;
	uint64_t packets;
	bool detect;
	bool merge;                            /* and merge; otherwise chunks go back unread */
	double path_ns, merge_ns, first_alert; /* of the last run; first_alert in epochs from the first packet's */
	uint64_t alerts;

	struct nsc_arena *arena;
	struct nsc_rx *rx;
	struct nsc_flow_table *table;
	struct nsc_contacts *contacts;
	struct nsc_detectors *detectors;
	struct nsc_channel *epochs;
	struct nsc_alert_ring queue;
	struct nsc_idle idle;
	struct nsc_counters counters;
	struct nsc_burst burst[BURSTS];
	uint64_t started_ns;
};

static const struct nsc_detect_options options = {
	.syn_flood = { true, 5 * NSC_NS_PER_SEC, 10 * NSC_NS_PER_SEC, 200, 50 },
	.port_scan = { true, 10 * NSC_NS_PER_SEC, 30 * NSC_NS_PER_SEC, 25, 10 },
	.scan_all = true, /* what is not answered is known after the traffic of a round */
	.memory = MEMORY,
	.seed = { 0x243f6a8885a308d3, 0x13198a2e03707344 },
};

static void open_source(struct attack_case *c)
{
	struct nsc_synth_options synth;
	struct nsc_error error;

	nsc_synth_defaults(&synth);
	synth.packets = c->packets;
	synth.payload_max = 0;
	synth.flows = c->flows;
	synth.flow_packets = c->flow_packets;
	synth.attack = c->attack;
	synth.attack_share = c->share;
	c->started_ns = synth.start_ns;
	if (nsc_rx_synth_open(&c->rx, &synth, &error))
		bench_die("%s", error.text);
}

static void attack_case_open_detectors(struct attack_case *c)
{
	uint32_t wanted = nsc_detect_contacts(&options);
	uint64_t before = nsc_arena_bytes(c->arena), most;
	struct nsc_error error;

	if (nsc_epochs_open(&c->epochs, c->arena, &error) ||
	    nsc_contacts_open(&c->contacts, c->arena, c->epochs, wanted, options.seed, &error) ||
	    nsc_detectors_open(&c->detectors, c->arena, &options, 1, &error) ||
	    nsc_alert_ring_open(&c->queue, c->arena, true,
				&error)) /* live: nobody takes alerts while an epoch is decided */
		bench_die("%s", error.text);
	most = nsc_detectors_bytes(&options) + nsc_contacts_bytes(wanted) + NSC_EPOCHS_BYTES + NSC_ALERT_RING_BYTES;
	if (nsc_arena_bytes(c->arena) - before > most + (1 << 20))
		bench_die("the detectors took %zu bytes, and said %lu", nsc_arena_bytes(c->arena) - before,
			  (unsigned long)most);
	nsc_channel_connect(c->epochs, &(struct nsc_channel_doorbells){ .sender = &c->idle, .receiver = &c->idle });
	nsc_channel_connect(c->queue.channel,
			    &(struct nsc_channel_doorbells){ .sender = &c->idle, .receiver = &c->idle });
	c->detectors->epochs[0] = c->epochs;
	c->detectors->alerts = &c->queue;
	nsc_contacts_attach(c->contacts, &c->counters, false);
}

static void set_up(struct attack_case *c)
{
	struct nsc_flow_table_options table = {
		.max_flows = FLOWS,
		.timeout_ns = 60 * NSC_NS_PER_SEC,
		.tick_ns = NSC_NS_PER_SEC,
		.openers = true,
		.seed = batch_decode.seed,
	};
	struct nsc_error error;

	c->alerts = 0;
	c->first_alert = NAN;
	memset(&c->counters, 0, sizeof(c->counters));
	memset(&c->queue, 0, sizeof(c->queue));
	nsc_idle_init(&c->idle, NSC_POLL_BUSY, false);
	open_source(c);
	if (nsc_arena_open(&c->arena, &error) || nsc_flow_table_open(&c->table, &table, c->arena, &error))
		bench_die("%s", error.text);
	if (c->detect)
		attack_case_open_detectors(c);
}

static void tear_down(struct attack_case *c)
{
	nsc_arena_close(c->arena);
	nsc_rx_close(c->rx);
}

/* As a worker does it: cut at the epoch's border. */
static void one_burst(struct attack_case *c, struct nsc_burst *burst)
{
	struct nsc_flow_output output = { .chunk = NULL };
	struct nsc_packet *pkt = burst->pkt, *end = pkt + burst->n;

	nsc_decode_burst(&batch_decode, burst->pkt, burst->n);
	for (uint32_t n; pkt < end; pkt += n) {
		uint64_t openers;

		n = (uint32_t)(end - pkt);
		if (c->detect && !nsc_period_holds(&c->contacts->period, pkt->clock_ns))
			nsc_contacts_advance(c->contacts, pkt->clock_ns);
		if (c->detect)
			n = nsc_period_held(&c->contacts->period, pkt, n);
		openers = nsc_flow_table_burst(c->table, pkt, n, &c->counters, &output);
		if (c->detect)
			nsc_contacts_burst(c->contacts, pkt, n, openers);
	}
}

static void take_alerts(struct attack_case *c)
{
	for (struct nsc_alert_batch *batch; (batch = nsc_channel_receive(c->queue.channel));) {
		if (!c->alerts)
			c->first_alert = (double)(batch->alert[0].ts_ns - c->started_ns) / NSC_EPOCH_NS;
		c->alerts += batch->n;
		nsc_channel_give_back(c->queue.channel, batch);
	}
}

static void merge(struct attack_case *c)
{
	double start = bench_thread_cpu_ns();
	bool ended;

	while (nsc_detectors_step(c->detectors, &ended))
		take_alerts(c);
	take_alerts(c);
	c->merge_ns += bench_thread_cpu_ns() - start;
}

static void throw_away(struct attack_case *c)
{
	for (struct nsc_epoch_chunk *chunk; (chunk = nsc_channel_receive(c->epochs));)
		nsc_channel_give_back(c->epochs, chunk);
}

/* The next bursts; false after the last. */
static bool attack_case_fill(struct attack_case *c, uint32_t *n, uint64_t *packets)
{
	bool more = true;

	for (*n = 0; *n < BURSTS && more; (*n)++) {
		nsc_rx_poll(c->rx, &c->burst[*n]);
		more = c->burst[*n].state < NSC_RX_END;
		*packets += c->burst[*n].n;
	}
	return more;
}

static uint64_t run_turns(struct attack_case *c)
{
	uint64_t packets = 0;
	bool more = true;

	while (more) {
		uint32_t n;
		double start;

		more = attack_case_fill(c, &n, &packets);
		start = bench_thread_cpu_ns();
		for (uint32_t i = 0; i < n; i++)
			one_burst(c, &c->burst[i]);
		c->path_ns += bench_thread_cpu_ns() - start;
		if (c->detect && !more)
			nsc_contacts_end(c->contacts);
		if (c->merge)
			merge(c);
		else if (c->detect)
			throw_away(c);
		nsc_rx_release(c->rx, c->burst[n - 1].loan);
	}
	return packets;
}

static double run_attack(void *context)
{
	struct attack_case *c = context;
	uint64_t packets;

	set_up(c);
	c->path_ns = c->merge_ns = 0;
	packets = run_turns(c);
	if (c->merge && !c->alerts && c->attack != NSC_SYNTH_ATTACK_SPREAD)
		bench_die("an attack of %lu packets raised no alert", (unsigned long)packets);
	c->path_ns /= (double)packets;
	c->merge_ns /= (double)packets;
	tear_down(c);
	return c->merge ? c->merge_ns : c->path_ns;
}

/* Figures of the run just before. */
static double first_alert_of(void *context)
{
	return ((struct attack_case *)context)->first_alert;
}

static struct attack_case *attack_case(unsigned attack, double share, uint64_t flows, bool detect, bool merging)
{
	struct attack_case *c = aligned_alloc(NSC_CACHE_LINE, sizeof(*c));

	if (!c)
		bench_die("no memory");
	memset(c, 0, sizeof(*c));
	c->attack = attack;
	c->share = share;
	c->flows = flows;
	c->packets = bench_size(10000000, 600000);
	c->detect = detect;
	c->merge = merging;
	return c;
}

static void measure(const char *name, unsigned attack, double share, uint64_t flows)
{
	struct attack_case *with = attack_case(attack, share, flows, true, false);
	struct attack_case *without = attack_case(attack, share, flows, false, false);
	struct attack_case *merging = attack_case(attack, share, flows, true, true);
	struct bench_way ways[] = {
		{ .name = "with", .run = run_attack, .context = with },
		{ .name = "without detectors", .run = run_attack, .context = without },
		{ .name = "publisher", .run = run_attack, .context = merging },
		{ .name = "epochs", .run = first_alert_of, .context = merging, .follows = true },
	};
	unsigned rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 5);
	char text[96];

	snprintf(text, sizeof(text), "%s: decode, flow, detectors", name);
	bench_row("detect", text, "ns/packet", &ways[0], &ways[1], rounds, "detect-times");
	bench_row("detect", "  merging and deciding (publisher)", "ns/packet", &ways[2], NULL, rounds, NULL);
	if (attack != NSC_SYNTH_ATTACK_SPREAD) /* whose targets reach no threshold, and whose sources do at any time */
		bench_row("detect", "  first alert after the first packet", "epochs", &ways[3], NULL, rounds,
			  "detect-epochs");
	free(with);
	free(without);
	free(merging);
}

void bench_detect(void)
{
	measure("10 M SYNs, 1 M sources, 1 target", NSC_SYNTH_ATTACK_FLOOD, 1, 1000);
	measure("10 M SYNs, 1 M sources, 64 k targets", NSC_SYNTH_ATTACK_SPREAD, 1, 1000);
	measure("scan of 64 k ports in 1 M flows", NSC_SYNTH_ATTACK_SCAN, 0.05, bench_size(1000000, 20000));
}
