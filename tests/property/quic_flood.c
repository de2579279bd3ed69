/* SPDX-License-Identifier: MIT
 *
 * A million QUIC Initials a second of packet time, each of a new flow, under the rules of live capture: a tick opens as
 * many as it has time for, each other one is counted, no packet is lost, and the ledger balances.
 */
#include <stdio.h>
#include <stdlib.h>

#include "netscope/counters.h"
#include "netscope/engine.h"

#define TICK_NS 25000000ull
#define PACKETS 150000ull
#define OPENED_A_TICK (TICK_NS / 20000 + 1) /* engine/budget.c */

static int fail(const char *what)
{
	printf("not ok - QUIC flood: %s\n", what);
	return EXIT_FAILURE;
}

int main(void)
{
	struct nsc_engine_options options = { .workers = 1,
					      .decode = { .seed = { { 1, 2, 3, 4 } } },
					      .max_flows = 200000,
					      .tick_ns = TICK_NS,
					      .names = NSC_NAMES_FULL,
					      .name_memory = 64u << 20,
					      .record_memory = 16u << 20 };
	struct nsc_synth_options synth;
	struct nsc_engine *engine;
	struct nsc_ledger ledger;
	struct nsc_error error;
	struct nsc_view *view;
	uint64_t ticks, looks, skipped, packets;

	nsc_synth_defaults(&synth);
	synth.packets = PACKETS;
	synth.rate_pps = 1500000; /* a third of them is the servers' */
	synth.flows = 20000;
	synth.flow_packets = 2;
	synth.tcp_share = synth.dns_share = 0;
	synth.quic_share = 1;
	if (nsc_rx_synth_open(&options.rx, &synth, &error))
		return fail(error.text);
	options.rx->live = true; /* it never idles and is not stopped, so nothing else of a live source is asked for */
	if (nsc_engine_open(&engine, &options, &error) || nsc_engine_start(engine, &error))
		return fail(error.text);
	while (!nsc_engine_wait(engine, 100))
		;
	view = malloc(nsc_engine_view_size(engine));
	if (!view || !nsc_engine_view_copy(engine, view) || nsc_engine_status(engine, &error))
		return fail("no result");
	nsc_ledger_check(&ledger, &view->totals, true, view->lanes);
	ticks = PACKETS * 1000000000ull / 1500000 / TICK_NS + 2;
	looks = view->totals.value[NSC_C_NAME_LOOKS];
	skipped = view->totals.value[NSC_C_NAME_SKIPPED];
	packets = view->totals.value[NSC_C_WORKER_PACKETS];
	printf("# %llu packets, %llu looks, %llu named, %llu skipped\n", (unsigned long long)packets,
	       (unsigned long long)looks, (unsigned long long)view->totals.value[NSC_C_NAME_FOUND],
	       (unsigned long long)skipped);
	nsc_engine_close(engine);
	nsc_rx_close(options.rx);
	free(view);
	if (!ledger.balanced || packets != PACKETS)
		return fail("the ledger does not balance");
	if (looks > ticks * OPENED_A_TICK || looks < (ticks - 3) * OPENED_A_TICK / 2)
		return fail("another number of Initials than there is time for was opened");
	if (skipped < PACKETS / 4)
		return fail("those that were not opened are not counted");
	puts("ok - QUIC flood: a tick opens what it has time for, and the ledger balances");
	return EXIT_SUCCESS;
}
