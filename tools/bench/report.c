/* SPDX-License-Identifier: MIT
 *
 * See report.h.
 */
#include "tools/bench/report.h"

#include "engine/text/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The median of what is not NAN. */
static double report_median(const double *sample, uint32_t n)
{
	struct stats s;

	stats_of(&s, sample, n);
	return s.median;
}

static const struct nsc_bench_way *report_one(const struct nsc_bench_result *result)
{
	return nsc_bench_way_of(result, NSC_BENCH_READERS, 1);
}

static double report_rate(const struct nsc_bench_result *result, const struct nsc_bench_way *way)
{
	return 1e9 / report_median(way->run_ns, result->rounds);
}

static bool way_is_ours(const struct nsc_bench_way *way)
{
	return way->kind == NSC_BENCH_READERS || way->kind == NSC_BENCH_LANES;
}

/* --- for eyes --------------------------------------------------------------------------------- */

static const char *report_figure(char text[24], double value, int decimals)
{
	if (isnan(value))
		return "-";
	snprintf(text, 24, "%.*f", decimals, value);
	return text;
}

static void report_way(FILE *out, const struct nsc_bench_result *result, const struct nsc_bench_way *way)
{
	double one = report_rate(result, report_one(result)), rate = way_is_ours(way) ? report_rate(result, way) : NAN;
	char text[8][24];
	struct stats_ratio ratio;
	struct stats cpu;

	stats_of(&cpu, way->cpu_ns, result->rounds);
	nsc_bench_over_floor(&ratio, result, way);
	if (way->kind == NSC_BENCH_WALK)
		ratio.median = ratio.low = ratio.high = NAN;
	fprintf(out, "  %-22s %8s %8s  %7s %7s %7s  %8s %8s %8s\n", way->name,
		report_figure(text[0], cpu.lower_quartile, 1), report_figure(text[1], cpu.median, 1),
		report_figure(text[2], ratio.median, 2), report_figure(text[3], ratio.low, 2),
		report_figure(text[4], ratio.high, 2),
		report_figure(text[5], report_median(way->wall_ns, result->rounds), 1),
		report_figure(text[6], rate / 1e6, 2), report_figure(text[7], rate / one, 2));
}

static void report_cycles(FILE *out, const struct nsc_bench_account *account)
{
	double ns = 1e9 / account->tsc_hz;

	fprintf(out, "  cycles a packet, 1 thread: %.0f, %.1f ns =", account->cycles, account->cycles * ns);
	for (uint32_t i = 0; i < account->n_stages; i++)
		fprintf(out, "%s %s %.1f", i ? " +" : "", account->stage[i].name, account->stage[i].cycles);
	fprintf(out, "\n  rounds, 1 thread: half within %.1f us, 99 %% %.1f us, 99.99 %% %.1f us, longest %.1f us\n",
		account->p50_ns / 1e3, account->p99_ns / 1e3, account->p9999_ns / 1e3, account->max_ns / 1e3);
}

static void report_memory(FILE *out, const struct nsc_bench_result *result)
{
	const struct nsc_bench_way *one = report_one(result);
	double energy = report_median(one->energy_nj, result->rounds);

	fprintf(out, "  memory: %.1f MiB resident with 1 thread; %.0f bytes laid out for a flow\n",
		one->max_rss / 1048576, one->account.flow_bytes);
	if (!isnan(energy))
		fprintf(out, "  energy: %.0f nJ a packet, all packages of this machine\n", energy);
}

void nsc_bench_print(FILE *out, const struct nsc_bench_result *result)
{
	const struct nsc_bench_way *one = report_one(result);
	char name[NSC_ESCAPE_GROWTH * sizeof(result->input.name)];

	nsc_escape_terminal(result->input.name, name, sizeof(name));
	fprintf(out, "\n%s: %.0f packets", name, one->account.packets);
	if (result->input.packets)
		fprintf(out, ", %.0f bytes each", (double)result->input.bytes / (double)result->input.packets);
	fprintf(out, ", %.0f flows, %u rounds\n", one->account.flows, result->rounds);
	fprintf(out, "  %-22s %17s  %23s  %8s %17s\n", "", "CPU, ns a packet", "CPU over the floor", "wall",
		"M packets/s");
	fprintf(out, "  %-22s %8s %8s  %7s %15s  %8s %8s %8s\n", "", "quartile", "median", "median", "95 % within",
		"ns", "running", "speed-up");
	for (uint32_t i = 0; i < result->n; i++)
		report_way(out, result, &result->way[i]);
	report_cycles(out, &one->account);
	report_memory(out, result);
	fflush(out);
}

/* --- for programs ----------------------------------------------------------------------------- */

static void report_add(cJSON *to, const char *name, double value)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(to, name, value);
	else
		cJSON_AddNullToObject(to, name);
}

static void report_samples(cJSON *to, const double *sample, uint32_t n)
{
	cJSON *samples = cJSON_AddArrayToObject(to, "samples");

	for (uint32_t i = 0; i < n; i++)
		cJSON_AddItemToArray(samples, cJSON_CreateNumber(sample[i]));
}

static void report_figures(cJSON *to, const char *name, const double *sample, uint32_t n)
{
	struct stats s;
	cJSON *object;

	stats_of(&s, sample, n);
	if (!s.n) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	object = cJSON_AddObjectToObject(to, name);
	report_add(object, "min", s.min);
	report_add(object, "lower_quartile", s.lower_quartile);
	report_add(object, "median", s.median);
	report_samples(object, sample, n);
}

static void report_ratio(cJSON *to, const struct stats_ratio *ratio)
{
	cJSON *object;

	if (!ratio->n) {
		cJSON_AddNullToObject(to, "over_floor");
		return;
	}
	object = cJSON_AddObjectToObject(to, "over_floor");
	report_add(object, "median", ratio->median);
	report_add(object, "of_lower_quartiles", ratio->quartiles);
	report_add(object, "low", ratio->low);
	report_add(object, "high", ratio->high);
	report_samples(object, ratio->sample, ratio->n);
}

static void report_account(cJSON *to, const struct nsc_bench_account *account)
{
	cJSON *object = cJSON_AddObjectToObject(to, "cycles_per_packet");

	for (uint32_t i = 0; i < account->n_stages; i++)
		report_add(object, account->stage[i].name, account->stage[i].cycles);
	report_add(object, "total", account->cycles);
	report_add(to, "waited_cycles_per_packet", account->waited);
	report_add(to, "tsc_hz", account->tsc_hz);
	object = cJSON_AddObjectToObject(to, "round_ns");
	report_add(object, "p50", account->p50_ns);
	report_add(object, "p99", account->p99_ns);
	report_add(object, "p99_99", account->p9999_ns);
	report_add(object, "max", account->max_ns);
}

static cJSON *report_way_json(const struct nsc_bench_result *result, const struct nsc_bench_way *way)
{
	static const char *const kinds[] = { [NSC_BENCH_WALK] = "walk",
					     [NSC_BENCH_LIBPCAP] = "libpcap",
					     [NSC_BENCH_READERS] = "readers",
					     [NSC_BENCH_LANES] = "lanes" };
	cJSON *object = cJSON_CreateObject();
	struct stats_ratio ratio;

	cJSON_AddStringToObject(object, "way", kinds[way->kind]);
	cJSON_AddNumberToObject(object, "threads", way->threads);
	report_figures(object, "cpu_ns_per_packet", way->cpu_ns, result->rounds);
	report_figures(object, "wall_ns_per_packet", way->wall_ns, result->rounds);
	nsc_bench_over_floor(&ratio, result, way);
	report_ratio(object, &ratio);
	if (!way_is_ours(way))
		return object;
	report_figures(object, "run_ns_per_packet", way->run_ns, result->rounds);
	report_figures(object, "energy_nj_per_packet", way->energy_nj, result->rounds);
	report_add(object, "packets_per_second", report_rate(result, way));
	report_add(object, "resident_bytes", way->max_rss);
	report_account(object, &way->account);
	return object;
}

cJSON *nsc_bench_json_open(const char *kind, const struct nsc_bench_manifest *manifest)
{
	cJSON *root = cJSON_CreateObject();

	cJSON_AddNumberToObject(root, "schema_version", NSC_BENCH_SCHEMA);
	cJSON_AddStringToObject(root, "kind", kind);
	nsc_bench_manifest_json(root, manifest);
	cJSON_AddArrayToObject(root, "results");
	return root;
}

void nsc_bench_json_add(cJSON *root, const struct nsc_bench_result *result)
{
	const struct nsc_bench_account *account = &report_one(result)->account;
	cJSON *object = cJSON_CreateObject(), *ways;
	char name[NSC_ESCAPE_GROWTH * sizeof(result->input.name)];

	nsc_escape_terminal(result->input.name, name, sizeof(name)); /* a path may have any bytes */
	cJSON_AddStringToObject(object, "input", name);
	report_add(object, "packets", account->packets);
	report_add(object, "bytes", result->input.packets ? (double)result->input.bytes : NAN);
	report_add(object, "file_bytes", (double)result->input.file_bytes);
	report_add(object, "flows", account->flows);
	report_add(object, "flow_bytes", account->flow_bytes);
	cJSON_AddNumberToObject(object, "rounds", result->rounds);
	cJSON_AddBoolToObject(object, "stable", nsc_bench_is_stable(result));
	ways = cJSON_AddArrayToObject(object, "ways");
	for (uint32_t i = 0; i < result->n; i++)
		cJSON_AddItemToArray(ways, report_way_json(result, &result->way[i]));
	cJSON_AddItemToArray(cJSON_GetObjectItem(root, "results"), object);
}

/* --- comparisons ------------------------------------------------------------------------------- */

const char *nsc_bench_verdict_name(enum stats_verdict verdict)
{
	switch (verdict) {
	case STATS_SLOWER:
		return "slower";
	case STATS_FASTER:
		return "faster";
	case STATS_SAME:
		return "no difference of 3 % or more";
	case STATS_GO_ON:
	case STATS_UNDECIDED:
		break;
	}
	return "undecided";
}

void nsc_bench_print_duel(FILE *out, const struct nsc_bench_duel *duel)
{
	const struct stats_ratio *r = &duel->ratio;

	fprintf(out, "%s%s: CPU time of this program over the other's, %u pairs\n", duel->input.name,
		duel->rows ? " with its flows as CSV" : "", r->n);
	fprintf(out, "  means of the faster halves  %.3f, 95 %% within %.3f to %.3f, 99 %% within %.3f to %.3f\n",
		r->halves, r->halves_low, r->halves_high, r->halves_least, r->halves_most);
	fprintf(out, "  median of pairs             %.3f, 95 %% within %.3f to %.3f\n", r->median, r->low, r->high);
	fprintf(out, "  %s\n", nsc_bench_verdict_name(duel->verdict));
	fflush(out);
}

void nsc_bench_json_add_duel(cJSON *root, const struct nsc_bench_duel *duel)
{
	const struct stats_ratio *r = &duel->ratio;
	cJSON *object = cJSON_CreateObject(), *ratio;

	cJSON_AddStringToObject(object, "input", duel->input.name);
	cJSON_AddNumberToObject(object, "packets", (double)duel->input.packets);
	cJSON_AddNumberToObject(object, "pairs", r->n);
	report_figures(object, "other_cpu_ns", duel->sample[0], duel->pairs);
	report_figures(object, "cpu_ns", duel->sample[1], duel->pairs);
	ratio = cJSON_AddObjectToObject(object, "over_other");
	report_add(ratio, "median", r->median);
	report_add(ratio, "low", r->low);
	report_add(ratio, "high", r->high);
	report_add(ratio, "of_lower_quartiles", r->quartiles);
	report_add(ratio, "of_faster_halves", r->halves);
	report_add(ratio, "of_faster_halves_low", r->halves_low);
	report_add(ratio, "of_faster_halves_high", r->halves_high);
	report_add(ratio, "of_faster_halves_least", r->halves_least);
	report_add(ratio, "of_faster_halves_most", r->halves_most);
	cJSON_AddStringToObject(object, "verdict", nsc_bench_verdict_name(duel->verdict));
	cJSON_AddItemToArray(cJSON_GetObjectItem(root, "results"), object);
}

void nsc_bench_print_change(FILE *out, const struct stats_ratio *r, enum stats_verdict verdict)
{
	if (!r->n) {
		fputs("  then: not measured, or on other packets\n", out);
		return;
	}
	fprintf(out,
		"  today over then, 1 thread over the floor: %.3f, 95 %% within %.3f to %.3f, 99 %% within %.3f to "
		"%.3f, "
		"%u rounds: %s\n",
		r->halves, r->halves_low, r->halves_high, r->halves_least, r->halves_most, r->n,
		nsc_bench_verdict_name(verdict));
	if (r->n < NSC_BENCH_SAVED_LEAST)
		fprintf(out, "  fewer than %d rounds, then or today, tell nothing: --seconds\n", NSC_BENCH_SAVED_LEAST);
	fflush(out);
}

void nsc_bench_json_add_change(cJSON *root, const char *input, const struct stats_ratio *r, enum stats_verdict verdict)
{
	cJSON *list = cJSON_GetObjectItem(root, "changes"), *object = cJSON_CreateObject();

	if (!list)
		list = cJSON_AddArrayToObject(root, "changes");
	cJSON_AddStringToObject(object, "input", input);
	cJSON_AddNumberToObject(object, "rounds", r->n);
	report_add(object, "median", r->n ? r->median : NAN);
	report_add(object, "of_faster_halves", r->n ? r->halves : NAN);
	report_add(object, "of_faster_halves_low", r->n ? r->halves_low : NAN);
	report_add(object, "of_faster_halves_high", r->n ? r->halves_high : NAN);
	cJSON_AddStringToObject(object, "verdict", nsc_bench_verdict_name(verdict));
	cJSON_AddItemToArray(list, object);
}

int nsc_bench_json_print(FILE *out, const cJSON *root, struct nsc_error *error)
{
	char *text = cJSON_Print(root);

	if (!text)
		return nsc_fail(error, -ENOMEM, "no memory for the JSON");
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}

/* Under its name when it is complete. */
int nsc_bench_json_save(const cJSON *root, const char *path, struct nsc_error *error)
{
	char unfinished[4096 + 8];
	int fd, status;
	FILE *file;

	if ((size_t)snprintf(unfinished, sizeof(unfinished), "%s.XXXXXX", path) >= sizeof(unfinished))
		return nsc_fail(error, -ENAMETOOLONG, "the path %.60s... is too long", path);
	fd = mkostemp(unfinished, O_CLOEXEC);
	file = fd >= 0 ? fdopen(fd, "we") : NULL;
	if (!file)
		return nsc_fail(error, -errno, "cannot write %.400s: %s", path, strerror(errno));
	status = nsc_bench_json_print(file, root, error);
	if ((ferror(file) | fclose(file)) && !status)
		status = nsc_fail(error, -EIO, "cannot write %.400s: %s", path, strerror(errno));
	if (!status && rename(unfinished, path))
		status = nsc_fail(error, -errno, "cannot write %.400s: %s", path, strerror(errno));
	if (status)
		unlink(unfinished);
	return status;
}
