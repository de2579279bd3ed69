/* SPDX-License-Identifier: MIT
 *
 * The layers below IP: link headers, VLAN tags, LLC/SNAP, PPPoE and PPP.
 */
#include "engine/decode/walk.h"

enum {
	SLL_HEADER = 16,
	SLL2_HEADER = 20,
};

static enum walk_step walk_to_ethertype(struct walk *w, uint16_t type)
{
	w->type = type;
	return WALK_ETHERTYPE;
}

/* An 802.3 length field: LLC follows, and what lies behind the length is padding. */
static enum walk_step walk_to_length(struct walk *w, uint16_t length)
{
	walk_limit(w, w->off + length);
	return WALK_LLC;
}

enum walk_step walk_ethernet(struct walk *w)
{
	uint16_t type;

	if (!walk_has(w, 14))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	type = nsc_load16(walk_at(w) + 12);
	w->off += 14;
	w->tags = 0;
	return walk_to_ethertype(w, type);
}

/* A tag of `length` bytes, the last two of which are the next EtherType. */
static enum walk_step walk_tag(struct walk *w, uint32_t length)
{
	uint16_t type;

	if (w->tags == WALK_TAGS_MAX)
		return walk_stop_link(w, NSC_FATE_TAG_LIMIT);
	if (!walk_has(w, length))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	type = nsc_load16(walk_at(w) + length - 2);
	w->off += length;
	w->tags++;
	if (w->type == ETHERTYPE_QINQ && type <= ETHERTYPE_LENGTH_MAX) /* a provider's tag never covers 802.3 */
		return walk_stop_link(w, NSC_FATE_NON_IP);
	return walk_to_ethertype(w, type);
}

enum walk_step walk_pppoe(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, 6))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	w->off += 6;
	walk_limit(w, w->off + nsc_load16(p + 4));
	return WALK_PPP;
}

enum walk_step walk_ppp(struct walk *w)
{
	uint16_t protocol;

	if (!walk_has(w, 1))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	protocol = *walk_at(w);
	if (protocol & 1) { /* compressed to one byte: the last byte of a protocol number is odd, the first even */
		w->off += 1;
	} else {
		if (!walk_has(w, 2))
			return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
		protocol = nsc_load16(walk_at(w));
		w->off += 2;
	}
	switch (protocol) {
	case ETHERTYPE_IPV4: /* some senders put an EtherType here */
	case PPP_IPV4:
		return WALK_IPV4;
	case ETHERTYPE_IPV6:
	case PPP_IPV6:
		return WALK_IPV6;
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return walk_mpls(w);
	default:
		return walk_stop_link(w, NSC_FATE_PPP_CONTROL);
	}
}

enum walk_step walk_ppp_hdlc(struct walk *w)
{
	if (walk_has(w, 2) && nsc_load16(walk_at(w)) == 0xff03)
		w->off += 2;
	return WALK_PPP;
}

static enum walk_step walk_llc_ip(struct walk *w, uint32_t header)
{
	if (!walk_has(w, header))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	w->off += header;
	return WALK_IPV4;
}

enum walk_step walk_llc(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, 3))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (p[0] == LLC_SAP_IP && (p[2] == LLC_UNNUMBERED || (p[2] & 1) == 0))
		return walk_llc_ip(w, p[2] == LLC_UNNUMBERED ? 3 : 4); /* numbered frames have two control bytes */
	if (p[0] != p[1] || p[2] != LLC_UNNUMBERED || (p[0] != LLC_SAP_SNAP && p[0] != LLC_SAP_OSI))
		return walk_stop_link(w, NSC_FATE_NON_IP);
	w->off += 3;
	return p[0] == LLC_SAP_SNAP ? WALK_SNAP : WALK_NLPID;
}

/* Where its own header begins is told as far as it was captured. */
static enum walk_step walk_arp(struct walk *w)
{
	if (!w->network && w->off <= WALK_OFFSET_MAX && w->off < w->cap_end)
		w->pkt->l3_off = (uint16_t)w->off;
	return walk_stop_link(w, NSC_FATE_ARP);
}

enum walk_step walk_ethertype(struct walk *w)
{
	switch (w->type) {
	case ETHERTYPE_IPV4:
		return WALK_IPV4;
	case ETHERTYPE_IPV6:
		return WALK_IPV6;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
		return walk_tag(w, 4);
	case ETHERTYPE_R_TAG:
	case ETHERTYPE_VN_TAG:
		return walk_tag(w, 6);
	case ETHERTYPE_PBB:
		return walk_tag(w, 18);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return walk_mpls(w);
	case ETHERTYPE_PPPOE_SESSION:
		return walk_pppoe(w);
	case ETHERTYPE_BRIDGING:
		w->visits += WALK_HOP_VISITS;
		return WALK_ETHERNET;
	case ETHERTYPE_NSH:
		return WALK_NSH;
	case ETHERTYPE_MACSEC:
		if (w->tags++ == WALK_TAGS_MAX)
			return walk_stop_link(w, NSC_FATE_TAG_LIMIT);
		return WALK_MACSEC;
	case ETHERTYPE_ARP:
	case ETHERTYPE_RARP:
		return walk_arp(w);
	default:
		if (w->type <= ETHERTYPE_LENGTH_MAX && w->type > 0)
			return walk_to_length(w, w->type);
		return walk_stop_link(w, NSC_FATE_NON_IP);
	}
}

/* Old systems wrote a 16-bit family, or an EtherType, into the four bytes; families are small numbers, so the shapes
 * can be told apart. */
uint32_t nsc_decode_null_family(const uint8_t *p)
{
	uint32_t big = nsc_load32(p), little = __builtin_bswap32(big);

	if (little >> 16 == 0)
		return (little & 0xff) == 0 && little < 0x600 ? little >> 8 : little;
	return little < 0x60000 ? little >> 16 : big;
}

/* BSD loopback: the address family in the byte order of the host that captured. */
enum walk_step walk_null(struct walk *w)
{
	uint32_t family;

	if (!walk_has(w, 4))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (nsc_load16(walk_at(w)) == 0xff03)
		return WALK_PPP_HDLC;
	family = nsc_decode_null_family(walk_at(w));
	w->off += 4;
	if ((uint16_t)family > ETHERTYPE_LENGTH_MAX)
		return walk_to_ethertype(w, (uint16_t)family);
	switch (family) {
	case 2:
		return WALK_IPV4;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD; FreeBSD; Darwin */
	case 28:
	case 30:
		return WALK_IPV6;
	default:
		return walk_stop_link(w, NSC_FATE_NON_IP);
	}
}

static enum walk_step walk_cooked(struct walk *w, uint32_t header, uint16_t protocol, uint16_t hardware)
{
	w->off += header;
	if (protocol > ETHERTYPE_LENGTH_MAX && hardware == ARPHRD_GRE) {
		w->type = protocol;
		return WALK_GRE_PAYLOAD;
	}
	switch (hardware) {
	case ARPHRD_FRAME_RELAY:
	case ARPHRD_RADIOTAP:
	case ARPHRD_NETLINK:
		return walk_stop_link(w, NSC_FATE_NON_IP);
	}
	switch (protocol) { /* small numbers are Linux' own */
	case 3:
		return WALK_ETHERNET;
	case 4:
		return WALK_LLC;
	case 7:
		return WALK_PPP_HDLC;
	}
	if (protocol <= ETHERTYPE_LENGTH_MAX)
		return walk_stop_link(w, NSC_FATE_NON_IP);
	return walk_to_ethertype(w, protocol);
}

enum walk_step walk_sll(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, SLL_HEADER))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	return walk_cooked(w, SLL_HEADER, nsc_load16(p + 14), nsc_load16(p + 2));
}

enum walk_step walk_sll2(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, SLL2_HEADER))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	return walk_cooked(w, SLL2_HEADER, nsc_load16(p), nsc_load16(p + 8));
}

enum walk_step walk_link(struct walk *w, uint8_t link)
{
	w->type = link;
	/* NOLINTBEGIN(bugprone-branch-clone): several rows of the table begin with one header */
	switch (link) {
#define NSC_BARE(id, name, entry, numbers)                                                                             \
	case NSC_LINK_##id:                                                                                            \
		return WALK_##entry;
#define NSC_OWN(id, name, entry, numbers)                                                                              \
	case NSC_LINK_##id:                                                                                            \
		return walk_##entry(w);
		NSC_LINKS(NSC_LINK_SKIP, NSC_BARE, NSC_OWN, NSC_LINK_SKIP)
#undef NSC_OWN
#undef NSC_BARE
	default:
		return walk_stop_link(w, NSC_FATE_UNSUPPORTED_LINK);
	}
	/* NOLINTEND(bugprone-branch-clone) */
}
