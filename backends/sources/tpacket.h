/* SPDX-License-Identifier: MIT
 *
 * A TPACKET_V3 ring as its parts see it: tpacket.c walks blocks, tpacket_open.c lays the ring out.
 *
 * The ring is blocks, and belongs to two: the kernel fills a block and hands it over when it is full or its timer has
 * run out, we read it and hand it back. A loan is a block: it goes back when the last of its packets was lent and the
 * last of these loans has ended. Blocks go back in any order; the kernel takes the next one in turn, and drops while
 * that is ours.
 */
#ifndef NETSCOPE_SOURCES_TPACKET_H
#define NETSCOPE_SOURCES_TPACKET_H

#include <linux/if_packet.h>

#include "live.h"

#define NSC_BLOCKS_MAX 65536u

struct nsc_block {
	bool lent; /* packets of it are with the engine */
	bool read; /* all of its packets were looked at */
};

struct nsc_tpacket {
	struct nsc_live_port port;
	/* the walk */
	uint8_t *at;      /* header of the next packet */
	uint32_t packets; /* from there to the end of the block */
	uint32_t snaplen; /* UINT32_MAX = all */
	uint64_t seq;     /* loan number of the block at hand, from 1; 0 before the first */
	uint64_t oldest;  /* no block before this loan number is ours */
	bool offloads;    /* the kernel writes a virtio_net_hdr before each frame */
	uint8_t link;
	/* the ring */
	struct nsc_block *block; /* [n_blocks] */
	uint32_t n_blocks, block_bytes;
	uint8_t *ring;
	uint32_t hold_ms;
	uint32_t rings; /* of the capture */
};

extern const struct nsc_rx_ops nsc_tpacket_ops;

/* Asks the kernel for its counts and for what is wrong with the socket. Thread: owner, or control before the start. */
void nsc_tpacket_look(struct nsc_live_port *port);

#endif
