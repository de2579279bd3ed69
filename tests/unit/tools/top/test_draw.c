/* SPDX-License-Identifier: MIT
 *
 * Screens as golden text, in golden/: NSC_TOP_GOLDEN=write writes them anew. Under a line in which not all is plain
 * stand its tones: d dim, s strong, b bar, w warn, x bad.
 */
#include "tools/top/draw.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define FOLDER "tests/unit/tools/top/"

enum { FILE_MAX = 1 << 20 };

static struct nsc_top_numbers numbers;
static struct nsc_top_choice choice;
static struct nsc_top_contact contact;
static struct nsc_screen screen;
static struct nsc_error error;

static size_t file_read(const char *name, char *text)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "%s cannot be read", path);
	n = fread(text, 1, FILE_MAX - 1, file);
	fclose(file);
	text[n] = '\0';
	return n;
}

static void numbers_read(void)
{
	char *text = malloc(FILE_MAX);

	nsc_top_numbers_init(&numbers);
	ck_assert_int_eq(nsc_top_read_summary(&numbers, text, file_read("summary.json", text), &error), 0);
	ck_assert_int_eq(nsc_top_read_cores(&numbers, text, file_read("cores.json", text), &error), 0);
	ck_assert_int_eq(nsc_top_read_flows(&numbers, text, file_read("flows.json", text), &error), 0);
	free(text);
	memset(&choice, 0, sizeof(choice));
	contact = (struct nsc_top_contact){
		.url = "http://127.0.0.1:8080", .ever = true, .why = "", .flows_why = "", .has_found = true
	};
}

static void draw(unsigned columns, unsigned rows)
{
	nsc_screen_init(&screen, columns, rows);
	nsc_top_draw(&screen, &numbers, &choice, &contact);
}

/* --- golden ----------------------------------------------------------------------------------- */

static void tones_write(FILE *out, const struct nsc_screen_line *line)
{
	bool all_plain = true;

	for (unsigned r = 0; r < line->runs; r++)
		all_plain &= line->run[r].tone == NSC_TONE_PLAIN;
	for (unsigned r = 0; r < line->runs && !all_plain; r++)
		for (unsigned i = 0; i < line->run[r].bytes; i++)
			putc(" dsbwx"[line->run[r].tone], out);
	if (!all_plain)
		putc('\n', out);
}

static void screen_compare(const char *name, bool tones)
{
	char path[256], *have, *want = malloc(FILE_MAX);
	size_t n;
	FILE *out = open_memstream(&have, &n);

	for (unsigned i = 0; i < screen.used; i++) {
		fprintf(out, "%s\n", screen.line[i].text);
		if (tones)
			tones_write(out, &screen.line[i]);
	}
	fclose(out);
	snprintf(path, sizeof(path), "golden/%s.txt", name);
	if (getenv("NSC_TOP_GOLDEN")) {
		snprintf(path, sizeof(path), FOLDER "golden/%s.txt", name);
		out = fopen(path, "we");
		ck_assert(out && fputs(have, out) >= 0 && !fclose(out));
	} else {
		file_read(path, want);
		ck_assert_msg(!strcmp(have, want), "%s:\n%s", name, have);
	}
	free(have);
	free(want);
}

START_TEST(sizes)
{
	numbers_read();
	draw(80, 24);
	screen_compare("overview-80x24", true);
	draw(200, 60);
	screen_compare("overview-200x60", false);
	draw(20, 5);
	screen_compare("overview-20x5", false);
}
END_TEST

START_TEST(views)
{
	static const char *const names[] = { "overview", "workers", "flows", "losses", "cycles" };
	char name[64];

	numbers_read();
	for (choice.view = NSC_TOP_OF_WORKERS; choice.view < NSC_TOP_VIEWS; choice.view++) {
		draw(80, 24);
		snprintf(name, sizeof(name), "%s-80x24", names[choice.view]);
		screen_compare(name, false);
	}
	choice.view = NSC_TOP_OF_CYCLES;
	ck_assert_int_eq(nsc_top_key(&choice, 's'), NSC_TOP_ASK);
	draw(80, 24);
	screen_compare("cycles-sorted-80x24", false);
	choice.view = NSC_TOP_OF_FLOWS;
	strcpy(choice.filter, "port:443");
	draw(160, 24);
	screen_compare("filter-160x24", false);
	contact.flows_why = "filter: there is no field \"prot\"; did you mean \"port\"?";
	draw(80, 24);
	screen_compare("filter-wrong-80x24", true);
}
END_TEST

START_TEST(without_sensor)
{
	numbers_read();
	contact.gone = true;
	contact.gone_since = 1700000078;
	contact.gone_for = 75.4;
	contact.why = "connection refused; tries again";
	draw(80, 24);
	screen_compare("gone-80x24", true);
	nsc_top_numbers_init(&numbers);
	contact.ever = false;
	draw(80, 24);
	screen_compare("never-80x24", true);
	contact.gone = false;
	choice.help = true;
	draw(80, 24);
	screen_compare("help-80x24", false);
}
END_TEST

START_TEST(ended_file)
{
	numbers_read();
	numbers.live = false;
	numbers.lost = 0;
	numbers.n_losses = 0;
	strcpy(numbers.source, "file");
	strcpy(numbers.input, "/data/day/monday.pcapng");
	strcpy(numbers.state, "ended");
	strcpy(numbers.state_text, "the input has ended; what was seen stays on show");
	choice.paused = true;
	draw(80, 24);
	screen_compare("ended-80x24", true);
}
END_TEST

/* --- numbers and texts that nobody expects ---------------------------------------------------- */

static void huge(void)
{
	const double most = 1.8446744073709552e19;

	numbers.bps = numbers.pps = numbers.flows = numbers.drops = numbers.alerts = 1e300;
	numbers.lost = numbers.received = most;
	numbers.imbalance = 1e300;
	for (unsigned i = 0; i < numbers.n_workers; i++) {
		struct nsc_top_worker *worker = &numbers.worker[i];

		worker->pps = worker->bps = worker->waiting = worker->index = worker->core = most;
		worker->busy = worker->idle = worker->empty = worker->waited = 1e9;
		worker->round_p99_ns = 1e300;
		worker->cycles[0] = most;
	}
	for (unsigned i = 0; i < numbers.n_losses; i++)
		numbers.loss[i].count = numbers.loss[i].since = 1e300;
	for (unsigned i = 0; i < numbers.top.n; i++) {
		struct nsc_top_row *flow = &numbers.top.flow[i];

		flow->bps = flow->bytes = flow->packets = most;
		flow->rtt_ms = flow->retransmissions = flow->lost_segments = 1e300;
	}
}

START_TEST(huge_numbers)
{
	numbers_read();
	huge();
	draw(120, 24);
	screen_compare("huge-120x24", false);
}
END_TEST

/* Escape sequences, an override of the direction, half a character, combining and wide ones. */
START_TEST(hostile_texts)
{
	numbers_read();
	strcpy(numbers.input, "eth0\x1b]0;pwned\x07");
	strcpy(numbers.state_text, "line\r\nbreak");
	strcpy(numbers.top.flow[0].name, "\x1b[2J\x1b[31mred.example");
	strcpy(numbers.top.flow[1].name, "\xe2\x80\xae"
					 "gpj.example \xc2\x9b"
					 "31m \xff half \xe2\x82");
	strcpy(numbers.top.flow[2].name, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.example");
	strcpy(numbers.top.flow[3].name, "e\xcc\x81"
					 "combining.example");
	draw(160, 24);
	screen_compare("hostile-160x24", false);
	setlocale(LC_CTYPE, "C");
	draw(160, 24);
	setlocale(LC_CTYPE, "C.UTF-8");
	screen_compare("hostile-ascii-160x24", false);
}
END_TEST

static void line_holds(const struct nsc_screen_line *line)
{
	unsigned bytes = 0, steering = 0;

	for (unsigned r = 0; r < line->runs; r++)
		bytes += line->run[r].bytes;
	for (unsigned i = 0; i < line->bytes; i++)
		steering += (unsigned char)line->text[i] < ' ';
	ck_assert(line->cells <= screen.columns && line->bytes == strlen(line->text) && bytes == line->bytes &&
		  !steering);
}

/* Every size, view and state: as many lines as rows, none longer than the screen. */
static void each_size(void)
{
	static const unsigned widths[] = { 1, 2, 3, 5, 8, 13, 20, 40, 49, 60, 79, 80, 100, 120, 140, 249 };
	static const unsigned heights[] = { 1, 2, 3, 5, 7, 9, 13, 24, 60 };

	for (size_t i = 0; i < NSC_ARRAY_LEN(widths) * NSC_ARRAY_LEN(heights); i++) {
		unsigned rows = heights[i % NSC_ARRAY_LEN(heights)];

		choice.scroll = 1000;
		draw(widths[i / NSC_ARRAY_LEN(heights)], rows);
		ck_assert_uint_eq(screen.used, rows);
		for (unsigned l = 0; l < rows; l++)
			line_holds(&screen.line[l]);
	}
}

START_TEST(any_size)
{
	numbers_read();
	huge();
	strcpy(numbers.top.flow[1].name, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\x1b.example");
	for (unsigned i = 0; i < 6 * NSC_TOP_VIEWS; i++) {
		choice.view = i % NSC_TOP_VIEWS;
		choice.help = i / NSC_TOP_VIEWS == 1;
		choice.editing = i / NSC_TOP_VIEWS == 2;
		contact.gone = i / NSC_TOP_VIEWS == 3;
		choice.reversed[choice.view] = i / NSC_TOP_VIEWS == 4;
		contact.ever = i / NSC_TOP_VIEWS != 5;
		each_size();
	}
	draw(UINT32_MAX, UINT32_MAX);
	ck_assert_uint_eq(screen.used, NSC_SCREEN_ROWS);
	draw(0, 0);
	ck_assert_uint_eq(screen.used, 1);
}
END_TEST

/* Nothing but what the first contact gives. */
START_TEST(no_numbers)
{
	static const char starting[] = "{\"state\":\"starting\",\"protocol\":1,\"tick\":null}";

	numbers_read();
	nsc_top_numbers_init(&numbers);
	ck_assert_int_eq(nsc_top_read_summary(&numbers, starting, strlen(starting), &error), 0);
	draw(80, 24);
	screen_compare("starting-80x24", false);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { sizes,        views,         without_sensor, ended_file,
				       huge_numbers, hostile_texts, any_size,       no_numbers };

	setlocale(LC_CTYPE, "C.UTF-8");
	return check_main("top/draw", tests, NSC_ARRAY_LEN(tests));
}
