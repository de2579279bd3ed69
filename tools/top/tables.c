/* SPDX-License-Identifier: MIT
 *
 * The sections: a title line that says the order, heads of columns, rows.
 */
#include "tools/top/draw.h"

#include "tools/top/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE = 700 };

struct head { /* of a column */
	const char *text;
	unsigned width;
	bool right;
	unsigned from; /* columns that the screen must have */
};

/* --- what sections have in common ------------------------------------------------------------- */

static void table_title(struct nsc_screen *screen, const char *text)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);

	nsc_screen_say(screen, line, NSC_TONE_STRONG, "-- %s ", text);
	nsc_screen_fill(screen, line, NSC_TONE_DIM, screen->columns, '-');
}

static void table_cell(struct nsc_screen *screen, struct nsc_screen_line *line, const struct head *head,
		       enum nsc_tone tone, const char *text)
{
	if (screen->columns < head->from)
		return;
	if (line && line->cells)
		nsc_screen_put(screen, line, NSC_TONE_PLAIN, " ");
	nsc_screen_cell(screen, line, tone, text, head->width, head->right);
}

static struct nsc_screen_line *table_heads(struct nsc_screen *screen, const struct head *heads, size_t n)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);

	for (size_t i = 0; i < n; i++)
		table_cell(screen, line, &heads[i], NSC_TONE_DIM, heads[i].text);
	return line;
}

/* Rows that are shown of `n` with room for `room`, from *first on. */
static unsigned table_window(unsigned n, unsigned room, unsigned *first)
{
	unsigned shown = NSC_MIN(n, room);

	*first = NSC_MIN(*first, n - shown);
	return shown;
}

/* Behind the name of the sort, unless it is as everybody expects. */
static const char *table_order(const struct nsc_top_choice *choice, enum nsc_top_view view)
{
	bool rises = nsc_top_rises(choice, view);

	if (nsc_top_sort_of(choice, view)->rises)
		return rises ? "" : ", last first";
	return rises ? ", least first" : ", most first";
}

static void table_where(char text[NSC_FIGURE], unsigned first, unsigned shown, unsigned n)
{
	if (shown < n)
		snprintf(text, NSC_FIGURE, ", %u to %u of %u", first + 1, first + shown, n);
	else
		text[0] = '\0';
}

/* A place in an order: by `value`, unknown ones last in both directions, equal ones as they came. */
struct place {
	double value;
	unsigned at;
};

static int place_rises(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (isnan(x->value) || isnan(y->value))
		return isnan(x->value) - isnan(y->value) ?: (x->at > y->at) - (x->at < y->at);
	return (x->value > y->value) - (x->value < y->value) ?: (x->at > y->at) - (x->at < y->at);
}

static int place_falls(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (isnan(x->value) || isnan(y->value) || x->value == y->value)
		return place_rises(a, b);
	return x->value < y->value ? 1 : -1;
}

static void table_sort(struct place *places, unsigned n, bool rises)
{
	qsort(places, n, sizeof(*places), rises ? place_rises : place_falls);
}

/* --- workers ---------------------------------------------------------------------------------- */

static const struct head worker_heads[] = {
	{ "worker", 6, true, 0 }, { "core", 4, true, 60 },    { "busy", 7, true, 0 },       { "empty", 6, true, 0 },
	{ "idle", 6, true, 0 },   { "wait", 6, true, 0 },     { "pkt/s", 7, true, 0 },      { "bit/s", 7, true, 0 },
	{ "lane", 5, true, 60 },  { "cyc/pkt", 7, true, 70 }, { "round p99", 9, true, 80 },
};

/* What a wide screen has room for behind the columns of all screens: cycles per packet of a stage. */
static const struct head worker_stage_head = { "", 7, true, 100 };

static bool worker_has_room(const struct nsc_screen *screen, const struct nsc_screen_line *line)
{
	return line && line->cells + 1 + worker_stage_head.width <= screen->columns;
}

static double cycles_of(const double *cycles, uint32_t stages)
{
	double sum = NAN;

	for (uint32_t i = 0; i < stages; i++)
		if (!isnan(cycles[i]))
			sum = isnan(sum) ? cycles[i] : sum + cycles[i];
	return sum;
}

static double worker_value(const struct nsc_top_numbers *numbers, const struct nsc_top_worker *worker, const char *by)
{
	if (!strcmp(by, "busy"))
		return worker->busy;
	if (!strcmp(by, "packets"))
		return worker->pps;
	if (!strcmp(by, "cycles"))
		return cycles_of(worker->cycles, numbers->n_stages);
	return !strcmp(by, "lane") ? worker->waiting : worker->index;
}

static void worker_row(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		       const struct nsc_top_worker *worker)
{
	bool full = numbers->live && worker->busy > 0.95;
	struct nsc_screen_line *line = nsc_screen_next(screen);
	const struct head *head = worker_heads;
	char text[NSC_FIGURE], busy[NSC_FIGURE + 1];

	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, worker->index, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, worker->core, true));
	snprintf(busy, sizeof(busy), "%s%s", full ? "!" : "", nsc_figure_share(text, worker->busy));
	table_cell(screen, line, head++, full ? NSC_TONE_BAD : NSC_TONE_PLAIN, busy);
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_share(text, worker->empty));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_share(text, worker->idle));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_share(text, worker->waited));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, worker->pps, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, worker->bps, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, worker->waiting, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN,
		   nsc_figure_short(text, cycles_of(worker->cycles, numbers->n_stages), true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_duration(text, worker->round_p99_ns / 1e9));
	for (uint32_t i = 0; i < numbers->n_stages && worker_has_room(screen, line); i++)
		table_cell(screen, line, &worker_stage_head, NSC_TONE_PLAIN,
			   nsc_figure_short(text, worker->cycles[i], false));
}

static void worker_heads_put(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	struct nsc_screen_line *line = table_heads(screen, worker_heads, NSC_ARRAY_LEN(worker_heads));

	for (uint32_t i = 0; i < numbers->n_stages && worker_has_room(screen, line); i++)
		table_cell(screen, line, &worker_stage_head, NSC_TONE_DIM, numbers->stage[i]);
}

void nsc_top_workers(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		     const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll)
{
	const char *by = nsc_top_sort_of(choice, NSC_TOP_OF_WORKERS)->name;
	struct place places[NSC_TOP_WORKERS];
	char title[SENTENCE], where[NSC_FIGURE];
	unsigned shown = table_window(numbers->n_workers, rows > 2 ? rows - 2 : 0, scroll);

	for (unsigned i = 0; i < numbers->n_workers; i++)
		places[i] = (struct place){ worker_value(numbers, &numbers->worker[i], by), i };
	table_sort(places, numbers->n_workers, nsc_top_rises(choice, NSC_TOP_OF_WORKERS));
	table_where(where, *scroll, shown, numbers->n_workers);
	snprintf(title, sizeof(title), "workers by %s%s%s", by, table_order(choice, NSC_TOP_OF_WORKERS), where);
	table_title(screen, title);
	worker_heads_put(screen, numbers);
	for (unsigned i = 0; i < shown; i++)
		worker_row(screen, numbers, &numbers->worker[places[*scroll + i].at]);
}

/* --- cycles ----------------------------------------------------------------------------------- */

static const struct head stage_heads[] = { { "stage", 9, false, 0 }, { "all", 8, true, 0 }, { "share", 7, true, 30 } };
static const struct head capture_head = { "capture", 8, true, 40 };
static const struct head worker_head = { "", 8, true, 50 };

/* Of a packet anywhere: the workers' by their rates, and what one thread spent on all packets. */
static double stage_mean(const struct nsc_top_numbers *numbers, uint32_t stage)
{
	double sum = NAN, packets = 0;

	for (uint32_t i = 0; i < numbers->n_workers; i++) {
		const struct nsc_top_worker *worker = &numbers->worker[i];

		if (!(worker->pps > 0) || isnan(worker->cycles[stage]))
			continue;
		sum = (isnan(sum) ? 0 : sum) + worker->cycles[stage] * worker->pps;
		packets += worker->pps;
	}
	sum = isnan(sum) ? sum : sum / packets;
	if (!numbers->has_capture || isnan(numbers->capture[stage]))
		return sum;
	return (isnan(sum) ? 0 : sum) + numbers->capture[stage];
}

static void stage_row(struct nsc_screen *screen, const struct nsc_top_numbers *numbers, uint32_t stage, double mean,
		      double all)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);
	char text[NSC_FIGURE];

	table_cell(screen, line, &stage_heads[0], NSC_TONE_PLAIN, numbers->stage[stage]);
	table_cell(screen, line, &stage_heads[1], NSC_TONE_STRONG, nsc_figure_short(text, mean, false));
	table_cell(screen, line, &stage_heads[2], NSC_TONE_PLAIN, nsc_figure_share(text, all > 0 ? mean / all : NAN));
	if (numbers->has_capture)
		table_cell(screen, line, &capture_head, NSC_TONE_PLAIN,
			   nsc_figure_short(text, numbers->capture[stage], false));
	for (uint32_t i = 0; i < numbers->n_workers && line && line->cells + worker_head.width < screen->columns; i++)
		table_cell(screen, line, &worker_head, NSC_TONE_PLAIN,
			   nsc_figure_short(text, numbers->worker[i].cycles[stage], false));
}

static void stage_heads_put(struct nsc_screen *screen, const struct nsc_top_numbers *numbers)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);
	char name[NSC_TOP_WORD];

	for (size_t i = 0; i < NSC_ARRAY_LEN(stage_heads); i++)
		table_cell(screen, line, &stage_heads[i], NSC_TONE_DIM, stage_heads[i].text);
	if (numbers->has_capture)
		table_cell(screen, line, &capture_head, NSC_TONE_DIM, capture_head.text);
	for (uint32_t i = 0; i < numbers->n_workers && line && line->cells + worker_head.width < screen->columns; i++) {
		snprintf(name, sizeof(name), "w%.0f", numbers->worker[i].index);
		table_cell(screen, line, &worker_head, NSC_TONE_DIM, name);
	}
}

void nsc_top_cycles(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		    const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll)
{
	const struct nsc_top_sort *sort = nsc_top_sort_of(choice, NSC_TOP_OF_CYCLES);
	struct place places[NSC_TOP_STAGES];
	double means[NSC_TOP_STAGES], all;
	char title[SENTENCE], total[NSC_FIGURE];
	unsigned shown = table_window(numbers->n_stages, rows > 2 ? rows - 2 : 0, scroll);

	for (unsigned i = 0; i < numbers->n_stages; i++) {
		means[i] = stage_mean(numbers, i);
		places[i] = (struct place){ sort->rises ? i : means[i], i };
	}
	all = cycles_of(means, numbers->n_stages);
	table_sort(places, numbers->n_stages, nsc_top_rises(choice, NSC_TOP_OF_CYCLES));
	snprintf(title, sizeof(title), "cycles a packet by %s%s: %s in all", sort->name,
		 table_order(choice, NSC_TOP_OF_CYCLES), nsc_figure_short(total, all, false));
	table_title(screen, title);
	stage_heads_put(screen, numbers);
	for (unsigned i = 0; i < shown; i++)
		stage_row(screen, numbers, places[*scroll + i].at, means[places[*scroll + i].at], all);
}

/* --- losses ----------------------------------------------------------------------------------- */

static void loss_row(struct nsc_screen *screen, const struct nsc_top_loss *loss)
{
	enum nsc_tone tone = loss->is_loss ? NSC_TONE_BAD : NSC_TONE_WARN;
	struct nsc_screen_line *line = nsc_screen_next(screen);
	char count[NSC_FIGURE], since[NSC_FIGURE];

	nsc_screen_cell(screen, line, tone, loss->is_loss ? "! loss" : "! limit", 8, false);
	nsc_screen_cell(screen, line, NSC_TONE_PLAIN, loss->place, 9, false);
	nsc_screen_cell(screen, line, tone, nsc_figure_grouped(count, loss->count), 11, true);
	nsc_screen_say(screen, line, NSC_TONE_PLAIN, " %s since %s, %s: %s", loss->unit,
		       nsc_figure_clock(since, loss->since), loss->counter, loss->what);
}

/* What is lost is worse than a limit. */
static int loss_by_place(const void *a, const void *b)
{
	const struct nsc_top_loss *const *x = a, *const *y = b;

	if ((*x)->is_loss != (*y)->is_loss)
		return (*y)->is_loss - (*x)->is_loss;
	return strcmp((*x)->place, (*y)->place) ?: strcmp((*x)->counter, (*y)->counter);
}

static int loss_by_count(const void *a, const void *b)
{
	const struct nsc_top_loss *const *x = a, *const *y = b;

	return ((*x)->count < (*y)->count) - ((*x)->count > (*y)->count) ?: loss_by_place(a, b);
}

/* The advice stands in a line of its own below its loss, as long as there is room for all. */
void nsc_top_losses(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		    const struct nsc_top_choice *choice, unsigned rows, unsigned *scroll)
{
	const struct nsc_top_sort *sort = nsc_top_sort_of(choice, NSC_TOP_OF_LOSSES);
	bool turned = nsc_top_rises(choice, NSC_TOP_OF_LOSSES) != sort->rises;
	const struct nsc_top_loss *order[NSC_TOP_LOSSES];
	unsigned n = numbers->n_losses, room = rows ? rows - 1 : 0, shown = table_window(n, room, scroll);
	char title[SENTENCE], where[NSC_FIGURE];

	for (unsigned i = 0; i < n; i++)
		order[i] = &numbers->loss[i];
	qsort(order, n, sizeof(*order), sort->rises ? loss_by_place : loss_by_count);
	table_where(where, *scroll, shown, n);
	snprintf(title, sizeof(title), "losses and limits by %s%s%s", sort->name,
		 table_order(choice, NSC_TOP_OF_LOSSES), where);
	table_title(screen, title);
	if (!n && room)
		nsc_screen_put(screen, nsc_screen_next(screen), NSC_TONE_PLAIN, "nothing lost, no limit hit");
	for (unsigned i = 0; i < shown; i++) {
		const struct nsc_top_loss *loss = order[turned ? n - 1 - *scroll - i : *scroll + i];

		loss_row(screen, loss);
		if (2 * n <= room && loss->advice[0])
			nsc_screen_say(screen, nsc_screen_next(screen), NSC_TONE_DIM, "        %s", loss->advice);
	}
}

/* --- flows ------------------------------------------------------------------------------------ */

static const struct head flow_heads[] = {
	{ "proto", 5, false, 0 }, { "bit/s", 6, true, 0 },    { "bytes", 6, true, 40 }, { "packets", 7, true, 50 },
	{ "rtt", 6, true, 60 },   { "retr", 5, true, 100 },   { "lost", 5, true, 100 }, { "state", 11, false, 110 },
	{ "app", 8, false, 120 }, { "name", 32, false, 140 }, { "flow", 4, false, 0 },
};
enum { NAME_HEAD = 9, END_HEAD = 10 };

/* What there is to know of it in one text: the name has a column of its own where there is room for one. */
static void flow_ends(char *text, size_t size, const struct nsc_top_row *flow, bool with_name)
{
	const char *name = with_name ? flow->name : "";

	snprintf(text, size, "%s%s%s %s %s", name, *name ? "  " : "", flow->from, flow->has_client ? ">" : "-",
		 flow->to);
}

static void flow_row(struct nsc_screen *screen, const struct nsc_top_row *flow)
{
	struct nsc_screen_line *line = nsc_screen_next(screen);
	const struct head *head = flow_heads;
	char text[NSC_FIGURE], ends[NSC_TOP_NAME + 2 * NSC_TOP_END + 8];

	flow_ends(ends, sizeof(ends), flow, screen->columns < flow_heads[NAME_HEAD].from);
	table_cell(screen, line, head++, NSC_TONE_PLAIN, flow->protocol);
	table_cell(screen, line, head++, NSC_TONE_STRONG, nsc_figure_short(text, flow->bps, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, flow->bytes, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, flow->packets, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_duration(text, flow->rtt_ms / 1000));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, flow->retransmissions, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, nsc_figure_short(text, flow->lost_segments, true));
	table_cell(screen, line, head++, NSC_TONE_PLAIN, flow->state);
	table_cell(screen, line, head++, NSC_TONE_PLAIN, flow->app);
	table_cell(screen, line, head++, NSC_TONE_PLAIN, flow->name);
	nsc_screen_say(screen, line, NSC_TONE_PLAIN, " %s", ends);
}

static void flow_title(char *title, size_t size, const struct nsc_top_numbers *numbers,
		       const struct nsc_top_choice *choice, const char *where, bool found)
{
	const char *by = nsc_top_sort_of(choice, NSC_TOP_OF_FLOWS)->name;
	char matched[NSC_FIGURE], held[NSC_FIGURE];
	int used;

	if (!nsc_top_wants_query(choice)) {
		snprintf(title, size, "flows by rate of the last tick%s", where);
		return;
	}
	used = snprintf(title, size, "flows by %s%s%s", by, table_order(choice, NSC_TOP_OF_FLOWS), found ? where : "");
	nsc_figure_grouped(matched, numbers->matched);
	if (choice->filter[0] && found)
		snprintf(title + used, size - (size_t)used, "; %s of %s match %s", matched,
			 nsc_figure_grouped(held, numbers->held), choice->filter);
	else if (choice->filter[0])
		snprintf(title + used, size - (size_t)used, "; filter %s", choice->filter);
	else if (found && numbers->matched > numbers->found.n)
		snprintf(title + used, size - (size_t)used, "; %s in all", matched);
}

void nsc_top_flows(struct nsc_screen *screen, const struct nsc_top_numbers *numbers,
		   const struct nsc_top_choice *choice, const struct nsc_top_contact *contact, unsigned rows,
		   unsigned *scroll)
{
	bool query = nsc_top_wants_query(choice), waits = query && !contact->has_found;
	bool refused = query && contact->flows_why[0] && !contact->gone; /* else what was found last stays */
	const struct nsc_top_flows *flows = query ? &numbers->found : &numbers->top;
	unsigned n = waits || refused ? 0 : flows->n;
	unsigned shown = table_window(n, rows > 2 ? rows - 2 : 0, scroll);
	struct head heads[NSC_ARRAY_LEN(flow_heads)];
	char title[SENTENCE], where[NSC_FIGURE];

	if (!rows)
		return;
	table_where(where, *scroll, shown, n);
	flow_title(title, sizeof(title), numbers, choice, where, !waits && !refused);
	table_title(screen, title);
	if (rows > 1 && refused) {
		nsc_screen_say(screen, nsc_screen_next(screen), NSC_TONE_WARN, "! %s", contact->flows_why);
		return;
	}
	if (rows > 1 && waits) {
		nsc_screen_put(screen, nsc_screen_next(screen), NSC_TONE_DIM, "searching");
		return;
	}
	memcpy(heads, flow_heads, sizeof(heads));
	if (query)
		heads[1].text = "mean/s";
	if (rows > 1)
		table_heads(screen, heads, NSC_ARRAY_LEN(heads));
	for (unsigned i = 0; i < shown; i++)
		flow_row(screen, &flows->flow[i + *scroll]);
}
