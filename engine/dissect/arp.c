/* SPDX-License-Identifier: MIT
 *
 * ARP and RARP. Addresses are shown as MAC and IPv4 when they have the length of one, else as bytes.
 */
#include "engine/dissect/dissect.h"

static const struct nsc_value_name names_opcode[] = {
	{ 1, "request" },
	{ 2, "reply" },
	{ 3, "reverse request" },
	{ 4, "reverse reply" },
	{ 8, "inverse request" },
	{ 9, "inverse reply" },
	{ 0, NULL },
};

enum { ARP_HARDWARE, ARP_PROTOCOL, ARP_HARDWARE_SIZE, ARP_PROTOCOL_SIZE, ARP_OPCODE };

static const struct nsc_field_type arp[] = {
	[ARP_HARDWARE] = F_NAMED("arp.hw.type", "Hardware", 0, 2, names_hardware),
	[ARP_PROTOCOL] = F_HEX_NAMED("arp.proto.type", "Protocol", 2, 2, names_ethertype),
	[ARP_HARDWARE_SIZE] = F_DEC("arp.hw.size", "Hardware size", 4, 1),
	[ARP_PROTOCOL_SIZE] = F_DEC("arp.proto.size", "Protocol size", 5, 1),
	[ARP_OPCODE] = F_NAMED("arp.opcode", "Operation", 6, 2, names_opcode),
};

enum { SENDER_HARDWARE, SENDER_PROTOCOL, TARGET_HARDWARE, TARGET_PROTOCOL, ADDRESSES };

static const struct nsc_field_type known[ADDRESSES] = {
	[SENDER_HARDWARE] = F_MAC("arp.src.hw_mac", "Sender MAC", 0),
	[SENDER_PROTOCOL] = F_IPV4("arp.src.proto_ipv4", "Sender IP", 0),
	[TARGET_HARDWARE] = F_MAC("arp.dst.hw_mac", "Target MAC", 0),
	[TARGET_PROTOCOL] = F_IPV4("arp.dst.proto_ipv4", "Target IP", 0),
};

static const struct nsc_field_type other[ADDRESSES] = {
	[SENDER_HARDWARE] = F_BYTES("arp.src.hw", "Sender hardware"),
	[SENDER_PROTOCOL] = F_BYTES("arp.src.proto", "Sender protocol"),
	[TARGET_HARDWARE] = F_BYTES("arp.dst.hw", "Target hardware"),
	[TARGET_PROTOCOL] = F_BYTES("arp.dst.proto", "Target protocol"),
};

/* As Wireshark judges them: by the protocol and both lengths. */
static bool arp_is_known(const uint8_t *p, unsigned address)
{
	uint16_t hardware = nsc_load16(p);

	if (address == SENDER_PROTOCOL || address == TARGET_PROTOCOL)
		return nsc_load16(p + 2) == 0x0800 && p[5] == 4;
	return (hardware == 1 || hardware == 6) && p[4] == 6;
}

static enum step dissect_arp(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint16_t layer = add_layer(s, &protocol_arp, 8);
	uint64_t at = s->off + 8;

	add_fields(s, arp, NSC_ARRAY_LEN(arp));
	if (!has(s, 8))
		return stop_cut(s);
	if (!has(s, 8 + 2 * ((uint32_t)p[4] + p[5]))) /* all addresses or none, as tshark */
		return stop_cut(s);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		uint32_t size = i & 1 ? p[5] : p[4];

		if (arp_is_known(p, i))
			add_at(s, &known[i], at);
		else if (size != 0)
			add_range(s, &other[i], at, size);
		at += size;
	}
	set_end(s, layer, at);
	return STEP_STOP;
}

static void line_arp(struct line *l, uint16_t layer)
{
	uint64_t opcode = child_value(l->tree, layer, &arp[ARP_OPCODE], 0);

	if (opcode == 1)
		line_print(l, layer, "ARP who has %v tell %v", TYPES(&known[TARGET_PROTOCOL], &known[SENDER_PROTOCOL]));
	else if (opcode == 2)
		line_print(l, layer, "ARP %v is at %v", TYPES(&known[SENDER_PROTOCOL], &known[SENDER_HARDWARE]));
	else
		line_print(l, layer, "ARP operation %v", TYPES(&arp[ARP_OPCODE]));
}

const struct protocol protocol_arp = { LAYER("arp", "ARP"), .dissect = dissect_arp, .line = line_arp };
