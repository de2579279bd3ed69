/* SPDX-License-Identifier: MIT
 *
 * Alerts in batches: in order, flushed whole, dropped and counted when live. Waiting is tested with the detectors.
 */
#include "engine/rings/alerts.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *arena;
static struct nsc_idle publisher, writer;
static struct nsc_alert_ring alerts;
static struct nsc_counters counters;

static void set_up(bool live)
{
	memset(&alerts, 0, sizeof(alerts));
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_alert_ring_open(&alerts, arena, live, NULL), 0);
	nsc_channel_connect(alerts.channel,
			    &(struct nsc_channel_doorbells){ .sender = &publisher, .receiver = &writer });
}

static void add(uint64_t n)
{
	struct nsc_alert *alert = nsc_alert_ring_add(&alerts, &counters);

	if (alert)
		*alert = (struct nsc_alert){ .ts_ns = n };
}

START_TEST(in_order_and_whole)
{
	uint64_t next = 0, wrong = 0;

	set_up(false);
	nsc_alert_ring_flush(&alerts);
	ck_assert_ptr_null(nsc_channel_receive(alerts.channel));
	for (uint64_t i = 0; i < 1000; i++)
		add(i);
	nsc_alert_ring_flush(&alerts);
	for (struct nsc_alert_batch *batch; (batch = nsc_channel_receive(alerts.channel));) {
		for (uint32_t i = 0; i < batch->n; i++)
			wrong += batch->alert[i].ts_ns != next++;
		nsc_channel_give_back(alerts.channel, batch);
	}
	ck_assert_uint_eq(next, 1000);
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(live_it_drops)
{
	const uint64_t fits = NSC_ALERT_BATCHES * NSC_ALERT_BATCH;

	set_up(true);
	for (uint64_t i = 0; i < fits + 7; i++)
		add(i);
	ck_assert_uint_eq(counters.value[NSC_C_ALERTS_DROPPED], 7);
	ck_assert_uint_eq(counters.value[NSC_C_ALERT_WAITS], 0);
	nsc_channel_give_back(alerts.channel, nsc_channel_receive(alerts.channel));
	add(1);
	ck_assert_uint_eq(counters.value[NSC_C_ALERTS_DROPPED], 7);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("alerts", in_order_and_whole, live_it_drops)
