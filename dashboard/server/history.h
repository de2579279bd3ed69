/* SPDX-License-Identifier: MIT
 *
 * What happened when: numbers, round trip times and latencies of DNS in points of one second for 16 minutes, of ten
 * seconds for three hours, of a minute for two days and of ten minutes for 31 days, on the engine's steady clock. A
 * second of which nothing is known has no point; one without packets has a point of zeros. Percentiles of any span are
 * those of its samples: each point has histograms, which are added up.
 *
 * Points of earlier runs (history_file.h) lie before those of this run, in the packet time of their day.
 *
 * Thread: one at a time (the caller's lock). Allocates, blocks: never.
 */
#ifndef DASHBOARD_HISTORY_H
#define DASHBOARD_HISTORY_H

#include "netscope/hosts.h"
#include "netscope/view.h"

enum {
	NSC_HISTORY_SECONDS = 960,
	NSC_HISTORY_TENS = 1080,
	NSC_HISTORY_MINUTES = 2880,
	NSC_HISTORY_TEN_MINUTES = 4464,
	NSC_HISTORY_MOST = NSC_HISTORY_TEN_MINUTES, /* points of one tier */
	NSC_HISTORY_HOST_POINTS = 360,
	NSC_HISTORY_STEPS = 4,
	NSC_HISTORY_BUCKETS = 80, /* four for each power of two of ns, from 2^13 to 2^33 */
};

extern const uint32_t nsc_history_step_secs[NSC_HISTORY_STEPS]; /* 1, 10, 60, 600 */

/* X(NAME, "series", HOW, counter): the numbers of a point. SUM: how much was added; a counter's growth, or what the
 * view says of its tick. MAX: the largest. LAST: as it was at the end. */
#define NSC_HISTORY_VALUES(X)                                                                                          \
	X(PACKETS, "packets", SUM, NSC_C_WORKER_PACKETS)                                                               \
	X(BYTES, "bytes", SUM, NSC_C_WORKER_BYTES)                                                                     \
	X(DROPS, "drops", SUM, NSC_C_COUNT)                                                                            \
	X(FLOWS, "flows", LAST, NSC_C_FLOW_ACTIVE)                                                                     \
	X(NEW_FLOWS, "new_flows", SUM, NSC_C_FLOW_CREATED)                                                             \
	X(RETRANSMISSIONS, "retransmissions", SUM, NSC_C_TCP_RETRANSMISSIONS)                                          \
	X(OUT_OF_ORDER, "out_of_order", SUM, NSC_C_TCP_OUT_OF_ORDER)                                                   \
	X(GAPS, "gaps", SUM, NSC_C_TCP_GAPS)                                                                           \
	X(GAPS_FILLED, "gaps_filled", SUM, NSC_C_TCP_GAPS_FILLED)                                                      \
	X(ZERO_WINDOWS, "zero_windows", SUM, NSC_C_TCP_ZERO_WINDOWS)                                                   \
	X(OPENED, "opened", SUM, NSC_C_TCP_OPENED)                                                                     \
	X(ESTABLISHED, "established", SUM, NSC_C_TCP_ESTABLISHED)                                                      \
	X(REFUSED, "refused", SUM, NSC_C_TCP_REFUSED)                                                                  \
	X(UNANSWERED, "unanswered", SUM, NSC_C_TCP_UNANSWERED)                                                         \
	X(RESETS, "resets", SUM, NSC_C_TCP_RESETS)                                                                     \
	X(RTT_SAMPLES, "rtt_samples", SUM, NSC_C_COUNT)                                                                \
	X(BURST_PACKETS, "burst_packets", MAX, NSC_C_COUNT)                                                            \
	X(BURST_BYTES, "burst_bytes", MAX, NSC_C_COUNT)                                                                \
	X(DNS_QUERIES, "dns_queries", SUM, NSC_C_DNS_QUERIES)                                                          \
	X(DNS_ANSWERS, "dns_answers", SUM, NSC_C_DNS_ANSWERED)                                                         \
	X(DNS_NXDOMAIN, "dns_nxdomain", SUM, NSC_C_COUNT)                                                              \
	X(DNS_FAILURES, "dns_failures", SUM, NSC_C_COUNT)                                                              \
	X(DNS_UNANSWERED, "dns_unanswered", SUM, NSC_C_DNS_UNANSWERED)                                                 \
	X(DNS_SAMPLES, "dns_samples", SUM, NSC_C_COUNT)

enum nsc_history_value {
#define NSC_X(id, name, how, counter) NSC_HISTORY_##id,
	NSC_HISTORY_VALUES(NSC_X)
#undef NSC_X
		NSC_HISTORY_VALUE_COUNT
};

extern const char *const nsc_history_value_names[NSC_HISTORY_VALUE_COUNT];

struct nsc_point {
	uint64_t start_ns;  /* 0..UINT64_MAX, a multiple of the step or the start of a long tick */
	uint64_t length_ns; /* > 0; the last step of time reaches beyond its end */
	uint64_t known_ns;  /* of it, for how long the engine looked; of a tick at the end of time more than is left */
	uint64_t value[NSC_HISTORY_VALUE_COUNT]; /* NSC_UNKNOWN: nobody knows */
	bool down;                               /* the link was, at a tick of it */
	bool earlier; /* of an earlier run: start_ns is packet time, whatever the offset is now */
};

enum nsc_history_measure { NSC_HISTORY_RTT, NSC_HISTORY_DNS, NSC_HISTORY_MEASURES };

struct nsc_point_samples { /* by measure; not to be read where the point has no samples of it */
	uint32_t count[NSC_HISTORY_MEASURES][NSC_HISTORY_BUCKETS]; /* at most UINT32_MAX */
};

struct nsc_series { /* one tier */
	uint64_t step_ns;
	struct nsc_point *ring;
	struct nsc_point_samples *samples;
	uint32_t room;
	uint64_t n;            /* points ever; the newest is ring[(n - 1) % room] */
	uint64_t end_ns;       /* of the newest, UINT64_MAX at most */
	bool fresh;            /* the newest is of this run */
	bool cut;              /* an earlier run had older ones that are gone */
	struct nsc_point open; /* being filled; length_ns 0: none */
	struct nsc_point_samples open_samples;
};

struct nsc_history {
	uint64_t offset_ns;              /* packet time minus the engine's clock at the newest view, modulo 2^64 */
	uint64_t begin_ns, begin_end_ns; /* of the first view of this run */
	uint64_t end_ns;                 /* end of the newest view; 0: there was none */
	uint32_t without;                /* values that this run does not know, by bit */
	uint64_t before[NSC_HISTORY_VALUE_COUNT]; /* totals at the newest view */
	uint64_t before_samples[NSC_HISTORY_MEASURES][NSC_HISTORY_BUCKETS];
	unsigned n_series;
	struct nsc_series series[NSC_HISTORY_STEPS]; /* the finest first; of a run as nsc_history_step_secs has them */
};

struct nsc_history_rings { /* of a run */
	struct nsc_point seconds[NSC_HISTORY_SECONDS], tens[NSC_HISTORY_TENS];
	struct nsc_point minutes[NSC_HISTORY_MINUTES], ten_minutes[NSC_HISTORY_TEN_MINUTES];
	struct nsc_point_samples second_samples[NSC_HISTORY_SECONDS], ten_samples[NSC_HISTORY_TENS];
	struct nsc_point_samples minute_samples[NSC_HISTORY_MINUTES], ten_minute_samples[NSC_HISTORY_TEN_MINUTES];
};

struct nsc_host_rings { /* of one host: points of ten seconds for an hour, and of a minute for six */
	struct nsc_point tens[NSC_HISTORY_HOST_POINTS], minutes[NSC_HISTORY_HOST_POINTS];
	struct nsc_point_samples ten_samples[NSC_HISTORY_HOST_POINTS], minute_samples[NSC_HISTORY_HOST_POINTS];
};

static_assert(NSC_HISTORY_VALUE_COUNT <= 32, "a bit for each value");
static_assert(sizeof(struct nsc_history_rings) <= 10u << 20, "a month of history takes 10 MiB at most");
static_assert(sizeof(struct nsc_host_rings) * NSC_HOSTS_MAX <= 10u << 20, "hosts together take no more");

/* What the rings hold is not looked at. */
void nsc_history_init(struct nsc_history *history, struct nsc_history_rings *rings);
void nsc_history_init_host(struct nsc_history *history, struct nsc_host_rings *rings);
/* As if it had just been opened; what is left out stays so. */
void nsc_history_clear(struct nsc_history *history);

/* Values that this run does not measure: null, not 0. Before the first view. */
void nsc_history_leave_out(struct nsc_history *history, enum nsc_history_value value);

/* Each view once, in order: start_ns < end_ns, and no start before the end of the view before it. A clock may jump from
 * 0 to UINT64_MAX. `drops`: lost in its tick; NSC_UNKNOWN when the source cannot know. `down`: the link is. O(1), or
 * one round of the rings after empty ticks. */
void nsc_history_add(struct nsc_history *history, const struct nsc_view *view, uint64_t drops, bool down);

/* What one host's TCP has come to up to end_ns of the engine's clock, from the totals of all workers, which are 0 when
 * it begins and do not shrink; `offset_ns`: packet time minus that clock. The first call says when it begins; 0: the
 * clock has not begun yet. An end that is not behind the one before adds what has grown to one ns. What is not counted
 * for hosts is not known. O(1). */
void nsc_history_add_host(struct nsc_history *history, const struct nsc_host *totals, uint64_t end_ns,
			  uint64_t offset_ns);

/* The newest points that are complete and start after `after_ns` (0: all), at most `max`, oldest first. Returns how
 * many. Times here are packet time as the newest view has it, for all points of this run: a clock that was set back is
 * no reason to draw the past over the present. Those of earlier runs that do not end before this one began are left
 * out. */
uint32_t nsc_history_copy(const struct nsc_history *history, unsigned series, uint64_t after_ns, struct nsc_point *out,
			  uint32_t max);

/* --- history_range.c: any span, in any number of points --------------------------------------- */

struct nsc_history_range {
	uint64_t from_ns, to_ns; /* packet time, to_ns not included; 0 and UINT64_MAX: all that there is */
	unsigned series;         /* the tier: chosen by plan */
	uint64_t step_ns;        /* what one point covers: chosen by plan */
	uint64_t at;             /* number of the next point of the tier: where the next part goes on */
	bool over;               /* there is no next part */
};

/* Chooses the finest tier that reaches back to from_ns, and the least step (a multiple of the tier's) for which at most
 * `most` points, >= 2, lie in the span. from_ns < to_ns. */
void nsc_history_plan(const struct nsc_history *history, struct nsc_history_range *range, uint32_t most);

/* The next points of the range, oldest first, `max` at most, with their samples; those that are not over are among
 * them. length_ns is what they cover, known_ns what is known of it. Returns how many; range->over after the last.
 * Points that were overwritten between two parts are missing. Times as in nsc_history_copy. */
uint32_t nsc_history_part(const struct nsc_history *history, struct nsc_history_range *range, struct nsc_point *out,
			  struct nsc_point_samples *samples, uint32_t max);

/* Packet time up to which points of the range will not change any more; 0: nothing is known yet. */
uint64_t nsc_history_complete(const struct nsc_history *history, const struct nsc_history_range *range);

/* The last ns in a bucket; the last bucket has what is longer, too. bucket < NSC_HISTORY_BUCKETS. Thread: any. */
uint64_t nsc_history_bucket_end(unsigned bucket);

/* The end of the bucket that holds quantile q (0..1) of count[]; 0 when all are 0. Thread: any. */
uint64_t nsc_history_quantile(const uint32_t count[NSC_HISTORY_BUCKETS], double q);

/* A point of an earlier run, behind all others; before the first view. */
void nsc_series_restore(struct nsc_series *series, const struct nsc_point *point,
			const struct nsc_point_samples *samples);

/* --- what both files need --------------------------------------------------------------------- */

/* Adds a later part of the same span. Whether point `to` has samples of a measure is told by its value. */
void nsc_point_add(struct nsc_point *to, struct nsc_point_samples *to_samples, const struct nsc_point *part,
		   const struct nsc_point_samples *part_samples);

/* The value that tells how many samples of a measure there are. */
nsc_always_inline enum nsc_history_value nsc_history_samples_of(enum nsc_history_measure measure)
{
	return measure == NSC_HISTORY_RTT ? NSC_HISTORY_RTT_SAMPLES : NSC_HISTORY_DNS_SAMPLES;
}

nsc_always_inline bool nsc_point_has_samples(const struct nsc_point *point, enum nsc_history_measure measure)
{
	uint64_t n = point->value[nsc_history_samples_of(measure)];

	return n && n != NSC_UNKNOWN;
}

/* Packet time at which it starts, as things are now. */
nsc_always_inline uint64_t nsc_history_start(const struct nsc_history *history, const struct nsc_point *point)
{
	return point->earlier ? point->start_ns : point->start_ns + history->offset_ns;
}

/* Whether it is of an earlier run and would lie in this one. The first tick of this run may have begun before the run
 * did. */
nsc_always_inline bool nsc_history_hides(const struct nsc_history *history, const struct nsc_point *point)
{
	uint64_t limit_ns = history->begin_end_ns + history->offset_ns;

	return point->earlier && history->end_ns &&
	       (point->start_ns >= limit_ns || point->known_ns > limit_ns - point->start_ns);
}

#endif
