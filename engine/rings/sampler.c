/* SPDX-License-Identifier: MIT
 *
 * Chunks of sampled packets. They are small and few: what a person can look at, not what the wire carries.
 */
#include "engine/rings/sampler.h"

#include <errno.h>
#include <string.h>

#include "engine/rings/packet_copy.h"

enum {
	CHUNKS = 16,
	FLUSHED = CHUNKS / 2,   /* chunks that are not full wait for the dashboard at most */
	CHUNK_ROOM = 16 * 1024, /* 50 packets of 256 bytes; a packet that is longer makes all chunks longer */
};

static uint32_t sampler_room(uint32_t bytes)
{
	return nsc_packet_room_for(bytes, CHUNK_ROOM);
}

uint64_t nsc_sampler_memory(uint32_t bytes)
{
	return (uint64_t)CHUNKS * (sizeof(struct nsc_packet_chunk) + sampler_room(bytes)) +
	       2 * sizeof(struct nsc_sample_filter);
}

int nsc_sampler_open(struct nsc_sampler **sampler, struct nsc_arena *arena, uint32_t every, uint32_t bytes,
		     struct nsc_error *error)
{
	uint32_t room = sampler_room(bytes);
	struct nsc_sampler *new;
	int failed;

	if (!every || bytes > NSC_PACKET_BYTES_MAX)
		return nsc_fail(error, -EINVAL,
				"samples are one packet of 1 or more, of at most %u bytes each, not one of "
				"%u of %u",
				NSC_PACKET_BYTES_MAX, every, bytes);
	new = nsc_arena_alloc(arena, sizeof(*new));
	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for samples of packets");
	failed = nsc_channel_open(&new->channel, arena, CHUNKS, sizeof(struct nsc_packet_chunk) + room, true, error);
	if (!failed)
		nsc_packet_chunks_lay_out(new->channel, CHUNKS, room, (struct nsc_packet_frame){ 0 });
	if (!failed)
		failed = nsc_channel_open(&new->filters, arena, 1, sizeof(struct nsc_sample_filter), true, error);
	new->every = every;
	new->bytes = bytes;
	*sampler = new;
	return failed;
}

static bool sampler_copy(struct nsc_sampler *s, const struct nsc_packet *pkt, uint64_t number, uint16_t linktype)
{
	const uint32_t len = NSC_MIN(pkt->cap_len, s->bytes); /* no frame: it takes no more */

	if (!nsc_packet_chunk_room(s->channel, &s->chunk, len, true, NULL, 0, 0))
		return false;
	nsc_packet_copy(s->chunk, pkt, number, len, len, linktype);
	return true;
}

/* Once the chunks are gone, the rest of the burst is only counted: that is the usual state at full speed. */
void nsc_sampler_burst(struct nsc_sampler *s, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		       struct nsc_counters *counters)
{
	uint32_t taken = 0, i = s->skip;

	for (; i < n && sampler_copy(s, &pkt[i], s->number + i + 1, rx->linktype[pkt[i].link]); i += s->every)
		taken++;
	if (i < n) {
		uint32_t missed = (n - 1 - i) / s->every + 1;

		nsc_count(counters, NSC_C_SAMPLE_MISSED, missed);
		i += missed * s->every;
	}
	s->skip = i - n;
	s->number += n;
	nsc_count(counters, NSC_C_SAMPLE_PACKETS, taken);
}

void nsc_sampler_burst_of_flows(struct nsc_sampler *s, const struct nsc_flow_table *table, uint64_t clock_ns,
				const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
				struct nsc_counters *counters)
{
	uint32_t taken = 0, missed = 0;
	uint64_t matched =
		s->filter.mode == NSC_SAMPLE_FLOWS ? nsc_flow_table_samples(table, &s->filter, pkt, n, clock_ns) : 0;

	for (uint64_t bits = matched; bits; bits &= bits - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(bits);

		if (s->skip) {
			s->skip--;
			continue;
		}
		s->skip = s->filter.every - 1;
		if (sampler_copy(s, &pkt[i], s->number + i + 1, rx->linktype[pkt[i].link]))
			taken++;
		else
			missed++;
	}
	s->number += n;
	nsc_count(counters, NSC_C_SAMPLE_MATCHED, (uint64_t)__builtin_popcountll(matched));
	nsc_count(counters, NSC_C_SAMPLE_PACKETS, taken);
	nsc_count(counters, NSC_C_SAMPLE_MISSED, missed);
	if (taken) /* a busy worker never rests, and a chunk may take minutes to fill */
		nsc_sampler_flush(s);
}

void nsc_sampler_look(struct nsc_sampler *s)
{
	const struct nsc_sample_filter *next = nsc_channel_receive(s->filters);

	if (nsc_likely(!next))
		return;
	nsc_sampler_end(s); /* before the buffer: whoever has that has every sample of the filter before */
	s->filter = *next;
	s->skip = 0;
	nsc_channel_give_back(s->filters, next);
}

void nsc_sampler_end(struct nsc_sampler *s)
{
	if (!s->chunk || !s->chunk->n)
		return;
	nsc_channel_send(s->channel, s->chunk);
	s->chunk = NULL;
}

void nsc_sampler_flush(struct nsc_sampler *s)
{
	if (nsc_channel_waiting(s->channel) < FLUSHED)
		nsc_sampler_end(s);
}
