/* SPDX-License-Identifier: MIT
 *
 * The timeline: what each thread did last, span by span, and the longest round of each minute. engine/base/timeline.h
 * writes it, engine/text/timeline.h turns it into a Chrome trace. docs/timeline.md says what is in it.
 */
#ifndef NETSCOPE_TIMELINE_H
#define NETSCOPE_TIMELINE_H

#include "netscope/base.h"

/* What an event is beside a counter. One of the classes CYCLES and WAITED ends a span of that stage or wait, every
 * other counter is a mark: it was counted in the span in progress. X(ID, name, what it says) */
#define NSC_TIMELINE_SPANS(X)                                                                                          \
	X(PART, "part", "of the stage that the next border names, up to a wait within it")                             \
	X(NOTHING, "nothing to do", "polls that found nothing, and short pauses between them")                         \
	X(SLEEP, "idle", "pausing, yielding, sleeping until there is work")                                            \
	X(VIEW, "view", "the publisher merges a tick and publishes its view")                                          \
	X(SHOW, "outputs of a tick", "the publisher gives a view to the outputs")                                      \
	X(WRITE_PACKETS, "write packets", "the writer gives packets to the outputs")                                   \
	X(WRITE_ALERTS, "write alerts", "the writer gives alerts to the outputs")                                      \
	X(WRITE_RECORDS, "write records", "the writer gives ended flows to the outputs")                               \
	X(LOOK_AFTER, "look after outputs", "the writer begins files anew, or looks whether they can be written")      \
	X(FINISH, "finish outputs", "the writer finishes the outputs: exports are sorted and written")                 \
	X(PREPARE, "make memory ready", "control makes memory ready before a table grows into it")                     \
	X(LATE, "woken late", "the thread was to be woken before: it was stopped, or another one had its core")        \
	X(SERVE, "requests", "the dashboard reads requests and messages, and sends answers")                           \
	X(FRAME, "frame", "the dashboard copies the view, makes a frame of it and sends that")                         \
	X(ASK, "flow queries", "the dashboard sends flow queries to workers, and merges their answers")

#define NSC_TIMELINE_MARKS(X)                                                                                          \
	X(LANE_SEND, "burst sent", "capture sent a burst to a lane")                                                   \
	X(LANE_RECEIVE, "burst received", "a worker took a burst from its lane")                                       \
	X(CORE, "core", "on which core the thread ran")                                                                \
	X(BLOCKED, "blocked",                                                                                          \
	  "us in which the thread waited in the system: for a disk, a pipe, a lock; or stood still")                   \
	X(OFF_CORE, "off core", "us in which the thread could have gone on, and another one had its core")             \
	X(FAULTED, "page faults", "pages that came in while the thread waited for them")                               \
	X(BREAK, "break", "in a copy only: what lay between is gone")

struct nsc_timeline_event {
	uint64_t cycles; /* when a span ended; of a mark, when the span in progress had begun */
	uint16_t what;   /* a counter, or NSC_TIMELINE_* */
	uint16_t n; /* packets, records; number of a lane (LANE_SEND); bursts that wait (LANE_RECEIVE); at most all */
	uint32_t value; /* of a mark: how many, at most all; number of the burst; core */
};

static_assert(sizeof(struct nsc_timeline_event) == 16, "an event is two words");

enum {
	NSC_TIMELINE_MINUTES = 60, /* whose longest rounds are kept */
	NSC_TIMELINE_BEFORE = 64,  /* events kept before such a round */
	NSC_TIMELINE_AFTER = 64,   /* and after it */
	NSC_TIMELINE_KEPT = 256,   /* with the round itself; of a longer one its end */
};

struct nsc_timeline;

struct nsc_timeline_thread {
	const struct nsc_timeline *timeline;
	char name[16];
	uint32_t id;  /* of the thread, as the system numbers them */
	int32_t lane; /* whose bursts it receives; -1 = none */
};

#define NSC_TIMELINE_THREADS 80u /* at most */
#define NSC_TIMELINE_LATE_NS (10u * 1000 * 1000)

struct nsc_timelines { /* of a run */
	uint32_t n;
	struct nsc_timeline_thread thread[NSC_TIMELINE_THREADS];
	uint64_t began_cycles, began_ns; /* when the engine was opened: cycles, time of day */
	double tsc_hz;                   /* cycles per second */
};

/* The events of a thread, the oldest first: rounds that were kept, then what is in the ring, BREAKs between. Writes at
 * most nsc_timeline_room() of them to `out`, says how many. From `out`[*recent] on none is missing.
 * Thread: any, while the owner writes. Allocates, blocks: never. */
uint32_t nsc_timeline_copy(const struct nsc_timeline *timeline, struct nsc_timeline_event *out, uint32_t *recent);
uint32_t nsc_timeline_room(const struct nsc_timeline *timeline);

struct nsc_timeline_round { /* cycles */
	uint64_t began, ended;
};

/* The longest rounds of the last minutes, the oldest first; how many they are. Thread: any. */
uint32_t nsc_timeline_rounds(const struct nsc_timeline *timeline, struct nsc_timeline_round out[NSC_TIMELINE_MINUTES]);

/* It was counted: a mark, for who looks at what a span had to do with. Marks of one kind one behind the other become
 * one. Thread: owner. Allocates, blocks: never. */
void nsc_timeline_mark(struct nsc_timeline *timeline, unsigned what, uint64_t value);

/* --- for threads without a cycle account; NULL is allowed. Thread: owner. Allocates, blocks: never ---------------- */

void nsc_timeline_own(struct nsc_timeline *timeline); /* first: whose it is */
/* A border. In a span of more than a millisecond marks say why it took so long, if it was not for work: BLOCKED or
 * OFF_CORE, FAULTED. */
void nsc_timeline_now(struct nsc_timeline *timeline, unsigned what, uint64_t n);
void nsc_timeline_rest_now(struct nsc_timeline *timeline, unsigned what); /* a rest */
/* A rest that was to last `most_ns` at most. When it lasted NSC_TIMELINE_LATE_NS longer, the rest of it is LATE, and
 * belongs to the round that begins. */
void nsc_timeline_rest_for(struct nsc_timeline *timeline, unsigned what, uint64_t most_ns);
void nsc_timeline_turn(struct nsc_timeline *timeline); /* a round with work is over */
void nsc_timeline_core(struct nsc_timeline *timeline); /* a mark of the core */

#endif
