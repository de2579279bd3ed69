/* SPDX-License-Identifier: MIT
 *
 * See lines.h. The numbers of the lines are drawn outside of what is measured, 4096 at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "perf/batch.h"
#include "perf/bench.h"
#include "perf/lines.h"

struct line {
	alignas(NSC_CACHE_LINE) uint64_t word[8];
};

struct lines {
	struct line *index, *record;
	uint8_t *more; /* the 40 bytes that a record has beside its line */
	uint64_t n_index, n_record;
	uint64_t random;
	uint32_t at[BATCH_PACKETS], to[BATCH_PACKETS];
};

static void *array(struct nsc_arena *arena, uint64_t bytes)
{
	void *start = nsc_arena_alloc(arena, bytes);

	if (!start)
		bench_die("no memory for %lu bytes", (unsigned long)bytes);
	nsc_arena_populate(start, bytes);
	return start;
}

struct lines *lines_open(struct nsc_arena *arena, uint64_t flows)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		bench_die("no memory");
	l->n_index = (flows + 7) / 8;
	l->n_record = flows;
	l->index = array(arena, l->n_index * sizeof(struct line));
	l->record = array(arena, flows * sizeof(struct line));
	l->more = array(arena, flows * 40);
	l->random = 88172645463325252ull;
	return l;
}

void lines_close(struct lines *lines)
{
	free(lines); /* the arrays are the arena's */
}

static void draw(struct lines *l)
{
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		l->at[i] = (uint32_t)((batch_random(&l->random) >> 32) * l->n_index >> 32);
		l->to[i] = (uint32_t)((batch_random(&l->random) >> 32) * l->n_record >> 32);
	}
}

static void update_burst(struct lines *l, const uint32_t *at, uint64_t first)
{
	const uint32_t *to = l->to + (at - l->at);
	uint64_t id[NSC_BURST_MAX];

	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		nsc_prefetch(&l->index[at[i]]);
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
		id[i] = to[i] + l->index[at[i]].word[0]; /* 0, but the processor must wait for it */
		nsc_prefetch_write(&l->record[id[i]]);
	}
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		l->record[id[i]].word[1]++;
	bench_keep(l);
}

static void append_burst(struct lines *l, const uint32_t *at, uint64_t next)
{
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		nsc_prefetch_write(&l->index[at[i]]);
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
		l->index[at[i]].word[1] = next + i;
		memset(&l->record[next + i], (int)i, sizeof(struct line));
		memset(&l->more[(next + i) * 40], (int)i, 40);
	}
	bench_keep(l);
}

/* Bursts of lines drawn outside of what is measured; CPU ns per packet. */
static double lines_run(struct lines *l, uint64_t batches, void (*burst)(struct lines *, const uint32_t *, uint64_t))
{
	double spent = 0;

	for (uint64_t b = 0; b < batches; b++) {
		double start;

		draw(l);
		start = bench_cpu_ns();
		for (uint32_t i = 0; i < BATCH_PACKETS; i += NSC_BURST_MAX)
			burst(l, &l->at[i], b * BATCH_PACKETS + i);
		spent += bench_cpu_ns() - start;
	}
	return spent / (double)(batches * BATCH_PACKETS);
}

double lines_update(struct lines *l, uint64_t packets)
{
	return lines_run(l, (packets + BATCH_PACKETS - 1) / BATCH_PACKETS, update_burst);
}

double lines_append(struct lines *l, uint64_t packets)
{
	return lines_run(l, NSC_MIN(packets, l->n_record) / BATCH_PACKETS, append_burst);
}
