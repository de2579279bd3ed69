/* SPDX-License-Identifier: MIT
 *
 * Memory that was mapped shows.
 */
#include "tools/netscope/memory.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

START_TEST(a_mapping_counts)
{
	const size_t size = 64 << 20;
	uint64_t before = nsc_memory_mapped(), with;
	void *area = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert(area != MAP_FAILED);
	with = nsc_memory_mapped();
	munmap(area, size);
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_ge(with, before + size);
	ck_assert_uint_lt(nsc_memory_mapped(), with);
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
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
