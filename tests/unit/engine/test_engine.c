/* SPDX-License-Identifier: MIT
 *
 * Whole engines: the same records and ticks for every number of workers, limits that are counted, ends of every kind,
 * and no allocation between start and end.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "netscope/engine.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"
#ifndef NSC_SANITIZED
#include <jemalloc/jemalloc.h>
#endif

enum { PACKETS = 60000, KEEP_MAX = 1000 };

struct collector { /* a sink that sums, so that the order of records does not matter; and may keep chunks */
	struct nsc_sink sink;
	struct nsc_engine *engine;
	uint64_t records, sum, ticks, tick_sum, seq, finals, finishes, after_finish, disorder;
	bool keep;
	int fail_with;
	uint32_t n_kept;
	struct nsc_flow_chunk *kept[KEEP_MAX];
};

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15;
	return h ^ h >> 29;
}

static uint64_t record_hash(const struct nsc_flow_record *record)
{
	uint64_t word[sizeof(*record) / 8], h = 0;

	memcpy(word, record, sizeof(word));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(word); i++)
		h = mix(h, word[i]);
	return h;
}

static int on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct collector *c = (struct collector *)sink;

	c->ticks++;
	c->tick_sum = mix(mix(c->tick_sum, view->tick), view->tick_packets);
	c->tick_sum = mix(mix(c->tick_sum, view->tick_bytes), view->empty_ticks);
	c->tick_sum = mix(mix(c->tick_sum, view->start_ns), view->end_ns);
	c->tick_sum = mix(c->tick_sum, view->totals.value[NSC_C_FLOW_ACTIVE]);
	for (uint32_t i = 0; i < view->n_top; i++)
		c->tick_sum = mix(c->tick_sum, record_hash(&view->top[i].flow) + view->top[i].tick_bytes);
	c->after_finish += c->finishes;
	c->finals += view->final;
	c->seq += view->seq != c->ticks;
	return c->fail_with ? nsc_fail(error, c->fail_with, "the collector failed as asked") : 0;
}

static int on_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		      struct nsc_error *error)
{
	struct collector *c = (struct collector *)sink;

	for (uint32_t i = 0; i < chunk->n; i++)
		c->sum += record_hash(&chunk->record[i]);
	c->records += chunk->n;
	while (urgent && c->n_kept)
		nsc_engine_chunk_return(c->engine, c->kept[--c->n_kept]);
	if (c->keep && keep && c->n_kept < KEEP_MAX) {
		*keep = true;
		c->kept[c->n_kept++] = chunk;
	}
	return 0;
}

/* What remained comes in order, worker by worker, and counts like any other record. */
static int on_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct collector *c = (struct collector *)sink;
	struct nsc_flow_record record[3], last;

	c->finishes++;
	for (uint32_t worker = 0; worker < remaining->workers; worker++) {
		memset(&last, 0, sizeof(last));
		for (uint32_t n; (n = remaining->next(remaining, worker, record, 3)) > 0; last = record[n - 1]) {
			for (uint32_t i = 0; i < n; i++) {
				c->sum += record_hash(&record[i]);
				c->disorder += nsc_flow_record_compare(i ? &record[i - 1] : &last, &record[i]) >= 0;
			}
			c->records += n;
		}
	}
	return 0;
}

static const struct nsc_sink_ops collector_ops = {
	.name = "collector",
	.wants_remaining = true,
	.tick = on_tick,
	.records = on_records,
	.finish = on_finish,
};

static struct collector collector;
static struct nsc_sink *sinks[] = { &collector.sink };
static struct fake_source source;
static struct nsc_counters totals;
static struct nsc_ledger ledger;

/* About 17 packets per flow, ticks with different loads, a gap of 40 ticks, and some packets without a flow. */
static struct fake_packet traffic(uint64_t i)
{
	uint64_t clock_ns = 1700000000ull * NSC_NS_PER_SEC + i * 1000 + (i > PACKETS / 2 ? 40000000 : 0);
	uint32_t flow = (uint32_t)(i * 2654435761u >> 8) % 3500;

	return (struct fake_packet){ clock_ns, flow % 50 ? flow : FAKE_NO_FLOW, (uint32_t)(64 + i % 1400) };
}

static struct nsc_engine_options options_for(uint32_t workers)
{
	return (struct nsc_engine_options){
		.rx = &source.rx,
		.workers = workers ? workers : 1,
		.lanes = workers,
		.lane_packets = 512,
		.decode = { .seed = FAKE_SEED },
		.max_flows = 100000,
		.tick_ns = 1000000,
		.top_flows = 10,
		.record_memory = 16u << 20,
		.timeline = true,
		.sinks = sinks,
		.n_sinks = 1,
	};
}

/* Runs to the end; returns the status. */
static int run(const struct nsc_engine_options *options, bool stop_early, struct nsc_error *error)
{
	struct nsc_engine *engine;
	struct nsc_view *view;
	int status;

	ck_assert_int_eq(nsc_engine_open(&engine, options, error), 0);
	collector.engine = engine;
	ck_assert_int_eq(nsc_engine_start(engine, error), 0);
	if (stop_early)
		nsc_engine_stop(engine);
	while (!nsc_engine_wait(engine, 1000))
		;
	view = malloc(nsc_engine_view_size(engine));
	ck_assert(nsc_engine_view_copy(engine, view));
	ck_assert(view->final);
	totals = view->totals;
	nsc_ledger_check(&ledger, &totals, true, view->lanes);
	free(view);
	status = nsc_engine_status(engine, error);
	nsc_engine_close(engine);
	return status;
}

static int run_refused(const struct nsc_engine_options *options, struct nsc_error *error)
{
	struct nsc_engine *engine;

	return nsc_engine_open(&engine, options, error);
}

static void set_up(uint64_t packets, uint32_t burst)
{
	memset(&collector, 0, sizeof(collector));
	collector.sink.ops = &collector_ops;
	fake_open(&source, traffic, packets, burst, 128);
}

START_TEST(the_same_answer_for_any_number_of_workers)
{
	static const uint32_t workers[] = { 0, 1, 2, 3, 8 };
	struct collector first;
	struct nsc_error error;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(workers); i++) {
		struct nsc_engine_options options = options_for(workers[i]);

		set_up(PACKETS, 64 - i * 7);
		ck_assert_int_eq(run(&options, false, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(totals.value[NSC_C_WORKER_PACKETS], PACKETS);
		ck_assert_uint_eq(totals.value[NSC_C_FATE + NSC_FATE_ARP] > 0, 1);
		ck_assert_uint_eq(collector.finishes, 1);
		ck_assert_uint_eq(collector.after_finish, 0);
		ck_assert_uint_eq(collector.disorder, 0);
		ck_assert_uint_eq(collector.finals, 1);
		ck_assert_uint_eq(collector.seq, 0);
		if (!i)
			first = collector;
		ck_assert_uint_eq(collector.records, first.records);
		ck_assert_uint_eq(collector.sum, first.sum);
		ck_assert_uint_eq(collector.ticks, first.ticks);
		ck_assert_uint_eq(collector.tick_sum, first.tick_sum);
		nsc_rx_close(&source.rx);
	}
	ck_assert_uint_gt(first.records, 3000);
	ck_assert_uint_ge(first.ticks, 60);
}
END_TEST

START_TEST(timeouts_do_not_depend_on_workers)
{
	struct collector first;
	struct nsc_error error;

	for (uint32_t workers = 0; workers < 4; workers++) {
		struct nsc_engine_options options = options_for(workers);

		options.flow_timeout_ns = 3000000;
		options.max_flows = 0;
		options.flow_reserve = 1000000;
		set_up(PACKETS, 64);
		ck_assert_int_eq(run(&options, false, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_gt(totals.value[NSC_C_FLOW_TIMEOUT], 3500);
		if (!workers)
			first = collector;
		ck_assert_uint_eq(collector.sum, first.sum);
		ck_assert_uint_eq(collector.tick_sum, first.tick_sum);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

START_TEST(a_small_table_evicts_and_balances)
{
	struct nsc_engine_options options = options_for(2);
	struct nsc_error error;

	options.max_flows = 101;
	set_up(PACKETS, 64);
	ck_assert_int_eq(run(&options, false, &error), 0);
	ck_assert(ledger.balanced);
	ck_assert_uint_gt(totals.value[NSC_C_FLOW_EVICTED], 0);
	ck_assert_uint_eq(totals.value[NSC_C_RECORD_SENT] + totals.value[NSC_C_FLOW_REMAINED], collector.records);
	ck_assert_uint_eq(totals.value[NSC_C_FLOW_CREATED], collector.records);
	nsc_rx_close(&source.rx);
}
END_TEST

/* As many records as packets, the least memory, and a sink that keeps what it may: the workers wait, nothing is lost.
 */
START_TEST(a_keeping_sink_does_not_stop_the_workers)
{
	for (uint32_t workers = 0; workers < 3; workers++) {
		struct nsc_engine_options options = options_for(workers);
		struct nsc_error error;

		options.max_flows = 1;
		options.record_memory = 1;
		set_up(PACKETS, 64);
		collector.keep = true;
		ck_assert_int_eq(run(&options, false, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_gt(collector.records, PACKETS / 2);
		ck_assert_uint_eq(totals.value[NSC_C_RECORD_SKIPPED], 0);
		ck_assert_uint_eq(totals.value[NSC_C_FLOW_CREATED], collector.records);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

START_TEST(nobody_wants_records)
{
	struct nsc_engine_options options = options_for(2);
	struct nsc_error error;

	options.record_memory = 0;
	set_up(PACKETS, 64);
	ck_assert_int_eq(run(&options, false, &error), 0);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(collector.records, 0);
	ck_assert_uint_eq(collector.finishes, 1);
	nsc_rx_close(&source.rx);
}
END_TEST

START_TEST(no_packets)
{
	for (uint32_t workers = 0; workers < 3; workers++) {
		struct nsc_engine_options options = options_for(workers);
		struct nsc_error error;

		set_up(0, 64);
		ck_assert_int_eq(run(&options, false, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(collector.ticks, 1);
		ck_assert_uint_eq(collector.records, 0);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

START_TEST(stop_ends_early_and_balances)
{
	for (uint32_t workers = 0; workers < 4; workers++) {
		struct nsc_engine_options options = options_for(workers);
		struct nsc_error error;

		set_up(1ull << 40, 64);
		ck_assert_int_eq(run(&options, true, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(totals.value[NSC_C_RX_DELIVERED], source.next);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

START_TEST(a_failing_source_is_told_after_its_packets)
{
	for (uint32_t workers = 0; workers < 3; workers++) {
		struct nsc_engine_options options = options_for(workers);
		struct nsc_error error;

		set_up(PACKETS, 50);
		source.fail_at = 5000;
		ck_assert_int_eq(run(&options, false, &error), -EIO);
		ck_assert_str_eq(error.text, "the fake source failed as asked");
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(totals.value[NSC_C_WORKER_PACKETS], 5000);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

START_TEST(a_failing_sink_is_told_and_the_run_goes_on)
{
	struct nsc_engine_options options = options_for(1);
	struct nsc_error error;

	set_up(PACKETS, 64);
	collector.fail_with = -ENOSPC;
	ck_assert_int_eq(run(&options, false, &error), -ENOSPC);
	ck_assert_str_eq(error.text, "the collector failed as asked");
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(totals.value[NSC_C_WORKER_PACKETS], PACKETS);
	ck_assert_uint_eq(collector.ticks, 1);
	ck_assert_uint_eq(collector.finishes, 0);
	nsc_rx_close(&source.rx);
}
END_TEST

START_TEST(impossible_options_are_refused)
{
	struct nsc_engine_options options;
	struct nsc_engine *engine;
	struct nsc_error error;
	unsigned accepted = 0;

	set_up(1, 1);
#define REFUSED(change)                                                                                                \
	options = options_for(2);                                                                                      \
	change;                                                                                                        \
	error.text[0] = '\0';                                                                                          \
	accepted += nsc_engine_open(&engine, &options, &error) == 0 || !error.text[0]
	REFUSED(options.workers = 0);
	REFUSED(options.workers = NSC_WORKERS_MAX + 1);
	REFUSED(options.lanes = false);
	REFUSED(options.lane_packets = 1);
	REFUSED(options.tick_ns = 999999);
	REFUSED(options.top_flows = NSC_TOP_MAX + 1);
	REFUSED(options.max_flows = 1ull << 36);
#undef REFUSED
	ck_assert_uint_eq(accepted, 0);
	nsc_rx_close(&source.rx);
}
END_TEST

START_TEST(a_core_that_does_not_exist_is_refused)
{
	static const int cores[] = { 0, 1023 };
	struct nsc_engine_options options = options_for(2);
	struct nsc_engine *engine;
	struct nsc_error error;

	set_up(1, 1);
	options.cores = cores;
	options.n_cores = 2;
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	ck_assert_int_lt(nsc_engine_start(engine, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "1023"));
	nsc_engine_close(engine);
	nsc_rx_close(&source.rx);
}
END_TEST

START_TEST(the_budget_is_what_is_taken)
{
	struct nsc_engine_options options = options_for(3);
	struct nsc_engine_budget budget, measured;
	struct nsc_engine *engine;
	struct nsc_error error;

	set_up(1, 1);
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	nsc_engine_budget(engine, &budget);
	nsc_engine_measure(&options, &measured);
	ck_assert_mem_eq(&measured, &budget, sizeof(budget));
	ck_assert_uint_eq(budget.flow_limit, 100002); /* three shares of 33334 */
	ck_assert_uint_eq(budget.outstanding_limit, 0);
	options.analyses = NSC_ANALYSIS_ALL;
	nsc_engine_measure(&options, &measured);
	ck_assert_uint_eq(measured.outstanding_limit, 3 * 5 * 65536);
	ck_assert_uint_gt(budget.flow_bytes_each, 0);
	ck_assert_uint_le(budget.flow_bytes_each, 256);
	ck_assert_uint_gt(budget.lanes, 0);
	ck_assert_uint_gt(budget.records, 0);
	ck_assert_uint_eq(budget.total,
			  budget.flow_tables + budget.lanes + budget.records + budget.snapshots + budget.timelines);
	nsc_engine_close(engine);
	nsc_rx_close(&source.rx);
}
END_TEST

/* A guest's track is there as soon as its thread has begun, behind those of the engine; memory is asked for before. */
START_TEST(a_guest_has_a_timeline)
{
	struct nsc_engine_options options = options_for(1);
	struct nsc_timelines before, after;
	struct nsc_timeline *timeline;
	struct nsc_engine *engine;
	struct nsc_error error;

	set_up(1, 1);
	options.guests = 5;
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), -EINVAL);
	options.guests = 1;
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	timeline = nsc_engine_guest(engine, "guest");
	ck_assert_ptr_nonnull(timeline);
	ck_assert_ptr_null(nsc_engine_guest(engine, "another"));
	ck_assert_int_eq(nsc_engine_start(engine, &error), 0);
	nsc_engine_timelines(engine, &before);
	nsc_timeline_own(timeline);
	nsc_engine_timelines(engine, &after);
	while (!nsc_engine_wait(engine, 1000))
		;
	ck_assert_uint_eq(after.n, before.n + 1);
	ck_assert_ptr_eq(after.thread[before.n].timeline, timeline);
	ck_assert_str_eq(after.thread[before.n].name, "guest");
	ck_assert_uint_eq(after.thread[before.n].id, gettid());
	ck_assert_int_eq(after.thread[before.n].lane, -1);
	nsc_engine_close(engine);
	options.timeline = false;
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	ck_assert_ptr_null(nsc_engine_guest(engine, "guest"));
	nsc_engine_close(engine);
	nsc_rx_close(&source.rx);
}
END_TEST

#ifndef NSC_SANITIZED
/* Allocations of the whole process so far. Small ones are counted when a thread gives its cache back, which it does at
 * its end, or when this is called. Check's own assertions allocate: none between two calls. */
static uint64_t allocations(void)
{
	uint64_t epoch = 1, small = 0, large = 0;
	size_t size = sizeof(uint64_t);
	int failed = mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);

	failed |= mallctl("epoch", &epoch, &size, &epoch, size);
	failed |= mallctl("stats.arenas.4096.small.nrequests", &small, &size, NULL, 0);
	failed |= mallctl("stats.arenas.4096.large.nmalloc", &large, &size, NULL, 0);
	return failed ? 0 : small + large;
}

START_TEST(nobody_allocates_after_start)
{
	for (uint32_t workers = 0; workers < 4; workers++) {
		struct nsc_engine_options options = options_for(workers);
		struct nsc_engine *engine;
		struct nsc_error error;
		uint64_t before, after;
		bool ended;

		set_up(1ull << 40, 64);
		ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
		collector.engine = engine;
		ck_assert_int_eq(nsc_engine_start(engine, &error), 0);
		before = allocations();
		ended = nsc_engine_wait(engine, 200);
		nsc_engine_stop(engine);
		while (!nsc_engine_wait(engine, 100))
			;
		after = allocations();
		ck_assert(!ended);
		ck_assert_uint_gt(before, 0);
		ck_assert_uint_eq(after, before);
		ck_assert_uint_gt(collector.ticks, 2);
		nsc_engine_close(engine);
		nsc_rx_close(&source.rx);
	}
}
END_TEST
#endif

#ifdef NSC_SANITIZED /* jemalloc, which counts, is not there */
#define WITH_JEMALLOC
#else
#define WITH_JEMALLOC , nobody_allocates_after_start
#endif

/* --- packets for sinks ------------------------------------------------------------------------ */

struct taker {
	struct nsc_sink sink;
	uint64_t packets, wrong, finishes;
	uint64_t fail_at; /* packets; 0 = never */
	bool slow;
};

static int on_packets(struct nsc_sink *sink, const struct nsc_packet_chunk *chunk, struct nsc_error *error)
{
	struct taker *t = (struct taker *)sink;
	const struct nsc_packet_record *record = nsc_packet_first(chunk);

	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		struct nsc_packet pkt = nsc_packet_of(record);
		bool in_order = t->slow ? record->number > t->packets : record->number == t->packets + 1;

		t->packets = record->number;
		t->wrong += !in_order || t->finishes || pkt.cap_len != FAKE_FRAME ||
			    fake_number(&pkt) != (uint32_t)(record->number - 1) ||
			    record->ts_ns != traffic(record->number - 1).clock_ns;
	}
	if (t->slow)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	return t->fail_at && t->packets >= t->fail_at ? nsc_fail(error, -ENOSPC, "the taker failed as asked") : 0;
}

static int on_taken(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	((struct taker *)sink)->finishes++;
	return 0;
}

static const struct nsc_sink_ops taker_ops = {
	.name = "taker",
	.packet_bytes = NSC_PACKET_BYTES_MAX,
	.packets = on_packets,
	.finish = on_taken,
};
static const struct nsc_sink_ops head_ops = {
	.name = "head",
	.packet_bytes = 14,
	.packets = on_packets,
	.finish = on_taken,
};
static struct taker takers[2];
static struct nsc_sink *both[] = { &takers[0].sink, &collector.sink, &takers[1].sink };

static int run_takers(uint32_t workers, bool live, struct nsc_error *error)
{
	struct nsc_engine_options options = options_for(workers);
	int status;

	options.sinks = both;
	options.n_sinks = NSC_ARRAY_LEN(both);
	takers[0].sink.ops = &taker_ops;
	takers[1].sink.ops = &head_ops;
	set_up(PACKETS, 61);
	source.rx.live = live;
	status = run(&options, false, error);
	nsc_rx_close(&source.rx);
	return status;
}

START_TEST(packets_arrive_whole_and_in_order)
{
	struct nsc_error error;

	for (uint32_t workers = 0; workers < 5; workers++) {
		memset(takers, 0, sizeof(takers));
		ck_assert_int_eq(run_takers(workers, false, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(totals.value[NSC_C_TAPS], 1);
		ck_assert_uint_eq(totals.value[NSC_C_TAP_PACKETS], PACKETS);
		ck_assert_uint_eq(takers[0].packets + takers[1].packets, 2 * PACKETS);
		ck_assert_uint_eq(takers[0].wrong + takers[1].wrong, 0);
		ck_assert_uint_eq(takers[0].finishes + takers[1].finishes, 2);
	}
}
END_TEST

START_TEST(a_failing_taker_leaves_the_other_alone)
{
	struct nsc_error error;

	memset(takers, 0, sizeof(takers));
	takers[0].fail_at = PACKETS / 3;
	ck_assert_int_eq(run_takers(2, false, &error), -ENOSPC);
	ck_assert_str_eq(error.text, "the taker failed as asked");
	ck_assert(ledger.balanced);
	ck_assert_uint_lt(takers[0].packets, PACKETS);
	ck_assert_uint_eq(takers[0].finishes, 0);
	ck_assert_uint_eq(takers[1].packets, PACKETS);
}
END_TEST

/* The writer takes 2 ms for a chunk: live the source does not wait for it, and every packet is accounted for. */
START_TEST(live_packets_are_dropped_and_counted)
{
	struct nsc_error error;

	for (uint32_t workers = 0; workers < 2; workers++) {
		memset(takers, 0, sizeof(takers));
		takers[0].slow = takers[1].slow = true;
		ck_assert_int_eq(run_takers(workers, true, &error), 0);
		ck_assert(ledger.balanced);
		ck_assert_uint_eq(totals.value[NSC_C_TAP_WAITS], 0);
		ck_assert_uint_eq(totals.value[NSC_C_TAP_PACKETS] + totals.value[NSC_C_TAP_FULL], PACKETS);
		ck_assert_uint_eq(takers[0].wrong + takers[1].wrong, 0);
	}
}
END_TEST

/* Every third of the traffic has a source of its own, and all packets of a flow the same one. */
static struct fake_packet one_part(uint64_t i, uint32_t part)
{
	struct fake_packet packet = traffic(i);

	packet.flow = packet.flow == FAKE_NO_FLOW ? FAKE_NO_FLOW : packet.flow * 3 + part;
	return packet;
}

static struct fake_packet part_0(uint64_t i)
{
	return one_part(i, 0);
}

static struct fake_packet part_1(uint64_t i)
{
	return one_part(i, 1);
}

static struct fake_packet part_2(uint64_t i)
{
	return one_part(i, 2);
}

START_TEST(a_source_for_each_worker)
{
	static struct fake_packet (*const make[3])(uint64_t) = { part_0, part_1, part_2 };
	static struct fake_source three[3];
	struct nsc_rx *sources[3];
	struct nsc_engine_options options;
	struct nsc_error error;

	set_up(1, 1);
	for (unsigned i = 0; i < 3; i++) {
		fake_open(&three[i], make[i], PACKETS / 3 + i, 7 + i * 20, 128);
		sources[i] = &three[i].rx;
	}
	options = options_for(0);
	options.workers = 3;
	options.sources = sources;
	ck_assert_int_eq(run(&options, false, &error), 0);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(totals.value[NSC_C_RX_DELIVERED], PACKETS / 3 * 3 + 3);
	ck_assert_uint_eq(totals.value[NSC_C_WORKER_PACKETS], PACKETS / 3 * 3 + 3);
	ck_assert_uint_eq(totals.value[NSC_C_RX_KERNEL_DROPS], NSC_UNKNOWN);
	options.lanes = true;
	ck_assert_int_lt(run_refused(&options, &error), 0);
	for (unsigned i = 0; i < 3; i++)
		nsc_rx_close(sources[i]);
	nsc_rx_close(&source.rx);
}
END_TEST

CHECK_MAIN("engine", a_source_for_each_worker, the_same_answer_for_any_number_of_workers,
	   timeouts_do_not_depend_on_workers, a_small_table_evicts_and_balances,
	   a_keeping_sink_does_not_stop_the_workers, nobody_wants_records, no_packets, stop_ends_early_and_balances,
	   a_failing_source_is_told_after_its_packets, a_failing_sink_is_told_and_the_run_goes_on,
	   impossible_options_are_refused, a_core_that_does_not_exist_is_refused, the_budget_is_what_is_taken,
	   a_guest_has_a_timeline WITH_JEMALLOC, packets_arrive_whole_and_in_order,
	   a_failing_taker_leaves_the_other_alone, live_packets_are_dropped_and_counted)
