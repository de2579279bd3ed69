/* SPDX-License-Identifier: MIT
 *
 * The ledger: at each border between two places, what went in must have come out. A worker counts a packet and its fate
 * in one step, so that border is exact in every snapshot; the others have packets under way until the run has ended.
 */
#include "netscope/counters.h"

static void ledger_compare(struct nsc_ledger *ledger, const char *what, uint64_t have, uint64_t want)
{
	ledger->line[ledger->n++] = (struct nsc_ledger_line){ .what = what, .have = have, .want = want };
	ledger->balanced &= have == want;
}

static uint64_t ledger_sum_of_fates(const struct nsc_counters *totals)
{
	uint64_t sum = 0;

	for (unsigned fate = 0; fate < NSC_FATE_COUNT; fate++)
		sum += totals->value[NSC_C_FATE + fate];
	return sum;
}

static void ledger_compare_final(struct nsc_ledger *ledger, const uint64_t *value, bool lanes)
{
	if (value[NSC_C_RX_KERNEL_SEEN] != NSC_UNKNOWN)
		ledger_compare(ledger,
			       "kernel: had for us = received + lost in its ring + left after the last one wanted",
			       value[NSC_C_RX_KERNEL_SEEN],
			       value[NSC_C_RX_RECEIVED] + value[NSC_C_RX_KERNEL_DROPS] + value[NSC_C_RX_LEFT]);
	ledger_compare(ledger, "source: received = filtered + delivered", value[NSC_C_RX_RECEIVED],
		       value[NSC_C_RX_FILTERED] + value[NSC_C_RX_DELIVERED]);
	if (value[NSC_C_TAPS])
		ledger_compare(ledger, "tap: delivered = tapped + cut off + not tapped, writer busy",
			       value[NSC_C_RX_DELIVERED],
			       value[NSC_C_TAP_PACKETS] + value[NSC_C_TAP_CUT] + value[NSC_C_TAP_FULL]);
	if (lanes) {
		ledger_compare(ledger, "lanes: delivered = handed over + dropped at a full lane",
			       value[NSC_C_RX_DELIVERED], value[NSC_C_LANE_PACKETS] + value[NSC_C_LANE_FULL]);
		ledger_compare(ledger, "workers: handed over = taken", value[NSC_C_LANE_PACKETS],
			       value[NSC_C_WORKER_PACKETS]);
	} else {
		ledger_compare(ledger, "workers: delivered = taken", value[NSC_C_RX_DELIVERED],
			       value[NSC_C_WORKER_PACKETS]);
	}
	if (value[NSC_C_RECORDERS])
		ledger_compare(ledger, "recorder: taken by workers = recorded + filtered + cut off",
			       value[NSC_C_WORKER_PACKETS],
			       value[NSC_C_RECORDER_PACKETS] + value[NSC_C_RECORDER_FILTERED] +
				       value[NSC_C_RECORDER_CUT]);
	ledger_compare(ledger, "flows: packets of fate flow = packets of all flow records",
		       value[NSC_C_FATE + NSC_FATE_FLOW], value[NSC_C_FLOW_PACKETS]);
	ledger_compare(ledger, "flows: begun = ended + remained", value[NSC_C_FLOW_CREATED],
		       value[NSC_C_FLOW_TIMEOUT] + value[NSC_C_FLOW_REUSED] + value[NSC_C_FLOW_EVICTED] +
			       value[NSC_C_FLOW_REMAINED]);
	if (value[NSC_C_DNS_QUERIES])
		ledger_compare(ledger, "dns: queries = repeated + answered + unanswered + forgotten",
			       value[NSC_C_DNS_QUERIES],
			       value[NSC_C_DNS_REPEATED] + value[NSC_C_DNS_ANSWERED] + value[NSC_C_DNS_UNANSWERED] +
				       value[NSC_C_DNS_QUERY_FORGOTTEN]);
}

void nsc_ledger_check(struct nsc_ledger *ledger, const struct nsc_counters *totals, bool final, bool lanes)
{
	*ledger = (struct nsc_ledger){ .balanced = true };
	if (final)
		ledger_compare_final(ledger, totals->value, lanes);
	ledger_compare(ledger, "workers: taken = sum of all fates", totals->value[NSC_C_WORKER_PACKETS],
		       ledger_sum_of_fates(totals));
}
