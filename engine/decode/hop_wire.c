/* SPDX-License-Identifier: MIT
 *
 * Hops of networks other than Ethernet: serial lines, rings, ATM, and what switches put in front of a frame.
 */
#include "engine/decode/hop.h"

/* Headers of a fixed length that say no more than an EtherType, or nothing. */
static const struct {
	uint8_t link, length;
	uint8_t next; /* enum nsc_hop_next */
	uint8_t type; /* where the EtherType stands */
} prefixes[] = {
	{ NSC_LINK_IPFC, 16, NSC_HOP_LLC, 0 },
	{ NSC_LINK_AP1394, 18, NSC_HOP_ETHERTYPE, 16 },
	{ NSC_LINK_IPOIB, 44, NSC_HOP_ETHERTYPE, 40 },
	{ NSC_LINK_SYMANTEC, 44, NSC_HOP_ETHERTYPE, 6 },
	{ NSC_LINK_SLIP, 16, NSC_HOP_IP, 0 },
	{ NSC_LINK_DSA, 18, NSC_HOP_ETHERTYPE, 16 },
	{ NSC_LINK_EDSA, 22, NSC_HOP_ETHERTYPE, 20 },
	{ NSC_LINK_BRCM, 18, NSC_HOP_ETHERTYPE, 16 },
	{ NSC_LINK_BRCM_PREPEND, 4, NSC_HOP_ETHERNET, 0 },
	{ NSC_LINK_NETANALYZER, 4, NSC_HOP_ETHERNET, 0 },
	{ NSC_LINK_NETANALYZER_TRANSPARENT, 12, NSC_HOP_ETHERNET, 0 },
	{ NSC_LINK_PPP_DIR, 1, NSC_HOP_PPP_HDLC, 0 },
	{ NSC_LINK_CHDLC_DIR, 1, NSC_HOP_CHDLC, 0 },
	{ NSC_LINK_FRELAY_DIR, 1, NSC_HOP_FRELAY, 0 },
};

struct nsc_hop nsc_hop_prefix(const uint8_t *p, uint64_t n, uint16_t type)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(prefixes); i++)
		if (prefixes[i].link == type)
			return nsc_hop_typed(n, prefixes[i].length, prefixes[i].next,
					     n >= prefixes[i].type + 2u ? nsc_load16(p + prefixes[i].type) : 0);
	return nsc_hop_end(n, 0, NSC_FATE_UNSUPPORTED_LINK);
}

/* Point-to-point links say what they are in their first byte. pppd puts the direction there. */
struct nsc_hop nsc_hop_serial(const uint8_t *p, uint64_t n, uint16_t type)
{
	if (n < 2)
		return nsc_hop_cut(2);
	if (type == NSC_LINK_PPP_PPPD && p[0] <= 1 && p[1] == 3)
		return nsc_hop_to(n, 2, NSC_HOP_PPP);
	return nsc_hop_to(n, 0, p[0] == CHDLC_UNICAST || p[0] == CHDLC_MULTICAST ? NSC_HOP_CHDLC : NSC_HOP_PPP_HDLC);
}

struct nsc_hop nsc_hop_chdlc(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 4)
		return nsc_hop_cut(4);
	if (nsc_load16(p + 2) == ETHERTYPE_RARP) /* here it keeps the line alive */
		return nsc_hop_end(n, 4, NSC_FATE_NON_IP);
	return nsc_hop_ethertype(n, 4, nsc_load16(p + 2));
}

/* An address of two to four bytes, the last of which is odd; then either the one of RFC 2427, or an EtherType. */
struct nsc_hop nsc_hop_frelay(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t at = 0;

	(void)type;
	while (at < 4 && at < n && !(p[at] & 1))
		at++;
	if (at == 0 || at == 4)
		return n == 0 ? nsc_hop_cut(2) : nsc_hop_end(n, 0, NSC_FATE_NON_IP);
	at++;
	if (n < at + 2)
		return nsc_hop_cut(at + 2);
	if (p[at] == LLC_UNNUMBERED) /* perhaps with a byte of padding */
		return nsc_hop_to(n, at + (p[at + 1] == 0 ? 2 : 1), NSC_HOP_NLPID);
	if ((p[0] & 0xfc) == 0 && (p[1] & 0xf0) == 0) /* the connection of the line's management */
		return nsc_hop_end(n, at, NSC_FATE_NON_IP);
	return nsc_hop_ethertype(n, at + 2, nsc_load16(p + at));
}

struct nsc_hop nsc_hop_nlpid(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 1)
		return nsc_hop_cut(1);
	switch (p[0]) {
	case NLPID_IPV4:
		return nsc_hop_to(n, 1, NSC_HOP_IPV4);
	case NLPID_IPV6:
		return nsc_hop_to(n, 1, NSC_HOP_IPV6);
	case NLPID_PPP:
		return nsc_hop_to(n, 1, NSC_HOP_PPP_HDLC);
	case NLPID_SNAP:
		return nsc_hop_to(n, 1, NSC_HOP_SNAP);
	default:
		return nsc_hop_end(n, 1, NSC_FATE_NON_IP);
	}
}

struct nsc_hop nsc_hop_snap(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 5)
		return nsc_hop_cut(5);
	switch (nsc_load32(p) >> 8) {
	case OUI_ETHERNET:
	case OUI_CISCO:
		return nsc_hop_typed(n, 5, NSC_HOP_ETHERTYPE, nsc_load16(p + 3));
	case OUI_BRIDGED: /* two bytes of padding, then Ethernet with its checksum or without */
		if (nsc_load16(p + 3) == 1 || nsc_load16(p + 3) == 7)
			return nsc_hop_to(n, 7, NSC_HOP_ETHERNET);
	}
	return nsc_hop_end(n, 5, NSC_FATE_NON_IP);
}

struct nsc_hop nsc_hop_fddi(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n >= 1 && (p[0] & 0x70) != 0x50) /* LLC, asynchronous or synchronous */
		return nsc_hop_end(n, 13, NSC_FATE_NON_IP);
	return nsc_hop_to(n, 13, NSC_HOP_LLC);
}

/* A set first bit of the source address announces a list of rings. */
struct nsc_hop nsc_hop_token_ring(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length = 14;

	(void)type;
	if (n < length || (p[8] & 0x80 && n < length + 2))
		return nsc_hop_cut(length + 2);
	if (p[8] & 0x80)
		length += NSC_MAX(p[14] & 31u, 2u);
	return p[1] >> 6 == 1 ? nsc_hop_to(n, length, NSC_HOP_LLC) : nsc_hop_end(n, length, NSC_FATE_NON_IP);
}

static struct nsc_hop hop_arcnet_payload(uint64_t n, uint32_t length, uint8_t protocol)
{
	switch (protocol) {
	case 212:
	case 240: /* RFC 1051 */
		return nsc_hop_to(n, length, NSC_HOP_IPV4);
	case 196:
		return nsc_hop_to(n, length, NSC_HOP_IPV6);
	case 213:
	case 214:
	case 241:
		return nsc_hop_end(n, length, NSC_FATE_ARP);
	default:
		return nsc_hop_end(n, length, NSC_FATE_NON_IP);
	}
}

/* RFC 1201: a flag and a number, which Linux' headers hold too; a flag of 0xff announces them once more. RFC 1051 has
 * neither. */
struct nsc_hop nsc_hop_arcnet(const uint8_t *p, uint64_t n, uint16_t type)
{
	uint32_t length = type == NSC_LINK_ARCNET_LINUX ? 5 : 3;
	uint8_t protocol;

	if (n < length)
		return nsc_hop_cut(length);
	protocol = p[length - 1];
	if (protocol == 240 || protocol == 241)
		return hop_arcnet_payload(n, length, protocol);
	if (n < length + 3)
		return nsc_hop_cut(length + 3);
	if (p[length] != 0 && !(p[length] & 1)) /* a later part of a packet */
		return nsc_hop_end(n, length + 3, NSC_FATE_NON_IP);
	return hop_arcnet_payload(n, length + (type == NSC_LINK_ARCNET && p[length] == 0xff ? 6 : 3), protocol);
}

/* LLC or NLPID; DEC's adapter has a header of 20 bytes in front. */
struct nsc_hop nsc_hop_atm(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n < 3)
		return nsc_hop_cut(3);
	if (p[0] == LLC_UNNUMBERED)
		return nsc_hop_to(n, 1, NSC_HOP_NLPID);
	if (p[0] == p[1] && p[2] == LLC_UNNUMBERED &&
	    (p[0] == LLC_SAP_SNAP || p[0] == LLC_SAP_OSI || p[0] == LLC_SAP_IP))
		return nsc_hop_to(n, 0, NSC_HOP_LLC);
	return nsc_hop_to(n, 20, NSC_HOP_LLC);
}

struct nsc_hop nsc_hop_clip(const uint8_t *p, uint64_t n, uint16_t type)
{
	static const uint8_t snap[6] = { LLC_SAP_SNAP, LLC_SAP_SNAP, LLC_UNNUMBERED };

	(void)type;
	return nsc_hop_to(n, 0, n >= 6 && memcmp(p, snap, 6) == 0 ? NSC_HOP_LLC : NSC_HOP_IP);
}

struct nsc_hop nsc_hop_sunatm(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	switch (n ? p[0] & 15 : 0) {
	case 1:
		return nsc_hop_to(n, 4, NSC_HOP_LANE);
	case 2:
		return nsc_hop_to(n, 4, NSC_HOP_ATM);
	default:
		return nsc_hop_end(n, 4, NSC_FATE_NON_IP);
	}
}

struct nsc_hop nsc_hop_lane(const uint8_t *p, uint64_t n, uint16_t type)
{
	(void)type;
	if (n >= 2 && nsc_load16(p) == 0xff00) /* its control frames */
		return nsc_hop_end(n, 2, NSC_FATE_NON_IP);
	return nsc_hop_to(n, 2, NSC_HOP_ETHERNET);
}
