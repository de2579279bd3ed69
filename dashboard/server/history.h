/* SPDX-License-Identifier: MIT
 *
 * The chart's past: points of one second for 15 minutes, of ten seconds for an hour, of a minute for two days and of
 * ten minutes for a month, on the engine's steady clock. A second of which nothing is known has no point; one without
 * packets has a point of zeros.
 *
 * Thread: one at a time (the caller's lock). Allocates, blocks: never.
 */
#ifndef DASHBOARD_HISTORY_H
#define DASHBOARD_HISTORY_H

#include "netscope/view.h"

enum {
	NSC_HISTORY_SECONDS = 960,
	NSC_HISTORY_TENS = 400,
	NSC_HISTORY_MINUTES = 2880,
	NSC_HISTORY_TEN_MINUTES = 4464,
	NSC_HISTORY_MOST = NSC_HISTORY_TEN_MINUTES, /* points of one series */
	NSC_HISTORY_STEPS = 4,
};

extern const uint32_t nsc_history_step_secs[NSC_HISTORY_STEPS]; /* 1, 10, 60, 600 */

struct nsc_point {
	uint64_t start_ns;  /* 0..UINT64_MAX, a multiple of the step or the start of a long tick */
	uint64_t length_ns; /* > 0; the last step of time reaches beyond its end */
	uint64_t packets, bytes;
	uint64_t drops; /* NSC_UNKNOWN: the source cannot know */
	uint64_t flows; /* active at its end */
	bool down;      /* the link was, at a tick of it */
};

struct nsc_series {
	uint64_t step_ns;
	struct nsc_point *ring;
	uint32_t room;
	uint64_t n;            /* points ever; the newest is ring[(n - 1) % room] */
	uint64_t end_ns;       /* of the newest, UINT64_MAX at most */
	struct nsc_point open; /* being filled; length_ns 0: none */
};

struct nsc_history {
	uint64_t offset_ns; /* packet time minus the engine's clock at the newest view, modulo 2^64 */
	struct nsc_series series[NSC_HISTORY_STEPS]; /* as nsc_history_step_secs has them */
	struct nsc_point seconds[NSC_HISTORY_SECONDS], tens[NSC_HISTORY_TENS];
	struct nsc_point minutes[NSC_HISTORY_MINUTES], ten_minutes[NSC_HISTORY_TEN_MINUTES];
};

void nsc_history_init(struct nsc_history *history);

/* Each view once, in order: start_ns < end_ns, and no start before the end of the view before it. A clock may jump from
 * 0 to UINT64_MAX. `drops`: lost in its tick; NSC_UNKNOWN when the source cannot know. `down`: the link is. O(1), or
 * one round of the rings after empty ticks. */
void nsc_history_add(struct nsc_history *history, const struct nsc_view *view, uint64_t drops, bool down);

/* The newest points that are complete and start after `after_ns` (0: all), at most `max`, oldest first. Returns how
 * many. Times here are packet time as the newest view has it, for all points: a clock that was set back is no reason to
 * draw the past over the present. */
uint32_t nsc_history_copy(const struct nsc_history *history, unsigned series, uint64_t after_ns, struct nsc_point *out,
			  uint32_t max);

#endif
