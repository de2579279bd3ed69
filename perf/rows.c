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
#include "perf/stats.h"

#define ROWS_MAX 256u

/* What a row may cost. Times in nanoseconds depend on the machine; where the row has a peer that does the same work on
 * every machine, the budget is a ratio to it. */
static const struct bench_budget {
	const char *name;
	double limit; /* in the unit of its rows, or a ratio */
	bool is_ratio;
} bench_budgets[] = {
	{ "decode", 5, false },          { "flow-1k", 15, false },         { "flow-1m-off", 35, false },
	{ "flow-1m-all", 55, false },    { "insert-1m", 80, false },       { "lanes", 3, false },
	{ "detect-times", 1.5, true },   { "detect-epochs", 2, false },    { "names-packet", 6, false },
	{ "names-tls", 600, false },     { "elephants", 0.68, true },      { "elephants-export", 0.70, true },
	{ "million", 2.2, true },        { "million-export", 2.9, true },  { "mix", 0.85, true },
	{ "mix-export", 0.95, true },    { "flow-bytes-off", 144, false }, { "flow-bytes-all", 244, false },
	{ "pause-p9999", 50000, false }, { "worst-burst", 50000, false },  { "worst-packet", 500, false },
	{ "cliff", 1.3, false },         { "write-over-copy", 30, false }, { "evict", 100, false },
	{ "recorder-copy", 5, false },
};

struct row {
	char section[16], name[64], unit[16], ours_name[48], peer_name[48];
	uint32_t rounds;
	double ours_sample[BENCH_ROUNDS_MAX], peer_sample[BENCH_ROUNDS_MAX];
	struct stats ours, peer;
	struct stats_ratio ratio; /* ours over the peer */
	const struct bench_budget *budget;
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

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

	if (n_rows == ROWS_MAX)
		bench_die("more than %u rows", ROWS_MAX);
	n_rows++;
	snprintf(row->section, sizeof(row->section), "%s", section);
	snprintf(row->name, sizeof(row->name), "%s", name);
	snprintf(row->unit, sizeof(row->unit), "%s", unit);
	snprintf(row->ours_name, sizeof(row->ours_name), "%s", ours->name);
	snprintf(row->peer_name, sizeof(row->peer_name), "%s", peer ? peer->name : "");
	row->rounds = rounds;
	row->budget = find_budget(budget);
	memcpy(row->ours_sample, ours->sample, sizeof(row->ours_sample));
	memcpy(row->peer_sample, peer ? peer->sample : ours->sample, sizeof(row->peer_sample));
	stats_of(&row->ours, row->ours_sample, rounds);
	stats_of(&row->peer, row->peer_sample, peer ? rounds : 0);
	stats_ratio_of(&row->ratio, row->peer_sample, row->ours_sample, peer ? rounds : 0);
	if (row->budget && row->budget->is_ratio && !peer)
		bench_die("the budget \"%s\" is a ratio, and its row has no peer", budget);
}

/* --quick sizes say nothing about a budget. */
static bool over_budget(const struct row *row)
{
	double found = row->budget && row->budget->is_ratio ? row->ratio.median : row->ours.median;

	return row->budget && !bench_settings.quick && !(found <= row->budget->limit);
}

/* --- for eyes --------------------------------------------------------------------------------- */

static const char *figure_text(char text[16], double value)
{
	if (isnan(value))
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%.*f", fabs(value) < 10 ? 2 : fabs(value) < 1000 ? 1 : 0, value);
	return text;
}

static const char *budget_text(char text[32], const struct row *row)
{
	*text = '\0';
	if (row->budget)
		snprintf(text, 32, "%g%s%s", row->budget->limit, row->budget->is_ratio ? " x" : "",
			 over_budget(row) ? " OVER" : "");
	return text;
}

static void row_print(const struct row *row)
{
	char text[6][16], budget[32];

	if (row->name[0])
		printf("%-44s %-10s %9s %9s", row->name, row->unit, figure_text(text[0], row->ours.lower_quartile),
		       figure_text(text[1], row->ours.median));
	else
		printf("%-44s %-10s %9s %9s", "", "", "", "");
	printf("  %-34s %9s %9s %8s %8s  %s\n", row->peer_name, figure_text(text[2], row->peer.lower_quartile),
	       figure_text(text[3], row->peer.median), figure_text(text[4], row->ratio.quartiles),
	       figure_text(text[5], row->ratio.median), budget_text(budget, row));
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
	printf("\n%-44s %-10s %9s %9s  %-34s %9s %9s %8s %8s  %s\n", "ours", "unit", "quartile", "median",
	       "floor or peer", "quartile", "median", "quartile", "ratio", "budget");
	for (size_t i = 0; i < n_rows; i++)
		row_print(&rows[i]);
}

/* --- for machines ----------------------------------------------------------------------------- */

static void add_samples(cJSON *object, const double *sample, uint32_t n)
{
	cJSON *samples = cJSON_AddArrayToObject(object, "samples");

	for (uint32_t i = 0; i < n; i++)
		if (!isnan(sample[i]))
			cJSON_AddItemToArray(samples, cJSON_CreateNumber(sample[i]));
}

static void add_figures(cJSON *object, const char *name, const struct stats *s, const double *sample, uint32_t n)
{
	cJSON *figures;

	if (!s->n) {
		cJSON_AddNullToObject(object, name);
		return;
	}
	figures = cJSON_AddObjectToObject(object, name);
	cJSON_AddNumberToObject(figures, "min", s->min);
	cJSON_AddNumberToObject(figures, "lower_quartile", s->lower_quartile);
	cJSON_AddNumberToObject(figures, "median", s->median);
	add_samples(figures, sample, n);
}

static void add_ratio(cJSON *object, const struct stats_ratio *ratio)
{
	cJSON *figures;

	if (!ratio->n) {
		cJSON_AddNullToObject(object, "ratio");
		return;
	}
	figures = cJSON_AddObjectToObject(object, "ratio");
	cJSON_AddNumberToObject(figures, "median", ratio->median);
	cJSON_AddNumberToObject(figures, "of_lower_quartiles", ratio->quartiles);
	cJSON_AddNumberToObject(figures, "low", ratio->low);
	cJSON_AddNumberToObject(figures, "high", ratio->high);
	add_samples(figures, ratio->sample, ratio->n);
}

static cJSON *row_json(const struct row *row, const char *name)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "section", row->section);
	cJSON_AddStringToObject(object, "name", name);
	cJSON_AddStringToObject(object, "unit", row->unit);
	cJSON_AddStringToObject(object, "way", row->ours_name);
	cJSON_AddStringToObject(object, "peer_name", row->peer_name);
	add_figures(object, "ours", &row->ours, row->ours_sample, row->rounds);
	add_figures(object, "peer", &row->peer, row->peer_sample, row->rounds);
	add_ratio(object, &row->ratio);
	if (row->budget) {
		cJSON_AddNumberToObject(object, "budget", row->budget->limit);
		cJSON_AddBoolToObject(object, "budget_is_ratio", row->budget->is_ratio);
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
