/* SPDX-License-Identifier: MIT
 *
 * How a packet gets into a chunk of copied packets: the tap's and the sampler's are alike.
 */
#ifndef NETSCOPE_RINGS_PACKET_COPY_H
#define NETSCOPE_RINGS_PACKET_COPY_H

#include <string.h>

#include "netscope/engine.h"

/* Appends the descriptor and the first `len` bytes of `pkt`, len <= cap_len. The caller has seen to it that there is
 * room for nsc_packet_record_size(len) more. Thread: the chunk's owner. Allocates, blocks: never. */
nsc_always_inline void nsc_packet_copy(struct nsc_packet_chunk *chunk, const struct nsc_packet *pkt, uint64_t number,
				       uint32_t len, uint16_t linktype)
{
	struct nsc_packet_record *record = (struct nsc_packet_record *)(void *)(chunk->record + chunk->bytes);

	*record = (struct nsc_packet_record){
		.number = number,
		.ts_ns = pkt->ts_ns,
		.cap_len = pkt->cap_len,
		.wire_len = pkt->wire_len,
		.len = len,
		.linktype = linktype,
		.link = pkt->link,
		.fate = pkt->fate,
	};
	memcpy(record + 1, pkt->data, len);
	chunk->bytes += nsc_packet_record_size(len);
	chunk->n++;
}

#endif
