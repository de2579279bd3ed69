/* SPDX-License-Identifier: MIT
 *
 * Chunks circulate; sinks may keep all but two; a chunk that two keep goes back when both have dropped it.
 */
#include "engine/rings/records.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/slow.h"

enum { CHUNKS = 8 };

static struct nsc_arena *arena;
static struct nsc_idle worker, writer;
static struct nsc_records records;

static void set_up(uint64_t bytes)
{
	memset(&records, 0, sizeof(records));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_records_open(&records, arena, 3, bytes, NULL), 0);
	nsc_channel_connect(records.channel, &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &writer });
}

static struct nsc_flow_chunk *pass_one(void)
{
	struct nsc_flow_chunk *chunk = nsc_records_acquire(&records);

	if (chunk)
		nsc_channel_send(records.channel, chunk);
	return nsc_channel_receive(records.channel);
}

START_TEST(has_the_chunks_that_memory_holds)
{
	struct nsc_flow_chunk *chunk;
	unsigned n = 0, wrong = 0;

	set_up(CHUNKS * sizeof(struct nsc_flow_chunk) + 1000);
	ck_assert_uint_eq(nsc_records_bytes(CHUNKS * sizeof(struct nsc_flow_chunk) + 1000), CHUNKS * sizeof(*chunk));
	while ((chunk = nsc_records_acquire(&records))) {
		wrong += chunk->n != 0 || chunk->worker != 3;
		n++;
	}
	ck_assert_uint_eq(n, CHUNKS);
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
	set_up(1);
	ck_assert_uint_eq(records.chunks, NSC_RECORD_CHUNKS_MIN);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(two_always_circulate)
{
	unsigned kept = 0;

	set_up(CHUNKS * sizeof(struct nsc_flow_chunk));
	while (nsc_records_may_keep(&records)) {
		struct nsc_flow_chunk *chunk = pass_one();

		ck_assert_ptr_nonnull(chunk);
		nsc_records_keep(&records, chunk);
		nsc_records_settle(&records, chunk);
		kept++;
	}
	ck_assert_uint_eq(kept, CHUNKS - 2);
	ck_assert(nsc_records_urgent(&records));
	for (unsigned i = 0; i < 100; i++) {
		struct nsc_flow_chunk *chunk = pass_one();

		ck_assert_ptr_nonnull(chunk);
		nsc_records_settle(&records, chunk);
	}
	ck_assert_uint_eq(records.held, CHUNKS - 2);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(urgent_comes_before_the_last)
{
	set_up(CHUNKS * sizeof(struct nsc_flow_chunk));
	ck_assert(!nsc_records_urgent(&records));
	for (unsigned i = 0; i < 2; i++)
		nsc_records_keep(&records, pass_one());
	ck_assert(nsc_records_urgent(&records));
	ck_assert(nsc_records_may_keep(&records));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(goes_back_when_the_last_keeper_drops_it)
{
	struct nsc_flow_chunk *chunk;
	unsigned n = 0;

	set_up(CHUNKS * sizeof(struct nsc_flow_chunk));
	chunk = pass_one();
	nsc_records_keep(&records, chunk);
	nsc_records_keep(&records, chunk);
	nsc_records_settle(&records, chunk);
	ck_assert_uint_eq(records.held, 1);
	nsc_records_drop(&records, chunk);
	ck_assert_uint_eq(records.held, 1);
	nsc_records_drop(&records, chunk);
	ck_assert_uint_eq(records.held, 0);
	while (nsc_records_acquire(&records))
		n++;
	ck_assert_uint_eq(n, CHUNKS);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(prepares_ahead_of_the_worker)
{
	uint32_t ready;

	set_up(64 * sizeof(struct nsc_flow_chunk));
	ready = records.ready;
	ck_assert_uint_gt(ready, 0);
	ck_assert_uint_lt(ready, 64);
	ck_assert(!nsc_records_prepare(&records));
	nsc_records_acquire(&records);
	ck_assert(nsc_records_prepare(&records));
	ck_assert_uint_eq(records.ready, ready + 1);
	while (nsc_records_acquire(&records))
		;
	nsc_records_prepare(&records);
	ck_assert_uint_eq(records.ready, 64);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(the_end_comes_after_the_last_chunk)
{
	set_up(1);
	ck_assert(!nsc_channel_ended(records.channel));
	nsc_channel_send(records.channel, nsc_records_acquire(&records));
	writer.asleep = 1;
	nsc_channel_mark(records.channel, NSC_CHANNEL_END);
	ck_assert_uint_eq(writer.asleep, 0);
	ck_assert(nsc_channel_ended(records.channel));
	ck_assert_ptr_nonnull(nsc_channel_receive(records.channel));
	nsc_arena_close(arena);
}
END_TEST

/* A worker whose chunks the writer has waits for one; what it waits is not the flow table's work. */
START_TEST(a_slow_writer_makes_no_work)
{
	for (unsigned i = 0; i < SLOW_HOLDS; i++) {
		static struct nsc_counters counters;
		struct slow slow = { .counters = &counters, .waits = NSC_C_RECORD_WAITS, .hold = slow_holds[i] };
		struct nsc_records_output output;
		pthread_t thread;
		uint64_t began;

		set_up(1);
		memset(&counters, 0, sizeof(counters));
		slow.channel = records.channel;
		nsc_records_output_init(&output, &records, &counters, false);
		nsc_account_begin(&counters);
		began = counters.stamp;
		ck_assert_int_eq(pthread_create(&thread, NULL, slow_receiver, &slow), 0);
		for (unsigned chunks = 0; chunks <= NSC_RECORD_CHUNKS_MIN; chunks++)
			output.flow.chunk = output.flow.full(&output.flow);
		nsc_account(&counters, NSC_C_CYCLES_FLOW);
		pthread_join(thread, NULL);
		ck_assert_uint_eq(counters.value[NSC_C_RECORD_WAITS], 1);
		ck_assert_uint_ge(counters.value[NSC_C_WAITED_RECORDS], slow.held);
		ck_assert_uint_le(counters.value[NSC_C_CYCLES_FLOW], counters.stamp - began - slow.held);
		nsc_arena_close(arena);
	}
}
END_TEST

CHECK_MAIN("records", a_slow_writer_makes_no_work, has_the_chunks_that_memory_holds, two_always_circulate,
	   urgent_comes_before_the_last, goes_back_when_the_last_keeper_drops_it, prepares_ahead_of_the_worker,
	   the_end_comes_after_the_last_chunk)
