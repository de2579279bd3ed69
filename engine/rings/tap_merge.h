/* SPDX-License-Identifier: MIT
 *
 * Several queues, one order: the writer's merge of the taps of several sources by time.
 *
 * A packet may go when no other tap can still bring an older one: when each of them has a packet at hand, or has said
 * with its clock that everything older was sent. So nothing waits longer than the slowest clock: the block timer of an
 * idle queue and a few milliseconds. A tap that has filled half of its chunks meanwhile is not made to drop packets:
 * then the oldest at hand goes at once, and is counted (TAP_EARLY), for its order is a guess.
 */
#ifndef NETSCOPE_RINGS_TAP_MERGE_H
#define NETSCOPE_RINGS_TAP_MERGE_H

#include "engine/rings/tap.h"

struct nsc_tap_head {
	struct nsc_packet_chunk *chunk; /* being read; NULL: none at hand */
	const struct nsc_packet_record *next;
	uint32_t left;     /* records from `next` on */
	uint64_t number;   /* of the last one taken */
	uint64_t clock_ns; /* without a chunk: nothing older will come; UINT64_MAX at the end */
};

struct nsc_tap_merge {
	struct nsc_tap *const *tap; /* [n] */
	uint32_t n;
	uint64_t number;              /* of the last packet given, over all taps */
	struct nsc_counters counters; /* TAP_EARLY */
	struct nsc_tap_head head[NSC_WORKERS_MAX];
	struct nsc_packet_chunk *out;
};

/* `tap` stays the caller's. 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`. */
int nsc_tap_merge_open(struct nsc_tap_merge **merge, struct nsc_arena *arena, struct nsc_tap *const *tap, uint32_t n,
		       struct nsc_error *error);

/* The next packets in order, numbered through, or NULL when none may go yet. Valid until the next call.
 * Thread: writer. Allocates, blocks: never. */
const struct nsc_packet_chunk *nsc_tap_merge_next(struct nsc_tap_merge *merge);

#endif
