/* SPDX-License-Identifier: MIT
 *
 * Ended flow records of one worker on their way to the writer, in chunks. The writer's sinks may keep chunks (an export
 * sorts in them), but never all: two always circulate, so that a worker that waits for a chunk gets one.
 */
#ifndef NETSCOPE_RINGS_RECORDS_H
#define NETSCOPE_RINGS_RECORDS_H

#include "engine/base/idle.h"
#include "engine/rings/channel.h"
#include "netscope/flow.h"

#define NSC_RECORD_CHUNKS_MIN 4u

struct nsc_records {
	struct nsc_channel *channel;
	struct nsc_idle *worker; /* whom to wake when a chunk has come back */
	struct nsc_idle *writer; /* whom to wake when one has come */
	uint32_t index;          /* the worker's number */
	uint32_t chunks;
	alignas(NSC_CACHE_LINE) uint64_t taken; /* worker's: chunks acquired so far; read by control */
	bool ended;                             /* worker's: nothing will be sent any more; read by the writer */
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

/* An empty chunk (n = 0), or NULL. Thread: worker. Allocates, blocks: never. */
struct nsc_flow_chunk *nsc_records_acquire(struct nsc_records *records);
void nsc_records_send(struct nsc_records *records, struct nsc_flow_chunk *chunk);
void nsc_records_end(struct nsc_records *records); /* after the last send */

/* The oldest chunk, or NULL. Thread: writer. Allocates, blocks: never. */
struct nsc_flow_chunk *nsc_records_receive(struct nsc_records *records);
/* True when no chunk will come any more; to be asked before the receive that finds nothing. Thread: writer. */
bool nsc_records_ended(const struct nsc_records *records);

/* Whether one more chunk may be kept, and whether it is time to give some back. Thread: writer. */
bool nsc_records_may_keep(const struct nsc_records *records);
bool nsc_records_urgent(const struct nsc_records *records);

/* One more sink keeps this chunk; one sink less does. A chunk that nobody keeps goes back. Thread: writer. */
void nsc_records_keep(struct nsc_records *records, const struct nsc_flow_chunk *chunk);
void nsc_records_drop(struct nsc_records *records, struct nsc_flow_chunk *chunk);
/* After the sinks were called: back, unless one keeps it. Thread: writer. */
void nsc_records_settle(struct nsc_records *records, struct nsc_flow_chunk *chunk);

#endif
