/* SPDX-License-Identifier: MIT
 *
 * Steady time: what a source makes of the time stamps of its packets, in capture order (docs/time.md).
 *
 * The engine's clock advances with the packets and never goes back. Steps of packet time are taken out of it, and are
 * added again where times are printed:  packet time = steady time + offset  (modulo 2^64).
 *
 * A packet at most NSC_STEADY_SLACK_NS behind the clock is late; one at most NSC_STEADY_LEAP_NS ahead of it moves it.
 * What lies beyond is a leap, and moves nothing by itself:
 *
 *   ahead    the next packet that lies beyond as well confirms it: the clock advances to the earlier of the two
 *   behind   packets in a row confirm it that agree with each other, NSC_STEADY_RUN of them, or one more than the clock
 *            itself rests on: the offset changes, and the clock goes on from where it stands
 *
 * A leap that nothing confirms was an outlier: its packet has the clock of the packet before it. A confirmed leap is a
 * step. A jump ahead that ends at most NSC_STEADY_RETURN_NS beyond where packet time would be without the last step
 * takes that step back: two clocks that take turns do not drive the steady one on. The distance of two times is signed,
 * so a time just below 2^64 (a clock before 1970) lies behind one above 0.
 *
 * Thread: one (the owner of the source). Allocates, blocks: never.
 */
#ifndef NETSCOPE_STEADY_H
#define NETSCOPE_STEADY_H

#include "netscope/base.h"

#define NSC_STEADY_SLACK_NS (2 * NSC_NS_PER_SEC)
#define NSC_STEADY_RETURN_NS (10 * NSC_NS_PER_SEC)
#define NSC_STEADY_LEAP_NS (7 * 86400 * NSC_NS_PER_SEC)
#define NSC_STEADY_RUN 8u
#define NSC_STEADY_MAX (1ull << 62) /* in 2116: leaps beyond it are taken out of the clock */
#define NSC_STEADY_STEPS_KEPT 8u

struct nsc_steady_hand {    /* what a packet in order touches */
	uint64_t now_ns;    /* steady time of the newest packet, 0..2^63 + NSC_STEADY_LEAP_NS */
	uint64_t offset_ns; /* packet time minus steady time, modulo 2^64 */
	uint64_t open_ns;   /* a packet less than this ahead needs no second look; 0: every packet does */
};

struct nsc_steady_step {
	uint64_t from_ns, to_ns; /* packet time: before it, and of the first packet behind it */
};

/* The first steps, for people. Written by the owner; others read `n` (acquire), then steps below it. */
struct nsc_steady_log {
	uint32_t n; /* 0..NSC_STEADY_STEPS_KEPT */
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];
	struct nsc_steady_step outlier; /* the first: the clock's time, and its own. Read after the end */
};

enum nsc_steady_verdict {
	NSC_STEADY_TAKEN, /* the packet's clock is hand.now_ns, and hand.offset_ns its offset */
	NSC_STEADY_STEPS, /* nothing has changed: the offset will, so end the burst first */
	NSC_STEADY_ASKS,  /* nothing has changed: a leap ahead; what time has the packet behind this one? */
};

struct nsc_steady { /* all 0 before the first packet */
	struct nsc_steady_hand hand;
	uint32_t support;          /* packets on which the clock rests, 0..NSC_STEADY_RUN; 0: none has come */
	uint32_t run;              /* packets in a row that are behind */
	uint64_t first_ns, run_ns; /* packet times of the run: of its first packet, the latest */
	uint64_t leap_ns;          /* packet time of a leap ahead that waits for the next packet */
	bool leapt;                /* there is one */
	bool returns;              /* before_ns holds the offset before the last step */
	uint64_t before_ns;
	uint64_t outliers, steps;
	struct nsc_steady_log log;
};

/* What the caller knows when it asks. */
struct nsc_steady_context {
	bool begins;             /* nothing of this burst has been taken: the offset may change now */
	bool asks;               /* can tell the time of the next packet: NSC_STEADY_ASKS is a possible verdict */
	const uint64_t *next_ns; /* that time; NULL: not known */
};

/* The packet in order, which is nearly every one. False: nsc_steady_look decides. */
nsc_always_inline bool nsc_steady_follow(struct nsc_steady_hand *hand, uint64_t ts_ns)
{
	uint64_t steady_ns = ts_ns - hand->offset_ns;

	if (nsc_unlikely(steady_ns - hand->now_ns >= hand->open_ns))
		return false;
	hand->now_ns = steady_ns;
	return true;
}

/* Any ts_ns. */
enum nsc_steady_verdict nsc_steady_look(struct nsc_steady *clock, uint64_t ts_ns,
					const struct nsc_steady_context *context);

/* No packet came, and this is the (packet) time now: moves a clock that has begun, if it is later, and begins one. */
void nsc_steady_idle(struct nsc_steady *clock, uint64_t ts_ns);

/* The clock that stamps was set: packet times differ by `by_ns` (modulo 2^64) from now on. */
void nsc_steady_set(struct nsc_steady *clock, uint64_t by_ns);

/* The end of the input: nothing will confirm what waits. */
void nsc_steady_end(struct nsc_steady *clock);

/* Copies the steps that are there. Thread: any. */
uint32_t nsc_steady_log_read(const struct nsc_steady_log *log, struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT]);

#endif
