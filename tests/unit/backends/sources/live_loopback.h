/* SPDX-License-Identifier: MIT
 *
 * For tests of live sources: a network namespace of the test's own, with nothing in it but a loopback interface that is
 * up. Whoever may not make one skips the test with a line.
 */
#ifndef NETSCOPE_TESTS_LIVE_LOOPBACK_H
#define NETSCOPE_TESTS_LIVE_LOOPBACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backends/sources/live.h"
#include "netscope/rx.h"
#include "tests/unit/engine/check_main.h"

/* Each test runs in a process of its own, which the namespace ends with. */
static inline bool loopback_alone(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = unshare(CLONE_NEWNET) ? -1 : socket(AF_INET, SOCK_DGRAM, 0);
	bool good = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &request);

	if (fd >= 0)
		close(fd);
	if (!good)
		fprintf(stderr, "no network namespace of its own: not tested\n");
	return good;
}

/* Datagrams that this namespace's stack has taken in: each passed every packet socket before. */
static inline uint64_t loopback_taken(void)
{
	char line[1024];
	unsigned long long in, no_port, errors = 0, taken = 0;
	FILE *file = fopen("/proc/self/net/snmp", "r");

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Udp: %llu %llu %llu", &in, &no_port, &errors) == 3)
			taken = in + no_port + errors;
	fclose(file);
	return taken;
}

/* n datagrams of `bytes` to a port where nobody listens: each is answered by an ICMP packet, at first. The kernel
 * delivers them later, from a backlog of 1,000 packets: so few are sent at a time that none is dropped there, and all
 * of them have arrived when this returns. */
static inline void loopback_send(uint16_t from, uint16_t port, unsigned n, unsigned bytes)
{
	enum { BATCH = 100 };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_port = htons(from),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const uint8_t data[65536];
	uint64_t before = loopback_taken();
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_int_eq(sendto(fd, data, bytes, 0, (struct sockaddr *)&to, sizeof(to)), (int)bytes);
		while (((i + 1) % BATCH == 0 || i + 1 == n) && loopback_taken() < before + i + 1)
			sched_yield();
	}
	close(fd);
}

struct loopback_seen {
	uint64_t packets, bytes, backwards, last_clock_ns;
	uint32_t state;
};

static inline uint64_t loopback_now_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NSC_NS_PER_SEC + (uint64_t)now.tv_nsec;
}

enum { LOOPBACK_PATIENCE_MS = 160000 }; /* for what comes at once unless the machine is busy; a test may take 240 s */

/* Polls for at most `ms`, or until the end. Every burst is released at once. */
static inline void loopback_poll(struct nsc_rx *rx, struct loopback_seen *seen, unsigned ms)
{
	uint64_t until_ns = loopback_now_ns(CLOCK_MONOTONIC) + ms * 1000000ull;
	static struct nsc_burst burst;

	do {
		nsc_rx_poll(rx, &burst);
		seen->packets += burst.n;
		for (uint32_t i = 0; i < burst.n; i++)
			seen->bytes += burst.pkt[i].wire_len;
		seen->backwards += burst.clock_ns < seen->last_clock_ns;
		seen->last_clock_ns = burst.clock_ns;
		seen->state = burst.state;
		nsc_rx_release(rx, burst.loan);
		if (burst.state == NSC_RX_IDLE)
			nsc_rx_wait(rx, 2000000);
	} while (burst.state < NSC_RX_END && loopback_now_ns(CLOCK_MONOTONIC) < until_ns);
}

static inline bool loopback_balanced(const struct nsc_rx *rx, struct nsc_rx_counters *c)
{
	rx->ops->counters(rx, c);
	return c->kernel_seen == c->received + c->kernel_drops + c->left && c->received == c->filtered + c->delivered;
}

/* Another filter in a capture of "udp port 5001": what is in the ring by then is judged by it, too, and what comes
 * afterwards by the kernel alone. The capture has ended then. */
static inline void loopback_exchange(struct nsc_rx *rx)
{
	const struct nsc_live_port *port = (const struct nsc_live_port *)rx;
	struct loopback_seen seen = { 0 };
	struct nsc_rx_counters counters;
	struct nsc_error error;
	int refused;

	ck_assert_int_eq(nsc_rx_live_filter(rx, "udp prot 5002", &error), -EINVAL);
	ck_assert(nsc_rx_live_filtered(rx, &refused));
	loopback_send(6000, 5001, 300, 100);
	loopback_send(6000, 5002, 300, 100);
	ck_assert_msg(!nsc_rx_live_filter(rx, "udp port 5002", &error), "%s", error.text);
	ck_assert(!nsc_rx_live_filtered(rx, &refused));
	while (!nsc_rx_live_filtered(rx, &refused))
		loopback_poll(rx, &seen, 1);
	ck_assert_int_eq(refused, 0);
	while (port->draining)
		loopback_poll(rx, &seen, 1);
	ck_assert_ptr_null(port->recheck[false]);
	rx->ops->counters(rx, &counters);
	ck_assert_uint_eq(counters.received, 300);
	ck_assert_uint_eq(counters.delivered, seen.packets);
	ck_assert_uint_le(counters.delivered, NSC_BURST_MAX); /* of the first poll, at whose end it looked */
	loopback_send(6000, 5001, 100, 100);
	loopback_send(6000, 5002, 200, 100);
	ck_assert_int_eq(nsc_rx_live_filter(rx, NULL, &error), 0);
	nsc_rx_stop(rx); /* the kernel's filter stays shut */
	loopback_send(6000, 5002, 100, 100);
	loopback_poll(rx, &seen, LOOPBACK_PATIENCE_MS);
	ck_assert_uint_eq(seen.state, NSC_RX_END);
	ck_assert(loopback_balanced(rx, &counters));
	ck_assert_uint_eq(counters.received, 500);
	ck_assert_uint_eq(counters.delivered, seen.packets);
	ck_assert_uint_ge(seen.packets, 200);
	ck_assert_uint_eq(counters.kernel_drops + counters.left, 0);
}

#endif
