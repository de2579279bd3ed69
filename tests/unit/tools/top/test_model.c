/* SPDX-License-Identifier: MIT
 *
 * JSON that nobody should send: nothing is believed, nothing is written beyond its room.
 */
#include "tools/top/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_top_numbers numbers;
static struct nsc_error error;

static int summary(const char *text)
{
	return nsc_top_read_summary(&numbers, text, strlen(text), &error);
}

START_TEST(no_summary)
{
	static const char *const texts[] = {
		"", "null", "[]", "{}", "{\"state\":", "<!doctype html>", "{\"states\":1}"
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(texts); i++) {
		ck_assert_int_lt(summary(texts[i]), 0);
		ck_assert_ptr_nonnull(strstr(error.text, "/api/v1/summary"));
	}
	ck_assert_int_lt(summary("{\"state\":\"running\",\"protocol\":2}"), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "version 2"));
	ck_assert_int_lt(nsc_top_read_cores(&numbers, "{}", 2, &error), 0);
	ck_assert_int_lt(nsc_top_read_flows(&numbers, "{}", 2, &error), 0);
}
END_TEST

START_TEST(other_types)
{
	nsc_top_numbers_init(&numbers);
	ck_assert_int_eq(
		summary("{\"state\":7,\"protocol\":1,\"source\":[],\"tick\":\"x\",\"counters\":{\"rx_received\":-5,"
			"\"lane_full\":true,\"rx_nic_drops\":null},\"ledger\":[1],\"losses\":{\"a\":1},"
			"\"top\":[1,null,{\"endpoint_a\":7,\"endpoint_b\":{\"ip\":4,\"port\":1e300}}]}"),
		0);
	ck_assert_str_eq(numbers.state, "");
	ck_assert(isnan(numbers.received) && isnan(numbers.lost) && isnan(numbers.bps));
	ck_assert(!numbers.balanced && isnan(numbers.borders));
	ck_assert_uint_eq(numbers.n_losses, 0);
	ck_assert_uint_eq(numbers.top.n, 1);
	ck_assert_str_eq(numbers.top.flow[0].from, "");
	ck_assert_str_eq(numbers.top.flow[0].to, ":65535");
	ck_assert(!numbers.top.flow[0].has_client);
}
END_TEST

static char *repeated(const char *head, const char *item, unsigned n, const char *tail)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	fputs(head, out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", item);
	fputs(tail, out);
	fclose(out);
	return text;
}

START_TEST(too_many)
{
	char *text = repeated("{\"state\":\"running\",\"protocol\":1,\"losses\":[", "{\"place\":\"lane\"}", 500, "]}");

	ck_assert_int_eq(summary(text), 0);
	ck_assert_uint_eq(numbers.n_losses, NSC_TOP_LOSSES);
	free(text);
	text = repeated("{\"flows\":[", "{\"protocol\":\"tcp\"}", 5000, "]}");
	ck_assert_int_eq(nsc_top_read_flows(&numbers, text, strlen(text), &error), 0);
	ck_assert_uint_eq(numbers.found.n, NSC_TOP_FLOWS);
	free(text);
	text = repeated("{\"stages\":[\"a\",\"b\",\"a\",\"b\",\"a\",\"b\",\"a\",\"b\",\"a\",\"b\",\"a\",\"b\",\"a\","
			"\"b\",\"a\","
			"\"b\",\"a\",\"b\"],\"workers\":[",
			"{\"index\":1,\"cycles_per_packet\":[1,null,2]}", 500, "]}");
	ck_assert_int_eq(nsc_top_read_cores(&numbers, text, strlen(text), &error), 0);
	ck_assert_uint_eq(numbers.n_stages, NSC_TOP_STAGES);
	ck_assert_uint_eq(numbers.n_workers, NSC_TOP_WORKERS);
	ck_assert(numbers.worker[63].cycles[2] == 2 && isnan(numbers.worker[63].cycles[1]) &&
		  isnan(numbers.worker[63].cycles[3]));
	free(text);
}
END_TEST

START_TEST(long_texts)
{
	char *text = repeated("{\"error\":\"", "long", 500, "\"}"), sentence[NSC_TOP_NAME];

	ck_assert(nsc_top_read_error(sentence, text, strlen(text)));
	ck_assert_uint_eq(strlen(sentence), NSC_TOP_NAME - 1);
	ck_assert(!nsc_top_read_error(sentence, "no", 2));
	free(text);
	text = repeated("{\"state\":\"running\",\"protocol\":1,\"version\":\"", "0.2.0", 500, "\"}");
	ck_assert_int_eq(summary(text), 0);
	ck_assert_uint_eq(strlen(numbers.version), NSC_TOP_WORD - 1);
	free(text);
}
END_TEST

START_TEST(deep)
{
	char *text = malloc(100000);

	memset(text, '[', 99999);
	text[99999] = '\0';
	ck_assert_int_lt(summary(text), 0);
	free(text);
}
END_TEST

CHECK_MAIN("top/model", no_summary, other_types, too_many, long_texts, deep)
