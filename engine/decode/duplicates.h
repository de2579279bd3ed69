/* SPDX-License-Identifier: MIT
 *
 * Packets that are seen twice: a mirror of two ports copies a packet at both, a router between two taps sends it on.
 * One table for each thread that decodes, of keyed hashes of what no hop on the way changes:
 *
 *   compared   IP version, lengths, identification and fragment field, protocol, addresses; IPv6 flow label; what
 *              follows the IP header, up to DUPLICATES_BYTES of it
 *   ignored    link header with its tags, TTL and hop limit, DSCP and ECN, IPv4 header checksum and options
 *
 * A copy is measured from the packet that was kept, so of a long row of equal packets one in each window stays. When a
 * place is full, the oldest packet is forgotten, counted DUPLICATE_EVICTED if its window was not over.
 */
#ifndef NETSCOPE_DECODE_DUPLICATES_H
#define NETSCOPE_DECODE_DUPLICATES_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/decode.h"

#define DUPLICATES_BYTES 128u /* behind the IP header: a checksum of TCP or UDP stands for the rest */
#define DUPLICATES_SETS 16384u
#define DUPLICATES_WAYS 8u

/* window_ns: > 0, the longest time between a packet and its copy, by the packets' clock. 0 or -errno and one sentence.
 * Thread: control. Allocates: all from `arena`. */
int nsc_duplicates_open(struct nsc_duplicates **duplicates, uint64_t window_ns, struct nsc_arena *arena,
			struct nsc_error *error);
uint64_t nsc_duplicates_bytes(void);

/* Gives copies among pkt[0..n), which are decoded, the fate DUPLICATE. Packets without a whole IP header are none.
 * Thread: owner. Allocates: never. */
void nsc_duplicates_burst(const struct nsc_decode_options *options, struct nsc_packet *pkt, uint32_t n);

#endif
