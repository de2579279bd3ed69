/* SPDX-License-Identifier: MIT
 *
 * When a service manager is told what, and whether the run lives.
 */
#include "tools/netscope/run_parts.h"

#include "netscope/clock.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"

#include <inttypes.h>

enum { STATUS_S = 10 };

void nsc_run_notify_open(struct nsc_run *run)
{
	struct nsc_error error;

	if (nsc_notify_open(&run->notify, &error))
		nsc_say(&error);
	nsc_sandbox_speaks(run->notify.fd);
}

void nsc_run_notify_ready(struct nsc_run *run)
{
	nsc_notify_state(&run->notify, "READY=1");
	run->status_ns = 0;
}

void nsc_run_notify_reload(struct nsc_run *run)
{
	nsc_notify_reloading(&run->notify, nsc_monotonic_ns());
}

/* Offline a worker may wait for a writer, and that for a reader: as long as somebody looks here, all is well. */
static bool workers_move(struct nsc_run *run)
{
	uint64_t now[NSC_WORKERS_MAX];
	uint32_t n = nsc_engine_rounds(run->engine, now);
	bool all = true;

	if (!run->sources.rx[0]->live)
		return true;
	for (uint32_t i = 0; i < n; i++)
		all = all && now[i] != run->rounds[i];
	for (uint32_t i = 0; i < n && all; i++)
		run->rounds[i] = now[i];
	return all;
}

static void tell_status(struct nsc_run *run)
{
	struct nsc_counters totals;
	const uint64_t *total = totals.value;
	char failing[256] = "", text[NSC_NOTIFY_TEXT];

	nsc_engine_totals(run->engine, &totals);
	nsc_engine_outputs_failing(run->engine, failing, sizeof(failing));
	snprintf(text, sizeof(text), "%.160s: %" PRIu64 " packets received, %" PRIu64 " dropped by the kernel%s%s",
		 run->sources.interface[0] ? run->sources.interface : run->sources.rx[0]->ops->name,
		 total[NSC_C_RX_RECEIVED],
		 total[NSC_C_RX_KERNEL_DROPS] == NSC_UNKNOWN ? 0 : total[NSC_C_RX_KERNEL_DROPS], failing[0] ? "; " : "",
		 failing);
	nsc_notify_status(&run->notify, text);
}

void nsc_run_notify_look(struct nsc_run *run, uint64_t now_ns)
{
	bool due = nsc_notify_look(&run->notify, now_ns);

	if (run->notify.fd < 0)
		return;
	if (nsc_signals_received() && !run->stopping) {
		run->stopping = true;
		nsc_notify_state(&run->notify, "STOPPING=1");
	}
	if (due && workers_move(run))
		nsc_notify_alive(&run->notify, now_ns);
	if (now_ns - run->status_ns < STATUS_S * NSC_NS_PER_SEC)
		return;
	run->status_ns = now_ns;
	tell_status(run);
}

/* The workers have ended; only who looks on keeps the program. */
void nsc_run_notify_linger(void *context)
{
	struct nsc_run *run = context;
	uint64_t now_ns = nsc_monotonic_ns();

	if (nsc_notify_look(&run->notify, now_ns))
		nsc_notify_alive(&run->notify, now_ns);
}

void nsc_run_notify_stopping(struct nsc_run *run)
{
	if (!run->stopping)
		nsc_notify_state(&run->notify, "STOPPING=1");
	run->stopping = true;
}
