/* SPDX-License-Identifier: MIT
 *
 * Every finished flow of a run, in bounded memory, given back in export order: an external merge sort. Its memory is
 * the engine's own chunks, which it holds and sorts in place; when the engine runs out of them, what is held is
 * merged into a temporary file and the chunks go home.
 *
 * Chunks of few records are copied together into one that is held already.
 *
 * Thread: one (the writer). Allocates: at open only. Blocks: on the temporary file.
 */
#ifndef NETSCOPE_SINKS_FLOW_STORE_H
#define NETSCOPE_SINKS_FLOW_STORE_H

#include "netscope/engine.h"

struct nsc_flow_store;

struct nsc_flow_store_options {
	uint32_t chunks;         /* chunks held at most, >= 1 */
	uint32_t fan_in;         /* spilled runs at most, >= 2: beyond it they are merged into longer ones */
	uint32_t window_records; /* records read at once from a spilled run, >= 1 */
	uint32_t spill_records;  /* records written at once, >= 1 */
	int scratch_fd; /* an empty file for spilling, read and write; the store closes it, also when open fails */
	void (*give_back)(void *context, struct nsc_flow_chunk *); /* a held chunk goes home */
	void *context;
};

/* 0 or -errno and one sentence. */
int nsc_flow_store_open(struct nsc_flow_store **store, const struct nsc_flow_store_options *options,
			struct nsc_error *error);

/* Takes the records of `chunk`. *keep = true: the chunk is held until it is given back; false: it stays the caller's
 * (its records may have been reordered). `urgent`, or keep NULL (this one may not be held): gives back every held chunk
 * before it returns.
 * 0 or -errno and one sentence; after a failure every held chunk has been given back. */
int nsc_flow_store_add(struct nsc_flow_store *store, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		       struct nsc_error *error);

/* No record comes any more but the remaining ones (NULL = none): prepares for reading. 0 or -errno and one sentence. */
int nsc_flow_store_begin(struct nsc_flow_store *store, const struct nsc_remaining *remaining, struct nsc_error *error);

/* Fills record[0..*n) with the next ones in order, `max` (>= 1) of them or fewer; they are valid until the next call.
 * *n = 0 at the end. 0 or -errno and one sentence. */
int nsc_flow_store_next(struct nsc_flow_store *store, const struct nsc_flow_record **record, uint32_t max, uint32_t *n,
			struct nsc_error *error);

/* Gives back every held chunk. Needed once after reading, while the engine still lives. */
void nsc_flow_store_release(struct nsc_flow_store *store);

/* Frees; gives nothing back. NULL is allowed. */
void nsc_flow_store_close(struct nsc_flow_store *store);

#endif
