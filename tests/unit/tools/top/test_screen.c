/* SPDX-License-Identifier: MIT
 *
 * Texts into cells: cut, filled, escaped.
 */
#include "tools/top/screen.h"

#include <locale.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define EURO "\xe2\x82\xac"
#define SUN "\xe6\x97\xa5" /* two cells */
#define ACUTE "\xcc\x81"   /* none: it combines */
#define OVERRIDE "\xe2\x80\xae"

static struct nsc_screen screen;

static const char *cell(const char *text, unsigned width, bool right)
{
	struct nsc_screen_line *line;

	nsc_screen_init(&screen, 40, 1);
	line = nsc_screen_next(&screen);
	nsc_screen_cell(&screen, line, NSC_TONE_PLAIN, text, width, right);
	ck_assert_uint_eq(line->cells, width);
	return line->text;
}

START_TEST(cells)
{
	static const struct {
		const char *text;
		unsigned width;
		const char *left, *right;
	} cases[] = {
		{ "", 3, "   ", "   " },
		{ "abc", 3, "abc", "abc" },
		{ "abc", 5, "abc  ", "  abc" },
		{ "abcd", 3, "ab~", "ab~" },
		{ "ab", 1, "~", "~" },
		{ EURO "ab", 4, EURO "ab ", " " EURO "ab" },
		{ SUN SUN, 4, SUN SUN, SUN SUN },
		{ SUN SUN, 3, SUN "~", SUN "~" },
		{ SUN SUN, 2, "~ ", " ~" },
		{ "e" ACUTE, 12, "e\\xcc\\x81   ", "   e\\xcc\\x81" },
		{ OVERRIDE, 12, "\\xe2\\x80\\xae", "\\xe2\\x80\\xae" },
		{ "\x1b[m\xff", 12, "\\x1b[m\\xff  ", "  \\x1b[m\\xff" },
		{ "\x1b\x1b", 6, "\\x1b~ ", " \\x1b~" },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_str_eq(cell(cases[i].text, cases[i].width, false), cases[i].left);
		ck_assert_str_eq(cell(cases[i].text, cases[i].width, true), cases[i].right);
	}
	setlocale(LC_CTYPE, "C");
	ck_assert_str_eq(cell(EURO, 12, false), "\\xe2\\x82\\xac");
	setlocale(LC_CTYPE, "C.UTF-8");
}
END_TEST

START_TEST(lines)
{
	struct nsc_screen_line *line;

	nsc_screen_init(&screen, 10, 2);
	line = nsc_screen_next(&screen);
	nsc_screen_put(&screen, line, NSC_TONE_PLAIN, "ab");
	nsc_screen_say(&screen, line, NSC_TONE_BAD, "%d", 12);
	nsc_screen_put(&screen, line, NSC_TONE_BAD, "3");
	nsc_screen_fill(&screen, line, NSC_TONE_DIM, 99, '-');
	nsc_screen_put(&screen, line, NSC_TONE_PLAIN, "no room");
	ck_assert_str_eq(line->text, "ab123-----");
	ck_assert_uint_eq(line->runs, 3);
	ck_assert(line->run[1].bytes == 3 && line->run[1].tone == NSC_TONE_BAD);
	ck_assert_ptr_nonnull(nsc_screen_next(&screen));
	ck_assert_ptr_null(nsc_screen_next(&screen));
	nsc_screen_put(&screen, NULL, NSC_TONE_PLAIN, "nowhere");
	nsc_screen_cell(&screen, NULL, NSC_TONE_PLAIN, "nowhere", 3, true);
	nsc_screen_dim(&screen, 0);
	ck_assert_int_eq(line->run[1].tone, NSC_TONE_DIM);
}
END_TEST

/* More parts than there are runs: the text is whole. */
START_TEST(runs)
{
	struct nsc_screen_line *line;
	unsigned bytes = 0;

	nsc_screen_init(&screen, 200, 1);
	line = nsc_screen_next(&screen);
	for (unsigned i = 0; i < 150; i++)
		nsc_screen_put(&screen, line, i % 2 ? NSC_TONE_BAD : NSC_TONE_DIM, "x");
	for (unsigned r = 0; r < line->runs; r++)
		bytes += line->run[r].bytes;
	ck_assert(line->runs == NSC_SCREEN_RUNS && bytes == 150 && line->bytes == 150);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { cells, lines, runs };

	setlocale(LC_CTYPE, "C.UTF-8");
	return check_main("top/screen", tests, NSC_ARRAY_LEN(tests));
}
