/* SPDX-License-Identifier: MIT
 *
 * A balanced ledger balances; one packet or flow missing anywhere is seen at its border.
 */
#include <string.h>

#include "netscope/counters.h"
#include "tests/unit/engine/check_main.h"

static struct nsc_counters balanced_run(void)
{
	struct nsc_counters c;

	memset(&c, 0, sizeof(c));
	c.value[NSC_C_RX_KERNEL_SEEN] = 120;
	c.value[NSC_C_RX_KERNEL_DROPS] = 7;
	c.value[NSC_C_RX_LEFT] = 3;
	c.value[NSC_C_RX_RECEIVED] = 110;
	c.value[NSC_C_RX_FILTERED] = 10;
	c.value[NSC_C_RX_DELIVERED] = 100;
	c.value[NSC_C_TAPS] = 1;
	c.value[NSC_C_TAP_PACKETS] = 90;
	c.value[NSC_C_TAP_CUT] = 3;
	c.value[NSC_C_TAP_FULL] = 7;
	c.value[NSC_C_LANE_PACKETS] = 95;
	c.value[NSC_C_LANE_FULL] = 5;
	c.value[NSC_C_WORKER_PACKETS] = 95;
	c.value[NSC_C_RECORDERS] = 1;
	c.value[NSC_C_RECORDER_PACKETS] = 80;
	c.value[NSC_C_RECORDER_FILTERED] = 5;
	c.value[NSC_C_RECORDER_CUT] = 10;
	c.value[NSC_C_FATE + NSC_FATE_FLOW] = 90;
	c.value[NSC_C_FATE + NSC_FATE_ARP] = 5;
	c.value[NSC_C_FLOW_PACKETS] = 90;
	c.value[NSC_C_FLOW_CREATED] = 10;
	c.value[NSC_C_FLOW_TIMEOUT] = 1;
	c.value[NSC_C_FLOW_REUSED] = 2;
	c.value[NSC_C_FLOW_EVICTED] = 3;
	c.value[NSC_C_FLOW_REMAINED] = 4;
	c.value[NSC_C_DNS_QUERIES] = 10;
	c.value[NSC_C_DNS_REPEATED] = 1;
	c.value[NSC_C_DNS_ANSWERED] = 5;
	c.value[NSC_C_DNS_UNANSWERED] = 2;
	c.value[NSC_C_DNS_QUERY_FORGOTTEN] = 2;
	return c;
}

START_TEST(balances)
{
	struct nsc_counters c = balanced_run();
	struct nsc_ledger ledger;

	nsc_ledger_check(&ledger, &c, true, true);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(ledger.n, NSC_LEDGER_LINES);
}
END_TEST

START_TEST(sees_one_missing_anywhere)
{
	static const unsigned seen[] = {
		NSC_C_RX_KERNEL_SEEN,
		NSC_C_RX_KERNEL_DROPS,
		NSC_C_RX_LEFT,
		NSC_C_RX_RECEIVED,
		NSC_C_RX_FILTERED,
		NSC_C_RX_DELIVERED,
		NSC_C_LANE_PACKETS,
		NSC_C_LANE_FULL,
		NSC_C_TAP_PACKETS,
		NSC_C_TAP_FULL,
		NSC_C_WORKER_PACKETS,
		NSC_C_FATE + NSC_FATE_FLOW,
		NSC_C_FATE + NSC_FATE_ARP,
		NSC_C_FLOW_PACKETS,
		NSC_C_FLOW_CREATED,
		NSC_C_FLOW_TIMEOUT,
		NSC_C_FLOW_REUSED,
		NSC_C_FLOW_EVICTED,
		NSC_C_FLOW_REMAINED,
		NSC_C_DNS_QUERIES,
		NSC_C_DNS_REPEATED,
		NSC_C_DNS_ANSWERED,
		NSC_C_DNS_UNANSWERED,
		NSC_C_DNS_QUERY_FORGOTTEN,
		NSC_C_TAP_CUT,
		NSC_C_RECORDER_PACKETS,
		NSC_C_RECORDER_FILTERED,
		NSC_C_RECORDER_CUT,
	};
	unsigned blind = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(seen); i++) {
		struct nsc_counters c = balanced_run();
		struct nsc_ledger ledger;

		c.value[seen[i]]--;
		nsc_ledger_check(&ledger, &c, true, true);
		blind += ledger.balanced;
	}
	ck_assert_uint_eq(blind, 0);
}
END_TEST

START_TEST(inline_has_no_lanes)
{
	struct nsc_counters c = balanced_run();
	struct nsc_ledger ledger;

	c.value[NSC_C_LANE_PACKETS] = c.value[NSC_C_LANE_FULL] = 0;
	c.value[NSC_C_TAP_PACKETS] = 85;
	nsc_ledger_check(&ledger, &c, true, false);
	ck_assert(!ledger.balanced);
	c.value[NSC_C_RX_DELIVERED] = 95;
	c.value[NSC_C_RX_RECEIVED] = 105;
	c.value[NSC_C_RX_KERNEL_SEEN] = 115;
	nsc_ledger_check(&ledger, &c, true, false);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(ledger.n, NSC_LEDGER_LINES - 1);
}
END_TEST

START_TEST(nobody_taps)
{
	struct nsc_counters c = balanced_run();
	struct nsc_ledger ledger;

	c.value[NSC_C_TAPS] = c.value[NSC_C_TAP_PACKETS] = c.value[NSC_C_TAP_FULL] = 0;
	nsc_ledger_check(&ledger, &c, true, true);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(ledger.n, NSC_LEDGER_LINES - 1);
}
END_TEST

START_TEST(a_file_has_no_kernel)
{
	struct nsc_counters c = balanced_run();
	struct nsc_ledger ledger;

	c.value[NSC_C_RX_KERNEL_SEEN] = c.value[NSC_C_RX_KERNEL_DROPS] = NSC_UNKNOWN;
	c.value[NSC_C_RX_LEFT] = 0;
	nsc_ledger_check(&ledger, &c, true, true);
	ck_assert(ledger.balanced);
	ck_assert_uint_eq(ledger.n, NSC_LEDGER_LINES - 1);
}
END_TEST

START_TEST(under_way_only_the_fates_must_sum)
{
	struct nsc_counters c = balanced_run();
	struct nsc_ledger ledger;

	c.value[NSC_C_RX_DELIVERED] += 64;
	c.value[NSC_C_FLOW_REMAINED] = c.value[NSC_C_FLOW_PACKETS] = 0;
	nsc_ledger_check(&ledger, &c, false, true);
	ck_assert(ledger.balanced);
	c.value[NSC_C_FATE + NSC_FATE_ICMP]++;
	nsc_ledger_check(&ledger, &c, false, true);
	ck_assert(!ledger.balanced);
}
END_TEST

CHECK_MAIN("ledger", balances, sees_one_missing_anywhere, inline_has_no_lanes, nobody_taps, a_file_has_no_kernel,
	   under_way_only_the_fates_must_sum)
