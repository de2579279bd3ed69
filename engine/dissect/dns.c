/* SPDX-License-Identifier: MIT
 *
 * DNS over UDP and TCP, and multicast DNS: header, questions, and the records of the three sections.
 */
#include "engine/dissect/dns.h"

enum {
	HEADER = 12,
	PORT_MDNS = 5353,
	MESSAGES_MAX = 16,    /* in one TCP segment */
	LINE_ANSWERS_MAX = 3, /* in a packet line */
};

extern const struct protocol protocol_mdns;

static const struct nsc_value_name names_opcode[] = {
	{ 0, "query" },  { 1, "inverse query" }, { 2, "status" }, { 4, "notify" },
	{ 5, "update" }, { 6, "stateful" },      { 0, NULL },
};
static const struct nsc_value_name names_rcode[] = {
	{ 0, "no error" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" },   { 5, "REFUSED" },
	{ 6, "YXDOMAIN" }, { 7, "YXRRSET" }, { 8, "NXRRSET" },  { 9, "NOTAUTH" },  { 10, "NOTZONE" }, { 0, NULL },
};

enum {
	DNS_ID,
	DNS_FLAGS,
	DNS_RESPONSE,
	DNS_OPCODE,
	DNS_AUTHORITATIVE,
	DNS_TRUNCATED,
	DNS_RD,
	DNS_RA,
	DNS_Z,
	DNS_AD,
	DNS_CD,
	DNS_RCODE,
	DNS_QUERIES,
	DNS_ANSWERS,
	DNS_AUTH,
	DNS_ADD
};

static const struct nsc_field_type dns[] = {
	[DNS_ID] = F_HEX("dns.id", "Transaction", 0, 2),
	[DNS_FLAGS] = F_HEX("dns.flags", "Flags", 2, 2),
	[DNS_RESPONSE] = F_FLAG("dns.flags.response", "Response", 2, 2, 15),
	[DNS_OPCODE] = FIELD("dns.flags.opcode", "Operation", DEC, .at = 2, .size = 2, .shift = 11, .bits = 15,
			     .names = names_opcode),
	[DNS_AUTHORITATIVE] = F_FLAG("dns.flags.authoritative", "Authoritative", 2, 2, 10),
	[DNS_TRUNCATED] = F_FLAG("dns.flags.truncated", "Truncated", 2, 2, 9),
	[DNS_RD] = F_FLAG("dns.flags.recdesired", "Recursion desired", 2, 2, 8),
	[DNS_RA] = F_FLAG("dns.flags.recavail", "Recursion available", 2, 2, 7),
	[DNS_Z] = F_FLAG("dns.flags.z", "Reserved", 2, 2, 6),
	[DNS_AD] = F_FLAG("dns.flags.authenticated", "Authenticated", 2, 2, 5),
	[DNS_CD] = F_FLAG("dns.flags.checkdisable", "Checking disabled", 2, 2, 4),
	[DNS_RCODE] = FIELD("dns.flags.rcode", "Result", DEC, .at = 2, .size = 2, .bits = 15, .names = names_rcode),
	[DNS_QUERIES] = F_DEC("dns.count.queries", "Questions", 4, 2),
	[DNS_ANSWERS] = F_DEC("dns.count.answers", "Answers", 6, 2),
	[DNS_AUTH] = F_DEC("dns.count.auth_rr", "Authority records", 8, 2),
	[DNS_ADD] = F_DEC("dns.count.add_rr", "Additional records", 10, 2),
};

static const struct nsc_field_type question_name = F_TEXT("dns.qry.name", "Name");
static const struct nsc_field_type question_type = F_NAMED("dns.qry.type", "Type", 0, 2, dns_type_names);
static const struct nsc_field_type question_class = F_HEX("dns.qry.class", "Class", 2, 2);
static const struct nsc_field_type question_class_multicast =
	FIELD("dns.qry.class", "Class", HEX, .digits = 4, .at = 2, .size = 2, .bits = 0x7fff);
static const struct nsc_field_type question_unicast = F_FLAG("dns.qry.qu", "Unicast answer", 2, 2, 15);

enum { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTIONS };

static const struct nsc_field_type section_groups[SECTIONS] = {
	F_GROUP("dns.query", "Question"),
	F_GROUP("dns.answer", "Answer"),
	F_GROUP("dns.authority", "Authority"),
	F_GROUP("dns.additional", "Additional"),
};
static const struct nsc_field_type record_name = F_TEXT("dns.resp.name", "Name");
static const struct nsc_field_type tcp_length = F_DEC("dns.length", "Length", 0, 2);

/* Behind the name of a question, which the caller has seen to be there. */
static uint64_t add_question(struct dissect *s, uint64_t at, bool multicast)
{
	add_at(s, &question_type, at);
	add_at(s, multicast ? &question_class_multicast : &question_class, at + 2);
	if (multicast)
		add_at(s, &question_unicast, at + 2);
	return at + 4;
}

/* A question or a record; where it ends, or 0 when it is damaged. */
static uint64_t add_entry(struct dissect *s, unsigned section, uint64_t base, uint64_t at, bool multicast)
{
	uint16_t group = enter_group(s, &section_groups[section], at, 1);
	bool question = section == SECTION_QUESTION;
	uint64_t end =
		dns_name_add(s, question ? &question_name : &record_name, base, at, question ? 4 : DNS_RECORD_HEADER);

	if (end != 0)
		end = question ? add_question(s, end, multicast) : dns_record_add(s, base, end, multicast);
	set_end(s, group, end ? end : s->cap_end);
	leave_group(s, group);
	return end;
}

/* Counts may promise anything: what ends the work is the message or the tree. */
static uint64_t add_sections(struct dissect *s, uint64_t base, bool multicast)
{
	const uint8_t *p = s->data + base;
	uint64_t at = base + HEADER;

	for (unsigned section = 0; section < SECTIONS; section++)
		for (unsigned i = nsc_load16(p + 4 + 2 * section); i > 0 && at != 0 && !s->tree->truncated; i--)
			at = add_entry(s, section, base, at, multicast);
	return at;
}

/* The message at the cursor, below the layer that the caller has added. */
static void add_message(struct dissect *s, bool multicast)
{
	add_fields(s, dns, NSC_ARRAY_LEN(dns));
	if (!has(s, HEADER))
		stop_cut(s);
	else if (add_sections(s, s->off, multicast) == 0)
		add_note(s, "the message is damaged or cut");
}

static enum step dissect_dns(struct dissect *s)
{
	bool multicast = s->src_port == PORT_MDNS || s->dst_port == PORT_MDNS;

	add_layer(s, multicast ? &protocol_mdns : &protocol_dns, s->wire_end - s->off);
	add_message(s, multicast);
	return STEP_STOP;
}

/* Over TCP a length stands in front of each message; a segment may hold several. */
static enum step dissect_dns_tcp(struct dissect *s)
{
	uint64_t wire_end = s->wire_end, cap_end = s->cap_end;

	for (unsigned i = 0; i < MESSAGES_MAX && s->off < cap_end && !s->tree->truncated; i++) {
		uint32_t length = has(s, 2) ? nsc_load16(here(s)) : 0;

		add_layer(s, &protocol_dns, 2 + length);
		add_field(s, &tcp_length);
		if (!has(s, 2))
			return stop_cut(s);
		s->off += 2;
		limit(s, s->off + length);
		add_message(s, false);
		s->off += length;
		s->wire_end = wire_end;
		s->cap_end = cap_end;
	}
	return STEP_STOP;
}

/* --- packet lines ----------------------------------------------------------------------------- */

static void line_question(struct line *l, uint16_t layer)
{
	const struct nsc_field *group = child(l->tree, layer, &section_groups[SECTION_QUESTION]);

	if (group)
		line_print(l, (uint16_t)(group - l->tree->field), "[ %n %v]", TYPES(&question_type, &question_name));
}

static void line_answers(struct line *l, uint16_t layer)
{
	const struct nsc_dissection *tree = l->tree;
	unsigned shown = 0;

	for (uint16_t i = layer + 1; i < tree->n && tree->field[i].depth > tree->field[layer].depth; i++) {
		if (tree->field[i].type != &section_groups[SECTION_ANSWER])
			continue;
		if (shown == LINE_ANSWERS_MAX) {
			nsc_buffer_text(&l->out, ", ...");
			return;
		}
		nsc_buffer_text(&l->out, shown++ ? ", " : ": ");
		dns_record_line(l, i);
	}
}

static void line_dns(struct line *l, uint16_t layer)
{
	const struct nsc_field *rcode = child(l->tree, layer, &dns[DNS_RCODE]);
	bool response = child_value(l->tree, layer, &dns[DNS_RESPONSE], 0);

	nsc_buffer_text(&l->out, l->tree->field[layer].type == &protocol_mdns.layer ? "mDNS" : "DNS");
	if (!rcode)
		return;
	line_print(l, layer, response ? " response %v" : " query %v", TYPES(&dns[DNS_ID]));
	line_question(l, layer);
	if (rcode->value != 0) {
		const char *name = nsc_field_value_name(rcode);

		nsc_buffer_char(&l->out, ' ');
		nsc_buffer_text(&l->out, name ? name : "error");
	}
	line_answers(l, layer);
}

const struct protocol protocol_dns = { LAYER("dns", "DNS"), .dissect = dissect_dns, .line = line_dns };
const struct protocol protocol_dns_tcp = { .dissect = dissect_dns_tcp };
const struct protocol protocol_mdns = { LAYER("mdns", "Multicast DNS"), .dissect = dissect_dns, .line = line_dns };
