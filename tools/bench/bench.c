/* SPDX-License-Identifier: MIT
 *
 * The command: what is to be measured, one input after the other.
 */
#include "tools/bench/bench.h"

#include "tools/bench/noise.h"
#include "tools/bench/rate.h"
#include "tools/bench/report.h"
#include "tools/netscope/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 12.0
#define AGAINST_SECONDS 80.0
#define ROUNDS 3u

/* Small enough for a look, and large enough that a start does not count; less where two programs take turns: under a
 * tenth of a second each on a machine of today. In the order of --traffic's words. */
static const struct bench_traffic {
	const char *profile;
	uint64_t packets, flows; /* 0 flows: as many as the profile has, whatever the packets */
	uint64_t against_packets;
	bool against; /* compared when nobody chooses */
	bool rows;    /* compared with its flows as CSV */
} bench_traffics[] = {
	{ "elephants", 800000, 0, 500000, false, false },
	{ "million", 1500000, 1000000, 300000, false, true },
	{ "mix", 600000, 0, 350000, true, false },
	{ "flood", 1000000, 0, 350000, false, false },
};

struct bench {
	FILE *out, *json_out; /* one is NULL */
	const struct nsc_settings *settings;
	struct nsc_bench_plan plan;
	struct nsc_bench_manifest manifest;
	bool begun;                   /* something is printed */
	struct nsc_bench_noise noise; /* when it began */
	struct nsc_bench_result result;
	struct nsc_bench_duel duel[NSC_ARRAY_LEN(bench_traffics)];
	struct nsc_bench_saved *saved; /* with --baseline */
	bool other_machine;            /* than that of the baseline */
	enum stats_verdict verdict[NSC_ARRAY_LEN(bench_traffics)];
	unsigned n_verdicts, n_unstable;
	unsigned n_duels;
	cJSON *json;
};

static bool bench_wants(const struct nsc_settings *settings, const struct bench_traffic *traffic)
{
	return !settings->traffic[0] || nsc_option_list_has(settings->traffic, traffic->profile);
}

static unsigned bench_inputs(const struct nsc_settings *settings)
{
	unsigned n = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(bench_traffics); i++)
		n += bench_wants(settings, &bench_traffics[i]);
	return settings->read_pcap[0] ? 1 : n;
}

/* Fewer packets are of fewer flows. */
static int bench_make(struct nsc_bench_input *input, const struct bench_traffic *traffic, uint64_t packets,
		      struct nsc_error *error)
{
	uint64_t flows = traffic->flows;

	if (flows)
		flows = NSC_MAX((uint64_t)((double)flows * (double)packets / (double)traffic->packets), 1ull);
	return nsc_bench_input_make(input, traffic->profile, packets, flows, error);
}

static void bench_compare_saved(struct bench *b)
{
	struct stats_ratio ratio;
	enum stats_verdict verdict = nsc_bench_saved_compare(&ratio, b->saved, &b->result);

	if (b->other_machine)
		verdict = STATS_UNDECIDED;
	b->verdict[b->n_verdicts++] = verdict;
	nsc_bench_json_add_change(b->json, b->result.input.name, &ratio, verdict);
	if (b->out)
		nsc_bench_print_change(b->out, &ratio, verdict);
}

static int bench_measure(struct bench *b, struct nsc_error *error)
{
	int status = nsc_bench_measure(&b->result, &b->plan, error);

	nsc_bench_input_close(&b->result.input);
	if (status)
		return status;
	if (b->out && !b->begun)
		nsc_bench_manifest_print(b->out, &b->manifest);
	b->begun = true;
	if (b->out)
		nsc_bench_print(b->out, &b->result);
	nsc_bench_json_add(b->json, &b->result);
	b->n_unstable += !nsc_bench_is_stable(&b->result);
	if (b->saved)
		bench_compare_saved(b);
	return 0;
}

static int bench_all(struct bench *b, struct nsc_error *error)
{
	const struct nsc_settings *settings = b->settings;
	int status = 0;

	if (settings->read_pcap[0]) {
		status = nsc_bench_input_file(&b->result.input, settings->read_pcap, error);
		return status ? status : bench_measure(b, error);
	}
	for (size_t i = 0; i < NSC_ARRAY_LEN(bench_traffics) && !status; i++) {
		const struct bench_traffic *traffic = &bench_traffics[i];

		if (!bench_wants(settings, traffic))
			continue;
		status = bench_make(&b->result.input, traffic, settings->count ? settings->count : traffic->packets,
				    error);
		if (!status)
			status = bench_measure(b, error);
	}
	return status;
}

static int bench_open(struct bench *b, struct nsc_error *error)
{
	const struct nsc_settings *settings = b->settings;
	double seconds = settings->seconds > 0 ? settings->seconds : SECONDS;

	b->plan = (struct nsc_bench_plan){
		.threads =
			settings->workers ? settings->workers : NSC_MIN(nsc_cores_usable(), (unsigned)NSC_WORKERS_MAX),
		.seconds = seconds / bench_inputs(settings),
		.rounds = settings->save[0] || settings->baseline[0] ? NSC_BENCH_SAVED_LEAST : ROUNDS,
		.until_stable = settings->until_stable,
	};
	if (nsc_bench_manifest_read(&b->manifest, error))
		return -EIO;
	b->json = nsc_bench_json_open(settings->send[0]      ? "link"
				      : settings->against[0] ? "compared"
							     : "measured",
				      &b->manifest);
	nsc_bench_noise_begin(&b->noise, "/proc");
	return 0;
}

static void bench_tell_noise(struct bench *b, const char *what)
{
	struct nsc_bench_noise noise;

	nsc_bench_noise_end(&noise, &b->noise, "/proc");
	if (!b->out)
		return;
	fprintf(b->out, "This machine is too noisy for the time given%s:\n", what);
	nsc_bench_noise_print(b->out, &noise, &b->manifest.doctor, b->manifest.machine.cores);
}

static int bench_status(enum stats_verdict verdict)
{
	return verdict == STATS_SLOWER      ? NSC_BENCH_SLOWER
	       : verdict == STATS_UNDECIDED ? NSC_BENCH_UNDECIDED
					    : NSC_BENCH_OK;
}

/* --- against an earlier day ------------------------------------------------------------------- */

static void bench_tell_machine(struct bench *b)
{
	char text[512];

	b->other_machine = nsc_bench_saved_differs(b->saved, &b->manifest.machine, text, sizeof(text));
	cJSON_AddBoolToObject(b->json, "baseline_of_other_processor", b->other_machine);
	if (!b->out)
		return;
	nsc_bench_manifest_print(b->out, &b->manifest);
	b->begun = true;
	fprintf(b->out, "baseline of %s: netscope %s, build %.16s\n%s", b->saved->began, b->saved->version,
		b->saved->build_id, text);
	if (b->other_machine)
		fputs("Another processor has other ratios: there will be no verdict.\n", b->out);
}

/* Of --baseline and --until-stable, when everything is measured. */
static int bench_conclude(struct bench *b)
{
	enum stats_verdict verdict = nsc_bench_verdict_of(b->verdict, b->n_verdicts);

	if (b->saved) {
		cJSON_AddStringToObject(b->json, "verdict", nsc_bench_verdict_name(verdict));
		if (b->out)
			fprintf(b->out, "\nverdict: %s\n", nsc_bench_verdict_name(verdict));
		if (verdict == STATS_UNDECIDED && !b->other_machine)
			bench_tell_noise(b, " to each session");
		return bench_status(verdict);
	}
	if (!b->settings->until_stable || !b->n_unstable)
		return NSC_BENCH_OK;
	bench_tell_noise(b, ", and figures are not certain within 2 %");
	return NSC_BENCH_UNDECIDED;
}

static int bench_today(struct bench *b, struct nsc_error *error)
{
	int status = 0;

	if (b->settings->baseline[0])
		status = nsc_bench_saved_open(&b->saved, b->settings->baseline, error);
	if (!status && b->saved)
		bench_tell_machine(b);
	if (!status)
		status = bench_all(b, error);
	return status ? status : bench_conclude(b);
}

/* --- against another program ------------------------------------------------------------------ */

static int bench_open_duels(struct bench *b, struct nsc_error *error)
{
	const struct nsc_settings *settings = b->settings;
	int status = 0;

	b->n_duels = 0;
	if (settings->read_pcap[0]) {
		b->n_duels = 1;
		return nsc_bench_input_file(&b->duel[0].input, settings->read_pcap, error);
	}
	for (size_t i = 0; i < NSC_ARRAY_LEN(bench_traffics) && !status; i++) {
		const struct bench_traffic *traffic = &bench_traffics[i];

		if (settings->traffic[0] ? !bench_wants(settings, traffic) : !traffic->against)
			continue;
		b->duel[b->n_duels].rows = traffic->rows;
		status = bench_make(&b->duel[b->n_duels++].input, traffic,
				    settings->count ? settings->count : traffic->against_packets, error);
	}
	return status;
}

static void bench_tell_duels(struct bench *b, const struct nsc_bench_program *other, enum stats_verdict verdict)
{
	nsc_bench_program_json(b->json, "other", other);
	for (unsigned i = 0; i < b->n_duels; i++)
		nsc_bench_json_add_duel(b->json, &b->duel[i]);
	cJSON_AddStringToObject(b->json, "verdict", nsc_bench_verdict_name(verdict));
	if (!b->out)
		return;
	nsc_bench_manifest_print(b->out, &b->manifest);
	fprintf(b->out, "against netscope %s, build %.16s\n\n", other->version,
		other->build_id[0] ? other->build_id : "without an id");
	for (unsigned i = 0; i < b->n_duels; i++)
		nsc_bench_print_duel(b->out, &b->duel[i]);
	fprintf(b->out, "\nverdict: %s\n", nsc_bench_verdict_name(verdict));
}

static int bench_compare(struct bench *b, struct nsc_error *error)
{
	const struct nsc_settings *settings = b->settings;
	double seconds = settings->seconds > 0 ? settings->seconds : AGAINST_SECONDS;
	struct nsc_bench_program other;
	enum stats_verdict verdict;
	int status = nsc_bench_program_read(&other, settings->against, error);

	if (!status)
		status = bench_open_duels(b, error);
	if (!status)
		status = nsc_bench_against(b->duel, b->n_duels, settings->against, seconds, error);
	for (unsigned i = 0; i < b->n_duels; i++)
		nsc_bench_input_close(&b->duel[i].input);
	if (status)
		return status;
	for (unsigned i = 0; i < b->n_duels; i++)
		b->verdict[i] = b->duel[i].verdict;
	verdict = nsc_bench_verdict_of(b->verdict, b->n_duels);
	bench_tell_duels(b, &other, verdict);
	if (verdict == STATS_UNDECIDED)
		bench_tell_noise(b, "");
	return bench_status(verdict);
}

/* --- the rate of a link ----------------------------------------------------------------------- */

static int bench_link(struct bench *b, struct nsc_error *error)
{
	struct nsc_rate_setup setup;
	int status = nsc_rate_setup(&setup, b->settings, error);

	if (!status)
		status = nsc_rate_check(&setup, error);
	if (status)
		return status;
	if (b->out)
		nsc_bench_manifest_print(b->out, &b->manifest);
	return nsc_rate_run(&setup, b->out, b->json, error);
}

/* --- the command ------------------------------------------------------------------------------ */

static int bench_do(struct bench *b, struct nsc_error *error)
{
	int status = bench_open(b, error), saved = 0;

	if (!status && b->settings->send[0])
		status = bench_link(b, error);
	else if (!status)
		status = b->settings->against[0] ? bench_compare(b, error) : bench_today(b, error);
	if (status >= 0 && b->settings->save[0])
		saved = nsc_bench_json_save(b->json, b->settings->save, error);
	if (status >= 0 && !saved && b->json_out)
		saved = nsc_bench_json_print(b->json_out, b->json, error);
	return saved ? saved : status;
}

int nsc_bench(FILE *out, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct bench *b = calloc(1, sizeof(*b));
	int status;

	if (!b)
		return nsc_fail(error, -ENOMEM, "no memory for netscope bench");
	b->out = settings->json ? NULL : out;
	b->json_out = settings->json ? out : NULL;
	b->settings = settings;
	status = bench_do(b, error);
	cJSON_Delete(b->json);
	nsc_bench_saved_close(b->saved);
	free(b);
	return status;
}
