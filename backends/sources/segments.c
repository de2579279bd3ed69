/* SPDX-License-Identifier: MIT
 *
 * The size of a segment is told, the length of the headers that each repeats is not: hdr_len is only a hint (how much
 * happened to lie in the first piece of memory). So the headers are walked.
 */
#include "segments.h"

#include "netscope/ipv6.h"
#include "netscope/packet.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* newer than these headers */
#endif

enum { UDP_HEADER = 8, TCP_HEADER = 20 };

static unsigned segments_kind_of(const struct virtio_net_hdr *offload)
{
	return offload->gso_type & ~VIRTIO_NET_HDR_GSO_ECN & 0xffu;
}

static uint32_t segments_u16_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t segments_ipv4_end(const uint8_t *frame, uint32_t at, uint32_t cap_len)
{
	return at + 20 <= cap_len ? at + (frame[at] & 15u) * 4 : cap_len;
}

static uint32_t segments_ipv6_end(const uint8_t *frame, uint32_t at, uint32_t cap_len)
{
	uint8_t next;

	if (at + NSC_IPV6_HEADER > cap_len)
		return cap_len;
	next = frame[at + 6];
	at += NSC_IPV6_HEADER;
	for (unsigned i = 0; i < NSC_IPV6_EXTENSIONS_MAX; i++) {
		uint8_t this = next;

		if (!nsc_ipv6_is_extension(this) || at + NSC_IPV6_EXTENSION_MIN > cap_len)
			break;
		next = frame[at];
		at += nsc_ipv6_extension_bytes(this, frame[at + 1]);
	}
	return at;
}

/* Where TCP or UDP begins: the kernel says so when it left a checksum open, which it does for all that it merged
 * itself. */
static uint32_t segments_transport_at(const struct virtio_net_hdr *offload, const uint8_t *frame, uint32_t cap_len)
{
	uint32_t at = 12;

	if (offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && offload->csum_start)
		return offload->csum_start;
	while (at + 6 <= cap_len && (segments_u16_at(frame + at) == 0x8100 || segments_u16_at(frame + at) == 0x88a8))
		at += 4;
	if (at + 3 > cap_len)
		return cap_len;
	return frame[at + 2] >> 4 == 6 ? segments_ipv6_end(frame, at + 2, cap_len)
				       : segments_ipv4_end(frame, at + 2, cap_len);
}

static uint32_t segments_header_length(const struct virtio_net_hdr *offload, const uint8_t *frame, uint32_t cap_len)
{
	uint32_t at = segments_transport_at(offload, frame, cap_len);

	if (segments_kind_of(offload) == VIRTIO_NET_HDR_GSO_UDP_L4)
		return at + UDP_HEADER;
	return at + 13 <= cap_len ? at + (frame[at + 12] >> 4) * 4u : at + TCP_HEADER;
}

struct nsc_segments nsc_segments_of(const struct virtio_net_hdr *offload, const uint8_t *frame, uint32_t cap_len,
				    uint32_t wire_len)
{
	struct nsc_segments s = { .packets = 1, .bytes = wire_len };
	uint32_t header, payload;

	if (nsc_likely(offload->gso_type == VIRTIO_NET_HDR_GSO_NONE) || !offload->gso_size ||
	    segments_kind_of(offload) == VIRTIO_NET_HDR_GSO_UDP)
		return s;
	header = segments_header_length(offload, frame, cap_len);
	if (header >= wire_len)
		return s;
	payload = wire_len - header;
	s.packets = (payload + offload->gso_size - 1) / offload->gso_size;
	s.bytes = payload + (uint64_t)s.packets * header;
	return s;
}
