/* SPDX-License-Identifier: MIT
 *
 * Numbers as the dashboard's page shows them: three digits and a prefix, so that a value keeps its width while it
 * moves. What is not known (NAN) is "-", never 0. ASCII only.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef TOOLS_TOP_FIGURE_H
#define TOOLS_TOP_FIGURE_H

#include "netscope/base.h"

enum { NSC_FIGURE = 32 };

/* "81.2k" for a column: always at most 5 characters, and `whole` numbers below 1000 have no decimals. */
const char *nsc_figure_short(char out[NSC_FIGURE], double value, bool whole);

/* The same for a sentence, with a unit: "489 Mbit/s", "1.50 kB". */
const char *nsc_figure_unit(char out[NSC_FIGURE], double value, const char *unit);

/* All digits, in groups of three; above 2^53 the last ones are not exact. */
const char *nsc_figure_grouped(char out[NSC_FIGURE], double value);

/* A share, 0..1: "40.0%". */
const char *nsc_figure_share(char out[NSC_FIGURE], double share);

/* "9.00us", "1.20ms", "3m05s", "2h07m", "5d03h". */
const char *nsc_figure_duration(char out[NSC_FIGURE], double seconds);

/* Time of day, UTC, of seconds since 1970: "14:37:07". */
const char *nsc_figure_clock(char out[NSC_FIGURE], double seconds);

#endif
