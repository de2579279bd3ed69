/* SPDX-License-Identifier: MIT
 *
 * The list of --web-peers: what is one, and what is said of what is none. tests/web/peers asks sensors.
 */
#include "tools/peers/peers.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_error error;

START_TEST(good_lists)
{
	static const char *const lists[] = { "", "http://127.0.0.1:8080", "https://rack7,https://rack8/",
					     "http://[::1]:1, https://a.example:2 ,", ",,http://a" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(lists); i++)
		ck_assert_msg(!nsc_peers_check(lists[i], &error), "%s: %s", lists[i], error.text);
}
END_TEST

START_TEST(bad_lists)
{
	static const char *const lists[][2] = {
		{ "rack7:8080", "wanted http://HOST:PORT" },
		{ "ftp://a", "wanted http://HOST:PORT" },
		{ "http://", "wanted http://HOST:PORT" },
		{ "http://a b", "wanted http://HOST:PORT" },
		{ "http://a\"b", "wanted http://HOST:PORT" },
		{ "http://u:p@a", "--web-peers-pass-file" },
		{ "http://a/x", "ends behind the port" },
		{ "http://a?x=1", "ends behind the port" },
		{ "http://a#/flows", "ends behind the port" },
		{ "http://a:1,http://b:1,http://a:1", "twice" },
		{ "javascript:alert(1)", "wanted http://HOST:PORT" },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(lists); i++) {
		ck_assert_msg(nsc_peers_check(lists[i][0], &error), "%s", lists[i][0]);
		ck_assert_msg(strstr(error.text, lists[i][1]) != NULL, "%s: %s", lists[i][0], error.text);
	}
}
END_TEST

START_TEST(too_many_and_too_long)
{
	static char text[4096];
	size_t n = 0;

	for (unsigned i = 0; i < NSC_PEERS_MAX; i++)
		n += (size_t)sprintf(text + n, "http://127.0.0.1:%u,", i + 1);
	ck_assert_int_eq(nsc_peers_check(text, &error), 0);
	sprintf(text + n, "http://127.0.0.1:9999");
	ck_assert_int_lt(nsc_peers_check(text, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "at most 64"));
	memset(text, 'a', 600);
	memcpy(text, "http://", 7);
	text[600] = '\0';
	ck_assert_int_lt(nsc_peers_check(text, &error), 0);
}
END_TEST

CHECK_MAIN("peers", good_lists, bad_lists, too_many_and_too_long)
