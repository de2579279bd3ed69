/* SPDX-License-Identifier: MIT
 *
 * How many packets, and how many bytes, a frame stood for on the wire.
 */
#include "backends/sources/segments.h"
#include "netscope/ipv6.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

enum { UDP_L4 = 5 };

static uint8_t frame[256];

/* Ethernet with `tags` tags, then IPv4 with `options` words or IPv6 with a hop-by-hop header when `options` is not 0;
 * returns where the transport header begins. */
static uint32_t headers(unsigned tags, bool ipv6, unsigned options, uint8_t proto)
{
	uint32_t at = 12;

	memset(frame, 0, sizeof(frame));
	for (unsigned i = 0; i < tags; i++, at += 4)
		frame[at] = 0x81;
	frame[at] = ipv6 ? 0x86 : 0x08;
	frame[at + 1] = ipv6 ? 0xdd : 0;
	at += 2;
	if (!ipv6) {
		frame[at] = (uint8_t)(0x45 + options);
		frame[at + 9] = proto;
		return at + 20 + options * 4;
	}
	frame[at] = 0x60;
	frame[at + 6] = options ? 0 : proto;
	frame[at + 40] = proto;
	return at + 40 + (options ? 8 : 0);
}

static struct nsc_segments of(uint8_t type, uint16_t size, uint32_t wire)
{
	struct virtio_net_hdr offload = { .gso_type = type, .gso_size = size };

	return nsc_segments_of(&offload, frame, sizeof(frame), wire);
}

static void check_tcp(unsigned tags, bool ipv6, unsigned options, unsigned tcp_words)
{
	uint32_t at = headers(tags, ipv6, options, 6), header = at + tcp_words * 4;
	uint8_t type = ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	struct nsc_segments s;

	frame[at + 12] = (uint8_t)(tcp_words << 4);
	s = of(type, 1448, header + 44 * 1448 + 17);
	ck_assert_uint_eq(s.packets, 45);
	ck_assert_uint_eq(s.bytes, 45 * header + 44 * 1448 + 17);
	s = of(type | VIRTIO_NET_HDR_GSO_ECN, 1448, header + 3 * 1448);
	ck_assert_uint_eq(s.packets, 3);
	ck_assert_uint_eq(s.bytes, 3 * (header + 1448));
}

/* Every kind of extension header, 16 of them, as decode walks them. */
START_TEST(extension_headers)
{
	static const uint8_t kinds[] = {
#define NSC_X(id, number, length, field, label) number,
		NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
	};
	uint32_t at = headers(0, true, 0, kinds[0]);
	struct nsc_segments s;

	for (unsigned i = 0; i < NSC_IPV6_EXTENSIONS_MAX; i++) {
		bool last = i + 1 == NSC_IPV6_EXTENSIONS_MAX;

		frame[at] = last ? 6 : kinds[(i + 1) % NSC_ARRAY_LEN(kinds)];
		frame[at + 1] = 0;
		at += nsc_ipv6_extension_bytes(kinds[i % NSC_ARRAY_LEN(kinds)], 0);
	}
	frame[at + 12] = 5 << 4;
	s = of(VIRTIO_NET_HDR_GSO_TCPV6, 1000, at + 20 + 3000);
	ck_assert_uint_eq(s.packets, 3);
	ck_assert_uint_eq(s.bytes, 3 * (at + 20) + 3000);
}
END_TEST

START_TEST(tcp)
{
	check_tcp(0, false, 0, 5);
	check_tcp(0, false, 0, 8);
	check_tcp(1, false, 2, 8);
	check_tcp(2, true, 0, 5);
	check_tcp(0, true, 1, 8);
}
END_TEST

START_TEST(udp)
{
	uint32_t at = headers(0, false, 0, 17);
	struct nsc_segments s = of(UDP_L4, 1000, at + 8 + 40 * 1000 + 500);

	ck_assert_uint_eq(s.packets, 41);
	ck_assert_uint_eq(s.bytes, 40 * 1042 + 542);
}
END_TEST

/* The kernel says where the checksum is open: a tunnel's inner header then counts, whatever stands before it. */
START_TEST(the_kernel_tells_where)
{
	struct virtio_net_hdr offload = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = 100,
		.csum_start = 84,
	};
	struct nsc_segments s;

	memset(frame, 0, sizeof(frame));
	frame[84 + 12] = 5 << 4;
	s = nsc_segments_of(&offload, frame, sizeof(frame), 104 + 1000);
	ck_assert_uint_eq(s.packets, 10);
	ck_assert_uint_eq(s.bytes, 10 * 204);
}
END_TEST

START_TEST(one_is_one)
{
	headers(0, false, 0, 6);
	ck_assert_uint_eq(of(VIRTIO_NET_HDR_GSO_NONE, 0, 1514).packets, 1);
	ck_assert_uint_eq(of(VIRTIO_NET_HDR_GSO_NONE, 0, 1514).bytes, 1514);
	ck_assert_uint_eq(of(VIRTIO_NET_HDR_GSO_TCPV4, 0, 1514).packets, 1);
	ck_assert_uint_eq(of(VIRTIO_NET_HDR_GSO_TCPV4, 1448, 20).packets, 1);
}
END_TEST

/* A frame that was cut, or is nonsense, is read no further than it goes (the sanitizer looks on). */
START_TEST(cut_frames)
{
	struct virtio_net_hdr offload = { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1 };
	unsigned none = 0;

	for (uint32_t cap = 0; cap < 80; cap++) {
		uint8_t *exact = malloc(cap ? cap : 1);

		headers(cap % 3, cap % 2, cap % 4, 6);
		memcpy(exact, frame, cap);
		offload.flags = cap % 5 ? 0 : VIRTIO_NET_HDR_F_NEEDS_CSUM;
		offload.csum_start = (uint16_t)(cap * 3);
		none += !nsc_segments_of(&offload, exact, cap, 65000).packets;
		free(exact);
	}
	ck_assert_uint_eq(none, 0);
}
END_TEST

CHECK_MAIN("segments", extension_headers, tcp, udp, the_kernel_tells_where, one_is_one, cut_frames)
