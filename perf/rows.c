/* SPDX-License-Identifier: MIT
 *
 * The one table: rows as they come from the sections, printed for eyes or as JSON.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf/bench.h"

#define ROWS_MAX 256u

/* What the design allows on one core of the development machine. */
static const struct bench_budget {
	const char *name;
	double limit; /* in the unit of its rows */
} bench_budgets[] = {
	{ "decode", 5 },          { "flow-1k", 15 },         { "flow-1m-off", 35 },
	{ "flow-1m-all", 55 },    { "insert-1m", 80 },       { "lanes", 3 },
	{ "detect-times", 1.5 },  { "detect-epochs", 2 },    { "names-packet", 6 },
	{ "names-tls", 600 },     { "elephants", 60 },       { "elephants-export", 65 },
	{ "million", 60 },        { "million-export", 110 }, { "mix", 90 },
	{ "mix-export", 105 },    { "flow-bytes-off", 144 }, { "flow-bytes-all", 256 },
	{ "pause-p9999", 50000 }, { "worst-burst", 50000 },
};

struct figures {
	unsigned n; /* rounds that gave a figure */
	double min, median;
	double sample[BENCH_ROUNDS_MAX];
};

struct row {
	char section[16], name[64], unit[16], ours_name[48], peer_name[48];
	struct figures ours, peer, ratio;
	const struct bench_budget *budget;
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Rounds that failed (NAN) are left out. */
static void figures_fill(struct figures *f, const double *sample, unsigned rounds)
{
	double sorted[BENCH_ROUNDS_MAX];

	f->n = 0;
	for (unsigned r = 0; r < rounds; r++)
		if (!isnan(sample[r]))
			f->sample[f->n++] = sample[r];
	f->min = f->median = NAN;
	if (!f->n)
		return;
	memcpy(sorted, f->sample, f->n * sizeof(sorted[0]));
	qsort(sorted, f->n, sizeof(sorted[0]), by_value);
	f->min = sorted[0];
	f->median = (sorted[(f->n - 1) / 2] + sorted[f->n / 2]) / 2;
}

static const struct bench_budget *find_budget(const char *name)
{
	for (size_t i = 0; name && i < NSC_ARRAY_LEN(bench_budgets); i++)
		if (!strcmp(bench_budgets[i].name, name))
			return &bench_budgets[i];
	if (name)
		bench_die("rows.c has no budget \"%s\"", name);
	return NULL;
}

void bench_row(const char *section, const char *name, const char *unit, const struct bench_way *ours,
	       const struct bench_way *peer, unsigned rounds, const char *budget)
{
	struct row *row = &rows[n_rows];
	double ratio[BENCH_ROUNDS_MAX];

	if (n_rows == ROWS_MAX)
		bench_die("more than %u rows", ROWS_MAX);
	n_rows++;
	snprintf(row->section, sizeof(row->section), "%s", section);
	snprintf(row->name, sizeof(row->name), "%s", name);
	snprintf(row->unit, sizeof(row->unit), "%s", unit);
	snprintf(row->ours_name, sizeof(row->ours_name), "%s", ours->name);
	snprintf(row->peer_name, sizeof(row->peer_name), "%s", peer ? peer->name : "");
	figures_fill(&row->ours, ours->sample, rounds);
	row->budget = find_budget(budget);
	row->peer.n = row->ratio.n = 0;
	if (!peer)
		return;
	figures_fill(&row->peer, peer->sample, rounds);
	for (unsigned r = 0; r < rounds; r++)
		ratio[r] = peer->sample[r] > 0 ? ours->sample[r] / peer->sample[r] : NAN;
	figures_fill(&row->ratio, ratio, rounds);
}

/* --quick sizes say nothing about a budget. */
static bool over_budget(const struct row *row)
{
	return row->budget && !bench_settings.quick && !(row->ours.median <= row->budget->limit);
}

/* --- for eyes --------------------------------------------------------------------------------- */

static const char *figure_text(char text[16], const struct figures *f, double value)
{
	if (!f->n)
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%.*f", fabs(value) < 10 ? 2 : fabs(value) < 1000 ? 1 : 0, value);
	return text;
}

static void row_print(const struct row *row)
{
	char text[5][16], budget[24] = "";
	bool goes_on = !row->name[0];
	static const struct figures none;
	const struct figures *ours = goes_on ? &none : &row->ours;

	if (row->budget)
		snprintf(budget, sizeof(budget), "%g%s", row->budget->limit, over_budget(row) ? " OVER" : "");
	if (goes_on)
		printf("%-44s %-10s %9s %9s", "", "", "", "");
	else
		printf("%-44s %-10s %9s %9s", row->name, row->unit, figure_text(text[0], ours, ours->min),
		       figure_text(text[1], ours, ours->median));
	printf("  %-34s %9s %9s %8s  %s\n", row->peer_name, figure_text(text[2], &row->peer, row->peer.min),
	       figure_text(text[3], &row->peer, row->peer.median), figure_text(text[4], &row->ratio, row->ratio.median),
	       budget);
}

static void print_machine(void)
{
	const struct bench_machine *m = &bench_machine;

	printf("%s, %ld cores, Linux %s, governor %s, huge pages %s, load average %.2f\n", m->cpu, m->cores, m->kernel,
	       m->governor, m->thp, m->load);
	printf("%s: %s\n", m->compiler, m->flags);
}

void bench_rows_print(void)
{
	print_machine();
	printf("\n%-44s %-10s %9s %9s  %-34s %9s %9s %8s  %s\n", "ours", "unit", "min", "median", "floor or peer",
	       "min", "median", "ratio", "budget");
	for (size_t i = 0; i < n_rows; i++)
		row_print(&rows[i]);
}

/* --- for machines ----------------------------------------------------------------------------- */

static void add_figures(cJSON *object, const char *name, const struct figures *f)
{
	cJSON *figures;

	if (!f->n) {
		cJSON_AddNullToObject(object, name);
		return;
	}
	figures = cJSON_AddObjectToObject(object, name);
	cJSON_AddNumberToObject(figures, "min", f->min);
	cJSON_AddNumberToObject(figures, "median", f->median);
	cJSON_AddItemToObject(figures, "samples", cJSON_CreateDoubleArray(f->sample, (int)f->n));
}

static cJSON *row_json(const struct row *row, const char *name)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "section", row->section);
	cJSON_AddStringToObject(object, "name", name);
	cJSON_AddStringToObject(object, "unit", row->unit);
	cJSON_AddStringToObject(object, "way", row->ours_name);
	cJSON_AddStringToObject(object, "peer_name", row->peer_name);
	add_figures(object, "ours", &row->ours);
	add_figures(object, "peer", &row->peer);
	add_figures(object, "ratio", &row->ratio);
	if (row->budget) {
		cJSON_AddNumberToObject(object, "budget", row->budget->limit);
		cJSON_AddBoolToObject(object, "over_budget", over_budget(row));
	}
	return object;
}

static cJSON *machine_json(void)
{
	const struct bench_machine *m = &bench_machine;
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "cpu", m->cpu);
	cJSON_AddNumberToObject(object, "cores", (double)m->cores);
	cJSON_AddStringToObject(object, "kernel", m->kernel);
	cJSON_AddStringToObject(object, "governor", m->governor);
	cJSON_AddStringToObject(object, "huge_pages", m->thp);
	cJSON_AddStringToObject(object, "compiler", m->compiler);
	cJSON_AddStringToObject(object, "flags", m->flags);
	cJSON_AddNumberToObject(object, "load_average", m->load);
	cJSON_AddBoolToObject(object, "quick", bench_settings.quick);
	return object;
}

static char *all_json(void)
{
	cJSON *root = cJSON_CreateObject(), *list;
	const char *name = "";
	char *text;

	cJSON_AddItemToObject(root, "machine", machine_json());
	list = cJSON_AddArrayToObject(root, "rows");
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].name[0])
			name = rows[i].name;
		cJSON_AddItemToArray(list, row_json(&rows[i], name));
	}
	text = cJSON_Print(root);
	cJSON_Delete(root);
	return text;
}

int bench_rows_json(const char *path, struct nsc_error *error)
{
	char *text = all_json();
	FILE *file = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int failed;

	if (!text || !file) {
		free(text);
		return nsc_fail(error, -EIO, "cannot write %s: %s", path, strerror(errno));
	}
	fprintf(file, "%s\n", text);
	free(text);
	failed = ferror(file) | (file == stdout ? fflush(file) : fclose(file));
	return failed ? nsc_fail(error, -EIO, "cannot write %s", path) : 0;
}
