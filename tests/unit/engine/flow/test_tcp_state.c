/* SPDX-License-Identifier: MIT
 *
 * TCP state, client and reuse: conversations told packet by packet, with what must be known after each.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

#define S NSC_TCP_SYN
#define A NSC_TCP_ACK
#define F NSC_TCP_FIN
#define R NSC_TCP_RST

struct step {
	unsigned from; /* 0 = endpoint a (flow 0: 10.0.0.0) */
	uint8_t flags;
	uint32_t seq, ack;
	uint8_t state, client;
	uint32_t records; /* begun so far */
};

#define STATE(name) NSC_TCP_STATE_##name

static const struct conversation {
	const char *name;
	struct step step[10]; /* ends with records 0 */
} conversation[] = {
	{ "a handshake and an orderly end",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, S | A, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 0, A, 101, 901, STATE(ESTABLISHED), 1, 1 },
	    { 1, A, 901, 101, STATE(ESTABLISHED), 1, 1 },
	    { 0, F | A, 101, 901, STATE(FIN_WAIT), 1, 1 },
	    { 1, A, 901, 102, STATE(FIN_WAIT), 1, 1 },
	    { 1, F | A, 901, 102, STATE(CLOSED), 1, 1 },
	    { 0, A, 102, 902, STATE(CLOSED), 1, 1 } } },
	{ "b is the client",
	  { { 1, S, 100, 0, STATE(SYN_SENT), 2, 1 }, { 0, S | A, 900, 101, STATE(SYN_ACK), 2, 1 } } },
	{ "the receiver of a SYN+ACK is the client when none is known",
	  { { 1, S | A, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 0, S, 100, 0, STATE(SYN_ACK), 1, 1 }, /* its SYN, captured too late: the same connection */
	    { 0, A, 101, 901, STATE(ESTABLISHED), 1, 1 } } },
	{ "from the middle", { { 0, 0, 5, 5, STATE(UNKNOWN), 0, 1 }, { 0, A, 5, 5, STATE(ESTABLISHED), 0, 1 } } },
	{ "a SYN after traffic from the middle is another connection",
	  { { 0, A, 5, 5, STATE(ESTABLISHED), 0, 1 }, { 0, S, 100, 0, STATE(SYN_SENT), 1, 2 } } },
	{ "a SYN+ACK in the middle names the client, and never leads back",
	  { { 0, A, 5, 5, STATE(ESTABLISHED), 0, 1 }, { 1, S | A, 900, 101, STATE(ESTABLISHED), 1, 1 } } },
	{ "a repeated SYN and SYN+ACK lead nowhere",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, S | A, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 0, S, 100, 0, STATE(SYN_ACK), 1, 1 },
	    { 0, A, 101, 901, STATE(ESTABLISHED), 1, 1 },
	    { 0, S, 100, 0, STATE(ESTABLISHED), 1, 1 },
	    { 1, S | A, 900, 101, STATE(ESTABLISHED), 1, 1 } } },
	{ "another initial sequence number is another connection",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, S, 200, 0, STATE(SYN_SENT), 1, 2 },
	    { 1, S | A, 900, 201, STATE(SYN_ACK), 1, 2 },
	    { 0, A, 201, 901, STATE(ESTABLISHED), 1, 2 },
	    { 0, S, 300, 0, STATE(SYN_SENT), 1, 3 } } },
	{ "a SYN on a closed connection, even with the same number",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, F | A, 101, 0, STATE(FIN_WAIT), 1, 1 },
	    { 1, F | A, 900, 0, STATE(CLOSED), 1, 1 },
	    { 0, S, 100, 0, STATE(SYN_SENT), 1, 2 } } },
	{ "a SYN on a reset connection, even with the same number",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, R | A, 0, 101, STATE(RESET), 1, 1 },
	    { 0, S, 100, 0, STATE(SYN_SENT), 1, 2 },
	    { 1, R | A, 0, 101, STATE(RESET), 1, 2 } } },
	{ "a new connection forgets who was the client",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, R, 0, 0, STATE(RESET), 1, 1 },
	    { 1, S, 900, 0, STATE(SYN_SENT), 2, 2 } } },
	{ "both at once: a simultaneous open is one connection",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, S, 900, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, S | A, 100, 901, STATE(SYN_ACK), 1, 1 },
	    { 1, S | A, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 0, A, 101, 901, STATE(ESTABLISHED), 1, 1 } } },
	{ "a SYN from the server of an open connection is another connection",
	  { { 0, S, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, S | A, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 1, S, 950, 0, STATE(SYN_SENT), 2, 2 } } },
	{ "two FINs of one side close nothing",
	  { { 0, A, 5, 5, STATE(ESTABLISHED), 0, 1 },
	    { 0, F | A, 5, 5, STATE(FIN_WAIT), 0, 1 },
	    { 0, F | A, 5, 5, STATE(FIN_WAIT), 0, 1 },
	    { 0, A, 6, 5, STATE(FIN_WAIT), 0, 1 },
	    { 1, F, 5, 6, STATE(CLOSED), 0, 1 },
	    { 1, F, 5, 6, STATE(CLOSED), 0, 1 } } },
	{ "reset stays reset but for a SYN",
	  { { 0, A, 5, 5, STATE(ESTABLISHED), 0, 1 },
	    { 1, R, 5, 5, STATE(RESET), 0, 1 },
	    { 0, A, 5, 5, STATE(RESET), 0, 1 },
	    { 0, F | A, 5, 5, STATE(RESET), 0, 1 },
	    { 1, S | A, 5, 5, STATE(RESET), 0, 1 },
	    { 1, F | A, 5, 5, STATE(RESET), 0, 1 },
	    { 0, R, 5, 5, STATE(RESET), 0, 1 } } },
	{ "RST comes before all other flags, SYN before FIN",
	  { { 0, S | F, 100, 0, STATE(SYN_SENT), 1, 1 },
	    { 1, S | A | F, 900, 101, STATE(SYN_ACK), 1, 1 },
	    { 1, F | A, 901, 101, STATE(FIN_WAIT), 1, 1 },
	    { 0, S | R, 300, 0, STATE(RESET), 1, 1 } } },
	{ "a closed connection can be reset",
	  { { 0, F, 5, 5, STATE(FIN_WAIT), 0, 1 },
	    { 1, F, 5, 5, STATE(CLOSED), 0, 1 },
	    { 0, R, 5, 5, STATE(RESET), 0, 1 } } },
	{ "the client's number may be 0",
	  { { 0, S, 0, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, S, 0, 0, STATE(SYN_SENT), 1, 1 },
	    { 0, S, 1, 0, STATE(SYN_SENT), 1, 2 } } },
	{ "an acknowledgment of 0 stands for the number before it",
	  { { 1, S | A, 900, 0, STATE(SYN_ACK), 1, 1 }, { 0, S, UINT32_MAX, 0, STATE(SYN_ACK), 1, 1 } } },
	{ "other flags change nothing",
	  { { 0, NSC_TCP_PSH | NSC_TCP_URG | 0xc0, 5, 5, STATE(UNKNOWN), 0, 1 },
	    { 0, S | 0xc0, 100, 0, STATE(SYN_SENT), 1, 2 },
	    { 1, S | A | 0x40, 900, 101, STATE(SYN_ACK), 1, 2 } } },
};

/* Number of the first step that went wrong, from 1; 0 = none. */
static unsigned wrong_step(const struct conversation *c)
{
	struct rig *rig = rig_open(rig_options(4));
	struct nsc_flow_record r;
	unsigned i = 0;

	for (; i < NSC_ARRAY_LEN(c->step) && c->step[i].records; i++) {
		const struct step *s = &c->step[i];
		struct event e = { .ts_ns = TEST_EPOCH + i,
				   .clock_ns = TEST_EPOCH + i,
				   .len = 60,
				   .from = (uint8_t)s->from,
				   .flags = s->flags,
				   .seq = s->seq,
				   .ack = s->ack };

		rig_burst(rig, &e, 1);
		flow_record_fill(rig->t, 0, &r);
		if (r.tcp_state != s->state || r.client != s->client ||
		    rig_count(rig, NSC_C_FLOW_CREATED) != s->records || rig_held(rig) != 1)
			break;
	}
	rig_close(rig);
	return i < NSC_ARRAY_LEN(c->step) && c->step[i].records ? i + 1 : 0;
}

START_TEST(conversations)
{
	const struct conversation *c = &conversation[_i];
	unsigned wrong = wrong_step(c);

	ck_assert_msg(!wrong, "%s: step %u", c->name, wrong);
}
END_TEST

START_TEST(a_reused_record_says_so)
{
	struct rig *rig = rig_open(rig_options(4));
	struct event e = { .ts_ns = TEST_EPOCH, .clock_ns = TEST_EPOCH, .len = 60, .flags = S, .seq = 1 };

	rig_burst(rig, &e, 1);
	e.ts_ns = TEST_EPOCH + 3; /* the packet is older than the clock: the end is the clock's */
	e.clock_ns = TEST_EPOCH + 5;
	e.seq = 2;
	e.len = 70;
	rig_burst(rig, &e, 1);
	rig_finish(rig, TEST_EPOCH + 9);
	ck_assert_uint_eq(rig->records.n, 2);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_REUSED);
	ck_assert_uint_eq(rig->records.at[0].ended_ns, TEST_EPOCH + 5);
	ck_assert_uint_eq(rig->records.at[0].bytes[0], 60);
	ck_assert_uint_eq(rig->records.at[1].bytes[0], 70);
	ck_assert_uint_eq(rig->records.at[1].first_seen_ns, TEST_EPOCH + 3);
	rig_close(rig);
}
END_TEST

/* Silence decides before the SYN does. */
START_TEST(a_syn_after_the_timeout_is_a_timeout)
{
	struct rig *rig = rig_open(rig_options(4));
	struct event e = { .ts_ns = TEST_EPOCH, .clock_ns = TEST_EPOCH, .len = 60, .flags = S, .seq = 1 };

	rig_burst(rig, &e, 1);
	e.ts_ns = e.clock_ns = TEST_EPOCH + 10 * TEST_SECOND + 1;
	e.seq = 2;
	rig_burst(rig, &e, 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_TIMEOUT), 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_REUSED), 0);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow tcp_state");
	TCase *tcase = tcase_create("tcp_state");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, conversations, 0, (int)NSC_ARRAY_LEN(conversation));
	tcase_add_test(tcase, a_reused_record_says_so);
	tcase_add_test(tcase, a_syn_after_the_timeout_is_a_timeout);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
