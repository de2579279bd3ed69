/* SPDX-License-Identifier: MIT
 *
 * What pcapng input has beside its packets and pcapng output repeats: blocks of name resolution and decryption secrets,
 * and comments. One log for the process, of what is read and not of when: what it does not hold is counted.
 *
 * Thread: one adds (the poller of files, or control before it runs); any reads.
 */
#ifndef NETSCOPE_KEPT_H
#define NETSCOPE_KEPT_H

#include "netscope/base.h"

enum {
	NSC_KEPT_MAX = 4 << 20,             /* bytes of all blocks */
	NSC_KEPT_BLOCK_MAX = 1 << 18,       /* of one */
	NSC_KEPT_COMMENTS_MAX = 4 << 20,    /* bytes of all comments, 16 for each of them included */
	NSC_KEPT_OF_PACKET_MAX = 128 << 10, /* of those of one packet, or of the section */
	NSC_KEPT_INTERFACES_MAX = 1024,     /* interfaces whose comments are kept */
};

/* --- blocks ----------------------------------------------------------------------------------- */

/* One whole block in this machine's byte order, 12 bytes and more, a multiple of 4. Too much is lost. Allocates,
 * blocks: never. */
void nsc_kept_add(const uint8_t *block, uint32_t length);

/* A block that cannot be kept. */
void nsc_kept_lose(void);

/* The blocks that came after the first `from` bytes of them: how many bytes, and where they begin. */
size_t nsc_kept_blocks(size_t from, const uint8_t **blocks);

/* --- comments: any bytes, UTF-8 by the format ----------------------------------------------------- */

/* A comment of packet `number` among the delivered ones, from 1 on and never falling; 0: of the section. Too much is
 * lost. Allocates, blocks: never. */
void nsc_kept_comment(uint64_t number, const uint8_t *text, uint16_t length);

/* A comment that cannot be kept. */
void nsc_kept_lose_comment(void);

/* An interface of this link type and name (interfaces.h, 0 = none), with the comment that it has, or without (length
 * 0). The first of them counts; another comment for the same is lost. Allocates, blocks: never. */
void nsc_kept_interface(uint16_t linktype, uint8_t name, const uint8_t *text, uint16_t length);

/* The next comment of packet `number`, or of the section (0), from byte *at of the log on, which goes on with it. False
 * when there is none; what belongs to packets before is passed over. Start with 0. */
bool nsc_kept_next_comment(size_t *at, uint64_t number, const uint8_t **text, uint16_t *length);

/* The comment of an interface; false when it has none. */
bool nsc_kept_interface_comment(uint16_t linktype, uint8_t name, const uint8_t **text, uint16_t *length);

/* --- what is missing -------------------------------------------------------------------------- */

/* One sentence about what is missing in a capture file that is written: `pcapng` or pcap. False when nothing is. */
bool nsc_kept_missing(bool pcapng, char *text, size_t size);

#endif
