/* SPDX-License-Identifier: MIT
 *
 * IPv6 and its extension headers.
 */
#include "engine/dissect/dissect.h"

static enum step step_of_next(struct dissect *s, uint8_t next)
{
	s->type = next;
	if (nsc_ipv6_is_extension(next))
		return STEP_EXTENSION;
	set_payload(s);
	return step_of_ip_protocol(s, next);
}

/* --- the header ------------------------------------------------------------------------------- */

enum { IP6_VERSION, IP6_CLASS, IP6_DSCP, IP6_ECN, IP6_FLOW, IP6_PLEN, IP6_NEXT, IP6_HLIM, IP6_SRC, IP6_DST };

static const struct nsc_field_type ip6[] = {
	[IP6_VERSION] = F_DEC_BITS("ipv6.version", "Version", 0, 1, 4, 15),
	[IP6_CLASS] = FIELD("ipv6.tclass", "Traffic class", HEX, .digits = 2, .size = 4, .shift = 20, .bits = 0xff),
	[IP6_DSCP] = F_DEC_BITS("ipv6.tclass.dscp", "Code point", 0, 4, 22, 63),
	[IP6_ECN] = F_DEC_BITS("ipv6.tclass.ecn", "Congestion notification", 0, 4, 20, 3),
	[IP6_FLOW] = FIELD("ipv6.flow", "Flow label", HEX, .digits = 6, .size = 4, .bits = 0xfffff),
	[IP6_PLEN] = F_DEC("ipv6.plen", "Payload length", 4, 2),
	[IP6_NEXT] = F_NAMED("ipv6.nxt", "Next header", 6, 1, names_ip_protocol),
	[IP6_HLIM] = F_DEC("ipv6.hlim", "Hop limit", 7, 1),
	[IP6_SRC] = F_IPV6("ipv6.src", "Source", 8),
	[IP6_DST] = F_IPV6("ipv6.dst", "Destination", 24),
};

/* The length of a jumbogram, or 0: it takes an option that says more than the 16-bit field could. */
static uint32_t jumbo_length(const struct dissect *s)
{
	uint64_t at = s->off + 2, end;

	if (!has(s, 8))
		return 0;
	end = s->off + (here(s)[1] + 1u) * 8;
	for (; at < end && at + 6 <= s->cap_end; at = nsc_decode_option_end(s->data, at, s->cap_end))
		if (s->data[at] == OPTION_JUMBO && s->data[at + 1] == 4) {
			uint32_t length = nsc_load32(s->data + at + 2);

			return length > UINT16_MAX ? length : 0;
		}
	return 0;
}

static enum step dissect_ipv6(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint32_t payload;

	if (p[0] >> 4 != 6) /* whatever it is, it is not IP */
		return STEP_DATA;
	s->extensions = 0;
	s->fragment = false;
	if (!add_header(s, &protocol_ipv6))
		return STEP_STOP;
	payload = nsc_load16(p + 4);
	s->off += NSC_IPV6_HEADER;
	if (payload == 0 && p[6] == PROTO_HOP_BY_HOP)
		payload = jumbo_length(s);
	if (payload != 0 || !is_beyond_16_bits(s))
		limit(s, s->off + payload);
	return step_of_next(s, p[6]);
}

const struct protocol protocol_ipv6 = { LAYER("ipv6", "IPv6"), HEADER(ip6, NSC_IPV6_HEADER), .dissect = dissect_ipv6,
					LINE("IPv6: %v -> %v next=%n hlim=%v len=%v", &ip6[IP6_SRC], &ip6[IP6_DST],
					     &ip6[IP6_NEXT], &ip6[IP6_HLIM], &ip6[IP6_PLEN]) };

/* --- extension headers ------------------------------------------------------------------------ */

static const struct {
	uint8_t number;
	struct nsc_field_type group;
} extension_groups[] = {
#define NSC_X(id, number, length, field, label) { number, F_GROUP(field, label) },
	NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
};

/* step_of_next lets nothing come here that is not in the table. */
static const struct nsc_field_type *extension_group(uint8_t kind)
{
	size_t i = 0;

	while (i < NSC_ARRAY_LEN(extension_groups) - 1 && extension_groups[i].number != kind)
		i++;
	return &extension_groups[i].group;
}

static const struct nsc_field_type extension_head[] = {
	F_NAMED("ipv6.ext.nxt", "Next header", 0, 1, names_ip_protocol),
	F_DEC("ipv6.ext.len", "Length", 1, 1),
};
static const struct nsc_field_type extension_content = F_BYTES("ipv6.ext.content", "Content");

static const struct nsc_field_type routing[] = {
	F_NAMED("ipv6.routing.nxt", "Next header", 0, 1, names_ip_protocol),
	F_DEC("ipv6.routing.len", "Length", 1, 1),
	F_DEC("ipv6.routing.type", "Type", 2, 1),
	F_DEC("ipv6.routing.segleft", "Segments left", 3, 1),
};

enum { FRAG_NEXT, FRAG_OFFSET, FRAG_MORE, FRAG_ID };

static const struct nsc_field_type fragment[] = {
	[FRAG_NEXT] = F_NAMED("ipv6.fraghdr.nxt", "Next header", 0, 1, names_ip_protocol),
	[FRAG_OFFSET] = FIELD("ipv6.fraghdr.offset", "Offset", DEC, .at = 2, .size = 2, .shift = 3, .scale = 8),
	[FRAG_MORE] = F_FLAG("ipv6.fraghdr.more", "More fragments", 2, 2, 0),
	[FRAG_ID] = F_HEX("ipv6.fraghdr.ident", "Identification", 4, 4),
};

static const struct nsc_field_type ah[] = {
	F_NAMED("ah.next_header", "Next header", 0, 1, names_ip_protocol),
	F_DEC("ah.length", "Length", 1, 1),
	F_HEX("ah.spi", "Security parameters index", 4, 4),
	F_DEC("ah.sequence", "Sequence number", 8, 4),
};

static void add_extension_fields(struct dissect *s, uint8_t kind, uint32_t length)
{
	switch (kind) {
	case PROTO_ROUTING:
		add_fields(s, routing, NSC_ARRAY_LEN(routing));
		break;
	case PROTO_FRAGMENT:
		add_fields(s, fragment, NSC_ARRAY_LEN(fragment));
		break;
	case PROTO_AH:
		add_fields(s, ah, NSC_ARRAY_LEN(ah));
		break;
	default:
		add_fields(s, extension_head, NSC_ARRAY_LEN(extension_head));
		if (length > 2)
			add_range(s, &extension_content, s->off + 2, length - 2);
	}
}

/* As decode judges it: options may overrun their header unnoticed, but not the packet; a routing header must have room
 * for the address that its type stands for. */
static bool is_possible(const struct dissect *s, uint8_t kind, uint32_t length)
{
	uint64_t at = s->off + 2;

	if (kind == PROTO_ROUTING)
		return length > 8 || (here(s)[2] != ROUTING_MOBILE && here(s)[2] != ROUTING_SEGMENTS);
	if (kind != PROTO_HOP_BY_HOP && kind != PROTO_DESTINATION)
		return true;
	while (at < s->off + length)
		at = nsc_decode_option_end(s->data, at, s->cap_end);
	return at <= s->cap_end;
}

static enum step after_extension(struct dissect *s, uint8_t kind, uint32_t length)
{
	const uint8_t *p = here(s);

	if (!is_possible(s, kind, length))
		return stop_note(s, "the extension header is impossible");
	s->off += length;
	if (kind == PROTO_FRAGMENT && nsc_load16(p + 2) & NSC_IPV6_FRAGMENT_LATER) {
		set_payload(s);
		return STEP_DATA;
	}
	if (kind == PROTO_FRAGMENT)
		s->fragment = p[3] & 1;
	return step_of_next(s, p[0]);
}

/* Extensions are layers of their own, so that what follows IPv6 is found at one depth. */
static enum step dissect_extension(struct dissect *s)
{
	uint8_t kind = (uint8_t)s->type;
	uint32_t length = 8;
	uint16_t group;

	if (s->extensions++ == NSC_IPV6_EXTENSIONS_MAX)
		return stop_note(s, "more than 16 extension headers: the rest is not dissected");
	if (has(s, 2))
		length = nsc_ipv6_extension_bytes(kind, here(s)[1]);
	add_layer(s, &protocol_extension, length);
	group = enter_group(s, extension_group(kind), s->off, length);
	add_extension_fields(s, kind, length);
	leave_group(s, group);
	if (!has(s, 8) || !has(s, length))
		return stop_cut(s);
	return after_extension(s, kind, length);
}

static void line_extension(struct line *l, uint16_t layer)
{
	if (!child(l->tree, layer, &fragment[FRAG_OFFSET])) {
		nsc_buffer_text(&l->out, layer + 1 < l->tree->n ? l->tree->field[layer + 1].type->label : "extension");
		return;
	}
	line_print(l, layer, "frag id=%v offset=%v", TYPES(&fragment[FRAG_ID], &fragment[FRAG_OFFSET]));
	if (child_value(l->tree, layer, &fragment[FRAG_MORE], 0))
		nsc_buffer_text(&l->out, "+");
}

const struct protocol protocol_extension = { LAYER("ipv6.ext", "IPv6 extension"), .dissect = dissect_extension,
					     .line = line_extension };

/* --- an authentication header behind IPv4 ----------------------------------------------------- */

static enum step dissect_ah(struct dissect *s)
{
	uint32_t length = has(s, 2) ? nsc_ipv6_extension_bytes(PROTO_AH, here(s)[1]) : 12;
	uint8_t next;

	add_layer(s, &protocol_ah, length);
	add_fields(s, ah, NSC_ARRAY_LEN(ah));
	if (!has(s, 12) || !has(s, length))
		return stop_cut(s);
	next = *here(s);
	s->off += length;
	set_payload(s);
	return step_of_ip_protocol(s, next);
}

const struct protocol protocol_ah = { LAYER("ah", "Authentication header"), .dissect = dissect_ah,
				      LINE("AH spi=%v", &ah[2]) };
