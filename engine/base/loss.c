/* SPDX-License-Identifier: MIT
 *
 * Where packets can be lost, from the wire inwards, and what helps.
 */
#include "netscope/view.h"

const struct nsc_loss_info nsc_loss_table[NSC_LOSS_COUNT] = {
	[NSC_LOSS_NIC] = { "interface", NSC_C_RX_NIC_DROPS, true,
			   "the interface had no room for what came: a longer receive ring (ethtool -G) or more queues "
			   "(ethtool -L) "
			   "gives it more" },
	[NSC_LOSS_STACK] = { "driver or backlog", NSC_C_RX_STACK_DROPS, true,
			     "lost before any socket saw it: see net.core.netdev_max_backlog, and where the interrupts "
			     "go" },
	[NSC_LOSS_KERNEL] = { "kernel ring", NSC_C_RX_KERNEL_DROPS, false,
			      "packets come faster than they are analysed: more --workers, a larger "
			      "capture.buffer_size_mb for bursts, "
			      "or a filter (-f)" },
	[NSC_LOSS_LANE] = { "full lanes", NSC_C_LANE_FULL, false,
			    "a worker is slower than its share: more --workers, or a larger --channel-capacity for "
			    "bursts" },
	[NSC_LOSS_TAP] = { "not shown or written", NSC_C_TAP_FULL, true,
			   "packet lines or capture files cost more than the analysis, which saw these packets: "
			   "--quiet, a faster disk, "
			   "or a filter (-f)" },
	[NSC_LOSS_WRITER] = { "flow records", NSC_C_RECORD_SKIPPED, true,
			      "ended flows came faster than they were written: a larger --record-memory-mb, or a "
			      "faster disk" },
};

void nsc_loss_of(const struct nsc_counters *totals, uint64_t loss[NSC_LOSS_COUNT])
{
	for (unsigned i = 0; i < NSC_LOSS_COUNT; i++)
		loss[i] = totals->value[nsc_loss_table[i].counter];
}
