/* SPDX-License-Identifier: MIT */
#include "engine/rings/records.h"

#include <errno.h>

#include "engine/base/assert.h"

enum {
	CIRCULATING = 2, /* chunks of a worker that no sink may keep: one to fill, one on its way */
	SHORT = 4,       /* so few left to keep: sinks are asked to give back */
	AHEAD = 4,       /* chunks made present ahead of the worker */
};

static uint32_t records_chunks(uint64_t bytes)
{
	uint64_t chunks = NSC_MIN(bytes / sizeof(struct nsc_flow_chunk), (uint64_t)NSC_CHANNEL_BUFFERS_MAX);

	return NSC_MAX((uint32_t)chunks, NSC_RECORD_CHUNKS_MIN);
}

uint64_t nsc_records_bytes(uint64_t bytes)
{
	return records_chunks(bytes) * (uint64_t)sizeof(struct nsc_flow_chunk);
}

int nsc_records_open(struct nsc_records *records, struct nsc_arena *arena, uint32_t index, uint64_t bytes,
		     struct nsc_error *error)
{
	uint32_t chunks = records_chunks(bytes);
	int failed = nsc_channel_open(&records->channel, arena, chunks, sizeof(struct nsc_flow_chunk), false, error);

	if (failed)
		return failed;
	records->keepers = nsc_arena_alloc(arena, chunks);
	if (!records->keepers)
		return nsc_fail(error, -ENOMEM, "no memory for %u chunks of flow records", chunks);
	records->index = index;
	records->chunks = chunks;
	nsc_records_prepare(records);
	return 0;
}

/* Before a chunk was used once, they are taken in order: the way back is first in, first out. */
bool nsc_records_prepare(struct nsc_records *records)
{
	uint64_t wanted = __atomic_load_n(&records->taken, __ATOMIC_RELAXED) + AHEAD;
	uint32_t target = (uint32_t)NSC_MIN(wanted, (uint64_t)records->chunks);

	if (records->ready >= target)
		return false;
	for (; records->ready < target; records->ready++)
		nsc_arena_populate(nsc_channel_buffer(records->channel, records->ready), sizeof(struct nsc_flow_chunk));
	return true;
}

/* --- the flow table's output ------------------------------------------------------------------ */

static void records_send_counted(struct nsc_records_output *output)
{
	nsc_count(output->counters, NSC_C_RECORD_SENT, output->flow.chunk->n);
	nsc_channel_send(output->records->channel, output->flow.chunk);
	output->flow.chunk = NULL;
}

static struct nsc_flow_chunk *records_full(struct nsc_flow_output *flow)
{
	struct nsc_records_output *output = flow->context;

	if (flow->chunk)
		records_send_counted(output);
	if (output->live)
		return nsc_records_acquire(output->records);
	return nsc_records_begin(output->records,
				 nsc_channel_acquire_or_wait(output->records->channel, output->counters,
							     NSC_C_RECORD_WAITS, NSC_C_WAITED_RECORDS));
}

void nsc_records_output_init(struct nsc_records_output *output, struct nsc_records *records,
			     struct nsc_counters *counters, bool live)
{
	*output = (struct nsc_records_output){
		.flow = { .full = records ? records_full : NULL, .context = output },
		.records = records,
		.counters = counters,
		.live = live,
	};
}

void nsc_records_output_flush(struct nsc_records_output *output)
{
	if (output->flow.chunk && output->flow.chunk->n)
		records_send_counted(output);
}

void nsc_records_output_end(struct nsc_records_output *output)
{
	nsc_records_output_flush(output);
	if (output->records)
		nsc_channel_mark(output->records->channel, NSC_CHANNEL_END);
}

/* --- who keeps a chunk ------------------------------------------------------------------------ */

static uint8_t *records_keepers(const struct nsc_records *records, const struct nsc_flow_chunk *chunk)
{
	return &records->keepers[nsc_channel_index(records->channel, chunk)];
}

bool nsc_records_may_keep(const struct nsc_records *records)
{
	return records->held + CIRCULATING < records->chunks;
}

bool nsc_records_urgent(const struct nsc_records *records)
{
	return records->held + CIRCULATING + SHORT >= records->chunks;
}

void nsc_records_keep(struct nsc_records *records, const struct nsc_flow_chunk *chunk)
{
	uint8_t *keepers = records_keepers(records, chunk);

	nsc_assert(*keepers < UINT8_MAX, "fewer sinks keep a chunk than there may be sinks");
	records->held += !*keepers;
	(*keepers)++;
}

void nsc_records_drop(struct nsc_records *records, struct nsc_flow_chunk *chunk)
{
	uint8_t *keepers = records_keepers(records, chunk);

	nsc_assert(*keepers, "a sink drops only chunks that it keeps");
	(*keepers)--;
	if (*keepers)
		return;
	records->held--;
	nsc_channel_give_back(records->channel, chunk);
}

void nsc_records_settle(struct nsc_records *records, struct nsc_flow_chunk *chunk)
{
	if (!*records_keepers(records, chunk))
		nsc_channel_give_back(records->channel, chunk);
}
