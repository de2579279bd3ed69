/* SPDX-License-Identifier: MIT
 *
 * Merging. Counters and histograms of a worker are its totals: copied, and added up afresh for each view. Top lists
 * are merged from lists that are sorted already; a flow lives at one worker, so no two lists name the same flow.
 */
#include "engine/control/publisher.h"

#include <string.h>

#include "engine/base/assert.h"
#include "engine/base/period.h"
#include "engine/base/timeline.h"

enum { RATE_LEAST = 10 }; /* of a tick, the part over which rates are at least */

static const struct { /* the counters of a source, and how everybody calls them */
	uint16_t at, counter;
} source_counters[] = {
	{ offsetof(struct nsc_rx_counters, received), NSC_C_RX_RECEIVED },
	{ offsetof(struct nsc_rx_counters, received_bytes), NSC_C_RX_BYTES },
	{ offsetof(struct nsc_rx_counters, filtered), NSC_C_RX_FILTERED },
	{ offsetof(struct nsc_rx_counters, delivered), NSC_C_RX_DELIVERED },
	{ offsetof(struct nsc_rx_counters, ts_backwards), NSC_C_RX_BACKWARDS },
	{ offsetof(struct nsc_rx_counters, clock_outliers), NSC_C_CLOCK_OUTLIERS },
	{ offsetof(struct nsc_rx_counters, clock_steps), NSC_C_CLOCK_STEPS },
	{ offsetof(struct nsc_rx_counters, snapped), NSC_C_RX_SNAPPED },
	{ offsetof(struct nsc_rx_counters, file_bytes), NSC_C_RX_FILE_BYTES },
	{ offsetof(struct nsc_rx_counters, skipped_blocks), NSC_C_RX_SKIPPED_BLOCKS },
	{ offsetof(struct nsc_rx_counters, names_full), NSC_C_RX_NAMES_FULL },
	{ offsetof(struct nsc_rx_counters, feed_breaks), NSC_C_RX_FEED_BREAKS },
	{ offsetof(struct nsc_rx_counters, feed_dropped), NSC_C_RX_FEED_DROPPED },
	{ offsetof(struct nsc_rx_counters, wire_packets), NSC_C_RX_WIRE_PACKETS },
	{ offsetof(struct nsc_rx_counters, wire_bytes), NSC_C_RX_WIRE_BYTES },
	{ offsetof(struct nsc_rx_counters, kernel_seen), NSC_C_RX_KERNEL_SEEN },
	{ offsetof(struct nsc_rx_counters, kernel_drops), NSC_C_RX_KERNEL_DROPS },
	{ offsetof(struct nsc_rx_counters, left), NSC_C_RX_LEFT },
	{ offsetof(struct nsc_rx_counters, stack_drops), NSC_C_RX_STACK_DROPS },
	{ offsetof(struct nsc_rx_counters, nic_drops), NSC_C_RX_NIC_DROPS },
};

static void publisher_set_source(const struct nsc_rx *source, struct nsc_counters *counters)
{
	struct nsc_rx_counters rx;

	source->ops->counters(source, &rx);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(source_counters); i++)
		memcpy(&counters->value[source_counters[i].counter], (const uint8_t *)&rx + source_counters[i].at,
		       sizeof(uint64_t));
}

void nsc_source_totals(struct nsc_rx *const *source, uint32_t n, struct nsc_counters *totals)
{
	struct nsc_counters sum, part;

	memset(&sum, 0, sizeof(sum));
	memset(&part, 0, sizeof(part));
	publisher_set_source(source[0], &sum);
	for (uint32_t i = 1; i < n; i++) {
		publisher_set_source(source[i], &part);
		nsc_counters_add(&sum, &part);
	}
	for (unsigned i = 0; i < NSC_ARRAY_LEN(source_counters); i++)
		totals->value[source_counters[i].counter] = sum.value[source_counters[i].counter];
}

/* --- which tick is next ----------------------------------------------------------------------- */

static bool publisher_receive_heads(struct nsc_publisher *p)
{
	bool all = true;

	for (uint32_t i = 0; i < p->workers; i++) {
		if (!p->head[i])
			p->head[i] = nsc_channel_receive(p->snapshots[i]);
		all &= p->head[i] != NULL;
	}
	return all;
}

/* The earliest tick among the snapshots that are not final. The final ones come together at the end, as the latest of
 * their ticks: live, a quiet ring may have ended in an earlier one than others have shown already. */
static bool publisher_next_tick(const struct nsc_publisher *p, uint64_t *tick)
{
	bool final = true;

	*tick = UINT64_MAX;
	for (uint32_t i = 0; i < p->workers; i++) {
		if (p->head[i]->final)
			continue;
		final = false;
		*tick = NSC_MIN(*tick, p->head[i]->tick);
	}
	if (final)
		*tick = 0;
	for (uint32_t i = 0; final && i < p->workers; i++)
		*tick = NSC_MAX(*tick, p->head[i]->tick);
	return final;
}

static bool publisher_takes_part(const struct nsc_snapshot *snapshot, uint64_t tick, bool final)
{
	return final || (!snapshot->final && snapshot->tick == tick);
}

/* --- merging ---------------------------------------------------------------------------------- */

static void publisher_merge_top(struct nsc_publisher *p, struct nsc_view *view, uint64_t tick, bool final)
{
	uint32_t at[NSC_WORKERS_MAX] = { 0 };

	for (view->n_top = 0; view->n_top < p->top_flows; view->n_top++) {
		const struct nsc_top_flow *best = NULL;
		uint32_t from = 0;

		for (uint32_t i = 0; i < p->workers; i++) {
			const struct nsc_snapshot *head = p->head[i];

			if (!publisher_takes_part(head, tick, final) || at[i] == head->n_top)
				continue;
			if (!best || nsc_top_flow_compare(&head->top[at[i]], best) < 0) {
				best = &head->top[at[i]];
				from = i;
			}
		}
		if (!best)
			return;
		view->top[view->n_top] = *best;
		at[from]++;
	}
}

/* Before the totals, which tell what found no room. */
static void publisher_merge_names(struct nsc_publisher *p, struct nsc_view *view, uint64_t tick, bool final)
{
	view->n_top_names = 0;
	if (!p->top_names)
		return;
	nsc_name_sums_clear(p->names);
	for (uint32_t i = 0; i < p->workers; i++) {
		const struct nsc_snapshot *head = p->head[i];

		if (publisher_takes_part(head, tick, final))
			nsc_count(&p->counters, NSC_C_TOP_NAMES_FULL,
				  nsc_name_sums_unpack(p->names, (const uint8_t *)head + head->names_at,
						       head->names_bytes));
	}
	view->n_top_names = nsc_name_sums_top(p->names, view->top_name, p->top_names);
}

/* A worker without a snapshot of this tick stands with its last totals. */
static void publisher_merge_worker(struct nsc_publisher *p, struct nsc_view *view, uint32_t i, bool part)
{
	struct nsc_view_worker *worker = &view->worker[i];

	if (part) {
		worker->counters = p->head[i]->counters;
		memcpy(worker->duration, p->head[i]->duration, sizeof(worker->duration));
		worker->microburst = p->head[i]->microburst;
		if (p->rtts)
			worker->rtt = p->head[i]->rtt;
	} else if (p->last) {
		*worker = p->last->worker[i];
		memset(&worker->microburst, 0, sizeof(worker->microburst));
	} else {
		memset(worker, 0, sizeof(*worker));
	}
	if (p->recorder)
		nsc_recorder_span(p->recorder, i, &worker->recorder);
	worker->core = p->core[i];
	if (p->n_sources > 1)
		publisher_set_source(p->source[i], &worker->counters);
}

static void publisher_merge_rtts(struct nsc_publisher *p, struct nsc_view *view)
{
	view->rtts = p->rtts;
	if (!p->rtts)
		return;
	memset(&view->rtt, 0, sizeof(view->rtt));
	for (uint32_t i = 0; i < p->workers; i++)
		nsc_histogram_add(&view->rtt, &view->worker[i].rtt);
}

static void publisher_merge_totals(struct nsc_publisher *p, struct nsc_view *view)
{
	memset(&view->totals, 0, sizeof(view->totals));
	for (uint32_t i = 0; i < p->workers; i++)
		nsc_counters_add(&view->totals, &view->worker[i].counters);
	if (p->capture)
		nsc_counters_add(&view->totals, p->capture);
	if (p->detectors)
		nsc_counters_add(&view->totals, &p->detectors->counters);
	if (p->dns)
		nsc_counters_add(&view->totals, &p->dns->counters);
	if (p->merge)
		nsc_counters_add(&view->totals, p->merge);
	if (p->profile)
		nsc_counters_add(&view->totals, p->profile);
	if (p->control)
		nsc_counters_add(&view->totals, p->control);
	nsc_counters_add(&view->totals, &p->sinks->counters);
	nsc_counters_add(&view->totals, &p->counters);
	nsc_source_totals(p->source, p->n_sources, &view->totals);
}

/* Lost inside us or in the kernel's ring. What interface and driver lose is shown apart: nobody knows whether we would
 * have been asked about it. Unknown when the source cannot tell. */
static uint64_t publisher_drops(const struct nsc_counters *totals)
{
	uint64_t kernel = totals->value[NSC_C_RX_KERNEL_DROPS];

	return kernel == NSC_UNKNOWN ? NSC_UNKNOWN : totals->value[NSC_C_LANE_FULL] + kernel;
}

static void publisher_merge_losses(struct nsc_publisher *p, struct nsc_view *view)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		uint64_t now = view->totals.value[i];

		if (nsc_counter_table[i].class != NSC_CLASS_LOSS)
			continue;
		view->tick_loss[i] = now == NSC_UNKNOWN ? NSC_UNKNOWN : now - p->loss[i];
		p->loss[i] = now == NSC_UNKNOWN ? p->loss[i] : now;
		if (i <= NSC_C_RX_KERNEL_DROPS && view->tick_loss[i] &&
		    now != NSC_UNKNOWN) /* others are told where they happen */
			NSC_USDT(loss, nsc_usdt_text(nsc_counter_table[i].name), view->tick_loss[i]);
	}
}

static void publisher_merge_tick(struct nsc_publisher *p, struct nsc_view *view)
{
	const uint64_t *total = view->totals.value;
	uint64_t drops = publisher_drops(&view->totals);

	view->tick_packets = total[NSC_C_WORKER_PACKETS] - p->packets;
	view->tick_bytes = total[NSC_C_WORKER_BYTES] - p->bytes;
	view->tick_drops = drops == NSC_UNKNOWN ? NSC_UNKNOWN : drops - p->drops;
	p->packets = total[NSC_C_WORKER_PACKETS];
	p->bytes = total[NSC_C_WORKER_BYTES];
	p->drops = drops == NSC_UNKNOWN ? 0 : drops;
	publisher_merge_losses(p, view);
}

/* Offline all snapshots of a tick agree about its empty ticks and, at the end, about the clock. */
static void publisher_merge_times(struct nsc_publisher *p, struct nsc_view *view, uint64_t tick, bool final)
{
	struct nsc_period period;
	uint64_t clock_ns = 0;

	view->empty_ticks = 0;
	for (uint32_t i = 0; i < p->workers; i++) {
		if (!publisher_takes_part(p->head[i], tick, final))
			continue;
		view->empty_ticks = NSC_MAX(view->empty_ticks, p->head[i]->empty_ticks);
		if (p->head[i]->clock_ns >= clock_ns) {
			clock_ns = p->head[i]->clock_ns;
			view->offset_ns = p->head[i]->offset_ns;
		}
	}
	nsc_assert(!p->seq || tick >= p->first_tick + p->last->tick, "views come in the order of their ticks");
	if (!p->seq)
		p->first_tick = tick;
	view->seq = ++p->seq;
	view->tick = tick - p->first_tick;
	period = (struct nsc_period){ .start_ns = tick * p->tick_ns, .length_ns = p->tick_ns };
	if (final)
		period.length_ns = clock_ns - period.start_ns + 1;
	view->start_ns = period.start_ns;
	view->end_ns = nsc_period_end(&period);
	view->rate_ns = NSC_MAX(view->end_ns - view->start_ns, p->tick_ns / RATE_LEAST);
}

/* Before the totals, which tell what the detectors have done for it. */
static void publisher_merge_microburst(struct nsc_publisher *p, struct nsc_view *view, uint64_t tick)
{
	view->microbursts = p->detectors && p->detectors->microbursts;
	if (view->microbursts)
		view->microburst = nsc_detectors_microburst(p->detectors, tick, &p->detectors_ended);
}

/* The events of a tick come before its snapshot. */
static void publisher_merge_dns(struct nsc_publisher *p, struct nsc_view *view)
{
	const uint64_t *total = view->totals.value;

	if (!p->dns)
		return;
	nsc_dns_totals_view(p->dns, &view->dns, view->final);
	view->dns.heard = total[NSC_C_DNS_ANSWERED] || total[NSC_C_DNS_ANSWERED_AGAIN] ||
			  total[NSC_C_DNS_OTHER_QUESTION] || total[NSC_C_DNS_UNASKED];
}

static struct nsc_view *publisher_merge(struct nsc_publisher *p, uint64_t tick, bool final)
{
	struct nsc_view *view = nsc_views_begin(p->views);

	publisher_merge_times(p, view, tick, final);
	publisher_merge_microburst(p, view, tick);
	if (p->dns)
		nsc_dns_totals_catch_up(p->dns);
	view->final = final;
	view->lanes = p->capture;
	view->recorder = p->recorder;
	view->tsc_hz = p->tsc_hz;
	view->n_workers = p->workers;
	for (uint32_t i = 0; i < p->workers; i++)
		publisher_merge_worker(p, view, i, publisher_takes_part(p->head[i], tick, final));
	publisher_merge_names(p, view, tick, final);
	publisher_merge_rtts(p, view);
	publisher_merge_totals(p, view);
	publisher_merge_tick(p, view);
	publisher_merge_dns(p, view);
	publisher_merge_top(p, view, tick, final);
	return view;
}

static void publisher_give_back_heads(struct nsc_publisher *p, uint64_t tick, bool final)
{
	for (uint32_t i = 0; i < p->workers; i++) {
		if (!publisher_takes_part(p->head[i], tick, final))
			continue;
		nsc_channel_give_back(p->snapshots[i], p->head[i]);
		p->head[i] = NULL;
	}
}

/* One piece of the detectors' work; false when there is none. */
static bool publisher_detect(struct nsc_publisher *p)
{
	return p->detectors && !p->detectors_ended &&
	       (nsc_detectors_step(p->detectors, &p->detectors_ended) || p->detectors_ended);
}

bool nsc_publisher_step(struct nsc_publisher *p, bool *ended)
{
	struct nsc_view *view;
	uint64_t tick;

	if (!publisher_receive_heads(p))
		return false;
	*ended = publisher_next_tick(p, &tick);
	while (*ended && publisher_detect(p)) /* every worker has ended: this waits for none of them */
		;
	view = publisher_merge(p, tick, *ended);
	publisher_give_back_heads(p, tick, *ended);
	nsc_views_publish(p->views, view);
	p->last = view;
	nsc_timeline_core(p->timeline);
	nsc_timeline_now(p->timeline, NSC_TIMELINE_VIEW, 0);
	nsc_sinks_tick(p->sinks, view);
	nsc_timeline_now(p->timeline, NSC_TIMELINE_SHOW, 0);
	return true;
}

void nsc_publisher_run(struct nsc_publisher *p)
{
	bool ended = false;

	nsc_timeline_rest_now(p->timeline, NSC_TIMELINE_SLEEP);
	while (!ended) {
		bool worked = publisher_detect(p);

		worked |= p->dns && nsc_dns_totals_step(p->dns);
		if (nsc_publisher_step(p, &ended) || worked) {
			nsc_idle_reset(&p->idle);
			nsc_timeline_turn(p->timeline);
		} else {
			nsc_idle_wait(&p->idle);
			nsc_timeline_rest_now(p->timeline, NSC_TIMELINE_SLEEP);
		}
	}
}
