/* SPDX-License-Identifier: MIT
 *
 * Lists of networks as a person writes them: both families, borders of lengths, what is refused and how.
 */
#include "engine/detect/networks.h"

#include <arpa/inet.h>
#include <errno.h>

#include "tests/unit/engine/check_main.h"

static bool holds(const struct nsc_networks *networks, const char *text)
{
	uint8_t addr[16] = { 0 };
	unsigned version = strchr(text, ':') ? 6 : 4;

	ck_assert_int_eq(inet_pton(version == 4 ? AF_INET : AF_INET6, text, addr), 1);
	return nsc_networks_hold(networks, addr, version);
}

START_TEST(networks_hold_their_addresses)
{
	static const struct {
		const char *list, *in, *out;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
		{ "10.1.2.3/8", "10.0.0.0", "9.255.255.255" }, /* bits beyond the length say nothing */
		{ "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
		{ "192.0.2.7", "192.0.2.7", "192.0.2.6" },
		{ "0.0.0.0/0", "255.255.255.255", "::" },
		{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::" },
		{ "::1", "::1", "0.0.0.1" },
		{ "10.0.0.0/8,2001:db8::/32,192.0.2.7", "2001:db8::5", "2001:db9::" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nsc_networks networks;

		ck_assert_int_eq(nsc_networks_read(&networks, cases[i].list, NULL), 0);
		ck_assert_msg(holds(&networks, cases[i].in), "%s: %s", cases[i].list, cases[i].in);
		ck_assert_msg(!holds(&networks, cases[i].out), "%s: %s", cases[i].list, cases[i].out);
	}
}
END_TEST

START_TEST(an_empty_list_holds_nobody)
{
	struct nsc_networks networks;

	ck_assert_int_eq(nsc_networks_read(&networks, "", NULL), 0);
	ck_assert_uint_eq(networks.n, 0);
	ck_assert(!holds(&networks, "0.0.0.0"));
}
END_TEST

START_TEST(what_is_no_network_is_refused)
{
	static const char *const cases[] = { "10.0.0.0/33",      "10.0.0/8",   "10.0.0.0/",   "10.0.0.0/-1",
					     "10.0.0.0/8x",      "::/129",     "example.net", ",",
					     "1.2.3.4,,1.2.3.5", "10.0.0.0/ 8" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nsc_networks networks;
		struct nsc_error error;

		ck_assert_msg(nsc_networks_read(&networks, cases[i], &error) == -EINVAL, "%s", cases[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "is no network"));
		ck_assert_uint_eq(networks.n, 0);
	}
}
END_TEST

START_TEST(a_list_is_bounded)
{
	char list[8 * NSC_NETWORKS_MAX + 16] = "1.2.3.4";
	struct nsc_networks networks;
	struct nsc_error error;

	for (uint32_t i = 1; i < NSC_NETWORKS_MAX; i++)
		strcat(list, ",1.2.3.4");
	ck_assert_int_eq(nsc_networks_read(&networks, list, &error), 0);
	ck_assert_uint_eq(networks.n, NSC_NETWORKS_MAX);
	strcat(list, ",1.2.3.4");
	ck_assert_int_eq(nsc_networks_read(&networks, list, &error), -E2BIG);
}
END_TEST

CHECK_MAIN("networks", networks_hold_their_addresses, an_empty_list_holds_nobody, what_is_no_network_is_refused,
	   a_list_is_bounded)
