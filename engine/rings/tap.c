/* SPDX-License-Identifier: MIT */
#include "engine/rings/tap.h"

#include <errno.h>
#include <string.h>

#include "engine/rings/packet_copy.h"
#include "netscope/dissect.h"

enum {
	CHUNKS = 8,
	CHUNKS_LIVE = 64, /* a reader that cannot wait: a writer that stands still for 100 ms loses nothing yet */
	CHUNK_ROOM = 256 * 1024, /* a good size for one write(2); a packet that is longer makes all chunks longer */
};

static uint32_t tap_room(uint32_t packet_bytes)
{
	uint32_t longest = packet_bytes == NSC_PACKET_LINE ? NSC_PACKET_BYTES_MAX : packet_bytes;

	return nsc_packet_room_for(longest, CHUNK_ROOM);
}

static uint32_t tap_chunks(bool live)
{
	return live ? CHUNKS_LIVE : CHUNKS;
}

uint64_t nsc_tap_memory(uint32_t packet_bytes, uint32_t taps, bool live)
{
	return (uint64_t)taps * tap_chunks(live) * (sizeof(struct nsc_packet_chunk) + tap_room(packet_bytes));
}

int nsc_tap_open(struct nsc_tap **tap, struct nsc_arena *arena, uint32_t packet_bytes, struct nsc_packet_frame frame,
		 uint32_t taps, bool live, struct nsc_error *error)
{
	uint32_t room = tap_room(packet_bytes);
	struct nsc_tap *new;
	int failed;

	if (!packet_bytes || packet_bytes > NSC_PACKET_BYTES_MAX)
		return nsc_fail(error, -EINVAL, "a tap copies 1 to %u bytes of a packet, not %u", NSC_PACKET_BYTES_MAX,
				packet_bytes);
	new = nsc_arena_alloc(arena, sizeof(*new));
	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory for a tap");
	failed = nsc_channel_open(&new->channel, arena, tap_chunks(live), sizeof(struct nsc_packet_chunk) + room, true,
				  error);
	if (!failed)
		nsc_packet_chunks_lay_out(new->channel, tap_chunks(live), room, frame);
	nsc_idle_init(&new->idle, NSC_POLL_BLOCK, true);
	nsc_idle_trust_doorbell(&new->idle);
	new->packet_bytes = packet_bytes;
	new->frame = frame;
	new->chunks = tap_chunks(live);
	new->merged = taps > 1;
	new->live = live;
	*tap = new;
	return failed;
}

void nsc_tap_cut(struct nsc_tap *tap, struct nsc_cutoff *cutoff)
{
	tap->cutoff = cutoff;
}

/* The owner is woken when half of the chunks are back, not for each: lines cost more than reading, and a reader that
 * looked out for each chunk would spin and be woken all the time. So is a writer that is faster, offline: when half of
 * the chunks wait for it, when the source pauses, and at the end. */
void nsc_tap_connect(struct nsc_tap *tap, struct nsc_idle *writer)
{
	struct nsc_channel_doorbells doorbells = {
		.sender = &tap->idle,
		.receiver = writer,
		.receiver_above = tap->live ? 0 : tap->chunks / 2 - 1,
		.sender_below = tap->chunks / 2 + 1,
		.resume_below = true,
	};

	nsc_channel_connect(tap->channel, &doorbells);
}

static void tap_send(struct nsc_tap *tap)
{
	nsc_channel_send(tap->channel, tap->chunk);
	tap->chunk = NULL;
}

/* Headers are a fifth of the bytes of a usual mix, and what is copied here is fetched by another core there. */
nsc_always_inline uint32_t tap_wanted(const struct nsc_tap *tap, const struct nsc_packet *pkt)
{
	if (tap->packet_bytes == NSC_PACKET_LINE)
		return NSC_MIN(nsc_dissect_line_bytes(pkt), NSC_PACKET_BYTES_MAX);
	return NSC_MIN(pkt->cap_len, tap->packet_bytes);
}

static bool tap_copy(struct nsc_tap *tap, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint64_t number,
		     struct nsc_counters *counters)
{
	uint32_t len = tap_wanted(tap, pkt), size = nsc_packet_framed_size(tap->frame, len);

	if (!nsc_packet_chunk_room(tap->channel, &tap->chunk, size, rx->live, counters, NSC_C_TAP_WAITS,
				   NSC_C_WAITED_TAP))
		return false;
	nsc_packet_copy(tap->chunk, pkt, number, len, size, rx->linktype[pkt->link]);
	return true;
}

/* n <= 64 */
static void tap_within(struct nsc_tap *tap, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		       struct nsc_counters *counters)
{
	uint64_t all = n < 64 ? (1ull << n) - 1 : UINT64_MAX;
	uint64_t within = nsc_cutoff_burst(tap->cutoff, pkt, n, all, counters, NSC_C_TAP_CUT), left = within;

	for (; left; left &= left - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(left);

		if (!tap_copy(tap, rx, &pkt[i], tap->number + i + 1, counters))
			break;
	}
	tap->number += n;
	nsc_count(counters, NSC_C_TAP_PACKETS, (uint64_t)__builtin_popcountll(within ^ left));
	nsc_count_loss(counters, NSC_C_TAP_FULL, (uint64_t)__builtin_popcountll(left));
}

void nsc_tap_burst(struct nsc_tap *tap, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
		   struct nsc_counters *counters)
{
	const struct nsc_packet_frame frame = tap->frame;
	uint32_t i = 0;

	for (; nsc_unlikely(tap->cutoff) && n; pkt += i, n -= i) {
		i = NSC_MIN(n, NSC_BURST_MAX);
		tap_within(tap, rx, pkt, i, counters);
	}
	for (i = 0; i < n; i++) {
		uint32_t len = tap_wanted(tap, &pkt[i]), size = nsc_packet_framed_size(frame, len);

		if (!nsc_packet_chunk_room(tap->channel, &tap->chunk, size, rx->live, counters, NSC_C_TAP_WAITS,
					   NSC_C_WAITED_TAP))
			break;
		nsc_packet_copy(tap->chunk, &pkt[i], tap->number + i + 1, len, size, rx->linktype[pkt[i].link]);
	}
	tap->number += n;
	nsc_count(counters, NSC_C_TAP_PACKETS, i);
	nsc_count_loss(counters, NSC_C_TAP_FULL, n - i);
}

void nsc_tap_flush(struct nsc_tap *tap, uint64_t clock_ns)
{
	if (tap->chunk && !nsc_channel_waiting(tap->channel))
		tap_send(tap);
	if (!tap->live && nsc_channel_waiting(tap->channel))
		nsc_channel_ring_receiver(tap->channel);
	if (tap->merged && !tap->chunk)
		nsc_channel_mark(tap->channel, NSC_MIN(clock_ns, NSC_CHANNEL_END - 1));
}

void nsc_tap_end(struct nsc_tap *tap)
{
	if (tap->chunk)
		tap_send(tap);
	nsc_channel_mark(tap->channel, NSC_CHANNEL_END);
}
