/* SPDX-License-Identifier: MIT
 *
 * Readers: N threads read one source in blocks (netscope/blocks.h), and each also is the worker of the flows that are
 * its own. No thread waits for a certain other one.
 *
 *   claim the next block ─ read ─ walk ─ decode ─ share out ─┐          each reader, blocks of its own
 *                                                            ▼
 *             join: the blocks that are next, in order ─ tap ─ joined   one reader at a time, whoever is there
 *                                                            ▼
 *   take its own packets of each joined block, in order ─► flows        each reader, all blocks
 *
 * A reader first takes what has been joined, and claims a block when there is nothing to take. Where packets depend on
 * those before them (their clock, later fragments, copies, the tap), joining decides it. A block is free again when all
 * readers have left it.
 *
 * Every reader sees the same borders as behind lanes (lane.h): an empty burst with the clock of the packet that crosses
 * one. Nothing is ever dropped: a reader that can neither take nor claim waits, counted BLOCK_WAITS.
 */
#ifndef NETSCOPE_RINGS_BLOCKS_H
#define NETSCOPE_RINGS_BLOCKS_H

#include "engine/base/arena.h"
#include "engine/base/idle.h"
#include "engine/rings/tap.h"
#include "netscope/counters.h"
#include "netscope/decode.h"
#include "netscope/rx.h"

struct nsc_blocks;

#define NSC_BLOCKS_EACH 4u /* blocks of a reader: one it reads, others that some reader has not left yet */

struct nsc_blocks_options {
	struct nsc_rx *source;                   /* with `blocks`, opened for readers * NSC_BLOCKS_EACH of them */
	const struct nsc_decode_options *decode; /* copied */
	uint32_t readers;                        /* 1..NSC_WORKERS_MAX */
	uint64_t tick_ns;                        /* > 0 */
	uint64_t epoch_ns;                       /* 0 = nobody counts epochs */
	struct nsc_tap *tap;                     /* NULL: nobody wants packets */
	const bool *stop;                        /* set (relaxed) by whoever wants the readers to stop */
};

/* 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`; rooms are touched when they are used. */
int nsc_blocks_open(struct nsc_blocks **blocks, const struct nsc_blocks_options *options, struct nsc_arena *arena,
		    struct nsc_error *error);

/* Bytes that nsc_blocks_open takes, all of them used. */
uint64_t nsc_blocks_bytes(uint32_t readers);

/* Reader i as its worker polls it: packets arrive decoded. A poll may read a block, and then finds nothing. Once
 * over, its state and error are the source's. Thread: reader i, after control. */
struct nsc_rx *nsc_blocks_rx(struct nsc_blocks *blocks, uint32_t i);

/* Whom to wake when there may be something for reader i, and where it counts: BLOCK_*, cycles, what decode counts.
 * Thread: control, before the start, after nsc_idle_init of `worker`. */
void nsc_blocks_connect(struct nsc_blocks *blocks, uint32_t i, struct nsc_idle *worker, struct nsc_counters *counters);

#endif
