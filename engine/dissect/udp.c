/* SPDX-License-Identifier: MIT
 *
 * UDP, and what its ports stand for; SCTP's ports.
 */
#include "engine/dissect/dissect.h"

enum { UDP_HEADER = 8, SCTP_HEADER = 12 };

enum { UDP_SRC, UDP_DST, UDP_LENGTH, UDP_CHECKSUM };

static const struct nsc_field_type udp[] = {
	[UDP_SRC] = F_DEC("udp.srcport", "Source port", 0, 2),
	[UDP_DST] = F_DEC("udp.dstport", "Destination port", 2, 2),
	[UDP_LENGTH] = F_DEC("udp.length", "Length", 4, 2),
	[UDP_CHECKSUM] = F_HEX("udp.checksum", "Checksum", 6, 2),
};

bool is_dns_port(uint16_t port)
{
	return port == 53 || port == 5353;
}

static enum step step_of_ports(struct dissect *s, bool is_whole)
{
	if (is_dns_port(s->src_port) || is_dns_port(s->dst_port))
		return STEP_DNS;
	return is_whole ? step_of_tunnel_port(s) : STEP_DATA; /* as decode: a tunnel needs a length of its own */
}

static enum step dissect_udp(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint32_t length;
	bool is_whole;

	if (!add_header(s, &protocol_udp))
		return STEP_STOP;
	s->src_port = nsc_load16(p);
	s->dst_port = nsc_load16(p + 2);
	length = nsc_load16(p + 4);
	if (length > 0 && length < UDP_HEADER)
		add_note(s, "the length is shorter than the header");
	if (s->off + length > s->wire_end && !s->fragment && !s->quotes)
		add_note(s, "the length is longer than the packet");
	is_whole = length >= UDP_HEADER || (length == 0 && is_beyond_16_bits(s));
	if (length >= UDP_HEADER) /* anything else below 8 but 0 is nonsense: the IP length holds */
		limit(s, s->off + length);
	s->off += UDP_HEADER;
	set_payload(s);
	return s->off < s->cap_end ? step_of_ports(s, is_whole) : STEP_STOP;
}

const struct protocol protocol_udp = { LAYER("udp", "UDP"), HEADER(udp, UDP_HEADER), .dissect = dissect_udp,
				       LINE("UDP :%v -> :%v[ len=%v]", &udp[UDP_SRC], &udp[UDP_DST],
					    &udp[UDP_LENGTH]) };

static const struct nsc_field_type sctp[] = {
	F_DEC("sctp.srcport", "Source port", 0, 2),
	F_DEC("sctp.dstport", "Destination port", 2, 2),
	F_HEX("sctp.verification_tag", "Verification tag", 4, 4),
	F_HEX("sctp.checksum", "Checksum", 8, 4),
};

static enum step dissect_sctp(struct dissect *s)
{
	if (!add_header(s, &protocol_sctp))
		return STEP_STOP;
	s->off += SCTP_HEADER;
	set_payload(s);
	return STEP_DATA;
}

const struct protocol protocol_sctp = { LAYER("sctp", "SCTP"), HEADER(sctp, SCTP_HEADER), .dissect = dissect_sctp,
					LINE("SCTP :%v -> :%v", &sctp[0], &sctp[1]) };
