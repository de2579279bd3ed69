/* SPDX-License-Identifier: MIT
 *
 * A saved result: what is no such file, what the sessions of two days say of each other, and what was another machine.
 */
#include "tools/bench/report.h"
#include "tools/bench/saved.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_bench_manifest manifest;
static struct nsc_bench_result result;

/* Rounds of a floor of 10 ns, and of `ns` with some noise, the same each time. */
static void measured(double ns, uint32_t rounds)
{
	memset(&result, 0, sizeof(result));
	snprintf(result.input.name, sizeof(result.input.name), "mix");
	result.input.packets = 1000;
	result.rounds = rounds;
	result.n = 2;
	result.way[0] = (struct nsc_bench_way){ .kind = NSC_BENCH_WALK, .threads = 1 };
	result.way[1] = (struct nsc_bench_way){ .kind = NSC_BENCH_READERS, .threads = 1 };
	result.way[1].account.packets = 1000;
	for (uint32_t i = 0; i < rounds; i++) {
		result.way[0].cpu_ns[i] = 10 + 0.01 * (i % 3);
		result.way[1].cpu_ns[i] = ns + 0.01 * (i % 7);
		result.way[1].wall_ns[i] = result.way[1].run_ns[i] = ns;
		result.way[1].energy_nj[i] = NAN;
	}
}

static char *document(const char *kind)
{
	cJSON *root;
	char *text;

	memset(&manifest, 0, sizeof(manifest));
	snprintf(manifest.machine.cpu, sizeof(manifest.machine.cpu), "A processor");
	snprintf(manifest.machine.kernel, sizeof(manifest.machine.kernel), "6.1");
	snprintf(manifest.machine.governor, sizeof(manifest.machine.governor), "unknown");
	snprintf(manifest.machine.thp, sizeof(manifest.machine.thp), "madvise");
	snprintf(manifest.program.version, sizeof(manifest.program.version), "1.2.3");
	root = nsc_bench_json_open(kind, &manifest);
	nsc_bench_json_add(root, &result);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	return text;
}

static int read_text(struct nsc_bench_saved *saved, const char *text, struct nsc_error *error)
{
	return nsc_bench_saved_read(saved, text, strlen(text), error);
}

START_TEST(what_was_written_is_read)
{
	static struct nsc_bench_saved saved;
	char *text;

	measured(40, 12);
	text = document("measured");
	ck_assert_int_eq(read_text(&saved, text, NULL), 0);
	ck_assert_str_eq(saved.cpu, "A processor");
	ck_assert_str_eq(saved.governor, ""); /* unknown is null */
	ck_assert_str_eq(saved.version, "1.2.3");
	ck_assert_uint_eq(saved.n, 1);
	ck_assert_str_eq(saved.result[0].input, "mix");
	ck_assert(saved.result[0].packets == 1000 && saved.result[0].rounds == 12);
	for (unsigned i = 0; i < 12; i++)
		ck_assert(fabs(saved.result[0].over_floor[i] - result.way[1].cpu_ns[i] / result.way[0].cpu_ns[i]) <
			  1e-9);
	free(text);
}
END_TEST

static enum stats_verdict compared(double then_ns, uint32_t then, double now_ns, uint32_t now)
{
	static struct nsc_bench_saved saved;
	struct stats_ratio ratio;
	char *text;

	measured(then_ns, then);
	text = document("measured");
	ck_assert_int_eq(read_text(&saved, text, NULL), 0);
	free(text);
	measured(now_ns, now);
	return nsc_bench_saved_compare(&ratio, &saved, &result);
}

START_TEST(two_days)
{
	static struct nsc_bench_saved saved;
	struct stats_ratio ratio;

	ck_assert(compared(40, 12, 40, 12) == STATS_SAME);
	ck_assert(compared(40, 12, 42, 12) == STATS_SLOWER);
	ck_assert(compared(40, 12, 38, 200) == STATS_FASTER);
	ck_assert(compared(40, 9, 42, 200) == STATS_UNDECIDED); /* too little */
	ck_assert(compared(40, 200, 42, 9) == STATS_UNDECIDED);
	measured(40, 12);
	memset(&saved, 0, sizeof(saved));
	ck_assert(nsc_bench_saved_compare(&ratio, &saved, &result) == STATS_UNDECIDED); /* not in it */
	ck_assert_uint_eq(ratio.n, 0);
	saved.n = 1;
	snprintf(saved.result[0].input, sizeof(saved.result[0].input), "mix");
	saved.result[0].packets = 999; /* other packets */
	saved.result[0].rounds = 12;
	ck_assert(nsc_bench_saved_compare(&ratio, &saved, &result) == STATS_UNDECIDED);
	ck_assert_uint_eq(ratio.n, 0);
}
END_TEST

START_TEST(another_machine)
{
	static struct nsc_bench_saved saved;
	struct bench_machine machine = {
		.cpu = "A processor", .kernel = "6.1", .governor = "unknown", .thp = "madvise"
	};
	char *text, differs[512];

	measured(40, 12);
	text = document("measured");
	ck_assert_int_eq(read_text(&saved, text, NULL), 0);
	free(text);
	ck_assert(!nsc_bench_saved_differs(&saved, &machine, differs, sizeof(differs)));
	ck_assert_str_eq(differs, "");
	snprintf(machine.kernel, sizeof(machine.kernel), "6.2");
	snprintf(machine.governor, sizeof(machine.governor), "performance");
	ck_assert(!nsc_bench_saved_differs(&saved, &machine, differs, sizeof(differs)));
	ck_assert_str_eq(differs, "  kernel: 6.1 then, 6.2 now\n  governor: not known then, performance now\n");
	snprintf(machine.cpu, sizeof(machine.cpu), "Another");
	ck_assert(nsc_bench_saved_differs(&saved, &machine, differs, sizeof(differs)));
	for (size_t size = 1; size < 100; size++) /* cut, never beyond */
		nsc_bench_saved_differs(&saved, &machine, differs, size);
}
END_TEST

START_TEST(no_results)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "nothing that netscope bench --save wrote" },
		{ "[1]", "nothing that netscope bench --save wrote" },
		{ "{\"kind\":\"measured\"}", "nothing that netscope bench --save wrote" },
		{ "{\"schema_version\":2,\"kind\":\"measured\"}", "schema_version is 2" },
		{ "{\"schema_version\":1,\"kind\":\"compared\"}", "a comparison" },
		{ "{\"schema_version\":1,\"kind\":\"measured\"}", "no ratio" },
		{ "{\"schema_version\":1,\"kind\":\"measured\",\"machine\":3,\"results\":{\"a\":1}}", "no ratio" },
		{ "{\"schema_version\":1,\"kind\":\"measured\",\"results\":[{\"input\":\"mix\",\"ways\":[{\"way\":"
		  "\"readers\",\"threads\":1,\"over_floor\":{\"samples\":[null,-1,\"x\",0]}}]}]}",
		  "no ratio" },
	};
	static struct nsc_bench_saved saved;
	struct nsc_error error;
	char *text;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_int_eq(read_text(&saved, cases[i].text, &error), -EINVAL);
		ck_assert_msg(strstr(error.text, cases[i].says) != NULL, "case %u: %s", i, error.text);
	}
	measured(40, 3);
	text = document("measured");
	for (size_t length = 0; length < strlen(text); length++) /* cut anywhere */
		ck_assert_int_eq(nsc_bench_saved_read(&saved, text, length, &error), -EINVAL);
	free(text);
}
END_TEST

/* More results and samples than there is room for. */
START_TEST(too_many)
{
	static struct nsc_bench_saved saved;
	cJSON *root = cJSON_CreateObject(), *results;
	char *text;

	cJSON_AddNumberToObject(root, "schema_version", 1);
	cJSON_AddStringToObject(root, "kind", "measured");
	results = cJSON_AddArrayToObject(root, "results");
	for (unsigned i = 0; i < 20; i++) {
		cJSON *one = cJSON_CreateObject(), *way = cJSON_CreateObject(), *samples;

		cJSON_AddStringToObject(one, "input", "mix");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(one, "ways"), way);
		cJSON_AddStringToObject(way, "way", "readers");
		cJSON_AddNumberToObject(way, "threads", 1);
		samples = cJSON_AddArrayToObject(cJSON_AddObjectToObject(way, "over_floor"), "samples");
		for (unsigned k = 0; k < STATS_SAMPLES_MAX + 9; k++)
			cJSON_AddItemToArray(samples, cJSON_CreateNumber(2));
		cJSON_AddItemToArray(results, one);
	}
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	ck_assert_int_eq(read_text(&saved, text, NULL), 0);
	ck_assert_uint_eq(saved.n, NSC_BENCH_SAVED);
	ck_assert_uint_eq(saved.result[0].rounds, STATS_SAMPLES_MAX);
	free(text);
}
END_TEST

START_TEST(files)
{
	struct nsc_bench_saved *saved;
	struct nsc_error error;

	ck_assert_int_eq(nsc_bench_saved_open(&saved, "/tmp/no such file", &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "--baseline /tmp/no such file: No such file"));
	ck_assert_int_eq(nsc_bench_saved_open(&saved, "/tmp", &error), -EINVAL);
	ck_assert_int_eq(nsc_bench_saved_open(&saved, "/dev/null", &error), -EINVAL);
}
END_TEST

CHECK_MAIN("saved", what_was_written_is_read, two_days, another_machine, no_results, too_many, files)
