/* SPDX-License-Identifier: MIT
 *
 * What is to be sampled: the newest wish holds, a bad one changes nothing, and each ends by itself.
 */
#include "dashboard/server/sampling.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

#define NOW (1000 * NSC_NS_PER_SEC)
#define MINUTE (60 * NSC_NS_PER_SEC)

static struct nsc_sampling sampling;

static int want(const char *filter, const char *key, uint64_t minutes, struct nsc_error *error)
{
	const struct nsc_sample_text text = {
		.filter = filter, .filter_length = strlen(filter), .key = key, .key_length = strlen(key), .every = 2
	};

	return nsc_sampling_want(&sampling, &text, minutes, NOW, error);
}

START_TEST(the_newest_wish_holds)
{
	sampling = (struct nsc_sampling){ 0 };
	ck_assert_int_eq(want("port:443", "", 1, NULL), 0);
	ck_assert(sampling.on && sampling.changes == 1);
	ck_assert_str_eq(sampling.filter, "port:443");
	ck_assert_int_eq(sampling.wanted.mode, NSC_SAMPLE_FLOWS);
	ck_assert_int_eq(want("", "udp-10.0.0.1-53-10.0.0.2-4242", 1, NULL), 0);
	ck_assert_str_eq(sampling.filter, "");
	ck_assert_str_eq(sampling.key, "udp-10.0.0.1-53-10.0.0.2-4242");
	ck_assert(sampling.wanted.by_name && sampling.wanted.every == 2 && sampling.changes == 2);
	nsc_sampling_want_all(&sampling);
	ck_assert(!sampling.on && sampling.changes == 3);
	ck_assert_int_eq(sampling.wanted.mode, NSC_SAMPLE_ALL);
	nsc_sampling_want_all(&sampling);
	ck_assert_uint_eq(sampling.changes, 3);
}
END_TEST

START_TEST(a_bad_wish_changes_nothing)
{
	char longest[NSC_FILTER_TEXT + 2];
	struct nsc_sampling before;
	struct nsc_error error;

	ck_assert_int_eq(want("port:443", "", 1, NULL), 0);
	before = sampling;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(want("port:99999", "", 1, &error), -22);
	ck_assert_ptr_nonnull(strstr(error.text, "99999"));
	ck_assert_int_eq(want("", "", 1, &error), -22);
	ck_assert_int_eq(want(longest, "", 1, &error), -22);
	ck_assert_int_eq(want("", longest, 1, &error), -22);
	ck_assert_int_eq(want("tcp", "udp-10.0.0.1-53-10.0.0.2-4242", 1, &error), -22);
	ck_assert(sampling.on && sampling.changes == before.changes && sampling.until_ns == before.until_ns);
	ck_assert_str_eq(sampling.filter, "port:443");
	ck_assert_str_eq(sampling.key, "");
	ck_assert_uint_eq(sampling.wanted.filter.n, 1);
}
END_TEST

/* After its minutes, or when nobody has looked for a while. */
START_TEST(ends_by_itself)
{
	const uint64_t patience = NSC_SAMPLING_PATIENCE_S * NSC_NS_PER_SEC;

	sampling = (struct nsc_sampling){ 0 };
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW), 0);
	ck_assert_int_eq(want("port:443", "", 3, NULL), 0);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW), patience);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW + patience - 1), 1);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW + patience), 0);
	nsc_sampling_looked(&sampling, NOW + MINUTE);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW + MINUTE), patience);
	nsc_sampling_looked(&sampling, NOW + 3 * MINUTE - 5);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW + 3 * MINUTE - 5), 5);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, NOW + 3 * MINUTE), 0);
	ck_assert_uint_eq(nsc_sampling_left(&sampling, UINT64_MAX), 0);
}
END_TEST

CHECK_MAIN("sampling", the_newest_wish_holds, a_bad_wish_changes_nothing, ends_by_itself)
