/* SPDX-License-Identifier: MIT
 *
 * GRE and what rides directly on it: ERSPAN, WCCP; and EtherIP.
 */
#include "engine/dissect/dissect.h"

static const struct nsc_field_type gre[] = {
	F_HEX("gre.flags_and_version", "Flags and version", 0, 2),
	F_FLAG("gre.flags.checksum", "Checksum", 0, 2, 15),
	F_FLAG("gre.flags.routing", "Routing", 0, 2, 14),
	F_FLAG("gre.flags.key", "Key", 0, 2, 13),
	F_FLAG("gre.flags.sequence_number", "Sequence number", 0, 2, 12),
	F_DEC_BITS("gre.flags.version", "Version", 0, 2, 0, 7),
	F_HEX_NAMED("gre.proto", "Protocol", 2, 2, names_ethertype),
};
static const struct nsc_field_type gre_checksum = F_HEX("gre.checksum", "Checksum", 0, 2);
static const struct nsc_field_type gre_key = F_HEX("gre.key", "Key", 0, 4);
static const struct nsc_field_type gre_sequence = F_DEC("gre.sequence_number", "Sequence number", 0, 4);
static const struct nsc_field_type gre_ack = F_DEC("gre.ack_number", "Acknowledgment", 0, 4);

/* GRE announces an EtherType, but not every EtherType goes: a VLAN tag, for one, does not. */
static const struct step_of gre_types[] = {
	{ GRE_IPV4, STEP_IPV4 },
	{ GRE_IPV6, STEP_IPV6 },
	{ GRE_PPP, STEP_PPP_HDLC },
	{ GRE_WCCP, STEP_WCCP },
	{ GRE_ETHERNET_OLD, STEP_ETHERNET },
	{ GRE_ETHERNET, STEP_ETHERNET },
	{ GRE_NSH, STEP_NSH },
	{ GRE_MPLS, STEP_MPLS },
	{ GRE_MPLS_MULTICAST, STEP_MPLS },
	{ 0, STEP_DATA },
};

enum step step_of_gre(struct dissect *s, uint16_t type)
{
	s->type = type;
	return step_in(gre_types, type);
}

/* Source routes, given up in 1994: address family, offset, length, content; an empty one ends the list. */
static bool skip_routes(struct dissect *s, uint64_t *at)
{
	const uint8_t *p;

	do {
		if (*at + 4 > s->cap_end)
			return false;
		p = s->data + *at;
		*at += 4u + p[3];
		if (*at > s->cap_end)
			return false;
	} while (nsc_load16(p) != 0 || p[3] != 0);
	return true;
}

/* The optional fields; where they end. */
static uint64_t add_optional(struct dissect *s, uint16_t flags, uint16_t type)
{
	uint64_t at = s->off + 4;

	if (flags & (GRE_CHECKSUM | GRE_ROUTING)) {
		if (flags & GRE_CHECKSUM)
			add_at(s, &gre_checksum, at);
		at += 4;
	}
	if (flags & GRE_KEY) {
		add_at(s, &gre_key, at);
		at += 4;
	}
	if (flags & GRE_SEQUENCE) {
		add_at(s, &gre_sequence, at);
		at += 4;
	}
	if (flags & GRE_ACK && type == GRE_PPP) {
		add_at(s, &gre_ack, at);
		at += 4;
	}
	return at;
}

static enum step dissect_gre(struct dissect *s)
{
	uint16_t layer = add_layer(s, &protocol_gre, 4);
	uint16_t flags, type;
	uint64_t end;

	add_fields(s, gre, NSC_ARRAY_LEN(gre));
	if (!has(s, 4))
		return stop_cut(s);
	flags = nsc_load16(here(s));
	type = nsc_load16(here(s) + 2);
	end = add_optional(s, flags, type);
	set_end(s, layer, end);
	if (end > s->cap_end || (flags & GRE_ROUTING && !skip_routes(s, &end)))
		return stop_cut(s);
	set_end(s, layer, end);
	s->off = end;
	s->tags = 0;
	set_payload(s);
	s->type = type;
	if (s->off == s->wire_end) /* an acknowledgment alone */
		return STEP_STOP;
	if (type == GRE_ERSPAN_II) /* without a sequence number it has no header */
		return flags & GRE_SEQUENCE ? STEP_ERSPAN : STEP_ETHERNET;
	return type == GRE_ERSPAN_III ? STEP_ERSPAN : step_of_gre(s, type);
}

const struct protocol protocol_gre = { LAYER("gre", "GRE"), .dissect = dissect_gre, LINE("GRE[ key=%v]", &gre_key) };

/* --- ERSPAN ----------------------------------------------------------------------------------- */

static const struct nsc_field_type erspan[] = {
	F_DEC_BITS("erspan.version", "Version", 0, 1, 4, 15),
	F_DEC_BITS("erspan.vlan", "VLAN", 0, 2, 0, 0xfff),
	F_DEC_BITS("erspan.spanid", "Session", 2, 2, 0, 0x3ff),
};

static const struct step_of erspan_types[] = {
	{ ERSPAN_ETHERNET, STEP_ETHERNET },
	{ ERSPAN_IP, STEP_IP },
	{ 0, STEP_DATA },
};

static enum step dissect_erspan(struct dissect *s)
{
	const uint8_t *p = here(s);
	bool third = s->type == GRE_ERSPAN_III;
	uint32_t length = third ? 12 : 8;

	if (third && has(s, 12) && p[11] & 1)
		length = 20;
	add_layer(s, &protocol_erspan, length);
	add_fields(s, erspan, NSC_ARRAY_LEN(erspan));
	if (!has(s, length))
		return stop_cut(s);
	s->off += length;
	if (!third)
		return STEP_ETHERNET;
	return step_in(erspan_types, p[10] >> 2 & 31);
}

const struct protocol protocol_erspan = { LAYER("erspan", "ERSPAN"), .dissect = dissect_erspan,
					  LINE("ERSPAN session=%v", &erspan[2]) };

/* --- WCCP: its second version puts four bytes in front of IP and does not say so -------------- */

static enum step dissect_wccp(struct dissect *s)
{
	if (*here(s) >> 4 == 4)
		return STEP_IPV4;
	add_layer(s, &protocol_wccp, 4);
	return skip_bytes(s, 4, STEP_IPV4);
}

const struct protocol protocol_wccp = { LAYER("wccp", "WCCP redirect"), .dissect = dissect_wccp };

static const struct nsc_field_type etherip[] = { F_DEC_BITS("etherip.ver", "Version", 0, 1, 4, 15) };
const struct protocol protocol_etherip = { LAYER("etherip", "EtherIP"), HEADER(etherip, 2), .next = STEP_ETHERNET };
