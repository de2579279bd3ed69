/* SPDX-License-Identifier: MIT
 *
 * Tunnels that ride on UDP: VXLAN, Geneve, GTP-U, Teredo, L2TP. Ports and guesses are those of decode.
 */
#include "engine/dissect/dissect.h"

enum {
	GTP_EXTENSIONS_MAX = 16,
};

enum step step_of_tunnel_port(struct dissect *s)
{
	static const uint8_t steps[] = { [NSC_TUNNEL_NONE] = STEP_DATA,
#define NSC_X(id, name, hop, ports) [NSC_TUNNEL_##id] = STEP_##hop,
					 NSC_TUNNELS(NSC_X, )
#undef NSC_X
	};
	enum nsc_tunnel tunnel = nsc_decode_tunnel(s->src_port, s->dst_port);

	return tunnel == NSC_TUNNEL_NONE ? STEP_DATA : enter_tunnel(s, steps[tunnel]);
}

/* --- VXLAN ------------------------------------------------------------------------------------ */

static const struct nsc_field_type vxlan[] = {
	F_HEX("vxlan.flags", "Flags", 0, 2),
	F_DEC("vxlan.gbp", "Group policy", 2, 2),
	F_DEC("vxlan.vni", "Network", 4, 3),
};

const struct protocol protocol_vxlan = { LAYER("vxlan", "VXLAN"), HEADER(vxlan, 8), .hop = nsc_hop_vxlan,
					 LINE("VXLAN vni=%v", &vxlan[2]) };

/* --- Geneve ----------------------------------------------------------------------------------- */

static const struct nsc_field_type geneve[] = {
	F_DEC_BITS("geneve.version", "Version", 0, 1, 6, 3),
	F_FLAG("geneve.flags.oam", "Control packet", 1, 1, 7),
	F_FLAG("geneve.flags.critical", "Critical options", 1, 1, 6),
	F_HEX_NAMED("geneve.proto_type", "Protocol", 2, 2, names_ethertype),
	F_DEC("geneve.vni", "Network", 4, 3),
};
static const struct nsc_field_type geneve_options = F_BYTES("geneve.options", "Options");

static enum step dissect_geneve(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint32_t length = 8 + (p[0] & 63u) * 4;

	add_layer(s, &protocol_geneve, length);
	add_fields(s, geneve, NSC_ARRAY_LEN(geneve));
	if (length > 8)
		add_range(s, &geneve_options, s->off + 8, length - 8);
	if (!has(s, 8) || !has(s, length))
		return stop_cut(s);
	s->off += length;
	s->tags = 0;
	return step_of_ethertype(s, nsc_load16(p + 2));
}

const struct protocol protocol_geneve = { LAYER("geneve", "Geneve"), .dissect = dissect_geneve,
					  LINE("Geneve vni=%v", &geneve[4]) };

/* --- GTP-U ------------------------------------------------------------------------------------ */

static const struct nsc_value_name names_message[] = {
	{ 1, "echo request" },
	{ 2, "echo response" },
	{ 26, "error indication" },
	{ 31, "extension headers" },
	{ 254, "end marker" },
	{ 255, "T-PDU" },
	{ 0, NULL },
};
static const struct nsc_field_type gtp[] = {
	F_HEX("gtp.flags", "Flags", 0, 1),
	F_DEC_BITS("gtp.flags.version", "Version", 0, 1, 5, 7),
	F_NAMED("gtp.message", "Message", 1, 1, names_message),
	F_DEC("gtp.length", "Length", 2, 2),
	F_HEX("gtp.teid", "Tunnel endpoint", 4, 4),
};
static const struct nsc_field_type gtp_optional[] = {
	F_DEC("gtp.seq_number", "Sequence number", 8, 2),
	F_DEC("gtp.npdu_number", "N-PDU number", 10, 1),
	F_HEX("gtp.ext_hdr.next", "Next extension", 11, 1),
};
static const struct nsc_field_type gtp_extension = F_BYTES("gtp.ext_hdr", "Extension header");

/* The chain of extension headers: length in 4 bytes, content, next type. Where it ends, or 0 when it is damaged. */
static uint64_t add_gtp_extensions(struct dissect *s, uint64_t at, uint8_t next)
{
	for (unsigned i = 0; next != 0; i++) {
		uint32_t length;

		if (i == GTP_EXTENSIONS_MAX || at >= s->cap_end)
			return 0;
		length = s->data[at] * 4u;
		if (length == 0 || at + length > s->cap_end)
			return 0;
		add_range(s, &gtp_extension, at, length);
		next = s->data[at + length - 1];
		at += length;
	}
	return at;
}

/* T-PDUs do not name their type: guess as Wireshark does. */
static enum step step_of_t_pdu(const struct dissect *s)
{
	if (*here(s) >= 0x45 && *here(s) <= 0x4e)
		return STEP_IPV4;
	return *here(s) >> 4 == 6 ? STEP_IPV6 : STEP_DATA;
}

static enum step dissect_gtp(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint16_t layer;
	uint64_t end = s->off + 8;

	if (!has(s, 8) || p[0] >> 4 != 3)
		return STEP_DATA;
	layer = add_layer(s, &protocol_gtp, 8);
	add_fields(s, gtp, NSC_ARRAY_LEN(gtp));
	if (p[0] & 7) {
		end += 4;
		set_end(s, layer, end);
		add_fields(s, gtp_optional, NSC_ARRAY_LEN(gtp_optional));
		if (!has(s, 12))
			return stop_cut(s);
		end = p[0] & 4 ? add_gtp_extensions(s, end, p[11]) : end;
		if (end == 0)
			return stop_note(s, "an extension header is damaged");
		set_end(s, layer, end);
	}
	s->off = end;
	if (s->off == s->cap_end)
		return STEP_STOP;
	return p[1] == GTP_G_PDU ? step_of_t_pdu(s) : STEP_DATA;
}

const struct protocol protocol_gtp = { LAYER("gtp", "GTP-U"), .dissect = dissect_gtp, LINE("GTP teid=%v", &gtp[4]) };

/* --- Teredo: perhaps an authentication header, perhaps an origin, then IPv6 ------------------- */

static const struct nsc_field_type teredo_auth = F_BYTES("teredo.auth", "Authentication");
static const struct nsc_field_type teredo_origin = F_BYTES("teredo.orig", "Origin");

static enum step dissect_teredo(struct dissect *s)
{
	uint16_t layer = add_layer(s, &protocol_teredo, 0);
	uint64_t at = s->off;

	if (at + 4 <= s->cap_end && nsc_load16(s->data + at) == 1) {
		uint32_t length = 13u + s->data[at + 2] + s->data[at + 3];

		add_range(s, &teredo_auth, at, length);
		at += length;
	}
	if (at + 2 <= s->cap_end && nsc_load16(s->data + at) == 0) {
		add_range(s, &teredo_origin, at, 8);
		at += 8;
	}
	set_end(s, layer, at);
	if (at >= s->cap_end)
		return stop_cut(s);
	s->off = at;
	return *here(s) >> 4 == 6 ? STEP_IPV6 : STEP_DATA;
}

const struct protocol protocol_teredo = { LAYER("teredo", "Teredo"), .dissect = dissect_teredo, .text = "Teredo" };

/* --- L2TP ------------------------------------------------------------------------------------- */

static const struct nsc_field_type l2tp_flags = F_HEX("l2tp.flags", "Flags and version", 0, 2);
static const struct nsc_field_type l2tp_tunnel = F_DEC("l2tp.tunnel", "Tunnel", 0, 2);
static const struct nsc_field_type l2tp_session = F_DEC("l2tp.session", "Session", 0, 2);

static enum step dissect_l2tp(struct dissect *s)
{
	struct nsc_hop hop = nsc_hop_l2tp(here(s), s->cap_end - s->off, 0);
	uint32_t ids = 2;

	add_layer(s, &protocol_l2tp, hop.length);
	add_field(s, &l2tp_flags);
	if (has(s, 6) && hop.next != NSC_HOP_L2TPV3) {
		ids += nsc_load16(here(s)) & L2TP_LENGTH ? 2 : 0;
		add_at(s, &l2tp_tunnel, s->off + ids);
		add_at(s, &l2tp_session, s->off + ids + 2);
	}
	return step_of_hop(s, &hop);
}

const struct protocol protocol_l2tp = { LAYER("l2tp", "L2TP"), .dissect = dissect_l2tp,
					LINE("L2TP[ tunnel=%v][ session=%v]", &l2tp_tunnel, &l2tp_session) };

static const struct nsc_field_type l2tpv3[] = { F_HEX("l2tp.sid", "Session", 0, 4) };
const struct protocol protocol_l2tpv3 = { LAYER("l2tpv3", "L2TP, version 3"), HEADER(l2tpv3, 4), .hop = nsc_hop_l2tpv3,
					  LINE("L2TPv3 session=%v", &l2tpv3[0]) };

/* --- tunnels that are hops, and no more ------------------------------------------------------- */

static const struct nsc_field_type vxlan_gpe[] = {
	F_HEX("vxlan.flags", "Flags", 0, 1),
	F_DEC("vxlan.next_proto", "Next protocol", 3, 1),
	F_DEC("vxlan.vni", "Network", 4, 3),
};
const struct protocol protocol_vxlan_gpe = { LAYER("vxlan", "VXLAN-GPE"), HEADER(vxlan_gpe, 8),
					     .hop = nsc_hop_vxlan_gpe, LINE("VXLAN-GPE vni=%v", &vxlan_gpe[2]) };

static const struct nsc_field_type nsh[] = {
	F_DEC_BITS("nsh.ttl", "Time to live", 0, 2, 6, 63),
	FIELD("nsh.length", "Length", DEC, .size = 2, .bits = 63, .scale = 4),
	F_DEC("nsh.nextproto", "Next protocol", 3, 1),
	F_DEC("nsh.spi", "Path", 4, 3),
	F_DEC("nsh.si", "Index", 7, 1),
};
const struct protocol protocol_nsh = { LAYER("nsh", "Network service header"), HEADER(nsh, 8), .hop = nsc_hop_nsh,
				       LINE("NSH path=%v index=%v", &nsh[3], &nsh[4]) };

static const struct nsc_field_type lisp[] = {
	F_HEX("lisp-data.flags", "Flags", 0, 1),
	F_DEC("lisp-data.iid", "Instance", 4, 3),
};
const struct protocol protocol_lisp = { LAYER("lisp-data", "LISP"), HEADER(lisp, 8), .hop = nsc_hop_lisp,
					LINE("LISP instance=%v", &lisp[1]) };

static const struct nsc_field_type gue[] = {
	F_DEC_BITS("gue.version", "Version", 0, 1, 6, 3),
	F_NAMED("gue.proto", "Protocol", 1, 1, names_ip_protocol),
};
const struct protocol protocol_gue = { LAYER("gue", "GUE"), HEADER(gue, 4), .hop = nsc_hop_gue, .text = "GUE" };

static const struct nsc_field_type capwap[] = {
	F_DEC_BITS("capwap.header.rid", "Radio", 0, 4, 14, 31),
	F_DEC_BITS("capwap.header.wbid", "Binding", 0, 4, 9, 31),
	F_FLAG("capwap.header.flags.t", "Native frame", 0, 4, 8),
	F_FLAG("capwap.header.flags.f", "Fragment", 0, 4, 7),
	F_FLAG("capwap.header.flags.k", "Keep-alive", 0, 4, 3),
};
const struct protocol protocol_capwap = { LAYER("capwap.data", "CAPWAP"), HEADER(capwap, 8), .hop = nsc_hop_capwap,
					  LINE("CAPWAP radio=%v", &capwap[0]) };

static const struct nsc_field_type tzsp[] = {
	F_DEC("tzsp.version", "Version", 0, 1),
	F_DEC("tzsp.type", "Type", 1, 1),
	F_DEC("tzsp.encap", "Encapsulates", 2, 2),
};
const struct protocol protocol_tzsp = { LAYER("tzsp", "TZSP"), HEADER(tzsp, 4), .hop = nsc_hop_tzsp, .text = "TZSP" };

static const struct nsc_field_type macsec[] = {
	F_HEX("macsec.TCI", "Tag control", 0, 1),
	F_DEC("macsec.SL", "Short length", 1, 1),
	F_DEC("macsec.PN", "Packet number", 2, 4),
};
const struct protocol protocol_macsec = { LAYER("macsec", "MACsec"), HEADER(macsec, 6), .hop = nsc_hop_macsec,
					  .text = "MACsec" };
