/* SPDX-License-Identifier: MIT
 *
 * See rate_sender.h. Frames are made while they are sent: beside what a frame costs the kernel that is little, and any
 * number of flows fits into memory.
 */
#include "tools/bench/rate_sender.h"

#include "backends/sources/gen.h"

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
	struct nsc_gen *gen;
	uint8_t *slots;
	uint32_t slot_size;
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
	s->slots = aligned_alloc(NSC_CACHE_LINE, (size_t)NSC_SEND_BATCH * s->slot_size);
	if (!s->slots)
		return nsc_fail(error, -ENOMEM, "no memory for frames");
	for (unsigned i = 0; i < NSC_SEND_BATCH; i++)
		nsc_gen_slot_init(s->gen, s->slots + (size_t)i * s->slot_size);
	return 0;
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
	nsc_gen_close(s->gen);
	free(s->slots);
	free(s);
}

/* A slot's payload is in place; only headers are written. */
static unsigned rate_next(void *context, struct iovec *frame, unsigned n)
{
	static const uint8_t macs[MACS] = { 2, 'N', 'S', 0, 0, 2, 2, 'N', 'S', 0, 0, 1 };
	struct nsc_rate_sender *s = context;

	for (unsigned i = 0; i < n; i++) {
		uint8_t *slot = s->slots + (size_t)i * s->slot_size, *at;
		struct nsc_gen_frame made;

		nsc_gen_next(s->gen, slot, &made);
		at = slot + (made.data - slot);
		memcpy(at, macs, MACS);
		frame[i] = (struct iovec){ at, made.cap_len };
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
