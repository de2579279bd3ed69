/* SPDX-License-Identifier: MIT
 *
 * The command: what is to be measured, one input after the other.
 */
#include "tools/bench/bench.h"

#include "tools/bench/report.h"
#include "tools/netscope/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 12.0

/* Small enough for a look, and large enough that a start does not count: tenths of a second on a machine of today. In
 * the order of --traffic's words. */
static const struct bench_traffic {
	const char *profile;
	uint64_t packets, flows; /* 0 flows: as many as the profile has, whatever the packets */
} bench_traffics[] = {
	{ "elephants", 800000, 0 },
	{ "million", 1500000, 1000000 },
	{ "mix", 600000, 0 },
	{ "flood", 1000000, 0 },
};

struct bench {
	FILE *out; /* NULL: only JSON is printed */
	const struct nsc_settings *settings;
	struct nsc_bench_plan plan;
	struct nsc_bench_manifest manifest;
	bool begun; /* something is printed */
	struct nsc_bench_result result;
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

/* -c asks for less or more of the same: of new flows, too. */
static int bench_make(struct nsc_bench_input *input, const struct bench_traffic *traffic, uint64_t count,
		      struct nsc_error *error)
{
	uint64_t packets = count ? count : traffic->packets, flows = traffic->flows;

	if (flows)
		flows = NSC_MAX((uint64_t)((double)flows * (double)packets / (double)traffic->packets), 1ull);
	return nsc_bench_input_make(input, traffic->profile, packets, flows, error);
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
		status = bench_make(&b->result.input, traffic, settings->count, error);
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
	};
	if (nsc_bench_manifest_read(&b->manifest, error))
		return -EIO;
	b->json = nsc_bench_json_open("measured", &b->manifest);
	return 0;
}

int nsc_bench(FILE *out, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct bench *b = calloc(1, sizeof(*b));
	int status;

	if (!b)
		return nsc_fail(error, -ENOMEM, "no memory for netscope bench");
	b->out = settings->json ? NULL : out;
	b->settings = settings;
	status = bench_open(b, error);
	if (!status)
		status = bench_all(b, error);
	if (!status && settings->save[0])
		status = nsc_bench_json_save(b->json, settings->save, error);
	if (!status && settings->json)
		status = nsc_bench_json_print(out, b->json, error);
	cJSON_Delete(b->json);
	free(b);
	return status;
}
