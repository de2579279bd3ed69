/* SPDX-License-Identifier: MIT
 *
 * IPv4, and which protocol follows an IP header.
 */
#include "engine/dissect/dissect.h"

enum {
	HEADER = 20,
};

static const struct step_of transports[] = {
	{ NSC_PROTO_TCP, STEP_TCP },
	{ NSC_PROTO_UDP, STEP_UDP },
	{ NSC_PROTO_SCTP, STEP_SCTP },
	{ NSC_PROTO_ICMP, STEP_ICMP },
	{ NSC_PROTO_ICMPV6, STEP_ICMPV6 },
	{ PROTO_NONE, STEP_STOP },
	{ 0, STEP_DATA },
};
static const struct step_of tunnels[] = {
	{ PROTO_IPIP, STEP_IPV4 },
	{ PROTO_IPV6, STEP_IPV6 },
	{ PROTO_GRE, STEP_GRE },
	{ PROTO_MPLS, STEP_MPLS },
	{ PROTO_ETHERNET, STEP_ETHERNET },
	{ PROTO_ETHERIP, STEP_ETHERIP },
	{ PROTO_L2TP, STEP_L2TPV3 },
	{ PROTO_AH, STEP_AH },
	{ 0, STEP_DATA },
};

enum step step_of_ip_protocol(struct dissect *s, uint8_t protocol)
{
	enum step transport = step_in(transports, protocol), tunnel = step_in(tunnels, protocol);

	s->type = protocol;
	return tunnel == STEP_DATA ? transport : enter_tunnel(s, tunnel);
}

static enum step dissect_ip(struct dissect *s)
{
	static const struct step_of versions[] = { { 4, STEP_IPV4 }, { 6, STEP_IPV6 }, { 0, STEP_DATA } };

	return step_in(versions, *here(s) >> 4);
}

const struct protocol protocol_ip = { .dissect = dissect_ip };

enum {
	IP_VERSION,
	IP_HDR_LEN,
	IP_DSFIELD,
	IP_DSCP,
	IP_ECN,
	IP_LEN,
	IP_ID,
	IP_FLAGS,
	IP_RB,
	IP_DF,
	IP_MF,
	IP_FRAG,
	IP_TTL,
	IP_PROTO,
	IP_CHECKSUM,
	IP_SRC,
	IP_DST
};

static const struct nsc_field_type ip[] = {
	[IP_VERSION] = F_DEC_BITS("ip.version", "Version", 0, 1, 4, 15),
	[IP_HDR_LEN] = FIELD("ip.hdr_len", "Header length", DEC, .size = 1, .bits = 15, .scale = 4),
	[IP_DSFIELD] = F_HEX("ip.dsfield", "Differentiated services", 1, 1),
	[IP_DSCP] = F_DEC_BITS("ip.dsfield.dscp", "Code point", 1, 1, 2, 63),
	[IP_ECN] = F_DEC_BITS("ip.dsfield.ecn", "Congestion notification", 1, 1, 0, 3),
	[IP_LEN] = F_DEC("ip.len", "Total length", 2, 2),
	[IP_ID] = F_HEX("ip.id", "Identification", 4, 2),
	[IP_FLAGS] = FIELD("ip.flags", "Flags", HEX, .digits = 1, .at = 6, .size = 1, .shift = 5),
	[IP_RB] = F_FLAG("ip.flags.rb", "Reserved", 6, 1, 7),
	[IP_DF] = F_FLAG("ip.flags.df", "Don't fragment", 6, 1, 6),
	[IP_MF] = F_FLAG("ip.flags.mf", "More fragments", 6, 1, 5),
	[IP_FRAG] = F_DEC_BITS("ip.frag_offset", "Fragment offset (in 8 bytes)", 6, 2, 0, 0x1fff),
	[IP_TTL] = F_DEC("ip.ttl", "Time to live", 8, 1),
	[IP_PROTO] = F_NAMED("ip.proto", "Protocol", 9, 1, names_ip_protocol),
	[IP_CHECKSUM] = F_HEX("ip.checksum", "Header checksum", 10, 2),
	[IP_SRC] = F_IPV4("ip.src", "Source", 12),
	[IP_DST] = F_IPV4("ip.dst", "Destination", 16),
};

static const struct nsc_field_type checksum_status =
	FIELD("ip.checksum.status", "Checksum status", DEC, .names = names_checksum);
static const struct nsc_field_type checksum_right = FIELD("ip.checksum_calculated", "Right checksum", HEX, .digits = 4);
static const struct nsc_field_type options = F_BYTES("ip.options", "Options");

/* What the checksum field should hold. */
static uint16_t right_checksum(const uint8_t *p, uint32_t header)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < header; i += 2)
		sum += i == 10 ? 0 : nsc_load16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void add_checksum(struct dissect *s, uint32_t header)
{
	uint16_t right, found;

	add_field(s, &ip[IP_CHECKSUM]);
	if (!has(s, header)) {
		if (has(s, 12))
			add_number(s, &checksum_status, s->off + 10, 2, 2);
		return;
	}
	right = right_checksum(here(s), header);
	found = nsc_load16(here(s) + 10);
	/* 0 and 0xffff are one number in this arithmetic, so both forms of it are right. */
	if (right == 0 && found == 0xffff)
		right = 0xffff;
	add_number(s, &checksum_status, s->off + 10, 2, right == found);
	add_number(s, &checksum_right, s->off + 10, 2, right);
}

/* 0 means: segmented by the network card, longer than the field can say. Then the frame knows. */
static void add_length(struct dissect *s)
{
	if (has(s, 4) && nsc_load16(here(s) + 2) == 0)
		add_number(s, &ip[IP_LEN], s->off + 2, 2, s->wire_end - s->off);
	else
		add_field(s, &ip[IP_LEN]);
}

static enum step ipv4_after_header(struct dissect *s, const uint8_t *p, uint32_t header)
{
	uint16_t fragment = nsc_load16(p + 6);

	if (fragment & 0x1fff) {
		s->off = NSC_MIN(s->off + header, s->cap_end);
		set_payload(s);
		return STEP_DATA;
	}
	if (!has(s, header))
		return stop_cut(s);
	s->off += header;
	s->fragment = fragment & 0x2000;
	set_payload(s);
	return step_of_ip_protocol(s, p[9]);
}

static enum step dissect_ipv4(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint32_t header = (p[0] & 15u) * 4, total;

	if (p[0] >> 4 == 6)
		return STEP_IPV6;
	s->extensions = 0;
	add_layer(s, &protocol_ipv4, NSC_MAX(header, HEADER));
	if (p[0] >> 4 != 4 || header < HEADER) {
		add_fields(s, ip, p[0] >> 4 == 4 ? IP_DSFIELD : IP_HDR_LEN);
		return stop_note(s, "impossible version or header length");
	}
	add_fields(s, ip, IP_LEN);
	add_length(s);
	add_fields(s, ip + IP_ID, IP_CHECKSUM - IP_ID);
	add_checksum(s, header);
	add_fields(s, ip + IP_SRC, 2);
	if (header > HEADER)
		add_range(s, &options, s->off + HEADER, header - HEADER);
	if (!has(s, HEADER))
		return stop_cut(s);
	total = nsc_load16(p + 2);
	if (total != 0 && total < header)
		return stop_note(s, "the total length is shorter than the header");
	if (total != 0)
		limit(s, s->off + total);
	return ipv4_after_header(s, p, header);
}

static void line_fragment(struct line *l, uint16_t layer)
{
	uint64_t offset = child_value(l->tree, layer, &ip[IP_FRAG], 0);

	if (offset == 0 && child_value(l->tree, layer, &ip[IP_MF], 0) == 0)
		return;
	line_print(l, layer, " frag id=%v offset=", TYPES(&ip[IP_ID]));
	nsc_buffer_u64(&l->out, offset * 8);
	if (child_value(l->tree, layer, &ip[IP_MF], 0))
		nsc_buffer_text(&l->out, "+");
}

static void line_ipv4(struct line *l, uint16_t layer)
{
	if (!child(l->tree, layer, &ip[IP_LEN])) { /* the remark says why */
		nsc_buffer_text(&l->out, "IPv4");
		return;
	}
	line_print(l, layer, "IPv4: %v -> %v proto=%n ttl=%v len=%v",
		   TYPES(&ip[IP_SRC], &ip[IP_DST], &ip[IP_PROTO], &ip[IP_TTL], &ip[IP_LEN]));
	line_fragment(l, layer);
}

const struct protocol protocol_ipv4 = { LAYER("ip", "IPv4"), .dissect = dissect_ipv4, .line = line_ipv4 };
