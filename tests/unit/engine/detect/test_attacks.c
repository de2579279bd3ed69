/* SPDX-License-Identifier: MIT
 *
 * Attacks: which alert belongs to which, the order of ends, places that are used again, and more than are remembered.
 */
#include "engine/detect/attacks.h"

#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/detect/records.h"

static struct nsc_arena *arena;
static struct nsc_attacks *attacks;
static struct nsc_counters counters;

static void set_up(void)
{
	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_attacks_open(&attacks, arena, test_seed, NULL), 0);
}

static struct nsc_alert note(enum nsc_alert_kind kind, uint32_t source, uint64_t over, uint64_t ports)
{
	struct nsc_detect_key key = test_source_key(source);
	struct nsc_alert alert = { .kind = (uint8_t)kind, .ts_ns = over - 10 };

	memset(alert.observed, 0xff, sizeof(alert.observed));
	alert.observed[NSC_ALERT_PORTS] = ports;
	nsc_attacks_note(attacks, &key, &alert, over, &counters);
	return alert;
}

START_TEST(ends_come_in_order_with_the_largest_values)
{
	static const uint64_t order[] = { 2, 3, 1 };
	struct nsc_detect_key key = test_source_key(7);
	struct nsc_alert end;

	set_up();
	ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, 7, 50, 30).state, NSC_ALERT_BEGIN);
	ck_assert_uint_eq(note(NSC_ALERT_SYN_FLOOD, 7, 60, 1).id, 2);
	ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, 3, 60, 1).id, 3);
	nsc_attacks_count(attacks, NSC_ALERT_PORT_SCAN, &key, 12);
	ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, 7, 60, 20).packets, 42);
	ck_assert(!nsc_attacks_take_over(attacks, 60, &end));
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert(nsc_attacks_take_over(attacks, 61, &end));
		ck_assert_uint_eq(end.id, order[i]); /* by kind, then by address */
		ck_assert_uint_eq(end.ts_ns, 60);
		ck_assert_uint_eq(end.state, NSC_ALERT_END);
	}
	ck_assert_uint_eq(end.observed[NSC_ALERT_PORTS], 30);
	ck_assert_uint_eq(end.duration_ns, 10);
	ck_assert(!nsc_attacks_take_over(attacks, UINT64_MAX, &end));
	nsc_attacks_count(attacks, NSC_ALERT_PORT_SCAN, &key, 12); /* it is over: nothing */
	ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, 7, 70, 30).id, 4);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(too_many_have_no_end)
{
	struct nsc_alert end;
	uint32_t ends = 0;

	set_up();
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < NSC_ATTACKS_MAX; i++)
			ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, i, 100 + i % 7, 30).state, NSC_ALERT_BEGIN);
		ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, NSC_ATTACKS_MAX, 90, 30).state, NSC_ALERT_BEGIN);
		ck_assert_uint_eq(note(NSC_ALERT_PORT_SCAN, NSC_ATTACKS_MAX, 90, 30).state, NSC_ALERT_BEGIN);
		ck_assert_uint_eq(counters.value[NSC_C_ATTACKS_FULL], 2 * (round + 1));
		while (nsc_attacks_take_over(attacks, UINT64_MAX, &end))
			ends++;
		ck_assert_uint_eq(ends, NSC_ATTACKS_MAX * (round + 1));
	}
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("attacks", ends_come_in_order_with_the_largest_values, too_many_have_no_end)
