/* SPDX-License-Identifier: MIT
 *
 * Completed handshakes, for the detector that asks whether anybody gets through. A handshake is completed by a packet
 * that acknowledges exactly a SYN+ACK: same addresses and ports the other way round, its ACK number one beyond the
 * SYN+ACK's sequence number, its sequence number what the SYN+ACK acknowledged, within 3 s. It counts once.
 *
 * Both directions of a flow come to one worker, so each worker remembers its own SYN+ACKs: 65,536 of them as 64-bit
 * hashes, four to a cache line. A line that is full of younger ones loses its oldest, counted
 * (DETECT_HANDSHAKE_EVICTED).
 *
 * Thread: worker. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_HANDSHAKES_H
#define NETSCOPE_DETECT_HANDSHAKES_H

#include "engine/base/arena.h"
#include "netscope/counters.h"

#define NSC_HANDSHAKE_NS (3 * NSC_NS_PER_SEC)

struct nsc_handshakes;

/* Thread: control. */
int nsc_handshakes_open(struct nsc_handshakes **handshakes, struct nsc_arena *arena, const uint64_t seed[2],
			struct nsc_error *error);
uint64_t nsc_handshakes_bytes(void);

/* Remembers the SYN+ACKs of a burst and returns a bit for each packet that completes a handshake. Packets in order;
 * n <= NSC_BURST_MAX. */
uint64_t nsc_handshakes_burst(struct nsc_handshakes *handshakes, const struct nsc_packet *pkt, uint32_t n,
			      struct nsc_counters *counters);

#endif
