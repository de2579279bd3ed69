/* SPDX-License-Identifier: MIT
 *
 * The final view of a small run, for the tests of both summaries.
 */
#ifndef TEST_OUT_SUMMARY_VIEW_H
#define TEST_OUT_SUMMARY_VIEW_H

#include "netscope/out.h"

#include "records.h"

/* 2000 packets, one worker, a ledger that balances; to be freed. */
static inline struct nsc_view *test_final_view(void)
{
	struct nsc_view *view = aligned_alloc(alignof(struct nsc_view), sizeof(*view) + sizeof(view->worker[0]));
	uint64_t *value;

	ck_assert_ptr_nonnull(view);
	memset(view, 0, sizeof(*view) + sizeof(view->worker[0]));
	view->final = true;
	view->tsc_hz = 2e9;
	view->n_workers = 1;
	value = view->totals.value;
	value[NSC_C_RX_RECEIVED] = 2000;
	value[NSC_C_RX_BYTES] = 1234567;
	value[NSC_C_RX_FILTERED] = 100;
	value[NSC_C_RX_DELIVERED] = value[NSC_C_WORKER_PACKETS] = 1900;
	value[NSC_C_RX_KERNEL_SEEN] = value[NSC_C_RX_KERNEL_DROPS] = NSC_UNKNOWN;
	value[NSC_C_RX_STACK_DROPS] = value[NSC_C_RX_NIC_DROPS] = NSC_UNKNOWN;
	value[NSC_C_RX_WIRE_PACKETS] = value[NSC_C_RX_WIRE_BYTES] = NSC_UNKNOWN;
	value[NSC_C_FATE + NSC_FATE_FLOW] = value[NSC_C_FLOW_PACKETS] = 1890;
	value[NSC_C_FATE + NSC_FATE_ARP] = 10;
	value[NSC_C_FLOW_CREATED] = 30;
	value[NSC_C_FLOW_TIMEOUT] = 5;
	value[NSC_C_FLOW_REMAINED] = 25;
	value[NSC_C_CYCLES_RX] = 19000;
	value[NSC_C_CYCLES_FLOW] = 39000;
	value[NSC_C_CYCLES_EMPTY] = 58000;
	view->worker[0].counters = view->totals;
	view->worker[0].core = -1;
	view->worker[0].duration[NSC_DURATION_ROUND].count[nsc_histogram_bucket(1000)] = 99;
	view->worker[0].duration[NSC_DURATION_ROUND].count[nsc_histogram_bucket(50000)] = 1;
	view->worker[0].duration[NSC_DURATION_ROUND].max_ns = 50000;
	return view;
}

#endif
