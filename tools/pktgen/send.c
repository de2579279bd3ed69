/* SPDX-License-Identifier: MIT
 *
 * See send.h. Generated frames are made while they are sent; those of a file lie in memory, and begin anew when more
 * are wanted than it has.
 */
#include "tools/pktgen/send.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tools/send/guard.h"
#include "tools/send/made.h"
#include "tools/send/sender.h"

enum { VLAN_TAG = 4, ETHERTYPE_AT = 12, BYTES_FIRST = 1 << 20 };

struct send {
	uint32_t room; /* bytes of a frame that the interface takes, without a tag */
	const char *interface;
	struct nsc_send_made made; /* of the generator */
	/* of a file */
	uint8_t *bytes;
	size_t used, size;
	struct iovec *frame; /* while it is read, offsets in `bytes` */
	uint64_t n_frames, frames_size, next;
	struct nsc_error why; /* what ended the frames early; "" = nothing */
};

static volatile sig_atomic_t send_stop;

static void send_on_signal(int signum)
{
	send_stop = signum;
}

/* Linux lets a frame with one tag be longer. */
static int send_check_frame(const struct send *s, const uint8_t *data, uint32_t length, struct nsc_error *error)
{
	bool tagged = length > ETHERTYPE_AT + 1 && data[ETHERTYPE_AT] == 0x81 && !data[ETHERTYPE_AT + 1];

	if (length <= s->room + (tagged ? VLAN_TAG : 0))
		return 0;
	return nsc_fail(error, -EMSGSIZE, "a frame of %u bytes does not go through %s, which takes %u", length,
			s->interface, s->room);
}

/* --- frames of the generator ------------------------------------------------------------------ */

static unsigned send_next_generated(void *context, struct iovec *frame, unsigned n)
{
	struct send *s = context;

	for (unsigned i = 0; i < n; i++)
		if (!nsc_send_made_next(&s->made, i, &frame[i]) ||
		    send_check_frame(s, frame[i].iov_base, (uint32_t)frame[i].iov_len, &s->why))
			return i;
	return n;
}

/* --- frames of a file ------------------------------------------------------------------------- */

static bool send_grow(struct send *s, uint32_t more)
{
	if (s->used + more > s->size) {
		size_t size = NSC_MAX(s->size * 2, s->used + more + BYTES_FIRST);
		uint8_t *bytes = realloc(s->bytes, size);

		if (!bytes)
			return false;
		s->bytes = bytes;
		s->size = size;
	}
	if (s->n_frames == s->frames_size) {
		uint64_t size = s->frames_size ? s->frames_size * 2 : 4096;
		struct iovec *frame = reallocarray(s->frame, size, sizeof(*frame));

		if (!frame)
			return false;
		s->frame = frame;
		s->frames_size = size;
	}
	return true;
}

static int send_keep(struct send *s, const char *path, const struct nsc_packet *pkt, struct nsc_error *error)
{
	if (pkt->link != NSC_LINK_ETHERNET)
		return nsc_fail(error, -EINVAL, "%s: packet %" PRIu64 " is no Ethernet frame, but %s", path,
				s->n_frames + 1, nsc_link_name(pkt->link));
	if (pkt->cap_len < pkt->wire_len)
		return nsc_fail(error, -EINVAL,
				"%s: packet %" PRIu64 " was cut, %u of %u bytes are there: only whole frames are sent",
				path, s->n_frames + 1, pkt->cap_len, pkt->wire_len);
	if (send_check_frame(s, pkt->data, pkt->cap_len, error))
		return -EMSGSIZE;
	if (s->used + pkt->cap_len > PKTGEN_SEND_FILE_MAX || !send_grow(s, pkt->cap_len))
		return nsc_fail(error, -ENOMEM, "%s: its frames do not fit in memory, of which they get %llu MiB", path,
				PKTGEN_SEND_FILE_MAX >> 20);
	memcpy(s->bytes + s->used, pkt->data, pkt->cap_len);
	s->frame[s->n_frames++] = (struct iovec){ (void *)(uintptr_t)s->used, pkt->cap_len };
	s->used += pkt->cap_len;
	return 0;
}

static int send_read_file(struct send *s, struct nsc_rx *rx, const char *path, struct nsc_error *error)
{
	static struct nsc_burst burst;
	int status = 0;

	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n && !status; i++)
			status = send_keep(s, path, &burst.pkt[i], error);
		nsc_rx_release(rx, burst.loan);
	} while (!status && burst.state < NSC_RX_END && !send_stop);
	if (!status && burst.state == NSC_RX_FAILED)
		status = nsc_fail(error, -EIO, "%s", rx->error.text);
	if (!status && !s->n_frames)
		status = nsc_fail(error, -EINVAL, "%s: holds no packet", path);
	return status;
}

static int send_open_file(struct send *s, const char *path, struct nsc_error *error)
{
	const struct nsc_rx_file_options options = { .path = path, .loans = 1 };
	struct nsc_rx *rx;
	int status = nsc_rx_file_open(&rx, &options, error);

	if (status)
		return status;
	status = send_read_file(s, rx, path, error);
	nsc_rx_close(rx);
	for (uint64_t i = 0; i < s->n_frames; i++)
		s->frame[i].iov_base = s->bytes + (uintptr_t)s->frame[i].iov_base;
	return status;
}

static unsigned send_next_read(void *context, struct iovec *frame, unsigned n)
{
	struct send *s = context;

	for (unsigned i = 0; i < n; i++) {
		frame[i] = s->frame[s->next];
		s->next = s->next + 1 == s->n_frames ? 0 : s->next + 1;
	}
	return n;
}

/* --- the whole ------------------------------------------------------------------------------- */

static void send_report(const struct nsc_sent *sent, double rate, FILE *out)
{
	fprintf(out,
		"{\"sent\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"no_room\": %" PRIu64 ", \"refused\": %" PRIu64
		", \"seconds\": %.6f, \"rate\": %.1f, \"asked_rate\": ",
		sent->frames, sent->bytes, sent->no_room, sent->refused, sent->seconds, sent->rate);
	if (rate < INFINITY)
		fprintf(out,
			"%.1f, \"late_ns\": {\"batches\": %" PRIu64 ", \"p50\": %" PRIu64 ", \"p99\": %" PRIu64
			", \"max\": %" PRIu64 "}}\n",
			rate, nsc_histogram_total(&sent->late), nsc_histogram_quantile(&sent->late, 0.5),
			nsc_histogram_quantile(&sent->late, 0.99), sent->late.max_ns);
	else
		fputs("null, \"late_ns\": null}\n", out);
}

static void send_catch_signals(void)
{
	struct sigaction action = { .sa_handler = send_on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int send_run(struct send *s, const struct pktgen_options *options, FILE *out, struct nsc_error *error)
{
	const struct pktgen_send_options *o = &options->send;
	const struct nsc_send_frames frames = {
		.next = o->from ? send_next_read : send_next_generated,
		.context = s,
	};
	const struct nsc_send_plan plan = {
		.rate = o->rate > 0 ? o->rate : INFINITY,
		.seconds = o->seconds > 0 ? o->seconds : INFINITY,
		.frames = o->count  ? o->count
			  : o->from ? s->n_frames
				    : UINT64_MAX,
		.core = -1,
	};
	struct nsc_sender *sender;
	struct nsc_sent sent;
	int status = nsc_sender_open(&sender, o->interface, error);

	if (status)
		return status;
	nsc_sender_send(sender, &frames, &plan, &send_stop, &sent);
	nsc_sender_close(sender);
	send_report(&sent, plan.rate, out);
	if (sent.gone)
		return nsc_fail(error, -ENODEV, "%s was removed after %" PRIu64 " frames", o->interface, sent.frames);
	return s->why.text[0] ? nsc_fail(error, -EMSGSIZE, "%s", s->why.text) : 0;
}

int pktgen_send(const struct pktgen_options *options, FILE *out, struct nsc_error *error)
{
	const struct pktgen_send_options *o = &options->send;
	struct send s = { .interface = o->interface };
	int status = o->anyway ? 0 : nsc_send_guard_link(o->interface, error);

	send_catch_signals();
	if (!status && !o->anyway)
		status = nsc_send_guard_check(o->interface, error);
	if (!status)
		status = nsc_sender_room(o->interface, &s.room, error);
	if (!status)
		status = o->from ? send_open_file(&s, o->from, error)
				 : nsc_send_made_open(&s.made, &options->gen, error);
	if (!status)
		status = send_run(&s, options, out, error);
	nsc_send_made_close(&s.made);
	free(s.bytes);
	free(s.frame);
	return status;
}
