/* SPDX-License-Identifier: MIT
 *
 * Hosts, origins, passwords and how long wrong ones wait. More of them, over real connections, in tests/web/access.
 */
#include "dashboard/server/guard.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_span span(const char *text)
{
	return (struct nsc_span){ text, strlen(text) };
}

static struct sockaddr_in v4(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	inet_pton(AF_INET, text, &address.sin_addr);
	return address;
}

START_TEST(heads)
{
	static const struct {
		const char *text, *fault;
		size_t rest;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\nHost: b\r\n", NULL, 9 },
		{ "GET / HTTP/1.1\nHost: a\n\nHost: b\n", NULL, 8 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX-Host: b\r\n", NULL, 0 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n", "one Host", 0 },
		{ "GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-length: 0\r\n\r\n", "one Content-Length", 0 },
		{ "GET / HTTP/1.1\r\nTransfer-Encoding: x\r\nContent-Length: 0\r\n\r\n", "not both", 0 },
		{ "Host:", NULL, 0 },
		{ "", NULL, 0 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		size_t length;
		const char *fault = nsc_guard_head(span(cases[i].text), &length);

		ck_assert_msg(!fault == !cases[i].fault && (!fault || strstr(fault, cases[i].fault)), "%s: %s",
			      cases[i].text, fault);
		ck_assert_uint_eq(length, strlen(cases[i].text) - cases[i].rest);
	}
}
END_TEST

START_TEST(hosts)
{
	static const char *const ours[] = { "localhost",   "LocalHost:80",   "127.0.0.1", "127.1.2.3:9",
					    "[::1]",       "[::1]:8080",     "192.0.2.7", "192.0.2.7:443",
					    "noc.example", "NOC.EXAMPLE:77", "box:81" };
	static const char *const foreign[] = { "",
					       ":",
					       ":80",
					       "[",
					       "[]",
					       "[::1",
					       "[::1]x",
					       "[::1]:x",
					       "localhost:8a",
					       "evil",
					       "192.0.2.8",
					       "localhost.",
					       "127.0.0.1.evil",
					       "box",
					       "box:82",
					       "noc.example.evil",
					       "2130706433",
					       "0x7f.1",
					       "::1",
					       "[::ffff:192.0.2.8]" };
	struct sockaddr_in local = v4("192.0.2.7");

	for (size_t i = 0; i < NSC_ARRAY_LEN(ours); i++)
		ck_assert_msg(nsc_guard_host(span(ours[i]), (struct sockaddr *)&local, "noc.example, box:81"), "%s",
			      ours[i]);
	for (size_t i = 0; i < NSC_ARRAY_LEN(foreign); i++)
		ck_assert_msg(!nsc_guard_host(span(foreign[i]), (struct sockaddr *)&local, "noc.example, box:81"), "%s",
			      foreign[i]);
	ck_assert(!nsc_guard_host(span("192.0.2.7"), NULL, ""));
}
END_TEST

START_TEST(an_ipv4_address_on_an_ipv6_socket)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6 };

	inet_pton(AF_INET6, "::ffff:192.0.2.7", &local.sin6_addr);
	ck_assert(nsc_guard_host(span("192.0.2.7:1"), (struct sockaddr *)&local, ""));
	ck_assert(!nsc_guard_host(span("192.0.2.9"), (struct sockaddr *)&local, ""));
}
END_TEST

START_TEST(origins)
{
	struct nsc_span host = span("localhost:8080");
	const char *allowed = "https://noc.example:8443,http://other.example";

	ck_assert(nsc_guard_origin(span("http://localhost:8080"), host, false, allowed));
	ck_assert(nsc_guard_origin(span("https://localhost:8080"), host, true, allowed));
	ck_assert(nsc_guard_origin(span("https://NOC.example:8443"), host, false, allowed));
	ck_assert(nsc_guard_origin(span("http://other.example"), host, true, allowed));
	ck_assert(!nsc_guard_origin(span("http://localhost:8080"), host, true, allowed));
	ck_assert(!nsc_guard_origin(span("http://localhost"), host, false, allowed));
	ck_assert(!nsc_guard_origin(span("http://localhost:80801"), host, false, allowed));
	ck_assert(!nsc_guard_origin(span("null"), host, false, allowed));
	ck_assert(!nsc_guard_origin(span(""), host, false, ""));
	ck_assert(!nsc_guard_origin(span("http://"), span(""), false, ""));
}
END_TEST

START_TEST(addresses)
{
	struct sockaddr_storage address;
	struct nsc_error error;
	socklen_t length;

	ck_assert_int_eq(nsc_guard_address("127.0.0.1", 80, &address, &length, &error), 0);
	ck_assert(nsc_guard_is_loopback((struct sockaddr *)&address));
	ck_assert_int_eq(nsc_guard_address("[::1]", 80, &address, &length, &error), 0);
	ck_assert(nsc_guard_is_loopback((struct sockaddr *)&address));
	ck_assert_int_eq(nsc_guard_address("localhost", 80, &address, &length, &error), 0);
	ck_assert(nsc_guard_is_loopback((struct sockaddr *)&address));
	ck_assert_int_eq(nsc_guard_address("0.0.0.0", 80, &address, &length, &error), 0);
	ck_assert(!nsc_guard_is_loopback((struct sockaddr *)&address));
	ck_assert_int_eq(nsc_guard_address("::", 80, &address, &length, &error), 0);
	ck_assert(!nsc_guard_is_loopback((struct sockaddr *)&address));
	ck_assert_int_eq(nsc_guard_address("example.org", 80, &address, &length, &error), -22);
	ck_assert_int_eq(nsc_guard_address("", 80, &address, &length, &error), -22);
}
END_TEST

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

START_TEST(passwords)
{
	/* base64 of admin:secret, admin:secres, admin:secret with more behind, admin: */
	static const char *const wrong[] = { "Basic YWRtaW46c2VjcmVz",
					     "Basic YWRtaW46c2VjcmV0eA==",
					     "Basic YWRtaW46",
					     "Basic",
					     "Basic ",
					     "",
					     "YWRtaW46c2VjcmV0",
					     "Basic YWRtaW46c2VjcmV0\x01",
					     "Bearer YWRtaW46c2VjcmV0",
					     "Basic  YWRtaW46c2VjcmV0",
					     "Basic     YWRtaW46c2VjcmV0", /* what EVP would skip */
					     "Basic YWRtaW46c2VjcmV0    " };
	struct nsc_credentials credentials;
	struct nsc_error error;
	char path[64], text[8192];

	snprintf(path, sizeof(path), "/tmp/nsc-test-guard.%d", (int)getpid());
	write_file(path, "secret\nsecond line\n", 0600);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), 0);
	ck_assert(nsc_credentials_match(&credentials, span("Basic YWRtaW46c2VjcmV0")));
	ck_assert(nsc_credentials_match(&credentials, span("basic YWRtaW46c2VjcmV0==")));
	for (size_t i = 0; i < NSC_ARRAY_LEN(wrong); i++)
		ck_assert_msg(!nsc_credentials_match(&credentials, span(wrong[i])), "%s", wrong[i]);
	memset(text, 'A', sizeof(text));
	memcpy(text, "Basic ", 6);
	ck_assert(!nsc_credentials_match(&credentials, (struct nsc_span){ text, sizeof(text) }));
	write_file(path, "secret", 0640);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), -13);
	write_file(path, "\nsecret", 0600);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), -22);
	memset(text, 'x', 2000);
	text[2000] = '\0';
	write_file(path, text, 0600);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), -22);
	write_file(path, "secret\r\n", 0600);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), 0);
	ck_assert(nsc_credentials_match(&credentials, span("Basic YWRtaW46c2VjcmV0")));
	ck_assert_int_eq(nsc_credentials_read(&credentials, "ad:min", path, &error), -22);
	unlink(path);
	ck_assert_int_eq(nsc_credentials_read(&credentials, "admin", path, &error), -2);
}
END_TEST

START_TEST(delays_grow_and_are_bounded)
{
	uint32_t last = 0;

	ck_assert_uint_eq(nsc_guard_delay_ms(1), NSC_DELAY_FIRST_MS);
	for (uint32_t n = 1; n < 100; n++) {
		ck_assert_uint_ge(nsc_guard_delay_ms(n), last);
		last = nsc_guard_delay_ms(n);
	}
	ck_assert_uint_eq(last, NSC_DELAY_MOST_MS);
	ck_assert_uint_eq(nsc_guard_delay_ms(UINT32_MAX), NSC_DELAY_MOST_MS);
}
END_TEST

CHECK_MAIN("guard", heads, hosts, an_ipv4_address_on_an_ipv6_socket, origins, addresses, passwords,
	   delays_grow_and_are_bounded)
