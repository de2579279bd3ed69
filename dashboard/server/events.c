/* SPDX-License-Identifier: MIT
 *
 * A ring: an event's place follows from its id. What lasts has two events; what holds on is noted once.
 */
#include "dashboard/server/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOSS_ENDS_NS (5 * NSC_NS_PER_SEC) /* nothing was lost for so long */

const char *nsc_event_kind_name(unsigned kind)
{
	static const char *const names[NSC_EVENT_KIND_COUNT] = {
#define NSC_X(id, name) [NSC_EVENT_##id] = (name),
		NSC_EVENT_KINDS(NSC_X)
#undef NSC_X
	};

	return kind < NSC_EVENT_KIND_COUNT ? names[kind] : "?";
}

/* A cut text ends with a whole character. */
static void event_set_text(struct nsc_event *event, const char *text)
{
	size_t n = strlen(text);

	if (n >= NSC_EVENT_TEXT)
		for (n = NSC_EVENT_TEXT - 1; n && ((uint8_t)text[n] & 0xc0) == 0x80; n--)
			;
	memcpy(event->text, text, n);
	event->text[n] = '\0';
}

static struct nsc_event *events_put(struct nsc_events *e, enum nsc_event_kind kind, uint64_t time_ns, const char *text)
{
	struct nsc_event *event = &e->ring[++e->seen % NSC_EVENTS_KEPT];

	*event = (struct nsc_event){ .id = e->seen, .time_ns = time_ns, .kind = (uint8_t)kind };
	event_set_text(event, text);
	return event;
}

void nsc_events_note(struct nsc_events *e, enum nsc_event_kind kind, const char *text)
{
	events_put(e, kind, e->now_ns, text);
}

/* --- views ------------------------------------------------------------------------------------ */

/* "kernel ring: 812 packets, lane: 3 packets" */
static void events_list_lost(const struct nsc_events *e, char text[NSC_EVENT_TEXT])
{
	struct nsc_buffer list = nsc_buffer_on(text, NSC_EVENT_TEXT - 1);

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		if (!e->lost[i])
			continue;
		nsc_buffer_text(&list, list.length ? ", " : "");
		nsc_buffer_text(&list, nsc_loss_table[i].name);
		nsc_buffer_text(&list, ": ");
		nsc_buffer_u64(&list, e->lost[i]);
		nsc_buffer_char(&list, ' ');
		nsc_buffer_text(&list, nsc_counter_table[i].unit);
	}
	text[list.length] = '\0';
}

static bool events_add_lost(struct nsc_events *e, const struct nsc_view *view)
{
	bool any = false;

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		uint64_t lost = view->tick_loss[i];

		if (nsc_counter_table[i].class != NSC_CLASS_LOSS || !lost || lost == NSC_UNKNOWN)
			continue;
		e->lost[i] += lost;
		any = true;
	}
	return any;
}

static void events_end_loss(struct nsc_events *e)
{
	char text[NSC_EVENT_TEXT];

	events_list_lost(e, text);
	events_put(e, NSC_EVENT_LOSS_END, e->loss_ns, text);
	memset(e->lost, 0, sizeof(e->lost));
	e->losing = false;
}

static void events_view_losses(struct nsc_events *e, const struct nsc_view *view)
{
	char text[NSC_EVENT_TEXT];

	if (e->losing && view->end_ns - e->loss_ns > LOSS_ENDS_NS)
		events_end_loss(e);
	if (events_add_lost(e, view)) {
		e->loss_ns = view->end_ns;
		if (!e->losing) {
			events_list_lost(e, text);
			events_put(e, NSC_EVENT_LOSS_BEGIN, view->start_ns, text);
		}
		e->losing = true;
	}
	if (e->losing && view->final)
		events_end_loss(e);
}

/* The first tick may have begun before the run did, and before the one before it ended. */
static void events_start(struct nsc_events *e, const struct nsc_view *view)
{
	const struct nsc_event *last = &e->ring[e->seen % NSC_EVENTS_KEPT];
	uint64_t time_ns = view->start_ns;

	if (e->seen && last->earlier && last->time_ns - e->offset_ns > time_ns &&
	    last->time_ns - e->offset_ns < view->end_ns)
		time_ns = last->time_ns - e->offset_ns;
	events_put(e, NSC_EVENT_START, time_ns, e->source ? e->source : "");
}

void nsc_events_view(struct nsc_events *e, const struct nsc_view *view)
{
	uint64_t steps = view->totals.value[NSC_C_CLOCK_STEPS];

	e->offset_ns = view->offset_ns;
	if (!e->now_ns)
		events_start(e, view);
	e->now_ns = view->end_ns;
	if (steps != NSC_UNKNOWN && steps > e->steps)
		events_put(e, NSC_EVENT_CLOCK_STEP, view->start_ns, "packet time jumped");
	e->steps = steps == NSC_UNKNOWN ? e->steps : steps;
	events_view_losses(e, view);
	if (view->final)
		nsc_events_note(e, NSC_EVENT_STOP, "");
}

/* --- what others tell ------------------------------------------------------------------------- */

void nsc_events_alert(struct nsc_events *e, const struct nsc_alert *alert)
{
	char text[NSC_ALERT_TEXT_MAX + 1];

	if (alert->state != NSC_ALERT_BEGIN && alert->state != NSC_ALERT_END)
		return;
	*nsc_alert_text(text, alert) = '\0';
	events_put(e, alert->state == NSC_ALERT_BEGIN ? NSC_EVENT_ALERT_BEGIN : NSC_EVENT_ALERT_END,
		   alert->ts_ns - e->offset_ns, text)
		->alert_id = alert->id;
}

static void events_switch(struct nsc_events *e, bool *state, bool now, enum nsc_event_kind begins,
			  enum nsc_event_kind ends, const char *text)
{
	if (*state == now)
		return;
	*state = now;
	nsc_events_note(e, now ? begins : ends, now ? text : "");
}

void nsc_events_state(struct nsc_events *e, enum nsc_web_state state, const char *text)
{
	bool runs = state == NSC_WEB_RUNNING || state == NSC_WEB_LINK_DOWN || state == NSC_WEB_OUTPUT_FAILED;

	if (state == NSC_WEB_FAILED)
		nsc_events_note(e, NSC_EVENT_FAILED, text);
	if (!runs)
		return;
	events_switch(e, &e->down, state == NSC_WEB_LINK_DOWN, NSC_EVENT_LINK_DOWN, NSC_EVENT_LINK_UP, text);
	if (state != NSC_WEB_LINK_DOWN) /* which hides outputs that fail */
		events_switch(e, &e->failing, state == NSC_WEB_OUTPUT_FAILED, NSC_EVENT_OUTPUT_FAILED,
			      NSC_EVENT_OUTPUT_OK, text);
}

void nsc_events_stalled(struct nsc_events *e, bool stalled)
{
	events_switch(e, &e->stalled, stalled, NSC_EVENT_STALLED, NSC_EVENT_STALLED_END,
		      "no tick ends: a thread of the analysis hangs or gets no core");
}

/* --- reading ---------------------------------------------------------------------------------- */

uint64_t nsc_events_oldest(const struct nsc_events *e)
{
	uint64_t gone = e->seen - NSC_MIN(e->seen, (uint64_t)NSC_EVENTS_KEPT);

	return NSC_MAX(gone, e->lost_ids) + 1;
}

static uint64_t event_time(const struct nsc_events *e, const struct nsc_event *event)
{
	return event->earlier ? event->time_ns : event->time_ns + e->offset_ns;
}

uint32_t nsc_events_next(const struct nsc_events *e, uint64_t after, struct nsc_event *out, uint32_t max)
{
	uint64_t id = NSC_MAX(nsc_events_oldest(e), after + 1);
	uint32_t n = 0;

	for (; id <= e->seen && n < max; id++, n++) {
		out[n] = e->ring[id % NSC_EVENTS_KEPT];
		out[n].time_ns = event_time(e, &out[n]);
	}
	return n;
}

uint32_t nsc_events_copy(const struct nsc_events *e, uint64_t after, uint64_t from_ns, uint64_t to_ns,
			 struct nsc_event *out, uint32_t max)
{
	uint64_t oldest = NSC_MAX(nsc_events_oldest(e), after < UINT64_MAX ? after + 1 : after), id = e->seen + 1;
	uint32_t n = 0;

	while (n < max && id > oldest) {
		uint64_t time_ns = event_time(e, &e->ring[--id % NSC_EVENTS_KEPT]);

		n += time_ns >= from_ns && time_ns < to_ns;
	}
	n = 0;
	for (; id <= e->seen && n < max; id++) {
		const struct nsc_event *event = &e->ring[id % NSC_EVENTS_KEPT];
		uint64_t time_ns = event_time(e, event);

		if (id < oldest || time_ns < from_ns || time_ns >= to_ns)
			continue;
		out[n] = *event;
		out[n++].time_ns = time_ns;
	}
	return n;
}

void nsc_events_show(const struct nsc_event *event, uint32_t n, struct nsc_json *json)
{
	nsc_json_add_open(json, "events", '[');
	for (uint32_t i = 0; i < n; i++, event++) {
		nsc_json_open(json, '{');
		nsc_json_add_u64(json, "id", event->id);
		nsc_json_add_time(json, "time", event->time_ns);
		nsc_json_add_text(json, "kind", nsc_event_kind_name(event->kind));
		nsc_json_add_text(json, "text", event->text);
		nsc_json_add_u64(json, "alert_id", event->alert_id ? event->alert_id : NSC_UNKNOWN);
		nsc_json_close(json, '}');
	}
	nsc_json_close(json, ']');
}
