/* SPDX-License-Identifier: MIT
 *
 * Text to a choice of packets.
 */
#include "netscope/packet_choice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/query.h"
#include "netscope/time_read.h"

enum { ADDRESS_TEXT = 64 };

void nsc_packet_choice_init(struct nsc_packet_choice *choice)
{
	*choice = (struct nsc_packet_choice){ .to_ns = UINT64_MAX };
}

void nsc_packet_choice_settle(struct nsc_packet_choice *choice, uint64_t newest_ns)
{
	if (choice->last_ns)
		choice->from_ns = newest_ns - NSC_MIN(newest_ns, choice->last_ns);
	choice->from_ns = NSC_MIN(choice->from_ns, choice->to_ns);
	choice->last_ns = 0;
}

bool nsc_packet_choice_can_follow(const struct nsc_packet_choice *choice)
{
	return choice->kind == NSC_CHOICE_FLOW && !choice->any_port &&
	       (choice->proto == NSC_PROTO_TCP || choice->proto == NSC_PROTO_UDP);
}

static int choice_refuse(const char *word, const char *wanted, const char *value, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL, "%s: wanted %s; found \"%.160s\"", word, wanted, value);
}

/* --- addresses -------------------------------------------------------------------------------- */

/* text[0..length); 0: it is none. */
static uint8_t choice_address_of(const char *text, size_t length, uint8_t address[16])
{
	char copy[ADDRESS_TEXT];

	if (!length || length >= sizeof(copy))
		return 0;
	memcpy(copy, text, length);
	copy[length] = '\0';
	memset(address, 0, 16);
	if (inet_pton(AF_INET, copy, address) == 1)
		return 4;
	memset(address, 0, 16);
	return inet_pton(AF_INET6, copy, address) == 1 ? 6 : 0;
}

static bool choice_port_of(const char *text, size_t length, uint16_t *port)
{
	uint32_t value = 0;

	if (!length || length > 5)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

/* "10.0.0.1:80", "[2001:db8::1]:80": the address family, or 0. */
static uint8_t choice_end_of(const char *text, size_t length, uint8_t address[16], uint16_t *port)
{
	const char *colon = length ? memrchr(text, ':', length) : NULL;
	size_t before = colon ? (size_t)(colon - text) : 0;
	uint8_t version;

	if (!before || !choice_port_of(colon + 1, length - before - 1, port))
		return 0;
	if (text[0] != '[')
		return choice_address_of(text, before, address) == 4 ? 4 : 0;
	version = text[before - 1] == ']' ? choice_address_of(text + 1, before - 2, address) : 0;
	return version == 6 ? 6 : 0;
}

static int choice_set_host(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	size_t length = strlen(value);
	uint8_t version = choice_address_of(value, length, choice->a);

	choice->kind = NSC_CHOICE_HOST;
	if (!version) {
		version = choice_end_of(value, length, choice->a, &choice->a_port);
		choice->kind = NSC_CHOICE_END;
	}
	choice->ip_version = version;
	return version ? 0
		       : choice_refuse("host", "ADDRESS or ADDRESS:PORT, an IPv6 address before a port in brackets",
				       value, error);
}

/* "10.0.0.1:80-10.0.0.2:4242", or both without a port. */
static bool choice_ends_of(struct nsc_packet_choice *choice, const char *value, size_t length)
{
	const char *dash = memchr(value, '-', length), *behind = dash ? dash + 1 : NULL;
	size_t before = dash ? (size_t)(dash - value) : 0, rest = dash ? length - before - 1 : 0;
	uint8_t a, b;

	if (!dash)
		return false;
	a = choice_end_of(value, before, choice->a, &choice->a_port);
	b = choice_end_of(behind, rest, choice->b, &choice->b_port);
	choice->any_port = !a && !b;
	if (choice->any_port) {
		a = choice_address_of(value, before, choice->a);
		b = choice_address_of(behind, rest, choice->b);
	}
	choice->ip_version = a;
	return a && a == b;
}

/* A name of nsc_proto_name; 0: there is none. */
static uint8_t choice_proto_of(const char *name)
{
	static const uint8_t protocols[] = { NSC_PROTO_TCP, NSC_PROTO_UDP, NSC_PROTO_SCTP, NSC_PROTO_ICMP,
					     NSC_PROTO_ICMPV6 };

	for (size_t i = 0; i < NSC_ARRAY_LEN(protocols); i++)
		if (!strcmp(nsc_proto_name(protocols[i]), name))
			return protocols[i];
	return 0;
}

static int choice_set_flow(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	const char *slash = strchrnul(value, '/');
	struct nsc_flow_name name;

	choice->kind = NSC_CHOICE_FLOW;
	choice->proto = *slash ? choice_proto_of(slash + 1) : 0;
	if ((choice->proto || !*slash) && choice_ends_of(choice, value, (size_t)(slash - value)))
		return 0;
	choice->any_port = false;
	if (nsc_flow_name_parse(&name, value, strlen(value), NULL))
		return choice_refuse("flow",
				     "A:PORT-B:PORT or A-B, perhaps with /tcp, or a flow's key, as in "
				     "tcp-10.0.0.1-80-10.0.0.2-4242",
				     value, error);
	choice->proto = name.proto;
	choice->ip_version = name.ip_version;
	memcpy(choice->a, name.addr_a, sizeof(choice->a));
	memcpy(choice->b, name.addr_b, sizeof(choice->b));
	choice->a_port = name.port_a;
	choice->b_port = name.port_b;
	return 0;
}

/* --- times ------------------------------------------------------------------------------------ */

/* "12.5" in units of `unit` ns, with *end behind it; false: no number, or more than 2^62 ns. */
static bool choice_number_of(const char *text, uint64_t unit, const char **end, uint64_t *ns)
{
	const uint64_t most = 1ull << 62;
	uint64_t whole = 0, part = 0, scale = unit;

	*end = text;
	for (; **end >= '0' && **end <= '9'; ++*end) {
		whole = whole * 10 + (uint64_t)(**end - '0');
		if (whole > most / unit)
			return false;
	}
	if (*end == text)
		return false;
	if (**end == '.') {
		if ((*end)[1] < '0' || (*end)[1] > '9')
			return false;
		for (++*end; **end >= '0' && **end <= '9'; ++*end) {
			part += (uint64_t)(**end - '0') * (scale / 10);
			scale /= 10;
		}
	}
	*ns = whole * unit + part;
	return *ns <= most;
}

static const struct {
	const char *name;
	uint64_t ns;
} choice_units[] = {
	{ "", NSC_NS_PER_SEC },
	{ "s", NSC_NS_PER_SEC },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
	{ "m", 60 * NSC_NS_PER_SEC },
	{ "min", 60 * NSC_NS_PER_SEC },
	{ "h", 3600 * NSC_NS_PER_SEC },
};

static int choice_set_last(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	size_t digits = strspn(value, "0123456789.");
	const char *end;

	for (size_t i = 0; i < NSC_ARRAY_LEN(choice_units); i++)
		if (!strcmp(value + digits, choice_units[i].name) &&
		    choice_number_of(value, choice_units[i].ns, &end, &choice->last_ns) && end == value + digits &&
		    choice->last_ns)
			return 0;
	choice->last_ns = 0;
	return choice_refuse("last", "a time above 0, as in 30s, 500ms, 2m, 1h", value, error);
}

static int choice_set_time(const char *word, const char *value, uint64_t *ns, struct nsc_error *error)
{
	struct nsc_error why;
	int status = nsc_time_read(value, ns, &why);

	return status ? nsc_fail(error, status, "%s: %.400s", word, why.text) : 0;
}

static int choice_set_from(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	return choice_set_time("from", value, &choice->from_ns, error);
}

static int choice_set_to(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	return choice_set_time("to", value, &choice->to_ns, error);
}

static int choice_set_filter(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error)
{
	struct nsc_flow_filter filter;
	struct nsc_error why;
	uint32_t ends;

	choice->kind = NSC_CHOICE_FILTER;
	if (nsc_flow_filter_parse(&filter, value, strlen(value), &why))
		return nsc_fail(error, -EINVAL, "filter: %.400s", why.text);
	ends = nsc_flow_filter_ends_first(&filter);
	if (!filter.n)
		return choice_refuse("filter", "terms of host, port, proto and ip", value, error);
	if (ends < filter.n)
		return nsc_fail(error, -EINVAL,
				"filter: no packet by itself tells %s; packets are chosen by host, port, proto and ip",
				filter.term[ends].column->name);
	strcpy(choice->filter, value);
	return 0;
}

/* --- words ------------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	int (*set)(struct nsc_packet_choice *choice, const char *value, struct nsc_error *error);
} choice_words[] = {
	{ "host", choice_set_host }, { "flow", choice_set_flow }, { "last", choice_set_last },
	{ "from", choice_set_from }, { "to", choice_set_to },     { "filter", choice_set_filter },
};

static int choice_check(const struct nsc_packet_choice *before, const struct nsc_packet_choice *choice,
			struct nsc_error *error)
{
	if (before->kind != NSC_CHOICE_ALL && choice->kind != before->kind)
		return nsc_fail(error, -EINVAL, "host, flow and filter exclude each other: one choice has one of them");
	if (choice->last_ns && choice->from_ns)
		return nsc_fail(error, -EINVAL, "last and from are given together: both say where the time begins");
	if (choice->from_ns > choice->to_ns)
		return nsc_fail(error, -EINVAL, "from lies behind to: no packet has such a time");
	return 0;
}

int nsc_packet_choice_set(struct nsc_packet_choice *choice, const char *word, const char *value,
			  struct nsc_error *error)
{
	struct nsc_packet_choice changed = *choice;
	int status = -ENOENT;

	if (strnlen(value, NSC_CHOICE_TEXT + 1) > NSC_CHOICE_TEXT)
		return nsc_fail(error, -EINVAL, "%.16s: longer than %d bytes", word, NSC_CHOICE_TEXT);
	for (size_t i = 0; i < NSC_ARRAY_LEN(choice_words); i++)
		if (!strcmp(choice_words[i].word, word))
			status = choice_words[i].set(&changed, value, error);
	if (status == -ENOENT)
		return nsc_fail(error, status,
				"packets are chosen by host, flow, filter, last, from and to, not by \"%.16s\"", word);
	if (!status)
		status = choice_check(choice, &changed, error);
	if (!status)
		*choice = changed;
	return status;
}
