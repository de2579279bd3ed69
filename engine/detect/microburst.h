/* SPDX-License-Identifier: MIT
 *
 * Microbursts: how many packets and bytes came in each millisecond of the clock. A millisecond lies in one epoch, and
 * in one tick if ticks are whole milliseconds, so its packets add up over workers to the same numbers however many
 * there are. Workers count the milliseconds of the epoch in progress and hand them on as contact records when the epoch
 * or the tick is over; the publisher adds them up, and keeps the largest of each tick until its view is made.
 *
 * Bounds: 100 milliseconds at each end, and NSC_MICROBURST_TICKS ticks without a view. There are no more of them, but
 * live, when snapshots were missed (SNAPSHOT_MISSED): the oldest is forgotten then.
 *
 * Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_MICROBURST_H
#define NETSCOPE_DETECT_MICROBURST_H

#include "engine/base/period.h"
#include "engine/detect/contact.h"
#include "netscope/view.h"

#define NSC_MS_NS 1000000ull
#define NSC_EPOCH_MS (NSC_EPOCH_NS / NSC_MS_NS)
#define NSC_MICROBURST_TICKS 32u

struct nsc_ms_counts {            /* a worker's half */
	uint64_t epoch_ns;        /* clock at which the epoch began */
	struct nsc_period period; /* the millisecond in progress */
	struct nsc_microburst *in_progress;
	struct nsc_microburst ms[NSC_EPOCH_MS];
	struct nsc_microburst largest; /* of the tick in progress, but for `ms` */
};

/* An epoch begins; `ms` is empty. */
void nsc_ms_counts_begin(struct nsc_ms_counts *counts, uint64_t epoch_ns);
/* Packets of the epoch, in order. Thread: worker. */
void nsc_ms_counts_burst(struct nsc_ms_counts *counts, const struct nsc_packet *pkt, uint32_t n);

struct nsc_microbursts {      /* the publisher's half */
	uint64_t tick_ns;     /* > 0; set by the owner */
	uint64_t limit_bytes; /* as many in a millisecond are an alert; 0 = none is */
	uint64_t cooldown_ns;
	uint64_t quiet;                         /* no alert before this epoch */
	struct nsc_microburst ms[NSC_EPOCH_MS]; /* of the epoch in progress */
	bool taken;                             /* a view was made: ticks up to `last` are over */
	uint64_t last;
	uint32_t n;
	struct {
		uint64_t tick;
		struct nsc_microburst largest;
	} tick[NSC_MICROBURST_TICKS]; /* [n], ascending */
};

/* Adds a record of NSC_CONTACT_MS. */
void nsc_microbursts_add(struct nsc_microbursts *bursts, const struct nsc_contact_record *record);

/* The epoch in progress is this one: its milliseconds go into their ticks, as far as `last`. They are noted again
 * later, when more has come. */
void nsc_microbursts_note(struct nsc_microbursts *bursts, uint64_t epoch, uint64_t last);

/* The largest of a tick of which everything was noted. Later calls are for later ticks. */
struct nsc_microburst nsc_microbursts_take(struct nsc_microbursts *bursts, uint64_t tick);

/* The millisecond with the most bytes, and in *above the packets of all that reach the limit. */
struct nsc_microburst nsc_microbursts_worst(const struct nsc_microbursts *bursts, uint32_t *above);

nsc_always_inline void nsc_microburst_raise(struct nsc_microburst *largest, const struct nsc_microburst *one)
{
	largest->packets = NSC_MAX(largest->packets, one->packets);
	largest->bytes = NSC_MAX(largest->bytes, one->bytes);
}

#endif
