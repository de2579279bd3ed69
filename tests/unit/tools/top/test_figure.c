/* SPDX-License-Identifier: MIT
 *
 * Numbers at the borders of their prefixes, and beyond what anybody should see.
 */
#include "tools/top/figure.h"

#include <math.h>

#include "tests/unit/engine/check_main.h"

static char out[NSC_FIGURE];

START_TEST(shorts)
{
	static const struct {
		double value;
		const char *whole, *exact, *unit;
	} cases[] = {
		{ NAN, "-", "-", "-" },
		{ -1, "-", "-", "-" },
		{ 0, "0", "0", "0 B" },
		{ 0.5, "0", "0.50", "0.50 B" },
		{ 999, "999", "999", "999 B" },
		{ 999.4, "999", "999", "999 B" },
		{ 999.5, "1.00k", "1.00k", "1.00 kB" },
		{ 9994, "9.99k", "9.99k", "9.99 kB" },
		{ 9995, "10.0k", "10.0k", "10.0 kB" },
		{ 99949, "99.9k", "99.9k", "99.9 kB" },
		{ 99950, "100k", "100k", "100 kB" },
		{ 1e9, "1.00G", "1.00G", "1.00 GB" },
		{ 0x1p64, "18.4E", "18.4E", "18.4 EB" },
		{ 1e300, ">999E", ">999E", ">999 EB" },
		{ INFINITY, ">999E", ">999E", ">999 EB" },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_str_eq(nsc_figure_short(out, cases[i].value, true), cases[i].whole);
		ck_assert_str_eq(nsc_figure_short(out, cases[i].value, false), cases[i].exact);
		ck_assert_str_eq(nsc_figure_unit(out, cases[i].value, "B"), cases[i].unit);
	}
}
END_TEST

START_TEST(others)
{
	ck_assert_str_eq(nsc_figure_grouped(out, 1234567.4), "1,234,567");
	ck_assert_str_eq(nsc_figure_grouped(out, 1e300), ">9.2E");
	ck_assert_str_eq(nsc_figure_grouped(out, NAN), "-");
	ck_assert_str_eq(nsc_figure_share(out, 0.4), "40.0%");
	ck_assert_str_eq(nsc_figure_share(out, 1e300), "999.9%");
	ck_assert_str_eq(nsc_figure_share(out, NAN), "-");
	ck_assert_str_eq(nsc_figure_duration(out, 0), "0.00s");
	ck_assert_str_eq(nsc_figure_duration(out, 2.5e-8), "25.0ns");
	ck_assert_str_eq(nsc_figure_duration(out, 0.00042), "420us");
	ck_assert_str_eq(nsc_figure_duration(out, 0.0012), "1.20ms");
	ck_assert_str_eq(nsc_figure_duration(out, 59.9), "59.9s");
	ck_assert_str_eq(nsc_figure_duration(out, 185), "3m05s");
	ck_assert_str_eq(nsc_figure_duration(out, 7620), "2h07m");
	ck_assert_str_eq(nsc_figure_duration(out, 5 * 86400 + 3 * 3600), "5d03h");
	ck_assert_str_eq(nsc_figure_duration(out, 1e300), ">999d");
	ck_assert_str_eq(nsc_figure_duration(out, NAN), "-");
	ck_assert_str_eq(nsc_figure_clock(out, 1795444627.9), "14:37:07");
	ck_assert_str_eq(nsc_figure_clock(out, 1e300), "-");
	ck_assert_str_eq(nsc_figure_clock(out, NAN), "-");
}
END_TEST

CHECK_MAIN("top/figure", shorts, others)
