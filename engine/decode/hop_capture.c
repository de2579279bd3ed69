/* SPDX-License-Identifier: MIT
 *
 * Hops that were never on a wire: headers that the capturing system puts in front of a packet.
 */
#include "engine/decode/hop.h"

/* A number in the byte order of the machine that captured: numbers that are small in the right one. */
static uint32_t hop_small32(const uint8_t *p)
{
	return NSC_MIN(nsc_load32(p), nsc_load32_little(p));
}

/* Netfilter: a family, then attributes of length, kind and content; one of them is the packet. */
struct nsc_hop nsc_hop_nflog(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t at = 4, length;
	struct nsc_hop hop;
	bool little;

	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	if (p[1] != 0) /* version */
		return nsc_hop_end(n, 4, NSC_FATE_NON_IP);
	little = nsc_load16_little(p + 4) < nsc_load16(p + 4);
	for (uint8_t steps = 0; steps < NSC_HOP_STEPS_MAX; steps++, at += (length + 3) & ~3u) {
		if (n < at + 4)
			return nsc_hop_cut(at + 4);
		length = little ? nsc_load16_little(p + at) : nsc_load16(p + at);
		if (length < 4)
			return nsc_hop_end(n, at, NSC_FATE_NON_IP);
		if ((little ? nsc_load16_little(p + at + 2) : nsc_load16(p + at + 2)) != NFLOG_PAYLOAD)
			continue;
		hop = nsc_hop_family(n, at + 4, p[0]);
		hop.payload = length - 4;
		hop.steps = steps;
		return hop;
	}
	return nsc_hop_too_long();
}

/* Darwin's own, always in the byte order of its machines. */
struct nsc_hop nsc_hop_pktap(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length;

	(void)type;
	if (n < 12)
		return nsc_hop_cut(12);
	length = nsc_load32_little(p);
	if (length < 12 || nsc_load32_little(p + 4) != PKTAP_PACKET)
		return nsc_hop_end(n, 12, NSC_FATE_NON_IP);
	return nsc_hop_typed(n, length, NSC_HOP_LINK, (uint16_t)NSC_MIN(nsc_load32_little(p + 8), UINT16_MAX));
}

struct nsc_hop nsc_hop_ipnet(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	return n < 24 ? nsc_hop_cut(24) : nsc_hop_family(n, 24, p[1]);
}

struct nsc_hop nsc_hop_enc(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	return n < 12 ? nsc_hop_cut(12) : nsc_hop_family(n, 12, hop_small32(p));
}

struct nsc_hop nsc_hop_pflog(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 2)
		return nsc_hop_cut(2);
	if (p[0] < PFLOG_LENGTH_MIN)
		return nsc_hop_end(n, 2, NSC_FATE_NON_IP);
	return nsc_hop_family(n, (p[0] + 3u) & ~3u, p[1]);
}

static struct nsc_hop hop_juniper_payload(uint64_t n, uint32_t length, uint16_t link)
{
	switch (link) {
	case NSC_LINK_JUNIPER_PPP:
		return nsc_hop_to(n, length, NSC_HOP_PPP_HDLC);
	case NSC_LINK_JUNIPER_CHDLC:
		return nsc_hop_to(n, length, NSC_HOP_CHDLC);
	case NSC_LINK_JUNIPER_FRELAY:
		return nsc_hop_to(n, length, NSC_HOP_FRELAY);
	default:
		return nsc_hop_to(n, length, NSC_HOP_ETHERNET);
	}
}

/* A mark, flags, perhaps extensions; the link header behind it may have been taken away. */
struct nsc_hop nsc_hop_juniper(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length = 4;

	if (n < 6)
		return nsc_hop_cut(6);
	if (nsc_load32(p) >> 8 != JUNIPER_MARK)
		return nsc_hop_end(n, 0, NSC_FATE_NON_IP);
	if (p[3] & JUNIPER_EXTENSIONS)
		length = 6u + nsc_load16(p + 4);
	if (!(p[3] & JUNIPER_NO_LINK))
		return hop_juniper_payload(n, length, type);
	length += 4;
	if (n <= length)
		return nsc_hop_cut(length + 1);
	if (p[length] >> 4 != 4 && p[length] >> 4 != 6)
		return nsc_hop_end(n, length, NSC_FATE_NON_IP);
	return nsc_hop_to(n, length, NSC_HOP_IP);
}
