/* SPDX-License-Identifier: MIT
 *
 * See sender.h.
 */
#include "tools/send/sender.h"

#include "backends/sources/interface.h"
#include "netscope/clock.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCHES_PER_SECOND = 2000, /* small batches keep the rate steady */
	RETRY_NS = 20 * 1000,
	SEND_PATIENCE_US = 100 * 1000,
};

struct nsc_sender {
	int fd;
	struct iovec frame[NSC_SEND_BATCH];
	struct mmsghdr message[NSC_SEND_BATCH];
	unsigned batch;       /* frames that are asked for */
	unsigned made, taken; /* of the batch at hand */
};

/* --- open ------------------------------------------------------------------------------------- */

static int sender_read_room(const struct nsc_interface *interface, uint32_t *bytes, struct nsc_error *error)
{
	struct ifreq request = { 0 };
	uint32_t hardware;

	if (nsc_interface_linktype(interface, &hardware) < 0 || hardware != ARPHRD_ETHER)
		return nsc_fail(error, -EINVAL, "%s is no Ethernet interface: no frames can be sent there",
				interface->name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface->name);
	if (ioctl(interface->fd, SIOCGIFMTU, &request))
		return nsc_fail(error, -errno, "%s does not tell its MTU: %s", interface->name, strerror(errno));
	*bytes = (uint32_t)request.ifr_mtu + ETH_HLEN;
	return 0;
}

int nsc_sender_room(const char *name, uint32_t *bytes, struct nsc_error *error)
{
	struct nsc_interface interface;
	int status = nsc_interface_open(&interface, name, error);

	if (!status)
		status = sender_read_room(&interface, bytes, error);
	nsc_interface_close(&interface);
	return status;
}

/* Protocol 0: what arrives here is nobody's business, and nothing piles up in the socket. */
static int sender_open_socket(struct nsc_sender *s, const struct nsc_interface *interface, struct nsc_error *error)
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

int nsc_sender_open(struct nsc_sender **sender, const char *name, struct nsc_error *error)
{
	struct nsc_sender *s = calloc(1, sizeof(*s));
	struct nsc_interface interface;
	uint32_t room;
	int status;

	*sender = NULL;
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for a sender");
	s->fd = -1;
	for (unsigned i = 0; i < NSC_SEND_BATCH; i++)
		s->message[i].msg_hdr = (struct msghdr){ .msg_iov = &s->frame[i], .msg_iovlen = 1 };
	status = nsc_interface_open(&interface, name, error);
	if (!status)
		status = sender_read_room(&interface, &room, error);
	if (!status)
		status = sender_open_socket(s, &interface, error);
	nsc_interface_close(&interface);
	if (status)
		nsc_sender_close(s);
	else
		*sender = s;
	return status;
}

void nsc_sender_close(struct nsc_sender *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* --- send ------------------------------------------------------------------------------------- */

static void sender_sleep_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NSC_NS_PER_SEC), .tv_nsec = (long)(ns % NSC_NS_PER_SEC) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Sends what is left of the batch. Returns how many frames the kernel took. */
static unsigned sender_send_batch(struct nsc_sender *s, struct nsc_sent *sent)
{
	int taken = sendmmsg(s->fd, s->message + s->taken, s->made - s->taken, 0);

	if (taken < 0) {
		bool no_room = errno == ENOBUFS || errno == EAGAIN;

		sent->no_room += no_room;
		sent->refused += !no_room && errno != EINTR;
		sent->gone = errno == ENXIO || errno == ENODEV;
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

	return size < 1 ? 1 : size > NSC_SEND_BATCH ? NSC_SEND_BATCH : (unsigned)size;
}

/* False: there is none any more. What the kernel did not take of the one before goes first. */
static bool sender_make(struct nsc_sender *s, const struct nsc_send_frames *frames, uint64_t left)
{
	if (s->taken < s->made)
		return true;
	s->taken = 0;
	s->made = left ? frames->next(frames->context, s->frame, (unsigned)NSC_MIN(left, s->batch)) : 0;
	return s->made;
}

/* Waits for the time of the next batch, which what was lost beyond the catching up moves. */
static void sender_wait(uint64_t *due, uint64_t end, struct nsc_sent *sent)
{
	uint64_t now = nsc_monotonic_ns();

	if (*due > now) {
		sender_sleep_until(NSC_MIN(*due, end));
		now = nsc_monotonic_ns();
	}
	nsc_histogram_note(&sent->late, now - NSC_MIN(*due, now));
	if (*due + NSC_SEND_CATCH_UP_NS < now)
		*due = now - NSC_SEND_CATCH_UP_NS;
}

static void sender_run(struct nsc_sender *s, const struct nsc_send_frames *frames, const struct nsc_send_plan *plan,
		       const volatile sig_atomic_t *stop, struct nsc_sent *sent)
{
	double ns_per_frame = 1e9 / plan->rate; /* 0 when it is to go as fast as it can */
	uint64_t start = nsc_monotonic_ns(), due = start;
	uint64_t end = plan->seconds < 1e9 ? start + (uint64_t)(plan->seconds * 1e9) : UINT64_MAX;

	while (!*stop && !sent->gone && sender_make(s, frames, plan->frames - sent->frames)) {
		if (ns_per_frame > 0)
			sender_wait(&due, end, sent);
		if (nsc_monotonic_ns() >= end)
			break;
		due += (uint64_t)(sender_send_batch(s, sent) * ns_per_frame);
	}
	sent->seconds = (double)(nsc_monotonic_ns() - start) / 1e9;
	sent->rate = sent->seconds > 0 ? (double)sent->frames / sent->seconds : 0;
}

void nsc_sender_send(struct nsc_sender *s, const struct nsc_send_frames *frames, const struct nsc_send_plan *plan,
		     const volatile sig_atomic_t *stop, struct nsc_sent *sent)
{
	cpu_set_t before, own;
	bool pinned = plan->core >= 0 && !sched_getaffinity(0, sizeof(before), &before);
	int slack = prctl(PR_GET_TIMERSLACK);

	*sent = (struct nsc_sent){ .rate = 0 };
	s->batch = sender_batch(plan->rate);
	s->made = s->taken = 0;
	if (pinned) {
		CPU_ZERO(&own);
		CPU_SET((unsigned)plan->core, &own);
		sched_setaffinity(0, sizeof(own), &own);
	}
	prctl(PR_SET_TIMERSLACK, 1);
	sender_run(s, frames, plan, stop, sent);
	prctl(PR_SET_TIMERSLACK, slack);
	if (pinned)
		sched_setaffinity(0, sizeof(before), &before);
}
