/* SPDX-License-Identifier: MIT
 *
 * The burst against a naive model: the same packets give the same records, whatever the bursts and the sweep do.
 */
#include "tests/unit/engine/flow/model.h"

#include <check.h>

#define EVENTS 6000u

static const struct traffic few = { .n_keys = 16, .timeout_ns = 1000, .step_ns = 120, .lengths = 5, .seed = 1 };
static const struct traffic many = { .n_keys = 2000, .timeout_ns = 100000, .step_ns = 60, .lengths = 1400, .seed = 2 };

static struct nsc_flow_table_options options_of(const struct traffic *t, uint64_t max_flows, uint64_t tick_ns)
{
	return (struct nsc_flow_table_options){ .max_flows = max_flows,
						.timeout_ns = t->timeout_ns,
						.tick_ns = tick_ns,
						.top_flows = 5,
						.seed = test_seed };
}

/* Runs the same packets by the plans; returns how many differed from the model, and says the first. */
static unsigned differing(const struct traffic *t, const struct nsc_flow_table_options *o, const struct plan *plan,
			  unsigned n_plans, char why[200])
{
	struct event *event = traffic_make(t, EVENTS);
	unsigned wrong = 0;
	char one[200];

	why[0] = '\0';
	for (unsigned i = 0; i < n_plans; i++)
		if (trial_run(o, event, EVENTS, t->n_keys, plan[i], one) && !wrong++)
			memcpy(why, one, sizeof(one));
	free(event);
	return wrong;
}

START_TEST(every_burst_size_gives_the_same_records)
{
	struct nsc_flow_table_options o = options_of(&few, 64, 700);
	struct plan plan[NSC_BURST_MAX + 1];
	char why[200];

	for (unsigned i = 0; i < NSC_ARRAY_LEN(plan); i++)
		plan[i] = (struct plan){ .burst = i, .seed = 4, .sweep = SWEEP_SOMETIMES };
	ck_assert_msg(!differing(&few, &o, plan, NSC_ARRAY_LEN(plan), why), "%s", why);
}
END_TEST

START_TEST(no_sweep_shows_in_the_records)
{
	struct nsc_flow_table_options o = options_of(&few, 64, 2500);
	struct plan plan[12];
	char why[200];

	for (unsigned i = 0; i < NSC_ARRAY_LEN(plan); i++)
		plan[i] = (struct plan){ .seed = i, .sweep = (enum sweeping)(i % 3) };
	ck_assert_msg(!differing(&few, &o, plan, NSC_ARRAY_LEN(plan), why), "%s", why);
}
END_TEST

START_TEST(many_keys)
{
	struct nsc_flow_table_options o = options_of(&many, 2000, 10000);
	struct plan plan[6];
	char why[200];

	for (unsigned i = 0; i < NSC_ARRAY_LEN(plan); i++)
		plan[i] = (struct plan){ .seed = i, .sweep = (enum sweeping)(i % 3) };
	ck_assert_msg(!differing(&many, &o, plan, NSC_ARRAY_LEN(plan), why), "%s", why);
}
END_TEST

START_TEST(a_table_that_grows_gives_the_same_records)
{
	struct nsc_flow_table_options o = options_of(&many, 3000, 10000);
	struct plan plan[] = { { .seed = 1 }, { .seed = 2, .sweep = SWEEP_HARD } };
	char why[200];

	o.grow = true;
	ck_assert_msg(!differing(&many, &o, plan, NSC_ARRAY_LEN(plan), why), "%s", why);
}
END_TEST

START_TEST(without_a_timeout_nothing_expires)
{
	struct nsc_flow_table_options o = options_of(&few, 64, 5000);
	struct plan plan[] = { { .seed = 1 }, { .seed = 2, .sweep = SWEEP_HARD } };
	char why[200];

	o.timeout_ns = 0;
	ck_assert_msg(!differing(&few, &o, plan, NSC_ARRAY_LEN(plan), why), "%s", why);
}
END_TEST

START_TEST(a_full_table_evicts_and_counts)
{
	static const uint32_t cap[] = { 1, 2, 7, 8, 12, 500 };
	char why[200];

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cap); i++) {
		const struct traffic *t = cap[i] < 16 ? &few : &many;
		struct nsc_flow_table_options o = options_of(t, cap[i], 10 * t->step_ns);
		struct plan plan[] = { { .burst = 1, .follow = true, .sweep = SWEEP_SOMETIMES, .seed = i } };

		ck_assert_msg(!differing(t, &o, plan, 1, why), "cap %u: %s", cap[i], why);
	}
}
END_TEST

/* Evictions inside a burst: what they took is not modelled, but every packet is in one record. */
START_TEST(a_full_table_loses_no_packet_of_a_burst)
{
	struct event *event = traffic_make(&many, EVENTS);
	struct rig *rig = rig_open(options_of(&many, 100, TEST_SECOND));
	uint64_t packets = 0, ended = 0, too_many = 0;

	for (uint32_t i = 0; i + NSC_BURST_MAX <= EVENTS; i += NSC_BURST_MAX) {
		rig_burst(rig, &event[i], NSC_BURST_MAX);
		too_many += rig_held(rig) > 100;
	}
	ck_assert_ptr_null(table_check(rig->t));
	rig_finish(rig, event[EVENTS - 1].clock_ns);
	for (size_t i = 0; i < rig->records.n; i++)
		packets += rig->records.at[i].packets[0] + rig->records.at[i].packets[1];
	for (unsigned id = NSC_C_FLOW_TIMEOUT; id <= NSC_C_FLOW_REMAINED; id++)
		ended += rig_count(rig, id);
	ck_assert_uint_eq(too_many, 0);
	ck_assert_uint_eq(packets, EVENTS / NSC_BURST_MAX * NSC_BURST_MAX);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), packets);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), ended);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), rig->records.n);
	ck_assert_uint_gt(rig_count(rig, NSC_C_FLOW_EVICTED), 1000);
	rig_close(rig);
	free(event);
}
END_TEST

/* One flow, silent for `gap`: how many records are there at the end? */
static uint64_t records_after_gap(uint64_t gap)
{
	struct rig *rig = rig_open(rig_options(4));
	uint64_t n;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 1, TEST_EPOCH + gap, 60);
	n = rig_count(rig, NSC_C_FLOW_CREATED);
	rig_close(rig);
	return n;
}

START_TEST(expires_after_the_timeout_and_not_at_it)
{
	uint64_t timeout = rig_options(1).timeout_ns;

	ck_assert_uint_eq(records_after_gap(timeout - 1), 1);
	ck_assert_uint_eq(records_after_gap(timeout), 1);
	ck_assert_uint_eq(records_after_gap(timeout + 1), 2);
}
END_TEST

START_TEST(a_timeout_ends_when_it_ended_not_when_it_was_seen)
{
	struct rig *rig = rig_open(rig_options(4));

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 0, TEST_EPOCH + 100 * TEST_SECOND, 61);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 1);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_TIMEOUT);
	ck_assert_uint_eq(rig->records.at[0].ended_ns, TEST_EPOCH + 10 * TEST_SECOND);
	ck_assert_uint_eq(rig->records.at[0].last_seen_ns, TEST_EPOCH);
	ck_assert_uint_eq(rig->records.at[0].bytes[0], 60);
	rig_close(rig);
}
END_TEST

START_TEST(times_are_the_smallest_and_the_largest)
{
	static const int64_t at[] = { 500, 400, 450, 700, 300, 690, 710, 0, 705 };
	struct rig *rig = rig_open(rig_options(4));
	struct event e = { .flow = 1, .len = 60, .clock_ns = TEST_EPOCH };
	struct nsc_flow_record seen;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(at); i++) {
		e.ts_ns = TEST_EPOCH + (uint64_t)at[i];
		e.clock_ns = NSC_MAX(e.clock_ns, e.ts_ns);
		rig_burst(rig, &e, 1);
	}
	flow_record_fill(rig->t, 0, &seen);
	ck_assert_uint_eq(seen.first_seen_ns, TEST_EPOCH);
	ck_assert_uint_eq(seen.last_seen_ns, TEST_EPOCH + 710);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), 1);
	rig_close(rig);
}
END_TEST

/* A record whose first packet is older than the clock: its last packet is not the clock. */
START_TEST(a_record_that_begins_in_the_past)
{
	struct rig *rig = rig_open(rig_options(4));
	struct event e = { .flow = 1, .len = 60, .ts_ns = TEST_EPOCH - 5, .clock_ns = TEST_EPOCH };
	struct nsc_flow_record seen;

	rig_burst(rig, &e, 1);
	flow_record_fill(rig->t, 0, &seen);
	ck_assert_uint_eq(seen.first_seen_ns, TEST_EPOCH - 5);
	ck_assert_uint_eq(seen.last_seen_ns, TEST_EPOCH - 5);
	rig_close(rig);
}
END_TEST

/* One hash for all: nothing but the whole key tells them apart. */
START_TEST(keys_that_collide_are_different_flows)
{
	struct rig *rig = rig_open(rig_options(100));
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 3 * 72; i++) {
		struct event e = { .flow = i % 72,
				   .from = (uint8_t)(i / 72 & 1),
				   .len = 60,
				   .ts_ns = TEST_EPOCH,
				   .clock_ns = TEST_EPOCH };

		packet_of_event(&rig->pkt[0], rig->frame[0], &e, &test_seed);
		rig->pkt[0].hash = 0xabcd0003;
		nsc_flow_table_burst(rig->t, rig->pkt, 1, &rig->counters, &rig->output);
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), 72);
	for (uint32_t id = 0; id < 72; id++)
		wrong += rig->t->hot[id].packets[0] + rig->t->hot[id].packets[1] != 3;
	ck_assert_uint_eq(wrong, 0);
	rig_close(rig);
}
END_TEST

START_TEST(packets_of_another_fate_are_passed_over)
{
	struct rig *rig = rig_open(rig_options(4));

	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		rig->pkt[i] =
			(struct nsc_packet){ .fate = (uint8_t)(1 + i % (NSC_FATE_COUNT - 1)), .clock_ns = TEST_EPOCH };
	nsc_flow_table_burst(rig->t, rig->pkt, NSC_BURST_MAX, &rig->counters, &rig->output);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), 0);
	ck_assert_uint_eq(rig_held(rig), 0);
	rig_close(rig);
}
END_TEST

/* Bits for UDP from the side that opened the flow, at the packet's place in the burst; a new record has a new opener.
 */
START_TEST(tells_which_udp_packets_come_from_the_opener)
{
	const struct event events[] = {
		{ .flow = 1, .from = 1 },
		{ .flow = 1, .from = 0 },
		{ .flow = 0, .from = 0, .flags = NSC_TCP_ACK },
		{ .flow = 1, .from = 1 },
		{ .flow = 1, .from = 0, .clock_ns = 11 * TEST_SECOND },
		{ .flow = 1, .from = 1, .clock_ns = 11 * TEST_SECOND },
	};
	struct nsc_flow_table_options options = rig_options(4);
	struct rig *rig;
	uint64_t openers;

	options.openers = true;
	rig = rig_open(options);
	for (uint32_t i = 0; i < NSC_ARRAY_LEN(events); i++) {
		struct event e = events[i];

		e.clock_ns += TEST_EPOCH;
		e.ts_ns = e.clock_ns;
		packet_of_event(&rig->pkt[i], rig->frame[i], &e, &test_seed);
	}
	openers = nsc_flow_table_burst(rig->t, rig->pkt, NSC_ARRAY_LEN(events), &rig->counters, &rig->output);
	ck_assert_uint_eq(openers, 0x19);
	rig_close(rig);
	rig = rig_open(rig_options(4)); /* nobody asks */
	packet_of_event(&rig->pkt[0], rig->frame[0], &events[0], &test_seed);
	ck_assert_uint_eq(nsc_flow_table_burst(rig->t, rig->pkt, 1, &rig->counters, &rig->output), 0);
	rig_close(rig);
}
END_TEST

/* A seed for which the hash of `flow` has the upper half 0. */
static struct nsc_hash_seed seed_for_tag_0(uint32_t flow)
{
	struct key k = key_of_number(flow);
	struct nsc_hash_seed seed = test_seed;

	while (key_hash(&seed, &k) >> 16)
		seed.word[0]++;
	return seed;
}

/* Each kind of key once: opened, found, expired by the sweep, and its place in the index free again. */
START_TEST(a_hash_whose_tag_would_be_0)
{
	unsigned wrong = 0;

	for (uint32_t flow = 0; flow < 8; flow++) {
		struct nsc_flow_table_options o = rig_options(64);
		struct rig *rig;

		o.seed = seed_for_tag_0(flow);
		rig = rig_open(o);
		rig_packet(rig, flow, 0, TEST_EPOCH, 60);
		rig_packet(rig, flow, 1, TEST_EPOCH, 60);
		wrong += rig_count(rig, NSC_C_FLOW_CREATED) != 1 || table_check(rig->t) != NULL;
		rig_sweep(rig, TEST_EPOCH + 20 * TEST_SECOND, true);
		wrong += rig_held(rig) != 0 || table_check(rig->t) != NULL;
		rig_packet(rig, flow, 0, TEST_EPOCH + 20 * TEST_SECOND, 60);
		wrong += rig_held(rig) != 1 || table_check(rig->t) != NULL;
		rig_close(rig);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(the_packet_count_carries_beyond_32_bits)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record seen;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig->t->hot[0].packets[0] = UINT32_MAX;
	rig->t->hot[0].packets[1] = UINT32_MAX;
	rig->t->hot[0].packets_high[1] = 6;
	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig_packet(rig, 0, 1, TEST_EPOCH, 60);
	rig_packet(rig, 0, 1, TEST_EPOCH, 60);
	flow_record_fill(rig->t, 0, &seen);
	ck_assert_uint_eq(seen.packets[0], 1ull << 32);
	ck_assert_uint_eq(seen.packets[1], (7ull << 32) + 1);
	rig_finish(rig, TEST_EPOCH);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), (8ull << 32) + 1);
	rig_close(rig);
}
END_TEST

/* Exactly 2^32 packets: the record is not a new one, though the low halves are 0. */
START_TEST(a_carry_does_not_make_the_record_look_new)
{
	struct rig *rig = rig_open(rig_options(4));
	struct event e = { .ts_ns = TEST_EPOCH + 10, .clock_ns = TEST_EPOCH + 10, .len = 60, .flags = NSC_TCP_ACK };
	struct nsc_flow_record seen;

	rig_packet(rig, 0, 0, TEST_EPOCH, 60);
	rig->t->hot[0].packets[0] = UINT32_MAX;
	rig_burst(rig, &e, 1);
	e.ts_ns = TEST_EPOCH + 5;
	e.clock_ns = TEST_EPOCH + 20;
	rig_burst(rig, &e, 1);
	flow_record_fill(rig->t, 0, &seen);
	ck_assert_uint_eq(seen.last_seen_ns, TEST_EPOCH + 10);
	rig->t->hot[0].packets[0] = UINT32_MAX;
	rig_burst(rig, &e, 1);
	e.flags = NSC_TCP_SYN;
	rig_burst(rig, &e, 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_REUSED), 1);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow table");
	TCase *tcase = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, every_burst_size_gives_the_same_records);
	tcase_add_test(tcase, no_sweep_shows_in_the_records);
	tcase_add_test(tcase, many_keys);
	tcase_add_test(tcase, a_table_that_grows_gives_the_same_records);
	tcase_add_test(tcase, without_a_timeout_nothing_expires);
	tcase_add_test(tcase, a_full_table_evicts_and_counts);
	tcase_add_test(tcase, a_full_table_loses_no_packet_of_a_burst);
	tcase_add_test(tcase, expires_after_the_timeout_and_not_at_it);
	tcase_add_test(tcase, a_timeout_ends_when_it_ended_not_when_it_was_seen);
	tcase_add_test(tcase, times_are_the_smallest_and_the_largest);
	tcase_add_test(tcase, a_record_that_begins_in_the_past);
	tcase_add_test(tcase, keys_that_collide_are_different_flows);
	tcase_add_test(tcase, packets_of_another_fate_are_passed_over);
	tcase_add_test(tcase, tells_which_udp_packets_come_from_the_opener);
	tcase_add_test(tcase, a_hash_whose_tag_would_be_0);
	tcase_add_test(tcase, the_packet_count_carries_beyond_32_bits);
	tcase_add_test(tcase, a_carry_does_not_make_the_record_look_new);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
