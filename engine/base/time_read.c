/* SPDX-License-Identifier: MIT */
#include "netscope/time_read.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SECONDS_MAX 9223372035ll /* a second before the end of NSC_TIME_MAX */

struct time_reader { /* what is left of the text; a part that is not there ends it */
	const char *at;
	bool ok;
};

/* `digits` of them, no more and no fewer: from..to. */
static unsigned time_number(struct time_reader *r, unsigned digits, unsigned from, unsigned to)
{
	unsigned value = 0;

	for (; digits && r->ok; digits--) {
		r->ok = isdigit((unsigned char)*r->at);
		if (r->ok)
			value = value * 10 + (unsigned)(*r->at++ - '0');
	}
	r->ok = r->ok && value >= from && value <= to;
	return value;
}

/* Whether one of `letters` stands here; it is taken then. */
static bool time_takes(struct time_reader *r, const char *letters)
{
	bool there = r->ok && *r->at && strchr(letters, *r->at);

	r->at += there;
	return there;
}

/* Up to nine decimals, as ns. */
static uint64_t time_fraction(struct time_reader *r)
{
	uint64_t ns = 0, digit = NSC_NS_PER_SEC / 10;

	if (!time_takes(r, ".,"))
		return 0;
	r->ok = isdigit((unsigned char)*r->at);
	for (; r->ok && isdigit((unsigned char)*r->at); digit /= 10) {
		r->ok = digit > 0;
		ns += digit * (uint64_t)(*r->at++ - '0');
	}
	return ns;
}

/* Since 1970, by the calendar of today; years 1970..2262. */
static int64_t time_days(unsigned year, unsigned month, unsigned day)
{
	unsigned y = year - (month <= 2), of_era = y % 400, era = y / 400;
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static unsigned time_month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Seconds east of UTC. */
static int64_t time_zone(struct time_reader *r)
{
	int64_t east;
	bool west;

	if (!*r->at || time_takes(r, "Zz"))
		return 0;
	west = *r->at == '-';
	r->ok = r->ok && time_takes(r, "+-");
	east = (int64_t)time_number(r, 2, 0, 23) * 3600;
	if (time_takes(r, ":") || *r->at)
		east += (int64_t)time_number(r, 2, 0, 59) * 60;
	return west ? -east : east;
}

static int64_t time_date(struct time_reader *r, uint64_t *ns)
{
	unsigned year = time_number(r, 4, 1970, 2262), month, day;
	int64_t seconds;

	*ns = 0;
	r->ok = r->ok && time_takes(r, "-");
	month = time_number(r, 2, 1, 12);
	r->ok = r->ok && time_takes(r, "-");
	day = time_number(r, 2, 1, r->ok ? time_month_days(year, month) : 0);
	if (!r->ok || !*r->at)
		return r->ok ? time_days(year, month, day) * 86400 : 0;
	r->ok = time_takes(r, "Tt ");
	seconds = time_days(year, month, day) * 86400 + (int64_t)time_number(r, 2, 0, 23) * 3600;
	r->ok = r->ok && time_takes(r, ":");
	seconds += (int64_t)time_number(r, 2, 0, 59) * 60;
	if (time_takes(r, ":")) {
		seconds += time_number(r, 2, 0, 60); /* a leap second is the next minute's begin */
		*ns = time_fraction(r);
	}
	return seconds - time_zone(r);
}

static int64_t time_seconds(struct time_reader *r, uint64_t *ns)
{
	int64_t seconds = 0;

	r->ok = isdigit((unsigned char)*r->at);
	for (; r->ok && isdigit((unsigned char)*r->at); r->ok = seconds <= SECONDS_MAX)
		seconds = seconds * 10 + (*r->at++ - '0');
	*ns = time_fraction(r);
	return seconds;
}

int nsc_time_read(const char *text, uint64_t *ns, struct nsc_error *error)
{
	struct time_reader r = { .at = text, .ok = true };
	uint64_t fraction = 0;
	int64_t seconds = strchr(text, '-') ? time_date(&r, &fraction) : time_seconds(&r, &fraction);

	if (!r.ok || *r.at || seconds < 0 || seconds > SECONDS_MAX)
		return nsc_fail(error, -EINVAL,
				"\"%.60s\" is no time: wanted seconds since 1970, as in 1700000000.25, or a date up to "
				"2262, as in \"2023-11-14 22:13:20.25\" (UTC) or 2023-11-14T23:13:20+01:00",
				text);
	*ns = (uint64_t)seconds * NSC_NS_PER_SEC + fraction;
	return 0;
}
