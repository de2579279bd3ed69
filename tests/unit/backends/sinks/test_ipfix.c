/* SPDX-License-Identifier: MIT
 *
 * The IPFIX sink with a collector on the loopback interface, and without one: every flow is sent or counted as lost.
 */
#include "engine/text/ipfix.h"
#include "netscope/clock.h"
#include "netscope/out.h"

#include "records.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { ROOM = 8 << 20, WAIT_MS = 10000, MESSAGE_MAX = 1400 };

static struct nsc_flow_chunk chunk;
static struct nsc_counters counters;
static int listener;
static char address[32];
static uint8_t message[65536];

/* What came. */
static struct {
	uint64_t messages, templates;
	uint32_t next; /* sequence number */
} heard;

static uint32_t number(const uint8_t *at, unsigned bytes)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* The port is free again, and nobody listens, when the test closes it. */
static void enter(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(here);
	int room = ROOM;

	listener = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&here, sizeof(here)), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&here, &size), 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	snprintf(address, sizeof(address), "127.0.0.1:%u", ntohs(here.sin_port));
	memset(&counters, 0, sizeof(counters));
	memset(&heard, 0, sizeof(heard));
	chunk.n = 0;
}

static void leave(void)
{
	if (listener >= 0)
		close(listener);
}

static struct nsc_sink *open_sink(struct nsc_out_asked asked, bool live)
{
	struct nsc_out out = { .asked = asked, .live = live };
	struct nsc_sink *sink = NULL;

	out.asked.ipfix = address;
	ck_assert_int_eq(nsc_ipfix_open(&sink, &out, NULL), 0);
	ck_assert_ptr_nonnull(sink);
	sink->counters = &counters;
	return sink;
}

static int send_flows(struct nsc_sink *sink, unsigned n, struct nsc_error *error)
{
	uint64_t seed = 6;
	bool keep = false;

	for (chunk.n = 0; chunk.n < n; chunk.n++)
		chunk.record[chunk.n] = test_record(&seed, NSC_NS_PER_SEC);
	return sink->ops->records(sink, &chunk, false, &keep, error);
}

/* Takes what is there; of a message with records only the next sequence number is looked at. */
static void hear(uint64_t messages)
{
	struct pollfd in = { .fd = listener, .events = POLLIN };

	while (heard.messages < messages && poll(&in, 1, WAIT_MS) > 0) {
		ssize_t n = recv(listener, message, sizeof(message), 0);

		ck_assert_int_ge(n, NSC_IPFIX_HEADER);
		ck_assert_int_le(n, MESSAGE_MAX);
		ck_assert_uint_eq(number(message, 2), 10);
		ck_assert_uint_eq(number(message + 2, 2), (uint32_t)n);
		heard.templates += number(message + 16, 2) == 2;
		ck_assert_uint_ge(number(message + 8, 4), heard.next);
		heard.next = number(message + 8, 4);
		heard.messages++;
	}
	ck_assert_uint_eq(heard.messages, messages);
}

START_TEST(flows_are_sent_at_once)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 100000000 }, false);

	ck_assert_int_eq(send_flows(sink, 1000, NULL), 0);
	ck_assert_uint_eq(counters.value[NSC_C_IPFIX_ROWS], 1000);
	hear(counters.value[NSC_C_IPFIX_MESSAGES]);
	ck_assert_uint_eq(heard.templates, 1);
	ck_assert_uint_gt(heard.messages, 60);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(sink->lost + counters.value[NSC_C_IPFIX_REFUSED] + counters.value[NSC_C_IPFIX_FAILED], 0);
	nsc_ipfix_close(sink);
}
END_TEST

START_TEST(those_that_remain_come_last)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 100000000 }, true);

	ck_assert_int_eq(send_flows(sink, 730, NULL), 0);
	chunk.n = 700;
	ck_assert_int_eq(sink->ops->remaining(sink, 0, chunk.record, chunk.n, NULL), 0);
	ck_assert_int_eq(sink->ops->remaining(sink, 2, chunk.record + chunk.n, 30, NULL), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(counters.value[NSC_C_IPFIX_ROWS], 1460);
	hear(counters.value[NSC_C_IPFIX_MESSAGES]);
	nsc_ipfix_close(sink);
}
END_TEST

START_TEST(templates_come_again_after_some_messages)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 100000000 }, false);

	for (unsigned i = 0; i < 2500; i++) {
		ck_assert_int_eq(send_flows(sink, 1, NULL), 0);
		hear(counters.value[NSC_C_IPFIX_MESSAGES]);
	}
	ck_assert_uint_eq(heard.templates, 10);
	ck_assert_uint_eq(heard.messages, 2510);
	nsc_ipfix_close(sink);
}
END_TEST

/* A lower bound only: how long it takes at most depends on the machine. */
START_TEST(files_are_sent_no_faster_than_asked)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 2000 }, false);
	uint64_t began = nsc_monotonic_ns();

	ck_assert_int_eq(send_flows(sink, 600, NULL), 0);
	ck_assert_uint_ge(nsc_monotonic_ns() - began, 280 * NSC_NS_PER_SEC / 1000);
	nsc_ipfix_close(sink);
}
END_TEST

START_TEST(a_live_run_does_not_wait)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 1 }, true);

	ck_assert_int_eq(send_flows(sink, 600, NULL), 0); /* ten minutes at that rate: for the end of the run */
	ck_assert_uint_eq(counters.value[NSC_C_IPFIX_ROWS], 600);
	nsc_ipfix_close(sink);
}
END_TEST

/* On the loopback interface the kernel knows of each at once, but for the last one. */
START_TEST(nobody_listens_to_a_file)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ .ipfix_rate = 100000000 }, false);
	struct nsc_error error;

	close(listener);
	listener = -1;
	ck_assert_int_eq(send_flows(sink, 1000, NULL), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), -ECONNREFUSED);
	ck_assert_uint_eq(counters.value[NSC_C_IPFIX_REFUSED], counters.value[NSC_C_IPFIX_MESSAGES]);
	ck_assert_uint_eq(counters.value[NSC_C_IPFIX_FAILED], 0);
	ck_assert_uint_eq(sink->lost, 1000);
	ck_assert_ptr_nonnull(strstr(error.text, "did not arrive, with 1000 flows: Connection refused"));
	nsc_ipfix_close(sink);
}
END_TEST

static void listen_again(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				    .sin_port = htons((uint16_t)strtoul(strchr(address, ':') + 1, NULL, 10)) };

	listener = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&here, sizeof(here)), 0);
}

START_TEST(a_live_run_tells_and_tries_again)
{
	struct nsc_sink *sink = open_sink((struct nsc_out_asked){ 0 }, true);
	struct nsc_error error;
	uint64_t before;

	ck_assert_int_eq(sink->ops->check(sink, &error), 0); /* sends the templates */
	hear(1);
	close(listener);
	listener = -1;
	ck_assert_int_eq(send_flows(sink, 100, &error), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(error.text, "messages do not arrive: Connection refused"));
	ck_assert_int_eq(sink->ops->check(sink, &error), -EAGAIN);
	ck_assert_int_eq(sink->ops->check(sink, &error), -EAGAIN);
	ck_assert_uint_eq(sink->lost, 100);
	listen_again();
	before = counters.value[NSC_C_IPFIX_MESSAGES];
	ck_assert_int_eq(sink->ops->check(sink, &error), -EAGAIN); /* that of the check before was refused */
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_ptr_nonnull(strstr(error.text, "messages arrive again, as far as is known; 100 flows were lost"));
	heard.messages = before;
	hear(counters.value[NSC_C_IPFIX_MESSAGES]);
	ck_assert_uint_eq(number(message + 16, 2), 2);
	ck_assert_int_eq(send_flows(sink, 1, NULL), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(sink->lost, 100);
	nsc_ipfix_close(sink);
}
END_TEST

START_TEST(each_run_has_a_domain_of_its_own)
{
	uint32_t domain[2];

	for (unsigned i = 0; i < 2; i++) {
		struct nsc_sink *sink = open_sink((struct nsc_out_asked){ 0 }, true);

		ck_assert_int_eq(sink->ops->check(sink, NULL), 0);
		heard.messages = heard.next = 0;
		hear(1);
		domain[i] = number(message + 12, 4);
		ck_assert_uint_ne(domain[i], 0);
		nsc_ipfix_close(sink);
	}
	ck_assert_uint_ne(domain[0], domain[1]);
}
END_TEST

START_TEST(off_and_wrong)
{
	struct nsc_out out = { 0 };
	struct nsc_sink *sink = NULL;
	struct nsc_error error;

	ck_assert_int_eq(nsc_ipfix_open(&sink, &out, &error), 0);
	out.asked.ipfix = "";
	ck_assert_int_eq(nsc_ipfix_open(&sink, &out, &error), 0);
	ck_assert_ptr_null(sink);
	ck_assert_int_eq(nsc_ipfix_socket(sink), -1);
	nsc_ipfix_close(sink);
	ck_assert_int_eq(nsc_ipfix_check_peer("", &error), 0);
	ck_assert_int_eq(nsc_ipfix_check_peer("host:0", &error), -EINVAL);
	ck_assert_int_eq(nsc_ipfix_probe("", &error), 0);
	ck_assert_int_eq(nsc_ipfix_probe(address, &error), 0);
	ck_assert_int_eq(nsc_ipfix_probe("nobody.invalid:4739", &error), -EADDRNOTAVAIL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ipfix");
	TCase *tests = tcase_create("loopback");

	tcase_add_checked_fixture(tests, enter, leave);
	tcase_add_test(tests, flows_are_sent_at_once);
	tcase_add_test(tests, those_that_remain_come_last);
	tcase_add_test(tests, templates_come_again_after_some_messages);
	tcase_add_test(tests, files_are_sent_no_faster_than_asked);
	tcase_add_test(tests, a_live_run_does_not_wait);
	tcase_add_test(tests, nobody_listens_to_a_file);
	tcase_add_test(tests, a_live_run_tells_and_tries_again);
	tcase_add_test(tests, each_run_has_a_domain_of_its_own);
	tcase_add_test(tests, off_and_wrong);
	suite_add_tcase(suite, tests);
	return test_run(suite);
}
