/* SPDX-License-Identifier: MIT
 *
 * 802.11 and what is captured in front of it, as far as decode reads it.
 */
#include "engine/dissect/dissect.h"

static const struct nsc_value_name names_frame_type[] = {
	{ 0, "management" }, { 1, "control" }, { 2, "data" }, { 3, "extension" }, { 0, NULL },
};
static const struct nsc_field_type wlan[] = {
	FIELD("wlan.fc.type", "Type", DEC, .size = 1, .shift = 2, .bits = 3, .names = names_frame_type),
	F_DEC_BITS("wlan.fc.subtype", "Subtype", 0, 1, 4, 15),
	F_FLAG("wlan.fc.tods", "To the distribution system", 1, 1, 0),
	F_FLAG("wlan.fc.fromds", "From the distribution system", 1, 1, 1),
	F_FLAG("wlan.fc.protected", "Protected", 1, 1, 6),
	F_MAC("wlan.addr1", "Address 1", 4),
	F_MAC("wlan.addr2", "Address 2", 10),
	F_MAC("wlan.addr3", "Address 3", 16),
};
const struct protocol protocol_wlan = { LAYER("wlan", "802.11"), HEADER(wlan, 24), .hop = nsc_hop_wlan,
					LINE("802.11 %N:[ %v][ -> %v]", &wlan[0], &wlan[6], &wlan[5]) };

static const struct nsc_field_type radiotap[] = {
	F_DEC("radiotap.version", "Version", 0, 1),
	F_HEX("radiotap.length", "Length (little endian)", 2, 2),
	F_HEX("radiotap.present", "Present (little endian)", 4, 4),
};
const struct protocol protocol_radiotap = { LAYER("radiotap", "Radiotap"), HEADER(radiotap, 8),
					    .hop = nsc_hop_radiotap };

static const struct nsc_field_type ppi[] = {
	F_HEX("ppi.length", "Length (little endian)", 2, 2),
	F_HEX("ppi.dlt", "Link type (little endian)", 4, 4),
};
const struct protocol protocol_ppi = { LAYER("ppi", "PPI"), HEADER(ppi, 8), .hop = nsc_hop_ppi, .text = "PPI" };

static const struct nsc_field_type avs[] = { F_DEC("wlan.avs.length", "Length", 4, 4) };
const struct protocol protocol_avs = { LAYER("avs", "AVS"), HEADER(avs, 8), .hop = nsc_hop_avs };

const struct protocol protocol_prism = { LAYER("prism", "Prism"), .hop = nsc_hop_prism };
