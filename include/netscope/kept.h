/* SPDX-License-Identifier: MIT
 *
 * What pcapng input has beside its packets and pcapng output repeats: blocks of name resolution and decryption secrets,
 * and the names of interfaces. One log for the process; what it does not hold is counted.
 *
 * Thread: one adds (the poller of files, or control before it runs); any reads.
 */
#ifndef NETSCOPE_KEPT_H
#define NETSCOPE_KEPT_H

#include "netscope/base.h"

enum {
	NSC_KEPT_MAX = 4 << 20,       /* bytes of all blocks */
	NSC_KEPT_BLOCK_MAX = 1 << 18, /* of one */
};

/* One whole block in this machine's byte order, 12 bytes and more, a multiple of 4. Too much is lost. Allocates,
 * blocks: never. */
void nsc_kept_add(const uint8_t *block, uint32_t length);

/* A block that cannot be kept. */
void nsc_kept_lose(void);

/* The blocks that came after the first `from` bytes of them: how many bytes, and where they begin. */
size_t nsc_kept_blocks(size_t from, const uint8_t **blocks);

/* An interface of this link type has this name (interfaces.h). */
void nsc_kept_interface(uint16_t linktype, uint8_t interface);

/* The number of the one name that interfaces of this link type have; 0 when there is none, or more than one. */
uint8_t nsc_kept_name(uint16_t linktype);

/* One sentence about what is missing in a capture file that is written: `pcapng` or pcap. False when nothing is. */
bool nsc_kept_missing(bool pcapng, char *text, size_t size);

#endif
