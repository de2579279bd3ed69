/* SPDX-License-Identifier: MIT
 *
 * The flow export as a sink: golden files, order, one pass for both files, bounded chunks, and failures that leave
 * the old files.
 */
#include "engine/text/number.h"
#include "engine/text/row.h"
#include "netscope/out.h"

#include "records.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[64];
static struct nsc_flow_chunk chunk[4];
static unsigned given_back;

static void enter(void)
{
	test_enter_folder(folder);
	given_back = 0;
}

static void leave(void)
{
	test_leave_folder(folder);
}

static void count_back(void *context, struct nsc_flow_chunk *back)
{
	given_back++;
	back->n = 0;
}

static struct nsc_sink *open_export(const char *json, const char *csv, uint64_t record_memory)
{
	struct nsc_out out = { .asked = { .export_json = json, .export_csv = csv }, .record_memory = record_memory };
	struct nsc_sink *sink;

	ck_assert_int_eq(nsc_export_open(&sink, &out, NULL), 0);
	nsc_export_attach(sink, count_back, NULL);
	return sink;
}

static void send(struct nsc_sink *sink, struct nsc_flow_chunk *c, bool urgent)
{
	bool keep = false;

	ck_assert_int_eq(sink->ops->records(sink, c, urgent, &keep, NULL), 0);
	if (!keep)
		count_back(NULL, c);
}

static void check_file(const char *path, const char *want)
{
	char *text = test_read_file(path, NULL);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, want);
	free(text);
}

/* A file with the header and these rows: tests/unit/engine/text/test_row.c holds what is in them. */
static void check_csv(const char *path, const struct nsc_flow_record *record, unsigned n)
{
	char want[4 * NSC_ROW_CSV_MAX], *at = nsc_format_text(want, nsc_row_csv_columns);

	at = nsc_format_text(at, "\n");
	for (unsigned i = 0; i < n; i++) {
		const struct nsc_flow_record *r = &record[i];
		struct nsc_community_id community;

		nsc_community_ids(&community, &r, 1);
		at = nsc_format_text(nsc_row_csv(at, r, &community, i + 1), "\n");
	}
	check_file(path, want);
}

START_TEST(no_flow_at_all)
{
	struct nsc_sink *sink = open_export("f.json", "f.csv", 0);

	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(nsc_export_rows(sink), 0);
	nsc_export_close(sink);
	check_file("f.json", "[]\n");
	check_csv("f.csv", NULL, 0);
	ck_assert_uint_eq(test_count_files(), 2);
}
END_TEST

START_TEST(two_flows)
{
	struct nsc_sink *sink = open_export("f.json", "f.csv", sizeof(chunk[0]));
	struct nsc_flow_record want[2] = { test_golden_record(), test_golden_record() };

	want[0].proto = NSC_PROTO_UDP;
	want[1].first_seen_ns += NSC_NS_PER_SEC;
	chunk[0].n = 2;
	chunk[0].record[0] = want[1];
	chunk[0].record[1] = want[0];
	send(sink, &chunk[0], false);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(nsc_export_rows(sink), 2);
	nsc_export_close(sink);
	ck_assert_uint_eq(given_back, 1);
	check_csv("f.csv", want, 2);
}
END_TEST

/* The JSON of `n` seeded records sent in small chunks, with spills when `urgent`. */
static char *export_json(unsigned n, bool urgent)
{
	struct nsc_sink *sink = open_export("f.json", NULL, 2 * sizeof(chunk[0]));
	uint64_t seed = 4;

	for (unsigned i = 0; i < n; i += 500) {
		struct nsc_flow_chunk *c = &chunk[i / 500 % NSC_ARRAY_LEN(chunk)];

		for (c->n = 0; c->n < 500; c->n++)
			c->record[c->n] = test_record(&seed, 100000);
		send(sink, c, urgent);
	}
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(nsc_export_rows(sink), n);
	nsc_export_close(sink);
	return test_read_file("f.json", NULL);
}

/* Protocol, two endpoints, and the columns. */
#define NSC_X(...) +1
START_TEST(spilling_does_not_show)
{
	char *plain = export_json(2000, false), *spilled = export_json(2000, true);
	cJSON *json = cJSON_Parse(plain), *flow;
	double last = 0;
	unsigned wrong = 0;

	ck_assert_int_eq(strcmp(plain, spilled), 0);
	ck_assert_int_eq(cJSON_GetArraySize(json), 2000);
	cJSON_ArrayForEach(flow, json)
	{
		double first_seen = cJSON_GetObjectItem(flow, "first_seen")->valuedouble;

		wrong += first_seen < last || cJSON_GetArraySize(flow) != 3 NSC_FLOW_COLUMNS(NSC_X);
		last = first_seen;
	}
	ck_assert_uint_eq(wrong, 0);
	cJSON_Delete(json);
	free(plain);
	free(spilled);
}
END_TEST

START_TEST(refused_before_the_run)
{
	struct nsc_out out = { .asked = { .export_json = "ok.json", .export_csv = "missing/f.csv" } };
	struct nsc_sink *sink;
	struct nsc_error error;

	ck_assert_int_eq(nsc_export_open(&sink, &out, &error), -ENOENT);
	ck_assert_str_eq(error.text, "missing/f.csv: cannot be written: its folder does not exist");
	ck_assert_uint_eq(test_count_files(), 0);
}
END_TEST

START_TEST(unfinished_leaves_nothing)
{
	struct nsc_sink *sink = open_export("f.json", "f.csv", sizeof(chunk[0]));

	ck_assert_uint_eq(test_count_files(), 2 * test_names_of_unfinished());
	nsc_export_close(sink);
	ck_assert_uint_eq(test_count_files(), 0);
}
END_TEST

/* JSON is too long for the disk, CSV is not: the CSV is whole, the old JSON stays, the sentence names the JSON. */
START_TEST(one_full_file_does_not_hurt_the_other)
{
	struct rlimit limit, small = { .rlim_cur = 500000 };
	struct nsc_sink *sink;
	struct nsc_error error;
	uint64_t seed = 4;
	size_t bytes;
	char *csv;

	test_write_file("f.json", "old\n");
	sink = open_export("f.json", "f.csv", sizeof(chunk[0]));
	for (chunk[0].n = 0; chunk[0].n < 2000; chunk[0].n++)
		chunk[0].record[chunk[0].n] = test_record(&seed, 100000);
	send(sink, &chunk[0], false);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	nsc_export_close(sink);
	ck_assert_int_eq(strncmp(error.text, "f.json: writing failed after ", 29), 0);
	check_file("f.json", "old\n");
	csv = test_read_file("f.csv", &bytes);
	ck_assert_uint_gt(bytes, 2000 * 100);
	ck_assert_int_eq(csv[bytes - 1], '\n');
	csv[bytes - 1] = '\0';
	ck_assert_ptr_nonnull(strstr(strrchr(csv, '\n'), ",active,"));
	free(csv);
	ck_assert_uint_eq(given_back, 1);
	ck_assert_uint_eq(test_count_files(), 2);
}
END_TEST

/* The messages of `n` seeded records, in their order or turned around; tests/golden/ipfix holds what is in them. */
static char *export_ipfix(unsigned n, bool turned, size_t *bytes)
{
	struct nsc_out out = { .asked = { .ipfix_file = "f.ipfix" }, .record_memory = sizeof(chunk[0]) };
	struct nsc_sink *sink = NULL;
	uint64_t seed = 8;

	ck_assert_int_eq(nsc_export_open(&sink, &out, NULL), 0);
	nsc_export_attach(sink, count_back, NULL);
	chunk[0].n = n;
	for (unsigned i = 0; i < n; i++)
		chunk[0].record[turned ? n - 1 - i : i] = test_record(&seed, 100000);
	send(sink, &chunk[0], false);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(nsc_export_rows(sink), n);
	nsc_export_close(sink);
	return test_read_file("f.ipfix", bytes);
}

/* Whole messages, each as long as it says. */
static unsigned count_messages(const char *text, size_t bytes)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + bytes;
	unsigned n = 0;

	for (; at < end; n++) {
		ck_assert_int_ge(end - at, 16);
		ck_assert_uint_eq(at[0] << 8 | at[1], 10);
		at += at[2] << 8 | at[3];
	}
	ck_assert_ptr_eq(at, end);
	return n;
}

START_TEST(ipfix_of_the_same_flows_is_the_same)
{
	size_t bytes[3];
	char *text[3] = { export_ipfix(2000, false, &bytes[0]), export_ipfix(2000, true, &bytes[1]),
			  export_ipfix(0, false, &bytes[2]) };

	ck_assert_uint_eq(bytes[0], bytes[1]);
	ck_assert_mem_eq(text[0], text[1], bytes[0]);
	ck_assert_uint_gt(count_messages(text[0], bytes[0]), 4);
	ck_assert_uint_eq(count_messages(text[2], bytes[2]), 1); /* templates */
	ck_assert_uint_eq(test_count_files(), 1);
	for (unsigned i = 0; i < 3; i++)
		free(text[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("export");
	TCase *tcase = tcase_create("files");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, no_flow_at_all);
	tcase_add_test(tcase, two_flows);
	tcase_add_test(tcase, spilling_does_not_show);
	tcase_add_test(tcase, refused_before_the_run);
	tcase_add_test(tcase, unfinished_leaves_nothing);
	tcase_add_test(tcase, one_full_file_does_not_hurt_the_other);
	tcase_add_test(tcase, ipfix_of_the_same_flows_is_the_same);
	return test_run(suite);
}
