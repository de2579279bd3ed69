/* SPDX-License-Identifier: MIT */
#include "engine/detect/detectors.h"
#include "engine/detect/attacks.h"
#include "engine/detect/hash.h"
#include "engine/detect/networks.h"
#include "netscope/heap.h"

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "engine/base/period.h"

/* --- deciding an epoch ------------------------------------------------------------------------ */

#define CANDIDATE_ABOVE(w, x, y) (nsc_window_compare(nsc_window_at(w, x), nsc_window_at(w, y)) > 0)
/* In place, without memory: keys are compared through their entries. */
NSC_HEAP(candidates, uint32_t, const struct nsc_window *, CANDIDATE_ABOVE)

/* Leaves those candidates that reach a threshold, at the front of the list. */
static uint32_t detectors_choose(struct nsc_window *w)
{
	uint64_t value[NSC_MEASURE_MULTISETS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->n_candidates; i++) {
		struct nsc_window_entry *entry = nsc_window_at(w, w->candidate[i]);

		entry->listed = false;
		if (nsc_window_verdict(w, entry, value))
			w->candidate[n++] = w->candidate[i];
	}
	w->n_candidates = 0;
	return n;
}

static void detectors_fill_alert(struct nsc_alert *alert, const struct nsc_window *w,
				 const struct nsc_window_entry *entry, const struct nsc_rule *rule,
				 const uint64_t value[NSC_MEASURE_MULTISETS])
{
	struct nsc_detect_key key = { .port = entry->port, .ip_version = entry->ip_version };

	memset(alert, 0, sizeof(*alert));
	memset(alert->observed, 0xff, sizeof(alert->observed));
	memset(alert->thresholds, 0xff, sizeof(alert->thresholds));
	for (uint32_t i = 0; i < w->measure->n_multisets; i++) {
		if (rule->observed[i])
			alert->observed[w->measure->multiset[i].value] = value[i];
		if (rule->shown[i] != NSC_ALERT_NONE)
			alert->thresholds[w->measure->multiset[i].value] = rule->shown[i];
	}
	memcpy(key.addr, entry->addr, sizeof(key.addr));
	alert->ip_version = key.ip_version;
	alert->window_ns = w->multisets.window * NSC_EPOCH_NS;
	w->measure->name_alert(&key, alert);
}

static uint32_t detectors_epochs_after(uint32_t now, uint64_t ns)
{
	uint64_t after = now + ns / NSC_EPOCH_NS + (ns % NSC_EPOCH_NS != 0);

	return (uint32_t)NSC_MIN(after, (uint64_t)UINT32_MAX);
}

static uint64_t detectors_epoch_end(uint64_t epoch)
{
	struct nsc_period period = { .length_ns = NSC_EPOCH_NS };

	if (epoch > UINT64_MAX / NSC_EPOCH_NS) /* an attack's end, behind the last clock */
		return UINT64_MAX;
	period.start_ns = epoch * NSC_EPOCH_NS;
	return nsc_period_end(&period);
}

static __attribute__((noinline, cold)) void detectors_tell_alert(const struct nsc_alert *alert)
{
	NSC_USDT(alert, nsc_usdt_text(nsc_counter_table[NSC_C_ALERT + alert->kind].name), alert->state, alert->packets,
		 alert->has_source ? alert->source : NULL, alert->has_target ? alert->target : NULL, alert->ip_version);
}

/* Only what begins an attack is an alert of its own, unless repeats are. */
static void detectors_send_alert(struct nsc_detectors *d, struct nsc_alert *alert)
{
	struct nsc_alert *place = nsc_alert_ring_add(d->alerts, &d->counters);

	alert->quiet = alert->state == NSC_ALERT_END || (alert->state == NSC_ALERT_UPDATE && !d->repeats);
	nsc_count(&d->counters, alert->quiet ? NSC_C_ALERT_UPDATES : NSC_C_ALERTS, 1);
	nsc_count(&d->counters, NSC_C_ALERT + alert->kind, !alert->quiet);
	if (NSC_USDT_ON(alert))
		detectors_tell_alert(alert);
	if (place)
		*place = *alert;
}

/* An attack is over when its cooldown has passed and then a window without another alert. */
static void detectors_raise_alert(struct nsc_detectors *d, uint32_t i, struct nsc_window_entry *entry)
{
	uint64_t value[NSC_MEASURE_MULTISETS];
	struct nsc_window *w = &d->window[i];
	const struct nsc_rule *rule = nsc_window_verdict(w, entry, value);
	struct nsc_detect_key key = { .port = entry->port, .ip_version = entry->ip_version };
	struct nsc_alert alert;

	memcpy(key.addr, entry->addr, sizeof(key.addr));
	entry->quiet = detectors_epochs_after(w->now, rule->cooldown_ns);
	detectors_fill_alert(&alert, w, entry, rule, value);
	alert.ts_ns = detectors_epoch_end(d->open);
	alert.kind = (uint8_t)d->kind[i];
	nsc_attacks_note(d->attacks, &key, &alert, d->open + (entry->quiet - w->now) + w->multisets.window,
			 &d->counters);
	alert.ts_ns += d->offset_ns;
	detectors_send_alert(d, &alert);
}

/* Those that were over before the epoch, of which nothing was merged yet. */
static void detectors_end_attacks(struct nsc_detectors *d, uint64_t epoch)
{
	bool any = false;

	for (struct nsc_alert alert; nsc_attacks_take_over(d->attacks, epoch, &alert); any = true) {
		alert.ts_ns = detectors_epoch_end(alert.ts_ns) + d->offset_ns;
		detectors_send_alert(d, &alert);
	}
	if (any)
		nsc_alert_ring_flush(d->alerts);
}

static void detectors_count_limits(struct nsc_detectors *d)
{
	uint64_t held = 0;

	for (uint32_t i = 0; i < d->n_windows; i++) {
		struct nsc_window *w = &d->window[i];

		held += w->keys;
		nsc_count(&d->counters, NSC_C_DETECT_KEY_EVICTED, w->evicted);
		nsc_count(&d->counters, NSC_C_DETECT_SKETCH_FULL, w->multisets.full + w->turned_away);
		w->evicted = w->multisets.full = w->turned_away = 0;
	}
	nsc_count(&d->counters, NSC_C_DETECT_KEYS, held - d->counters.value[NSC_C_DETECT_KEYS]);
	nsc_count(&d->counters, NSC_C_DETECT_EPOCHS, 1);
}

/* --- microbursts ------------------------------------------------------------------------------ */

static void detectors_show_microburst(struct nsc_detectors *d, enum nsc_counter counter, uint64_t most)
{
	if (most > d->counters.value[counter])
		__atomic_store_n(&d->counters.value[counter], most, __ATOMIC_RELAXED);
}

static void detectors_alert_of_microburst(struct nsc_detectors *d, const struct nsc_microburst *worst)
{
	uint64_t cooldown = d->microbursts->cooldown_ns,
		 epochs = cooldown / NSC_EPOCH_NS + (cooldown % NSC_EPOCH_NS != 0);
	struct nsc_detect_key nobody = { .port = 0 };
	struct nsc_alert alert;

	memset(&alert, 0, sizeof(alert));
	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	alert.kind = NSC_ALERT_MICROBURST;
	alert.window_ns = NSC_MS_NS;
	alert.observed[NSC_ALERT_MS_PACKETS] = worst->packets;
	alert.observed[NSC_ALERT_MS_BYTES] = worst->bytes;
	alert.thresholds[NSC_ALERT_MS_BYTES] = d->microbursts->limit_bytes;
	alert.ts_ns = detectors_epoch_end(d->open);
	d->microbursts->quiet = d->open + epochs;
	nsc_attacks_note(d->attacks, &nobody, &alert, d->open + epochs + 1, &d->counters);
	alert.ts_ns += d->offset_ns;
	detectors_send_alert(d, &alert);
}

static void detectors_decide_microburst(struct nsc_detectors *d)
{
	struct nsc_microbursts *bursts = d->microbursts;
	struct nsc_detect_key nobody = { .port = 0 };
	struct nsc_microburst worst;
	uint32_t above;

	if (!bursts)
		return;
	nsc_microbursts_note(bursts, d->open, UINT64_MAX);
	worst = nsc_microbursts_worst(bursts, &above);
	for (uint32_t i = 0; i < NSC_EPOCH_MS; i++)
		detectors_show_microburst(d, NSC_C_MICROBURST_PACKETS, bursts->ms[i].packets);
	detectors_show_microburst(d, NSC_C_MICROBURST_BYTES, worst.bytes);
	memset(bursts->ms, 0, sizeof(bursts->ms));
	if (!bursts->limit_bytes || worst.bytes < bursts->limit_bytes)
		return;
	nsc_attacks_count(d->attacks, NSC_ALERT_MICROBURST, &nobody, above);
	if (d->open >= bursts->quiet)
		detectors_alert_of_microburst(d, &worst);
}

struct nsc_microburst nsc_detectors_microburst(struct nsc_detectors *d, uint64_t tick, bool *ended)
{
	struct nsc_period period = { .start_ns = tick * d->microbursts->tick_ns, .length_ns = d->microbursts->tick_ns };
	uint64_t last = (nsc_period_end(&period) - 1) / NSC_EPOCH_NS;

	/* A worker may be ahead by many epochs: what is beyond the tick can wait. */
	while (!*ended && (d->open == NSC_EPOCH_NONE || d->open <= last) && nsc_detectors_step(d, ended))
		;
	if (d->open != NSC_EPOCH_NONE)
		nsc_microbursts_note(d->microbursts, d->open, tick);
	return nsc_microbursts_take(d->microbursts, tick);
}

/* Windows lie in the order of kinds, keys are sorted within one. */
static void detectors_decide(struct nsc_detectors *d)
{
	for (uint32_t i = 0; i < d->n_windows; i++) {
		uint32_t n = detectors_choose(&d->window[i]);

		candidates_sort(&d->window[i], d->window[i].candidate, n);
		for (uint32_t k = 0; k < n; k++)
			detectors_raise_alert(d, i, nsc_window_at(&d->window[i], d->window[i].candidate[k]));
	}
	detectors_decide_microburst(d);
	nsc_alert_ring_flush(d->alerts);
	detectors_count_limits(d);
	if (d->answers)
		d->answered = d->open;
	d->answers = false;
	d->open = NSC_EPOCH_NONE;
}

/* --- which epoch is next ---------------------------------------------------------------------- */

/* The mark is asked for before the receive: one that finds nothing then means that nothing below the mark will come. */
static uint64_t detectors_receive_heads(struct nsc_detectors *d, bool *any)
{
	uint64_t lowest = NSC_EPOCH_NONE;

	*any = false;
	for (uint32_t i = 0; i < d->workers; i++) {
		uint64_t mark = nsc_channel_marked(d->epochs[i]);

		if (!d->head[i])
			d->head[i] = nsc_channel_receive(d->epochs[i]);
		*any |= d->head[i] != NULL;
		lowest = NSC_MIN(lowest, d->head[i] ? d->head[i]->epoch : mark);
	}
	return lowest;
}

/* Probes come NSC_PROBE_NS late, so an answer has been heard of by then. Those of the epoch itself do not count yet:
 * its contacts come in any order. */
static bool detectors_hear_answers(const struct nsc_detectors *d, const struct nsc_window *window, uint64_t epoch)
{
	return d->answered != NSC_EPOCH_NONE &&
	       epoch - d->answered <= window->multisets.window + NSC_PROBE_NS / NSC_EPOCH_NS;
}

/* Windows count epochs in 32 bits from the first one; a clock that jumps by years leaves nothing worth keeping. */
static void detectors_enter(struct nsc_detectors *d, uint64_t epoch, uint64_t offset_ns)
{
	if (!d->based || epoch - d->base > UINT32_MAX / 2) {
		for (uint32_t i = 0; i < d->n_windows && d->based; i++)
			nsc_window_reset(&d->window[i]);
		d->base = epoch;
		d->based = true;
	}
	d->open = epoch;
	d->offset_ns = offset_ns;
	for (uint32_t i = 0; i < d->n_windows; i++) {
		nsc_window_enter(&d->window[i], (uint32_t)(epoch - d->base));
		nsc_window_hear(&d->window[i], detectors_hear_answers(d, &d->window[i], epoch));
	}
}

static bool ignored_by(const struct nsc_ignored *ignored, const uint8_t source[16], const uint8_t target[16],
		       unsigned ip_version)
{
	return nsc_networks_hold(&ignored->sources, source, ip_version) ||
	       nsc_networks_hold(&ignored->targets, target, ip_version);
}

/* Bits of the kinds of alerts for which this contact does not count. */
static uint32_t detectors_ignored(const struct nsc_detectors *d, const uint8_t source[16], const uint8_t target[16],
				  unsigned ip_version)
{
	uint32_t kinds = 0;

	if (nsc_likely(!d->ignores))
		return 0;
	if (ignored_by(&d->ignored[NSC_ALERT_KIND_COUNT], source, target, ip_version))
		return UINT32_MAX;
	for (uint32_t kind = 0; kind < NSC_ALERT_KIND_COUNT; kind++)
		kinds |= (uint32_t)ignored_by(&d->ignored[kind], source, target, ip_version) << kind;
	return kinds;
}

/* Once for all measures; and the target's only when it is another than before, which in a flood it is not. */
static uint32_t detectors_read_chunk(struct nsc_detectors *d, const struct nsc_epoch_chunk *chunk)
{
	uint8_t addr[16], before[16] = { 0 };
	uint64_t target = 0;
	uint32_t n = 0, version = 0;

	for (uint32_t at = 0; at < chunk->bytes; n++) {
		const struct nsc_contact_record *record =
			(const struct nsc_contact_record *)(const void *)(chunk->record + at);

		at += nsc_contact_bytes(record->ip_version);
		nsc_contact_address(record, true, addr);
		if (record->ip_version != version || memcmp(addr, before, sizeof(addr))) {
			target = nsc_contact_address_hash(d->seed, addr, record->ip_version);
			memcpy(before, addr, sizeof(before));
			version = record->ip_version;
		}
		nsc_contact_address(record, false, addr);
		d->answers |= record->kind == NSC_CONTACT_ANSWER;
		if (record->kind == NSC_CONTACT_MS)
			nsc_microbursts_add(d->microbursts, record);
		d->contact[n] = (struct nsc_contact){
			.record = record,
			.source = nsc_contact_address_hash(d->seed, addr, record->ip_version),
			.target = target,
			.ignored = detectors_ignored(d, addr, before, record->ip_version),
		};
	}
	return n;
}

static void detectors_merge_chunk(struct nsc_detectors *d, const struct nsc_epoch_chunk *chunk)
{
	uint32_t n;

	nsc_assert(chunk->bytes <= sizeof(chunk->record), "the records of a chunk end within it");
	n = detectors_read_chunk(d, chunk);
	nsc_assert(n == chunk->n, "a chunk says how many records it holds");

	for (uint32_t i = 0; i < d->n_windows; i++)
		nsc_window_merge(&d->window[i], d->contact, n);
}

static bool detectors_merge_one(struct nsc_detectors *d, uint64_t epoch)
{
	for (uint32_t i = 0; i < d->workers; i++) {
		if (!d->head[i] || d->head[i]->epoch != epoch)
			continue;
		if (d->open == NSC_EPOCH_NONE)
			detectors_enter(d, epoch, d->head[i]->offset_ns);
		detectors_merge_chunk(d, d->head[i]);
		nsc_channel_give_back(d->epochs[i], d->head[i]);
		d->head[i] = NULL;
		return true;
	}
	return false;
}

static void detectors_await(struct nsc_detectors *d, bool awaiting)
{
	if (awaiting == d->awaiting)
		return;
	d->awaiting = awaiting;
	for (uint32_t i = 0; i < d->workers; i++)
		nsc_channel_await(d->epochs[i], awaiting);
}

bool nsc_detectors_step(struct nsc_detectors *d, bool *ended)
{
	bool any, worked = true;
	uint64_t lowest;

	nsc_account_begin(&d->counters);
	lowest = detectors_receive_heads(d, &any);
	if (d->open != NSC_EPOCH_NONE && lowest > d->open) {
		detectors_decide(d);
	} else {
		if (d->open == NSC_EPOCH_NONE) {
			detectors_end_attacks(d, lowest);
			nsc_detectors_take_options(d);
		}
		worked = detectors_merge_one(d, lowest);
	}
	detectors_await(d, any || d->open != NSC_EPOCH_NONE);
	*ended = !worked && lowest == NSC_EPOCH_NONE;
	if (worked)
		nsc_account(&d->counters, NSC_C_CYCLES_MERGE);
	return worked;
}
