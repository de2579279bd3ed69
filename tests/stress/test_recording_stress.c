/* SPDX-License-Identifier: MIT
 *
 * A recording of a whole run, through an engine whose rings are far too small for it: a walk that holds gets every
 * packet, whole, while workers wait for it and their lanes for them. Nobody waits in a circle, whichever worker is
 * ahead; what comes early, because a worker waits, is counted, and all else is in order.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/recorder.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"

enum { PACKETS = 200000, WORKERS = 3 };

static struct nsc_engine *engine;
static struct fake_source source;
static uint8_t seen[PACKETS];
static uint64_t twice, torn, disorder;
static struct nsc_recorder_numbers numbers;

/* Bursts of one flow, long enough to fill a ring while the others have nothing. */
static struct fake_packet lumpy(uint64_t i)
{
	return (struct fake_packet){ 1000000000ull + i * 400, (uint32_t)(i / 40000 * 7919 % 1000), 100 };
}

static struct fake_packet mixed(uint64_t i)
{
	uint32_t flow = (uint32_t)(i * 2654435761u >> 9) % 20000;

	return (struct fake_packet){ 1000000000ull + i * 400, flow % 97 ? flow : FAKE_NO_FLOW, 100 };
}

static void take(const struct nsc_packet_record *record, uint64_t *before_ns, bool early)
{
	struct nsc_packet pkt = nsc_packet_of(record);
	uint32_t number = fake_number(&pkt);

	if (record->len != FAKE_FRAME || number >= PACKETS || record->ts_ns != 1000000000ull + number * 400ull) {
		torn++;
		return;
	}
	twice += seen[number]++;
	disorder += record->ts_ns <= *before_ns && !early;
	*before_ns = early ? *before_ns : record->ts_ns;
}

static void *record_all(void *context)
{
	const struct nsc_packet_record *record;
	struct nsc_recorder_walk *walk = context;
	enum nsc_recorder_state state;
	uint64_t before_ns = 0;

	while ((state = nsc_recorder_walk_next(walk, &record)) != NSC_RECORDER_END) {
		if (state == NSC_RECORDER_PACKET)
			take(record, &before_ns, nsc_recorder_walk_numbers(walk).early);
		else if (state == NSC_RECORDER_NOTHING)
			sched_yield();
	}
	numbers = nsc_recorder_walk_numbers(walk);
	nsc_recorder_walk_close(walk);
	return NULL;
}

static void record_run(struct fake_packet (*make)(uint64_t), uint32_t workers)
{
	struct nsc_recorder_walk_options from_begin = { .to_ns = UINT64_MAX, .hold = true };
	struct nsc_engine_options options = {
		.rx = &source.rx,
		.workers = workers,
		.lanes = workers > 1,
		.lane_packets = 512,
		.decode = { .seed = FAKE_SEED },
		.tick_ns = 1000000,
		.max_flows = 30000,
		.recorder = { .bytes = workers * NSC_RECORDER_BYTES_MIN },
	};
	struct nsc_recorder_walk *walk;
	struct nsc_counters totals;
	struct nsc_error error;
	pthread_t thread;

	memset(seen, 0, sizeof(seen));
	twice = torn = disorder = 0;
	fake_open(&source, make, PACKETS, 64, 32);
	ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
	ck_assert_int_eq(nsc_recorder_walk_open(&walk, nsc_engine_recorder(engine), &from_begin, &error), 0);
	ck_assert_int_eq(nsc_engine_start(engine, &error), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, record_all, walk), 0);
	while (!nsc_engine_wait(engine, 100))
		;
	pthread_join(thread, NULL);
	nsc_engine_totals(engine, &totals);
	ck_assert_uint_eq(torn, 0);
	ck_assert_uint_eq(twice, 0);
	ck_assert_uint_eq(disorder, 0);
	ck_assert_uint_eq(numbers.packets, PACKETS);
	ck_assert_uint_eq(numbers.overwritten, 0);
	ck_assert_uint_eq(totals.value[NSC_C_RECORDER_PACKETS], PACKETS);
	ck_assert_uint_eq(nsc_recorder_clock(nsc_engine_recorder(engine)), UINT64_MAX);
	nsc_engine_close(engine);
	nsc_rx_close(&source.rx);
}

START_TEST(one_worker)
{
	record_run(mixed, 1);
	ck_assert_uint_eq(numbers.early, 0);
}
END_TEST

START_TEST(workers_that_share_evenly)
{
	record_run(mixed, WORKERS);
}
END_TEST

START_TEST(workers_that_do_not)
{
	record_run(lumpy, WORKERS);
}
END_TEST

CHECK_MAIN("recording_stress", one_worker, workers_that_share_evenly, workers_that_do_not)
