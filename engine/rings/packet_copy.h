/* SPDX-License-Identifier: MIT
 *
 * How a packet gets into a chunk of copied packets: the tap's and the sampler's are alike.
 */
#ifndef NETSCOPE_RINGS_PACKET_COPY_H
#define NETSCOPE_RINGS_PACKET_COPY_H

#include <string.h>

#include "engine/rings/channel.h"
#include "netscope/engine.h"

/* Bytes that a packet takes of the data, without its record. */
nsc_always_inline uint32_t nsc_packet_framed_size(struct nsc_packet_frame frame, uint32_t len)
{
	return frame.head + ((len + frame.mask) & ~(uint32_t)frame.mask) + frame.tail;
}

/* The room of a chunk that holds at least one packet of `longest` bytes (0..NSC_PACKET_BYTES_MAX) in any frame. */
nsc_always_inline uint32_t nsc_packet_room_for(uint32_t longest, uint32_t least)
{
	uint32_t one = longest + NSC_PACKET_FRAME_MAX + (uint32_t)sizeof(struct nsc_packet_record);

	return (NSC_MAX(one, least) + 7) & ~7u;
}

/* Of chunks that have just been opened. Thread: control. */
static inline void nsc_packet_chunks_lay_out(struct nsc_channel *channel, uint32_t chunks, uint32_t room,
					     struct nsc_packet_frame frame)
{
	for (uint32_t i = 0; i < chunks; i++) {
		struct nsc_packet_chunk *chunk = nsc_channel_buffer(channel, i);

		chunk->room = room;
		chunk->frame = frame;
	}
}

/* Whether a packet of `size` bytes, with its frame, fits. */
nsc_always_inline bool nsc_packet_fits(const struct nsc_packet_chunk *chunk, uint32_t size)
{
	uint32_t records = (chunk->n + 1) * (uint32_t)sizeof(struct nsc_packet_record);

	return chunk->bytes + size + records <= chunk->room;
}

/* Room for a packet of `size` bytes, with its frame, in *chunk: a full one is sent, and the next one takes its place.
 * False, and no chunk, when there is none and nobody waits (`live`); else a wait is counted in `waits`, and its cycles
 * in `waited`. */
nsc_always_inline bool nsc_packet_chunk_room(struct nsc_channel *channel, struct nsc_packet_chunk **chunk,
					     uint32_t size, bool live, struct nsc_counters *counters, unsigned waits,
					     unsigned waited)
{
	if (nsc_likely(*chunk && nsc_packet_fits(*chunk, size)))
		return true;
	if (*chunk)
		nsc_channel_send(channel, *chunk);
	*chunk = live ? nsc_channel_acquire(channel) : nsc_channel_acquire_or_wait(channel, counters, waits, waited);
	if (*chunk)
		(*chunk)->n = (*chunk)->bytes = 0;
	return *chunk;
}

/* Appends `record` and its bytes, which take `size` with the chunk's frame. The caller has seen to it that there is
 * room. Thread: the chunk's owner. Allocates, blocks: never. */
nsc_always_inline void nsc_packet_append(struct nsc_packet_chunk *chunk, struct nsc_packet_record record,
					 const uint8_t *bytes, uint32_t size)
{
	struct nsc_packet_record *to = (struct nsc_packet_record *)(void *)(chunk->data + chunk->room) - 1 - chunk->n;
	uint8_t *at = chunk->data + chunk->bytes + chunk->frame.head;

	record.bytes_at = (int32_t)(at - (uint8_t *)to);
	*to = record;
	memcpy(at, bytes, record.len);
	chunk->bytes += size;
	chunk->n++;
}

/* Appends the first `len` bytes of `pkt`, len <= cap_len, in the same way. */
nsc_always_inline void nsc_packet_copy(struct nsc_packet_chunk *chunk, const struct nsc_packet *pkt, uint64_t number,
				       uint32_t len, uint32_t size, uint16_t linktype)
{
	struct nsc_packet_record record = {
		.number = number,
		.ts_ns = pkt->ts_ns,
		.clock_ns = pkt->clock_ns,
		.cap_len = pkt->cap_len,
		.interface = pkt->interface,
		.wire_len = pkt->wire_len,
		.len = len,
		.linktype = linktype,
		.link = pkt->link,
		.fate = pkt->fate,
	};
	nsc_packet_append(chunk, record, pkt->data, size);
}

#endif
