/* SPDX-License-Identifier: MIT
 *
 * The columns of the tables are those that rows are written with, and rows are measured as they are written.
 */
#include "tools/ship/schema.h"

#include "engine/text/alert_row.h"
#include "tests/unit/backends/sinks/records.h"

static char *put_row(char *at, const struct nsc_flow_record *record, unsigned number, const char *sensor)
{
	struct nsc_community_id community;

	nsc_community_ids(&community, &record, 1);
	at = nsc_row_binary_text(at, sensor, strlen(sensor));
	at = nsc_row_binary_number(at, 1, 8);
	at = nsc_row_binary_number(at, 2, 2);
	at = nsc_row_binary_number(at, 3, 4);
	return nsc_row_binary(at, record, &community, number);
}

/* Rows of different lengths; a row that is not whole has no end. */
START_TEST(rows_are_measured)
{
	static char data[16 * NSC_ROW_BINARY_MAX];
	struct nsc_flow_record record = test_golden_record();
	char *end[9] = { data };
	size_t bytes;

	for (unsigned i = 0; i < 8; i++) {
		char sensor[60] = "";

		memset(sensor, 's', 1 + 7 * i);
		record.proto = i % 2 ? NSC_PROTO_TCP : NSC_PROTO_UDP;
		end[i + 1] = put_row(end[i], &record, i + 1, sensor);
	}
	bytes = (size_t)(end[8] - data);
	for (unsigned i = 0; i <= 8; i++)
		ck_assert_uint_eq(nsc_ship_rows_bytes(NSC_SEGMENT_FLOWS, data, bytes, i), (size_t)(end[i] - data));
	ck_assert_uint_eq(nsc_ship_rows_bytes(NSC_SEGMENT_FLOWS, data, bytes, 9), 0);
	for (size_t cut = 1; cut < (size_t)(end[8] - end[7]); cut++)
		ck_assert_uint_eq(nsc_ship_rows_bytes(NSC_SEGMENT_FLOWS, data, bytes - cut, 8), 0);
}
END_TEST

/* Columns that may be null have one byte more, or one byte only. */
START_TEST(rows_of_alerts_are_measured)
{
	char data[4 * NSC_ALERT_ROW_MAX], *end[5] = { data };
	struct nsc_alert alert = { .kind = NSC_ALERT_PORT_SCAN, .ip_version = 4, .has_source = true };

	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	for (unsigned i = 0; i < 4; i++) {
		char *at = nsc_row_binary_text(end[i], "here", 4);

		alert.observed[NSC_ALERT_PORTS + i] = i;
		at = nsc_row_binary_number(nsc_row_binary_number(at, 1, 8), 2, 4);
		end[i + 1] = nsc_alert_row(nsc_row_binary_number(at, i + 1, 8), &alert);
	}
	for (unsigned i = 0; i <= 4; i++)
		ck_assert_uint_eq(nsc_ship_rows_bytes(NSC_SEGMENT_ALERTS, data, (size_t)(end[4] - data), i),
				  (size_t)(end[i] - data));
	for (char *cut = end[3]; cut < end[4]; cut++)
		ck_assert_uint_eq(nsc_ship_rows_bytes(NSC_SEGMENT_ALERTS, data, (size_t)(cut - data), 4), 0);
}
END_TEST

/* Each column in both schemas, and the CSV's names under an alias where units differ. */
static void has_columns(const char *statements, enum nsc_segment_kind kind, bool old)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	uint32_t n = nsc_ship_columns(column, kind);
	char row[128];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(row, sizeof(row), "\n    %.39s %.60s", column[i].name, old ? column[i].old : column[i].type);
		ck_assert_msg(strstr(statements, row) != NULL, "no %s", row);
	}
}

START_TEST(statements_have_every_column)
{
	for (unsigned old = 0; old < 2; old++) {
		char *text = NULL;
		size_t length;
		FILE *file = open_memstream(&text, &length);

		nsc_ship_schema(file, old);
		fclose(file);
		for (unsigned kind = 0; kind < NSC_SEGMENT_KIND_COUNT; kind++)
			has_columns(text, kind, old);
		ck_assert_ptr_nonnull(strstr(text, "rtt_min_ms Float64 ALIAS rtt_min_ns / 1000000"));
		ck_assert_ptr_nonnull(strstr(text, "duration_secs Float64 ALIAS"));
		ck_assert(!strstr(text, "LowCardinality") == (old != 0));
		ck_assert(!strstr(text, "non_replicated_deduplication_window") == (old != 0));
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tcase = tcase_create("schema");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, rows_are_measured);
	tcase_add_test(tcase, rows_of_alerts_are_measured);
	tcase_add_test(tcase, statements_have_every_column);
	return test_run(suite);
}
