/* SPDX-License-Identifier: MIT
 *
 * What the engine calls: every tick goes into the history, every alert is kept, whether anybody looks or not.
 */
#include "dashboard/server/server.h"

static int on_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct nsc_web *web = (struct nsc_web *)sink;

	pthread_mutex_lock(&web->mutex);
	nsc_history_add(&web->history, view, nsc_web_drops(web, view->tick_drops));
	nsc_losses_note(web->loss_since, view);
	web->published = view->seq;
	pthread_mutex_unlock(&web->mutex);
	if (nsc_monotonic_ns() < __atomic_load_n(&web->due_ns, __ATOMIC_RELAXED))
		return 0;
	__atomic_store_n(&web->due_ns, UINT64_MAX, __ATOMIC_RELAXED); /* once: the loop says when it is due again */
	nsc_server_wake(web);
	return 0;
}

static int on_alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct nsc_web *web = (struct nsc_web *)sink;

	pthread_mutex_lock(&web->mutex);
	nsc_alerts_add(&web->alerts, alert, n);
	pthread_mutex_unlock(&web->mutex);
	return 0;
}

static const struct nsc_sink_ops ops = {
	.name = "web",
	.tick = on_tick,
	.alerts = on_alerts,
};

void nsc_web_init_sink(struct nsc_web *web)
{
	web->sink.ops = &ops;
}
