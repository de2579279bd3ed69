/* SPDX-License-Identifier: MIT
 *
 * What is near, and what is not.
 */
#include "engine/text/nearest.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static const char *nearest_of(const char *written, size_t part)
{
	static struct nsc_nearest nearest;
	static const char *const names[] = { "workers", "web", "", "export-json", "export-csv" };

	nsc_nearest_init(&nearest, written);
	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++)
		nsc_nearest_offer(&nearest, names[i], part);
	return nsc_nearest_name(&nearest);
}

START_TEST(changed_letters)
{
	ck_assert_str_eq(nearest_of("wokrers", 3), "workers");
	ck_assert_str_eq(nearest_of("web", 3), "web");
	ck_assert_str_eq(nearest_of("wen", 3), "web");
	ck_assert_str_eq(nearest_of("export-cvs", 3), "export-csv");
	ck_assert_ptr_null(nearest_of("wokr", 3));
	ck_assert_ptr_null(nearest_of("bananas", 3));
	ck_assert_ptr_null(nearest_of("bananas", 7));
}
END_TEST

START_TEST(beginnings)
{
	ck_assert_str_eq(nearest_of("export", 3), "export-json"); /* the first of both */
	ck_assert_str_eq(nearest_of("wo", 3), "workers");
	ck_assert_str_eq(nearest_of("w", 3), ""); /* one letter begins nothing, but may be too many */
}
END_TEST

START_TEST(any_length)
{
	char longest[1000];
	struct nsc_nearest nearest;

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_ptr_null(nearest_of(longest, 1));
	nsc_nearest_init(&nearest, "aa");
	nsc_nearest_offer(&nearest, longest, 3);
	ck_assert_uint_eq(strlen(nsc_nearest_name(&nearest)), NSC_NEAREST_MAX - 1);
	nsc_nearest_offer_at(&nearest, "b", 0); /* not nearer */
	ck_assert_int_eq(nearest.name[0], 'a');
}
END_TEST

CHECK_MAIN("text/nearest", changed_letters, beginnings, any_length)
