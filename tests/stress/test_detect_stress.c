/* SPDX-License-Identifier: MIT
 *
 * The detectors' seams under contention: four workers count bursts and close epochs at their own pace, one set of
 * detectors merges, one writer takes alerts. The alerts must be those of one worker that saw everything, in the same
 * order. Then control hands over other options all the while.
 */
#include <pthread.h>
#include <sched.h>

#include "engine/detect/contacts.h"
#include "engine/detect/detectors.h"
#include "engine/detect/networks.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

enum { WORKERS = 4, EPOCHS = 300, BURSTS = 40, ALERTS_MAX = 1 << 16 };

struct side { /* of one worker */
	struct nsc_channel *epochs;
	struct nsc_contacts *contacts;
	struct nsc_counters counters;
	struct nsc_idle idle;
	uint32_t first, step; /* bursts first, first + step, ... of each epoch are its own */
};

static struct nsc_arena *arena;
static struct side side[WORKERS];
static struct nsc_detectors *detectors;
static struct nsc_alert_ring queue;
static struct nsc_idle publisher, writer;
static struct nsc_alert alert[2][ALERTS_MAX];
static uint32_t n_alerts;
static bool detectors_ended;
static uint32_t reloads; /* that control has seen the end of; UINT32_MAX: nobody reloads */

/* SYNs of a few hundred sources to a few targets and ports; the same for any number of workers. */
static void make_burst(uint64_t epoch, uint32_t burst, struct nsc_packet *pkt, uint8_t (*frame)[64])
{
	uint64_t state = (epoch * BURSTS + burst + 1) * 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		test_address(frame[i] + 12, 10, (uint32_t)(state % 700));
		test_address(frame[i] + 16, 192, (uint32_t)(state >> 20) % (state >> 40 & 1 ? 3 : 2000));
		pkt[i] = (struct nsc_packet){
			.data = frame[i],
			.clock_ns = epoch * NSC_EPOCH_NS,
			.ip_version = 4,
			.ip_proto = NSC_PROTO_TCP,
			.tcp_flags = NSC_TCP_SYN,
			.dst_port = (uint16_t)(state >> 50 & 7),
			.fate = NSC_FATE_FLOW,
		};
	}
}

static void *run_worker(void *context)
{
	struct side *s = context;
	static _Thread_local struct nsc_packet pkt[NSC_BURST_MAX];
	static _Thread_local uint8_t frame[NSC_BURST_MAX][64];

	for (uint64_t epoch = 100; epoch < 100 + EPOCHS; epoch += 1 + (epoch % 37 == 0) * 60) {
		nsc_contacts_advance(s->contacts, epoch * NSC_EPOCH_NS);
		for (uint32_t burst = s->first; burst < BURSTS; burst += s->step) {
			make_burst(epoch, burst, pkt, frame);
			nsc_contacts_burst(s->contacts, pkt, NSC_BURST_MAX, 0);
		}
		if (epoch % 8 == s->first)
			sched_yield();
	}
	nsc_contacts_end(s->contacts);
	return NULL;
}

static void *run_detectors(void *context)
{
	bool ended = false;

	while (!ended)
		if (nsc_detectors_step(detectors, &ended))
			nsc_idle_reset(&publisher);
		else
			nsc_idle_wait(&publisher);
	__atomic_store_n(&detectors_ended, true, __ATOMIC_RELEASE);
	nsc_idle_ring(&writer);
	return NULL;
}

static void take_alerts(struct nsc_alert *into)
{
	for (;;) {
		bool last = __atomic_load_n(&detectors_ended, __ATOMIC_ACQUIRE);
		struct nsc_alert_batch *batch = nsc_channel_receive(queue.channel);

		if (!batch && last)
			return;
		if (!batch) {
			nsc_idle_wait(&writer);
			continue;
		}
		nsc_idle_reset(&writer);
		for (uint32_t i = 0; i < batch->n && n_alerts < ALERTS_MAX; i++)
			into[n_alerts++] = batch->alert[i];
		nsc_channel_give_back(queue.channel, batch);
	}
}

/* Thresholds that go up and down, a detector that goes off and on, networks to be ignored. */
static void *run_control(void *context)
{
	struct nsc_detect_options options = *(const struct nsc_detect_options *)context;

	while (!__atomic_load_n(&detectors_ended, __ATOMIC_ACQUIRE)) {
		if (!nsc_detectors_reloaded(detectors)) {
			sched_yield();
			continue;
		}
		options.syn_flood.threshold = reloads % 2 ? 200 : 400;
		options.port_scan.enabled = reloads % 3 != 0;
		ck_assert_int_eq(nsc_networks_read(&options.ignored[NSC_ALERT_KIND_COUNT].sources,
						   reloads % 2 ? "10.0.0.0/30" : "", NULL),
				 0);
		nsc_detectors_reload(detectors, &options);
		nsc_idle_ring(&publisher);
		reloads++;
	}
	return NULL;
}

static void connect(struct side *s, uint32_t i, uint32_t workers, uint32_t wanted)
{
	memset(s, 0, sizeof(*s));
	nsc_idle_init(&s->idle, NSC_POLL_ADAPTIVE, true);
	s->first = i;
	s->step = workers;
	ck_assert_int_eq(nsc_epochs_open(&s->epochs, arena, NULL), 0);
	detectors->epochs[i] = s->epochs;
	nsc_channel_connect(s->epochs, &(struct nsc_channel_doorbells){ .sender = &s->idle, .receiver = &publisher });
	ck_assert_int_eq(nsc_contacts_open(&s->contacts, arena, s->epochs, wanted, test_seed, NULL), 0);
	nsc_contacts_attach(s->contacts, &s->counters, false);
}

static uint32_t run(uint32_t workers, struct nsc_alert *into)
{
	struct nsc_detect_options options = test_options();
	pthread_t thread[WORKERS + 1], control;
	bool reloading = reloads != UINT32_MAX;

	options.syn_flood.cooldown_ns = options.port_scan.cooldown_ns = NSC_NS_PER_SEC;
	options.memory = 64u << 20;
	memset(&queue, 0, sizeof(queue));
	nsc_idle_init(&publisher, NSC_POLL_BLOCK, true);
	nsc_idle_init(&writer, NSC_POLL_BLOCK, true);
	nsc_idle_trust_doorbell(&publisher);
	nsc_idle_trust_doorbell(&writer);
	n_alerts = 0;
	detectors_ended = false;
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_detectors_open(&detectors, arena, &options, workers, NULL), 0);
	ck_assert_int_eq(nsc_alert_ring_open(&queue, arena, false, NULL), 0);
	nsc_channel_connect(queue.channel,
			    &(struct nsc_channel_doorbells){ .sender = &publisher, .receiver = &writer });
	detectors->alerts = &queue;
	for (uint32_t i = 0; i < workers; i++)
		connect(&side[i], i, workers, nsc_detect_contacts(&options));
	for (uint32_t i = 0; i < workers; i++)
		pthread_create(&thread[i], NULL, run_worker, &side[i]);
	pthread_create(&thread[workers], NULL, run_detectors, NULL);
	if (reloading)
		pthread_create(&control, NULL, run_control, &options);
	take_alerts(into);
	if (reloading)
		pthread_join(control, NULL);
	for (uint32_t i = 0; i <= workers; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_ALERTS] + detectors->counters.value[NSC_C_ALERT_UPDATES],
			  n_alerts);
	ck_assert_uint_eq(detectors->counters.value[NSC_C_DETECT_KEY_EVICTED] +
				  detectors->counters.value[NSC_C_DETECT_SKETCH_FULL],
			  0);
	nsc_arena_close(arena);
	return n_alerts;
}

START_TEST(four_workers_raise_the_alerts_of_one)
{
	uint32_t one, four;

	reloads = UINT32_MAX;
	one = run(1, alert[0]);
	four = run(WORKERS, alert[1]);
	ck_assert_uint_gt(one, 100);
	ck_assert_uint_lt(one, ALERTS_MAX);
	ck_assert_uint_eq(one, four);
	ck_assert_int_eq(memcmp(alert[0], alert[1], one * sizeof(alert[0][0])), 0);
}
END_TEST

START_TEST(options_change_all_the_while)
{
	reloads = 0;
	ck_assert_uint_gt(run(WORKERS, alert[0]), 0);
	ck_assert_uint_gt(reloads, 2); /* as often as the threads let each other run */
}
END_TEST

CHECK_MAIN("detect_stress", four_workers_raise_the_alerts_of_one, options_change_all_the_while)
