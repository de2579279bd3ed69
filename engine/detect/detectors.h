/* SPDX-License-Identifier: MIT
 *
 * The publisher's half of the detectors: takes the workers' contacts epoch by epoch, and decides each epoch once all
 * workers have passed it. So a decision rests on the same contacts for any number of workers, and alerts come in the
 * order (time, kind, key): no other order can be had from them.
 *
 * Which epoch. A worker's chunks come in the order of its epochs, and its watermark says which one it is in. The lowest
 * of all (the head of a worker that has one, the mark of one that has none) is the only epoch from which something may
 * still come: chunks of it are merged, and when the lowest has moved on, it is decided. A worker that waits for chunks
 * holds only chunks of later epochs, or of this one; so it waits for nobody but this thread.
 *
 * Thread: publisher, but for open. Allocates: at open only. Blocks: offline, for a writer that does not take its
 * alerts.
 */
#ifndef NETSCOPE_DETECT_DETECTORS_H
#define NETSCOPE_DETECT_DETECTORS_H

#include "engine/detect/microburst.h"
#include "engine/detect/window.h"
#include "engine/rings/alerts.h"
#include "engine/rings/epochs.h"

struct nsc_detectors {
	struct nsc_channel *epochs[NSC_WORKERS_MAX];
	struct nsc_epoch_chunk *head[NSC_WORKERS_MAX];
	uint32_t workers;
	struct nsc_alert_ring *alerts;
	uint64_t open;      /* epoch of which something was merged; NSC_EPOCH_NONE: none */
	uint64_t offset_ns; /* its packet time minus clock, modulo 2^64 */
	uint64_t base;      /* the epoch that windows call 0 */
	bool based;
	uint64_t answered; /* the last epoch before the one in progress in which somebody answered; NSC_EPOCH_NONE */
	bool answers;      /* somebody does in the one in progress */
	uint32_t n_windows;
	struct nsc_window window[NSC_DETECTORS_MAX]; /* by kind */
	enum nsc_alert_kind kind[NSC_DETECTORS_MAX]; /* of all rules of the window */
	uint32_t n_rules;
	struct nsc_rule rule[NSC_DETECTORS_MAX];
	const struct nsc_detector *of_rule[NSC_DETECTORS_MAX];
	struct nsc_ignored ignored[NSC_ALERT_KIND_COUNT + 1];
	struct nsc_attacks *attacks;
	struct nsc_microbursts *microbursts; /* NULL: nobody looks for them; its tick_ns is set by the owner */
	bool repeats;                        /* an alert after a cooldown is an alert of its own */
	bool ignores;                        /* any of them holds somebody */
	uint64_t seed[2];
	struct nsc_contact contact[NSC_EPOCH_CHUNK_RECORDS]; /* of the chunk that is being merged */
	struct nsc_counters counters;                        /* read by others, value by value */
	bool awaiting;                                       /* contacts wait for the marks of the workers */
	uint32_t taken;                                      /* of `handed`: release, partner of control's look */
	/* control's: what it hands over, and how often it has: release, partner of the publisher's look */
	alignas(NSC_CACHE_LINE) uint32_t handed;
	struct nsc_detect_options next;
};

/* Which contacts workers must send for these options: bits of their kinds; 0 = no detector is on. Whether they need to
 * know which flows have no answer. */
uint32_t nsc_detect_contacts(const struct nsc_detect_options *options);
bool nsc_detect_needs_answers(const struct nsc_detect_options *options);

/* `epochs` and `alerts` are set by the owner afterwards. 0 or -errno and one sentence. Thread: control. */
int nsc_detectors_open(struct nsc_detectors **detectors, struct nsc_arena *arena,
		       const struct nsc_detect_options *options, uint32_t workers, struct nsc_error *error);
uint64_t nsc_detectors_bytes(const struct nsc_detect_options *options);

/* Other thresholds, cooldowns and ignored networks, from the end of the epoch in progress on, and detectors of the run
 * off or on. Nothing else of the options counts: a detector that was off when they were opened stays off. What windows
 * have gathered stays, but see nsc_window_rules_changed. Only when nsc_detectors_reloaded. Thread: control. */
void nsc_detectors_reload(struct nsc_detectors *detectors, const struct nsc_detect_options *options);

/* Whether what was handed over last holds. Thread: control. */
bool nsc_detectors_reloaded(const struct nsc_detectors *detectors);

/* Takes what was handed over, if anything: between two epochs. */
void nsc_detectors_take_options(struct nsc_detectors *detectors);

/* One piece of work: one chunk merged, or one epoch decided. False when there is nothing to do until a worker has
 * moved; *ended is set after the last epoch. */
bool nsc_detectors_step(struct nsc_detectors *detectors, bool *ended);

/* The largest microburst of a tick that every worker has passed, and said so by its snapshot. Does the work that waits
 * for it. */
struct nsc_microburst nsc_detectors_microburst(struct nsc_detectors *detectors, uint64_t tick, bool *ended);

#endif
