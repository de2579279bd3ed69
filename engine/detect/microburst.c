/* SPDX-License-Identifier: MIT */
#include "engine/detect/microburst.h"

#include "engine/base/assert.h"
#include "engine/detect/detector.h"

/* --- a worker's half -------------------------------------------------------------------------- */

void nsc_ms_counts_begin(struct nsc_ms_counts *counts, uint64_t epoch_ns)
{
	counts->epoch_ns = epoch_ns;
	counts->period = nsc_period_of(epoch_ns, NSC_MS_NS);
	counts->in_progress = counts->ms;
}

static void ms_counts_enter(struct nsc_ms_counts *counts, uint64_t clock_ns)
{
	uint64_t ms = (clock_ns - counts->epoch_ns) / NSC_MS_NS;

	nsc_assert(ms < NSC_EPOCH_MS, "a burst lies in one epoch");
	counts->period = nsc_period_of(clock_ns, NSC_MS_NS);
	counts->in_progress = &counts->ms[ms];
}

/* Most bursts lie in one millisecond. */
void nsc_ms_counts_burst(struct nsc_ms_counts *counts, const struct nsc_packet *pkt, uint32_t n)
{
	for (uint32_t held; n; pkt += held, n -= held) {
		uint64_t bytes = 0;

		if (nsc_unlikely(!nsc_period_holds(&counts->period, pkt->clock_ns)))
			ms_counts_enter(counts, pkt->clock_ns);
		held = nsc_period_held(&counts->period, pkt, n);
		for (uint32_t i = 0; i < held; i++)
			bytes += pkt[i].wire_len;
		counts->in_progress->packets += held;
		counts->in_progress->bytes += bytes;
	}
}

/* --- the publisher's half --------------------------------------------------------------------- */

void nsc_microbursts_add(struct nsc_microbursts *b, const struct nsc_contact_record *record)
{
	uint64_t bytes;

	nsc_assert(record->port < NSC_EPOCH_MS, "a millisecond lies in its epoch");
	memcpy(&bytes, record->addr, sizeof(bytes));
	b->ms[record->port].packets += record->count;
	b->ms[record->port].bytes += bytes;
}

static void microbursts_note_tick(struct nsc_microbursts *b, uint64_t tick, const struct nsc_microburst *ms)
{
	if (b->taken && tick <= b->last)
		return;
	if (!b->n || b->tick[b->n - 1].tick != tick) {
		nsc_assert(!b->n || b->tick[b->n - 1].tick < tick, "ticks are noted in their order");
		if (b->n == NSC_MICROBURST_TICKS)
			memmove(&b->tick[0], &b->tick[1], --b->n * sizeof(b->tick[0]));
		memset(&b->tick[b->n], 0, sizeof(b->tick[0]));
		b->tick[b->n++].tick = tick;
	}
	nsc_microburst_raise(&b->tick[b->n - 1].largest, ms);
}

void nsc_microbursts_note(struct nsc_microbursts *b, uint64_t epoch, uint64_t last)
{
	for (uint32_t i = 0; i < NSC_EPOCH_MS; i++) {
		uint64_t tick = (epoch * NSC_EPOCH_NS + i * NSC_MS_NS) / b->tick_ns;

		if (b->ms[i].packets && tick <= last)
			microbursts_note_tick(b, tick, &b->ms[i]);
	}
}

struct nsc_microburst nsc_microbursts_take(struct nsc_microbursts *b, uint64_t tick)
{
	struct nsc_microburst largest = { .packets = 0 };
	uint32_t over = 0;

	for (; over < b->n && b->tick[over].tick <= tick; over++)
		if (b->tick[over].tick == tick)
			largest = b->tick[over].largest;
	b->n -= over;
	memmove(&b->tick[0], &b->tick[over], b->n * sizeof(b->tick[0]));
	b->taken = true;
	b->last = tick;
	return largest;
}

struct nsc_microburst nsc_microbursts_worst(const struct nsc_microbursts *b, uint32_t *above)
{
	struct nsc_microburst worst = { .packets = 0 };

	*above = 0;
	for (uint32_t i = 0; i < NSC_EPOCH_MS; i++) {
		if (b->ms[i].bytes > worst.bytes)
			worst = b->ms[i];
		if (b->ms[i].bytes >= b->limit_bytes)
			*above += (uint32_t)b->ms[i].packets;
	}
	return worst;
}

/* --- the detector: no measure, since it has no keys ------------------------------------------- */

static void microburst_configure(const struct nsc_detect_options *options, struct nsc_rule *rule)
{
	rule->enabled = options->microburst.enabled;
	rule->contacts = NSC_CONTACT_BIT(NSC_CONTACT_MS);
}

const struct nsc_detector nsc_detector_microburst = {
	.kind = NSC_ALERT_MICROBURST,
	.configure = microburst_configure,
};
