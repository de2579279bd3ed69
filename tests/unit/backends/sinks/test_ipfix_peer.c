/* SPDX-License-Identifier: MIT
 *
 * Names of collectors in every form, what is none, and sockets that lead to one place.
 */
#include "backends/sinks/ipfix_peer.h"

#include "records.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

START_TEST(forms)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} cases[] = { { "192.0.2.1:2055", "192.0.2.1", 2055 },
		      { "192.0.2.1", "192.0.2.1", 4739 },
		      { "collector.example:65535", "collector.example", 65535 },
		      { "collector.example", "collector.example", 4739 },
		      { "[2001:db8::1]:1", "2001:db8::1", 1 },
		      { "[2001:db8::1]", "2001:db8::1", 4739 },
		      { "2001:db8::1", "2001:db8::1", 4739 },
		      { "[fe80::1%eth0]:4739", "fe80::1%eth0", 4739 } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		struct nsc_peer peer;

		ck_assert_int_eq(nsc_ipfix_peer_parse(&peer, cases[i].text, NULL), 0);
		ck_assert_str_eq(peer.host, cases[i].host);
		ck_assert_uint_eq(peer.port, cases[i].port);
	}
}
END_TEST

START_TEST(no_forms)
{
	static const char *const cases[] = {
		"",         ":4739",    "host:",     "host:0", "host:65536", "host:99999999999",
		"host:47x", "host: 47", "[::1]4739", "[::1",   "[]:4739",    "[host]:4739",
		"a b:4739", "udp://h",  "host/x",    "[::1]:", "host:-1",    "[::1]:0"
	};
	char longest[NSC_PEER_HOST_MAX + 2];
	struct nsc_peer peer;
	struct nsc_error error;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		ck_assert_msg(nsc_ipfix_peer_parse(&peer, cases[i], &error) == -EINVAL, "\"%s\"", cases[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "wants HOST:PORT"));
	}
	memset(longest, 'h', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(nsc_ipfix_peer_parse(&peer, longest, NULL), -EINVAL);
	longest[NSC_PEER_HOST_MAX] = '\0';
	ck_assert_int_eq(nsc_ipfix_peer_parse(&peer, longest, NULL), 0);
}
END_TEST

static void check_peer(const char *text, int family)
{
	struct sockaddr_storage to;
	socklen_t size = sizeof(to);
	struct nsc_peer peer;
	int fd;

	ck_assert_int_eq(nsc_ipfix_peer_parse(&peer, text, NULL), 0);
	fd = nsc_ipfix_peer_connect(&peer, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getpeername(fd, (struct sockaddr *)&to, &size), 0);
	ck_assert_int_eq(to.ss_family, family);
	ck_assert_uint_eq(ntohs(family == AF_INET ? ((struct sockaddr_in *)&to)->sin_port
						  : ((struct sockaddr_in6 *)&to)->sin6_port),
			  4740);
	close(fd);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && !bind(fd, (struct sockaddr *)&here, sizeof(here));

	if (fd >= 0)
		close(fd);
	return has;
}

START_TEST(connected)
{
	check_peer("127.0.0.1:4740", AF_INET);
	if (has_ipv6())
		check_peer("[::1]:4740", AF_INET6);
}
END_TEST

/* RFC 6761: no name ends in .invalid. */
START_TEST(a_name_that_nobody_has)
{
	struct nsc_peer peer;
	struct nsc_error error;

	ck_assert_int_eq(nsc_ipfix_peer_parse(&peer, "nobody.invalid:4739", NULL), 0);
	ck_assert_int_eq(nsc_ipfix_peer_connect(&peer, &error), -EADDRNOTAVAIL);
	ck_assert_int_eq(strncmp(error.text, "--ipfix nobody.invalid: ", 24), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ipfix_peer");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, forms);
	tcase_add_test(tests, no_forms);
	tcase_add_test(tests, connected);
	tcase_add_test(tests, a_name_that_nobody_has);
	suite_add_tcase(suite, tests);
	return test_run(suite);
}
