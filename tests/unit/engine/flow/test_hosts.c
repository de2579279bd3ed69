/* SPDX-License-Identifier: MIT
 *
 * Hosts that are counted apart: their numbers are those of a table that sees their packets alone, for both versions of
 * IP, from the question on, and through flows that end, begin anew and are swept.
 */
#include "tests/unit/engine/flow/support.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { PACKETS = 60000, FLOWS = 160, HOSTS = 6, START = 7000 };

static struct nsc_hosts asked;

static struct rig *opened(void)
{
	struct nsc_flow_table_options options = rig_options(4096);

	options.recent = true;
	options.rtts = true;
	options.analyses = NSC_ANALYSIS_ALL;
	return rig_open(options);
}

/* The end `side` of a flow as a host. */
static void place(unsigned i, uint32_t flow, unsigned side, uint32_t number)
{
	struct key k = key_of_number(flow);

	asked.host[i].ip_version = k.version;
	asked.host[i].number = number;
	memcpy(asked.host[i].addr, k.end[side].ip, 16);
}

static void place_all(void)
{
	memset(&asked, 0, sizeof(asked));
	place(0, 0, 1, 1);  /* 192.168.0.1, in many flows */
	place(1, 8, 0, 2);  /* 10.0.0.1, in one flow with the one above */
	place(2, 2, 0, 3);  /* both ends of its flows */
	place(5, 4, 1, 4);  /* IPv6, in many */
	place(9, 14, 0, 5); /* IPv6, in one */
	place(15, 6, 1, 6);
}

static bool is_end(const struct nsc_host *host, uint32_t flow)
{
	struct key k = key_of_number(flow);

	return k.version == host->ip_version &&
	       (!memcmp(k.end[0].ip, host->addr, 16) || !memcmp(k.end[1].ip, host->addr, 16));
}

/* TCP of all kinds and some UDP: segments that come again, late and out of order, holes, windows of 0, resets. */
static void make(struct rng *rng, uint64_t clock_ns, struct event *e)
{
	static const uint8_t flags[] = { NSC_TCP_ACK, NSC_TCP_ACK,
					 NSC_TCP_ACK, NSC_TCP_ACK,
					 NSC_TCP_SYN, NSC_TCP_SYN | NSC_TCP_ACK,
					 NSC_TCP_RST, NSC_TCP_FIN | NSC_TCP_ACK };

	*e = (struct event){ .ts_ns = clock_ns,
			     .clock_ns = clock_ns,
			     .flow = (uint32_t)rng_below(rng, rng_below(rng, 3) ? 24 : FLOWS),
			     .len = 60 + (uint32_t)rng_below(rng, 1400),
			     .seq = (uint32_t)rng_below(rng, 40) * 10,
			     .ack = (uint32_t)rng_below(rng, 40) * 10,
			     .payload = (uint32_t)rng_below(rng, 3) * 10,
			     .window = (uint16_t)(rng_below(rng, 20) ? 100 : 0),
			     .from = (uint8_t)rng_below(rng, 2),
			     .flags = flags[rng_below(rng, NSC_ARRAY_LEN(flags))],
			     .ttl = 64 };
}

/* The table of one host alone says the same, but for what it counted before the question came. */
static uint32_t compare(const struct nsc_host *host, const struct rig *alone, const struct nsc_counters *before,
			const struct nsc_histogram *rtts, uint64_t packets, uint64_t bytes)
{
	static const struct {
		uint16_t value, counter;
	} pair[] = {
#define NSC_X(id, counter) { NSC_HOST_##id, counter },
		NSC_HOST_COUNTERS(NSC_X)
#undef NSC_X
	};
	uint32_t wrong = host->value[NSC_HOST_PACKETS] != packets || host->value[NSC_HOST_BYTES] != bytes;

	for (size_t i = 0; i < NSC_ARRAY_LEN(pair); i++)
		wrong += host->value[pair[i].value] !=
			 alone->counters.value[pair[i].counter] - before->value[pair[i].counter];
	for (unsigned i = 0; i < NSC_HISTOGRAM_BUCKETS; i++)
		wrong += host->rtt.count[i] != alone->t->rtts->count[i] - rtts->count[i];
	return wrong;
}

static void run(uint32_t start, uint64_t seed)
{
	static const unsigned places[HOSTS] = { 0, 1, 2, 5, 9, 15 };
	static struct nsc_histogram rtts[HOSTS];
	static struct nsc_counters before[HOSTS];
	struct rig *all = opened(), *alone[HOSTS];
	uint64_t packets[HOSTS] = { 0 }, bytes[HOSTS] = { 0 }, clock = TEST_EPOCH;
	struct rng rng = { .state = seed };

	place_all();
	for (unsigned i = 0; i < HOSTS; i++)
		alone[i] = opened();
	for (uint32_t n = 0; n < PACKETS; n++) {
		struct event e;

		if (n == start) {
			nsc_flow_table_hosts(all->t, &asked, &all->counters);
			for (unsigned i = 0; i < HOSTS; i++) {
				before[i] = alone[i]->counters;
				rtts[i] = *alone[i]->t->rtts;
			}
		}
		clock += rng_below(&rng, 2000) ? rng_below(&rng, 2 * TEST_SECOND / 1000) : 11 * TEST_SECOND;
		make(&rng, clock, &e);
		rig_burst(all, &e, 1);
		for (unsigned i = 0; i < HOSTS; i++) {
			bool tcp = key_of_number(e.flow).proto == NSC_PROTO_TCP && n >= start;

			if (!is_end(&asked.host[places[i]], e.flow))
				continue;
			rig_burst(alone[i], &e, 1);
			packets[i] += tcp;
			bytes[i] += tcp ? e.len : 0;
		}
		if (!start && n % 16 == 0) /* else flows end at the same packet everywhere */
			rig_sweep(all, clock, true);
	}
	rig_finish(all, clock);
	nsc_flow_table_hosts(all->t, &asked, &all->counters);
	for (unsigned i = 0; i < HOSTS; i++) {
		rig_finish(alone[i], clock);
		ck_assert_uint_gt(packets[i], 50);
		ck_assert_uint_eq(compare(&asked.host[places[i]], alone[i], &before[i], &rtts[i], packets[i], bytes[i]),
				  0);
		rig_close(alone[i]);
	}
	ck_assert_uint_gt(asked.host[0].value[NSC_HOST_RETRANSMISSIONS], 100);
	ck_assert_uint_gt(asked.host[0].value[NSC_HOST_UNANSWERED], 10);
	ck_assert_uint_gt(nsc_histogram_total(&asked.host[0].rtt), 20);
	rig_close(all);
}

START_TEST(equal_a_table_of_their_own)
{
	run(0, 1);
	run(0, 2);
}
END_TEST

START_TEST(count_from_the_question_on)
{
	run(START, 3);
}
END_TEST

START_TEST(another_number_begins_anew)
{
	struct rig *rig = opened();

	place_all();
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	rig_packet(rig, 0, 0, TEST_EPOCH, 100);
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	ck_assert_uint_eq(asked.host[0].value[NSC_HOST_PACKETS], 1);
	rig_packet(rig, 0, 0, TEST_EPOCH, 100);
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	ck_assert_uint_eq(asked.host[0].value[NSC_HOST_PACKETS], 2);
	asked.host[0].number = 77;
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	ck_assert_uint_eq(asked.host[0].value[NSC_HOST_PACKETS], 0);
	ck_assert_uint_eq(asked.host[0].number, 77);
	rig_close(rig);
}
END_TEST

START_TEST(nobody_asks_and_nothing_is_counted)
{
	struct rig *rig = opened();

	rig_packet(rig, 0, 0, TEST_EPOCH, 100);
	ck_assert(!rig->t->hosts_on);
	place_all();
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	ck_assert(rig->t->hosts_on);
	rig_packet(rig, 0, 0, TEST_EPOCH, 100);
	memset(&asked, 0, sizeof(asked));
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	ck_assert(!rig->t->hosts_on);
	rig_packet(rig, 0, 0, TEST_EPOCH, 100);
	nsc_flow_table_hosts(rig->t, &asked, &rig->counters);
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++)
		ck_assert_uint_eq(asked.host[i].value[NSC_HOST_PACKETS], 0);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("hosts", equal_a_table_of_their_own, count_from_the_question_on, another_number_begins_anew,
	   nobody_asks_and_nothing_is_counted)
