/* SPDX-License-Identifier: MIT
 *
 * Events: what lasts has a begin and an end, what holds on is noted once, the oldest go.
 */
#include "dashboard/server/events.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

#define START (1700000000ull * NSC_NS_PER_SEC)
#define SEC NSC_NS_PER_SEC

static struct nsc_events events;
static struct nsc_event out[NSC_EVENTS_KEPT + 1];
static struct nsc_view view;

static void begin(void)
{
	memset(&events, 0, sizeof(events));
	memset(&view, 0, sizeof(view));
	view.end_ns = START;
	events.source = "eth0";
}

static void tick(uint64_t seconds, uint64_t lost)
{
	view.start_ns = START + seconds * SEC;
	view.end_ns = view.start_ns + SEC;
	view.tick_loss[NSC_C_RX_KERNEL_DROPS] = lost;
	nsc_events_view(&events, &view);
}

/* "start loss_begin ..." of all that are kept. */
static const char *told(void)
{
	static char text[1024];
	uint32_t n = nsc_events_copy(&events, 0, 0, UINT64_MAX, out, NSC_EVENTS_KEPT);

	text[0] = '\0';
	for (uint32_t i = 0; i < n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, nsc_event_kind_name(out[i].kind));
	}
	return text;
}

START_TEST(a_loss_begins_and_ends)
{
	begin();
	for (unsigned i = 0; i < 20; i++)
		tick(i, i == 3 ? 5 : i == 7 ? 2 : 0);
	ck_assert_str_eq(told(), "start loss_begin loss_end");
	ck_assert_uint_eq(out[1].time_ns, START + 3 * SEC);
	ck_assert_uint_eq(out[2].time_ns, START + 8 * SEC);
	ck_assert_ptr_nonnull(strstr(out[1].text, ": 5 packets"));
	ck_assert_ptr_nonnull(strstr(out[2].text, ": 7 packets"));
	tick(20, NSC_UNKNOWN); /* which is not known to be one */
	ck_assert_uint_eq(events.seen, 3);
	tick(21, 1);
	view.final = true;
	tick(22, 0);
	ck_assert_str_eq(told(), "start loss_begin loss_end loss_begin loss_end stop");
}
END_TEST

START_TEST(link_and_outputs)
{
	begin();
	tick(0, 0);
	nsc_events_state(&events, NSC_WEB_RUNNING, "");
	nsc_events_state(&events, NSC_WEB_LINK_DOWN, "the interface is down");
	nsc_events_state(&events, NSC_WEB_LINK_DOWN, "the interface is down");
	nsc_events_state(&events, NSC_WEB_OUTPUT_FAILED, "a.csv: no room"); /* the link is up again */
	nsc_events_state(&events, NSC_WEB_LINK_DOWN, "the interface is down");
	nsc_events_state(&events, NSC_WEB_OUTPUT_FAILED, "a.csv: no room");
	nsc_events_state(&events, NSC_WEB_RUNNING, "");
	nsc_events_state(&events, NSC_WEB_ENDED, "");
	ck_assert_str_eq(told(), "start link_down link_up output_failed link_down link_up output_ok");
	ck_assert_str_eq(out[3].text, "a.csv: no room");
	ck_assert_str_eq(out[4].text, "the interface is down");
}
END_TEST

START_TEST(attacks_and_jumps)
{
	struct nsc_alert alert = { .ts_ns = START + SEC / 2, .kind = NSC_ALERT_SYN_FLOOD, .id = 7, .ip_version = 4 };

	begin();
	tick(0, 0);
	nsc_events_alert(&events, &alert);
	alert.state = NSC_ALERT_UPDATE;
	nsc_events_alert(&events, &alert);
	alert.state = NSC_ALERT_END;
	nsc_events_alert(&events, &alert);
	view.totals.value[NSC_C_CLOCK_STEPS] = 1;
	view.offset_ns = 3600 * SEC;
	tick(1, 0);
	tick(2, 0);
	nsc_events_stalled(&events, true);
	nsc_events_stalled(&events, true);
	nsc_events_stalled(&events, false);
	ck_assert_str_eq(told(), "start alert_begin alert_end clock_step stalled stalled_end");
	ck_assert_uint_eq(out[1].alert_id, 7);
	ck_assert_uint_eq(out[1].time_ns, START + SEC / 2 + 3600 * SEC); /* in the time that is in force now */
	ck_assert_uint_eq(out[3].alert_id, 0);
}
END_TEST

START_TEST(a_range_and_the_newest_of_it)
{
	begin();
	for (unsigned i = 0; i < 3 * NSC_EVENTS_KEPT; i++) {
		events.now_ns = START + i * SEC;
		nsc_events_note(&events, NSC_EVENT_RELOAD, "");
	}
	ck_assert_uint_eq(nsc_events_oldest(&events), 2 * NSC_EVENTS_KEPT + 1);
	ck_assert_uint_eq(nsc_events_copy(&events, 0, 0, UINT64_MAX, out, NSC_EVENTS_KEPT), NSC_EVENTS_KEPT);
	ck_assert_uint_eq(out[0].id, nsc_events_oldest(&events));
	ck_assert_uint_eq(nsc_events_copy(&events, 0, 0, UINT64_MAX, out, 3), 3);
	ck_assert_uint_eq(out[2].id, events.seen);
	ck_assert_uint_eq(nsc_events_copy(&events, events.seen - 1, 0, UINT64_MAX, out, 3), 1);
	ck_assert_uint_eq(nsc_events_copy(&events, UINT64_MAX, 0, UINT64_MAX, out, 3), 0);
	ck_assert_uint_eq(nsc_events_copy(&events, 0, START + 9000 * SEC, START + 9010 * SEC, out, 4), 4);
	ck_assert_uint_eq(out[0].time_ns, START + 9006 * SEC);
	ck_assert_uint_eq(out[3].time_ns, START + 9009 * SEC);
}
END_TEST

START_TEST(a_long_text_ends_with_a_whole_character)
{
	char text[600];

	begin();
	for (unsigned i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	nsc_events_note(&events, NSC_EVENT_FILTER, text);
	nsc_events_note(&events, NSC_EVENT_FILTER, text + 1);
	nsc_events_copy(&events, 0, 0, UINT64_MAX, out, 2);
	ck_assert_uint_eq(strlen(out[0].text), NSC_EVENT_TEXT - 2);
	ck_assert_uint_eq(strlen(out[1].text), NSC_EVENT_TEXT - 1);
}
END_TEST

CHECK_MAIN("events", a_loss_begins_and_ends, link_and_outputs, attacks_and_jumps, a_range_and_the_newest_of_it,
	   a_long_text_ends_with_a_whole_character)
