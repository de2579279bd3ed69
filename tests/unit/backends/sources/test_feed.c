/* SPDX-License-Identifier: MIT
 *
 * One socket over many connections; pauses; what is said.
 */
#include "backends/sources/feed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_error error;
static char url[64];

static int listen_on(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(port) };
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	snprintf(url, sizeof(url), NSC_FEED_PREFIX "127.0.0.1:%u", ntohs(at.sin_port));
	return fd;
}

/* Until something else than "nothing now" comes. */
static ssize_t read_some(struct nsc_feed *feed, uint8_t *to, size_t size)
{
	ssize_t n;

	do
		n = nsc_feed_read(feed, to, size, &error);
	while (n == -EAGAIN || n == -EINTR);
	return n;
}

static void wants_text(struct nsc_feed *feed, const char *text)
{
	uint8_t got[16];

	ck_assert_int_eq(read_some(feed, got, sizeof(got)), (int)strlen(text));
	ck_assert_mem_eq(got, text, strlen(text));
}

START_TEST(one_socket_is_connected_again_and_again)
{
	int listener = listen_on(0), fd[NSC_FEED_SOCKETS], peer;
	struct nsc_feed *feed;
	uint8_t got[16];

	ck_assert_int_eq(nsc_feed_open(&feed, url, &error), 0);
	nsc_feed_sockets(feed, fd);
	ck_assert_int_gt(fd[0], STDERR_FILENO);
	ck_assert_int_eq(fd[1], -1);
	for (unsigned i = 0; i < 6; i++) {
		int now[NSC_FEED_SOCKETS];

		peer = accept(listener, NULL, NULL);
		ck_assert_int_eq(nsc_feed_read(feed, got, sizeof(got), &error), -EAGAIN);
		ck_assert_int_eq(write(peer, "abc", 3), 3);
		wants_text(feed, "abc");
		if (i == 2) { /* a reset is an error */
			setsockopt(peer, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
			close(peer);
			ck_assert_int_eq(read_some(feed, got, sizeof(got)), -ECONNRESET);
		} else if (i != 4) { /* this one is left while it is up */
			close(peer);
			ck_assert_int_eq(read_some(feed, got, sizeof(got)), 0);
			ck_assert_int_eq(read_some(feed, got, sizeof(got)), 0);
		}
		nsc_fail(&error, 0, "break %u", i);
		nsc_feed_again(feed, true, &error);
		nsc_feed_sockets(feed, now);
		ck_assert_mem_eq(now, fd, sizeof(fd));
		if (i == 4)
			close(peer);
		while (!nsc_feed_is_up(feed))
			nsc_feed_read(feed, got, sizeof(got), &error);
	}
	nsc_feed_close(feed);
	close(listener);
}
END_TEST

START_TEST(what_happens_is_said_once)
{
	int listener = listen_on(0), peer;
	struct nsc_error sentence;
	struct nsc_feed *feed;
	uint32_t told = 0;
	uint8_t got[16];
	uint16_t port;
	bool broken;

	ck_assert_int_eq(nsc_feed_open(&feed, url, &error), 0);
	ck_assert_int_eq(nsc_feed_check(url, &port, NULL), 0);
	ck_assert(!nsc_feed_news(feed, &told, &broken, &sentence));
	peer = accept(listener, NULL, NULL);
	close(listener);
	close(peer);
	nsc_fail(&error, 0, "it broke");
	nsc_feed_again(feed, false, &error);
	ck_assert(nsc_feed_news(feed, &told, &broken, &sentence) && broken);
	ck_assert_str_eq(sentence.text, "it broke");
	while (!nsc_feed_news(feed, &told, &broken, &sentence))
		nsc_feed_read(feed, got, sizeof(got), &error);
	ck_assert(broken && strstr(sentence.text, "yet: Connection refused; trying on"));
	listener = listen_on(port);
	while (!nsc_feed_is_up(feed))
		nsc_feed_read(feed, got, sizeof(got), &error);
	ck_assert(nsc_feed_news(feed, &told, &broken, &sentence) && !broken); /* not each try that failed */
	ck_assert(strstr(sentence.text, "is connected again, after"));
	ck_assert(!nsc_feed_news(feed, &told, &broken, &sentence));
	for (unsigned i = 0; i < 20; i++) { /* nobody listens: the oldest are left out */
		nsc_fail(&error, 0, "break %u", i);
		nsc_feed_again(feed, false, &error);
	}
	ck_assert(nsc_feed_news(feed, &told, &broken, &sentence));
	ck_assert_str_eq(sentence.text, "break 12");
	nsc_feed_close(feed);
	close(listener);
}
END_TEST

START_TEST(pauses_grow_and_are_bounded)
{
	uint64_t ms = 1000000;

	ck_assert_uint_eq(nsc_feed_pause_ns(0, 0), 75 * ms);
	ck_assert_uint_eq(nsc_feed_pause_ns(1, 0), 150 * ms);
	ck_assert_uint_eq(nsc_feed_pause_ns(6, 0), 4800 * ms);
	for (uint32_t failures = 0; failures < 40; failures++) {
		uint64_t least = nsc_feed_pause_ns(failures, 0), most = nsc_feed_pause_ns(failures, UINT32_MAX);

		ck_assert_uint_lt(least, most);
		ck_assert_uint_ge(most, least / 3 * 5 - ms);
		ck_assert_uint_le(most, 12500 * ms);
		ck_assert_uint_ge(nsc_feed_pause_ns(failures + 1, 0), least);
	}
	ck_assert_uint_eq(nsc_feed_pause_ns(UINT32_MAX, 0), 7500 * ms);
}
END_TEST

START_TEST(names)
{
	static const char *const wrong[] = { "tcp://",    "tcp://h",    "tcp://h:0", "tcp://:1",
					     "tcp://::1", "tcp://h:1/", "udp://h:1", "h:1" };
	uint16_t port;

	ck_assert(nsc_feed_is("tcp://") && !nsc_feed_is("tcp:/x") && !nsc_feed_is("/tcp://x:1") && !nsc_feed_is(""));
	ck_assert_int_eq(nsc_feed_check("tcp://[2001:db8::1]:57012", &port, &error), 0);
	ck_assert_uint_eq(port, 57012);
	for (size_t i = 0; i < NSC_ARRAY_LEN(wrong); i++) {
		ck_assert_int_eq(nsc_feed_check(wrong[i], &port, &error), -EINVAL);
		ck_assert(strstr(error.text, "tcp://HOST:PORT"));
	}
}
END_TEST

CHECK_MAIN("feed", one_socket_is_connected_again_and_again, what_happens_is_said_once, pauses_grow_and_are_bounded,
	   names)
