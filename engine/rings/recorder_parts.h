/* SPDX-License-Identifier: MIT
 *
 * What recorder.c, which fills rings, and recorder_walk.c, which reads them, have in common.
 *
 * A ring is cut into blocks, and blocks are numbered for ever: block b lies at b % blocks. Before the worker enters
 * block b it says that block b - blocks is gone (`tail`). A reader copies first and looks at `tail` then: what it has
 * copied is whole if its block is not gone. No packet lies in two blocks.
 */
#ifndef NETSCOPE_RINGS_RECORDER_PARTS_H
#define NETSCOPE_RINGS_RECORDER_PARTS_H

#include "engine/base/arena.h"
#include "engine/base/idle.h"
#include "engine/flow/cutoff.h"
#include "netscope/recorder.h"

#define NSC_RECORDER_STEP 16u /* packets begin at multiples of this */

struct nsc_recorder_head { /* stands in front of the bytes of each packet */
	uint64_t ts_ns;
	uint64_t clock_ns;
	uint32_t cap_len, wire_len;
	uint32_t len; /* bytes behind it, 0..NSC_PACKET_BYTES_MAX */
	uint16_t linktype;
	uint8_t fate;
	uint8_t interface;
};

static_assert(sizeof(struct nsc_recorder_head) == 2 * NSC_RECORDER_STEP, "two stores past the cache");

struct nsc_recorder_block { /* what is in a block. Each word: the worker stores it whole */
	uint64_t number;    /* the last one that is stored */
	uint64_t first;     /* packets recorded before it */
	uint64_t clock_ns;  /* of its first packet */
	uint64_t time_ns;   /* the same as packet time */
	uint64_t latest_ns; /* no packet in it has a later time stamp; UINT64_MAX while it is filled */
};

struct nsc_recorder_ring {
	/* read only after open */
	uint8_t *data; /* [blocks][block_bytes] */
	struct nsc_recorder_block *block;
	uint64_t block_bytes;
	uint32_t blocks;
	uint32_t snaplen;
	bool headers_only;
	bool live; /* waits for nobody */
	nsc_packet_matches_fn *matches;
	const void *context;
	struct nsc_cutoff *cutoff;              /* the owner's; NULL: all of each flow */
	alignas(NSC_CACHE_LINE) uint64_t ready; /* control's: bytes that were touched */
	/* the owner's */
	alignas(NSC_CACHE_LINE) uint8_t *to; /* where the next packet goes */
	uint8_t *end;                        /* of the block */
	uint64_t number;                     /* of the block */
	uint64_t n;                          /* packets recorded, those of the burst in progress included */
	uint64_t latest_ns;                  /* of the block's packets */
	uint64_t offset_ns;                  /* packet time minus clock */
	/* the owner stores them, walks load them */
	alignas(NSC_CACHE_LINE) uint64_t recorded; /* packets that may be read */
	uint64_t clock_ns;                         /* all that came until then was recorded */
	uint64_t time_ns;                          /* the same as packet time */
	uint64_t tail;                             /* the oldest block that is there */
	uint64_t claimed; /* the oldest that will be there: who wants to hold it must say so before */
	bool waits;       /* for a walk that holds */
	bool ended;       /* nothing more will come */
	/* each walk stores its own: the oldest block that it has not read; UINT64_MAX: it holds nothing */
	alignas(NSC_CACHE_LINE) uint64_t held[NSC_RECORDER_WALKS];
	struct nsc_idle idle; /* while the owner waits */
};

struct nsc_recorder_walk_ring { /* where a walk is in one ring */
	uint64_t block, at;     /* at: from the begin of the block */
	uint64_t next;          /* packets before the next one */
	uint64_t until;         /* where it ends: see until_now */
	bool has;               /* `head` is of the next packet */
	struct nsc_recorder_head head;
};

struct nsc_recorder_walk {
	bool taken; /* by compare-and-swap; the rest is the taker's */
	bool hold;
	bool last; /* until_now was said */
	uint32_t index;
	struct nsc_recorder *recorder;
	uint64_t from_ns, to_ns;
	struct nsc_recorder_numbers numbers;
	struct nsc_recorder_walk_ring ring[NSC_WORKERS_MAX];
	struct nsc_packet_record record;
	uint8_t bytes[NSC_PACKET_BYTES_MAX + NSC_RECORDER_STEP];
};

struct nsc_recorder {
	uint32_t workers;
	struct nsc_recorder_ring *ring[NSC_WORKERS_MAX];
	struct nsc_recorder_walk *walk; /* [NSC_RECORDER_WALKS] */
};

/* Bytes that a packet of `len` bytes takes. */
nsc_always_inline uint64_t nsc_recorder_size(uint32_t len)
{
	return (sizeof(struct nsc_recorder_head) + (uint64_t)len + NSC_RECORDER_STEP - 1) &
	       ~(uint64_t)(NSC_RECORDER_STEP - 1);
}

nsc_always_inline uint32_t nsc_recorder_slot(const struct nsc_recorder_ring *ring, uint64_t block)
{
	return (uint32_t)(block % ring->blocks);
}

#endif
