/* SPDX-License-Identifier: MIT
 *
 * The sinks' table of functions is called from here only.
 */
#include "engine/control/sinks.h"

void nsc_failure_note(struct nsc_failure *failure, int status, const struct nsc_error *error)
{
	int none = 0;

	if (__atomic_compare_exchange_n(&failure->status, &none, status, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		failure->error = *error;
}

static bool sinks_work(const struct nsc_sinks *sinks, uint32_t i)
{
	return !__atomic_load_n(&sinks->failed[i], __ATOMIC_RELAXED);
}

static void sinks_note(struct nsc_sinks *sinks, uint32_t i, int status, const struct nsc_error *error)
{
	if (!status)
		return;
	__atomic_store_n(&sinks->failed[i], true, __ATOMIC_RELAXED);
	nsc_failure_note(sinks->failure, status, error);
}

void nsc_sinks_tick(struct nsc_sinks *sinks, const struct nsc_view *view)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_error error = { .text = "" };

		if (sinks->sink[i]->ops->tick && sinks_work(sinks, i))
			sinks_note(sinks, i, sinks->sink[i]->ops->tick(sinks->sink[i], view, &error), &error);
	}
}

void nsc_sinks_records(struct nsc_sinks *sinks, struct nsc_records *records, struct nsc_flow_chunk *chunk)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sinks->sink[i];
		bool urgent = nsc_records_urgent(records), keep = false;
		struct nsc_error error = { .text = "" };

		if (!sink->ops->records || !sinks_work(sinks, i))
			continue;
		sinks_note(
			sinks, i,
			sink->ops->records(sink, chunk, urgent, nsc_records_may_keep(records) ? &keep : NULL, &error),
			&error);
		if (keep)
			nsc_records_keep(records, chunk);
	}
	nsc_records_settle(records, chunk);
}

void nsc_sinks_packets(struct nsc_sinks *sinks, const struct nsc_packet_chunk *chunk)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_error error = { .text = "" };

		if (sinks->sink[i]->ops->packets && sinks_work(sinks, i))
			sinks_note(sinks, i, sinks->sink[i]->ops->packets(sinks->sink[i], chunk, &error), &error);
	}
}

void nsc_sinks_alerts(struct nsc_sinks *sinks, const struct nsc_alert *alert, uint32_t n)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_error error = { .text = "" };

		if (sinks->sink[i]->ops->alerts && sinks_work(sinks, i))
			sinks_note(sinks, i, sinks->sink[i]->ops->alerts(sinks->sink[i], alert, n, &error), &error);
	}
}

/* One that failed here has its old file, and is called on. */
void nsc_sinks_rotate(struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_error error = { .text = "" };
		int status;

		if (!sinks->sink[i]->ops->rotate || !sinks_work(sinks, i))
			continue;
		status = sinks->sink[i]->ops->rotate(sinks->sink[i], &error);
		if (status)
			nsc_failure_note(sinks->failure, status, &error);
	}
}

void nsc_sinks_finish(struct nsc_sinks *sinks, const struct nsc_remaining *remaining)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_error error = { .text = "" };

		if (sinks->sink[i]->ops->finish && sinks_work(sinks, i))
			sinks_note(sinks, i, sinks->sink[i]->ops->finish(sinks->sink[i], remaining, &error), &error);
	}
}

bool nsc_sinks_want_remaining(const struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n; i++)
		if (sinks->sink[i]->ops->wants_remaining)
			return true;
	return false;
}

/* A line may depend on bytes that another sink's number leaves out: then all are copied. */
uint32_t nsc_sinks_packet_bytes(const struct nsc_sinks *sinks)
{
	uint32_t bytes = 0;
	bool line = false;

	for (uint32_t i = 0; i < sinks->n; i++) {
		const struct nsc_sink_ops *ops = sinks->sink[i]->ops;

		line |= ops->packets && ops->packet_bytes == NSC_PACKET_LINE;
		if (ops->packets && ops->packet_bytes != NSC_PACKET_LINE)
			bytes = NSC_MAX(bytes, ops->packet_bytes);
	}
	if (!line)
		return bytes;
	return bytes ? NSC_PACKET_BYTES_MAX : NSC_PACKET_LINE;
}
