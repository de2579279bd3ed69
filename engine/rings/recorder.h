/* SPDX-License-Identifier: MIT
 *
 * The worker's side of the flight recorder (netscope/recorder.h): a ring of packets, filled with one copy of each.
 *
 * The ring is full: the oldest block gives way. Offline the worker waits (RECORDER_WAITS) for a walk that holds it.
 */
#ifndef NETSCOPE_RINGS_RECORDER_H
#define NETSCOPE_RINGS_RECORDER_H

#include "engine/base/arena.h"
#include "engine/flow/cutoff.h"
#include "netscope/recorder.h"
#include "netscope/rx.h"

struct nsc_recorder_ring;

/* Bytes that the recorder of `workers` (1..NSC_WORKERS_MAX) takes, all rings and walks. 0 without a recorder. */
uint64_t nsc_recorder_bytes(const struct nsc_recorder_options *options, uint32_t workers);

/* What all rings share. 0 or -errno and one sentence. Thread: control. Allocates: from `arena`. */
int nsc_recorder_open(struct nsc_recorder **recorder, struct nsc_arena *arena, struct nsc_error *error);

/* The ring of the next worker, with its share of the memory (NSC_RECORDER_BYTES_MIN at least), of which the first
 * 16 MiB are touched. 0 or -errno and one sentence. Thread: control. Allocates: from `arena`. */
int nsc_recorder_ring_open(struct nsc_recorder_ring **ring, struct nsc_recorder *recorder,
			   const struct nsc_recorder_options *options, uint32_t workers, bool live,
			   struct nsc_arena *arena, struct nsc_error *error);

/* Touches the next 8 MiB that were not; false when all are. Thread: control, also while the owner records. */
bool nsc_recorder_prepare(struct nsc_recorder_ring *ring);

/* Only the first bytes of each flow are recorded. Thread: control, before the start. */
void nsc_recorder_cut(struct nsc_recorder_ring *ring, struct nsc_cutoff *cutoff);

/* Records a burst of `rx`, decoded; its packet time is its clock and offset_ns. Any n. Thread: owner. Allocates: never.
 * Blocks: offline, for a walk that holds. */
void nsc_recorder_burst(struct nsc_recorder_ring *ring, const struct nsc_rx *rx, const struct nsc_packet *pkt,
			uint32_t n, uint64_t offset_ns, struct nsc_counters *counters);

/* All that came until clock_ns was given to nsc_recorder_burst. Never falls. Thread: owner. */
void nsc_recorder_advance(struct nsc_recorder_ring *ring, uint64_t clock_ns, uint64_t offset_ns);

/* After the last burst. Thread: owner. */
void nsc_recorder_end(struct nsc_recorder_ring *ring);

#endif
