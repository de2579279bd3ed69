/* SPDX-License-Identifier: MIT
 *
 * Times as text; see number.h for what the functions have in common. This is the only printer of packet times: packet
 * lines, [stats], rows, alerts and dashboard print one packet's time alike.
 *
 * Every 64-bit value is a time. Up to NSC_TIME_MAX it is ns since 1970. From 2^63 on it is the two's complement of a
 * time before 1970 (netscope/base.h): it is printed as the file counts it, as if the clock ended at 2^64 us and not at
 * 2^64 ns, to the nanosecond.
 */
#ifndef NETSCOPE_TEXT_TIME_H
#define NETSCOPE_TEXT_TIME_H

#include "engine/text/number.h"

enum {
	NSC_FORMAT_SECONDS_MAX = 24, /* 14 digits, a point, 9 digits */
	NSC_FORMAT_TIME_MAX = 15,    /* HH:MM:SS.uuuuuu */
	NSC_FORMAT_DATE_MAX = 28,    /* a year of 6 digits, -MM-DD, a space, the time of day */
};

/* Seconds and ns that a time from 2^63 on stands for: -ns is how far it lies before 2^64 us. Seconds are at most
 * NSC_TIME_WRAP_SECONDS, *rest_ns is 0 to 999,999,999. */
uint64_t nsc_late_seconds(uint64_t ns, uint32_t *rest_ns);

/* Nanoseconds as seconds with 9 decimals, exactly. Room: NSC_FORMAT_SECONDS_MAX. */
nsc_always_inline char *nsc_format_seconds(char *at, uint64_t ns)
{
	const uint32_t eight = 100000000;
	uint64_t seconds = ns / NSC_NS_PER_SEC;

	if (nsc_likely(seconds >= 10ull * eight && seconds < 100ull * eight)) { /* times from 2001 to 2286 */
		at = nsc_format_pair(at, (unsigned)(seconds / eight));
		at = nsc_format_eight(at, (uint32_t)(seconds % eight));
	} else {
		at = nsc_format_u64(at, seconds);
	}
	*at++ = '.';
	return nsc_format_nine(at, (uint32_t)(ns % NSC_NS_PER_SEC));
}

char *nsc_format_late_timestamp(char *at, uint64_t ns);

/* A point in time in seconds with 9 decimals, exactly. Room: NSC_FORMAT_SECONDS_MAX. */
nsc_always_inline char *nsc_format_timestamp(char *at, uint64_t ns)
{
	return nsc_likely(ns <= NSC_TIME_MAX) ? nsc_format_seconds(at, ns) : nsc_format_late_timestamp(at, ns);
}

/* A second of a day (0 to 86,399) and its microsecond (0 to 999,999): "23:59:59.123456". */
nsc_always_inline char *nsc_format_clock(char *at, uint32_t second, uint32_t micro)
{
	at = nsc_format_pair(at, second / 3600);
	*at++ = ':';
	at = nsc_format_pair(at, second / 60 % 60);
	*at++ = ':';
	at = nsc_format_pair(at, second % 60);
	*at++ = '.';
	at = nsc_format_pair(at, micro / 10000);
	at = nsc_format_pair(at, micro / 100 % 100);
	return nsc_format_pair(at, micro % 100);
}

char *nsc_format_late_time_of_day(char *at, uint64_t ns);

/* Time of day, UTC, cut to microseconds. Room: NSC_FORMAT_TIME_MAX. */
nsc_always_inline char *nsc_format_time_of_day(char *at, uint64_t ns)
{
	if (nsc_unlikely(ns > NSC_TIME_MAX))
		return nsc_format_late_time_of_day(at, ns);
	return nsc_format_clock(at, (uint32_t)(ns / NSC_NS_PER_SEC % 86400), (uint32_t)(ns % NSC_NS_PER_SEC / 1000));
}

/* Date and time of day, UTC, cut to microseconds: "2023-11-14 22:13:20.000000". Room: NSC_FORMAT_DATE_MAX. */
char *nsc_format_date(char *at, uint64_t ns);

#endif
