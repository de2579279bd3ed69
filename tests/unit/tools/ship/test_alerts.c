/* SPDX-License-Identifier: MIT
 *
 * A segment's alerts one after the other: each until it was taken, from where it was, and no longer than it may wait.
 */
#include "alerts_maker.h"

#include <errno.h>

static struct nsc_ship_alerts walk;

static struct receiver {
	struct nsc_destination to;
	uint64_t took[2000]; /* numbers of rows */
	unsigned n;
	uint64_t again, never; /* rows that it does not take now, ever */
	enum nsc_ship_verdict settle;
} receiver;

static enum nsc_ship_verdict receive(struct nsc_destination *to, const struct nsc_ship_alert *alert,
				     struct nsc_error *error)
{
	struct receiver *r = (struct receiver *)to;

	ck_assert_uint_eq(alert->alert.id, alert->row);
	ck_assert_str_eq(alert->segment->sensor, "rack7");
	nsc_fail(error, -EIO, "row %u", (unsigned)alert->row);
	if (alert->row == r->again)
		return NSC_SHIP_AGAIN;
	if (alert->row == r->never)
		return NSC_SHIP_NEVER;
	r->took[r->n++] = alert->row;
	return NSC_SHIP_DONE;
}

static enum nsc_ship_verdict settle(struct nsc_destination *to, struct nsc_error *error)
{
	return ((struct receiver *)to)->settle;
}

static void begin(uint64_t max_age_s)
{
	walk = (struct nsc_ship_alerts){ .max_age_s = max_age_s, .send = receive, .to = &receiver.to };
	receiver = (struct receiver){ .n = 0 };
}

static enum nsc_ship_verdict send_alerts(const struct nsc_queue_segment *segment, uint64_t now_s)
{
	struct nsc_error error;

	return nsc_ship_alerts_send(&walk, segment, now_s, &error);
}

/* More than one buffer of them. */
START_TEST(goes_on_where_it_was)
{
	struct nsc_segment head = test_segment(1, 11, 1010, 100);
	struct nsc_queue_segment segment = test_alerts(&head);

	begin(0);
	ck_assert_uint_gt(segment.bytes, 2 * sizeof(walk.buffer));
	receiver.again = 500;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_AGAIN);
	ck_assert_uint_eq(receiver.n, 489);
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_AGAIN);
	ck_assert_uint_eq(receiver.n, 489);
	receiver.again = 0;
	receiver.never = 1000;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_DONE);
	ck_assert_uint_eq(receiver.n, 999);
	for (unsigned i = 0; i < receiver.n; i++)
		ck_assert_uint_eq(receiver.took[i], 11 + i + (i >= 989));
	ck_assert_uint_eq(receiver.n, 999);
	ck_assert_uint_eq(receiver.to.unwanted, 1);
	close(segment.fd);
}
END_TEST

/* What was sent and has not arrived comes again. */
START_TEST(begins_anew_when_nothing_arrived)
{
	struct nsc_segment head = test_segment(1, 1, 3, 100);
	struct nsc_queue_segment segment = test_alerts(&head);

	begin(0);
	walk.settle = settle;
	receiver.settle = NSC_SHIP_AGAIN;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_AGAIN);
	receiver.again = 2;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_AGAIN);
	receiver.again = 0;
	receiver.settle = NSC_SHIP_DONE;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_DONE);
	ck_assert_uint_eq(receiver.n, 7);
	ck_assert_mem_eq(receiver.took, ((uint64_t[]){ 1, 2, 3, 1, 1, 2, 3 }), 7 * sizeof(uint64_t));
	close(segment.fd);
}
END_TEST

START_TEST(waits_no_longer_than_it_may)
{
	struct nsc_segment head = test_segment(1, 1, 3, 1000);
	struct nsc_queue_segment segment = test_alerts(&head);

	begin(60);
	receiver.again = 2;
	ck_assert_int_eq(send_alerts(&segment, 1060), NSC_SHIP_AGAIN);
	ck_assert_int_eq(send_alerts(&segment, 1061), NSC_SHIP_DONE);
	ck_assert_uint_eq(receiver.n, 1);
	ck_assert_uint_eq(receiver.to.outdated, 2);
	begin(60);
	ck_assert_int_eq(send_alerts(&segment, 900), NSC_SHIP_DONE); /* a clock that went back */
	ck_assert_uint_eq(receiver.n, 3);
	close(segment.fd);
}
END_TEST

START_TEST(a_segment_that_cannot_be_read)
{
	struct nsc_segment head = test_segment(1, 1, 3, 1000);
	struct nsc_queue_segment segment = test_alerts(&head);

	begin(0);
	segment.bytes -= 1;
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_NEVER);
	ck_assert_uint_eq(receiver.n, 2);
	segment.head.last = 2;
	segment.head.first = 2;
	begin(0);
	ck_assert_int_eq(send_alerts(&segment, 0), NSC_SHIP_NEVER); /* its first row has another number */
	close(segment.fd);
}
END_TEST

START_TEST(names)
{
	struct nsc_segment head = test_segment(0xabc, 1, 3, 1000);
	struct nsc_ship_alert alert = { &head, 2, test_scan(7, NSC_ALERT_END) };
	char text[NSC_ALERT_NAME], utc[NSC_ALERT_UTC];

	nsc_ship_alert_event(text, &alert);
	ck_assert_str_eq(text, "rack7-0000000000000abc-2");
	nsc_ship_alert_attack(text, &alert);
	ck_assert_str_eq(text, "rack7-0000000000000abc-a7");
	nsc_ship_alert_utc(utc, alert.alert.ts_ns);
	ck_assert_str_eq(utc, "2023-11-14T22:13:25.200000Z");
	nsc_ship_alert_utc(utc, NSC_TIME_MAX);
	ck_assert_str_eq(utc, "2262-04-11T23:47:16.854775Z");
	nsc_ship_alert_utc(utc, UINT64_MAX); /* before 1970 */
	ck_assert_str_eq(utc, "1970-01-01T00:00:00.000000Z");
}
END_TEST

CHECK_MAIN("alerts", goes_on_where_it_was, begins_anew_when_nothing_arrived, waits_no_longer_than_it_may,
	   a_segment_that_cannot_be_read, names)
