/* SPDX-License-Identifier: MIT
 *
 * A full table: who gives way, and that it never holds more than it may.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

/* Number of the flow (of kind 0) that a record is about. */
static uint32_t flow_of(const struct nsc_flow_record *r)
{
	return ((uint32_t)r->addr_a[1] << 16 | (uint32_t)r->addr_a[2] << 8 | r->addr_a[3]) * 8;
}

START_TEST(the_least_recently_seen_gives_way)
{
	struct rig *rig = rig_open(rig_options(8));
	uint64_t now = TEST_EPOCH;

	for (uint32_t i = 0; i < 8; i++)
		rig_packet(rig, 8 * i, 0, now++, 60);
	for (uint32_t i = 0; i < 8; i++) /* all again, but number 5 */
		if (i != 5)
			rig_packet(rig, 8 * i, 1, now++, 60);
	rig_packet(rig, 8 * 100, 0, now, 60);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 1);
	ck_assert_uint_eq(flow_of(&rig->records.at[0]), 8 * 5);
	ck_assert_uint_eq(rig->records.at[0].end_reason, NSC_END_EVICTED);
	ck_assert_uint_eq(rig->records.at[0].ended_ns, now);
	ck_assert_uint_eq(rig->records.at[0].last_seen_ns, TEST_EPOCH + 5);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 1);
	ck_assert_uint_eq(rig_held(rig), 8);
	rig_close(rig);
}
END_TEST

/* The victim that was chosen ahead gets a packet before it is needed: another one goes. */
START_TEST(a_victim_that_lives_again_is_spared)
{
	struct rig *rig = rig_open(rig_options(8));
	uint64_t now = TEST_EPOCH;
	uint32_t victim;

	for (uint32_t i = 0; i < 9; i++)
		rig_packet(rig, 8 * i, 0, now++, 60); /* the ninth chooses the next victim */
	ck_assert_uint_ne(rig->t->victim, FLOW_NONE);
	victim = rig->t->hot[rig->t->victim].a4 - 0x0a000000u;
	rig_packet(rig, 8 * victim, 0, now++, 60);
	rig_packet(rig, 8 * 100, 0, now++, 60);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, 2);
	ck_assert_uint_ne(flow_of(&rig->records.at[1]), 8 * victim);
	rig_close(rig);
}
END_TEST

/* The victim that was chosen ahead expires in the sweep: nobody has to go for the next flow. */
START_TEST(a_victim_that_has_ended_is_forgotten)
{
	struct rig *rig = rig_open(rig_options(8));
	uint64_t later = TEST_EPOCH + 20 * TEST_SECOND;

	for (uint32_t i = 0; i < 9; i++)
		rig_packet(rig, 8 * i, 0, TEST_EPOCH + i, 60);
	rig_sweep(rig, later, true);
	ck_assert_uint_eq(rig_held(rig), 0);
	for (uint32_t i = 0; i < 8; i++)
		rig_packet(rig, 8 * (20 + i), 0, later, 60);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 1);
	rig_packet(rig, 8 * 40, 0, later, 60);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 2);
	ck_assert_uint_eq(rig_held(rig), 8);
	ck_assert_ptr_null(table_check(rig->t));
	rig_close(rig);
}
END_TEST

START_TEST(a_table_of_one)
{
	struct rig *rig = rig_open(rig_options(1));
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 500; i++) {
		rig_packet(rig, i % 7, i & 1, TEST_EPOCH + i, 60);
		wrong += rig_held(rig) != 1 || table_check(rig->t) != NULL;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 499);
	rig_close(rig);
}
END_TEST

/* Half of 1000 flows are silent, the other half is seen all the time: new flows push out the old, not the busy. */
START_TEST(busy_flows_stay)
{
	struct rig *rig = rig_open(rig_options(1000));
	uint64_t now = TEST_EPOCH;
	uint32_t busy = 0, fresh = 100000;

	for (uint32_t i = 0; i < 1000; i++)
		rig_packet(rig, 8 * i, 0, now++, 60);
	for (uint32_t round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < 500; i++)
			rig_packet(rig, 8 * (2 * i), 0, now++, 60);
		for (uint32_t i = 0; i < 20; i++)
			rig_packet(rig, fresh += 8, 0, now++, 60);
	}
	rig_collect(rig);
	for (size_t i = 0; i < rig->records.n; i++)
		busy += flow_of(&rig->records.at[i]) < 8000 && flow_of(&rig->records.at[i]) / 8 % 2 == 0;
	ck_assert_uint_eq(rig->records.n, 400);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_EVICTED), 400);
	ck_assert_uint_eq(busy, 0);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow evict");
	TCase *tcase = tcase_create("evict");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, the_least_recently_seen_gives_way);
	tcase_add_test(tcase, a_victim_that_lives_again_is_spared);
	tcase_add_test(tcase, a_victim_that_has_ended_is_forgotten);
	tcase_add_test(tcase, a_table_of_one);
	tcase_add_test(tcase, busy_flows_stay);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
