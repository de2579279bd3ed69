/* SPDX-License-Identifier: MIT
 *
 * One walk over the copied events of each thread. A border ends the span that the one before it began; a PART of a
 * stage has the name of the border that ends the stage.
 */
#include "engine/text/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/timeline.h"

enum { ROUNDS_TRACK = 1u << 30 }; /* added to a thread's number: its track of longest rounds; above all numbers */

struct dump_thread {
	struct nsc_timeline_event *event; /* [n] */
	uint32_t n, recent;
	uint32_t first_burst, last_burst; /* of the lane: both ends are in the copy; first > last: none */
	uint32_t n_rounds;
	struct nsc_timeline_round round[NSC_TIMELINE_MINUTES];
};

struct nsc_timeline_dump {
	struct nsc_timelines of;
	uint64_t ns_per_cycle_32; /* in 2^-32 ns */
	int pid;
	bool begun;
	bool headed;     /* the track of this thread has its name and its rounds */
	uint32_t thread; /* which is next */
	uint32_t at;     /* its next event */
	uint64_t from;   /* cycles of the border before that; 0: none is known */
	struct dump_thread copy[];
};

/* --- what an event is ------------------------------------------------------------------------- */

static const char *const what_name[] = {
#define NSC_X(id, name, help) name,
	NSC_TIMELINE_SPANS(NSC_X) NSC_TIMELINE_MARKS(NSC_X)
#undef NSC_X
};

static bool event_is_border(const struct nsc_timeline_event *event)
{
	if (event->what >= NSC_C_COUNT)
		return event->what < NSC_TIMELINE_LANE_SEND;
	return nsc_counter_table[event->what].class == NSC_CLASS_CYCLES ||
	       nsc_counter_table[event->what].class == NSC_CLASS_WAITED;
}

/* --- copies ----------------------------------------------------------------------------------- */

struct burst_range {
	bool any;
	uint32_t first, last;
};

/* The marks of bursts that stand in spans: between the first border and the last one. `lane`: -1 = of any. */
static struct burst_range dump_bursts(const struct dump_thread *copy, unsigned what, int32_t lane)
{
	struct burst_range range = { .any = false };
	uint32_t from = copy->recent, to = copy->n;

	while (from < to && !event_is_border(&copy->event[from]))
		from++;
	while (from < to && !event_is_border(&copy->event[to - 1]))
		to--;
	for (uint32_t i = from; i < to; i++) {
		const struct nsc_timeline_event *event = &copy->event[i];

		if (event->what != what || (lane >= 0 && event->n != lane))
			continue;
		range.first = range.any ? range.first : event->value;
		range.last = event->value;
		range.any = true;
	}
	return range;
}

/* An arrow wants both its ends. Numbers of bursts may wrap: they are compared by their distance. */
static void dump_match_bursts(struct nsc_timeline_dump *d, struct dump_thread *worker, int32_t lane)
{
	struct burst_range received = dump_bursts(worker, NSC_TIMELINE_LANE_RECEIVE, -1), sent = { .any = false };

	for (uint32_t i = 0; i < d->of.n && !sent.any; i++)
		sent = dump_bursts(&d->copy[i], NSC_TIMELINE_LANE_SEND, lane);
	worker->first_burst = 1;
	if (!sent.any || !received.any)
		return;
	worker->first_burst = (int32_t)(received.first - sent.first) > 0 ? received.first : sent.first;
	worker->last_burst = (int32_t)(received.last - sent.last) < 0 ? received.last : sent.last;
}

static bool dump_has_burst(const struct dump_thread *worker, uint32_t number)
{
	return (int32_t)(number - worker->first_burst) >= 0 && (int32_t)(worker->last_burst - number) >= 0;
}

static int dump_copy(struct nsc_timeline_dump *d, uint32_t i)
{
	const struct nsc_timeline *timeline = d->of.thread[i].timeline;
	struct dump_thread *copy = &d->copy[i];

	copy->event = malloc(nsc_timeline_room(timeline) * sizeof(*copy->event));
	if (!copy->event)
		return -ENOMEM;
	copy->n = nsc_timeline_copy(timeline, copy->event, &copy->recent);
	copy->n_rounds = nsc_timeline_rounds(timeline, copy->round);
	return 0;
}

int nsc_timeline_dump_open(struct nsc_timeline_dump **dump, const struct nsc_timelines *timelines,
			   struct nsc_error *error)
{
	struct nsc_timeline_dump *d = calloc(1, sizeof(*d) + timelines->n * sizeof(d->copy[0]));
	int failed = d ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < timelines->n && !failed; i++) {
		d->of = *timelines;
		failed = dump_copy(d, i);
	}
	if (failed) {
		nsc_timeline_dump_close(d);
		return nsc_fail(error, failed, "no memory for a copy of the timeline");
	}
	d->of = *timelines;
	d->pid = getpid();
	d->ns_per_cycle_32 = (uint64_t)((double)NSC_NS_PER_SEC / timelines->tsc_hz * 4294967296.0);
	for (uint32_t i = 0; i < timelines->n; i++)
		if (timelines->thread[i].lane >= 0)
			dump_match_bursts(d, &d->copy[i], timelines->thread[i].lane);
	*dump = d;
	return 0;
}

void nsc_timeline_dump_close(struct nsc_timeline_dump *d)
{
	for (uint32_t i = 0; d && i < d->of.n; i++)
		free(d->copy[i].event);
	free(d);
}

/* --- pieces of an event ----------------------------------------------------------------------- */

static uint64_t dump_ns(const struct nsc_timeline_dump *d, uint64_t cycles)
{
	uint64_t since = cycles - NSC_MIN(cycles, d->of.began_cycles);

	return (uint64_t)((unsigned __int128)since * d->ns_per_cycle_32 >> 32);
}

static void dump_add_us(struct nsc_json *json, const char *key, uint64_t ns)
{
	char text[32];

	nsc_json_key(json, key);
	nsc_json_raw(json, text,
		     (size_t)snprintf(text, sizeof(text), "%llu.%03u", (unsigned long long)(ns / 1000),
				      (unsigned)(ns % 1000)));
}

/* Leaves the object open. */
static void dump_begin(const struct nsc_timeline_dump *d, struct nsc_json *json, const char *ph, const char *name,
		       uint64_t tid)
{
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "ph", ph);
	nsc_json_add_text(json, "name", name);
	nsc_json_add_u64(json, "pid", (uint64_t)d->pid);
	nsc_json_add_u64(json, "tid", tid);
}

static void dump_add_number(struct nsc_json *json, const char *key, uint64_t value)
{
	nsc_json_add_open(json, "args", '{');
	nsc_json_add_u64(json, key, value);
	nsc_json_close(json, '}');
}

static void dump_name_track(const struct nsc_timeline_dump *d, struct nsc_json *json, const char *what, uint64_t tid,
			    const char *name, uint64_t order)
{
	dump_begin(d, json, "M", what, tid);
	nsc_json_add_open(json, "args", '{');
	nsc_json_add_text(json, "name", name);
	nsc_json_close(json, '}');
	nsc_json_close(json, '}');
	dump_begin(d, json, "M", "thread_sort_index", tid);
	dump_add_number(json, "sort_index", order);
	nsc_json_close(json, '}');
}

static uint32_t dump_tid(const struct nsc_timeline_dump *d, uint32_t i)
{
	return d->of.thread[i].id;
}

/* --- events ----------------------------------------------------------------------------------- */

static bool event_waited(const struct nsc_timeline_event *event)
{
	return event->what < NSC_C_COUNT && nsc_counter_waited(event->what);
}

static bool event_rested(const struct nsc_timeline_event *event)
{
	return event->what == NSC_TIMELINE_NOTHING || event->what == NSC_TIMELINE_SLEEP ||
	       event->what == NSC_C_CYCLES_EMPTY || event->what == NSC_C_CYCLES_IDLE;
}

/* The border that names a part; itself when the copy ends before. */
static const struct nsc_timeline_event *dump_name_giver(const struct dump_thread *copy, uint32_t at)
{
	for (uint32_t i = at; i < copy->n && copy->event[i].what != NSC_TIMELINE_BREAK; i++)
		if (event_is_border(&copy->event[i]) && copy->event[i].what != NSC_TIMELINE_PART &&
		    !event_waited(&copy->event[i]))
			return &copy->event[i];
	return &copy->event[at];
}

static const char *event_name(const struct nsc_timeline_event *event, char text[64])
{
	const char *name;

	if (event->what >= NSC_C_COUNT)
		return what_name[event->what - NSC_C_COUNT];
	name = nsc_counter_stage(event->what);
	if (name)
		return name;
	if (event->what == NSC_C_CYCLES_EMPTY)
		return "empty polls";
	if (event->what == NSC_C_CYCLES_IDLE)
		return "idle";
	if (!event_waited(event))
		return nsc_counter_table[event->what].name;
	snprintf(text, 64, "wait: %s", nsc_counter_waited(event->what));
	return text;
}

static void dump_span(const struct nsc_timeline_dump *d, struct nsc_json *json, const struct dump_thread *copy)
{
	const struct nsc_timeline_event *event = &copy->event[d->at], *named = event;
	uint64_t begins = dump_ns(d, d->from), ends = dump_ns(d, event->cycles);
	char text[64];

	if (event->what == NSC_TIMELINE_PART)
		named = dump_name_giver(copy, d->at);
	if (event->what == NSC_TIMELINE_PART && event->cycles == d->from)
		return;
	dump_begin(d, json, "X", event_name(named, text), dump_tid(d, d->thread));
	nsc_json_add_text(json, "cat", event_waited(event) ? "wait" : event_rested(event) ? "idle" : "stage");
	dump_add_us(json, "ts", begins);
	dump_add_us(json, "dur", ends - NSC_MIN(begins, ends));
	if (event->n)
		dump_add_number(json, "n", event->n);
	nsc_json_close(json, '}');
}

/* The end of the span in which a mark stands. */
static uint64_t dump_span_end(const struct nsc_timeline_dump *d, const struct dump_thread *copy)
{
	for (uint32_t i = d->at; i < copy->n && copy->event[i].what != NSC_TIMELINE_BREAK; i++)
		if (event_is_border(&copy->event[i]))
			return copy->event[i].cycles;
	return d->from;
}

/* Whether an arrow can be drawn: its other end is in the copy, too. */
static bool dump_has_both_ends(const struct nsc_timeline_dump *d, int32_t lane, uint32_t number)
{
	for (uint32_t i = 0; i < d->of.n; i++)
		if (d->of.thread[i].lane == lane)
			return dump_has_burst(&d->copy[i], number);
	return false;
}

/* Sent when its span begins, received when its span ends: an arrow never points back. */
static void dump_burst(const struct nsc_timeline_dump *d, struct nsc_json *json, const struct dump_thread *copy,
		       bool sent)
{
	const struct nsc_timeline_event *event = &copy->event[d->at];
	int32_t lane = sent ? event->n : d->of.thread[d->thread].lane;
	uint64_t ends = dump_ns(d, dump_span_end(d, copy));
	char id[32];

	if (d->at < copy->recent || !dump_has_both_ends(d, lane, event->value))
		return;
	snprintf(id, sizeof(id), "%d.%u", lane, event->value);
	dump_begin(d, json, sent ? "s" : "f", "burst", dump_tid(d, d->thread));
	nsc_json_add_text(json, "cat", "lane");
	nsc_json_add_text(json, "id", id);
	if (!sent)
		nsc_json_add_text(json, "bp", "e");
	dump_add_us(json, "ts", sent ? dump_ns(d, d->from) : ends - NSC_MIN(ends, (uint64_t)1));
	nsc_json_close(json, '}');
}

static void dump_counter(const struct nsc_timeline_dump *d, struct nsc_json *json, const char *what, uint64_t value)
{
	char name[64];

	snprintf(name, sizeof(name), "%s of %.15s", what, d->of.thread[d->thread].name);
	dump_begin(d, json, "C", name, dump_tid(d, d->thread));
	dump_add_us(json, "ts", dump_ns(d, d->from));
	dump_add_number(json, what, value);
	nsc_json_close(json, '}');
}

static bool event_is_loss(const struct nsc_timeline_event *event)
{
	return event->what < NSC_C_COUNT && nsc_counter_table[event->what].class == NSC_CLASS_LOSS;
}

static bool event_is_duration(const struct nsc_timeline_event *event)
{
	return event->what == NSC_TIMELINE_BLOCKED || event->what == NSC_TIMELINE_OFF_CORE;
}

static void dump_instant(const struct nsc_timeline_dump *d, struct nsc_json *json,
			 const struct nsc_timeline_event *event)
{
	char text[64];

	dump_begin(d, json, "i", event_name(event, text), dump_tid(d, d->thread));
	nsc_json_add_text(json, "cat", event_is_loss(event) ? "loss" : "event");
	nsc_json_add_text(json, "s", "t");
	dump_add_us(json, "ts", dump_ns(d, d->from));
	dump_add_number(json, event_is_duration(event) ? "us" : "n", event->value);
	nsc_json_close(json, '}');
}

static void dump_mark(const struct nsc_timeline_dump *d, struct nsc_json *json, const struct dump_thread *copy)
{
	const struct nsc_timeline_event *event = &copy->event[d->at];

	if (event->what == NSC_TIMELINE_CORE) {
		dump_counter(d, json, "core", event->value);
	} else if (event->what < NSC_C_COUNT || event_is_duration(event) || event->what == NSC_TIMELINE_FAULTED) {
		dump_instant(d, json, event);
	} else {
		dump_burst(d, json, copy, event->what == NSC_TIMELINE_LANE_SEND);
		if (event->what == NSC_TIMELINE_LANE_RECEIVE)
			dump_counter(d, json, "bursts waiting", event->n);
	}
}

static void dump_event(struct nsc_timeline_dump *d, struct nsc_json *json, const struct dump_thread *copy)
{
	const struct nsc_timeline_event *event = &copy->event[d->at];

	if (event->what == NSC_TIMELINE_BREAK) {
		d->from = 0;
		return;
	}
	if (!event_is_border(event)) {
		if (d->from)
			dump_mark(d, json, copy);
		return;
	}
	if (d->from)
		dump_span(d, json, copy);
	d->from = event->cycles;
}

/* --- the document ----------------------------------------------------------------------------- */

static void dump_rounds(const struct nsc_timeline_dump *d, struct nsc_json *json, const struct dump_thread *copy)
{
	uint32_t track = dump_tid(d, d->thread) + ROUNDS_TRACK;
	char name[64];

	if (!copy->n_rounds)
		return;
	snprintf(name, sizeof(name), "longest rounds of %.15s", d->of.thread[d->thread].name);
	dump_name_track(d, json, "thread_name", track, name, d->of.n + d->thread);
	for (uint32_t i = 0; i < copy->n_rounds; i++) {
		uint64_t begins = dump_ns(d, copy->round[i].began), ends = dump_ns(d, copy->round[i].ended);

		dump_begin(d, json, "X", "longest round of a minute", track);
		nsc_json_add_text(json, "cat", "round");
		dump_add_us(json, "ts", begins);
		dump_add_us(json, "dur", ends - begins);
		nsc_json_close(json, '}');
	}
}

static void dump_head(const struct nsc_timeline_dump *d, struct nsc_json *json)
{
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "displayTimeUnit", "ns");
	nsc_json_add_open(json, "otherData", '{');
	nsc_json_add_time(json, "began", d->of.began_ns);
	nsc_json_add_fixed(json, "cycles_per_second", d->of.tsc_hz, 1);
	nsc_json_close(json, '}');
	nsc_json_add_open(json, "traceEvents", '[');
	dump_name_track(d, json, "process_name", (uint64_t)d->pid, "netscope", 0);
}

/* False when all threads are through. */
static bool dump_thread_piece(struct nsc_timeline_dump *d, struct nsc_json *json)
{
	const struct dump_thread *copy = &d->copy[d->thread];

	if (d->thread == d->of.n)
		return false;
	if (!d->headed) { /* a piece may end behind the head */
		d->headed = true;
		d->from = 0;
		dump_name_track(d, json, "thread_name", dump_tid(d, d->thread), d->of.thread[d->thread].name,
				d->thread);
		dump_rounds(d, json, copy);
	}
	for (; d->at < copy->n && json->out.length < NSC_TIMELINE_PIECE; d->at++)
		dump_event(d, json, copy);
	if (d->at == copy->n) {
		d->at = 0;
		d->headed = false;
		d->thread++;
	}
	return true;
}

bool nsc_timeline_dump_next(struct nsc_timeline_dump *d, struct nsc_json *json)
{
	if (!d->begun)
		dump_head(d, json);
	d->begun = true;
	while (json->out.length < NSC_TIMELINE_PIECE)
		if (!dump_thread_piece(d, json)) {
			nsc_json_close(json, ']');
			nsc_json_close(json, '}');
			return false;
		}
	return true;
}
