/* SPDX-License-Identifier: MIT
 *
 * PPPoE sessions and PPP.
 */
#include "engine/dissect/dissect.h"

enum {
	PPPOE_HEADER = 6,
};

static const struct nsc_value_name names_ppp[] = {
	{ PPP_IPV4, "IPv4" }, { PPP_IPV6, "IPv6" }, { 0x003d, "Multilink" }, { 0x00fd, "compressed" },
	{ PPP_MPLS, "MPLS" }, { 0x8021, "IPCP" },   { 0x8057, "IPV6CP" },    { 0x80fd, "CCP" },
	{ 0xc021, "LCP" },    { 0xc023, "PAP" },    { 0xc025, "LQR" },       { 0xc223, "CHAP" },
	{ 0, NULL },
};

/* --- PPPoE ------------------------------------------------------------------------------------ */

static const struct nsc_field_type pppoe[] = {
	F_DEC_BITS("pppoe.version", "Version", 0, 1, 4, 15),
	F_DEC_BITS("pppoe.type", "Type", 0, 1, 0, 15),
	F_HEX("pppoe.code", "Code", 1, 1),
	F_HEX("pppoe.session_id", "Session", 2, 2),
	F_DEC("pppoe.payload_length", "Payload length", 4, 2),
};

static enum step dissect_pppoe(struct dissect *s)
{
	const uint8_t *p = here(s);

	if (!add_header(s, &protocol_pppoe))
		return STEP_STOP;
	s->off += PPPOE_HEADER;
	limit(s, s->off + nsc_load16(p + 4));
	return STEP_PPP;
}

const struct protocol protocol_pppoe = { LAYER("pppoes", "PPPoE session"), HEADER(pppoe, PPPOE_HEADER),
					 .dissect = dissect_pppoe, LINE("PPPoE session %v", &pppoe[3]) };

/* --- PPP -------------------------------------------------------------------------------------- */

static const struct nsc_field_type ppp_protocol =
	FIELD("ppp.protocol", "Protocol", HEX, .digits = 4, .names = names_ppp);
static const struct nsc_field_type ppp_hdlc[] = {
	F_HEX("ppp.address", "Address", 0, 1),
	F_HEX("ppp.control", "Control", 1, 1),
};

static const struct step_of ppp_protocols[] = {
	{ ETHERTYPE_IPV4, STEP_IPV4 }, /* some senders put an EtherType here */
	{ PPP_IPV4, STEP_IPV4 },       { ETHERTYPE_IPV6, STEP_IPV6 },     { PPP_IPV6, STEP_IPV6 },
	{ PPP_MPLS, STEP_MPLS },       { PPP_MPLS_MULTICAST, STEP_MPLS }, { 0, STEP_DATA },
};

/* The protocol may be compressed to one byte: the last byte of a protocol number is odd, the first even. */
static enum step ppp_payload(struct dissect *s, uint16_t layer, uint64_t at)
{
	uint32_t size = s->data[at] & 1 ? 1 : 2;
	uint16_t protocol;

	set_end(s, layer, at + size);
	if (at + size > s->cap_end)
		return stop_cut(s);
	protocol = size == 1 ? s->data[at] : nsc_load16(s->data + at);
	add_number(s, &ppp_protocol, at, size, protocol);
	s->off = at + size;
	return step_in(ppp_protocols, protocol);
}

static enum step dissect_ppp(struct dissect *s)
{
	uint16_t layer = add_layer(s, &protocol_ppp, 1);

	return ppp_payload(s, layer, s->off);
}

/* The same, perhaps with address and control in front. */
static enum step dissect_ppp_hdlc(struct dissect *s)
{
	uint16_t layer;

	if (!has(s, 2) || nsc_load16(here(s)) != 0xff03)
		return STEP_PPP;
	layer = add_layer(s, &protocol_ppp, 2);
	add_fields(s, ppp_hdlc, NSC_ARRAY_LEN(ppp_hdlc));
	if (!has(s, 3))
		return stop_cut(s);
	return ppp_payload(s, layer, s->off + 2);
}

const struct protocol protocol_ppp = { LAYER("ppp", "PPP"), .dissect = dissect_ppp, LINE("PPP[ %N]", &ppp_protocol) };
const struct protocol protocol_ppp_hdlc = { .dissect = dissect_ppp_hdlc };
