/* SPDX-License-Identifier: MIT
 *
 * Ended flow records of one worker on their way to the writer: a channel of chunks. The writer's sinks may keep chunks
 * (an export sorts in them), but never all: two always circulate, so that a worker that waits for a chunk gets one.
 *
 * No chunk is free: offline the worker waits (counted RECORD_WAITS); live the record is dropped (RECORD_SKIPPED).
 */
#ifndef NETSCOPE_RINGS_RECORDS_H
#define NETSCOPE_RINGS_RECORDS_H

#include "engine/flow/table.h"
#include "engine/rings/channel.h"

#define NSC_RECORD_CHUNKS_MIN 4u

struct nsc_records {
	struct nsc_channel *channel;
	uint32_t index; /* the worker's number */
	uint32_t chunks;
	alignas(NSC_CACHE_LINE) uint64_t taken; /* worker's: chunks acquired so far; read by control */
	alignas(NSC_CACHE_LINE) uint32_t held;  /* writer's: chunks that sinks keep */
	uint8_t *keepers;                       /* writer's: [chunks], by how many sinks each is kept */
	alignas(NSC_CACHE_LINE) uint32_t ready; /* control's: chunks made present */
};

/* `bytes` of chunks, at least NSC_RECORD_CHUNKS_MIN of them. 0 or -errno. Thread: control. */
int nsc_records_open(struct nsc_records *records, struct nsc_arena *arena, uint32_t index, uint64_t bytes,
		     struct nsc_error *error);
uint64_t nsc_records_bytes(uint64_t bytes); /* what that takes */

/* Keeps a few chunks ahead of the worker present in memory: all would cost a small capture more than its packets do.
 * Returns true when it did something. Thread: control. */
bool nsc_records_prepare(struct nsc_records *records);

nsc_always_inline struct nsc_flow_chunk *nsc_records_begin(struct nsc_records *records, struct nsc_flow_chunk *chunk)
{
	chunk->n = 0;
	chunk->worker = records->index;
	__atomic_store_n(&records->taken, records->taken + 1, __ATOMIC_RELAXED);
	return chunk;
}

/* Live: an empty chunk (n = 0), or NULL. Thread: worker. Allocates, blocks: never. */
nsc_always_inline struct nsc_flow_chunk *nsc_records_acquire(struct nsc_records *records)
{
	struct nsc_flow_chunk *chunk = nsc_channel_acquire(records->channel);

	return chunk ? nsc_records_begin(records, chunk) : NULL;
}

/* The worker's end as its flow table wants it: a full chunk goes to the writer, an empty one takes its place. */
struct nsc_records_output {
	struct nsc_flow_output flow; /* its context is this struct; its `full` is NULL when nobody wants records */
	struct nsc_records *records; /* NULL: nobody wants records */
	struct nsc_counters *counters;
	bool live; /* a record without a chunk is lost, and counted by the table; otherwise the worker waits */
};

/* Thread: control. */
void nsc_records_output_init(struct nsc_records_output *output, struct nsc_records *records,
			     struct nsc_counters *counters, bool live);
/* Sends what is there. Thread: worker. Allocates, blocks: never. */
void nsc_records_output_flush(struct nsc_records_output *output);
/* The same, and that was all. Thread: worker. Allocates, blocks: never. */
void nsc_records_output_end(struct nsc_records_output *output);

/* Whether one more chunk may be kept, and whether it is time to give some back. Thread: writer. */
bool nsc_records_may_keep(const struct nsc_records *records);
bool nsc_records_urgent(const struct nsc_records *records);

/* One more sink keeps this chunk (255 at most); one sink less does, of those that keep it. A chunk that nobody keeps
 * any more goes back. Thread: writer. */
void nsc_records_keep(struct nsc_records *records, const struct nsc_flow_chunk *chunk);
void nsc_records_drop(struct nsc_records *records, struct nsc_flow_chunk *chunk);
/* After the sinks were called: back, unless one keeps it. Thread: writer. */
void nsc_records_settle(struct nsc_records *records, struct nsc_flow_chunk *chunk);

#endif
