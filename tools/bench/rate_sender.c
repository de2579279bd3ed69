/* SPDX-License-Identifier: MIT
 *
 * See rate_sender.h. Frames are made while they are sent: beside what a frame costs the kernel that is little, and any
 * number of flows fits into memory.
 */
#include "tools/bench/rate_sender.h"

#include "tools/send/made.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADERS = NSC_RATE_FRAME_HEADER + 20 + 8, /* Ethernet, IPv4, UDP */
	MACS = 2 * ETH_ALEN,
};

struct nsc_rate_sender {
	struct nsc_sender *sender;
	struct nsc_send_made made;
};

static int rate_check_frame(const char *interface, uint32_t frame, struct nsc_error *error)
{
	uint32_t room;
	int status = nsc_sender_room(interface, &room, error);

	if (status || frame <= room + NSC_RATE_FRAME_FCS)
		return status;
	return nsc_fail(error, -EMSGSIZE,
			"frames of %u bytes do not go through %s: its MTU is %u, which makes %u with Ethernet's header "
			"and check sequence",
			frame, interface, room - NSC_RATE_FRAME_HEADER, room + NSC_RATE_FRAME_FCS);
}

static int rate_open_frames(struct nsc_rate_sender *s, uint32_t frame, uint64_t flows, struct nsc_error *error)
{
	struct nsc_gen_options options = { .reuse = true };

	nsc_synth_defaults(&options.traffic);
	options.traffic.flows = flows;
	options.traffic.payload_min = options.traffic.payload_max = frame - NSC_RATE_FRAME_FCS - HEADERS;
	options.traffic.tcp_share = options.traffic.ipv6_share = options.traffic.vlan_share =
		options.traffic.dns_share = 0;
	return nsc_send_made_open(&s->made, &options, error);
}

int nsc_rate_sender_open(struct nsc_rate_sender **sender, const char *name, uint32_t frame, uint64_t flows,
			 struct nsc_error *error)
{
	struct nsc_rate_sender *s = calloc(1, sizeof(*s));
	int status;

	*sender = NULL;
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for a sender");
	status = rate_check_frame(name, frame, error);
	if (!status)
		status = nsc_sender_open(&s->sender, name, error);
	if (!status)
		status = rate_open_frames(s, frame, flows, error);
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
	nsc_sender_close(s->sender);
	nsc_send_made_close(&s->made);
	free(s);
}

/* A slot's payload is in place; only headers are written. */
static unsigned rate_next(void *context, struct iovec *frame, unsigned n)
{
	static const uint8_t macs[MACS] = { 2, 'N', 'S', 0, 0, 2, 2, 'N', 'S', 0, 0, 1 };
	struct nsc_rate_sender *s = context;

	for (unsigned i = 0; i < n; i++) {
		nsc_send_made_next(&s->made, i, &frame[i]);
		memcpy(frame[i].iov_base, macs, MACS);
	}
	return n;
}

void nsc_rate_sender_send(struct nsc_rate_sender *s, double rate, double seconds, int core,
			  const volatile sig_atomic_t *stop, struct nsc_sent *sent)
{
	const struct nsc_send_frames frames = { .next = rate_next, .context = s };
	const struct nsc_send_plan plan = { .rate = rate, .seconds = seconds, .frames = UINT64_MAX, .core = core };

	nsc_sender_send(s->sender, &frames, &plan, stop, sent);
}
