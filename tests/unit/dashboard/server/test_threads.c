/* SPDX-License-Identifier: MIT
 *
 * What the kernel writes of a thread, names that try to mislead among them, and what it writes of this one.
 */
#include "dashboard/server/threads.h"

#include "tests/unit/engine/check_main.h"

#include <string.h>

#include "engine/text/json.h"

#define BEHIND                                                                                                         \
	" S 1 2 3 4 5 6 7 8 9 10 123 45 0 0 20 0 7 0 99 100 200 18446744073709551615 1 2 3 4 5 6 7 8 9 10 11 12 "      \
	"17 "                                                                                                          \
	"6 0 0"

START_TEST(times_are_in_ns_and_the_core_is_the_last_one)
{
	struct nsc_thread_time time;

	ck_assert(nsc_thread_time_read(&time, "4711 (nsc-worker-0)" BEHIND, 100));
	ck_assert_str_eq(time.name, "nsc-worker-0");
	ck_assert_uint_eq(time.user_ns, 123 * (NSC_NS_PER_SEC / 100));
	ck_assert_uint_eq(time.system_ns, 45 * (NSC_NS_PER_SEC / 100));
	ck_assert_uint_eq(time.core, 6);
}
END_TEST

START_TEST(a_name_may_have_anything)
{
	struct nsc_thread_time time;

	ck_assert(nsc_thread_time_read(&time, "1 (a) S 9 (b c) d)" BEHIND, 1000));
	ck_assert_str_eq(time.name, "a) S 9 (b c) d");
	ck_assert_uint_eq(time.user_ns, 123 * (NSC_NS_PER_SEC / 1000));
	ck_assert(nsc_thread_time_read(&time, "1 ()" BEHIND, 100));
	ck_assert_str_eq(time.name, "");
	ck_assert(nsc_thread_time_read(&time, "1 (a name that is far too long)" BEHIND, 100));
	ck_assert_str_eq(time.name, "a name that is ");
}
END_TEST

START_TEST(what_is_cut_is_none)
{
	static const char whole[] = "1 (x)" BEHIND;
	struct nsc_thread_time time;
	char text[sizeof(whole)];
	size_t fields = strlen(whole) - strlen("6 0 0");

	for (size_t n = 0; n <= fields; n++) {
		memcpy(text, whole, n);
		text[n] = '\0';
		ck_assert_msg(nsc_thread_time_read(&time, text, 100) == (n == fields), "%s", text);
	}
	ck_assert(!nsc_thread_time_read(&time, ")x(", 100));
}
END_TEST

START_TEST(this_thread_is_told)
{
	char text[16384];
	struct nsc_json json;

	nsc_json_init(&json, sizeof(text) - 1);
	nsc_json_open(&json, '{');
	nsc_show_threads(&json);
	nsc_json_close(&json, '}');
	ck_assert(!json.out.full);
	memcpy(text, json.out.data, json.out.length);
	text[json.out.length] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "\"threads\":[{\"name\":\"control\",\"tid\":"));
	ck_assert_ptr_nonnull(strstr(text, "\"system_secs\":"));
	nsc_json_free(&json);
}
END_TEST

CHECK_MAIN("threads", times_are_in_ns_and_the_core_is_the_last_one, a_name_may_have_anything, what_is_cut_is_none,
	   this_thread_is_told)
