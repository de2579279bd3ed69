/* SPDX-License-Identifier: MIT
 *
 * What -i means, on a machine with made up interfaces.
 */
#include "tools/netscope/interface_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_interface_names names;
static struct nsc_error error;

static struct if_nameindex there[] = { { 1, "lo" },    { 2, "eth0" }, { 3, "eth1" }, { 4, "eth10" },
				       { 5, "wlan0" }, { 6, "a,b" },  { 0, NULL } };

/* Words with '|' behind each. */
static int find(const char *words)
{
	char list[256] = "";

	for (size_t i = 0; words[i]; i++)
		list[i] = words[i] == '|' ? '\0' : words[i];
	return nsc_interface_names_check(list, &error) ? -EINVAL
						       : nsc_interface_names_find(&names, list, there, &error);
}

static void means(const char *words, const char *wanted)
{
	char text[NSC_INTERFACE_NAMES_TEXT];

	ck_assert_msg(!find(words), "%s: %s", words, error.text);
	nsc_interface_names_text(&names, text);
	ck_assert_str_eq(text, wanted);
}

static void refused(const char *words, int status, const char *why)
{
	ck_assert_int_eq(find(words), status);
	ck_assert_msg(strstr(error.text, why) != NULL, "%s", error.text);
}

START_TEST(names_lists_and_patterns)
{
	means("eth0|", "eth0");
	means("eth1|eth0|", "eth1, eth0");
	means("eth1,eth0|", "eth1, eth0");
	means("eth*|", "eth0, eth1, eth10");
	means("eth?|lo|", "eth0, eth1, lo");
	means("[ew]*0|", "eth0, eth10, wlan0");
	means("eth1,eth*,eth0|eth1|", "eth1, eth0, eth10");
	means("any|", "any");
}
END_TEST

START_TEST(a_name_with_a_comma)
{
	means("a,b|", "a,b");
	means("a,b|lo|", "a,b, lo");
}
END_TEST

START_TEST(what_is_not_there)
{
	refused("en*|", -ENODEV, "no interface matches 'en*'; there are: lo, eth0, eth1, eth10, wlan0");
	refused("eth0,no-such-one|", -ENODEV, "there is no interface 'no-such-one'");
	refused("eth0,,eth1|", -EINVAL, "found an empty one");
	refused(",|", -EINVAL, "found an empty one");
	refused("eth0,|", -EINVAL, "found an empty one");
	refused("any|eth0|", -EINVAL, "-i any means all interfaces");
	refused("eth0,any|", -EINVAL, "-i any means all interfaces");
}
END_TEST

START_TEST(too_many)
{
	static char text[NSC_LIVE_INTERFACES_MAX + 1][IF_NAMESIZE];
	struct if_nameindex many[NSC_LIVE_INTERFACES_MAX + 2] = { 0 };
	const char list[] = "v*\0";

	for (uint32_t i = 0; i <= NSC_LIVE_INTERFACES_MAX; i++) {
		snprintf(text[i], IF_NAMESIZE, "v%u", i);
		many[i] = (struct if_nameindex){ i + 1, text[i] };
	}
	ck_assert_int_eq(nsc_interface_names_find(&names, list, many, &error), -E2BIG);
	ck_assert_ptr_nonnull(strstr(error.text, "more than 16 interfaces"));
	many[NSC_LIVE_INTERFACES_MAX] = (struct if_nameindex){ 0, NULL };
	ck_assert_int_eq(nsc_interface_names_find(&names, list, many, &error), 0);
	ck_assert_uint_eq(names.n, NSC_LIVE_INTERFACES_MAX);
}
END_TEST

START_TEST(here)
{
	ck_assert_int_eq(nsc_interface_names(&names, "l[o]\0", &error), 0);
	ck_assert_str_eq(names.name[0], "lo");
}
END_TEST

CHECK_MAIN("interface names", names_lists_and_patterns, a_name_with_a_comma, what_is_not_there, too_many, here)
