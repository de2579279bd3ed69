/* SPDX-License-Identifier: MIT
 *
 * The log of expired flows: golden lines, whole at every moment, nothing of flows that are alive.
 */
#include "engine/text/row.h"
#include "netscope/out.h"

#include "records.h"

#include <cjson/cJSON.h>
#include <errno.h>

static char folder[64];
static struct nsc_flow_chunk chunk;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static struct nsc_sink *open_jsonl(const char *path)
{
	struct nsc_out out = { .asked = { .expired_flows_jsonl = path } };
	struct nsc_sink *sink = NULL;

	ck_assert_int_eq(nsc_expired_jsonl_open(&sink, &out, NULL), 0);
	return sink;
}

static struct nsc_sink *open_csv(const char *path)
{
	struct nsc_out out = { .asked = { .expired_flows_csv = path } };
	struct nsc_sink *sink = NULL;

	ck_assert_int_eq(nsc_expired_csv_open(&sink, &out, NULL), 0);
	return sink;
}

/* A chunk of one record for each end reason. */
static void fill_chunk(void)
{
	for (chunk.n = 0; chunk.n < NSC_END_COUNT; chunk.n++) {
		chunk.record[chunk.n] = test_golden_record();
		chunk.record[chunk.n].end_reason = (uint8_t)chunk.n;
	}
}

START_TEST(lines_are_there_at_once)
{
	struct nsc_sink *sink = open_csv("x.csv");
	char want[5 * NSC_ROW_CSV_MAX], row[NSC_ROW_CSV_MAX], *text;
	bool keep = false;

	text = test_read_file("x.csv", NULL);
	snprintf(want, sizeof(want), "ts,reason,%s\n", nsc_row_csv_columns);
	ck_assert_str_eq(text, want);
	free(text);
	fill_chunk();
	ck_assert_int_eq(sink->ops->records(sink, &chunk, false, &keep, NULL), 0);
	ck_assert(!keep);
	text = test_read_file("x.csv", NULL);
	for (unsigned i = NSC_END_ACTIVE + 1; i < NSC_END_COUNT; i++) {
		const struct nsc_flow_record *record = &chunk.record[i];
		struct nsc_community_id community;

		nsc_community_ids(&community, &record, 1);
		*nsc_row_csv(row, record, &community, i) = '\0';
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "1700000062.500000001,%s,%s\n",
			 nsc_end_reason_name(i), row);
	}
	ck_assert_str_eq(text, want);
	free(text);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	nsc_expired_csv_close(sink);
}
END_TEST

/* ts, reason, protocol, two endpoints, and the columns. */
#define NSC_X(...) +1
START_TEST(json_lines)
{
	struct nsc_sink *sink = open_jsonl("x.jsonl");
	unsigned lines = 0, wrong = 0;
	bool keep = false;
	char *text, *rest;

	fill_chunk();
	ck_assert_int_eq(sink->ops->records(sink, &chunk, false, &keep, NULL), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	nsc_expired_jsonl_close(sink);
	text = test_read_file("x.jsonl", NULL);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
		cJSON *json = cJSON_Parse(line);

		wrong += strncmp(line, "{\"ts\":1700000062.500000001,\"reason\":\"", 37) != 0 ||
			 cJSON_GetArraySize(json) != 5 NSC_FLOW_COLUMNS(NSC_X) ||
			 strcmp(cJSON_GetObjectItem(json, "reason")->valuestring,
				cJSON_GetObjectItem(json, "end_reason")->valuestring) != 0;
		cJSON_Delete(json);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(lines, NSC_END_COUNT - 1);
	free(text);
	ck_assert_uint_eq(test_count_files(), 1);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct nsc_sink *sink = open_jsonl("/dev/full");
	struct nsc_error error;
	bool keep = false;

	fill_chunk();
	ck_assert_int_eq(sink->ops->records(sink, &chunk, false, &keep, &error), -ENOSPC);
	ck_assert_str_eq(error.text, "/dev/full: writing failed after 0 bytes: No space left on device");
	ck_assert_uint_eq(sink->lost, NSC_END_COUNT - 1);
	nsc_expired_jsonl_close(sink);
}
END_TEST

START_TEST(refused_targets)
{
	struct nsc_out out = { .asked = { .expired_flows_csv = "link" } };
	struct nsc_sink *sink;

	ck_assert_int_eq(symlink("elsewhere", "link"), 0);
	ck_assert_int_eq(nsc_expired_csv_open(&sink, &out, NULL), -ELOOP);
	out.asked.expired_flows_csv = "/dev/full"; /* the header does not fit */
	ck_assert_int_eq(nsc_expired_csv_open(&sink, &out, NULL), -ENOSPC);
}
END_TEST

START_TEST(begins_anew_when_asked)
{
	struct nsc_sink *sinks[] = { open_jsonl("x.jsonl"), open_csv("x.csv") };
	struct nsc_error error;
	bool keep;
	char *text;

	fill_chunk();
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(sinks[i]->ops->records(sinks[i], &chunk, false, &keep, &error), 0);
		ck_assert_int_eq(sinks[i]->ops->rotate(sinks[i], &error), 0);
	}
	text = test_read_file("x.csv", NULL);
	ck_assert_int_eq(strncmp(text, "ts,reason,protocol,", 19), 0);
	ck_assert_ptr_eq(strchr(text, '\n') + 1, text + strlen(text)); /* the columns, and nothing more */
	free(text);
	text = test_read_file("x.000000.csv", NULL);
	ck_assert_int_eq(strncmp(text, "ts,reason,protocol,", 19), 0);
	ck_assert_ptr_nonnull(strstr(text, "\n1700000062.500000001,timeout,"));
	free(text);
	text = test_read_file("x.000000.jsonl", NULL);
	ck_assert_int_eq(strncmp(text, "{\"ts\":", 6), 0);
	free(text);
	text = test_read_file("x.jsonl", NULL);
	ck_assert_str_eq(text, "");
	free(text);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(sinks[i]->ops->finish(sinks[i], NULL, &error), 0);
	nsc_expired_jsonl_close(sinks[0]);
	nsc_expired_csv_close(sinks[1]);
}
END_TEST

/* Each file begins with its header. */
START_TEST(a_csv_that_is_removed)
{
	struct nsc_sink *sink = open_csv("x.csv");
	struct nsc_error error;
	char *text;

	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	ck_assert_int_eq(unlink("x.csv"), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), -ENOENT);
	ck_assert_str_eq(error.text, "x.csv: was removed while it was written: a new one is begun");
	text = test_read_file("x.csv", NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(strncmp(text, "ts,reason,", 10), 0);
	ck_assert_ptr_eq(strchr(text, '\n') + 1, text + strlen(text));
	free(text);
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	nsc_expired_csv_close(sink);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expired");
	TCase *tcase = tcase_create("log");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, lines_are_there_at_once);
	tcase_add_test(tcase, json_lines);
	tcase_add_test(tcase, a_full_disk_is_told);
	tcase_add_test(tcase, refused_targets);
	tcase_add_test(tcase, begins_anew_when_asked);
	tcase_add_test(tcase, a_csv_that_is_removed);
	return test_run(suite);
}
