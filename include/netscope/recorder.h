/* SPDX-License-Identifier: MIT
 *
 * The flight recorder: each worker keeps its latest packets in a ring of memory, and whoever asks walks all rings while
 * they are filled. docs/recorder.md
 *
 * A worker copies each packet once and never waits for a walk, but for one that holds (offline). A ring forgets its
 * oldest packets a block at a time, 1/64 of the ring or as much as two of the longest packets. A walk that is too slow
 * finds what it wanted to read overwritten: it counts these packets, and goes on with the oldest that are there. No
 * packet that it gives out is torn.
 */
#ifndef NETSCOPE_RECORDER_H
#define NETSCOPE_RECORDER_H

#include "netscope/engine.h"

struct nsc_recorder;      /* nsc_engine_recorder gives it; it lives as long as its engine */
struct nsc_recorder_walk; /* one of NSC_RECORDER_WALKS */

enum { NSC_RECORDER_WALKS = 8 };

struct nsc_recorder_walk_options {
	uint64_t from_ns; /* time stamps, both included; other packets are passed over: 0 */
	uint64_t to_ns;   /* and UINT64_MAX = all */
	bool hold; /* offline a worker waits before it overwrites what this walk has not read: RECORDER_WAITS. Nothing
		    * of what was there at open is lost. It must be read on, or closed: else the run stands still.
		    * Live: without effect */
};

enum nsc_recorder_state {
	NSC_RECORDER_PACKET,  /* here is the next one */
	NSC_RECORDER_MORE,    /* none in this call, but there is more to look at: call again */
	NSC_RECORDER_NOTHING, /* all was read that can be put in order now; there may be more later */
	NSC_RECORDER_END,     /* all was read, and nothing more will come */
};

struct nsc_recorder_numbers {
	uint64_t packets, bytes; /* given out, and the bytes that were recorded of them */
	uint64_t passed;         /* read, and not between from_ns and to_ns */
	uint64_t overwritten;    /* recorded behind the walk's begin, and gone before it came there: exact. Some of them
				  * may have been out of its times */
	uint64_t early;          /* given out before all workers had come so far, because one of them waited for this
				  * walk (hold): these may be out of order */
};

/* Begins a walk at the oldest block that may have a packet of from_ns or later. -EBUSY and a sentence when all walks
 * are open, -EINVAL for from_ns > to_ns. Thread: any, also several at a time, each with a walk of its own. Allocates:
 * never. Blocks: never. */
int nsc_recorder_walk_open(struct nsc_recorder_walk **walk, struct nsc_recorder *recorder,
			   const struct nsc_recorder_walk_options *options, struct nsc_error *error);

/* The next packet. With PACKET *record is it, with its bytes (nsc_packet_bytes), valid until the next call with this
 * walk; else NULL. `cap_len` is what the source delivered, `len` what was recorded, `number` counts the packets that
 * its worker has recorded, from 1.
 *
 * Order: by the engine's clock (packet.h: clock_ns), which never goes back, then by worker; packets of one worker are
 * in capture order. So time stamps never fall but where the capture's own do: a packet that came late stands where it
 * came. What a worker has not recorded yet is waited for (NOTHING): until its clock is past this packet.
 *
 * A call looks at 64 packets at most. Thread: the walk's. Allocates, blocks: never. */
enum nsc_recorder_state nsc_recorder_walk_next(struct nsc_recorder_walk *walk, const struct nsc_packet_record **record);

/* What has been recorded until now is the rest: END comes behind it, and nobody waits for another worker. Thread: the
 * walk's. Allocates, blocks: never. */
void nsc_recorder_walk_until_now(struct nsc_recorder_walk *walk);

/* Thread: the walk's. */
struct nsc_recorder_numbers nsc_recorder_walk_numbers(const struct nsc_recorder_walk *walk);

/* Gives the walk back. NULL is allowed. Thread: the walk's. Blocks: never. */
void nsc_recorder_walk_close(struct nsc_recorder_walk *walk);

/* The recorder's clock, as packet time: every worker has recorded, or left out on purpose, what came until then. A
 * packet that comes late (steady.h) may still have a time stamp before it. 0 before the first packet, UINT64_MAX when
 * all workers have ended. Who wants the packets up to a time waits until the clock is past it, says until_now, and
 * reads to END. Thread: any. Blocks: never. */
uint64_t nsc_recorder_clock(const struct nsc_recorder *recorder);

/* What one worker holds (view.h). `worker`: 0..workers - 1. A moment's numbers while it runs, exact after its end.
 * Thread: any. Blocks: never. */
void nsc_recorder_span(const struct nsc_recorder *recorder, uint32_t worker, struct nsc_recorder_span *span);
uint32_t nsc_recorder_workers(const struct nsc_recorder *recorder);

/* Since when every worker holds all of its packets, packet time; 0: since the start. Thread: any. Blocks: never. */
uint64_t nsc_recorder_held_since(const struct nsc_recorder *recorder);

/* The recorder of an engine; NULL without nsc_engine_options.recorder. Valid from nsc_engine_open until close, also
 * after the end of the run. Thread: any. */
struct nsc_recorder *nsc_engine_recorder(const struct nsc_engine *engine);

#endif
