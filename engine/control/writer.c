/* SPDX-License-Identifier: MIT */
#include "engine/control/writer.h"

#include "engine/base/timeline.h"

static bool writer_take_packets(struct nsc_writer *writer)
{
	const struct nsc_packet_chunk *chunk = NULL;

	if (writer->merge)
		chunk = nsc_tap_merge_next(writer->merge);
	else if (writer->taps)
		chunk = nsc_channel_receive(writer->tap[0]->channel);
	if (!chunk)
		return false;
	nsc_sinks_packets(writer->sinks, chunk);
	nsc_timeline_now(writer->timeline, NSC_TIMELINE_WRITE_PACKETS, chunk->n);
	if (!writer->merge)
		nsc_channel_give_back(writer->tap[0]->channel, chunk);
	return true;
}

static bool writer_take_alerts(struct nsc_writer *writer)
{
	struct nsc_alert_batch *batch = writer->alerts ? nsc_channel_receive(writer->alerts->channel) : NULL;

	if (!batch)
		return false;
	nsc_sinks_alerts(writer->sinks, batch->alert, batch->n);
	nsc_timeline_now(writer->timeline, NSC_TIMELINE_WRITE_ALERTS, batch->n);
	nsc_channel_give_back(writer->alerts->channel, batch);
	return true;
}

/* One chunk of the tap, of the alerts and of each worker at most, so that none of them waits for another. */
static bool writer_take_round(struct nsc_writer *writer)
{
	bool any = writer_take_packets(writer);

	any |= writer_take_alerts(writer);
	for (uint32_t i = 0; i < writer->workers; i++) {
		struct nsc_flow_chunk *chunk = nsc_channel_receive(writer->records[i]->channel);
		uint32_t n = chunk ? chunk->n : 0;

		if (!chunk)
			continue;
		nsc_sinks_records(writer->sinks, writer->records[i], chunk);
		nsc_timeline_now(writer->timeline, NSC_TIMELINE_WRITE_RECORDS, n);
		any = true;
	}
	return any;
}

/* Asked before a round that finds nothing: what was sent before the end is seen by that round. */
static bool writer_all_ended(const struct nsc_writer *writer)
{
	bool ended = nsc_mark_ended(&writer->views);

	for (uint32_t i = 0; i < writer->taps; i++)
		ended &= nsc_channel_ended(writer->tap[i]->channel);
	for (uint32_t i = 0; i < writer->workers; i++)
		ended &= nsc_channel_ended(writer->records[i]->channel);
	return ended;
}

static uint32_t writer_next_remaining(const struct nsc_remaining *remaining, uint32_t worker,
				      struct nsc_flow_record *out, uint32_t max)
{
	struct nsc_writer *writer = remaining->context;

	return nsc_flow_table_drain(writer->table[worker], out, max);
}

/* What an output does not take any more, by the counters of all sinks. */
static void writer_mark_outputs(struct nsc_writer *writer)
{
	for (unsigned i = 0; i < NSC_ARRAY_LEN(writer->marked) && writer->timeline; i++) {
		unsigned id = NSC_C_OUTPUT_FAILURES + i;
		uint64_t now = __atomic_load_n(&writer->sinks->counters.value[id], __ATOMIC_RELAXED);

		if (nsc_unlikely(now != writer->marked[i]))
			nsc_timeline_mark(writer->timeline, id, now - writer->marked[i]);
		writer->marked[i] = now;
	}
}

static void writer_look_after(struct nsc_writer *writer)
{
	bool rotate = nsc_unlikely(__atomic_exchange_n(&writer->rotate, false, __ATOMIC_RELAXED));
	bool check = nsc_unlikely(__atomic_exchange_n(&writer->check, false, __ATOMIC_RELAXED));

	if (rotate)
		nsc_sinks_rotate(writer->sinks);
	if (check)
		nsc_sinks_check(writer->sinks);
	if (rotate || check)
		nsc_timeline_now(writer->timeline, NSC_TIMELINE_LOOK_AFTER, 0);
	writer_mark_outputs(writer);
}

void nsc_writer_run(struct nsc_writer *writer)
{
	const struct nsc_remaining remaining = { .workers = writer->workers,
						 .next = writer_next_remaining,
						 .context = writer };

	nsc_timeline_rest_now(writer->timeline, NSC_TIMELINE_SLEEP);
	for (;;) {
		bool ended = writer_all_ended(writer);

		writer_look_after(writer);
		if (writer_take_round(writer)) {
			nsc_idle_reset(&writer->idle);
			nsc_timeline_core(writer->timeline);
			nsc_timeline_turn(writer->timeline);
		} else if (ended) {
			break;
		} else {
			nsc_idle_wait(&writer->idle);
			nsc_timeline_rest_now(writer->timeline, NSC_TIMELINE_SLEEP);
		}
	}
	nsc_sinks_finish(writer->sinks, &remaining);
	nsc_timeline_now(writer->timeline, NSC_TIMELINE_FINISH, 0);
	nsc_timeline_turn(writer->timeline);
}
