/* SPDX-License-Identifier: MIT
 *
 * Link headers that are no network's: Linux cooked captures, BSD loopback.
 */
#include "engine/dissect/dissect.h"

enum {
	SLL_HEADER = 16,
	SLL2_HEADER = 20,
	SLL_ADDRESS = 8,
};

static const struct nsc_value_name names_packet_type[] = {
	{ 0, "to us" }, { 1, "broadcast" }, { 2, "multicast" }, { 3, "to others" }, { 4, "from us" }, { 0, NULL },
};

static const struct step_of linux_types[] = {
	/* small numbers are Linux' own */
	{ 3, STEP_ETHERNET },
	{ 4, STEP_LLC },
	{ 7, STEP_PPP_HDLC },
	{ 0, STEP_DATA },
};

static enum step after_cooked(struct dissect *s, uint32_t header, uint16_t protocol, uint16_t hardware)
{
	s->off += header;
	if (protocol > ETHERTYPE_LENGTH_MAX && hardware == ARPHRD_GRE)
		return step_of_gre(s, protocol);
	if (hardware == ARPHRD_FRAME_RELAY || hardware == ARPHRD_RADIOTAP || hardware == ARPHRD_NETLINK)
		return STEP_DATA;
	return protocol <= ETHERTYPE_LENGTH_MAX ? step_in(linux_types, protocol) : step_of_ethertype(s, protocol);
}

static const struct nsc_field_type address_mac = F_MAC("sll.src.eth", "Source", 0);
static const struct nsc_field_type address_other = F_BYTES("sll.src.other", "Source");

static void add_address(struct dissect *s, uint64_t offset, uint64_t length)
{
	if (length == 6)
		add_at(s, &address_mac, offset);
	else if (length > 0)
		add_range(s, &address_other, offset, NSC_MIN(length, SLL_ADDRESS));
}

/* --- version 1 -------------------------------------------------------------------------------- */

static const struct nsc_field_type sll[] = {
	F_NAMED("sll.pkttype", "Packet type", 0, 2, names_packet_type),
	F_NAMED("sll.hatype", "Hardware", 2, 2, names_hardware),
	F_DEC("sll.halen", "Address length", 4, 2),
	F_HEX_NAMED("sll.etype", "Type", 14, 2, names_ethertype),
};

static enum step dissect_sll(struct dissect *s)
{
	const uint8_t *p = here(s);

	if (!add_header(s, &protocol_sll))
		return STEP_STOP;
	add_address(s, s->off + 6, nsc_load16(p + 4));
	return after_cooked(s, SLL_HEADER, nsc_load16(p + 14), nsc_load16(p + 2));
}

const struct protocol protocol_sll = { LAYER("sll", "Linux cooked"), HEADER(sll, SLL_HEADER), .dissect = dissect_sll,
				       LINE("SLL:[ %v][ %N]", &address_mac, &sll[0]) };

/* --- version 2 -------------------------------------------------------------------------------- */

static const struct nsc_field_type sll2[] = {
	F_NAMED("sll.pkttype", "Packet type", 10, 1, names_packet_type),
	F_HEX_NAMED("sll.etype", "Type", 0, 2, names_ethertype),
	F_DEC("sll.ifindex", "Interface", 4, 4),
	F_NAMED("sll.hatype", "Hardware", 8, 2, names_hardware),
	F_DEC("sll.halen", "Address length", 11, 1),
};

static enum step dissect_sll2(struct dissect *s)
{
	const uint8_t *p = here(s);

	if (!add_header(s, &protocol_sll2))
		return STEP_STOP;
	add_address(s, s->off + 12, p[11]);
	return after_cooked(s, SLL2_HEADER, nsc_load16(p), nsc_load16(p + 8));
}

const struct protocol protocol_sll2 = { LAYER("sll", "Linux cooked, version 2"), HEADER(sll2, SLL2_HEADER),
					.dissect = dissect_sll2, LINE("SLL2:[ %v][ %N]", &address_mac, &sll2[0]) };

/* --- BSD loopback ----------------------------------------------------------------------------- */

static const struct nsc_value_name names_family[] = {
	{ 2, "IPv4" }, { 10, "IPv6" }, { 24, "IPv6" }, { 28, "IPv6" }, { 30, "IPv6" }, { 0, NULL },
};
static const struct step_of families[] = {
	{ 2, STEP_IPV4 }, { 10, STEP_IPV6 }, { 24, STEP_IPV6 }, { 28, STEP_IPV6 }, { 30, STEP_IPV6 }, { 0, STEP_DATA },
};
static const struct nsc_field_type null_family = FIELD("null.family", "Family", DEC, .names = names_family);
static const struct nsc_field_type null_type = FIELD("null.type", "Type", HEX, .digits = 4, .names = names_ethertype);

static enum step dissect_null(struct dissect *s)
{
	uint32_t family;

	if (has(s, 2) && nsc_load16(here(s)) == 0xff03)
		return STEP_PPP_HDLC;
	add_layer(s, &protocol_null, 4);
	if (!has(s, 4))
		return stop_cut(s);
	family = nsc_decode_null_family(here(s));
	if ((uint16_t)family > ETHERTYPE_LENGTH_MAX) {
		add_number(s, &null_type, s->off, 4, (uint16_t)family);
		s->off += 4;
		return step_of_ethertype(s, (uint16_t)family);
	}
	add_number(s, &null_family, s->off, 4, family);
	s->off += 4;
	return step_in(families, family);
}

const struct protocol protocol_null = { LAYER("null", "Loopback"), .dissect = dissect_null,
					LINE("Loopback:[ family %v]", &null_family) };
