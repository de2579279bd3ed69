/* SPDX-License-Identifier: MIT
 *
 * What a run says of itself, and what is no such text.
 */
#include "tools/bench/measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static const char whole[] = "{\"elapsed_secs\":0.5,\"tsc_hz\":2000000000,\"ledger\":{\"balanced\":true},"
			    "\"cycles_per_packet\":{\"rx\":10.5,\"tap\":0,\"flow\":20,\"total\":30.5},"
			    "\"waited_per_packet\":{\"lane\":3,\"total\":3},"
			    "\"round_ns\":{\"rounds\":9,\"p50\":1,\"p99\":2,\"p99_99\":3,\"max\":4,\"histogram\":[]},"
			    "\"counters\":{\"rx_received\":1000,\"flow_created\":7},"
			    "\"memory_budget\":{\"flow_bytes_each\":208}}";

START_TEST(a_summary)
{
	struct nsc_bench_account a;

	ck_assert_int_eq(nsc_bench_account_read(&a, whole, strlen(whole), NULL), 0);
	ck_assert(a.packets == 1000 && a.flows == 7 && a.elapsed_ns == 5e8 && a.tsc_hz == 2e9);
	ck_assert(a.cycles == 30.5 && a.waited == 3 && a.flow_bytes == 208 && a.balanced);
	ck_assert_uint_eq(a.n_stages, 2); /* what took nothing is no stage of this run */
	ck_assert_str_eq(a.stage[1].name, "flow");
	ck_assert(a.stage[0].cycles == 10.5 && a.stage[1].cycles == 20);
	ck_assert(a.p50_ns == 1 && a.p99_ns == 2 && a.p9999_ns == 3 && a.max_ns == 4);
}
END_TEST

START_TEST(what_is_missing_is_not_known)
{
	static const char text[] = "{\"counters\":{\"rx_received\":\"many\",\"flow_created\":-1},\"round_ns\":[1],"
				   "\"cycles_per_packet\":{\"rx\":\"x\"},\"ledger\":1,\"elapsed_secs\":null}";
	struct nsc_bench_account a;

	ck_assert_int_eq(nsc_bench_account_read(&a, text, strlen(text), NULL), 0);
	ck_assert(isnan(a.packets) && isnan(a.flows) && isnan(a.elapsed_ns) && isnan(a.tsc_hz) && isnan(a.cycles));
	ck_assert(isnan(a.waited) && isnan(a.p50_ns) && isnan(a.max_ns) && isnan(a.flow_bytes));
	ck_assert(!a.balanced);
	ck_assert_uint_eq(a.n_stages, 0);
}
END_TEST

START_TEST(no_summary)
{
	static const char *const texts[] = { "", "{", "[]", "12", "{}", "{\"counters\":3}", "netscope: it failed\n" };
	struct nsc_bench_account a;
	struct nsc_error error;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(texts); i++) {
		ck_assert_int_lt(nsc_bench_account_read(&a, texts[i], strlen(texts[i]), &error), 0);
		ck_assert_ptr_nonnull(strstr(error.text, "--summary-json"));
	}
	for (size_t length = 0; length < strlen(whole); length++) /* cut anywhere */
		ck_assert_int_lt(nsc_bench_account_read(&a, whole, length, &error), 0);
}
END_TEST

/* More stages than there is room for. */
START_TEST(many_stages)
{
	char text[4096] = "{\"counters\":{},\"cycles_per_packet\":{";
	struct nsc_bench_account a;
	size_t n = strlen(text);

	for (unsigned i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\"a_stage_with_a_long_name_%u\":1,", i);
	snprintf(text + n, sizeof(text) - n, "\"total\":100}}");
	ck_assert_int_eq(nsc_bench_account_read(&a, text, strlen(text), NULL), 0);
	ck_assert_uint_eq(a.n_stages, NSC_BENCH_STAGES);
	ck_assert(a.cycles == 100);
}
END_TEST

CHECK_MAIN("account", a_summary, what_is_missing_is_not_known, no_summary, many_stages)
