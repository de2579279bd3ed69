/* SPDX-License-Identifier: MIT
 *
 * How a packet gets into a chunk of copied packets: the tap's and the sampler's are alike.
 */
#ifndef NETSCOPE_RINGS_PACKET_COPY_H
#define NETSCOPE_RINGS_PACKET_COPY_H

#include <string.h>

#include "engine/rings/channel.h"
#include "netscope/engine.h"

/* Room for `size` bytes more in *chunk, which holds up to `room`: a full one is sent, and the next one takes its place.
 * False, and no chunk, when there is none and nobody waits (`live`); else a wait is counted in `waits`, and its cycles
 * in `waited`. */
nsc_always_inline bool nsc_packet_chunk_room(struct nsc_channel *channel, struct nsc_packet_chunk **chunk,
					     uint32_t room, uint32_t size, bool live, struct nsc_counters *counters,
					     unsigned waits, unsigned waited)
{
	if (*chunk && (*chunk)->bytes + size <= room)
		return true;
	if (*chunk)
		nsc_channel_send(channel, *chunk);
	*chunk = live ? nsc_channel_acquire(channel) : nsc_channel_acquire_or_wait(channel, counters, waits, waited);
	if (*chunk)
		(*chunk)->n = (*chunk)->bytes = 0;
	return *chunk;
}

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
		.interface = pkt->interface,
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
