/* SPDX-License-Identifier: MIT
 *
 * The language of filters: text to terms. docs/web-api.md has the grammar. Works on copies of single values, which are
 * short, so that nothing here depends on a NUL in the text.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/geo.h"
#include "netscope/query.h"

enum { VALUE_MAX = 64 };

struct unit {
	const char *name; /* lower case */
	double scale;
};

static const struct unit size_units[] = {
	{ "", 1 },         { "b", 1 },        { "k", 1e3 },      { "kb", 1e3 },     { "m", 1e6 },
	{ "mb", 1e6 },     { "g", 1e9 },      { "gb", 1e9 },     { "t", 1e12 },     { "tb", 1e12 },
	{ "ki", 0x1p10 },  { "kib", 0x1p10 }, { "mi", 0x1p20 },  { "mib", 0x1p20 }, { "gi", 0x1p30 },
	{ "gib", 0x1p30 }, { "ti", 0x1p40 },  { "tib", 0x1p40 }, { NULL, 0 },
};
static const struct unit rate_units[] = {
	{ "", 1 },       { "bps", 1 }, { "k", 1e3 },    { "kbps", 1e3 }, { "m", 1e6 },
	{ "mbps", 1e6 }, { "g", 1e9 }, { "gbps", 1e9 }, { NULL, 0 },
};
static const struct unit duration_units[] = {
	{ "ns", 1 },   { "us", 1e3 },   { "ms", 1e6 },   { "s", 1e9 },
	{ "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 }, { NULL, 0 },
};
static const struct unit no_units[] = { { "", 1 }, { "k", 1e3 }, { "m", 1e6 }, { "g", 1e9 }, { NULL, 0 } };

static const struct unit *const units_of[] = {
	[NSC_COLUMN_NUMBER] = no_units, [NSC_COLUMN_PORT] = no_units,           [NSC_COLUMN_BYTES] = size_units,
	[NSC_COLUMN_RATE] = rate_units, [NSC_COLUMN_DURATION] = duration_units,
};

struct parser {
	struct nsc_flow_filter *filter;
	const char *at, *end;
	struct nsc_error *error;
};

static int filter_complain(struct parser *p, const char *what, const char *text, size_t length)
{
	return nsc_fail(p->error, -EINVAL, "filter: %s: '%.*s'", what, (int)NSC_MIN(length, (size_t)VALUE_MAX), text);
}

/* --- values ----------------------------------------------------------------------------------- */

static bool filter_scale_of(const struct nsc_column *column, const char *unit, double *scale)
{
	char lower[8] = "";
	size_t n = strnlen(unit, sizeof(lower));

	if (n == sizeof(lower))
		return false;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)unit[i]);
	if (!n && column->kind == NSC_COLUMN_DURATION) {
		*scale = column->milliseconds ? 1e6 : 1e9;
		return true;
	}
	for (const struct unit *known = units_of[column->kind]; known->name; known++) {
		if (!strcmp(known->name, lower)) {
			*scale = known->scale;
			return true;
		}
	}
	return false;
}

/* Digits, perhaps a point and digits, a unit. No sign, no exponent. */
static bool filter_number_of(const struct nsc_column *column, const char *text, uint64_t *value)
{
	size_t digits = strspn(text, "0123456789"), decimals = 0;
	char digits_only[VALUE_MAX];
	double scale, number;

	if (!digits)
		return false;
	if (text[digits] == '.')
		decimals = 1 + strspn(text + digits + 1, "0123456789");
	if (decimals == 1 || !filter_scale_of(column, text + digits + decimals, &scale))
		return false;
	if (!decimals && scale == 1 && digits < 19) {
		snprintf(digits_only, sizeof(digits_only), "%.*s", (int)digits, text);
		*value = strtoull(digits_only, NULL, 10);
		return true;
	}
	snprintf(digits_only, sizeof(digits_only), "%.*s", (int)(digits + decimals), text);
	number = strtod(digits_only, NULL) * scale;
	if (number >= 18446744073709549568.0)
		return false;
	*value = (uint64_t)(number + 0.5);
	return true;
}

static bool filter_numbers_of(const struct nsc_column *column, char *text, struct nsc_filter_value *value)
{
	char *dash = strchr(text, '-');

	if (dash)
		*dash = '\0';
	if (!filter_number_of(column, text, &value->low) ||
	    !filter_number_of(column, dash ? dash + 1 : text, &value->high))
		return false;
	if (column->kind == NSC_COLUMN_PORT && value->high > UINT16_MAX)
		return false;
	return value->low <= value->high;
}

static bool filter_word_of(const struct nsc_column *column, const char *text, struct nsc_filter_value *value)
{
	for (uint64_t i = 0; column->words[i]; i++) {
		if (!strcasecmp(column->words[i], text)) {
			value->low = value->high = i;
			return true;
		}
	}
	return false;
}

static bool filter_country_of(const char *text, struct nsc_filter_value *value)
{
	if (!isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1]) || text[2])
		return false;
	value->low = value->high =
		(uint64_t)toupper((unsigned char)text[0]) << 8 | (uint64_t)toupper((unsigned char)text[1]);
	return true;
}

static bool filter_prefix_of(const char *text, unsigned most, uint8_t *prefix)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long bits = strtoul(text, NULL, 10);

	*prefix = (uint8_t)bits;
	return digits && digits <= 3 && !text[digits] && bits <= most;
}

static bool filter_address_of(char *text, struct nsc_filter_value *value)
{
	char *slash = strchr(text, '/');
	unsigned most;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, value->address) == 1)
		value->ip_version = 4;
	else if (inet_pton(AF_INET6, text, value->address) == 1)
		value->ip_version = 6;
	else
		return false;
	most = value->ip_version == 4 ? 32 : 128;
	value->prefix = (uint8_t)most;
	return !slash || filter_prefix_of(slash + 1, most, &value->prefix);
}

static bool filter_value_of(const struct nsc_column *column, char *text, struct nsc_filter_value *value)
{
	switch (column->kind) {
	case NSC_COLUMN_ADDRESS:
		return filter_address_of(text, value);
	case NSC_COLUMN_WORD:
		return filter_word_of(column, text, value);
	case NSC_COLUMN_COUNTRY:
		return filter_country_of(text, value);
	default:
		return filter_numbers_of(column, text, value);
	}
}

/* It takes no more room than the filter itself. A word that cannot be is a mistake; with a star it may be a part. */
static bool filter_text_of(struct nsc_flow_filter *filter, const struct nsc_column *column, const char *text,
			   struct nsc_filter_value *value)
{
	size_t length = strlen(text);
	struct nsc_filter_value word;

	if (column->words && !strchr(text, '*') && !filter_word_of(column, text, &word))
		return false;
	if (filter->n_text + length > sizeof(filter->text))
		return false;
	value->low = filter->n_text;
	value->high = length;
	while (*text)
		filter->text[filter->n_text++] = (char)tolower((unsigned char)*text++);
	return true;
}

static int filter_add_value(struct parser *p, const struct nsc_column *column, const char *text, size_t length)
{
	struct nsc_flow_filter *filter = p->filter;
	size_t most = column->kind == NSC_COLUMN_TEXT ? NSC_NAME_MAX : VALUE_MAX - 1;
	char copy[NSC_NAME_MAX + 1];

	if (filter->n_values == NSC_FILTER_VALUES)
		return filter_complain(p, "too many values", text, length);
	if (!length || length > most || memchr(text, '\0', length))
		return filter_complain(p, length ? "a value is too long" : "a value is missing after",
				       length ? text : column->name, length ? length : strlen(column->name));
	memcpy(copy, text, length);
	copy[length] = '\0';
	memset(&filter->value[filter->n_values], 0, sizeof(filter->value[0]));
	if (column->kind == NSC_COLUMN_TEXT ? !filter_text_of(filter, column, copy, &filter->value[filter->n_values])
					    : !filter_value_of(column, copy, &filter->value[filter->n_values])) {
		char what[96];

		snprintf(what, sizeof(what), "%s does not take this value", column->name);
		return filter_complain(p, what, text, length);
	}
	filter->n_values++;
	return 0;
}

/* --- terms ------------------------------------------------------------------------------------ */

static int filter_add_term(struct parser *p, const struct nsc_column *column, enum nsc_filter_op op, bool negated)
{
	struct nsc_flow_filter *filter = p->filter;

	if (filter->n == NSC_FILTER_TERMS)
		return nsc_fail(p->error, -EINVAL, "filter: more than %d terms", NSC_FILTER_TERMS);
	filter->term[filter->n++] = (struct nsc_filter_term){
		.column = column,
		.op = (uint8_t)op,
		.negated = negated,
		.first = (uint8_t)filter->n_values,
	};
	return 0;
}

static struct nsc_filter_term *filter_last_term(struct parser *p)
{
	return &p->filter->term[p->filter->n - 1];
}

static int filter_add_values(struct parser *p, const struct nsc_column *column, const char *text, size_t length)
{
	const char *end = text + length;
	int status;

	do {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		size_t n = (size_t)((comma ? comma : end) - text);

		status = filter_add_value(p, column, text, n);
		text += n + 1;
	} while (!status && text <= end);
	filter_last_term(p)->n = (uint8_t)(p->filter->n_values - filter_last_term(p)->first);
	return status;
}

static size_t filter_op_of(const char *text, size_t length, enum nsc_filter_op *op)
{
	static const struct {
		char text[3];
		enum nsc_filter_op op;
	} ops[] = { { "!=", NSC_OP_NE }, { "<=", NSC_OP_LE }, { ">=", NSC_OP_GE }, { "<", NSC_OP_LT },
		    { ">", NSC_OP_GT },  { ":", NSC_OP_EQ },  { "=", NSC_OP_EQ } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(ops); i++) {
		size_t n = strlen(ops[i].text);

		if (length >= n && !memcmp(text, ops[i].text, n)) {
			*op = ops[i].op;
			return n;
		}
	}
	return 0;
}

static const struct nsc_column *filter_column_named(const char *text, size_t length)
{
	char name[32];

	if (!length || length >= sizeof(name))
		return NULL;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)text[i]);
	name[length] = '\0';
	return nsc_column_find(name, false);
}

/* A dot or a star and a letter, as in example.com: what else is written so is likely to be a mistake. */
static bool filter_is_name(const char *text, size_t length)
{
	bool letter = false, mark = false;

	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && !memchr(".-_*,", text[i], 5))
			return false;
		letter |= isalpha((unsigned char)text[i]) != 0;
		mark |= text[i] == '.' || text[i] == '*';
	}
	return letter && mark;
}

/* A value on its own: whatever takes it first. A text takes everything, so it is asked only for what looks like it. */
static int filter_parse_bare(struct parser *p, const char *text, size_t length, bool negated)
{
	static const char *const fields[] = { "proto", "state", "port", "host", "app", "name" };
	size_t n = NSC_ARRAY_LEN(fields) - !filter_is_name(text, length);

	for (size_t i = 0; i < n; i++) {
		const struct nsc_column *column = nsc_column_find(fields[i], false);
		uint32_t n_text = p->filter->n_text;
		int status = filter_add_term(p, column, NSC_OP_EQ, negated);

		if (status)
			return status;
		if (!(column->words && memchr(text, '*', length)) && !filter_add_values(p, column, text, length))
			return 0;
		p->filter->n_values = filter_last_term(p)->first;
		p->filter->n_text = n_text;
		p->filter->n--;
	}
	return filter_complain(p, "neither a field nor a protocol, state, port, address, application or name", text,
			       length);
}

static bool filter_has_no_order(const struct nsc_column *column)
{
	return column->kind == NSC_COLUMN_WORD || column->kind == NSC_COLUMN_ADDRESS ||
	       column->kind == NSC_COLUMN_TEXT || column->kind == NSC_COLUMN_COUNTRY;
}

static int filter_parse_term(struct parser *p, const char *text, size_t length)
{
	bool negated = *text == '!';
	size_t name, n;
	const struct nsc_column *column;
	enum nsc_filter_op op = NSC_OP_EQ;
	int status;

	text += negated;
	length -= negated;
	for (name = 0; name < length && (isalnum((unsigned char)text[name]) || text[name] == '_'); name++)
		;
	column = filter_column_named(text, name);
	n = filter_op_of(text + name, length - name, &op);
	if (!column || !n)
		return n && op != NSC_OP_EQ ? filter_complain(p, "no such field", text, name)
					    : filter_parse_bare(p, text, length, negated);
	if (column->place && !nsc_geo_files)
		return filter_complain(p, "only --geoip FILE tells this field", text, name);
	if (op >= NSC_OP_LT && filter_has_no_order(column))
		return filter_complain(p, "only : and != work on this field", text, name);
	status = filter_add_term(p, column, op, negated);
	if (!status)
		status = filter_add_values(p, column, text + name + n, length - name - n);
	if (!status && op >= NSC_OP_LT &&
	    (filter_last_term(p)->n != 1 ||
	     p->filter->value[filter_last_term(p)->first].low != p->filter->value[filter_last_term(p)->first].high))
		return filter_complain(p, "a comparison takes one number", text, length);
	return status;
}

static bool filter_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int nsc_flow_filter_parse(struct nsc_flow_filter *filter, const char *text, size_t length, struct nsc_error *error)
{
	struct parser p = { .filter = filter, .at = text, .end = text + length, .error = error };
	int status = 0;

	filter->n = filter->n_values = filter->n_text = 0;
	if (length > NSC_FILTER_TEXT)
		return nsc_fail(error, -EINVAL, "filter: longer than %d bytes", NSC_FILTER_TEXT);
	while (!status) {
		const char *begin;

		while (p.at < p.end && filter_is_space(*p.at))
			p.at++;
		begin = p.at;
		while (p.at < p.end && !filter_is_space(*p.at))
			p.at++;
		if (begin == p.at)
			return 0;
		status = filter_parse_term(&p, begin, (size_t)(p.at - begin));
	}
	return status;
}

uint32_t nsc_flow_filter_ends_first(struct nsc_flow_filter *filter)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < filter->n; i++) {
		struct nsc_filter_term term = filter->term[i];

		if (!term.column->of_ends)
			continue;
		memmove(&filter->term[n + 1], &filter->term[n], (i - n) * sizeof(term));
		filter->term[n++] = term;
	}
	return n;
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool filter_next_part(const char **text, const char *end, char part[VALUE_MAX])
{
	const char *dash = memchr(*text, '-', (size_t)(end - *text));
	size_t n = (size_t)((dash ? dash : end) - *text);

	if (!n || n >= VALUE_MAX || memchr(*text, '\0', n) || (dash && dash + 1 == end))
		return false;
	memcpy(part, *text, n);
	part[n] = '\0';
	*text += n + (dash != NULL);
	return true;
}

static bool filter_port_of(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value = strtoul(text, NULL, 10);

	*port = (uint16_t)value;
	return digits && digits <= 5 && !text[digits] && value <= UINT16_MAX;
}

static bool filter_end_of(const char **text, const char *end, struct nsc_filter_value *address, uint16_t *port)
{
	char part[VALUE_MAX];

	memset(address, 0, sizeof(*address));
	if (!filter_next_part(text, end, part) || strchr(part, '/') || !filter_address_of(part, address))
		return false;
	return filter_next_part(text, end, part) && filter_port_of(part, port);
}

/* 0 when it makes no flows. */
static uint8_t filter_protocol_of(const char *name)
{
	static const uint8_t protocols[] = { NSC_PROTO_TCP, NSC_PROTO_UDP, NSC_PROTO_SCTP, NSC_PROTO_ICMP,
					     NSC_PROTO_ICMPV6 };

	for (size_t i = 0; i < NSC_ARRAY_LEN(protocols); i++)
		if (!strcmp(name, nsc_proto_name(protocols[i])))
			return protocols[i];
	return 0;
}

int nsc_flow_name_parse(struct nsc_flow_name *name, const char *text, size_t length, struct nsc_error *error)
{
	const char *at = text, *end = text + length;
	struct nsc_filter_value a, b;
	char proto[VALUE_MAX];

	memset(name, 0, sizeof(*name));
	if (!filter_next_part(&at, end, proto) || !filter_end_of(&at, end, &a, &name->port_a) ||
	    !filter_end_of(&at, end, &b, &name->port_b) || at != end || a.ip_version != b.ip_version)
		return nsc_fail(error, -EINVAL, "key: wanted protocol-address-port-address-port, not '%.*s'",
				(int)NSC_MIN(length, (size_t)160), text);
	name->proto = filter_protocol_of(proto);
	if (!name->proto)
		return nsc_fail(error, -EINVAL, "key: no protocol '%s' makes flows", proto);
	name->ip_version = a.ip_version;
	memcpy(name->addr_a, a.address, 16);
	memcpy(name->addr_b, b.address, 16);
	return 0;
}
