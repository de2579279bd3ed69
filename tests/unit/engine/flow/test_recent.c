/* SPDX-License-Identifier: MIT
 *
 * Bytes of the last minute equal those of the packets since then, at any moment, for flows that live and those that
 * have ended; also over silence, over ticks longer than a span, and when a question meets a new span on its way.
 */
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

enum { FLOWS = 60, PACKETS = 40000, SPAN_SECS = 30 };

static struct nsc_flow_question question;

static struct sent {
	uint64_t clock_ns;
	uint32_t flow, len;
} sent[PACKETS];
static uint32_t n_sent;

static struct rig *opened(uint64_t tick_ns)
{
	struct nsc_flow_table_options options = rig_options(4 * FLOWS);

	options.recent = true;
	options.tick_ns = tick_ns;
	options.ended_kept = 8192;
	n_sent = 0;
	return rig_open(options);
}

static void send_one(struct rig *rig, uint64_t clock_ns, uint32_t flow, uint32_t len)
{
	sent[n_sent++] = (struct sent){ clock_ns, flow, len };
	rig_packet(rig, flow * 8, flow % 2, clock_ns, len);
}

static void begin(struct rig *rig)
{
	memset(&question, 0, sizeof(question));
	question.query.group_by = NSC_BY_HOST;
	question.query.recent = true;
	nsc_groups_clear(&question.groups, 1, NULL);
	nsc_flow_table_question_begin(rig->t, &question, n_sent ? sent[n_sent - 1].clock_ns : 0);
}

/* Each host 10.0.0.x is one flow's, 192.168.0.1 is in all. */
static uint32_t check(uint64_t start_ns)
{
	uint64_t bytes = 0, each[FLOWS] = { 0 };
	uint32_t wrong = question.recent_start_ns != start_ns;

	for (uint32_t i = 0; i < n_sent; i++) {
		if (sent[i].clock_ns < start_ns)
			continue;
		bytes += sent[i].len;
		each[sent[i].flow] += sent[i].len;
	}
	wrong += question.groups.total.bytes != bytes;
	for (uint32_t i = 0; i < question.groups.n; i++) {
		const struct nsc_group *group = &question.groups.group[i];
		uint32_t address = (uint32_t)(group->key.word[1] >> 32);

		wrong += group->bytes != (address >> 24 == 10 ? each[address & 0xffff] : bytes);
		wrong += group->bytes != group->sent_bytes + group->received_bytes;
		if (address >> 24 == 10)
			each[address & 0xffff] = 0;
	}
	for (uint32_t i = 0; i < FLOWS; i++)
		wrong += each[i] != 0;
	return wrong;
}

/* As the page says it: from a multiple of 30 s, so that it is 30 to 60 s, or from the first packet. */
static uint64_t start_of(uint64_t tick_ns, uint64_t first_ns, uint64_t tick_start_ns)
{
	uint64_t span = tick_start_ns / (SPAN_SECS * TEST_SECOND) * SPAN_SECS * TEST_SECOND, before;

	span += (tick_ns - span % tick_ns) % tick_ns; /* the first tick there */
	before = (span / (SPAN_SECS * TEST_SECOND) - 1) * SPAN_SECS * TEST_SECOND;
	before += (tick_ns - before % tick_ns) % tick_ns;
	return NSC_MAX(before, first_ns);
}

static void run(uint64_t tick_ns, uint64_t pause_ns)
{
	struct rig *rig = opened(tick_ns);
	struct rng rng = { .state = tick_ns };
	struct nsc_top_flow top;
	uint64_t clock = TEST_EPOCH + 3 * TEST_SECOND, tick = clock / tick_ns * tick_ns;
	uint32_t wrong = 0;

	for (uint32_t i = 0; n_sent < PACKETS; i++) {
		for (clock += rng_below(&rng, pause_ns); clock - tick >= tick_ns; tick += tick_ns)
			nsc_flow_table_tick(rig->t, tick + tick_ns, &rig->counters, &top);
		/* the first ones all the time, others now and then: these end, and begin anew */
		send_one(rig, clock, (uint32_t)rng_below(&rng, rng_below(&rng, 200) ? 4 : FLOWS),
			 60 + (uint32_t)(i % 1000));
		if (i % 97)
			continue;
		rig_sweep(rig, clock, true);
		begin(rig);
		while (!nsc_flow_table_question_step(rig->t, &question, 7))
			;
		wrong += check(start_of(tick_ns, sent[0].clock_ns, tick)) != 0;
	}
	ck_assert_uint_gt(rig->t->n_ended, 50);
	ck_assert_uint_eq(wrong, 0);
	rig_close(rig);
}

START_TEST(equal_the_packets_since_then)
{
	run(TEST_SECOND, 20 * TEST_SECOND / 1000);
	run(TEST_SECOND / 10, 50 * TEST_SECOND / 1000);
}
END_TEST

START_TEST(ticks_that_do_not_fit)
{
	run(7 * TEST_SECOND, 30 * TEST_SECOND / 1000);
	run(15 * TEST_SECOND, 30 * TEST_SECOND / 1000);
}
END_TEST

START_TEST(nothing_of_before_a_silence)
{
	struct rig *rig = opened(TEST_SECOND);
	struct nsc_top_flow top;

	send_one(rig, TEST_EPOCH, 1, 1000);
	nsc_flow_table_tick(rig->t, TEST_EPOCH + 600 * TEST_SECOND, &rig->counters, &top);
	begin(rig);
	while (!nsc_flow_table_question_step(rig->t, &question, 7))
		;
	ck_assert_uint_eq(question.matched, 0);
	send_one(rig, TEST_EPOCH + 600 * TEST_SECOND, 1, 77);
	begin(rig);
	while (!nsc_flow_table_question_step(rig->t, &question, 7))
		;
	ck_assert_uint_eq(check(TEST_EPOCH + 600 * TEST_SECOND), 0);
	ck_assert_uint_eq(question.groups.total.bytes, 77);
	rig_close(rig);
}
END_TEST

/* The walk has seen half of the flows when the next span begins: all are of the new one in the end. */
START_TEST(a_span_begins_on_the_way)
{
	struct rig *rig = opened(TEST_SECOND);
	struct nsc_top_flow top;

	for (uint32_t span = 0; span < 3; span++) {
		nsc_flow_table_tick(rig->t, TEST_EPOCH + span * SPAN_SECS * TEST_SECOND, &rig->counters, &top);
		for (uint32_t i = 0; i < FLOWS; i++)
			send_one(rig, TEST_EPOCH + span * SPAN_SECS * TEST_SECOND + i, i, 100 + span);
	}
	begin(rig);
	ck_assert(!nsc_flow_table_question_step(rig->t, &question, FLOWS / 2));
	nsc_flow_table_tick(rig->t, TEST_EPOCH + 3 * SPAN_SECS * TEST_SECOND, &rig->counters, &top);
	send_one(rig, TEST_EPOCH + 3 * SPAN_SECS * TEST_SECOND, 0, 100);
	while (!nsc_flow_table_question_step(rig->t, &question, FLOWS / 2))
		;
	ck_assert_uint_eq(check(TEST_EPOCH + 2 * SPAN_SECS * TEST_SECOND), 0);
	ck_assert_uint_gt(question.visited, question.held);
	ck_assert_uint_ge(question.clock_ns, TEST_EPOCH + 3 * SPAN_SECS * TEST_SECOND);
	rig_close(rig);
}
END_TEST

START_TEST(before_the_first_flow)
{
	struct rig *rig = opened(TEST_SECOND);
	struct nsc_top_flow top;

	nsc_flow_table_tick(rig->t, TEST_EPOCH, &rig->counters, &top);
	begin(rig);
	ck_assert(nsc_flow_table_question_step(rig->t, &question, 1));
	ck_assert_uint_eq(question.recent_start_ns, UINT64_MAX);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("recent", equal_the_packets_since_then, ticks_that_do_not_fit, nothing_of_before_a_silence,
	   a_span_begins_on_the_way, before_the_first_flow)
