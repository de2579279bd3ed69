/* SPDX-License-Identifier: MIT
 *
 * ICMP over IPv4. An error quotes the packet that it is about: it is dissected as a part of the layer.
 */
#include "engine/dissect/dissect.h"

enum {
	HEADER = 8,
	ECHO_REPLY = 0,
	UNREACHABLE = 3,
	QUENCH = 4,
	REDIRECT = 5,
	ECHO = 8,
	EXCEEDED = 11,
	PARAMETER = 12,
	CODE_FRAGMENTATION = 4,
	QUOTE_MIN = 128, /* with extensions, the quote is padded to this */
};

static const struct nsc_value_name names_type[] = {
	{ 0, "echo reply" },           { 3, "destination unreachable" },
	{ 4, "source quench" },        { 5, "redirect" },
	{ 8, "echo request" },         { 9, "router advertisement" },
	{ 10, "router solicitation" }, { 11, "time exceeded" },
	{ 12, "parameter problem" },   { 13, "timestamp request" },
	{ 14, "timestamp reply" },     { 15, "information request" },
	{ 16, "information reply" },   { 17, "address mask request" },
	{ 18, "address mask reply" },  { 0, NULL },
};

static const struct nsc_value_name names_unreachable[] = {
	{ 0, "network unreachable" },
	{ 1, "host unreachable" },
	{ 2, "protocol unreachable" },
	{ 3, "port unreachable" },
	{ 4, "fragmentation needed" },
	{ 5, "source route failed" },
	{ 6, "network unknown" },
	{ 7, "host unknown" },
	{ 9, "network prohibited" },
	{ 10, "host prohibited" },
	{ 11, "network unreachable for this service" },
	{ 12, "host unreachable for this service" },
	{ 13, "prohibited by filter" },
	{ 14, "precedence violation" },
	{ 15, "precedence cutoff" },
	{ 0, NULL },
};

static const struct nsc_value_name names_redirect[] = {
	{ 0, "for the network" },      { 1, "for the host" }, { 2, "for service and network" },
	{ 3, "for service and host" }, { 0, NULL },
};

static const struct nsc_value_name names_exceeded[] = { { 0, "in transit" }, { 1, "in reassembly" }, { 0, NULL } };

static const struct nsc_field_type icmp_type = F_NAMED("icmp.type", "Type", 0, 1, names_type);
static const struct nsc_field_type icmp_code = F_DEC("icmp.code", "Code", 1, 1);
static const struct nsc_field_type icmp_code_unreachable = F_NAMED("icmp.code", "Code", 1, 1, names_unreachable);
static const struct nsc_field_type icmp_code_redirect = F_NAMED("icmp.code", "Code", 1, 1, names_redirect);
static const struct nsc_field_type icmp_code_exceeded = F_NAMED("icmp.code", "Code", 1, 1, names_exceeded);
static const struct nsc_field_type icmp_checksum = F_HEX("icmp.checksum", "Checksum", 2, 2);
static const struct nsc_field_type icmp_ident = F_DEC("icmp.ident", "Identifier", 4, 2);
static const struct nsc_field_type icmp_seq = F_DEC("icmp.seq", "Sequence number", 6, 2);
static const struct nsc_field_type icmp_mtu = F_DEC("icmp.mtu", "Next MTU", 6, 2);
static const struct nsc_field_type icmp_gateway = F_IPV4("icmp.redir_gw", "Gateway", 4);
static const struct nsc_field_type icmp_pointer = F_DEC("icmp.pointer", "Pointer", 4, 1);

static const struct nsc_field_type *code_of(uint8_t type)
{
	switch (type) {
	case UNREACHABLE:
		return &icmp_code_unreachable;
	case REDIRECT:
		return &icmp_code_redirect;
	case EXCEEDED:
		return &icmp_code_exceeded;
	default:
		return &icmp_code;
	}
}

static bool has_identifier(uint8_t type)
{
	return type == ECHO_REPLY || type == ECHO || (type >= 13 && type <= 18);
}

static bool icmp_is_error(uint8_t type)
{
	return type == UNREACHABLE || type == QUENCH || type == REDIRECT || type == EXCEEDED || type == PARAMETER;
}

static void add_rest(struct dissect *s, uint8_t type, uint8_t code)
{
	if (has_identifier(type)) {
		add_field(s, &icmp_ident);
		add_field(s, &icmp_seq);
	} else if (type == UNREACHABLE && code == CODE_FRAGMENTATION) {
		add_field(s, &icmp_mtu);
	} else if (type == REDIRECT) {
		add_field(s, &icmp_gateway);
	} else if (type == PARAMETER) {
		add_field(s, &icmp_pointer);
	}
}

/* A length in words in the unused part says where the quote ends and extensions begin (RFC 4884). */
static void limit_quote(struct dissect *s, const uint8_t *p)
{
	uint32_t words = p[5];

	if ((p[0] == UNREACHABLE || p[0] == EXCEEDED || p[0] == PARAMETER) && words * 4 >= QUOTE_MIN)
		limit(s, s->off + words * 4);
}

static enum step dissect_icmp(struct dissect *s)
{
	const uint8_t *p = here(s);
	uint16_t layer = add_layer(s, &protocol_icmp, HEADER);

	add_field(s, &icmp_type);
	if (has(s, 2)) {
		add_field(s, code_of(p[0]));
		add_field(s, &icmp_checksum);
		add_rest(s, p[0], p[1]);
	}
	if (!has(s, HEADER))
		return stop_cut(s);
	s->off += HEADER;
	set_payload(s);
	if (s->off == s->cap_end || !icmp_is_error(p[0]))
		return s->off < s->cap_end ? STEP_DATA : STEP_STOP;
	set_end(s, layer, s->cap_end);
	limit_quote(s, p);
	dissect_quoted(s, layer, STEP_IPV4);
	return STEP_STOP;
}

static void line_icmp(struct line *l, uint16_t layer)
{
	uint8_t type = (uint8_t)child_value(l->tree, layer, &icmp_type, 0);
	const struct nsc_field_type *code_type = code_of(type);
	const struct nsc_field *code = child(l->tree, layer, code_type);

	line_print(l, layer, "ICMP %n[, %N]", TYPES(&icmp_type, code_type));
	if (code && code->value != 0 && !nsc_field_value_name(code))
		line_print(l, layer, " code=%v", TYPES(code_type));
	if (has_identifier(type) && child(l->tree, layer, &icmp_seq))
		line_print(l, layer, " id=%v seq=%v", TYPES(&icmp_ident, &icmp_seq));
}

const struct protocol protocol_icmp = { LAYER("icmp", "ICMP"), .dissect = dissect_icmp, .line = line_icmp };
