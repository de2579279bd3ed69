/* SPDX-License-Identifier: MIT
 *
 * Sends frames through an Ethernet interface: a packet socket, sendmmsg, a steady rate. Whoever calls makes the frames.
 *
 * Frames go out in batches, each due at an absolute time that the rate gives: what a batch comes late does not move
 * those behind it. A sender that was held up catches up with NSC_SEND_CATCH_UP_NS of frames at most; beyond, the rate
 * is not reached, and the report shows it.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_SEND_SENDER_H
#define TOOLS_SEND_SENDER_H

#include "netscope/error.h"
#include "netscope/histogram.h"

#include <signal.h>
#include <sys/uio.h>

enum {
	NSC_SEND_BATCH = 64, /* frames that are made and sent at a time, at most */
	NSC_SEND_CATCH_UP_NS = 10 * 1000 * 1000,
};

struct nsc_sender;

struct nsc_send_frames { /* where they come from */
	/* Fills frame[0..return), at most n (1..NSC_SEND_BATCH) of them, each a whole Ethernet frame without its check
	 * sequence; 0: there are no more. They stay until the next call. */
	unsigned (*next)(void *context, struct iovec *frame, unsigned n);
	void *context;
};

struct nsc_send_plan {
	double rate;     /* frames per second; INFINITY: as fast as it goes */
	double seconds;  /* INFINITY: no end by time */
	uint64_t frames; /* UINT64_MAX: no end by number */
	int core;        /* where to send from; -1: any */
};

struct nsc_sent {
	uint64_t frames, bytes;    /* that the kernel took; without check sequences */
	uint64_t no_room;          /* times that it had no room: such a frame was sent again */
	uint64_t refused;          /* times that it refused for another reason: the interface was down */
	bool gone;                 /* the interface was removed, which ended it */
	double seconds, rate;      /* frames per second */
	struct nsc_histogram late; /* of each batch, ns behind its time when it was handed over; with a rate only */
};

/* The MTU of an Ethernet interface, and room for Ethernet's header. -EINVAL: it is no Ethernet interface. */
int nsc_sender_room(const char *interface, uint32_t *bytes, struct nsc_error *error);

/* -EPERM: without CAP_NET_RAW. Allocates. */
int nsc_sender_open(struct nsc_sender **sender, const char *interface, struct nsc_error *error);
void nsc_sender_close(struct nsc_sender *sender); /* NULL is allowed */

/* Sends until the plan's first end, the end of the frames, until the interface is removed, or `*stop` is not 0. */
void nsc_sender_send(struct nsc_sender *sender, const struct nsc_send_frames *frames, const struct nsc_send_plan *plan,
		     const volatile sig_atomic_t *stop, struct nsc_sent *sent);

#endif
