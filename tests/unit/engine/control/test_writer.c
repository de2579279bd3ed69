/* SPDX-License-Identifier: MIT
 *
 * The writer gives every chunk of every worker and of the tap to the sinks, and finishes them last.
 */
#include "engine/control/writer.h"

#include "tests/unit/engine/check_main.h"

enum { WORKERS = 2, CHUNKS = 3 };

static unsigned chunks, early, finished;
static uint64_t numbers, packets;

static int on_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		      struct nsc_error *error)
{
	chunks++;
	numbers += chunk->record[0].first_seen_ns;
	return 0;
}

static int on_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	packets += chunk->n;
	return 0;
}

static int on_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	early = chunks < WORKERS * CHUNKS || packets < 3;
	finished++;
	return 0;
}

static const struct nsc_sink_ops ops = {
	.name = "counting", .packet_bytes = 64, .records = on_records, .packets = on_packets, .finish = on_finish
};
static struct nsc_sink sink = { .ops = &ops }, *list[] = { &sink };
static struct nsc_failure failure;
static struct nsc_sinks sinks = { .sink = list, .n = 1, .failure = &failure };
static struct nsc_records records[WORKERS];
static struct nsc_writer writer = { .sinks = &sinks, .workers = WORKERS };

START_TEST(drains_everything_then_finishes)
{
	static const uint8_t byte;
	static const struct nsc_packet pkt[3] = { { .data = &byte, .cap_len = 1 },
						  { .data = &byte },
						  { .data = &byte } };
	static const struct nsc_rx rx;
	static struct nsc_counters counters;
	static struct nsc_idle worker;
	struct nsc_arena *arena;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	nsc_idle_init(&writer.idle, NSC_POLL_BLOCK, false);
	for (unsigned i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(nsc_records_open(&records[i], arena, i, 0, NULL), 0);
		nsc_channel_connect(records[i].channel,
				    &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &writer.idle });
		writer.records[i] = &records[i];
		for (unsigned k = 0; k < CHUNKS; k++) {
			struct nsc_flow_chunk *chunk = nsc_records_acquire(&records[i]);

			chunk->n = 1;
			chunk->record[0].first_seen_ns = 1u << (i * CHUNKS + k);
			nsc_channel_send(records[i].channel, chunk);
		}
		nsc_channel_mark(records[i].channel, NSC_CHANNEL_END);
	}
	ck_assert_int_eq(nsc_tap_open(&writer.tap[0], arena, nsc_sinks_packet_bytes(&sinks),
				      nsc_sinks_packet_frame(&sinks), 1, false, NULL),
			 0);
	writer.taps = 1;
	nsc_tap_connect(writer.tap[0], &writer.idle);
	nsc_tap_burst(writer.tap[0], &rx, pkt, NSC_ARRAY_LEN(pkt), &counters);
	nsc_tap_end(writer.tap[0]);
	nsc_mark_raise(&writer.views, NSC_MARK_END, &writer.idle);
	nsc_writer_run(&writer);
	ck_assert_uint_eq(chunks, WORKERS * CHUNKS);
	ck_assert_uint_eq(numbers, (1u << (WORKERS * CHUNKS)) - 1);
	ck_assert_uint_eq(finished, 1);
	ck_assert_uint_eq(early, 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("writer", drains_everything_then_finishes)
