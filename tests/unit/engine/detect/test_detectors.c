/* SPDX-License-Identifier: MIT
 *
 * Workers' epochs to alerts: nothing is decided before every worker has passed, the number of workers and the order of
 * chunks do not matter, cooldowns, jumps, the order of alerts; each detector.
 */
#include "engine/detect/attacks.h"
#include "engine/detect/detectors.h"
#include "engine/detect/networks.h"

#include <pthread.h>

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

enum { WORKERS = 3, ALERTS = 4096 };

static struct nsc_arena *arena;
static struct nsc_idle worker, publisher, writer;
static struct nsc_channel *epochs[WORKERS];
static struct nsc_alert_ring queue;
static struct nsc_detectors *detectors;
static struct nsc_epoch_chunk *chunk[WORKERS];
static uint64_t now[WORKERS];
static struct nsc_alert alert[ALERTS];
static uint32_t n_alerts, n_ends;
static struct nsc_alert end_of; /* the last one */
static bool ended;

static void set_up(const struct nsc_detect_options *options, uint32_t workers)
{
	memset(epochs, 0, sizeof(epochs));
	memset(&queue, 0, sizeof(queue));
	memset(chunk, 0, sizeof(chunk));
	nsc_idle_init(&publisher, NSC_POLL_ADAPTIVE, true);
	n_alerts = n_ends = 0;
	ended = false;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_detectors_open(&detectors, arena, options, workers, NULL), 0);
	ck_assert_int_eq(nsc_alert_ring_open(&queue, arena, false, NULL), 0);
	nsc_channel_connect(queue.channel,
			    &(struct nsc_channel_doorbells){ .sender = &publisher, .receiver = &writer });
	detectors->alerts = &queue;
	for (uint32_t i = 0; i < workers; i++) {
		ck_assert_int_eq(nsc_epochs_open(&epochs[i], arena, NULL), 0);
		nsc_channel_connect(epochs[i],
				    &(struct nsc_channel_doorbells){ .sender = &worker, .receiver = &publisher });
		detectors->epochs[i] = epochs[i];
		now[i] = 0;
	}
}

static void collect(void)
{
	for (struct nsc_alert_batch *batch; (batch = nsc_channel_receive(queue.channel));) {
		for (uint32_t i = 0; i < batch->n && n_alerts < ALERTS; i++) {
			if (batch->alert[i].state == NSC_ALERT_END) {
				end_of = batch->alert[i];
				n_ends++;
			} else {
				alert[n_alerts++] = batch->alert[i];
			}
		}
		nsc_channel_give_back(queue.channel, batch);
	}
}

/* All that can be done now. */
static void work(void)
{
	while (nsc_detectors_step(detectors, &ended))
		collect();
	collect();
}

static void send(uint32_t w)
{
	if (chunk[w])
		nsc_channel_send(epochs[w], chunk[w]);
	chunk[w] = NULL;
}

static void enter(uint32_t w, uint64_t epoch)
{
	send(w);
	now[w] = epoch;
	nsc_channel_mark(epochs[w], epoch);
}

static void note(uint32_t w, enum nsc_contact_kind kind, uint32_t source, uint32_t target, uint16_t port,
		 uint32_t count)
{
	if (chunk[w] && !test_has_room(chunk[w]))
		send(w);
	for (int tries = 0; !chunk[w] && tries < 2; tries++) {
		chunk[w] = nsc_epochs_begin(nsc_channel_acquire(epochs[w]), now[w]);
		if (!chunk[w])
			work();
	}
	ck_assert_ptr_nonnull(chunk[w]);
	test_append(chunk[w], kind, source, target, port, count);
}

/* 200 SYNs of 50 sources to one target, spread over the workers. */
static void flood(uint32_t workers, uint32_t target, uint32_t sources, uint32_t each)
{
	for (uint32_t s = 0; s < sources; s++)
		note(s % workers, NSC_CONTACT_SYN, s, target, 80, each);
}

static void enter_all(uint32_t workers, uint64_t epoch)
{
	for (uint32_t w = 0; w < workers; w++)
		enter(w, epoch);
}

static void end_all(uint32_t workers)
{
	enter_all(workers, NSC_EPOCH_NONE);
	work();
	ck_assert(ended);
}

START_TEST(a_flood_that_no_worker_sees_whole)
{
	struct nsc_detect_options options = test_options();

	for (uint32_t workers = 1; workers <= WORKERS; workers++) {
		set_up(&options, workers);
		enter_all(workers, 1000);
		flood(workers, 5, 50, 4);
		end_all(workers);
		ck_assert_uint_eq(n_alerts, 1);
		ck_assert_uint_eq(alert[0].kind, NSC_ALERT_SYN_FLOOD);
		ck_assert_uint_eq(alert[0].ts_ns, 1001 * NSC_EPOCH_NS);
		ck_assert_uint_eq(alert[0].window_ns, 5 * NSC_NS_PER_SEC);
		ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SYNS], 200);
		ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SOURCES], 50);
		ck_assert_uint_eq(alert[0].observed[NSC_ALERT_HANDSHAKES], NSC_ALERT_NONE);
		ck_assert_uint_eq(alert[0].thresholds[NSC_ALERT_SYNS], 200);
		ck_assert_uint_eq(alert[0].target_port, 80);
		ck_assert(alert[0].has_target && !alert[0].has_source);
		ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS], 1);
		ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_SYN_FLOOD], 1);
		nsc_arena_close(arena);
	}
}
END_TEST

START_TEST(one_less_is_no_flood)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 2);
	enter_all(2, 1000);
	flood(2, 5, 49, 5);
	flood(2, 6, 50, 3);
	note(0, NSC_CONTACT_SYN, 0, 6, 80, 49);
	end_all(2);
	ck_assert_uint_eq(n_alerts, 0);
	nsc_arena_close(arena);
}
END_TEST

/* A worker that has not passed the epoch holds the decision up, whether it has contacts or not; its mark lets it go. */
START_TEST(an_idle_workers_mark_decides)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 3);
	flood(1, 5, 60, 4);
	send(0);
	work();
	ck_assert(detectors->awaiting);
	enter(0, 2000);
	enter(1, 2000);
	work();
	ck_assert_uint_eq(n_alerts, 0);
	enter(2, 0); /* still in epoch 0 */
	work();
	ck_assert_uint_eq(n_alerts, 0);
	enter(2, 1);
	work();
	ck_assert_uint_eq(n_alerts, 1);
	ck_assert_uint_eq(alert[0].ts_ns, NSC_EPOCH_NS);
	ck_assert(!detectors->awaiting);
	ck_assert(!ended);
	nsc_arena_close(arena);
}
END_TEST

/* Half of the flood comes late, from a worker behind: it is counted in its own epoch. */
START_TEST(a_worker_behind_is_counted_in_its_epoch)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 2);
	enter_all(2, 100);
	for (uint32_t s = 0; s < 30; s++)
		note(0, NSC_CONTACT_SYN, s, 5, 80, 4);
	enter(0, 170); /* far ahead: 50 epochs later than 100, the first half has left the window */
	note(0, NSC_CONTACT_SYN, 0, 5, 80, 1);
	send(0);
	work();
	for (uint32_t s = 30; s < 60; s++)
		note(1, NSC_CONTACT_SYN, s, 5, 80, 4);
	end_all(2);
	ck_assert_uint_eq(n_alerts, 1);
	ck_assert_uint_eq(alert[0].ts_ns, 101 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SOURCES], 60);
	nsc_arena_close(arena);
}
END_TEST

/* Small contributions add up over the window, and leave it again. */
START_TEST(epochs_add_up_and_leave)
{
	struct nsc_detect_options options = test_options();

	options.syn_flood.cooldown_ns = 0;
	set_up(&options, 1);
	for (uint64_t e = 0; e < 60; e++) {
		enter(0, 5000 + e);
		note(0, NSC_CONTACT_SYN, (uint32_t)e, 5, 80, 4);
	}
	end_all(1);
	ck_assert_uint_eq(n_alerts, 11); /* epochs 49 to 59: with 50 epochs of 4 each */
	for (uint32_t i = 0; i < n_alerts; i++) {
		ck_assert_uint_eq(alert[i].ts_ns, (5050 + i) * NSC_EPOCH_NS);
		ck_assert_uint_eq(alert[i].observed[NSC_ALERT_SYNS], 200);
		ck_assert_uint_eq(alert[i].observed[NSC_ALERT_SOURCES], 50);
	}
	nsc_arena_close(arena);
}
END_TEST

START_TEST(cooldown_is_per_key_and_exact)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 1);
	for (uint64_t e = 0; e < 250; e++) {
		enter(0, 5000 + e);
		flood(1, 5, 50, 4);
		if (e == 20)
			flood(1, 6, 50, 4);
		work();
	}
	end_all(1);
	ck_assert_uint_eq(n_alerts, 4); /* 5 at 0, 100, 200; 6 at 20 */
	ck_assert_uint_eq(alert[0].ts_ns, 5001 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[1].ts_ns, 5021 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[2].ts_ns, 5101 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[3].ts_ns, 5201 * NSC_EPOCH_NS);
	nsc_arena_close(arena);
}
END_TEST

/* A key that is quiet for longer than its window is not forgotten. */
START_TEST(cooldown_outlives_the_window)
{
	struct nsc_detect_options options = test_options();

	options.syn_flood.cooldown_ns = 86400 * NSC_NS_PER_SEC;
	set_up(&options, 1);
	for (uint64_t e = 0; e < 10; e++) {
		enter(0, 5000 + e * 100000);
		flood(1, 5, 50, 4);
		for (uint32_t s = 0; s < 1000; s++) /* the hand goes round */
			note(0, NSC_CONTACT_SYN, s, 1000 + s, 81, 1);
		work();
	}
	end_all(1);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_SYN_FLOOD],
			  2); /* at once, and after 864000 epochs */
	nsc_arena_close(arena);
}
END_TEST

START_TEST(scans_by_ports_or_hosts)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 2);
	enter_all(2, 50);
	for (uint16_t i = 0; i < 25; i++)
		note(i % 2, i % 3 ? NSC_CONTACT_SYN : NSC_CONTACT_UDP, 1, 9, (uint16_t)(100 + i), 1);
	for (uint32_t i = 0; i < 10; i++)
		note(i % 2, NSC_CONTACT_UDP, 2, i, 53, 1);
	for (uint32_t i = 0; i < 9; i++)
		note(i % 2, NSC_CONTACT_SYN, 3, i, (uint16_t)i, 1);
	for (uint16_t i = 0; i < 24; i++)
		note(i % 2, NSC_CONTACT_SYN, 4, 9, i, 1);
	end_all(2);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[0].kind, NSC_ALERT_PORT_SCAN);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_PORTS], 25);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_HOSTS], 1);
	ck_assert_uint_eq(alert[0].source[3], 1);
	ck_assert_uint_eq(alert[1].observed[NSC_ALERT_PORTS], 1);
	ck_assert_uint_eq(alert[1].observed[NSC_ALERT_HOSTS], 10);
	ck_assert_uint_eq(alert[1].thresholds[NSC_ALERT_HOSTS], 10);
	ck_assert_uint_eq(alert[1].thresholds[NSC_ALERT_SYNS], NSC_ALERT_NONE);
	ck_assert(alert[1].has_source && !alert[1].has_target);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(few_sources_only_when_nobody_gets_through)
{
	struct nsc_detect_options options = test_options();

	for (int on = 0; on < 2; on++) {
		options.few_sources = on;
		ck_assert_uint_eq(nsc_detect_contacts(&options) >> NSC_CONTACT_HANDSHAKE, (unsigned)on);
		set_up(&options, 2);
		enter_all(2, 50);
		note(0, NSC_CONTACT_SYN, 1, 5, 80, 5870);
		note(1, NSC_CONTACT_SYN, 1, 6, 80, 5870);
		if (on)
			note(0, NSC_CONTACT_HANDSHAKE, 9, 6, 80, 1);
		flood(2, 7, 50, 4);
		end_all(2);
		ck_assert_uint_eq(n_alerts, 1 + (unsigned)on);
		if (on) {
			ck_assert_uint_eq(alert[0].kind, NSC_ALERT_SYN_FLOOD);
			ck_assert_uint_eq(alert[0].target[3], 5);
			ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SYNS], 5870);
			ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SOURCES], 1);
			ck_assert_uint_eq(alert[0].observed[NSC_ALERT_HANDSHAKES], 0);
			ck_assert_uint_eq(alert[0].thresholds[NSC_ALERT_HANDSHAKES], 0);
			ck_assert_uint_eq(alert[0].thresholds[NSC_ALERT_SOURCES], NSC_ALERT_NONE);
		}
		ck_assert_uint_eq(alert[n_alerts - 1].target[3], 7);
		ck_assert_uint_eq(alert[n_alerts - 1].observed[NSC_ALERT_HANDSHAKES], NSC_ALERT_NONE);
		nsc_arena_close(arena);
	}
}
END_TEST

/* Of one epoch: floods before scans, and each by address, whatever the order in which they came. */
START_TEST(alerts_are_in_order)
{
	struct nsc_detect_options options = test_options();
	uint32_t wrong = 0;

	set_up(&options, 2);
	enter_all(2, 50);
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t k = i * 7 % 300;

		for (uint32_t t = 0; t < 10; t++)
			note(i % 2, NSC_CONTACT_UDP, k, t, 53, 1);
	}
	flood(2, 900, 50, 4);
	flood(2, 800, 50, 4);
	end_all(2);
	ck_assert_uint_eq(n_alerts, 302);
	ck_assert_uint_eq(alert[0].target[2] << 8 | alert[0].target[3], 800);
	ck_assert_uint_eq(alert[1].target[2] << 8 | alert[1].target[3], 900);
	for (uint32_t i = 2; i < n_alerts; i++)
		wrong += (uint32_t)(alert[i].source[2] << 8 | alert[i].source[3]) != i - 2;
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_PORT_SCAN], 300);
	nsc_arena_close(arena);
}
END_TEST

/* From 1970 to 2023 in one step: nothing of before counts, and it costs no walk through the epochs between. */
START_TEST(clocks_may_jump)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 1);
	enter(0, 3);
	flood(1, 5, 30, 4);
	enter(0, 17000000000);
	flood(1, 5, 30, 4);
	enter(0, 17000000050);
	flood(1, 5, 50, 4);
	enter(0, 184467440737);
	flood(1, 5, 50, 4);
	end_all(1);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[0].ts_ns, 17000000051 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[1].ts_ns, UINT64_MAX);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_DETECT_EPOCHS], 4);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(windows_round_up_to_epochs)
{
	struct nsc_detect_options options = test_options();

	options.syn_flood.window_ns = 250000000;
	set_up(&options, 1);
	enter(0, 10);
	flood(1, 5, 50, 2);
	enter(0, 12);
	flood(1, 5, 50, 2);
	end_all(1);
	ck_assert_uint_eq(n_alerts, 1);
	ck_assert_uint_eq(alert[0].window_ns, 300000000);
	nsc_arena_close(arena);
}
END_TEST

/* Thresholds beyond what is counted exactly: the estimate decides, so they can be reached. */
START_TEST(large_thresholds_are_reachable)
{
	struct nsc_detect_options options = test_options();

	options.syn_flood.unique_threshold = 50000;
	options.syn_flood.threshold = 1000000;
	options.memory = 64u << 20;
	set_up(&options, 1);
	enter(0, 10);
	flood(1, 5, 40000, 15);
	enter(0, 11);
	flood(1, 5, 60000, 10);
	end_all(1);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_SYN_FLOOD], 1);
	ck_assert_uint_eq(alert[0].ts_ns, 12 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SYNS], 1200000);
	ck_assert_uint_gt(alert[0].observed[NSC_ALERT_SOURCES], 57000);
	ck_assert_uint_lt(alert[0].observed[NSC_ALERT_SOURCES], 63000);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(one_detector_may_be_off)
{
	struct nsc_detect_options options = test_options();

	options.port_scan.enabled = false;
	ck_assert_uint_eq(nsc_detect_contacts(&options), NSC_CONTACT_BIT(NSC_CONTACT_SYN));
	set_up(&options, 1);
	flood(1, 5, 50, 4);
	for (uint16_t i = 0; i < 100; i++)
		note(0, NSC_CONTACT_SYN, 1, 9, i, 1);
	end_all(1);
	ck_assert_uint_eq(n_alerts, 1);
	nsc_arena_close(arena);
	options.syn_flood.enabled = false;
	ck_assert_uint_eq(nsc_detect_contacts(&options), 0);
}
END_TEST

/* Live and nobody takes the alerts: those that do not fit are dropped and counted, and raised all the same. */
START_TEST(alerts_are_dropped_live)
{
	struct nsc_detect_options options = test_options();
	const uint32_t fits = NSC_ALERT_BATCH * NSC_ALERT_BATCHES;

	options.memory = 64u << 20;
	set_up(&options, 1);
	queue.live = true;
	for (uint32_t i = 0; i < fits + 100; i++) {
		for (uint32_t t = 0; t < 10; t++)
			note(0, NSC_CONTACT_UDP, i, t, 53, 1);
	}
	enter_all(1, NSC_EPOCH_NONE);
	while (nsc_detectors_step(detectors, &ended))
		;
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS], fits + 100);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ATTACKS_FULL], fits + 100 - NSC_ATTACKS_MAX);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS_DROPPED], 100 + NSC_ATTACKS_MAX); /* and the ends */
	nsc_arena_close(arena);
}
END_TEST

static void *take_alerts(void *context)
{
	bool *stop = context;

	while (!__atomic_load_n(stop, __ATOMIC_ACQUIRE)) {
		struct nsc_alert_batch *batch = nsc_channel_receive(queue.channel);

		if (batch) {
			n_alerts += batch->n;
			nsc_channel_give_back(queue.channel, batch);
		}
		sched_yield();
	}
	collect();
	return NULL;
}

START_TEST(offline_the_detectors_wait)
{
	struct nsc_detect_options options = test_options();
	const uint32_t fits = NSC_ALERT_BATCH * NSC_ALERT_BATCHES;
	bool stop = false;
	pthread_t thread;

	options.memory = 64u << 20;
	set_up(&options, 1);
	for (uint32_t i = 0; i < fits + 100; i++) {
		for (uint32_t t = 0; t < 10; t++)
			note(0, NSC_CONTACT_UDP, i, t, 53, 1);
	}
	enter_all(1, NSC_EPOCH_NONE);
	pthread_create(&thread, NULL, take_alerts, &stop);
	while (nsc_detectors_step(detectors, &ended))
		;
	while (nsc_channel_waiting(queue.channel))
		sched_yield();
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS_DROPPED], 0);
	ck_assert_uint_ge(n_alerts, NSC_MIN(fits + 100, (uint32_t)ALERTS));
	nsc_arena_close(arena);
}
END_TEST

static struct nsc_detect_options unanswered(void)
{
	struct nsc_detect_options options = test_options();

	options.scan_all = false;
	return options;
}

/* While nobody answers, many hosts are no scan by UDP, and many ports of few hosts are one. An answer speaks for the
 * epochs after its own, for as long as the window is and a probe waits. */
START_TEST(udp_counts_where_somebody_answers)
{
	struct nsc_detect_options options = unanswered();

	set_up(&options, 2);
	enter_all(2, 1000);
	note(1, NSC_CONTACT_ANSWER, 7, 7, 53, 1);
	for (uint32_t t = 0; t < 10; t++)
		note(0, NSC_CONTACT_UDP_PROBE, 1, t, 161, 1);
	enter_all(2, 1001);
	work();
	ck_assert_uint_eq(n_alerts, 0);
	for (uint32_t t = 0; t < 10; t++)
		note(0, NSC_CONTACT_UDP_PROBE, 2, t, 161, 1);
	enter_all(2, 1130);
	work();
	ck_assert_uint_eq(n_alerts, 1);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_HOSTS], 10);
	for (uint32_t t = 0; t < 10; t++)
		note(0, NSC_CONTACT_UDP_PROBE, 3, t, 161, 1);
	enter_all(2, 1131);
	work();
	ck_assert_uint_eq(n_alerts, 2);
	for (uint32_t t = 0; t < 10; t++)
		note(0, NSC_CONTACT_UDP_PROBE, 4, t, 161, 1);
	for (uint32_t port = 0; port < 25; port++)
		note(0, NSC_CONTACT_UDP_PROBE, 5, port % 9, (uint16_t)port, 1);
	end_all(2);
	ck_assert_uint_eq(n_alerts, 3);
	ck_assert_uint_eq(alert[2].source[3], 5);
	ck_assert_uint_eq(alert[2].observed[NSC_ALERT_PORTS], 25);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(probes_echoes_and_arp)
{
	struct nsc_detect_options options = unanswered();

	set_up(&options, 1);
	enter_all(1, 1000);
	for (uint32_t t = 0; t < 10; t++)
		note(0, t % 2 ? NSC_CONTACT_ECHO : NSC_CONTACT_PROBE, 1, t, t % 2 ? 0 : 80, 1);
	for (uint32_t t = 0; t < 19; t++)
		note(0, NSC_CONTACT_ARP, 2, t, 0, 1);
	for (uint32_t t = 0; t < 20; t++)
		note(0, NSC_CONTACT_ARP, 3, t, 0, 1);
	for (uint32_t t = 0; t < 30; t++) /* of no interest here */
		note(0, NSC_CONTACT_SYN, 4, t, 80, 1);
	end_all(1);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_PORTS], 1);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_HOSTS], 10);
	ck_assert_uint_eq(alert[1].source[3], 3);
	ck_assert_uint_eq(alert[1].observed[NSC_ALERT_PORTS], NSC_ALERT_NONE);
	ck_assert_uint_eq(alert[1].observed[NSC_ALERT_HOSTS], 20);
	ck_assert_uint_eq(alert[1].thresholds[NSC_ALERT_HOSTS], 20);
	nsc_arena_close(arena);
}
END_TEST

/* Every worker sees a part; a target counts by one protocol or by the other, and only with answers by strays. */
START_TEST(floods_of_udp_and_icmp)
{
	for (uint32_t heard = 0; heard < 2; heard++) {
		struct nsc_detect_options options = unanswered();

		set_up(&options, 2);
		enter_all(2, 1000);
		if (heard)
			note(1, NSC_CONTACT_ANSWER, 7, 7, 53, 1);
		enter_all(2, 1001);
		for (uint32_t w = 0; w < 2; w++) {
			note(w, NSC_CONTACT_UDP_PROBE, w, 1, 9, 5000);
			note(w, NSC_CONTACT_ICMP, w, 2, 0, 500);
			note(w, NSC_CONTACT_UDP_STRAY, w, 3, 9, 3000);
			note(w, NSC_CONTACT_UDP_QUIC, w, 3, 443, 2000);
			note(w, NSC_CONTACT_UDP_TUNNEL, w, 4, 4789, 9000);
		}
		note(0, NSC_CONTACT_UDP_PROBE, 1, 5, 9, 9999);
		note(0, NSC_CONTACT_ICMP, 1, 5, 0, 999);
		end_all(2);
		ck_assert_uint_eq(n_alerts, 2 + heard);
		for (uint32_t i = 0; i < n_alerts; i++) {
			ck_assert_uint_eq(alert[i].kind, NSC_ALERT_UDP_ICMP_FLOOD);
			ck_assert_uint_eq(alert[i].target[3], i + 1);
			ck_assert_uint_eq(alert[i].observed[NSC_ALERT_UDP_PACKETS], i == 1 ? 0 : 10000);
			ck_assert_uint_eq(alert[i].observed[NSC_ALERT_ICMP_PACKETS], i == 1 ? 1000 : 0);
			ck_assert_uint_eq(alert[i].observed[NSC_ALERT_SOURCES], 2);
			ck_assert_uint_eq(alert[i].packets, i == 1 ? 1000 : 10000);
		}
		nsc_arena_close(arena);
	}
}
END_TEST

/* For all detectors, for one, for another: each raises its two alerts, less those that are ignored. */
START_TEST(the_ignored_are_not_counted)
{
	static const struct {
		unsigned list;
		const char *sources, *targets;
		uint32_t floods, scans;
	} cases[] = {
		{ 0, "", "", 1, 1 },
		{ NSC_ALERT_KIND_COUNT, "10.0.1.0/24", "", 1, 0 },
		{ NSC_ALERT_KIND_COUNT, "10.0.0.0/8", "", 0, 0 },
		{ NSC_ALERT_KIND_COUNT, "", "192.0.0.5", 0, 1 },
		{ NSC_ALERT_PORT_SCAN, "10.0.0.0/8", "", 1, 0 },
		{ NSC_ALERT_PORT_SCAN, "", "192.0.0.0/30", 1, 0 },
		{ NSC_ALERT_SYN_FLOOD, "2001:db8::/32,10.0.0.0/16", "", 0, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nsc_detect_options options = test_options();
		struct nsc_ignored *ignored = &options.ignored[cases[i].list];

		ck_assert_int_eq(nsc_networks_read(&ignored->sources, cases[i].sources, NULL), 0);
		ck_assert_int_eq(nsc_networks_read(&ignored->targets, cases[i].targets, NULL), 0);
		set_up(&options, 1);
		enter_all(1, 1000);
		flood(1, 5, 50, 4);
		for (uint32_t t = 0; t < 12; t++)
			note(0, NSC_CONTACT_SYN, 256, t, 443, 1);
		end_all(1);
		ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_SYN_FLOOD], cases[i].floods);
		ck_assert_msg(detectors->counters.value[NSC_C_ALERT + NSC_ALERT_PORT_SCAN] == cases[i].scans,
			      "case %zu", i);
		nsc_arena_close(arena);
	}
}
END_TEST

/* A flood of 35 s: it begins, is told of again after each cooldown of 10 s, and ends a cooldown and a window of 5 s
 * after the last time; another one begins then. */
START_TEST(an_attack_begins_goes_on_and_ends)
{
	for (uint32_t repeats = 0; repeats < 2; repeats++) {
		struct nsc_detect_options options = test_options();

		options.scan_all = repeats;
		options.port_scan.enabled = false;
		set_up(&options, 1);
		for (uint64_t e = 0; e < 350; e++) {
			enter_all(1, 1000 + e);
			flood(1, 5, 50, e == 200 ? 8 : 4);
			work();
		}
		ck_assert_uint_eq(n_alerts, 4);
		for (uint32_t i = 0; i < 4; i++) {
			ck_assert_uint_eq(alert[i].state, i ? NSC_ALERT_UPDATE : NSC_ALERT_BEGIN);
			ck_assert_uint_eq(alert[i].quiet, i && !repeats);
			ck_assert_uint_eq(alert[i].id, 1);
			ck_assert_uint_eq(alert[i].ts_ns, (1001 + 100 * i) * NSC_EPOCH_NS);
			ck_assert_uint_eq(alert[i].duration_ns, 100 * i * NSC_EPOCH_NS);
			ck_assert_uint_eq(alert[i].packets, (100 * i + 1) * 200 + (i >= 2) * 200);
		}
		enter_all(1, 1450);
		work();
		ck_assert_uint_eq(n_ends, 0);
		enter_all(1, 1451); /* 1300 + 100 + 50 has passed, without a packet */
		work();
		ck_assert_uint_eq(n_ends, 1);
		ck_assert_uint_eq(end_of.id, 1);
		ck_assert_uint_eq(end_of.ts_ns, 1451 * NSC_EPOCH_NS);
		ck_assert_uint_eq(end_of.duration_ns, 300 * NSC_EPOCH_NS);
		ck_assert_uint_eq(end_of.packets, 351 * 200);
		ck_assert_uint_eq(end_of.observed[NSC_ALERT_SYNS], 10200); /* the most of a window, not the last */
		flood(1, 5, 50, 4);
		end_all(1);
		ck_assert_uint_eq(alert[4].state, NSC_ALERT_BEGIN);
		ck_assert_uint_eq(alert[4].id, 2);
		ck_assert_uint_eq(n_ends, 2);
		ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS], repeats ? 5 : 2);
		ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERT_UPDATES], repeats ? 2 : 5);
		nsc_arena_close(arena);
	}
}
END_TEST

/* Other options hold from the end of the epoch in progress on. */
START_TEST(options_change_between_two_epochs)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 2);
	enter_all(2, 1000);
	flood(2, 5, 49, 10);
	send(0);
	work();
	options.syn_flood.unique_threshold = 49;
	nsc_detectors_reload(detectors, &options);
	work();
	ck_assert(!nsc_detectors_reloaded(detectors));
	enter_all(2, 1001);
	work();
	ck_assert(nsc_detectors_reloaded(detectors));
	ck_assert_uint_eq(n_alerts, 0);
	flood(2, 5, 1, 1); /* what was gathered before counts */
	end_all(2);
	ck_assert_uint_eq(n_alerts, 1);
	ck_assert_uint_eq(alert[0].ts_ns, 1002 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[0].observed[NSC_ALERT_SYNS], 491);
	ck_assert_uint_eq(alert[0].thresholds[NSC_ALERT_SOURCES], 49);
	nsc_arena_close(arena);
}
END_TEST

static void reload(const struct nsc_detect_options *options)
{
	nsc_detectors_reload(detectors, options);
	work();
	ck_assert(nsc_detectors_reloaded(detectors));
}

/* A detector that runs may be off for a while; one that was off at the start stays so. */
START_TEST(detectors_go_off_and_on_again)
{
	static const bool on[] = { true, false, true };
	struct nsc_detect_options options = test_options();

	options.port_scan.enabled = false;
	set_up(&options, 1);
	options.port_scan.enabled = true;
	for (uint32_t i = 0; i < NSC_ARRAY_LEN(on); i++) {
		options.syn_flood.enabled = on[i];
		enter(0, 1000 + 200 * (uint64_t)i);
		work();
		reload(&options);
		flood(1, 5, 50, 4);
		for (uint16_t port = 0; port < 100; port++)
			note(0, NSC_CONTACT_SYN, 1, 9, port, 1);
		enter(0, 1100 + 200 * (uint64_t)i);
		work();
	}
	end_all(1);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[0].ts_ns, 1001 * NSC_EPOCH_NS);
	ck_assert_uint_eq(alert[1].ts_ns, 1401 * NSC_EPOCH_NS);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(lists_of_the_ignored_change)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 1);
	for (uint32_t i = 0; i < 3; i++) {
		const char *list = i == 1 ? "192.0.0.0/8" : "";

		ck_assert_int_eq(nsc_networks_read(&options.ignored[NSC_ALERT_KIND_COUNT].targets, list, NULL), 0);
		enter(0, 1000 + 200 * (uint64_t)i);
		work();
		reload(&options);
		flood(1, 5, 50, 4);
	}
	end_all(1);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[1].ts_ns, 1401 * NSC_EPOCH_NS);
	nsc_arena_close(arena);
}
END_TEST

/* Keys with one contact, which need no entry as long as one is never enough, get one. */
START_TEST(one_contact_is_enough_from_now_on)
{
	struct nsc_detect_options options = test_options();

	set_up(&options, 1);
	enter(0, 1000);
	flood(1, 5, 1, 1);
	enter(0, 1001);
	work();
	options.syn_flood.threshold = options.syn_flood.unique_threshold = 1;
	reload(&options);
	flood(1, 6, 1, 1);
	enter(0, 1002);
	work();
	ck_assert_uint_eq(n_alerts, 1);
	flood(1, 5, 1, 1);
	end_all(1);
	ck_assert_uint_eq(n_alerts, 2);
	ck_assert_uint_eq(alert[1].observed[NSC_ALERT_SYNS], 1); /* what was before is forgotten */
	nsc_arena_close(arena);
}
END_TEST

START_TEST(memory_is_what_was_said)
{
	struct nsc_detect_options options = unanswered();

	set_up(&options, 0);
	ck_assert_uint_le(nsc_detectors_bytes(&options), options.memory + sizeof(*detectors) + nsc_attacks_bytes() +
								 2 * sizeof(uint64_t) * NSC_MULTISET_SLOTS_MAX);
	ck_assert_uint_le(nsc_arena_bytes(arena), nsc_detectors_bytes(&options) + NSC_ALERT_RING_BYTES + 65536);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("detectors", a_flood_that_no_worker_sees_whole, one_less_is_no_flood, an_idle_workers_mark_decides,
	   a_worker_behind_is_counted_in_its_epoch, epochs_add_up_and_leave, cooldown_is_per_key_and_exact,
	   cooldown_outlives_the_window, scans_by_ports_or_hosts, few_sources_only_when_nobody_gets_through,
	   alerts_are_in_order, clocks_may_jump, windows_round_up_to_epochs, large_thresholds_are_reachable,
	   one_detector_may_be_off, alerts_are_dropped_live, offline_the_detectors_wait,
	   udp_counts_where_somebody_answers, probes_echoes_and_arp, floods_of_udp_and_icmp,
	   the_ignored_are_not_counted, an_attack_begins_goes_on_and_ends, options_change_between_two_epochs,
	   detectors_go_off_and_on_again, lists_of_the_ignored_change, one_contact_is_enough_from_now_on,
	   memory_is_what_was_said)
