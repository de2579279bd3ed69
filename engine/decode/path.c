/* SPDX-License-Identifier: MIT */
#include "engine/decode/fast.h"

/* Why the straight path refused what has the header that it looks at first. */
static enum nsc_decode_path path_refused(const struct nsc_packet *pkt, uint32_t l3, bool ipv6)
{
	const uint8_t *ip = pkt->data + l3;
	uint8_t proto = ip[ipv6 ? 6 : 9];

	if (ipv6)
		return ip[0] >> 4 == 6 && (proto == NSC_PROTO_TCP || proto == NSC_PROTO_UDP) ? NSC_DECODE_PATH_TRANSPORT
											     : NSC_DECODE_PATH_IPV6;
	return ip[0] == 0x45 && !(nsc_load16(ip + 6) & 0x3fff) ? NSC_DECODE_PATH_TRANSPORT : NSC_DECODE_PATH_IPV4;
}

enum nsc_decode_path nsc_decode_path(const struct nsc_decode_options *options, const struct nsc_packet *pkt)
{
	struct nsc_packet copy = *pkt;
	uint32_t l3 = 14;
	uint16_t type;

	if (pkt->link != NSC_LINK_ETHERNET)
		return NSC_DECODE_PATH_LINK;
	if (nsc_decode_fast(options, &copy))
		return NSC_DECODE_PATH_FAST;
	if (pkt->cap_len < 14 + 20 + 8)
		return NSC_DECODE_PATH_SHORT;
	type = nsc_load16(pkt->data + 12);
	if (type == 0x8100 && !options->key) {
		type = nsc_load16(pkt->data + 16);
		l3 = 18;
	}
	if (type != 0x0800 && type != 0x86dd)
		return NSC_DECODE_PATH_TYPE;
	return path_refused(pkt, l3, type == 0x86dd);
}
