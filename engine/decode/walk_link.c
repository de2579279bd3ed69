/* SPDX-License-Identifier: MIT
 *
 * The layers below IP: link headers, VLAN tags, LLC/SNAP, MPLS, PPPoE and PPP.
 */
#include "engine/decode/walk.h"

enum {
	ETHERTYPE_LENGTH_MAX = 1500, /* up to here the field is an 802.3 length */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_BRIDGING = 0x6558, /* an Ethernet frame inside another protocol */
	ETHERTYPE_RARP = 0x8035,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE_SESSION = 0x8864,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
	PPPOE_VERSION_TYPE = 0x11,
	MPLS_LABEL_IPV4_NULL = 0,
	MPLS_LABEL_IPV6_NULL = 2,
	SLL_HEADER = 16,
	SLL2_HEADER = 20,
};

static enum walk_step to_ethertype(struct walk *w, uint16_t type)
{
	w->type = type;
	return WALK_ETHERTYPE;
}

/* An 802.3 length field: LLC follows, and what lies behind the length is padding. */
static enum walk_step to_length(struct walk *w, uint16_t length)
{
	walk_limit(w, w->off + length);
	return WALK_LLC;
}

enum walk_step walk_ethernet(struct walk *w)
{
	uint16_t type;

	if (!walk_has(w, 14))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	type = walk_load16(walk_at(w) + 12);
	w->off += 14;
	w->tags = 0;
	return to_ethertype(w, type);
}

static enum walk_step walk_vlan(struct walk *w)
{
	uint16_t type;

	if (w->tags == WALK_TAGS_MAX)
		return walk_stop_link(w, NSC_FATE_TAG_LIMIT);
	if (!walk_has(w, 4))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	type = walk_load16(walk_at(w) + 2);
	w->off += 4;
	w->tags++;
	return to_ethertype(w, type);
}

/* Behind the label stack only the first nibble tells what follows, unless the label itself says it. */
static enum walk_step walk_mpls_payload(struct walk *w, uint32_t label)
{
	if (!walk_has(w, 1))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (label == MPLS_LABEL_IPV4_NULL)
		return WALK_IP;
	if (label == MPLS_LABEL_IPV6_NULL)
		return WALK_IPV6;
	switch (*walk_at(w) >> 4) {
	case 4: return WALK_IP;
	case 6: return WALK_IPV6;
	default: return walk_stop_link(w, NSC_FATE_MPLS_PAYLOAD);
	}
}

static enum walk_step walk_mpls(struct walk *w)
{
	uint32_t entry;

	for (w->labels = 0; w->labels < WALK_LABELS_MAX; w->labels++) {
		if (!walk_has(w, 4))
			return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
		entry = walk_load32(walk_at(w));
		w->off += 4;
		if (entry & 0x100) /* bottom of the stack */
			return walk_mpls_payload(w, entry >> 12);
	}
	return walk_stop_link(w, NSC_FATE_TAG_LIMIT);
}

static enum walk_step walk_pppoe(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, 6))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	w->off += 6;
	if (p[1] != 0) /* only code 0 carries data */
		return walk_stop_link(w, NSC_FATE_PPP_CONTROL);
	walk_limit(w, w->off + walk_load16(p + 4));
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
		protocol = walk_load16(walk_at(w));
		w->off += 2;
	}
	switch (protocol) {
	case PPP_IPV4: return WALK_IP;
	case PPP_IPV6: return WALK_IPV6;
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST: return walk_mpls(w);
	default: return walk_stop_link(w, NSC_FATE_PPP_CONTROL);
	}
}

enum walk_step walk_ppp_hdlc(struct walk *w)
{
	if (walk_has(w, 2) && walk_load16(walk_at(w)) == 0xff03)
		w->off += 2;
	return WALK_PPP;
}

enum walk_step walk_llc(struct walk *w)
{
	const uint8_t *p = walk_at(w);

	if (!walk_has(w, 3))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	if (p[0] == 0x06 && p[2] == 0x03) { /* the SAP of IP, unnumbered information */
		w->off += 3;
		return WALK_IP;
	}
	if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03)
		return walk_stop_link(w, NSC_FATE_NON_IP);
	if (!walk_has(w, 8))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	w->off += 8;
	if ((walk_load32(p + 2) & 0xffffff) == 0x000000 || (walk_load32(p + 2) & 0xffffff) == 0x0000f8)
		return to_ethertype(w, walk_load16(p + 6));
	return walk_stop_link(w, NSC_FATE_NON_IP);
}

enum walk_step walk_ethertype(struct walk *w)
{
	switch (w->type) {
	case ETHERTYPE_IPV4: return WALK_IPV4;
	case ETHERTYPE_IPV6: return WALK_IPV6;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD: return walk_vlan(w);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST: return walk_mpls(w);
	case ETHERTYPE_PPPOE_SESSION: return walk_pppoe(w);
	case ETHERTYPE_PPP: return WALK_PPP_HDLC;
	case ETHERTYPE_BRIDGING: return WALK_ETHERNET;
	case ETHERTYPE_ARP:
	case ETHERTYPE_RARP: return walk_stop_link(w, NSC_FATE_ARP);
	default:
		if (w->type <= ETHERTYPE_LENGTH_MAX && w->type > 0)
			return to_length(w, w->type);
		return walk_stop_link(w, NSC_FATE_NON_IP);
	}
}

/* BSD loopback: the address family in the byte order of the host that captured. */
static enum walk_step walk_null(struct walk *w)
{
	uint32_t family;

	if (!walk_has(w, 4))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	family = walk_load32(walk_at(w));
	if (family & 0xffff0000)
		family = __builtin_bswap32(family);
	w->off += 4;
	switch (family) {
	case 2: return WALK_IP;
	case 10:
	case 24:
	case 28:
	case 30: return WALK_IPV6;
	default: return walk_stop_link(w, NSC_FATE_NON_IP);
	}
}

static enum walk_step walk_sll(struct walk *w, uint32_t header, uint32_t protocol_at)
{
	uint16_t protocol;

	if (!walk_has(w, header))
		return walk_stop_link(w, NSC_FATE_TRUNCATED_L2);
	protocol = walk_load16(walk_at(w) + protocol_at);
	w->off += header;
	if (protocol == 4) /* LINUX_SLL_P_802_2 */
		return WALK_LLC;
	return to_ethertype(w, protocol);
}

enum walk_step walk_link(struct walk *w)
{
	switch (w->pkt->link) {
	case NSC_LINK_ETHERNET: return WALK_ETHERNET;
	case NSC_LINK_NULL_LOOP: return walk_null(w);
	case NSC_LINK_RAW: return WALK_IP;
	case NSC_LINK_RAW_IPV4: return WALK_IPV4;
	case NSC_LINK_RAW_IPV6: return WALK_IPV6;
	case NSC_LINK_LINUX_SLL: return walk_sll(w, SLL_HEADER, 14);
	case NSC_LINK_LINUX_SLL2: return walk_sll(w, SLL2_HEADER, 0);
	default: return walk_stop(w, NSC_FATE_UNSUPPORTED_LINK);
	}
}
