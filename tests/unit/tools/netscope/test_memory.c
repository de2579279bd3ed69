/* SPDX-License-Identifier: MIT
 *
 * Memory that was mapped shows, and the line that promises it adds up.
 */
#include "tools/netscope/memory.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

START_TEST(a_mapping_counts)
{
	const size_t size = 64 << 20;
	uint64_t before = nsc_memory_use().mapped, with;
	void *area = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert(area != MAP_FAILED);
	with = nsc_memory_use().mapped;
	munmap(area, size);
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_ge(with, before + size);
	ck_assert_uint_lt(nsc_memory_use().mapped, with);
}
END_TEST

/* What is only set aside needs no memory. */
START_TEST(a_reservation_does_not)
{
	const size_t size = 4ull << 30;
	uint64_t before = nsc_memory_use().mapped;
	void *area = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert(area != MAP_FAILED);
	ck_assert_uint_lt(nsc_memory_use().mapped, before + size / 2);
	ck_assert_int_eq(mprotect((char *)area + size / 2, size / 2, PROT_READ), 0);
	ck_assert_uint_ge(nsc_memory_use().mapped, before + size / 2);
	munmap(area, size);
}
END_TEST

START_TEST(the_line_adds_up)
{
	struct nsc_engine_budget budget = { .flow_tables = 8 << 20,
					    .flow_bytes_each = 121,
					    .flow_limit = 65536,
					    .outstanding_limit = 327675,
					    .records = 4 << 20,
					    .total = 12 << 20 };
	struct nsc_memory memory = { .program = 2 << 20, .edges = 1 << 20 };
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	nsc_memory_print(out, &memory, &budget, false);
	fclose(out);
	ck_assert_str_eq(text,
			 "netscope: memory at most 15.0 MiB: flow tables 8.0 (65536 flows of 121 bytes, 327675 "
			 "outstanding segments), names 0.0, lanes 0.0, taps 0.0, records 4.0, snapshots 0.0, "
			 "detectors 0.0, dashboard 0.0, timeline 0.0, recorder 0.0, source and outputs 1.0, program "
			 "2.0\n");
	out = fmemopen(text, sizeof(text), "w");
	nsc_memory_print(out, &memory, &budget, true);
	fclose(out);
	ck_assert_ptr_nonnull(
		strstr(text, "at most 15.0 MiB and 121 bytes for each flow: flow tables 8.0 (327675 outstanding"));
}
END_TEST

START_TEST(advice_names_the_option_of_the_largest_part)
{
	struct nsc_engine_budget budget = { .flow_tables = 4, .lanes = 3, .records = 2, .snapshots = 1 };

	ck_assert_str_eq(nsc_memory_advice(&budget, false), "lower --max-flows");
	ck_assert_str_eq(nsc_memory_advice(&budget, true), "give --max-flows a number");
	budget.lanes = 5;
	ck_assert_str_eq(nsc_memory_advice(&budget, false), "lower --readers, --channel-capacity or --workers");
	budget.records = 6;
	ck_assert_str_eq(nsc_memory_advice(&budget, true), "lower --record-memory-mb");
	budget.snapshots = 7;
	ck_assert_str_eq(nsc_memory_advice(&budget, true), "lower --workers or --top-flows");
	budget.detect = 8;
	ck_assert_str_eq(nsc_memory_advice(&budget, true),
			 "lower analysis.anomalies.memory_mb in the configuration file");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_mapping_counts);
	tcase_add_test(tcase, a_reservation_does_not);
	tcase_add_test(tcase, the_line_adds_up);
	tcase_add_test(tcase, advice_names_the_option_of_the_largest_part);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
