/* SPDX-License-Identifier: MIT
 *
 * A worker that loses a packet on purpose: the ledger must notice. The worker is compiled here with the fault, and the
 * linker takes it instead of the library's.
 */
#define NSC_FAULT_LOSE_PACKET 1
#include "engine/worker.c" /* NOLINT(bugprone-suspicious-include): see above */

#include "netscope/engine.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/fake_source.h"

static struct fake_packet traffic(uint64_t i)
{
	return (struct fake_packet){ i, (uint32_t)(i % 7), 100 };
}

START_TEST(a_lost_packet_is_noticed)
{
	for (uint32_t workers = 0; workers < 3; workers++) {
		struct fake_source source;
		struct nsc_engine_options options = {
			.rx = &source.rx,
			.workers = workers ? workers : 1,
			.lanes = workers,
			.lane_packets = 512,
			.decode = { .seed = FAKE_SEED },
			.max_flows = 100,
			.tick_ns = 1000000,
		};
		struct nsc_engine *engine;
		struct nsc_ledger ledger;
		struct nsc_error error;
		struct nsc_view *view;

		fake_open(&source, traffic, 10000, 64, 64);
		ck_assert_int_eq(nsc_engine_open(&engine, &options, &error), 0);
		ck_assert_int_eq(nsc_engine_start(engine, &error), 0);
		while (!nsc_engine_wait(engine, 1000))
			;
		view = malloc(nsc_engine_view_size(engine));
		ck_assert(nsc_engine_view_copy(engine, view));
		nsc_ledger_check(&ledger, &view->totals, true, view->lanes);
		ck_assert(!ledger.balanced);
		ck_assert_uint_lt(view->totals.value[NSC_C_WORKER_PACKETS], 10000);
		free(view);
		nsc_engine_close(engine);
		nsc_rx_close(&source.rx);
	}
}
END_TEST

CHECK_MAIN("fault", a_lost_packet_is_noticed)
