/* SPDX-License-Identifier: MIT
 *
 * ICMP over IPv6, with neighbor discovery.
 */
#include "engine/dissect/dissect.h"

enum {
	HEADER = 4,
	TOO_BIG = 2,
	PARAMETER = 4,
	ERROR_LAST = 4,
	ECHO = 128,
	ECHO_REPLY = 129,
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	NEIGHBOR_SOLICITATION = 135,
	NEIGHBOR_ADVERTISEMENT = 136,
	REDIRECT = 137,
	OPTION_SOURCE = 1,
	OPTION_TARGET = 2,
	OPTIONS_MAX = 32,
};

static const struct nsc_value_name names_type[] = {
	{ 1, "destination unreachable" },
	{ 2, "packet too big" },
	{ 3, "time exceeded" },
	{ 4, "parameter problem" },
	{ 128, "echo request" },
	{ 129, "echo reply" },
	{ 130, "multicast listener query" },
	{ 131, "multicast listener report" },
	{ 132, "multicast listener done" },
	{ 133, "router solicitation" },
	{ 134, "router advertisement" },
	{ 135, "neighbor solicitation" },
	{ 136, "neighbor advertisement" },
	{ 137, "redirect" },
	{ 143, "multicast listener report, version 2" },
	{ 155, "RPL control" },
	{ 0, NULL },
};
static const struct nsc_value_name names_option[] = {
	{ 1, "source link address" },
	{ 2, "target link address" },
	{ 3, "prefix" },
	{ 4, "redirected packet" },
	{ 5, "MTU" },
	{ 24, "route" },
	{ 25, "DNS servers" },
	{ 31, "DNS search list" },
	{ 0, NULL },
};

static const struct nsc_field_type head[] = {
	F_NAMED("icmpv6.type", "Type", 0, 1, names_type),
	F_DEC("icmpv6.code", "Code", 1, 1),
	F_HEX("icmpv6.checksum", "Checksum", 2, 2),
};
static const struct nsc_field_type mtu = F_DEC("icmpv6.mtu", "MTU", 4, 4);
static const struct nsc_field_type pointer = F_DEC("icmpv6.pointer", "Pointer", 4, 4);
static const struct nsc_field_type echo[] = {
	F_HEX("icmpv6.echo.identifier", "Identifier", 4, 2),
	F_DEC("icmpv6.echo.sequence_number", "Sequence number", 6, 2),
};
static const struct nsc_field_type router[] = {
	F_DEC("icmpv6.nd.ra.cur_hop_limit", "Hop limit", 4, 1),
	F_FLAG("icmpv6.nd.ra.flag.m", "Managed addresses", 5, 1, 7),
	F_FLAG("icmpv6.nd.ra.flag.o", "Other configuration", 5, 1, 6),
	F_DEC("icmpv6.nd.ra.router_lifetime", "Router lifetime", 6, 2),
	F_DEC("icmpv6.nd.ra.reachable_time", "Reachable time", 8, 4),
	F_DEC("icmpv6.nd.ra.retrans_timer", "Retransmission timer", 12, 4),
};
static const struct nsc_field_type advertisement[] = {
	F_FLAG("icmpv6.nd.na.flag.r", "Router", 4, 1, 7),
	F_FLAG("icmpv6.nd.na.flag.s", "Solicited", 4, 1, 6),
	F_FLAG("icmpv6.nd.na.flag.o", "Override", 4, 1, 5),
};
static const struct nsc_field_type target_solicited = F_IPV6("icmpv6.nd.ns.target_address", "Target", 8);
static const struct nsc_field_type target_advertised = F_IPV6("icmpv6.nd.na.target_address", "Target", 8);
static const struct nsc_field_type target_redirect = F_IPV6("icmpv6.nd.rd.target_address", "Target", 8);
static const struct nsc_field_type destination_redirect = F_IPV6("icmpv6.nd.rd.destination_address", "Destination", 24);

static const struct nsc_field_type option_group = F_GROUP("icmpv6.opt", "Option");
static const struct nsc_field_type option_type = F_NAMED("icmpv6.opt.type", "Type", 0, 1, names_option);
static const struct nsc_field_type option_length = F_DEC("icmpv6.opt.length", "Length", 1, 1);
static const struct nsc_field_type option_address = F_MAC("icmpv6.opt.linkaddr", "Link address", 2);
static const struct nsc_field_type option_content = F_BYTES("icmpv6.opt.content", "Content");

static bool icmpv6_is_error(uint8_t type)
{
	return type >= 1 && type <= ERROR_LAST;
}

/* The fixed part of a message, and its length. */
static uint32_t add_body(struct dissect *s, uint8_t type)
{
	switch (type) {
	case TOO_BIG:
		add_field(s, &mtu);
		return 8;
	case PARAMETER:
		add_field(s, &pointer);
		return 8;
	case ECHO:
	case ECHO_REPLY:
		add_fields(s, echo, NSC_ARRAY_LEN(echo));
		return 8;
	case ROUTER_SOLICITATION:
		return 8;
	case ROUTER_ADVERTISEMENT:
		add_fields(s, router, NSC_ARRAY_LEN(router));
		return 16;
	case NEIGHBOR_SOLICITATION:
		add_field(s, &target_solicited);
		return 24;
	case NEIGHBOR_ADVERTISEMENT:
		add_fields(s, advertisement, NSC_ARRAY_LEN(advertisement));
		add_field(s, &target_advertised);
		return 24;
	case REDIRECT:
		add_field(s, &target_redirect);
		add_field(s, &destination_redirect);
		return 40;
	default:
		return icmpv6_is_error(type) ? 8 : HEADER;
	}
}

static void icmpv6_add_options(struct dissect *s, uint64_t at)
{
	for (unsigned i = 0; i < OPTIONS_MAX && at + 2 <= s->cap_end; i++) {
		uint32_t length = s->data[at + 1] * 8u;
		uint16_t group;

		if (length == 0) {
			add_note(s, "an option without length");
			return;
		}
		group = enter_group(s, &option_group, at, length);
		add_at(s, &option_type, at);
		add_at(s, &option_length, at + 1);
		if ((s->data[at] == OPTION_SOURCE || s->data[at] == OPTION_TARGET) && length == 8)
			add_at(s, &option_address, at + 2);
		else
			add_range(s, &option_content, at + 2, length - 2);
		leave_group(s, group);
		at += length;
	}
}

static bool is_discovery(uint8_t type)
{
	return type >= ROUTER_SOLICITATION && type <= REDIRECT;
}

static enum step dissect_icmpv6(struct dissect *s)
{
	uint8_t type = *here(s);
	uint16_t layer = add_layer(s, &protocol_icmpv6, HEADER);
	uint32_t length;

	add_fields(s, head, NSC_ARRAY_LEN(head));
	length = add_body(s, type);
	set_end(s, layer, s->off + length);
	if (is_discovery(type) && has(s, length)) {
		icmpv6_add_options(s, s->off + length);
		set_end(s, layer, s->cap_end);
	}
	if (!has(s, length))
		return stop_cut(s);
	s->off = is_discovery(type) ? s->wire_end : s->off + length; /* options are no payload */
	set_payload(s);
	if (s->off >= s->cap_end)
		return STEP_STOP;
	if (!icmpv6_is_error(type))
		return STEP_DATA;
	set_end(s, layer, s->cap_end);
	dissect_quoted(s, layer, STEP_IPV6);
	return STEP_STOP;
}

static void line_icmpv6(struct line *l, uint16_t layer)
{
	bool advertised = child(l->tree, layer, &target_advertised);

	line_print(l, layer, "ICMPv6 %n", TYPES(&head[0]));
	if (child_value(l->tree, layer, &head[1], 0) != 0)
		line_print(l, layer, " code=%v", TYPES(&head[1]));
	if (child(l->tree, layer, &echo[1])) {
		nsc_buffer_text(&l->out, " id=");
		nsc_buffer_u64(&l->out, child_value(l->tree, layer, &echo[0], 0)); /* decimal, as of ICMP */
		line_print(l, layer, " seq=%v", TYPES(&echo[1]));
	}
	line_print(l, layer, "[ target=%v]", TYPES(advertised ? &target_advertised : &target_solicited));
}

const struct protocol protocol_icmpv6 = { LAYER("icmpv6", "ICMPv6"), .dissect = dissect_icmpv6, .line = line_icmpv6 };
