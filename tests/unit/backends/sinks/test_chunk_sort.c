/* SPDX-License-Identifier: MIT
 *
 * The sort of one chunk against qsort.
 */
#include "backends/sinks/chunk_sort.h"

#include "records.h"

static struct nsc_chunk_sort scratch;
static struct nsc_flow_record got[NSC_FLOW_CHUNK_RECORDS], want[NSC_FLOW_CHUNK_RECORDS];

static unsigned check_sort(uint32_t n, uint64_t span_ns, uint64_t seed)
{
	for (uint32_t i = 0; i < n; i++)
		got[i] = want[i] = test_record(&seed, span_ns);
	qsort(want, n, sizeof(want[0]), test_compare);
	nsc_chunk_sort(got, n, &scratch);
	return !!memcmp(got, want, n * sizeof(got[0]));
}

START_TEST(as_qsort)
{
	static const uint64_t spans[] = { 1, 2, 200, 5000, 1000000000, 1ull << 60 };
	static const uint32_t sizes[] = { 0, 1, 2, 3, 17, 500, NSC_FLOW_CHUNK_RECORDS };
	unsigned wrong = 0;

	for (unsigned s = 0; s < NSC_ARRAY_LEN(spans); s++)
		for (unsigned n = 0; n < NSC_ARRAY_LEN(sizes); n++)
			wrong += check_sort(sizes[n], spans[s], 77 + s);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(sorted_and_reversed)
{
	uint64_t seed = 5;

	for (unsigned i = 0; i < NSC_FLOW_CHUNK_RECORDS; i++) {
		want[i] = test_record(&seed, 1);
		want[i].first_seen_ns += i;
		got[NSC_FLOW_CHUNK_RECORDS - 1 - i] = want[i];
	}
	nsc_chunk_sort(got, NSC_FLOW_CHUNK_RECORDS, &scratch);
	ck_assert_int_eq(memcmp(got, want, sizeof(got)), 0);
	nsc_chunk_sort(got, NSC_FLOW_CHUNK_RECORDS, &scratch);
	ck_assert_int_eq(memcmp(got, want, sizeof(got)), 0);
}
END_TEST

START_TEST(whole_range_of_time)
{
	uint64_t seed = 9;

	for (unsigned i = 0; i < NSC_FLOW_CHUNK_RECORDS; i++) {
		got[i] = test_record(&seed, 1);
		got[i].first_seen_ns = i % 3 ? test_random(&seed) : i % 2 ? UINT64_MAX : 0;
	}
	memcpy(want, got, sizeof(got));
	qsort(want, NSC_FLOW_CHUNK_RECORDS, sizeof(want[0]), test_compare);
	nsc_chunk_sort(got, NSC_FLOW_CHUNK_RECORDS, &scratch);
	ck_assert_int_eq(memcmp(got, want, sizeof(got)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chunk sort");
	TCase *tcase = tcase_create("order");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, as_qsort);
	tcase_add_test(tcase, sorted_and_reversed);
	tcase_add_test(tcase, whole_range_of_time);
	return test_run(suite);
}
