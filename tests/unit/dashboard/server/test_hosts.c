/* SPDX-License-Identifier: MIT
 *
 * Hosts that are followed: who gets a place and who has to go, what workers are asked, and what their answers become.
 */
#include "dashboard/server/hosts.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define SEC NSC_NS_PER_SEC
#define NOW (5000 * SEC)
#define CLOCK (1700000000ull * SEC)
#define OFFSET (3 * SEC)

static struct nsc_hosts_kept hosts;
static struct nsc_hosts answer[2];
static struct nsc_point points[NSC_HISTORY_HOST_POINTS + 40];
static struct nsc_point_samples samples[NSC_HISTORY_HOST_POINTS + 40];

static struct nsc_host_kept *ask(unsigned last, uint64_t now_ns)
{
	uint8_t addr[16], ip_version;
	char text[32];

	snprintf(text, sizeof(text), "10.0.0.%u", last);
	ck_assert(nsc_host_parse(text, addr, &ip_version));
	return nsc_hosts_ask(&hosts, addr, ip_version, now_ns);
}

static void begin(void)
{
	memset(&hosts, 0, sizeof(hosts));
	memset(answer, 0, sizeof(answer));
}

static void take(uint32_t n, uint64_t end_ns)
{
	const struct nsc_hosts *all[] = { &answer[0], &answer[1] };

	nsc_hosts_take(&hosts, all, n, end_ns, OFFSET);
}

static uint32_t range(const struct nsc_host_kept *host, uint32_t most)
{
	struct nsc_history_range range = { .to_ns = UINT64_MAX };

	nsc_history_plan(&host->history, &range, most);
	return nsc_history_part(&host->history, &range, points, samples, NSC_ARRAY_LEN(points));
}

START_TEST(addresses)
{
	uint8_t addr[16], ip_version;

	ck_assert(nsc_host_parse("192.168.0.1", addr, &ip_version));
	ck_assert_uint_eq(ip_version, 4);
	ck_assert_mem_eq(addr, "\xc0\xa8\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	ck_assert(nsc_host_parse("2001:db8::1", addr, &ip_version));
	ck_assert_uint_eq(ip_version, 6);
	ck_assert(!nsc_host_parse("192.168.0", addr, &ip_version));
	ck_assert(!nsc_host_parse("", addr, &ip_version));
	ck_assert(!nsc_host_parse("fe80::1%eth0", addr, &ip_version));
}
END_TEST

START_TEST(the_one_asked_for_longest_ago_gives_way)
{
	struct nsc_host_kept *second;
	uint32_t number;

	begin();
	for (unsigned i = 0; i < NSC_HOSTS_MAX; i++)
		ck_assert_ptr_nonnull(ask(i, NOW + i));
	ck_assert_ptr_eq(ask(0, NOW + 100), &hosts.host[0]); /* asked for again */
	ck_assert_ptr_null(ask(200, NOW + 1 + NSC_HOST_STAYS_NS - 1));
	second = &hosts.host[1];
	number = second->number;
	ck_assert_ptr_eq(ask(200, NOW + 1 + NSC_HOST_STAYS_NS), second);
	ck_assert_uint_ne(second->number, number);
	ck_assert_uint_eq(second->history.end_ns, 0);
	ck_assert_ptr_null(ask(201, NOW + 1 + NSC_HOST_STAYS_NS));
}
END_TEST

START_TEST(forgotten_after_an_hour)
{
	struct nsc_hosts question;
	uint32_t number;

	begin();
	number = ask(1, NOW)->number;
	ask(2, NOW + SEC);
	ck_assert(nsc_hosts_tidy(&hosts, NOW + NSC_HOST_FORGET_NS));
	memset(&question, 0xff, sizeof(question));
	nsc_hosts_question(&hosts, &question);
	ck_assert_uint_eq(question.host[0].ip_version, 0);
	ck_assert_uint_ne(question.host[0].number, number);
	ck_assert_uint_eq(question.host[1].ip_version, 4);
	ck_assert_uint_eq(question.host[1].addr[3], 2);
	ck_assert(!nsc_hosts_tidy(&hosts, NOW + SEC + NSC_HOST_FORGET_NS));
	ck_assert_ptr_eq(ask(9, NOW), &hosts.host[0]);
}
END_TEST

START_TEST(answers_are_added_up)
{
	struct nsc_host_kept *host;

	begin();
	host = ask(7, NOW);
	nsc_hosts_question(&hosts, &answer[0]);
	nsc_hosts_question(&hosts, &answer[1]);
	take(2, 0); /* there was no packet yet */
	take(2, CLOCK);
	ck_assert_uint_eq(range(host, 100), 0);
	ck_assert_uint_eq(host->history.begin_ns, CLOCK);
	answer[0].host[0].value[NSC_HOST_RESETS] += 2;
	answer[1].host[0].value[NSC_HOST_RESETS] += 3;
	answer[1].host[0].value[NSC_HOST_BYTES] += 5000;
	nsc_histogram_note(&answer[0].host[0].rtt, 1000000);
	nsc_histogram_note(&answer[1].host[0].rtt, 1000000);
	take(2, CLOCK + SEC);
	answer[1].host[0].value[NSC_HOST_RESETS] += 1;
	take(2, CLOCK + 12 * SEC);
	ck_assert_uint_eq(range(host, 100), 1);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_RESETS], 5 + 1);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_BYTES], 5000);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_RTT_SAMPLES], 2);
	ck_assert_uint_eq(points[0].value[NSC_HISTORY_DNS_QUERIES], NSC_UNKNOWN);
	ck_assert_uint_eq(points[0].start_ns, CLOCK + OFFSET);
}
END_TEST

/* A worker that lags behind, and one that still counts the host that had the place before. */
START_TEST(late_answers_are_left)
{
	struct nsc_host_kept *host;

	begin();
	host = ask(7, NOW);
	nsc_hosts_question(&hosts, &answer[0]);
	take(2, CLOCK); /* the second worker knows nothing of it */
	ck_assert_uint_eq(host->history.end_ns, 0);
	answer[1] = answer[0];
	take(2, CLOCK + SEC);
	ck_assert_uint_eq(host->history.begin_ns, CLOCK + SEC);
	ck_assert(!nsc_hosts_tidy(&hosts, NOW + NSC_HOST_FORGET_NS));
	ask(8, NOW + NSC_HOST_FORGET_NS);
	take(2, CLOCK + 2 * SEC);
	ck_assert_uint_eq(host->history.end_ns, 0);
}
END_TEST

/* Seconds, hours, and jumps of the clock to its very end: sums stay, points are bounded. */
START_TEST(any_clock)
{
	static const uint64_t step[] = { SEC, 0, 9 * SEC, 11 * SEC, 3 * 3600 * SEC, 1, 31 * 86400 * SEC };
	struct nsc_host_kept *host;
	uint64_t clock = CLOCK, sum = 0;
	uint32_t n;

	begin();
	host = ask(7, NOW);
	nsc_hosts_question(&hosts, &answer[0]);
	take(1, clock);
	for (unsigned i = 0; i < 300; i++) {
		clock += step[i % NSC_ARRAY_LEN(step)];
		answer[0].host[0].value[NSC_HOST_GAPS] += i;
		take(1, clock);
	}
	n = range(host, 300);
	ck_assert_uint_gt(n, 2);
	for (uint32_t i = 0; i < n; i++)
		sum += points[i].value[NSC_HISTORY_GAPS];
	ck_assert_uint_eq(sum, 299 * 300 / 2);
	answer[0].host[0].value[NSC_HOST_GAPS] += 4;
	take(1, UINT64_MAX);
	answer[0].host[0].value[NSC_HOST_GAPS] += 4;
	take(1, UINT64_MAX);
	take(1, 0);
	ck_assert_uint_le(range(host, NSC_HISTORY_HOST_POINTS), NSC_HISTORY_HOST_POINTS);
}
END_TEST

/* A day in seconds: the last hour in tens, six hours in minutes. */
START_TEST(a_day_is_bounded)
{
	struct nsc_host_kept *host;
	uint32_t n;

	begin();
	hosts.without = 1u << NSC_HISTORY_RETRANSMISSIONS;
	host = ask(7, NOW);
	nsc_hosts_question(&hosts, &answer[0]);
	for (uint64_t i = 0; i <= 86400; i++) {
		answer[0].host[0].value[NSC_HOST_PACKETS] += i != 0;
		take(1, CLOCK + i * SEC);
	}
	n = range(host, NSC_ARRAY_LEN(points));
	ck_assert_uint_eq(n, NSC_HISTORY_HOST_POINTS + 1); /* and the one being filled */
	for (uint32_t i = 0; i < n - 1; i++) {
		ck_assert_uint_eq(points[i].value[NSC_HISTORY_PACKETS], 60);
		ck_assert_uint_eq(points[i].value[NSC_HISTORY_RETRANSMISSIONS], NSC_UNKNOWN);
	}
}
END_TEST

CHECK_MAIN("hosts", addresses, the_one_asked_for_longest_ago_gives_way, forgotten_after_an_hour, answers_are_added_up,
	   late_answers_are_left, any_clock, a_day_is_bounded)
