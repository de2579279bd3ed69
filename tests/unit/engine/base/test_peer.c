/* SPDX-License-Identifier: MIT
 *
 * Hosts and ports in every form, with and without a usual port, and what is none.
 */
#include "netscope/peer.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

START_TEST(forms)
{
	static const struct {
		const char *text, *host;
		uint16_t usual, port;
	} cases[] = { { "192.0.2.1:2055", "192.0.2.1", 0, 2055 },
		      { "collector.example:65535", "collector.example", 7, 65535 },
		      { "collector.example", "collector.example", 7, 7 },
		      { "[2001:db8::1]:1", "2001:db8::1", 0, 1 },
		      { "[2001:db8::1]", "2001:db8::1", 65535, 65535 },
		      { "2001:db8::1", "2001:db8::1", 7, 7 } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct nsc_peer peer;

		ck_assert_int_eq(nsc_peer_parse(&peer, cases[i].text, cases[i].usual), 0);
		ck_assert_str_eq(peer.host, cases[i].host);
		ck_assert_uint_eq(peer.port, cases[i].port);
	}
}
END_TEST

START_TEST(no_forms)
{
	static const char *const cases[] = { "",         ":1",   "host:", "host:0", "host:65536", "host:1x",
					     "[::1]1",   "[::1", "[]:1",  "[h]:1",  "a b:1",      "host:-1",
					     "host:1/x", "host", "::1",   "[::1]" }; /* the last three: no port */
	char longest[NSC_PEER_HOST_MAX + 4];
	struct nsc_peer peer;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++)
		ck_assert_msg(nsc_peer_parse(&peer, cases[i], 0) == -EINVAL, "\"%s\"", cases[i]);
	memset(longest, 'h', sizeof(longest));
	memcpy(longest + NSC_PEER_HOST_MAX + 1, ":1", 3);
	ck_assert_int_eq(nsc_peer_parse(&peer, longest, 0), -EINVAL);
	ck_assert_int_eq(nsc_peer_parse(&peer, longest + 1, 0), 0);
	ck_assert_uint_eq(strlen(peer.host), NSC_PEER_HOST_MAX);
}
END_TEST

CHECK_MAIN("peer", forms, no_forms)
