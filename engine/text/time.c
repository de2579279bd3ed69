/* SPDX-License-Identifier: MIT
 *
 * Times of clocks that stood before 1970, and dates.
 */
#include "engine/text/time.h"

uint64_t nsc_late_seconds(uint64_t ns, uint32_t *rest_ns)
{
	uint64_t before = -ns, seconds = NSC_TIME_WRAP_SECONDS - before / NSC_NS_PER_SEC;
	int64_t rest = (int64_t)NSC_TIME_WRAP_NS - (int64_t)(before % NSC_NS_PER_SEC);

	*rest_ns = (uint32_t)(rest < 0 ? rest + (int64_t)NSC_NS_PER_SEC : rest);
	return rest < 0 ? seconds - 1 : seconds;
}

char *nsc_format_late_timestamp(char *at, uint64_t ns)
{
	uint32_t rest_ns;

	at = nsc_format_u64(at, nsc_late_seconds(ns, &rest_ns));
	*at++ = '.';
	return nsc_format_nine(at, rest_ns);
}

char *nsc_format_late_time_of_day(char *at, uint64_t ns)
{
	uint32_t rest_ns;
	uint64_t seconds = nsc_late_seconds(ns, &rest_ns);

	return nsc_format_clock(at, (uint32_t)(seconds % 86400), rest_ns / 1000);
}

/* The civil calendar in years that begin in March, so that the leap day is a year's last one. */
static char *format_day(char *at, uint64_t days)
{
	uint64_t shifted = days + 719468, era = shifted / 146097, day = shifted % 146097; /* since March of year 0 */
	uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	uint64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	at = nsc_format_u64(at, year + era * 400 + (month >= 10));
	*at++ = '-';
	at = nsc_format_pair(at, (unsigned)(month < 10 ? month + 3 : month - 9));
	*at++ = '-';
	return nsc_format_pair(at, (unsigned)(of_year - (153 * month + 2) / 5 + 1));
}

char *nsc_format_date(char *at, uint64_t ns)
{
	uint32_t rest_ns;
	uint64_t seconds = ns > NSC_TIME_MAX ? nsc_late_seconds(ns, &rest_ns) : ns / NSC_NS_PER_SEC;

	at = format_day(at, seconds / 86400);
	*at++ = ' ';
	return nsc_format_time_of_day(at, ns);
}
