/* SPDX-License-Identifier: MIT
 *
 * What a packet costs on its way through a lane, beyond polling and decoding it. Two threads take turns at 4096 packets
 * (the capture side steers them, then the worker's side receives them), each on a core of its own, so that the lines
 * really cross and nobody's waiting is counted. The inline way polls and decodes the same packets in one thread.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/rings/lane.h"
#include "perf/batch.h"
#include "perf/bench.h"

#define FLOWS 100000u
#define LANES_MAX 4u

struct source { /* lends a batch again and again */
	struct nsc_rx rx;
	struct batch *batch;
	uint32_t next;
};

struct crossing {
	struct source source;
	struct nsc_lanes *lanes;
	struct nsc_arena *arena;
	struct nsc_idle idle;
	struct nsc_burst *mine;    /* the worker's */
	struct nsc_burst *between; /* of the floor: BATCH_BURSTS bursts */
	uint64_t batches;
	uint32_t n_lanes;
	bool frames; /* the worker reads a line of each frame too */
	bool floor;
	bool stop;
	double capture_ns, worker_ns, inline_ns;
	double steer, receive; /* ns per packet of the last run: capture side beyond the inline way; worker's side */
	uint64_t received;
	pthread_barrier_t turn;
};

/* Packet by packet, as a source and the steering write them: the compiler makes `rep movs` of a whole burst, whose cost
 * hangs on how the two addresses lie to each other. */
static void copy_burst(struct nsc_burst *to, const struct nsc_burst *from)
{
	to->n = from->n;
	to->clock_ns = from->clock_ns;
	for (uint32_t i = 0; i < from->n; i++)
		to->pkt[i] = from->pkt[i];
}

static void source_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct source *source = (struct source *)rx;
	const struct nsc_burst *from = &source->batch->burst[source->next++ % BATCH_BURSTS];

	copy_burst(burst, from);
	burst->state = NSC_RX_MORE;
	burst->loan = source->next;
}

static void source_release(struct nsc_rx *rx, uint64_t loan)
{
}

static const struct nsc_rx_ops source_ops = { .name = "memory", .poll = source_poll, .release = source_release };

static void pin(unsigned core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

/* What the flow table reads of a frame: the addresses. */
static void read_frames(const struct nsc_burst *burst)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < burst->n; i++) {
		uint64_t both;

		memcpy(&both, burst->pkt[i].data + 26, sizeof(both));
		sum += both;
	}
	bench_keep(sum);
}

/* --- the two sides ---------------------------------------------------------------------------- */

static void capture_turn(struct crossing *c)
{
	for (uint32_t i = 0; i < BATCH_BURSTS; i++) {
		if (c->floor)
			copy_burst(&c->between[i], &c->source.batch->burst[i]);
		else
			nsc_lanes_step(c->lanes);
	}
}

static void receive_lane(struct crossing *c, struct nsc_rx *rx)
{
	unsigned empty = 0;

	while (empty < 2) { /* the first burst of a lane has no packets */
		nsc_rx_poll(rx, c->mine);
		if (c->frames)
			read_frames(c->mine);
		bench_keep(c->mine);
		c->received += c->mine->n;
		empty = c->mine->n ? 0 : empty + 1;
		nsc_rx_release(rx, c->mine->loan);
	}
}

static void worker_turn(struct crossing *c)
{
	for (uint32_t i = 0; c->floor && i < BATCH_BURSTS; i++) {
		copy_burst(c->mine, &c->between[i]);
		bench_keep(c->mine);
		c->received += c->mine->n;
	}
	for (uint32_t i = 0; !c->floor && i < c->n_lanes; i++)
		receive_lane(c, nsc_lanes_rx(c->lanes, i));
}

static void *worker(void *context)
{
	struct crossing *c = context;

	pin(1);
	for (;;) {
		double start;

		pthread_barrier_wait(&c->turn);
		if (c->stop)
			return NULL;
		start = bench_thread_cpu_ns();
		worker_turn(c);
		c->worker_ns += bench_thread_cpu_ns() - start;
		pthread_barrier_wait(&c->turn);
	}
}

static void take_turns(struct crossing *c)
{
	for (uint64_t i = 0; i < c->batches; i++) {
		double start;

		batch_fill_random(c->source.batch, FLOWS);
		start = bench_thread_cpu_ns();
		capture_turn(c);
		c->capture_ns += bench_thread_cpu_ns() - start;
		pthread_barrier_wait(&c->turn);
		pthread_barrier_wait(&c->turn);
	}
	c->stop = true;
	pthread_barrier_wait(&c->turn);
}

static double inline_ns(struct crossing *c)
{
	double spent = 0;

	for (uint64_t i = 0; i < c->batches; i++) {
		double start;

		batch_fill_random(c->source.batch, FLOWS);
		start = bench_thread_cpu_ns();
		for (uint32_t k = 0; k < BATCH_BURSTS; k++) {
			nsc_rx_poll(&c->source.rx, c->mine);
			nsc_decode_burst(&batch_decode, c->mine->pkt, c->mine->n);
			if (c->frames)
				read_frames(c->mine);
		}
		spent += bench_thread_cpu_ns() - start;
	}
	return spent;
}

/* --- one round -------------------------------------------------------------------------------- */

static void crossing_open_lanes(struct crossing *c)
{
	static const bool never;
	struct nsc_lanes_options options = {
		.source = &c->source.rx,
		.decode = &batch_decode,
		.lanes = c->n_lanes,
		.lane_packets = 2 * BATCH_PACKETS,
		.tick_ns = 1ull << 62,
		.poll = NSC_POLL_BUSY,
		.stop = &never,
	};
	struct nsc_error error;

	if (nsc_arena_open(&c->arena, &error) || nsc_lanes_open(&c->lanes, &options, c->arena, &error))
		bench_die("%s", error.text);
	nsc_idle_init(&c->idle, NSC_POLL_BUSY, false);
	for (uint32_t i = 0; i < c->n_lanes; i++)
		nsc_lanes_connect(c->lanes, i, &c->idle);
	c->mine = nsc_arena_alloc(c->arena, sizeof(*c->mine));
	c->between = nsc_arena_alloc(c->arena, BATCH_BURSTS * sizeof(*c->between));
	if (!c->mine || !c->between)
		bench_die("no memory");
}

/* Some packets stay behind in bursts that are not full. */
static void crossing_check(const struct crossing *c)
{
	uint64_t sent = c->batches * BATCH_PACKETS;

	if (c->received > sent || c->received + (c->floor ? 0 : c->n_lanes * NSC_BURST_MAX) < sent)
		bench_die("%lu packets went into the lanes, %lu came out", (unsigned long)sent,
			  (unsigned long)c->received);
}

static double run_crossing(void *context)
{
	struct crossing *c = context;
	cpu_set_t before;
	pthread_t thread;
	double packets = (double)(c->batches * BATCH_PACKETS);

	sched_getaffinity(0, sizeof(before), &before);
	pin(0);
	c->source = (struct source){ .rx.ops = &source_ops, .batch = batch_open(1000) };
	c->capture_ns = c->worker_ns = 0;
	c->received = 0;
	c->stop = false;
	crossing_open_lanes(c);
	pthread_barrier_init(&c->turn, NULL, 2);
	if (pthread_create(&thread, NULL, worker, c))
		bench_die("cannot start a thread: %s", strerror(errno));
	take_turns(c);
	pthread_join(thread, NULL);
	crossing_check(c);
	c->inline_ns = c->floor ? 0 : inline_ns(c);
	c->steer = (c->capture_ns - c->inline_ns) / packets;
	c->receive = c->worker_ns / packets;
	pthread_barrier_destroy(&c->turn);
	nsc_arena_close(c->arena);
	batch_close(c->source.batch);
	sched_setaffinity(0, sizeof(before), &before);
	return c->steer + c->receive;
}

static struct crossing *crossing(uint32_t lanes, bool frames, bool floor)
{
	struct crossing *c = aligned_alloc(NSC_CACHE_LINE, sizeof(*c));

	if (!c)
		bench_die("no memory");
	*c = (struct crossing){ .n_lanes = lanes, .frames = frames, .floor = floor, .batches = bench_size(500, 10) };
	return c;
}

/* Figures of the run just before. */
static double steer_of(void *context)
{
	return ((struct crossing *)context)->steer;
}

static double receive_of(void *context)
{
	return ((struct crossing *)context)->receive;
}

void bench_lanes(void)
{
	struct crossing *one = crossing(1, false, false), *four = crossing(LANES_MAX, false, false);
	struct crossing *frames = crossing(1, true, false), *copy = crossing(1, false, true);
	struct bench_way ways[] = {
		{ .name = "1 lane", .run = run_crossing, .context = one },
		{ .name = "1 lane", .run = steer_of, .context = one, .follows = true },
		{ .name = "1 lane", .run = receive_of, .context = one, .follows = true },
		{ .name = "4 lanes", .run = run_crossing, .context = four },
		{ .name = "1 lane, frames read", .run = run_crossing, .context = frames },
		{ .name = "64 B written, read on another core", .run = run_crossing, .context = copy },
		{ .name = "64 B written", .run = steer_of, .context = copy, .follows = true },
		{ .name = "64 B read on another core", .run = receive_of, .context = copy, .follows = true },
	};
	unsigned rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 7);

	bench_row("lanes", "steer + cross 1 lane, beyond decode", "ns/packet", &ways[0], &ways[5], rounds, "lanes");
	bench_row("lanes", "  capture's side", "ns/packet", &ways[1], &ways[6], rounds, NULL);
	bench_row("lanes", "  worker's side", "ns/packet", &ways[2], &ways[7], rounds, NULL);
	bench_row("lanes", "steer + cross 4 lanes, beyond decode", "ns/packet", &ways[3], &ways[5], rounds, "lanes");
	bench_row("lanes", "1 lane, and the worker reads the frames", "ns/packet", &ways[4], &ways[5], rounds, NULL);
	free(one);
	free(four);
	free(frames);
	free(copy);
}
