/* SPDX-License-Identifier: MIT
 *
 * Marks on the axis of time: when an attack, a loss or a change of the link began and ended, when the program was
 * started, stopped or told something else. A ring; each has an id that is never used again, also not by a later run
 * that goes on with the same file (history_file.h).
 *
 * Thread: one at a time (the caller's lock). Allocates, blocks: never.
 */
#ifndef DASHBOARD_EVENTS_H
#define DASHBOARD_EVENTS_H

#include "engine/text/json.h"
#include "netscope/alert.h"
#include "netscope/view.h"
#include "netscope/web.h"

enum {
	NSC_EVENTS_KEPT = 4096,
	NSC_EVENT_TEXT = 216, /* bytes of a sentence with its NUL; a longer one is cut */
};

/* X(NAME, "kind as shown") */
#define NSC_EVENT_KINDS(X)                                                                                             \
	X(START, "start")                                                                                              \
	X(STOP, "stop")                                                                                                \
	X(ALERT_BEGIN, "alert_begin")                                                                                  \
	X(ALERT_END, "alert_end")                                                                                      \
	X(LINK_DOWN, "link_down")                                                                                      \
	X(LINK_UP, "link_up")                                                                                          \
	X(LOSS_BEGIN, "loss_begin")                                                                                    \
	X(LOSS_END, "loss_end")                                                                                        \
	X(RELOAD, "reload")                                                                                            \
	X(RELOAD_REFUSED, "reload_refused")                                                                            \
	X(FILTER, "filter")                                                                                            \
	X(OUTPUT_FAILED, "output_failed")                                                                              \
	X(OUTPUT_OK, "output_ok")                                                                                      \
	X(STALLED, "stalled")                                                                                          \
	X(STALLED_END, "stalled_end")                                                                                  \
	X(CLOCK_STEP, "clock_step")                                                                                    \
	X(FAILED, "failed")

enum nsc_event_kind {
#define NSC_X(id, name) NSC_EVENT_##id,
	NSC_EVENT_KINDS(NSC_X)
#undef NSC_X
		NSC_EVENT_KIND_COUNT
};

const char *nsc_event_kind_name(unsigned kind); /* "?" beyond the table. Thread: any. */

struct nsc_event {
	uint64_t id;       /* from 1 */
	uint64_t time_ns;  /* on the engine's clock; of an earlier run packet time */
	uint64_t alert_id; /* of the attack; 0: none, or an earlier run's */
	uint8_t kind;
	bool earlier; /* of an earlier run */
	char text[NSC_EVENT_TEXT];
};

struct nsc_events {
	uint64_t seen;      /* id of the newest */
	uint64_t lost_ids;  /* up to this id none is kept: an earlier run had them */
	uint64_t now_ns;    /* end of the newest view, on the engine's clock; 0: there was none */
	uint64_t offset_ns; /* packet time minus that clock */
	const char *source; /* what the run reads, for its start */
	/* what goes on */
	bool down, failing, stalled, losing;
	uint64_t loss_ns;                       /* end of the last tick with a loss */
	uint64_t lost[NSC_C_COUNT];             /* since the loss began, by counter */
	uint64_t steps, outputs;                /* totals at the newest view */
	struct nsc_event ring[NSC_EVENTS_KEPT]; /* by id */
};

static_assert(sizeof(struct nsc_events) <= 5u << 18, "1.25 MiB at most");

/* Notes an event of now. The text is cut where it is too long. */
void nsc_events_note(struct nsc_events *events, enum nsc_event_kind kind, const char *text);

/* What a view says: the start, losses, jumps of packet time, the end. Each view once, in order. */
void nsc_events_view(struct nsc_events *events, const struct nsc_view *view);

/* Begins and ends of attacks. */
void nsc_events_alert(struct nsc_events *events, const struct nsc_alert *alert);

/* How things are now, as nsc_web_tell says it. */
void nsc_events_state(struct nsc_events *events, enum nsc_web_state state, const char *text);
/* No tick ends; or ticks end again. */
void nsc_events_stalled(struct nsc_events *events, bool stalled);

/* Those kept with an id above `after` and a packet time in [from_ns, to_ns), the newest `max` of them at most, oldest
 * first, time_ns as packet time. Returns how many. */
uint32_t nsc_events_copy(const struct nsc_events *events, uint64_t after, uint64_t from_ns, uint64_t to_ns,
			 struct nsc_event *out, uint32_t max);
/* The first `max` of them with an id above `after`, in the same way. */
uint32_t nsc_events_next(const struct nsc_events *events, uint64_t after, struct nsc_event *out, uint32_t max);
uint64_t nsc_events_oldest(const struct nsc_events *events); /* id; `seen` + 1 when none is kept */

/* "events", an array of objects. Thread: any. */
void nsc_events_show(const struct nsc_event *event, uint32_t n, struct nsc_json *json);

#endif
