/* SPDX-License-Identifier: MIT
 *
 * A replay through a whole engine with four workers, while another thread copies views, asks for totals, takes samples
 * and changes which packets they are, and a sink takes all packets: the ledger balances, no view is torn, each sample
 * that was counted arrives, and ThreadSanitizer has nothing to say.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "netscope/engine.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"

enum { PACKETS = 300000, WORKERS = 4 };

static struct nsc_engine *engine;
static struct fake_source source;
static bool done;
static uint64_t copies, unbalanced, ended, remained, ticks, tapped, disorder;

static struct fake_packet traffic(uint64_t i)
{
	uint32_t flow = (uint32_t)(i * 2654435761u >> 9) % 20000;

	return (struct fake_packet){ 1000000000ull + i * 400, flow % 97 ? flow : FAKE_NO_FLOW, 100 };
}

static int on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	ticks++;
	return 0;
}

static int on_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		      struct nsc_error *error)
{
	ended += chunk->n;
	return 0;
}

static int on_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	const struct nsc_packet_record *record = nsc_packet_first(chunk);

	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		struct nsc_packet pkt = nsc_packet_of(record);

		tapped += fake_number(&pkt) == (uint32_t)tapped;
	}
	return 0;
}

/* Reads the workers' tables, which is a race unless their owners have handed them over. */
static int on_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct nsc_flow_record record[16];

	for (uint32_t i = 0; i < remaining->workers; i++)
		for (uint32_t n; (n = remaining->next(remaining, i, record, NSC_ARRAY_LEN(record)));)
			remained += n;
	return 0;
}

static const struct nsc_sink_ops sink_ops = {
	.name = "counting",
	.wants_remaining = true,
	.packet_bytes = NSC_PACKET_BYTES_MAX,
	.tick = on_tick,
	.records = on_records,
	.packets = on_packets,
	.finish = on_finish,
};
static struct nsc_sink sink = { .ops = &sink_ops }, *sinks[] = { &sink };

/* Of all threads: spans in order of time. */
static void look_at_timelines(void)
{
	struct nsc_timelines all;

	nsc_engine_timelines(engine, &all);
	for (uint32_t i = 0; i < all.n; i++) {
		uint32_t room = nsc_timeline_room(all.thread[i].timeline), recent, n;
		struct nsc_timeline_event *event = malloc(room * sizeof(*event));

		n = nsc_timeline_copy(all.thread[i].timeline, event, &recent);
		for (uint32_t k = recent + 1; k < n; k++)
			disorder += event[k].cycles < event[k - 1].cycles;
		free(event);
	}
}

/* --- samples: of some ports, of flows that have said something before, of all packets, of none, in turn */

static uint64_t sampled, changes, refused;

static void take_samples(uint32_t worker)
{
	const struct nsc_packet_chunk *chunk;

	while ((chunk = nsc_engine_samples(engine, worker))) {
		sampled += chunk->n;
		nsc_engine_samples_return(engine, worker, chunk);
	}
}

static void change_samples(void)
{
	static const struct nsc_sample_text texts[] = {
		{ .filter = "port:1-999", .filter_length = 10, .every = 1 },
		{ .filter = "udp bytes>=200", .filter_length = 14, .every = 2 }
	};

	for (uint32_t i = 0; i < WORKERS; i++) {
		struct nsc_sample_filter *filter = nsc_engine_sample_filter(engine, i);
		unsigned which = changes / WORKERS % 4;

		take_samples(i);
		if (!filter)
			continue;
		filter->mode = which == 2 ? NSC_SAMPLE_ALL : NSC_SAMPLE_NONE;
		if (which < NSC_ARRAY_LEN(texts))
			refused += nsc_sample_filter_parse(filter, &texts[which], NULL) != 0;
		nsc_engine_sample_filter_send(engine, i, filter);
		changes++;
	}
}

static void *read_views(void *context)
{
	struct nsc_view *view = malloc(nsc_engine_view_size(engine));
	struct nsc_counters totals;
	struct nsc_ledger ledger;

	nsc_engine_reader_register();
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		nsc_engine_totals(engine, &totals);
		change_samples();
		if (nsc_engine_view_copy(engine, view)) {
			nsc_ledger_check(&ledger, &view->totals, false, true);
			unbalanced += !ledger.balanced;
			copies++;
			look_at_timelines();
		}
		sched_yield();
	}
	nsc_engine_reader_leave();
	free(view);
	return NULL;
}

START_TEST(a_replay_with_readers)
{
	struct nsc_engine_options options = {
		.rx = &source.rx,
		.workers = WORKERS,
		.lanes = true,
		.lane_packets = 512,
		.decode = { .seed = FAKE_SEED },
		.analyses = NSC_ANALYSIS_ALL,
		.flow_timeout_ns = 7000000,
		.tick_ns = 1000000,
		.top_flows = 10,
		.top_names = 10,
		.names = NSC_NAMES_FULL,
		.record_memory = 1,
		.timeline = true,
		.sinks = sinks,
		.n_sinks = 1,
		.flow_reserve = 1000000,
		.sample_every = 3,
		.sample_bytes = 64,
	};
	struct nsc_ledger ledger;
	struct nsc_counters totals;
	struct nsc_error error;
	pthread_t reader;

	fake_open(&source, traffic, PACKETS, 64, 32);
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_views, NULL), 0);
	ck_assert_int_eq(nsc_engine_start(engine, &error), 0);
	while (!nsc_engine_wait(engine, 100))
		;
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	pthread_join(reader, NULL);
	nsc_engine_totals(engine, &totals);
	nsc_ledger_check(&ledger, &totals, true, true);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(totals.value[NSC_C_WORKER_PACKETS], PACKETS);
	ck_assert_uint_gt(ended, 10000);
	ck_assert_uint_gt(remained, 5000);
	ck_assert_uint_eq(totals.value[NSC_C_FLOW_CREATED], ended + remained);
	ck_assert_uint_eq(ticks, PACKETS * 400 / 1000000);
	ck_assert_uint_eq(unbalanced, 0);
	ck_assert_uint_eq(disorder, 0);
	ck_assert_uint_eq(tapped, PACKETS);
	for (uint32_t i = 0; i < WORKERS; i++)
		take_samples(i);
	ck_assert_uint_eq(sampled, totals.value[NSC_C_SAMPLE_PACKETS]);
	ck_assert_uint_gt(sampled, 0);
	ck_assert_uint_gt(totals.value[NSC_C_SAMPLE_MATCHED], 0);
	ck_assert_uint_gt(changes, 8);
	ck_assert_uint_eq(refused, 0);
	nsc_engine_close(engine);
	nsc_rx_close(&source.rx);
}
END_TEST

CHECK_MAIN("engine_stress", a_replay_with_readers)
