/* SPDX-License-Identifier: MIT
 *
 * One destination with a thread of its own, which sends one segment after the other: no more are ever on their way to
 * it. After a failure it waits longer each time. It may be killed at any moment.
 *
 * Thread: control; sums are read by any. Allocates: never.
 */
#ifndef TOOLS_SHIP_LANE_H
#define TOOLS_SHIP_LANE_H

#include "tools/ship/destination.h"

enum {
	NSC_LANE_TURN_S = NSC_DESTINATION_SEND_S + 60, /* longer than any turn: send, wait and look */
	NSC_LANE_STEPS = 6,                            /* of 10 s: the last minute */
};

struct nsc_lane_sums {                  /* since the start */
	uint64_t segments, rows, bytes; /* sent; bytes: of rows */
	uint64_t failures;              /* tries that came to nothing */
	uint64_t refused;               /* segments */
	unsigned in_a_row;              /* failures since something was sent */
	uint64_t sent_s;                /* when that was, seconds since 1970; 0 = never */
	uint64_t minute_rows;           /* sent in the last minute, of which up to 10 s are left out */
	struct nsc_error why;           /* the last failure */
	bool ended, gave_up;            /* its thread has ended; for want of success */
};

struct nsc_lane {
	struct nsc_destination *to;
	struct nsc_queue queue;
	bool once; /* end when nothing waits, or nothing can be sent */
	/* its own */
	pthread_t thread;
	/* under the mutex */
	pthread_mutex_t mutex;
	struct nsc_lane_sums sums; /* but minute_rows */
	struct {
		uint64_t step, rows; /* step: 10 s of CLOCK_MONOTONIC */
	} recent[NSC_LANE_STEPS];
	bool sending, stop;
	uint64_t turn_ns; /* CLOCK_MONOTONIC when its newest turn began */
};

/* The members above its own are set. 0, or -errno and one sentence. */
int nsc_lane_start(struct nsc_lane *lane, struct nsc_error *error);
void nsc_lane_join(struct nsc_lane *lane); /* one that has ended */

struct nsc_lane_sums nsc_lane_sums(struct nsc_lane *lane);

/* Whether its thread goes on, or has ended as it should. `now_ns`: CLOCK_MONOTONIC. */
bool nsc_lane_is_alive(struct nsc_lane *lane, uint64_t now_ns);

/* No further segment is begun. True: none is on its way any more. */
bool nsc_lane_stop(struct nsc_lane *lane);

#endif
