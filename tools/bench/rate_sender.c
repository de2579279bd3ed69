/* SPDX-License-Identifier: MIT
 *
 * See rate_sender.h. Frames are made while they are sent: beside what a frame costs the kernel that is little, and any
 * number of flows fits into memory.
 */
#include "tools/bench/rate_sender.h"

#include "backends/sources/gen.h"
#include "backends/sources/interface.h"
#include "netscope/clock.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCH = 64,
	BATCHES_PER_SECOND = 2000, /* small batches keep the rate steady */
	CATCH_UP_NS = 10 * 1000 * 1000,
	RETRY_NS = 20 * 1000,
	SEND_PATIENCE_US = 100 * 1000,
	HEADERS = NSC_RATE_FRAME_HEADER + 20 + 8, /* Ethernet, IPv4, UDP */
	MACS = 2 * ETH_ALEN,
};

struct nsc_rate_sender {
	int fd;
	struct nsc_gen *gen;
	uint8_t *slots;
	uint32_t slot_size;
	struct iovec frame[BATCH];
	struct mmsghdr message[BATCH];
	unsigned made, taken; /* of the batch */
};

/* --- open ------------------------------------------------------------------------------------- */

static int sender_check_frame(const struct nsc_interface *interface, uint32_t frame, struct nsc_error *error)
{
	struct ifreq request = { 0 };
	uint32_t hardware, room;

	if (nsc_interface_linktype(interface, &hardware) < 0 || hardware != ARPHRD_ETHER)
		return nsc_fail(error, -EINVAL, "%s is no Ethernet interface: no frames can be sent there",
				interface->name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface->name);
	if (ioctl(interface->fd, SIOCGIFMTU, &request))
		return nsc_fail(error, -errno, "%s does not tell its MTU: %s", interface->name, strerror(errno));
	room = (uint32_t)request.ifr_mtu + NSC_RATE_FRAME_HEADER + NSC_RATE_FRAME_FCS;
	if (frame <= room)
		return 0;
	return nsc_fail(error, -EMSGSIZE,
			"frames of %u bytes do not go through %s: its MTU is %d, which makes %u with Ethernet's header "
			"and check sequence",
			frame, interface->name, request.ifr_mtu, room);
}

/* Protocol 0: what arrives here is nobody's business, and nothing piles up in the socket. */
static int sender_open_socket(struct nsc_rate_sender *s, const struct nsc_interface *interface, struct nsc_error *error)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)interface->index };
	struct timeval patience = { .tv_usec = SEND_PATIENCE_US };
	int on = 1;

	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->fd < 0 && errno == EPERM)
		return nsc_fail(error, -EPERM,
				"sending on '%s' needs the capability CAP_NET_RAW, which this process does not have: "
				"run it with sudo",
				interface->name);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(s->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) ||
	    setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
		return nsc_fail(error, -errno, "no packet socket to send on '%s': %s", interface->name,
				strerror(errno));
	return 0;
}

static int sender_open_frames(struct nsc_rate_sender *s, uint32_t frame, uint64_t flows, struct nsc_error *error)
{
	struct nsc_gen_options options = { .reuse = true };
	int status;

	nsc_synth_defaults(&options.traffic);
	options.traffic.flows = flows;
	options.traffic.payload_min = options.traffic.payload_max = frame - NSC_RATE_FRAME_FCS - HEADERS;
	options.traffic.tcp_share = options.traffic.ipv6_share = options.traffic.vlan_share =
		options.traffic.dns_share = 0;
	status = nsc_gen_open(&s->gen, &options, error);
	if (status)
		return status;
	s->slot_size = nsc_gen_slot_size(s->gen);
	s->slots = aligned_alloc(NSC_CACHE_LINE, (size_t)BATCH * s->slot_size);
	if (!s->slots)
		return nsc_fail(error, -ENOMEM, "no memory for frames");
	for (unsigned i = 0; i < BATCH; i++) {
		nsc_gen_slot_init(s->gen, s->slots + (size_t)i * s->slot_size);
		s->message[i].msg_hdr = (struct msghdr){ .msg_iov = &s->frame[i], .msg_iovlen = 1 };
	}
	return 0;
}

int nsc_rate_sender_open(struct nsc_rate_sender **sender, const char *name, uint32_t frame, uint64_t flows,
			 struct nsc_error *error)
{
	struct nsc_rate_sender *s = calloc(1, sizeof(*s));
	struct nsc_interface interface;
	int status;

	*sender = NULL;
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for a sender");
	s->fd = -1;
	status = nsc_interface_open(&interface, name, error);
	if (!status)
		status = sender_check_frame(&interface, frame, error);
	if (!status)
		status = sender_open_socket(s, &interface, error);
	if (!status)
		status = sender_open_frames(s, frame, flows, error);
	nsc_interface_close(&interface);
	if (status)
		nsc_rate_sender_close(s);
	else
		*sender = s;
	return status;
}

void nsc_rate_sender_close(struct nsc_rate_sender *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	nsc_gen_close(s->gen);
	free(s->slots);
	free(s);
}

/* --- send ------------------------------------------------------------------------------------- */

static void sender_sleep_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NSC_NS_PER_SEC), .tv_nsec = (long)(ns % NSC_NS_PER_SEC) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* A slot's payload is in place; only headers are written. */
static void sender_make(struct nsc_rate_sender *s, unsigned n)
{
	static const uint8_t macs[MACS] = { 2, 'N', 'S', 0, 0, 2, 2, 'N', 'S', 0, 0, 1 };

	for (unsigned i = 0; i < n; i++) {
		uint8_t *slot = s->slots + (size_t)i * s->slot_size, *at;
		struct nsc_gen_frame frame;

		nsc_gen_next(s->gen, slot, &frame);
		at = slot + (frame.data - slot);
		memcpy(at, macs, MACS);
		s->frame[i] = (struct iovec){ at, frame.cap_len };
	}
	s->made = n;
	s->taken = 0;
}

/* Sends what is left of the batch. Returns how many frames the kernel took. */
static unsigned sender_send(struct nsc_rate_sender *s, struct nsc_rate_sent *sent)
{
	int taken = sendmmsg(s->fd, s->message + s->taken, s->made - s->taken, 0);

	if (taken < 0) {
		bool no_room = errno == ENOBUFS || errno == EAGAIN;

		sent->no_room += no_room;
		sent->refused += !no_room && errno != EINTR;
		sender_sleep_until(nsc_monotonic_ns() + RETRY_NS);
		return 0;
	}
	for (int i = 0; i < taken; i++)
		sent->bytes += s->message[s->taken + (unsigned)i].msg_len;
	s->taken += (unsigned)taken;
	sent->frames += (unsigned)taken;
	return (unsigned)taken;
}

static unsigned sender_batch(double rate)
{
	double size = rate / BATCHES_PER_SECOND;

	return size < 1 ? 1 : size > BATCH ? BATCH : (unsigned)size;
}

static void sender_run(struct nsc_rate_sender *s, double rate, double seconds, const volatile sig_atomic_t *stop,
		       struct nsc_rate_sent *sent)
{
	double ns_per_frame = 1e9 / rate; /* 0 when it is to go as fast as it can */
	unsigned batch = sender_batch(rate);
	uint64_t start = nsc_monotonic_ns(), now = start, end = start + (uint64_t)(seconds * 1e9), due = start;

	while (now < end && !*stop) {
		if (due > now)
			sender_sleep_until(NSC_MIN(due, end));
		else if (due + CATCH_UP_NS < now)
			due = now - CATCH_UP_NS;
		if (s->taken == s->made)
			sender_make(s, batch);
		due += (uint64_t)(sender_send(s, sent) * ns_per_frame);
		now = nsc_monotonic_ns();
	}
	sent->seconds = (double)(now - start) / 1e9;
	sent->rate = (double)sent->frames / sent->seconds;
}

void nsc_rate_sender_send(struct nsc_rate_sender *s, double rate, double seconds, int core,
			  const volatile sig_atomic_t *stop, struct nsc_rate_sent *sent)
{
	cpu_set_t before, own;
	bool pinned = core >= 0 && !sched_getaffinity(0, sizeof(before), &before);
	int slack = prctl(PR_GET_TIMERSLACK);

	*sent = (struct nsc_rate_sent){ .rate = 0 };
	if (pinned) {
		CPU_ZERO(&own);
		CPU_SET((unsigned)core, &own);
		sched_setaffinity(0, sizeof(own), &own);
	}
	prctl(PR_SET_TIMERSLACK, 1);
	sender_run(s, rate, seconds, stop, sent);
	prctl(PR_SET_TIMERSLACK, slack);
	if (pinned)
		sched_setaffinity(0, sizeof(before), &before);
}
