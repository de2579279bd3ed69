/* SPDX-License-Identifier: MIT
 *
 * See saved.h. The file may be anybody's: every member may be missing or of another type.
 */
#include "tools/bench/saved.h"

#include "tools/bench/report.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAVED_BYTES_MAX = 64 << 20 };

static const cJSON *saved_member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static double saved_number(const cJSON *item)
{
	return cJSON_IsNumber(item) && isfinite(item->valuedouble) && item->valuedouble >= 0 ? item->valuedouble : NAN;
}

static void saved_text(const cJSON *object, const char *name, char *out, size_t size)
{
	const char *text = cJSON_GetStringValue(saved_member(object, name));

	snprintf(out, size, "%s", text ? text : "");
}

#define TEXT(object, name, out) saved_text(object, name, out, sizeof(out))

/* --- reading ---------------------------------------------------------------------------------- */

static const cJSON *saved_way(const cJSON *result)
{
	const cJSON *way;

	cJSON_ArrayForEach(way, saved_member(result, "ways"))
	{
		const char *kind = cJSON_GetStringValue(saved_member(way, "way"));

		if (kind && !strcmp(kind, "readers") && saved_number(saved_member(way, "threads")) == 1)
			return way;
	}
	return NULL;
}

static void saved_read_result(struct nsc_bench_saved *saved, const cJSON *result)
{
	const cJSON *sample, *samples = saved_member(saved_member(saved_way(result), "over_floor"), "samples");
	uint32_t n = saved->n, rounds = 0;

	if (n == NSC_BENCH_SAVED)
		return;
	TEXT(result, "input", saved->result[n].input);
	saved->result[n].packets = saved_number(saved_member(result, "packets"));
	cJSON_ArrayForEach(sample, samples)
	{
		double value = saved_number(sample);

		if (value > 0 && rounds < STATS_SAMPLES_MAX)
			saved->result[n].over_floor[rounds++] = value;
	}
	saved->result[n].rounds = rounds;
	saved->n += rounds > 0 && saved->result[n].input[0];
}

int nsc_bench_saved_read(struct nsc_bench_saved *saved, const char *text, size_t length, struct nsc_error *error)
{
	cJSON *root = cJSON_ParseWithLength(text, length);
	const cJSON *machine = saved_member(root, "machine"), *program = saved_member(root, "program"), *result;
	const char *kind = cJSON_GetStringValue(saved_member(root, "kind"));
	double schema = saved_number(saved_member(root, "schema_version"));
	int status = 0;

	memset(saved, 0, sizeof(*saved));
	if (!cJSON_IsObject(root) || !kind || isnan(schema))
		status = nsc_fail(error, -EINVAL, "this is nothing that netscope bench --save wrote");
	else if (schema != NSC_BENCH_SCHEMA)
		status = nsc_fail(error, -EINVAL, "its schema_version is %g, and this program reads %d", schema,
				  NSC_BENCH_SCHEMA);
	else if (strcmp(kind, "measured") != 0)
		status = nsc_fail(error, -EINVAL, "it holds a comparison, not a measurement: \"%.20s\"", kind);
	TEXT(machine, "cpu", saved->cpu);
	TEXT(machine, "kernel", saved->kernel);
	TEXT(machine, "governor", saved->governor);
	TEXT(machine, "huge_pages", saved->huge_pages);
	TEXT(program, "version", saved->version);
	TEXT(program, "build_id", saved->build_id);
	TEXT(root, "began", saved->began);
	cJSON_ArrayForEach(result, saved_member(root, "results")) saved_read_result(saved, result);
	cJSON_Delete(root);
	if (!status && !saved->n)
		status = nsc_fail(error, -EINVAL, "it holds no ratio to a floor");
	return status;
}

static char *saved_load(const char *path, size_t *length, struct nsc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	char *text = size >= 0 && size <= SAVED_BYTES_MAX ? malloc((size_t)size + 1) : NULL;
	ssize_t n = text ? pread(fd, text, (size_t)size, 0) : -1;

	if (size > SAVED_BYTES_MAX)
		nsc_fail(error, -EINVAL, "it is larger than %d MiB", SAVED_BYTES_MAX >> 20);
	else if (n < 0)
		nsc_fail(error, -errno, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	*length = (size_t)n;
	return text;
}

int nsc_bench_saved_open(struct nsc_bench_saved **opened, const char *path, struct nsc_error *error)
{
	struct nsc_error why = { .text = "no memory" };
	struct nsc_bench_saved *saved = malloc(sizeof(*saved));
	size_t length = 0;
	char *text = saved_load(path, &length, &why);
	int status = saved && text ? nsc_bench_saved_read(saved, text, length, &why) : -EINVAL;

	free(text);
	if (!status) {
		*opened = saved;
		return 0;
	}
	free(saved);
	return nsc_fail(error, -EINVAL, "--baseline %.300s: %.150s", path, why.text);
}

void nsc_bench_saved_close(struct nsc_bench_saved *saved)
{
	free(saved);
}

/* --- comparing -------------------------------------------------------------------------------- */

bool nsc_bench_saved_differs(const struct nsc_bench_saved *saved, const struct bench_machine *machine, char *text,
			     size_t size)
{
	const struct {
		const char *what, *then, *now;
	} members[] = { { "processor", saved->cpu, machine->cpu },
			{ "kernel", saved->kernel, machine->kernel },
			{ "governor", saved->governor, machine->governor },
			{ "huge pages", saved->huge_pages, machine->thp } };
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < NSC_ARRAY_LEN(members) && used < size; i++) {
		const char *now = strcmp(members[i].now, "unknown") != 0 ? members[i].now : "";

		if (strcmp(members[i].then, now) != 0)
			used += (size_t)snprintf(text + used, size - used, "  %s: %s then, %s now\n", members[i].what,
						 members[i].then[0] ? members[i].then : "not known",
						 now[0] ? now : "not known");
	}
	return strcmp(saved->cpu, machine->cpu) != 0 && strcmp(machine->cpu, "unknown") != 0;
}

enum stats_verdict nsc_bench_saved_compare(struct stats_ratio *ratio, const struct nsc_bench_saved *saved,
					   const struct nsc_bench_result *result)
{
	const struct nsc_bench_way *one = nsc_bench_way_of(result, NSC_BENCH_READERS, 1);
	struct stats_ratio today;
	enum stats_verdict verdict;

	nsc_bench_over_floor(&today, result, one);
	ratio->n = 0;
	for (uint32_t i = 0; i < saved->n && today.n; i++) {
		if (strcmp(saved->result[i].input, result->input.name) != 0 ||
		    saved->result[i].packets != one->account.packets)
			continue;
		stats_change_of(ratio, saved->result[i].over_floor, saved->result[i].rounds, today.sample, today.n);
		verdict = stats_judge(ratio, NSC_BENCH_LOOKED_FOR, NSC_BENCH_SAVED_LEAST);
		return verdict == STATS_GO_ON ? STATS_UNDECIDED : verdict;
	}
	return STATS_UNDECIDED;
}
