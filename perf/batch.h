/* SPDX-License-Identifier: MIT
 *
 * Frames as a source lends them. A batch is 4096 packets: 256 KiB of frames and as much of descriptors, which lie in
 * the second-level cache when they are used, as the bytes of a file do just after a read. It is filled outside of what
 * is measured: by then its stores are long done, and nothing needs to be subtracted.
 */
#ifndef NETSCOPE_PERF_BATCH_H
#define NETSCOPE_PERF_BATCH_H

#include "backends/sources/gen.h"
#include "netscope/decode.h"
#include "netscope/packet.h"

#define BATCH_BURSTS 64u
#define BATCH_PACKETS (BATCH_BURSTS * NSC_BURST_MAX)
#define BATCH_SLOT 64u /* bytes for a frame */

struct batch {
	uint8_t frame[BATCH_PACKETS][BATCH_SLOT];
	struct nsc_burst burst[BATCH_BURSTS];
	uint64_t clock_ns, step_ns; /* time of the last packet, and from packet to packet */
	uint64_t random;
};

/* Time starts at 1.7e18 ns and goes on by `step_ns` with each packet. Exits when there is no memory. */
struct batch *batch_open(uint64_t step_ns);
void batch_close(struct batch *batch);

/* All packets of flows first, first + 1, ...: Ethernet, IPv4, TCP with ACK, 54 bytes, alternating directions. */
void batch_fill_new(struct batch *batch, uint64_t first);
/* Random flows of 0..flows-1, either direction. */
void batch_fill_random(struct batch *batch, uint64_t flows);

/* The same as conversations: half of the packets carry 100 bytes (the frame is snapped), all acknowledge what the other
 * side has said. said[flow][from the server] goes on from batch to batch. */
void batch_fill_talk(struct batch *batch, uint64_t flows, uint32_t (*said)[2]);

/* Generated traffic: the next packets of `gen` into n bursts, each full, of frames in slots[0..n * NSC_BURST_MAX), that
 * have been initialized. The time of the last one. */
uint64_t batch_generate(struct nsc_gen *gen, uint8_t *slots, struct nsc_burst *burst, uint32_t n);

/* What every section decodes with: a fixed seed. */
extern const struct nsc_decode_options batch_decode;

/* xorshift64: the same numbers in each run. */
static inline uint64_t batch_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

#endif
