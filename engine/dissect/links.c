/* SPDX-License-Identifier: MIT
 *
 * Link headers that decode reads as hops: serial lines, rings, ATM, tags of switches, headers of capturing systems.
 */
#include "engine/dissect/dissect.h"

/* --- in front of a frame, and of no further interest ------------------------------------------ */

static const struct nsc_field_type prefix_content = F_BYTES("link.header", "Content");

/* The fields of a hop have fixed places, but this one is as long as the header. */
static enum step dissect_prefix(struct dissect *s)
{
	struct nsc_hop hop = nsc_hop_prefix(here(s), s->cap_end - s->off, s->type);

	add_layer(s, &protocol_prefix, hop.length);
	add_range(s, &prefix_content, s->off, hop.length);
	return step_of_hop(s, &hop);
}

static void line_prefix(struct line *l, uint16_t layer)
{
	(void)layer;
	nsc_buffer_text(&l->out, nsc_link_name(l->tree->link));
}

const struct protocol protocol_prefix = { LAYER("link", "Link header"), .dissect = dissect_prefix,
					  .line = line_prefix };

/* --- serial lines ----------------------------------------------------------------------------- */

static const struct nsc_field_type serial[] = {
	F_HEX("ppp.direction", "Direction", 0, 1),
	F_HEX("ppp.control", "Control", 1, 1),
};
const struct protocol protocol_serial = { LAYER("ppp.serial", "PPP line"), HEADER(serial, 2), .hop = nsc_hop_serial,
					  .text = "pppd" };

static const struct nsc_field_type chdlc[] = {
	F_HEX("chdlc.address", "Address", 0, 1),
	F_HEX("chdlc.control", "Control", 1, 1),
	F_HEX_NAMED("chdlc.protocol", "Protocol", 2, 2, names_ethertype),
};
const struct protocol protocol_chdlc = { LAYER("chdlc", "Cisco HDLC"), HEADER(chdlc, 4), .hop = nsc_hop_chdlc,
					 .text = "HDLC" };

static const struct nsc_field_type frelay[] = { F_HEX("fr.address", "Address", 0, 2) };
const struct protocol protocol_frelay = { LAYER("fr", "Frame Relay"), HEADER(frelay, 2), .hop = nsc_hop_frelay,
					  LINE("FR %v", &frelay[0]) };

static const struct nsc_value_name names_nlpid[] = {
	{ NLPID_SNAP, "SNAP" }, { NLPID_IPV6, "IPv6" }, { NLPID_IPV4, "IPv4" }, { NLPID_PPP, "PPP" }, { 0, NULL },
};
static const struct nsc_field_type nlpid[] = { F_HEX_NAMED("nlpid", "Protocol", 0, 1, names_nlpid) };
const struct protocol protocol_nlpid = { LAYER("nlpid", "NLPID"), HEADER(nlpid, 1), .hop = nsc_hop_nlpid,
					 LINE("NLPID %n", &nlpid[0]) };

static const struct nsc_field_type snap[] = {
	F_HEX("llc.oui", "Organization", 0, 3),
	F_HEX_NAMED("llc.type", "Type", 3, 2, names_ethertype),
};
const struct protocol protocol_snap = { LAYER("snap", "SNAP"), HEADER(snap, 5), .hop = nsc_hop_snap, .text = "SNAP" };

/* --- rings ------------------------------------------------------------------------------------ */

static const struct nsc_field_type fddi[] = {
	F_HEX("fddi.fc", "Frame control", 0, 1),
	F_MAC("fddi.dst", "Destination", 1),
	F_MAC("fddi.src", "Source", 7),
};
const struct protocol protocol_fddi = { LAYER("fddi", "FDDI"), HEADER(fddi, 13), .hop = nsc_hop_fddi,
					LINE("FDDI: %v -> %v", &fddi[2], &fddi[1]) };

static const struct nsc_field_type token_ring[] = {
	F_HEX("tr.ac", "Access control", 0, 1),
	F_HEX("tr.fc", "Frame control", 1, 1),
	F_MAC("tr.dst", "Destination", 2),
	F_MAC("tr.src", "Source", 8),
};
const struct protocol protocol_token_ring = { LAYER("tr", "Token Ring"), HEADER(token_ring, 14),
					      .hop = nsc_hop_token_ring,
					      LINE("TR: %v -> %v", &token_ring[3], &token_ring[2]) };

static const struct nsc_field_type arcnet[] = {
	F_DEC("arcnet.src", "Source", 0, 1),
	F_DEC("arcnet.dst", "Destination", 1, 1),
};
const struct protocol protocol_arcnet = { LAYER("arcnet", "ARCNET"), HEADER(arcnet, 3), .hop = nsc_hop_arcnet,
					  LINE("ARCNET: %v -> %v", &arcnet[0], &arcnet[1]) };

/* --- ATM -------------------------------------------------------------------------------------- */

const struct protocol protocol_atm = { LAYER("atm", "ATM"), .hop = nsc_hop_atm, .text = "ATM" };
const struct protocol protocol_clip = { LAYER("clip", "Classical IP over ATM"), .hop = nsc_hop_clip };
static const struct nsc_field_type sunatm[] = {
	F_DEC_BITS("atm.type", "Traffic", 0, 1, 0, 15),
	F_DEC("atm.vpi", "Path", 1, 1),
	F_DEC("atm.vci", "Channel", 2, 2),
};
const struct protocol protocol_sunatm = { LAYER("atm", "ATM"), HEADER(sunatm, 4), .hop = nsc_hop_sunatm,
					  LINE("ATM %v/%v", &sunatm[1], &sunatm[2]) };
static const struct nsc_field_type lane[] = { F_HEX("lane.le_client", "Client", 0, 2) };
const struct protocol protocol_lane = { LAYER("lane", "LAN emulation"), HEADER(lane, 2), .hop = nsc_hop_lane,
					.text = "LANE" };

/* --- capturing systems ------------------------------------------------------------------------ */

static const struct nsc_field_type nflog[] = {
	F_DEC("nflog.family", "Family", 0, 1),
	F_DEC("nflog.version", "Version", 1, 1),
	F_DEC("nflog.res_id", "Group", 2, 2),
};
const struct protocol protocol_nflog = { LAYER("nflog", "Netfilter log"), HEADER(nflog, 4), .hop = nsc_hop_nflog,
					 LINE("NFLOG group %v", &nflog[2]) };

static const struct nsc_field_type pktap[] = {
	F_HEX("pktap.hdrlen", "Header length (little endian)", 0, 4),
	F_HEX("pktap.rectype", "Record (little endian)", 4, 4),
	F_HEX("pktap.dlt", "Link type (little endian)", 8, 4),
};
const struct protocol protocol_pktap = { LAYER("pktap", "PKTAP"), HEADER(pktap, 12), .hop = nsc_hop_pktap,
					 .text = "PKTAP" };

static const struct nsc_field_type ipnet[] = {
	F_DEC("ipnet.version", "Version", 0, 1),
	F_DEC("ipnet.family", "Family", 1, 1),
	F_DEC("ipnet.ifindex", "Interface", 8, 4),
};
const struct protocol protocol_ipnet = { LAYER("ipnet", "IPNET"), HEADER(ipnet, 24), .hop = nsc_hop_ipnet,
					 .text = "IPNET" };

static const struct nsc_field_type enc[] = { F_HEX("enc.spi", "Security parameters index", 4, 4) };
const struct protocol protocol_enc = { LAYER("enc", "ENC"), HEADER(enc, 12), .hop = nsc_hop_enc,
				       LINE("ENC spi=%v", &enc[0]) };

static const struct nsc_field_type pflog[] = {
	F_DEC("pflog.length", "Header length", 0, 1),
	F_DEC("pflog.af", "Family", 1, 1),
	F_DEC("pflog.action", "Action", 2, 1),
	F_DEC("pflog.reason", "Reason", 3, 1),
};
const struct protocol protocol_pflog = { LAYER("pflog", "Packet filter log"), HEADER(pflog, 4), .hop = nsc_hop_pflog,
					 .text = "PFLOG" };

static const struct nsc_field_type juniper[] = {
	F_HEX("juniper.magic", "Mark", 0, 3),
	F_HEX("juniper.flags", "Flags", 3, 1),
};
const struct protocol protocol_juniper = { LAYER("juniper", "Juniper"), HEADER(juniper, 4), .hop = nsc_hop_juniper,
					   .text = "Juniper" };
