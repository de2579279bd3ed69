/* SPDX-License-Identifier: MIT
 *
 * The tap: copies of packets in capture order, for packet lines and capture files. Whoever polls the source (an inline
 * worker, or capture in front of lanes) copies each burst right after decode into bounded chunks; the writer gives them
 * to the sinks. It holds no loan: once nsc_tap_burst has returned, the source may have its memory back.
 *
 * No chunk is free: offline the reader waits (counted TAP_WAITS); live the rest of the burst is not copied (TAP_FULL).
 */
#ifndef NETSCOPE_RINGS_TAP_H
#define NETSCOPE_RINGS_TAP_H

#include "engine/flow/cutoff.h"
#include "engine/rings/channel.h"
#include "netscope/engine.h"

struct nsc_tap {
	/* read only after open */
	struct nsc_channel *channel; /* its mark, when there are several taps: the clock before which all was sent */
	uint32_t packet_bytes;       /* at most so many of each packet, or NSC_PACKET_LINE */
	struct nsc_packet_frame frame;
	uint32_t chunks;
	bool merged; /* one of several: the writer goes by its clock */
	bool live;
	struct nsc_cutoff *cutoff; /* the owner's; NULL: all packets are copied */
	/* the owner's */
	alignas(NSC_CACHE_LINE) struct nsc_packet_chunk *chunk; /* being filled; NULL: none yet */
	uint64_t number;                                        /* of the last packet that came by */
	struct nsc_idle idle; /* while the owner waits for chunks: sleeps at once, until half of them are back */
};

/* Copies at most `packet_bytes` (2..NSC_PACKET_BYTES_MAX, or NSC_PACKET_LINE) of each packet, with
 * `frame` around it. One of `taps` (>= 1) of a run. `live`: with room for a writer that is held up for a while, by a
 * disk or by the slowest of several queues. 0 or -errno and one sentence. Thread: control. Allocates: all from `arena`,
 * and touches it. */
int nsc_tap_open(struct nsc_tap **tap, struct nsc_arena *arena, uint32_t packet_bytes, struct nsc_packet_frame frame,
		 uint32_t taps, bool live, struct nsc_error *error);
uint64_t nsc_tap_memory(uint32_t packet_bytes, uint32_t taps,
			bool live); /* bytes that all of them take, but for a few hundred */

/* Only the first bytes of each flow are copied. Thread: control, before the start. */
void nsc_tap_cut(struct nsc_tap *tap, struct nsc_cutoff *cutoff);

/* Whom to wake when a chunk has come. Thread: control, before the start. */
void nsc_tap_connect(struct nsc_tap *tap, struct nsc_idle *writer);

/* Copies a burst of `rx`, decoded. Thread: owner. Allocates: never. Blocks: offline, for a writer that is behind. */
void nsc_tap_burst(struct nsc_tap *tap, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		   struct nsc_counters *counters);

/* The source pauses at this time of its clock: what is there goes on its way, unless the writer has enough to do.
 * Thread: owner. */
void nsc_tap_flush(struct nsc_tap *tap, uint64_t clock_ns);

/* After the last burst. Thread: owner. */
void nsc_tap_end(struct nsc_tap *tap);

#endif
