/* SPDX-License-Identifier: MIT */
#include "tools/ship/alerts.h"

#include "engine/text/alert_row.h"
#include "engine/text/time.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROW_MAX = NSC_ALERT_ROW_MAX + NSC_SENSOR_MAX + 32 }; /* with what stands before the alert */

void nsc_ship_alert_event(char name[NSC_ALERT_NAME], const struct nsc_ship_alert *alert)
{
	snprintf(name, NSC_ALERT_NAME, "%s-%016" PRIx64 "-%" PRIu64, alert->segment->sensor, alert->segment->boot,
		 alert->row);
}

void nsc_ship_alert_attack(char name[NSC_ALERT_NAME], const struct nsc_ship_alert *alert)
{
	snprintf(name, NSC_ALERT_NAME, "%s-%016" PRIx64 "-a%" PRIu64, alert->segment->sensor, alert->segment->boot,
		 alert->alert.id);
}

void nsc_ship_alert_utc(char text[NSC_ALERT_UTC], uint64_t ns)
{
	char *end = nsc_format_date(text, ns <= NSC_TIME_MAX ? ns : 0);

	*strchr(text, ' ') = 'T';
	strcpy(end, "Z");
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool alerts_fill(struct nsc_ship_alerts *a, const struct nsc_queue_segment *segment)
{
	const uint64_t end = NSC_SEGMENT_HEAD + segment->bytes;

	if (a->have - a->used >= ROW_MAX || a->at == end)
		return true;
	memmove(a->buffer, a->buffer + a->used, a->have - a->used);
	a->have -= a->used;
	a->used = 0;
	while (a->have < sizeof(a->buffer) && a->at < end) {
		ssize_t n = pread(segment->fd, a->buffer + a->have,
				  NSC_MIN(sizeof(a->buffer) - a->have, (size_t)(end - a->at)), (off_t)a->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		a->at += (uint64_t)n;
		a->have += (size_t)n;
	}
	return true;
}

/* Sensor, run and time are those of the head; then the number of the row. */
static bool alerts_next(struct nsc_ship_alerts *a, const struct nsc_queue_segment *segment,
			struct nsc_ship_alert *alert)
{
	const size_t before = 1 + strlen(segment->head.sensor) + 8 + 4;
	const char *at, *end;
	uint64_t row;

	if (!alerts_fill(a, segment) || a->have - a->used < before + sizeof(row))
		return false;
	at = a->buffer + a->used;
	memcpy(&row, at + before, sizeof(row));
	if ((size_t)at[0] != strlen(segment->head.sensor) || row != alert->row)
		return false;
	end = nsc_alert_row_read(&alert->alert, at + before + sizeof(row), a->buffer + a->have);
	if (!end)
		return false;
	a->used = (size_t)(end - a->buffer);
	return true;
}

/* --- one segment ------------------------------------------------------------------------------ */

static bool alerts_are_old(const struct nsc_ship_alerts *a, const struct nsc_segment *segment, uint64_t now_s)
{
	return a->max_age_s && now_s > segment->spooled && now_s - segment->spooled > a->max_age_s;
}

static void alerts_begin_segment(struct nsc_ship_alerts *a, const struct nsc_queue_segment *segment)
{
	a->have = a->used = 0;
	a->at = NSC_SEGMENT_HEAD;
	if (!strcmp(a->name, segment->name))
		return;
	strcpy(a->name, segment->name);
	a->next = segment->head.first;
}

static void alerts_leave_out(struct nsc_ship_alerts *a)
{
	nsc_destination_outdates(a->to);
	if (!a->outdated)
		nsc_tell(stderr, "%s: alerts that have waited for more than %" PRIu64 " s are left out", a->to->url,
			 a->max_age_s);
}

static enum nsc_ship_verdict alerts_offer(struct nsc_ship_alerts *a, const struct nsc_ship_alert *alert, uint64_t now_s,
					  struct nsc_error *error)
{
	const bool outdated = alerts_are_old(a, alert->segment, now_s);
	enum nsc_ship_verdict verdict;

	if (outdated)
		alerts_leave_out(a);
	a->outdated = outdated;
	if (outdated)
		return NSC_SHIP_DONE;
	verdict = a->send(a->to, alert, error);
	if (verdict == NSC_SHIP_NEVER) {
		nsc_destination_unwants(a->to);
		nsc_say(error);
	}
	return verdict;
}

static enum nsc_ship_verdict alerts_again(struct nsc_ship_alerts *a, const struct nsc_queue_segment *segment)
{
	if (a->settle) {
		nsc_destination_repeats(a->to, a->next - segment->head.first);
		a->next = segment->head.first;
	}
	return NSC_SHIP_AGAIN;
}

enum nsc_ship_verdict nsc_ship_alerts_send(struct nsc_ship_alerts *a, const struct nsc_queue_segment *segment,
					   uint64_t now_s, struct nsc_error *error)
{
	struct nsc_ship_alert alert = { .segment = &segment->head };

	alerts_begin_segment(a, segment);
	for (alert.row = segment->head.first; alert.row <= segment->head.last; alert.row++) {
		if (!alerts_next(a, segment, &alert)) {
			nsc_fail(error, -EBADMSG, "%s: its rows cannot be read", segment->name);
			return NSC_SHIP_NEVER;
		}
		if (alert.row < a->next)
			continue;
		if (alerts_offer(a, &alert, now_s, error) == NSC_SHIP_AGAIN)
			return alerts_again(a, segment);
		a->next = alert.row + 1;
		nsc_destination_moved(a->to);
	}
	if (a->settle && a->settle(a->to, error) == NSC_SHIP_AGAIN)
		return alerts_again(a, segment);
	return NSC_SHIP_DONE;
}
