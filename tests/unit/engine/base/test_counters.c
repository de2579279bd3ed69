/* SPDX-License-Identifier: MIT
 *
 * The table of counters is whole and names are unique; sums keep the unknown apart from 0.
 */
#include "netscope/view.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

START_TEST(every_row_is_filled)
{
	unsigned missing = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		const struct nsc_counter_info *info = &nsc_counter_table[i];

		missing += !info->name || !info->unit || !info->place || !info->help || !*info->name || !*info->help;
	}
	ck_assert_uint_eq(missing, 0);
}
END_TEST

START_TEST(names_are_unique)
{
	unsigned same = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			same += !strcmp(nsc_counter_table[i].name, nsc_counter_table[j].name);
	ck_assert_uint_eq(same, 0);
}
END_TEST

START_TEST(fates_follow_in_their_order)
{
	ck_assert_str_eq(nsc_counter_table[NSC_C_FATE + NSC_FATE_ARP].name, "fate_arp");
	ck_assert_str_eq(nsc_counter_table[NSC_C_FATE + NSC_FATE_UNSUPPORTED_LINK].name, "fate_unsupported_link");
	ck_assert_str_eq(nsc_counter_table[NSC_C_FATE].place, "decode");
	for (unsigned fate = 0; fate < NSC_FATE_COUNT; fate++)
		ck_assert_int_eq(nsc_counter_table[NSC_C_FATE + fate].class, NSC_CLASS_FATE);
}
END_TEST

START_TEST(classes_say_what_a_counter_is)
{
	ck_assert_int_eq(nsc_counter_table[NSC_C_FLOW_CREATED].class, NSC_CLASS_TRAFFIC);
	ck_assert_int_eq(nsc_counter_table[NSC_C_RX_KERNEL_DROPS].class, NSC_CLASS_LOSS);
	ck_assert_int_eq(nsc_counter_table[NSC_C_FLOW_EVICTED].class, NSC_CLASS_LIMIT);
	ck_assert_int_eq(nsc_counter_table[NSC_C_LANE_WAITS].class, NSC_CLASS_WAIT);
	ck_assert_int_eq(nsc_counter_table[NSC_C_FLOW_ACTIVE].class, NSC_CLASS_GAUGE);
	ck_assert_str_eq(nsc_counter_class_name(NSC_CLASS_LIMIT), "limit");
	for (unsigned i = 0; i < NSC_C_COUNT; i++) /* cycles are counted in cycles, and nothing else is */
		ck_assert_msg((nsc_counter_table[i].class == NSC_CLASS_CYCLES ||
			       nsc_counter_table[i].class == NSC_CLASS_WAITED) ==
				      !strcmp(nsc_counter_table[i].unit, "cycles"),
			      "%s", nsc_counter_table[i].name);
}
END_TEST

/* Whatever can be lost or forgotten has advice; nothing else has. */
START_TEST(losses_and_limits_have_advice)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		enum nsc_counter_class class = nsc_counter_table[i].class;
		bool wanted = class == NSC_CLASS_LOSS || class == NSC_CLASS_LIMIT;

		ck_assert_msg(wanted == (nsc_loss_table[i].name && nsc_loss_table[i].advice),
			      "%s: a row in engine/base/loss.c for each loss and limit", nsc_counter_table[i].name);
	}
}
END_TEST

START_TEST(stages_are_cycles_that_are_not_idle)
{
	ck_assert_str_eq(nsc_counter_stage(NSC_C_CYCLES_FLOW), "flow");
	ck_assert_str_eq(nsc_counter_stage(NSC_C_CYCLES_MERGE), "merge");
	ck_assert_ptr_null(nsc_counter_stage(NSC_C_CYCLES_IDLE));
	ck_assert_ptr_null(nsc_counter_stage(NSC_C_CYCLES_EMPTY));
	ck_assert_ptr_null(nsc_counter_stage(NSC_C_FLOW_CREATED));
	ck_assert_ptr_null(nsc_counter_stage(NSC_C_FATE));
	ck_assert_ptr_null(nsc_counter_stage(NSC_C_WAITED_LANE));
}
END_TEST

/* For each thing that is waited for: how often, and for how long. But for a spool: another process makes room there. */
START_TEST(waits_have_a_number_and_a_time)
{
	unsigned waits = 0, waited = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		waits += nsc_counter_table[i].class == NSC_CLASS_WAIT && !strcmp(nsc_counter_table[i].unit, "waits");
		waited += nsc_counter_waited(i) != NULL;
	}
	ck_assert_uint_eq(waits, waited + (nsc_counter_table[NSC_C_SPOOL_WAITS].class == NSC_CLASS_WAIT));
	ck_assert_str_eq(nsc_counter_waited(NSC_C_WAITED_LANE), "lane");
	ck_assert_ptr_null(nsc_counter_waited(NSC_C_LANE_WAITS));
	ck_assert_ptr_null(nsc_counter_waited(NSC_C_CYCLES_STEER));
}
END_TEST

START_TEST(counts_and_adds)
{
	static struct nsc_counters sum, part;

	nsc_count(&part, NSC_C_WORKER_PACKETS, 3);
	nsc_count(&part, NSC_C_WORKER_PACKETS, 4);
	nsc_counters_add(&sum, &part);
	nsc_counters_add(&sum, &part);
	ck_assert_uint_eq(sum.value[NSC_C_WORKER_PACKETS], 14);
	ck_assert_uint_eq(sum.value[NSC_C_WORKER_BYTES], 0);
}
END_TEST

START_TEST(unknown_only_when_nobody_knows)
{
	static struct nsc_counters sum, part;

	sum.value[0] = NSC_UNKNOWN;
	part.value[0] = NSC_UNKNOWN;
	sum.value[1] = NSC_UNKNOWN;
	part.value[1] = 5;
	sum.value[2] = 6;
	part.value[2] = NSC_UNKNOWN;
	nsc_counters_add(&sum, &part);
	ck_assert_uint_eq(sum.value[0], NSC_UNKNOWN);
	ck_assert_uint_eq(sum.value[1], 5);
	ck_assert_uint_eq(sum.value[2], 6);
}
END_TEST

CHECK_MAIN("counters", every_row_is_filled, names_are_unique, fates_follow_in_their_order,
	   classes_say_what_a_counter_is, losses_and_limits_have_advice, stages_are_cycles_that_are_not_idle,
	   waits_have_a_number_and_a_time, counts_and_adds, unknown_only_when_nobody_knows)
