/* SPDX-License-Identifier: MIT
 *
 * Lanes: one queue becomes N. The capture thread polls the source, decodes, and copies each 64-byte descriptor into the
 * current burst of the worker that owns its flow; whole bursts cross. The bytes stay where the source lent them: the
 * capture thread remembers the oldest loan of each burst that is out, and ends the source's loans in order as bursts
 * come back (up to the oldest that is still out in any lane).
 *
 *   source ─ poll ─ decode ─ steer ─┬─ burst ─► worker 0      a burst is sent when it is full, when the source has
 *                    ▲              ├─ burst ─► worker 1      nothing more, and at a tick's border, then to every
 *                    └── loans ◄────┴─ (empty bursts back)    worker, if need be empty: so that all clocks advance
 *                                                             (and so at the border of an epoch)
 *
 * Every worker sees the same borders: the first burst in each lane is empty and carries the first packet's clock, each
 * later border carries the clock of the packet that crossed it, the last (NSC_RX_END) the clock of the whole input.
 *
 * A full lane: offline the reader waits (counted LANE_WAITS); live the packets are dropped (counted LANE_FULL).
 */
#ifndef NETSCOPE_RINGS_LANE_H
#define NETSCOPE_RINGS_LANE_H

#include "engine/base/arena.h"
#include "engine/base/trace.h"
#include "engine/rings/tap.h"
#include "netscope/counters.h"
#include "netscope/decode.h"
#include "netscope/rx.h"

struct nsc_lanes;

struct nsc_lanes_options {
	struct nsc_rx *source;
	const struct nsc_decode_options *decode; /* copied; capture counts for it */
	uint32_t lanes;                          /* 1..NSC_WORKERS_MAX */
	uint32_t lane_packets;                   /* capacity of each, >= 2 bursts; rounded up to whole bursts */
	uint64_t tick_ns;                        /* > 0 */
	uint64_t epoch_ns;                       /* borders of epochs go to every lane too; 0 = nobody counts epochs */
	enum nsc_poll_mode poll;
	bool crowded;            /* see idle.h */
	struct nsc_tap *tap;     /* NULL: nobody wants packets */
	struct nsc_trace *trace; /* NULL: nobody traces packets */
	const bool *stop;        /* set (relaxed) by whoever wants the reader to stop */
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`. */
int nsc_lanes_open(struct nsc_lanes **lanes, const struct nsc_lanes_options *options, struct nsc_arena *arena,
		   struct nsc_error *error);

/* Bytes that nsc_lanes_open takes, but for a few hundred. */
uint64_t nsc_lanes_bytes(uint32_t lanes, uint32_t lane_packets);

/* The worker's side of lane i: a source whose packets arrive decoded. The worker copies out of the burst, and gives the
 * burst back with nsc_rx_release. Thread: worker i, after control. */
struct nsc_rx *nsc_lanes_rx(struct nsc_lanes *lanes, uint32_t i);

/* Bursts that wait in the lane behind `rx`. Thread: its worker. */
uint32_t nsc_lanes_waiting(const struct nsc_rx *rx);

/* Whom to wake when lane i has bursts. Behind a live source every burst rings, and `worker` may sleep up to 100 ms;
 * offline the burst that fills a quarter of the lane does, and `worker` looks every millisecond.
 * Thread: control, before the start, after nsc_idle_init of `worker`. */
void nsc_lanes_connect(struct nsc_lanes *lanes, uint32_t i, struct nsc_idle *worker);

/* The timelines of the capture thread and of lane i's worker: before the start. */
void nsc_lanes_write_down(struct nsc_lanes *lanes, uint32_t i, struct nsc_timeline *capture,
			  struct nsc_timeline *worker);

/* The capture thread: returns after the source's end, or a stop, has been sent into every lane.
 * Thread: capture. Allocates: never. Blocks: offline, while a lane is full. */
void nsc_lanes_run(struct nsc_lanes *lanes);

/* One round of it: polls once and steers what came. Returns false when the source has ended. Thread: capture. */
bool nsc_lanes_step(struct nsc_lanes *lanes);

/* Whether the source ended with NSC_RX_FAILED. Thread: capture, or any after it has ended. */
bool nsc_lanes_failed(const struct nsc_lanes *lanes);

/* What capture counted: LANE_*, and the cycles of rx, decode and steering. Thread: any (single values, relaxed). */
const struct nsc_counters *nsc_lanes_counters(const struct nsc_lanes *lanes);

#endif
