/* SPDX-License-Identifier: MIT
 *
 * The most expensive burst: what tests/property/worst_burst.c found, timed through decode, flow table and contacts.
 * Each round builds the stage anew and times one burst, as soon as it is there and with caches that other work has
 * filled.
 */
#include "engine/base/cycles.h"
#include "perf/bench.h"
#include "perf/worst.h"

#define EVICT_BYTES (64u << 20) /* more than the caches hold */

struct worst_bench {
	struct worst_packet packet; /* of every flow one */
	bool cold;
	double ns_per_cycle;
};

/* The caches hold something else afterwards. */
static void worst_evict(void)
{
	volatile uint8_t *other = malloc(EVICT_BYTES);

	if (!other)
		bench_die("no memory");
	for (size_t i = 0; i < EVICT_BYTES; i += NSC_CACHE_LINE)
		other[i]++;
	free((void *)other);
}

static double worst_time(void *context)
{
	const struct worst_bench *b = context;
	struct worst_stage *stage = worst_open();
	uint64_t start, cycles;

	if (!stage)
		bench_die("no memory");
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
		struct worst_packet packet = b->packet;

		packet.flow = (uint8_t)i;
		worst_send(stage, i, &packet);
	}
	if (b->cold)
		worst_evict();
	start = nsc_cycles();
	worst_run(stage, NSC_BURST_MAX);
	cycles = nsc_cycles() - start;
	worst_close(stage);
	return (double)cycles * b->ns_per_cycle;
}

void bench_worst(void)
{
	static const struct {
		const char *name;
		struct worst_packet packet;
	} bursts[] = {
		{ "worst burst: much again, 10 extension headers",
		  { .kind = WORST_COVER, .wrap = WORST_EXTENSIONS, .wraps = 10, .depth = 92, .ack_depth = 72 } },
		{ "  deep rings behind 18 frames",
		  { .kind = WORST_AGAIN_ACK, .wrap = WORST_FRAMES, .wraps = 18, .depth = 92, .ack_depth = 72 } },
		{ "  deep rings alone", { .kind = WORST_AGAIN_ACK, .depth = 92, .ack_depth = 72 } },
		{ "  much sent again at once", { .kind = WORST_COVER, .depth = 92, .ack_depth = 72 } },
		{ "  new flows in a full table", { .kind = WORST_FLOOD } },
	};
	double ns_per_cycle = 1e9 / nsc_cycles_measure_hz();

	for (size_t i = 0; i < NSC_ARRAY_LEN(bursts); i++) {
		struct worst_bench warm = { .packet = bursts[i].packet, .ns_per_cycle = ns_per_cycle }, cold = warm;
		struct bench_way ways[] = { { .name = "as it comes", .run = worst_time, .context = &warm },
					    { .name = "cold caches", .run = worst_time, .context = &cold } };
		struct bench_way each = { .name = "as it comes" };
		unsigned rounds;

		cold.cold = true;
		rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 9);
		bench_row("worst", bursts[i].name, "ns/burst", &ways[0], NULL, rounds, "worst-burst");
		for (unsigned r = 0; r < rounds; r++)
			each.sample[r] = ways[0].sample[r] / NSC_BURST_MAX;
		bench_row("worst", "    a packet of it", "ns/packet", &each, NULL, rounds,
			  bursts[i].packet.wrap == WORST_PLAIN ? "worst-packet" : NULL);
		bench_row("worst", "    the same with cold caches", "ns/burst", &ways[1], NULL, rounds, NULL);
	}
}
