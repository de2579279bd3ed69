/* SPDX-License-Identifier: MIT
 *
 * The frames of a trial, and their sender (tools/send/sender.h): every frame has the same size and is an IPv4 UDP
 * datagram of one of so many flows; the addresses in its Ethernet header belong to nobody, and the receiver can tell by
 * them what is of the test.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_BENCH_RATE_SENDER_H
#define TOOLS_BENCH_RATE_SENDER_H

#include "tools/send/sender.h"

/* A frame's size counts the four bytes of its check sequence, as RFC 2544 does; the interface makes them. */
enum { NSC_RATE_FRAME_MIN = 64, NSC_RATE_FRAME_MAX = 9018, NSC_RATE_FRAME_FCS = 4, NSC_RATE_FRAME_HEADER = 14 };
#define NSC_RATE_FLOWS_MAX 10000000u

/* What the receiver lets pass. */
#define NSC_RATE_FILTER "ether src 02:4e:53:00:00:01 and ether dst 02:4e:53:00:00:02"

struct nsc_rate_sender;

/* `frame` from NSC_RATE_FRAME_MIN to NSC_RATE_FRAME_MAX, and not more than the interface takes. Allocates: 64 bytes for
 * each flow. */
int nsc_rate_sender_open(struct nsc_rate_sender **sender, const char *interface, uint32_t frame, uint64_t flows,
			 struct nsc_error *error);
void nsc_rate_sender_close(struct nsc_rate_sender *sender);

/* Sends for `seconds`, at most `rate` frames per second (INFINITY: as fast as it goes), on core `core` (-1: on any),
 * until `*stop` is not 0. */
void nsc_rate_sender_send(struct nsc_rate_sender *sender, double rate, double seconds, int core,
			  const volatile sig_atomic_t *stop, struct nsc_sent *sent);

#endif
