/* SPDX-License-Identifier: MIT
 *
 * The hello in QUIC's Initial packets: whoever sees the first one can open it, for its keys come from its own header
 * (RFC 9001, 5.2; RFC 9369 for version 2). An Initial that does not authenticate says nothing.
 *
 * Opening one costs some microseconds, so who asks counts.
 */
#ifndef NETSCOPE_NAMES_QUIC_H
#define NETSCOPE_NAMES_QUIC_H

#include "engine/names/block.h"
#include "netscope/error.h"

struct nsc_quic; /* libcrypto's contexts */

/* Starts libcrypto without what names do not need: its configuration file, its lists of all ciphers and digests, and
 * the clean-up at exit. These are two thirds of what nsc_quic_open costs otherwise. Before anybody else uses libcrypto,
 * and only where nobody will use TLS: what is left out stays out. Thread: control. */
void nsc_quic_start_alone(void);

/* One for each thread. Everything is allocated here. 0 or -errno. Thread: control. */
int nsc_quic_open(struct nsc_quic **quic, struct nsc_error *error);
void nsc_quic_close(struct nsc_quic *quic); /* NULL is fine */

/* Might p[0..n), a whole datagram of `wire` bytes, be a client's first? */
bool nsc_quic_begins(const uint8_t *p, uint32_t n, uint32_t wire);

/* Puts what the datagram's Initials say of the hello into `block`, which is cleared before the first datagram of a
 * flow. FOUND when the hello is whole, MORE when it goes on in another datagram, NO when nothing opened. Opens at most
 * four packets. Thread: owner. Allocates, blocks: never. */
enum nsc_name_verdict nsc_quic_datagram(struct nsc_quic *quic, const uint8_t *p, uint32_t n,
					struct nsc_name_block *block, struct nsc_named *named);

/* How often the last datagram made nsc_quic_datagram derive keys and open a packet: 0..8. */
uint32_t nsc_quic_tries(const struct nsc_quic *quic);

/* From the connection id that the client chose for the server; false for a version that is not known. */
bool nsc_quic_derive(uint32_t version, const uint8_t *id, uint32_t length, struct nsc_quic_keys *keys);

#endif
