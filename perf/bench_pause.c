/* SPDX-License-Identifier: MIT
 *
 * How long a worker stops for: the time of each round (decode, flow table, sweep, and the tick when it is due) while a
 * table grows to 10 M flows, and then at 10 M flows with hits, expiry and new flows. After each round the same thread
 * spins for as long, measured in the same way: what that shows is the machine's own interruptions. Rounds (and spins)
 * in which the scheduler took the core away are set aside and counted. Memory for growth is made ready by a second
 * thread, as in the engine.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/base/cycles.h"
#include "netscope/view.h"
#include "perf/bench.h"
#include "perf/table_case.h"

#define TIMEOUT_NS (15 * NSC_NS_PER_SEC) /* at 1 packet per us and 10 M flows: a good part falls silent for longer */

struct spell { /* figures of a part of the run */
	double p9999, max, mean, spin_p9999, spin_max, aside;
};

struct pause_case {
	uint64_t flows, packets;
	struct spell growing, steady;
	double late;

	struct table_case *table;
	double ns_per_cycle;
	uint64_t spin_cycles; /* about a round */
	struct nsc_histogram rounds, spins;
	uint64_t sum_ns, n_rounds, n_aside;
	bool done;
};

static void *make_ready(void *context)
{
	struct pause_case *c = context;

	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE))
		if (!nsc_flow_table_prepare(c->table->table))
			usleep(1000);
	return NULL;
}

static uint64_t preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nivcsw;
}

static uint64_t pause_case_add(struct pause_case *c, struct nsc_histogram *histogram, uint64_t cycles, uint64_t before)
{
	uint64_t ns = (uint64_t)((double)cycles * c->ns_per_cycle), now = preemptions();

	if (now != before) {
		c->n_aside++;
		return now;
	}
	histogram->count[nsc_histogram_bucket(ns)]++;
	histogram->max_ns = NSC_MAX(histogram->max_ns, ns);
	if (histogram == &c->rounds) {
		c->sum_ns += ns;
		c->n_rounds++;
	}
	return now;
}

static uint64_t one_round(struct table_case *t, struct nsc_burst *burst)
{
	uint64_t start = nsc_cycles();

	nsc_decode_burst(&batch_decode, burst->pkt, burst->n);
	nsc_flow_table_burst(t->table, burst->pkt, burst->n, &t->counters, &t->output);
	nsc_flow_table_sweep(t->table, burst->clock_ns, false, &t->counters, &t->output);
	if (burst->clock_ns >= t->next_tick_ns) {
		nsc_flow_table_tick(t->table, t->next_tick_ns, &t->counters, t->top);
		t->next_tick_ns += NSC_NS_PER_SEC;
	}
	return nsc_cycles() - start;
}

static uint64_t one_spin(uint64_t cycles)
{
	uint64_t start = nsc_cycles(), now;

	do {
		now = nsc_cycles();
	} while (now - start < cycles);
	return now - start;
}

static void run_batch(struct pause_case *c)
{
	uint64_t before = preemptions();

	for (uint32_t i = 0; i < BATCH_BURSTS; i++) {
		uint64_t cycles = one_round(c->table, &c->table->batch->burst[i]);

		before = pause_case_add(c, &c->rounds, cycles, before);
		c->spin_cycles = c->spin_cycles - c->spin_cycles / 64 + NSC_MIN(cycles, c->spin_cycles * 2 + 1024) / 64;
		before = pause_case_add(c, &c->spins, one_spin(c->spin_cycles), before);
	}
}

static void close_spell(struct pause_case *c, struct spell *spell)
{
	*spell = (struct spell){
		.p9999 = (double)nsc_histogram_quantile(&c->rounds, 0.9999),
		.max = (double)c->rounds.max_ns,
		.mean = (double)c->sum_ns / (double)NSC_MAX(c->n_rounds, 1u),
		.spin_p9999 = (double)nsc_histogram_quantile(&c->spins, 0.9999),
		.spin_max = (double)c->spins.max_ns,
		.aside = (double)c->n_aside,
	};
	memset(&c->rounds, 0, sizeof(c->rounds));
	memset(&c->spins, 0, sizeof(c->spins));
	c->sum_ns = c->n_rounds = c->n_aside = 0;
}

static double run_pause(void *context)
{
	struct pause_case *c = context;
	pthread_t thread;

	c->ns_per_cycle = 1e9 / nsc_cycles_measure_hz();
	c->table = table_case_open(c->flows, true, TIMEOUT_NS, NSC_ANALYSIS_ALL);
	__atomic_store_n(&c->done, false, __ATOMIC_RELAXED);
	if (pthread_create(&thread, NULL, make_ready, c))
		bench_die("cannot start a thread: %s", strerror(errno));
	for (uint64_t i = 0; i < c->flows / BATCH_PACKETS; i++) {
		batch_fill_new(c->table->batch, i * BATCH_PACKETS);
		run_batch(c);
	}
	close_spell(c, &c->growing);
	for (uint64_t i = 0; i < c->packets / BATCH_PACKETS; i++) {
		batch_fill_random(c->table->batch, c->flows);
		run_batch(c);
	}
	close_spell(c, &c->steady);
	__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	c->late = (double)c->table->counters.value[NSC_C_FLOW_GROWTH_LATE];
	table_case_close(c->table);
	return c->growing.p9999;
}

/* A figure of the run just before. */
static double figure(void *context)
{
	return *(double *)context;
}

#define FIGURE(text, member)                                                                                           \
	{                                                                                                              \
		.name = text, .run = figure, .context = &c.member, .follows = true                                     \
	}

void bench_pause(void)
{
	struct pause_case c = { .flows = bench_size(10000000, 40960), .packets = bench_size(20000000, 81920) };
	struct bench_way ways[] = {
		{ .name = "growing", .run = run_pause, .context = &c },
		FIGURE("spinning as long", growing.spin_p9999),
		FIGURE("growing", growing.max),
		FIGURE("spinning as long", growing.spin_max),
		FIGURE("growing", growing.mean),
		FIGURE("growing", growing.aside),
		FIGURE("growing", late),
		FIGURE("steady", steady.p9999),
		FIGURE("spinning as long", steady.spin_p9999),
		FIGURE("steady", steady.max),
		FIGURE("spinning as long", steady.spin_max),
		FIGURE("steady", steady.mean),
		FIGURE("steady", steady.aside),
	};
	unsigned rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 3);

	bench_row("pause", "growing to 10 M flows: 99.99 % of rounds", "ns/round", &ways[0], &ways[1], rounds,
		  "pause-p9999");
	bench_row("pause", "  longest round", "ns/round", &ways[2], &ways[3], rounds, NULL);
	bench_row("pause", "  mean round", "ns/round", &ways[4], NULL, rounds, NULL);
	bench_row("pause", "  set aside: core taken away", "rounds", &ways[5], NULL, rounds, NULL);
	bench_row("pause", "  growth that found no memory ready", "times", &ways[6], NULL, rounds, NULL);
	bench_row("pause", "10 M flows, hits and expiry: 99.99 % of rounds", "ns/round", &ways[7], &ways[8], rounds,
		  "pause-p9999");
	bench_row("pause", "  longest round", "ns/round", &ways[9], &ways[10], rounds, NULL);
	bench_row("pause", "  mean round", "ns/round", &ways[11], NULL, rounds, NULL);
	bench_row("pause", "  set aside: core taken away", "rounds", &ways[12], NULL, rounds, NULL);
}
