/* SPDX-License-Identifier: MIT
 *
 * The state, the rates, and which sections share the rest.
 */
#include "tools/top/draw.h"

#include "tools/top/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	LABEL = 9,      /* columns of "capture" and its like */
	HEAD_TITLE = 1, /* rows that a section needs beside its own: a title, heads of columns */
	SECTION_HEAD = 2,
	LEAST_ROWS = 8, /* fewer leave the verdicts out */
	WORKERS_LEAST = 2,
	LOSSES_MOST = 3,
};

#define SATURATED 0.95
#define NEARLY 0.8

static const char keys_text[] = "q quit  p pause  s sort  r reverse  / filter  t view  ? help";

static const char *const help_text[] = {
	"t, Tab      next view: overview, workers, flows, losses, cycles",
	"s           sort by the next column",
	"r           reverse the order",
	"/           filter flows: Enter takes it, Esc leaves the old one, none is empty",
	"            port:443   host:10.0.0.0/8 rtt>50ms   name:example.com   !proto:udp",
	"p           pause: the numbers stay as they are",
	"arrows, j k, Page Up, Page Down, Space, Home    scroll",
	"q, Ctrl-C   quit",
	"",
	"bit/s and packets/s are of the last tick; times are UTC; - is not known.",
	"busy + empty + idle + wait is all of a worker's time.",
	"wait: for room in front of another thread; lane: bursts that wait for it.",
	"cyc/pkt: cycles that the worker spent on each packet.",
	"round p99: 99 % of its rounds, a burst each, took no longer.",
};

/* --- verdicts --------------------------------------------------------------------------------- */

static struct nsc_screen_line *draw_label(struct nsc_screen *screen, const char *label)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);

	nsc_screen_cell(screen, line, NSC_TONE_DIM, label, LABEL, false);
	return line;
}

static bool draw_is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* A sensor that is there, by its own word. */
static void draw_state(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	static const char *const bad[] = { "stalled", "output_failed", "failed", NULL };
	static const char *const warn[] = { "link_down", NULL };
	bool is_bad = draw_is_one_of(numbers->state, bad), is_warn = draw_is_one_of(numbers->state, warn);
	enum nsc_tone tone = is_bad ? NSC_TONE_BAD : is_warn ? NSC_TONE_WARN : NSC_TONE_PLAIN;
	const char *running = numbers->live                       ? "capturing"
			      : !strcmp(numbers->source, "synth") ? "generating"
								  : "reading";

	nsc_screen_say(screen, draw_label(screen, "state"), tone, "%s%s%s%s", is_bad || is_warn ? "! " : "",
		       strcmp(numbers->state, "running") != 0 ? numbers->state : running,
		       numbers->state_text[0] ? ": " : "", numbers->state_text);
}

static void draw_gone(struct nsc_screen *screen, const struct nsc_top_contact *contact)
{
	char since[NSC_FIGURE], lasts[NSC_FIGURE];

	if (contact->gone_for < 60)
		snprintf(lasts, sizeof(lasts), "%.0fs", floor(contact->gone_for));
	else
		nsc_figure_duration(lasts, contact->gone_for);
	nsc_screen_say(screen, draw_label(screen, "sensor"), NSC_TONE_BAD, "! %s since %s, for %s: %s",
		       contact->ever ? "gone" : "not reached", nsc_figure_clock(since, contact->gone_since), lasts,
		       contact->why);
}

static const struct nsc_top_loss *draw_worst(const struct nsc_top_numbers *numbers)
{
	const struct nsc_top_loss *worst = NULL;

	for (uint32_t i = 0; i < numbers->n_losses; i++)
		if (numbers->loss[i].is_loss && (!worst || numbers->loss[i].count > worst->count))
			worst = &numbers->loss[i];
	return worst;
}

static void draw_loss(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	struct nsc_screen_line *line = draw_label(screen, "losses");
	const struct nsc_top_loss *worst = draw_worst(numbers);
	char count[NSC_FIGURE], share[NSC_FIGURE];

	if (numbers->lost > 0)
		nsc_screen_say(screen, line, NSC_TONE_BAD, "! %s packets lost, %s of all%s%s",
			       nsc_figure_grouped(count, numbers->lost),
			       nsc_figure_share(share, numbers->lost / (numbers->received + numbers->lost)),
			       worst ? ", mostly at " : "", worst ? worst->place : "");
	else if (numbers->n_losses)
		nsc_screen_say(screen, line, NSC_TONE_WARN, "! %u limit%s hit, first %s: t shows where",
			       numbers->n_losses, numbers->n_losses == 1 ? "" : "s", numbers->loss[0].counter);
	else if (isnan(numbers->received))
		nsc_screen_put(screen, line, NSC_TONE_PLAIN, "nothing known yet");
	else if (isnan(numbers->lost) && numbers->live)
		nsc_screen_put(screen, line, NSC_TONE_PLAIN, "not known: this source does not count drops");
	else
		nsc_screen_put(screen, line, NSC_TONE_PLAIN,
			       numbers->live ? "none: nothing lost at interface, kernel or lanes"
					     : "none: a reader of files waits, nothing can be lost");
}

static void draw_ledger(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	struct nsc_screen_line *line = draw_label(screen, "ledger");
	char borders[NSC_FIGURE];

	if (!(numbers->borders > 0))
		nsc_screen_put(screen, line, NSC_TONE_PLAIN, "nothing to check yet");
	else if (!numbers->balanced)
		nsc_screen_say(screen, line, NSC_TONE_BAD, "! not balanced: %s", numbers->unbalanced);
	else
		nsc_screen_say(screen, line, NSC_TONE_PLAIN, "balanced, %s borders checked",
			       nsc_figure_short(borders, numbers->borders, true));
}

static void draw_cores(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	struct nsc_screen_line *line = draw_label(screen, "cores");
	const struct nsc_top_worker *most = NULL;
	bool full, nearly;
	char share[NSC_FIGURE];

	for (uint32_t i = 0; i < numbers->n_workers; i++)
		if (!most || numbers->worker[i].busy > most->busy)
			most = &numbers->worker[i];
	if (!most) {
		nsc_screen_put(screen, line, NSC_TONE_PLAIN, "no worker yet");
		return;
	}
	/* who reads a file works as fast as it can */
	full = numbers->live && most->busy > SATURATED;
	nearly = numbers->live && most->busy > NEARLY;
	nsc_screen_say(screen, line,
		       full     ? NSC_TONE_BAD
		       : nearly ? NSC_TONE_WARN
				: NSC_TONE_PLAIN,
		       "%sworker %.0f is busiest, %s%s", nearly ? "! " : "", most->index,
		       nsc_figure_share(share, most->busy), full ? ": saturated" : "");
	if (numbers->imbalance >= 0)
		nsc_screen_say(screen, line, NSC_TONE_PLAIN, "; imbalance %.2f over %u workers",
			       fmin(numbers->imbalance, 999), numbers->n_workers);
}

static void draw_rates(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	char bits[NSC_FIGURE], packets[NSC_FIGURE], flows[NSC_FIGURE], drops[NSC_FIGURE], alerts[NSC_FIGURE];

	nsc_screen_say(screen, draw_label(screen, "rates"), NSC_TONE_STRONG,
		       "%s  %s packets/s  %s flows  %s alerts  %s lost in tick",
		       nsc_figure_unit(bits, numbers->bps, "bit/s"), nsc_figure_short(packets, numbers->pps, true),
		       nsc_figure_short(flows, numbers->flows, true), nsc_figure_short(alerts, numbers->alerts, true),
		       nsc_figure_short(drops, numbers->drops, true));
}

/* --- first and last line ---------------------------------------------------------------------- */

static const char *draw_source_name(const struct nsc_top_numbers *numbers)
{
	const char *slash = strrchr(numbers->input, '/');

	return slash && slash[1] ? slash + 1 : numbers->input[0] ? numbers->input : numbers->source;
}

static void draw_title(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		       const struct nsc_top_choice *choice, const struct nsc_top_contact *contact)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);
	const char *word = contact->gone    ? (contact->ever ? "! gone" : "! no sensor")
			   : choice->paused ? "! paused"
					    : nsc_top_view_names[choice->view];
	unsigned right = (unsigned)strlen(word) + 10;
	char clock[NSC_FIGURE], name[NSC_SCREEN_BYTES];

	snprintf(name, sizeof(name), "netscope %s  %s%s%s", numbers->version,
		 contact->ever ? draw_source_name(numbers) : contact->url, contact->ever ? "  " : "",
		 contact->ever ? numbers->source : "");
	if (screen->columns > right + LABEL) {
		nsc_screen_cell(screen, line, NSC_TONE_BAR, name, screen->columns - right, false);
		nsc_screen_say(screen, line, NSC_TONE_BAR, " %8s %s", nsc_figure_clock(clock, numbers->tick_end), word);
	} else {
		nsc_screen_put(screen, line, NSC_TONE_BAR, name);
	}
	nsc_screen_fill(screen, line, NSC_TONE_BAR, screen->columns, ' ');
}

static void draw_last(struct nsc_screen *screen, const struct nsc_top_choice *choice)
{
	struct nsc_screen_line *line;
	size_t length = strlen(choice->draft), room = screen->columns > 12 ? screen->columns - 10u : 1;

	while (screen->used < screen->rows - 1)
		nsc_screen_next(screen);
	line = nsc_screen_next(screen);
	if (choice->editing)
		nsc_screen_say(screen, line, NSC_TONE_BAR, "filter: %s_",
			       choice->draft + (length > room ? length - room : 0));
	else
		nsc_screen_put(screen, line, NSC_TONE_BAR, keys_text);
	nsc_screen_fill(screen, line, NSC_TONE_BAR, screen->columns, ' ');
}

/* --- sections --------------------------------------------------------------------------------- */

static unsigned draw_rows_left(const struct nsc_screen *screen)
{
	return screen->rows > screen->used + 1 ? screen->rows - screen->used - 1 : 0;
}

/* Workers get a third of what is left, losses a few lines, flows the rest. */
static void draw_overview(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
			  struct nsc_top_choice *choice, const struct nsc_top_contact *contact)
{
	unsigned left = draw_rows_left(screen), none = 0;
	unsigned workers = NSC_MIN(numbers->n_workers, NSC_MAX(left / 3, SECTION_HEAD + WORKERS_LEAST) - SECTION_HEAD);

	if (left > SECTION_HEAD + workers)
		nsc_top_workers(screen, numbers, choice, SECTION_HEAD + workers, &none);
	none = 0;
	if (numbers->n_losses && draw_rows_left(screen) > 2 * LOSSES_MOST)
		nsc_top_losses(screen, numbers, choice, HEAD_TITLE + NSC_MIN(numbers->n_losses, LOSSES_MOST), &none);
	nsc_top_flows(screen, numbers, choice, contact, draw_rows_left(screen), &choice->scroll);
}

static void draw_help(struct nsc_screen *screen)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(help_text) && draw_rows_left(screen); i++)
		nsc_screen_put(screen, nsc_screen_next(screen), NSC_TONE_PLAIN, help_text[i]);
}

static void draw_view(struct nsc_screen *screen, const struct nsc_top_numbers *numbers, struct nsc_top_choice *choice,
		      const struct nsc_top_contact *contact)
{
	switch (choice->view) {
	case NSC_TOP_OF_WORKERS:
		nsc_top_workers(screen, numbers, choice, draw_rows_left(screen), &choice->scroll);
		break;
	case NSC_TOP_OF_FLOWS:
		nsc_top_flows(screen, numbers, choice, contact, draw_rows_left(screen), &choice->scroll);
		break;
	case NSC_TOP_OF_LOSSES:
		nsc_top_losses(screen, numbers, choice, draw_rows_left(screen), &choice->scroll);
		break;
	case NSC_TOP_OF_CYCLES:
		nsc_top_cycles(screen, numbers, choice, draw_rows_left(screen), &choice->scroll);
		break;
	default:
		draw_overview(screen, numbers, choice, contact);
	}
}

static void draw_verdicts(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	draw_loss(screen, numbers);
	if (screen->rows > LEAST_ROWS) {
		draw_ledger(screen, numbers);
		draw_cores(screen, numbers);
	}
	draw_rates(screen, numbers);
}

void nsc_top_draw(struct nsc_screen *screen, const struct nsc_top_numbers *numbers, struct nsc_top_choice *choice,
		  const struct nsc_top_contact *contact)
{
	unsigned old;

	draw_title(screen, numbers, choice, contact);
	if (contact->gone)
		draw_gone(screen, contact);
	else if (contact->ever)
		draw_state(screen, numbers);
	else
		nsc_screen_put(screen, draw_label(screen, "sensor"), NSC_TONE_PLAIN, "asked for the first time");
	old = screen->used;
	if (choice->help) {
		draw_help(screen);
	} else if (contact->ever) {
		draw_verdicts(screen, numbers);
		if (draw_rows_left(screen))
			draw_view(screen, numbers, choice, contact);
	}
	if (contact->gone && !choice->help)
		nsc_screen_dim(screen, old);
	draw_last(screen, choice);
}
