/* SPDX-License-Identifier: MIT
 *
 * Tunnels that ride on UDP: VXLAN, Geneve, GTP-U, Teredo, L2TP. Ports and guesses are those of decode.
 */
#include "engine/dissect/dissect.h"

enum {
	GTP_EXTENSIONS_MAX = 16,
};

static const struct step_of tunnel_ports[] = {
	{ PORT_L2TP, STEP_L2TP },   { PORT_GTP_U, STEP_GTP },         { PORT_TEREDO, STEP_TEREDO },
	{ PORT_GRE, STEP_GRE },     { PORT_MPLS, STEP_MPLS },         { PORT_GENEVE, STEP_GENEVE },
	{ PORT_VXLAN, STEP_VXLAN }, { PORT_VXLAN_LINUX, STEP_VXLAN }, { 0, STEP_DATA },
};

enum step step_of_tunnel_port(struct dissect *s)
{
	uint16_t low = NSC_MIN(s->src_port, s->dst_port), high = NSC_MAX(s->src_port, s->dst_port);

	return enter_tunnel(s, step_in(tunnel_ports, nsc_decode_is_tunnel_port(low) ? low : high));
}

/* --- VXLAN ------------------------------------------------------------------------------------ */

static const struct nsc_field_type vxlan[] = {
	F_HEX("vxlan.flags", "Flags", 0, 2),
	F_DEC("vxlan.gbp", "Group policy", 2, 2),
	F_DEC("vxlan.vni", "Network", 4, 3),
};

const struct protocol protocol_vxlan = { LAYER("vxlan", "VXLAN"), HEADER(vxlan, 8), .next = STEP_ETHERNET,
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
	const uint8_t *p = here(s);
	uint16_t layer = add_layer(s, &protocol_l2tp, 6), flags;
	uint32_t ids = 2, header = 6;

	add_field(s, &l2tp_flags);
	if (!has(s, 2))
		return stop_cut(s);
	flags = nsc_load16(p);
	ids += flags & L2TP_LENGTH ? 2 : 0;
	header += flags & L2TP_LENGTH ? 2 : 0;
	add_at(s, &l2tp_tunnel, s->off + ids);
	add_at(s, &l2tp_session, s->off + ids + 2);
	if (flags & L2TP_CONTROL || (flags & 15) != 2)
		return skip_bytes(s, header, STEP_DATA);
	header += flags & L2TP_SEQUENCE ? 4 : 0;
	if (flags & L2TP_OFFSET) {
		if (!has(s, header + 2))
			return stop_cut(s);
		header += 2u + nsc_load16(p + header);
	}
	set_end(s, layer, s->off + header);
	return skip_bytes(s, header, STEP_PPP_HDLC);
}

const struct protocol protocol_l2tp = { LAYER("l2tp", "L2TP"), .dissect = dissect_l2tp,
					LINE("L2TP tunnel=%v session=%v", &l2tp_tunnel, &l2tp_session) };
