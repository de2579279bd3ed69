/* SPDX-License-Identifier: MIT
 *
 * Ethernet II and 802.3, LLC and SNAP, and the tags between the addresses and the network header.
 */
#include "engine/dissect/dissect.h"

static const struct step_of ethertypes[] = {
	{ ETHERTYPE_IPV4, STEP_IPV4 },
	{ ETHERTYPE_IPV6, STEP_IPV6 },
	{ ETHERTYPE_VLAN, STEP_VLAN },
	{ ETHERTYPE_QINQ, STEP_VLAN },
	{ ETHERTYPE_QINQ_OLD, STEP_VLAN },
	{ ETHERTYPE_R_TAG, STEP_LONG_TAG },
	{ ETHERTYPE_VN_TAG, STEP_LONG_TAG },
	{ ETHERTYPE_PBB, STEP_LONG_TAG },
	{ ETHERTYPE_MPLS, STEP_MPLS },
	{ ETHERTYPE_MPLS_MULTICAST, STEP_MPLS },
	{ ETHERTYPE_PPPOE_SESSION, STEP_PPPOE },
	{ ETHERTYPE_BRIDGING, STEP_ETHERNET },
	{ ETHERTYPE_NSH, STEP_NSH },
	{ ETHERTYPE_ARP, STEP_ARP },
	{ ETHERTYPE_RARP, STEP_ARP },
	{ 0, STEP_DATA },
};

static bool tag_limit(struct dissect *s)
{
	if (s->tags++ < DISSECT_TAGS_MAX)
		return false;
	add_note(s, "more than 4 tags: the rest is not dissected");
	return true;
}

enum step step_of_ethertype(struct dissect *s, uint16_t type)
{
	s->type = type;
	if (type > 0 && type <= ETHERTYPE_LENGTH_MAX) {
		limit(s, s->off + type);
		return STEP_LLC;
	}
	if (type == ETHERTYPE_MACSEC)
		return tag_limit(s) ? STEP_STOP : STEP_MACSEC;
	return step_in(ethertypes, type);
}

/* --- Ethernet --------------------------------------------------------------------------------- */

enum { ETH_DST, ETH_SRC, ETH_TYPE, ETH_LEN };

static const struct nsc_field_type eth[] = {
	[ETH_DST] = F_MAC("eth.dst", "Destination", 0),
	[ETH_SRC] = F_MAC("eth.src", "Source", 6),
	[ETH_TYPE] = F_HEX_NAMED("eth.type", "Type", 12, 2, names_ethertype),
	[ETH_LEN] = F_DEC("eth.len", "Length", 12, 2),
};

static enum step dissect_ethernet(struct dissect *s)
{
	uint16_t type;

	add_layer(s, &protocol_ethernet, 14);
	add_fields(s, eth, ETH_TYPE);
	if (!has(s, 14))
		return stop_cut(s);
	type = nsc_load16(here(s) + 12);
	add_field(s, &eth[type <= ETHERTYPE_LENGTH_MAX && type > 0 ? ETH_LEN : ETH_TYPE]);
	s->off += 14;
	s->tags = 0;
	return step_of_ethertype(s, type);
}

const struct protocol protocol_ethernet = { LAYER("eth", "Ethernet"), .dissect = dissect_ethernet,
					    LINE("Eth: %v -> %v", &eth[ETH_SRC], &eth[ETH_DST]) };

/* --- tags ------------------------------------------------------------------------------------- */

enum { VLAN_PRIORITY, VLAN_DEI, VLAN_ID, VLAN_TYPE };

static const struct nsc_field_type vlan[] = {
	[VLAN_PRIORITY] = F_DEC_BITS("vlan.priority", "Priority", 0, 2, 13, 7),
	[VLAN_DEI] = F_FLAG("vlan.dei", "Drop eligible", 0, 2, 12),
	[VLAN_ID] = F_DEC_BITS("vlan.id", "VLAN", 0, 2, 0, 0xfff),
	[VLAN_TYPE] = F_HEX_NAMED("vlan.etype", "Type", 2, 2, names_ethertype),
};

static const struct nsc_field_type service_tag[] = {
	[VLAN_PRIORITY] = F_DEC_BITS("ieee8021ad.priority", "Priority", 0, 2, 13, 7),
	[VLAN_DEI] = F_FLAG("ieee8021ad.dei", "Drop eligible", 0, 2, 12),
	[VLAN_ID] = F_DEC_BITS("ieee8021ad.id", "VLAN", 0, 2, 0, 0xfff),
	[VLAN_TYPE] = F_HEX_NAMED("ieee8021ad.etype", "Type", 2, 2, names_ethertype),
};

static enum step after_tag(struct dissect *s, uint32_t length, bool service)
{
	uint16_t type;

	if (!has(s, length))
		return stop_cut(s);
	type = nsc_load16(here(s) + length - 2);
	s->off += length;
	if (service && type <= ETHERTYPE_LENGTH_MAX) /* a provider's tag never covers 802.3 */
		return STEP_DATA;
	return step_of_ethertype(s, type);
}

static enum step dissect_vlan(struct dissect *s)
{
	bool service = s->type == ETHERTYPE_QINQ;

	if (tag_limit(s))
		return STEP_STOP;
	if (!add_header(s, service ? &protocol_service_tag : &protocol_vlan))
		return STEP_STOP;
	return after_tag(s, 4, service);
}

const struct protocol protocol_vlan = { LAYER("vlan", "802.1Q VLAN"), HEADER(vlan, 4), .dissect = dissect_vlan,
					LINE("VLAN:%v", &vlan[VLAN_ID]) };
const struct protocol protocol_service_tag = { LAYER("ieee8021ad", "802.1ad service VLAN"), HEADER(service_tag, 4),
					       .dissect = dissect_vlan, LINE("VLAN:%v", &service_tag[VLAN_ID]) };

static const struct nsc_field_type long_tag_content = F_BYTES("tag.content", "Content");
static const struct nsc_field_type long_tag_type[] = {
	F_HEX_NAMED("tag.etype", "Type", 4, 2, names_ethertype),
	F_HEX_NAMED("tag.etype", "Type", 16, 2, names_ethertype),
};
static const struct nsc_field_type backbone[] = {
	F_DEC_BITS("ieee8021ah.isid", "Service", 0, 4, 0, 0xffffff),
	F_MAC("ieee8021ah.cdst", "Customer destination", 4),
	F_MAC("ieee8021ah.csrc", "Customer source", 10),
};

static enum step dissect_long_tag(struct dissect *s)
{
	bool pbb = s->type == ETHERTYPE_PBB, service = false;
	uint32_t length = pbb ? 18 : 6;

	if (tag_limit(s))
		return STEP_STOP;
	add_layer(s, &protocol_long_tag, length);
	if (pbb)
		add_fields(s, backbone, NSC_ARRAY_LEN(backbone));
	else
		add_range(s, &long_tag_content, s->off, 4);
	add_field(s, &long_tag_type[pbb]);
	return after_tag(s, length, service);
}

const struct protocol protocol_long_tag = { LAYER("tag", "Tag"), .dissect = dissect_long_tag };

/* --- LLC -------------------------------------------------------------------------------------- */

static const struct nsc_value_name names_sap[] = {
	{ 0x06, "IP" },      { 0x42, "spanning tree" }, { 0xaa, "SNAP" },   { 0xe0, "NetWare" },
	{ 0xf0, "NetBIOS" }, { 0xfe, "OSI" },           { 0xff, "global" }, { 0, NULL },
};
static const struct nsc_field_type llc[] = {
	F_HEX_NAMED("llc.dsap", "Destination service", 0, 1, names_sap),
	F_HEX_NAMED("llc.ssap", "Source service", 1, 1, names_sap),
	F_HEX("llc.control", "Control", 2, 1),
};
static const struct nsc_field_type snap_behind_llc[] = {
	F_HEX("llc.oui", "Organization", 3, 3),
	F_HEX_NAMED("llc.type", "Type", 6, 2, names_ethertype),
};

static enum step dissect_snap(struct dissect *s, uint16_t layer)
{
	struct nsc_hop hop;

	add_fields(s, snap_behind_llc, NSC_ARRAY_LEN(snap_behind_llc));
	s->off += 3;
	hop = nsc_hop_snap(here(s), s->cap_end - s->off, 0);
	set_end(s, layer, s->off + hop.length);
	return step_of_hop(s, &hop);
}

static enum step dissect_llc(struct dissect *s)
{
	uint16_t layer = add_layer(s, &protocol_llc, 3);
	const uint8_t *p = here(s);

	add_fields(s, llc, NSC_ARRAY_LEN(llc));
	if (!has(s, 3))
		return stop_cut(s);
	if (p[0] == LLC_SAP_SNAP && p[1] == LLC_SAP_SNAP && p[2] == LLC_UNNUMBERED)
		return dissect_snap(s, layer);
	if (p[0] == LLC_SAP_IP && (p[2] == LLC_UNNUMBERED || (p[2] & 1) == 0))
		return skip_bytes(s, p[2] == LLC_UNNUMBERED ? 3 : 4,
				  STEP_IPV4); /* numbered frames have two control bytes */
	if (p[0] == LLC_SAP_OSI && p[1] == LLC_SAP_OSI && p[2] == LLC_UNNUMBERED)
		return skip_bytes(s, 3, STEP_NLPID);
	return skip_bytes(s, (p[2] & 3) == 3 || !has(s, 4) ? 3 : 4, STEP_DATA);
}

const struct protocol protocol_llc = { LAYER("llc", "LLC"), .dissect = dissect_llc, LINE("LLC[ %N]", &llc[0]) };
