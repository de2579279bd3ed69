/* SPDX-License-Identifier: MIT
 *
 * Hops of tunnels. One that carries no IP ends the walk, and leaves the outer headers in charge.
 */
#include "engine/decode/hop.h"

static struct nsc_hop hop_no_ip(uint64_t n, uint32_t length)
{
	return nsc_hop_end(n, length, NSC_FATE_NON_IP);
}

/* The first nibble tells the version of IP. */
static struct nsc_hop hop_to_ip(const uint8_t *p, uint64_t n, uint32_t length)
{
	if (n <= length)
		return nsc_hop_cut(length + 1);
	return p[length] >> 4 == 4 || p[length] >> 4 == 6 ? nsc_hop_to(n, length, NSC_HOP_IP) : hop_no_ip(n, length);
}

struct nsc_hop nsc_hop_vxlan(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)p, (void)type;
	return nsc_hop_to(n, 8, NSC_HOP_ETHERNET);
}

/* Numbers of their own, which VXLAN-GPE and NSH share. */
static struct nsc_hop hop_to_next_protocol(uint64_t n, uint32_t length, uint8_t protocol)
{
	static const uint8_t next[] = { NSC_HOP_IPV4, NSC_HOP_IPV6, NSC_HOP_ETHERNET, NSC_HOP_NSH, NSC_HOP_MPLS };

	return protocol >= 1 && protocol <= NSC_ARRAY_LEN(next) ? nsc_hop_to(n, length, next[protocol - 1])
								: hop_no_ip(n, length);
}

struct nsc_hop nsc_hop_vxlan_gpe(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	return hop_to_next_protocol(n, 8, p[0] & VXLAN_GPE_TYPED ? p[3] : 3);
}

struct nsc_hop nsc_hop_nsh(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	return hop_to_next_protocol(n, NSC_MAX((nsc_load16(p) & 63u) * 4, 8u), p[3]);
}

struct nsc_hop nsc_hop_geneve(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	return n < 8 ? nsc_hop_cut(8) : nsc_hop_typed(n, 8 + (p[0] & 63u) * 4, NSC_HOP_ETHERTYPE, nsc_load16(p + 2));
}

/* The chain of extension headers from `at` on: length in 4 bytes, content, next type. T-PDUs do not name their type:
 * guess as tshark does. */
static struct nsc_hop hop_gtp_payload(const uint8_t *p, uint64_t n, uint32_t at, uint8_t extension)
{
	struct nsc_hop hop;
	uint8_t steps = 0;

	for (; extension != 0; steps++) {
		uint32_t length = at < n ? p[at] * 4u : 0;

		if (steps == NSC_HOP_STEPS_MAX)
			return nsc_hop_too_long();
		if (length == 0 || at + length > n)
			return hop_no_ip(n, NSC_MIN(at, (uint32_t)n));
		extension = p[at + length - 1];
		at += length;
	}
	hop = n > at && p[at] >= 0x45 && p[at] <= 0x4e ? nsc_hop_to(n, at, NSC_HOP_IPV4)
	      : n > at && p[at] >> 4 == 6              ? nsc_hop_to(n, at, NSC_HOP_IPV6)
						       : hop_no_ip(n, at);
	hop.steps = steps;
	return hop;
}

struct nsc_hop nsc_hop_gtp(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	if (p[0] >> 4 != 3 || p[1] != GTP_G_PDU)
		return hop_no_ip(n, 8);
	if (!(p[0] & 7))
		return hop_gtp_payload(p, n, 8, 0);
	return n < 12 ? nsc_hop_cut(12) : hop_gtp_payload(p, n, 12, p[0] & 4 ? p[11] : 0);
}

/* Perhaps an authentication header, perhaps an origin, then IPv6. */
struct nsc_hop nsc_hop_teredo(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t at = 0;

	(void)type;
	if (n >= 4 && nsc_load16(p) == 1)
		at = 13u + p[2] + p[3];
	if (n >= at + 2 && nsc_load16(p + at) == 0)
		at += 8;
	if (n <= at)
		return nsc_hop_cut(at + 1);
	return p[at] >> 4 == 6 ? nsc_hop_to(n, at, NSC_HOP_IPV6) : hop_no_ip(n, at);
}

struct nsc_hop nsc_hop_lisp(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	return hop_to_ip(p, n, 8);
}

/* Either IP at once, whose version looks like this version, or a header that names an IP protocol. */
struct nsc_hop nsc_hop_gue(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length;

	(void)type;
	if (n < 4)
		return nsc_hop_cut(4);
	if (p[0] >> 6 == GUE_BARE)
		return hop_to_ip(p, n, 0);
	length = 4 + (p[0] & 31u) * 4;
	if (p[0] & (GUE_VERSION | GUE_CONTROL))
		return hop_no_ip(n, length);
	switch (p[1]) {
	case PROTO_IPIP:
		return nsc_hop_to(n, length, NSC_HOP_IPV4);
	case PROTO_IPV6:
		return nsc_hop_to(n, length, NSC_HOP_IPV6);
	case PROTO_GRE:
		return nsc_hop_to(n, length, NSC_HOP_GRE);
	case PROTO_MPLS:
		return nsc_hop_to(n, length, NSC_HOP_MPLS);
	case PROTO_ETHERIP:
		return nsc_hop_to(n, length + 2, NSC_HOP_ETHERNET);
	case PROTO_ETHERNET:
		return nsc_hop_to(n, length, NSC_HOP_ETHERNET);
	default:
		return hop_no_ip(n, length);
	}
}

/* Between an access point and its controller: frames of 802.11, whose control bytes some swap, or of Ethernet. */
struct nsc_hop nsc_hop_capwap(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t word, length;

	(void)type;
	if (n < 8)
		return nsc_hop_cut(8);
	if (p[0] == CAPWAP_DTLS)
		return nsc_hop_end(n, 4, NSC_FATE_ENCRYPTED);
	word = nsc_load32(p);
	length = (word >> 19 & 31) * 4;
	if (p[0] != 0 || length < 8)
		return hop_no_ip(n, 0);
	if (word & CAPWAP_KEEP_ALIVE || (word & CAPWAP_FRAGMENT && nsc_load16(p + 6) >> 3))
		return hop_no_ip(n, length);
	if (!(word & CAPWAP_NATIVE))
		return nsc_hop_to(n, length, NSC_HOP_ETHERNET);
	return (word >> 9 & 31) == CAPWAP_WLAN ? nsc_hop_typed(n, length, NSC_HOP_WLAN, NSC_WLAN_SWAPPED)
					       : hop_no_ip(n, length);
}

static struct nsc_hop hop_tzsp_payload(uint64_t n, uint32_t length, uint16_t encapsulation)
{
	switch (encapsulation) {
	case 1:
		return nsc_hop_to(n, length, NSC_HOP_ETHERNET);
	case 2:
		return nsc_hop_to(n, length, NSC_HOP_TOKEN_RING);
	case 4:
		return nsc_hop_to(n, length, NSC_HOP_PPP_HDLC);
	case 5:
		return nsc_hop_to(n, length, NSC_HOP_FDDI);
	case 18:
		return nsc_hop_to(n, length, NSC_HOP_WLAN);
	case 119:
		return nsc_hop_to(n, length, NSC_HOP_PRISM);
	case 127:
		return nsc_hop_to(n, length, NSC_HOP_AVS);
	default:
		return hop_no_ip(n, length);
	}
}

/* Tags up to the one that ends them; it and the padding have no length. */
struct nsc_hop nsc_hop_tzsp(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t at = 4;
	struct nsc_hop hop;

	(void)type;
	if (n < 5)
		return nsc_hop_cut(5);
	if (p[0] != 1 || p[1] > TZSP_TRANSMIT)
		return hop_no_ip(n, p[0] == 1 ? 4 : 0);
	for (unsigned steps = 0; steps < NSC_HOP_STEPS_MAX; steps++) {
		if (n < at + 2)
			return nsc_hop_cut(at + 2);
		if (p[at] == TZSP_TAGS_END) {
			hop = hop_tzsp_payload(n, at + 1, nsc_load16(p + 2));
			hop.steps = (uint8_t)steps;
			return hop;
		}
		at += p[at] == TZSP_TAG_PADDING ? 1 : 2u + p[at + 1];
	}
	return nsc_hop_too_long();
}

/* Encrypted or not, the type behind the tag is the frame's own; a check value of 16 bytes follows the frame. */
struct nsc_hop nsc_hop_macsec(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length;
	struct nsc_hop hop;

	(void)type;
	if (n < 2)
		return nsc_hop_cut(2);
	length = p[0] & MACSEC_CHANNEL ? 14 : 6;
	if (p[0] & MACSEC_ENCRYPTED)
		return nsc_hop_end(n, length, NSC_FATE_ENCRYPTED);
	if (n < length + 2)
		return nsc_hop_cut(length + 2);
	hop = nsc_hop_typed(n, length + 2, NSC_HOP_ETHERTYPE, nsc_load16(p + length));
	if ((p[1] & 63) >= 2)
		hop.payload = (p[1] & 63u) - 2;
	return hop;
}

/* Control messages tell what no data packet says: how long the cookie is, whether a word of control follows, and what
 * is carried. Only the frame itself can tell. */
static uint8_t hop_guess_frame(const uint8_t *p, uint64_t n)
{
	if (n >= 4 && nsc_load32(p) == 0xff030021)
		return NSC_HOP_PPP_HDLC;
	if (n >= 4 && (nsc_load32(p) & 0x7fffffff) == 0x0f000800)
		return NSC_HOP_CHDLC;
	if (n >= 20 && p[0] == 0x45 && nsc_load16(p + 2) == n)
		return NSC_HOP_IPV4;
	if (n >= 40 && p[0] >> 4 == 6 && nsc_load16(p + 4) + 40u == n)
		return NSC_HOP_IPV6;
	if (n < 15 || !nsc_decode_is_pseudo_wire_type(nsc_load16(p + 12)))
		return NSC_HOP_END;
	if (nsc_load16(p + 12) == ETHERTYPE_IPV4 && (p[14] < 0x45 || p[14] > 0x4f))
		return NSC_HOP_END;
	return nsc_load16(p + 12) == ETHERTYPE_IPV6 && p[14] >> 4 != 6 ? NSC_HOP_END : NSC_HOP_ETHERNET;
}

/* Version 3, from the number of the session on: cookie of 0, 4 or 8 bytes, word of control or none. */
struct nsc_hop nsc_hop_l2tpv3(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 4)
		return nsc_hop_cut(4);
	if (nsc_load32(p) == 0) /* control */
		return hop_no_ip(n, 4);
	for (uint32_t at = 4; at <= 16 && at < n; at += 4)
		if (hop_guess_frame(p + at, n - at) != NSC_HOP_END)
			return nsc_hop_to(n, at, hop_guess_frame(p + at, n - at));
	return hop_no_ip(n, 4);
}

struct nsc_hop nsc_hop_l2tp(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length = 6;
	uint16_t flags;

	(void)type;
	if (n < 6)
		return nsc_hop_cut(6);
	flags = nsc_load16(p);
	if ((flags & (L2TP_CONTROL | 15)) == 3)
		return nsc_hop_to(n, 4, NSC_HOP_L2TPV3);
	length += flags & L2TP_LENGTH ? 2 : 0;
	if (flags & L2TP_CONTROL || (flags & 15) != 2)
		return hop_no_ip(n, length);
	length += flags & L2TP_SEQUENCE ? 4 : 0;
	if (flags & L2TP_OFFSET) {
		if (n < length + 2)
			return nsc_hop_cut(length + 2);
		length += 2u + nsc_load16(p + length);
	}
	return nsc_hop_to(n, length, NSC_HOP_PPP_HDLC);
}
