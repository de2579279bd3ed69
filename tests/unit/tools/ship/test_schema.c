/* SPDX-License-Identifier: MIT
 *
 * The columns of the tables are those that rows are written with, and rows are measured as they are written.
 */
#include "tools/ship/schema.h"

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

/* Each column in both schemas, and the CSV's names under an alias where units differ. */
START_TEST(statements_have_every_column)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	uint32_t n = nsc_ship_columns(column, NSC_SEGMENT_FLOWS);

	for (unsigned old = 0; old < 2; old++) {
		char *text = NULL, row[128];
		size_t length;
		FILE *file = open_memstream(&text, &length);

		nsc_ship_schema(file, old);
		fclose(file);
		for (uint32_t i = 0; i < n; i++) {
			snprintf(row, sizeof(row), "\n    %.39s %.60s", column[i].name,
				 old ? column[i].old : column[i].type);
			ck_assert_msg(strstr(text, row) != NULL, "no %s", row);
		}
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
	tcase_add_test(tcase, statements_have_every_column);
	return test_run(suite);
}
