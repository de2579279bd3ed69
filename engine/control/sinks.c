/* SPDX-License-Identifier: MIT
 *
 * The sinks' table of functions is called from here only.
 */
#include "engine/control/sinks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void nsc_failure_note(struct nsc_failure *failure, int status, const struct nsc_error *error)
{
	int none = 0;

	if (__atomic_compare_exchange_n(&failure->status, &none, status, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		failure->error = *error;
}

/* --- which can be called ---------------------------------------------------------------------- */

static bool sink_failed(const struct nsc_sinks *sinks, uint32_t i)
{
	return __atomic_load_n(&sinks->failed[i], __ATOMIC_RELAXED);
}

/* Stands where a sink was whose reader has gone: it takes nothing. */
static struct nsc_sink unread = { .ops = &(const struct nsc_sink_ops){ .name = "unread" } };

static struct nsc_sink *sink_at(const struct nsc_sinks *sinks, uint32_t i)
{
	return __atomic_load_n(&sinks->sink[i], __ATOMIC_RELAXED);
}

static bool sink_is_called(const struct nsc_sinks *sinks, uint32_t i)
{
	return !sink_failed(sinks, i) || (sinks->live && sink_at(sinks, i)->ops->check);
}

/* True when the call told that the reader has gone. */
static bool sink_is_unread(struct nsc_sinks *sinks, uint32_t i, int status)
{
	if (status != -EPIPE)
		return false;
	__atomic_store_n(&sinks->sink[i], &unread, __ATOMIC_RELAXED);
	if (sinks->stop)
		__atomic_store_n(sinks->stop, true, __ATOMIC_RELAXED);
	return true;
}

static void sinks_count(struct nsc_sinks *sinks, enum nsc_counter counter, uint64_t n)
{
	__atomic_fetch_add(&sinks->counters.value[counter], n, __ATOMIC_RELAXED);
}

static void sink_changed(struct nsc_sinks *sinks, uint32_t i, bool failed, const struct nsc_error *error)
{
	bool before = __atomic_exchange_n(&sinks->failed[i], failed, __ATOMIC_RELAXED);

	if (!before && !failed)
		return;
	if (before != failed) {
		sinks_count(sinks, NSC_C_OUTPUT_FAILURES, failed);
		sinks_count(sinks, NSC_C_OUTPUT_FAILING, failed ? 1 : UINT64_MAX);
	}
	pthread_mutex_lock(&sinks->mutex);
	if (before != failed || strcmp(sinks->news[i].text, error->text)) {
		sinks->untold[i] = true;
		sinks->news[i] = *error;
	}
	pthread_mutex_unlock(&sinks->mutex);
}

static void sink_note(struct nsc_sinks *sinks, uint32_t i, int status, const struct nsc_error *error)
{
	if (!status || sink_is_unread(sinks, i, status))
		return;
	if (status != -EAGAIN)
		nsc_failure_note(sinks->failure, status, error);
	sink_changed(sinks, i, true, error);
}

/* The sink itself has counted what it lost in this call. */
static void sink_count_lost(struct nsc_sinks *sinks, const struct nsc_sink *sink, enum nsc_counter counter,
			    uint64_t before)
{
	if (sink->lost == before)
		return;
	sinks_count(sinks, counter, sink->lost - before);
	NSC_USDT(loss, nsc_usdt_text(nsc_counter_table[counter].name), sink->lost - before);
}

enum nsc_output_news nsc_sinks_news(struct nsc_sinks *sinks, struct nsc_error *error)
{
	enum nsc_output_news news = NSC_OUTPUT_NO_NEWS;

	pthread_mutex_lock(&sinks->mutex);
	for (uint32_t i = 0; i < sinks->n && !news; i++) {
		if (!sinks->untold[i])
			continue;
		sinks->untold[i] = false;
		*error = sinks->news[i];
		news = sink_failed(sinks, i) ? NSC_OUTPUT_FAILS : NSC_OUTPUT_WORKS;
	}
	pthread_mutex_unlock(&sinks->mutex);
	return news;
}

uint32_t nsc_sinks_failing(struct nsc_sinks *sinks, char *text, size_t size)
{
	uint32_t n = 0;
	size_t used = 0;

	text[0] = '\0';
	pthread_mutex_lock(&sinks->mutex);
	for (uint32_t i = 0; i < sinks->n; i++) {
		if (!sink_failed(sinks, i))
			continue;
		if (used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", n ? "; " : "", sinks->news[i].text);
		n++;
	}
	pthread_mutex_unlock(&sinks->mutex);
	return n;
}

/* --- calls ------------------------------------------------------------------------------------ */

void nsc_sinks_tick(struct nsc_sinks *sinks, const struct nsc_view *view)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		uint64_t before;

		if (!sink->ops->tick || !sink_is_called(sinks, i))
			continue;
		before = sink->lost;
		sink_note(sinks, i, sink->ops->tick(sink, view, &error), &error);
		sink_count_lost(sinks, sink, NSC_C_OUTPUT_LOST_ROWS, before);
	}
}

static bool sink_records(struct nsc_sinks *sinks, uint32_t i, struct nsc_flow_chunk *chunk, bool urgent, bool may_keep)
{
	struct nsc_sink *sink = sink_at(sinks, i);
	struct nsc_error error = { .text = "" };
	uint64_t before = sink->lost;
	bool keep = false;

	if (sink_is_called(sinks, i))
		sink_note(sinks, i, sink->ops->records(sink, chunk, urgent, may_keep ? &keep : NULL, &error), &error);
	else
		sink->lost += chunk->n;
	sink_count_lost(sinks, sink, NSC_C_OUTPUT_LOST_ROWS, before);
	return keep;
}

void nsc_sinks_records(struct nsc_sinks *sinks, struct nsc_records *records, struct nsc_flow_chunk *chunk)
{
	for (uint32_t i = 0; i < sinks->n; i++)
		if (sink_at(sinks, i)->ops->records &&
		    sink_records(sinks, i, chunk, nsc_records_urgent(records), nsc_records_may_keep(records)))
			nsc_records_keep(records, chunk);
	nsc_records_settle(records, chunk);
}

void nsc_sinks_packets(struct nsc_sinks *sinks, const struct nsc_packet_chunk *chunk)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		uint64_t before = sink->lost;

		if (!sink->ops->packets)
			continue;
		if (sink_is_called(sinks, i))
			sink_note(sinks, i, sink->ops->packets(sink, chunk, &error), &error);
		else
			sink->lost += chunk->n;
		sink_count_lost(sinks, sink, NSC_C_OUTPUT_LOST_PACKETS, before);
	}
}

void nsc_sinks_alerts(struct nsc_sinks *sinks, const struct nsc_alert *alert, uint32_t n)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		uint64_t before = sink->lost;

		if (!sink->ops->alerts)
			continue;
		if (sink_is_called(sinks, i))
			sink_note(sinks, i, sink->ops->alerts(sink, alert, n, &error), &error);
		else
			sink->lost += n;
		sink_count_lost(sinks, sink, NSC_C_OUTPUT_LOST_ROWS, before);
	}
}

/* A failure that is seen here has lost nothing yet: it is told, and the run has not failed. */
void nsc_sinks_check(struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n && sinks->live; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		int status = sink->ops->check ? sink->ops->check(sink, &error) : 0;

		if (status && !sink_is_unread(sinks, i, status))
			sink_changed(sinks, i, status < 0, &error);
	}
}

/* One that failed here has its old file, and is called on. */
void nsc_sinks_rotate(struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		int status = 0;

		if (sink->ops->rotate && sink_is_called(sinks, i))
			status = sink->ops->rotate(sink, &error);
		if (status && !sink_is_unread(sinks, i, status))
			nsc_failure_note(sinks->failure, status, &error);
	}
}

static void sink_remaining(struct nsc_sinks *sinks, uint32_t i, uint32_t worker, const struct nsc_flow_record *record,
			   uint32_t n)
{
	struct nsc_sink *sink = sink_at(sinks, i);
	struct nsc_error error = { .text = "" };
	uint64_t before = sink->lost;

	if (!sink->ops->remaining)
		return;
	if (sink_is_called(sinks, i))
		sink_note(sinks, i, sink->ops->remaining(sink, worker, record, n, &error), &error);
	else
		sink->lost += n;
	sink_count_lost(sinks, sink, NSC_C_OUTPUT_LOST_ROWS, before);
}

struct shown { /* the remaining flows, which every sink with `remaining` sees as they are taken */
	struct nsc_sinks *sinks;
	const struct nsc_remaining *remaining;
};

static uint32_t shown_next(const struct nsc_remaining *remaining, uint32_t worker, struct nsc_flow_record *out,
			   uint32_t max)
{
	struct shown *shown = remaining->context;
	uint32_t n = shown->remaining->next(shown->remaining, worker, out, max);

	for (uint32_t i = 0; n && i < shown->sinks->n; i++)
		sink_remaining(shown->sinks, i, worker, out, n);
	return n;
}

/* What nobody has taken yet, for the sinks that only see. */
static void sinks_take_rest(struct nsc_sinks *sinks, const struct nsc_remaining *remaining)
{
	enum { TAKEN = 64 };
	struct nsc_flow_record record[TAKEN];
	bool seen = false;

	for (uint32_t i = 0; i < sinks->n; i++)
		seen |= sink_at(sinks, i)->ops->remaining != NULL;
	for (uint32_t worker = 0; seen && worker < remaining->workers; worker++)
		while (remaining->next(remaining, worker, record, TAKEN))
			;
}

static void sinks_finish_some(struct nsc_sinks *sinks, bool see, const struct nsc_remaining *remaining)
{
	for (uint32_t i = 0; i < sinks->n; i++) {
		struct nsc_sink *sink = sink_at(sinks, i);
		struct nsc_error error = { .text = "" };
		uint64_t before = sink->lost;

		if ((sink->ops->remaining != NULL) != see)
			continue;
		if (sink->ops->finish && sink_is_called(sinks, i))
			sink_note(sinks, i, sink->ops->finish(sink, remaining, &error), &error);
		sink_count_lost(sinks, sink, sink->ops->packets ? NSC_C_OUTPUT_LOST_PACKETS : NSC_C_OUTPUT_LOST_ROWS,
				before);
	}
}

void nsc_sinks_finish(struct nsc_sinks *sinks, const struct nsc_remaining *remaining)
{
	struct shown shown = { sinks, remaining };
	const struct nsc_remaining all = { .workers = remaining ? remaining->workers : 0,
					   .next = shown_next,
					   .context = &shown };

	sinks_finish_some(sinks, false, &all);
	sinks_take_rest(sinks, &all);
	sinks_finish_some(sinks, true, &all);
}

bool nsc_sinks_want_remaining(const struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n; i++)
		if (sinks->sink[i]->ops->wants_remaining || sinks->sink[i]->ops->remaining)
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

struct nsc_packet_frame nsc_sinks_packet_frame(const struct nsc_sinks *sinks)
{
	for (uint32_t i = 0; i < sinks->n; i++)
		if (sinks->sink[i]->frame.head)
			return sinks->sink[i]->frame;
	return (struct nsc_packet_frame){ 0 };
}
