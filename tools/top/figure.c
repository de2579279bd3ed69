/* SPDX-License-Identifier: MIT
 *
 * See figure.h; the rules are those of dashboard/page/src/lib/format.ts.
 */
#include "tools/top/figure.h"

#include "engine/text/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char prefixes[] = " kMGTPE";

/* Three or four digits: 9.99, 99.9, 999. */
static int figure_digits(char out[NSC_FIGURE], double value)
{
	return snprintf(out, NSC_FIGURE, "%.*f", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value);
}

/* Divides by 1000 until it is small; the prefix, or ' '. */
static char figure_scale(double *value)
{
	size_t step = 0;

	while (*value >= 999.5 && step < sizeof(prefixes) - 2) {
		*value /= 1000;
		step++;
	}
	return prefixes[step];
}

const char *nsc_figure_short(char out[NSC_FIGURE], double value, bool whole)
{
	char prefix;

	if (!(value >= 0))
		return "-";
	prefix = figure_scale(&value);
	if (value >= 999.5)
		return ">999E";
	if (prefix == ' ' && (whole || floor(value) == value)) {
		snprintf(out, NSC_FIGURE, "%.0f", value);
		return out;
	}
	figure_digits(out, value);
	if (prefix != ' ')
		snprintf(out + strlen(out), 2, "%c", prefix);
	return out;
}

const char *nsc_figure_unit(char out[NSC_FIGURE], double value, const char *unit)
{
	char prefix, digits[NSC_FIGURE];

	if (!(value >= 0))
		return "-";
	prefix = figure_scale(&value);
	if (value >= 999.5)
		snprintf(digits, sizeof(digits), ">999");
	else if (prefix == ' ' && floor(value) == value)
		snprintf(digits, sizeof(digits), "%.0f", value);
	else
		figure_digits(digits, value);
	snprintf(out, NSC_FIGURE, "%.10s %.*s%.12s", digits, prefix != ' ', &prefix, unit);
	return out;
}

const char *nsc_figure_grouped(char out[NSC_FIGURE], double value)
{
	if (!(value >= 0))
		return "-";
	if (value >= 0x1p63)
		return ">9.2E";
	*nsc_format_grouped(out, (uint64_t)(value + 0.5)) = '\0';
	return out;
}

const char *nsc_figure_share(char out[NSC_FIGURE], double share)
{
	if (!(share >= 0))
		return "-";
	snprintf(out, NSC_FIGURE, "%.1f%%", fmin(share, 9.999) * 100);
	return out;
}

static void figure_long(char out[NSC_FIGURE], uint64_t seconds)
{
	uint64_t minutes = seconds / 60, hours = minutes / 60;

	if (!hours)
		snprintf(out, NSC_FIGURE, "%um%02us", (unsigned)minutes, (unsigned)(seconds % 60));
	else if (hours < 24)
		snprintf(out, NSC_FIGURE, "%uh%02um", (unsigned)hours, (unsigned)(minutes % 60));
	else
		snprintf(out, NSC_FIGURE, "%ud%02uh", (unsigned)(hours / 24), (unsigned)(hours % 24));
}

const char *nsc_figure_duration(char out[NSC_FIGURE], double seconds)
{
	static const char *const units[] = { "s", "ms", "us", "ns" };
	size_t unit = 0;

	if (!(seconds >= 0))
		return "-";
	if (seconds >= 1e11)
		return ">999d";
	if (seconds >= 59.95) {
		figure_long(out, (uint64_t)(seconds + 0.5));
		return out;
	}
	for (; seconds > 0 && seconds < 0.9995 && unit < NSC_ARRAY_LEN(units) - 1; unit++)
		seconds *= 1000;
	figure_digits(out, seconds);
	snprintf(out + strlen(out), 3, "%s", units[unit]);
	return out;
}

const char *nsc_figure_clock(char out[NSC_FIGURE], double seconds)
{
	unsigned second;

	if (!(seconds >= 0 && seconds < 1e15))
		return "-";
	second = (unsigned)((uint64_t)seconds % 86400);
	snprintf(out, NSC_FIGURE, "%02u:%02u:%02u", second / 3600, second / 60 % 60, second % 60);
	return out;
}
