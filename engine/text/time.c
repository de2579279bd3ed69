/* SPDX-License-Identifier: MIT
 *
 * Times of clocks that stood before 1970.
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
