/* SPDX-License-Identifier: MIT
 *
 * The columns are those of the schema, found by their names: one that is added later is passed over.
 */
#include "tools/ship/flow_row.h"

#include "engine/base/assert.h"

#include <errno.h>
#include <string.h>

enum { NO_WORD = 255 };

/* --- forms ------------------------------------------------------------------------------------ */

/* The index of a word; NO_WORD: it is not in the table. */
static uint8_t row_word(const char *at, size_t length, const char *const *words, uint8_t n)
{
	for (uint8_t i = 0; i < n; i++)
		if (strlen(words[i]) == length && !memcmp(words[i], at, length))
			return i;
	return NO_WORD;
}

static void row_set_protocol(struct nsc_flow_row *row, const char *at, size_t length)
{
	static const char *const words[] = { "tcp", "udp", "sctp", "icmp", "icmpv6" };
	static const uint8_t numbers[] = { NSC_PROTO_TCP, NSC_PROTO_UDP, NSC_PROTO_SCTP, NSC_PROTO_ICMP,
					   NSC_PROTO_ICMPV6 };
	uint8_t i = row_word(at, length, words, NSC_ARRAY_LEN(words));

	row->record.proto = i == NO_WORD ? NO_WORD : numbers[i];
}

static void row_set_state(struct nsc_flow_row *row, const char *at, size_t length)
{
	static const char *const words[] = {
#define NSC_X(name, text) text,
		NSC_TCP_STATES(NSC_X)
#undef NSC_X
	};

	row->record.tcp_state = length ? row_word(at, length, words, NSC_ARRAY_LEN(words)) : 0;
}

static void row_set_reason(struct nsc_flow_row *row, const char *at, size_t length)
{
	static const char *const words[] = {
#define NSC_X(name, text) text,
		NSC_END_REASONS(NSC_X)
#undef NSC_X
	};

	row->record.end_reason = row_word(at, length, words, NSC_ARRAY_LEN(words));
}

static void row_set_client(struct nsc_flow_row *row, const char *at, size_t length)
{
	static const char *const words[] = { "", "a_to_b", "b_to_a" };

	row->record.client = row_word(at, length, words, NSC_ARRAY_LEN(words));
}

static void row_set_source(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->said = length == strlen("payload") && !memcmp(at, "payload", length);
}

static uint8_t row_flags(const char *at, size_t length)
{
	static const struct {
		char letter;
		uint8_t bit;
	} flags[] = { { 'F', 1 },  { 'S', 2 },  { 'R', 4 },  { 'P', 8 },
		      { 'A', 16 }, { 'U', 32 }, { 'E', 64 }, { 'C', 128 } };
	uint8_t all = 0;

	for (; length; length--, at++)
		for (size_t i = 0; i < NSC_ARRAY_LEN(flags); i++)
			all |= *at == flags[i].letter ? flags[i].bit : 0;
	return all;
}

static void row_set_flags_a(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->record.tcp_flags[0] = row_flags(at, length);
}

static void row_set_flags_b(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->record.tcp_flags[1] = row_flags(at, length);
}

/* "10.20" */
static void row_set_vlan(struct nsc_flow_row *row, const char *at, size_t length)
{
	struct nsc_flow_record *r = &row->record;

	for (size_t i = 0; i < length && r->n_vlans < NSC_VLANS_MAX; r->n_vlans++, i++)
		for (; i < length && at[i] != '.'; i++)
			r->vlan[r->n_vlans] = (uint16_t)(r->vlan[r->n_vlans] * 10 + (at[i] - '0'));
}

/* IPv4 is ::ffff:a.b.c.d. */
static void row_ip(struct nsc_flow_row *row, uint8_t address[16], const char *at)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(at, mapped, sizeof(mapped))) {
		row->record.ip_version = 6;
		memcpy(address, at, 16);
		return;
	}
	memcpy(address, at + sizeof(mapped), 4);
}

static void row_set_address_a(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->record.ip_version = 4;
	row_ip(row, row->record.addr_a, at);
}

static void row_set_address_b(struct nsc_flow_row *row, const char *at, size_t length)
{
	row_ip(row, row->record.addr_b, at);
}

static void row_set_app(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->words.app = (struct nsc_ipfix_text){ at, length };
}

static void row_set_name(struct nsc_flow_row *row, const char *at, size_t length)
{
	row->words.name = (struct nsc_ipfix_text){ at, NSC_MIN(length, (size_t)NSC_NAME_MAX) };
}

/* Numbers: X(column, member of the record). */
#define ROW_NUMBERS(X)                                                                                                 \
	X(endpoint_a_port, port_a)                                                                                     \
	X(endpoint_b_port, port_b)                                                                                     \
	X(first_seen, first_seen_ns)                                                                                   \
	X(last_seen, last_seen_ns)                                                                                     \
	X(packets_a_to_b, packets[0])                                                                                  \
	X(packets_b_to_a, packets[1])                                                                                  \
	X(bytes_a_to_b, bytes[0])                                                                                      \
	X(bytes_b_to_a, bytes[1])                                                                                      \
	X(retransmissions, retransmissions)                                                                            \
	X(out_of_order, out_of_order)                                                                                  \
	X(ttl_min_a_to_b, ttl_min[0])                                                                                  \
	X(ttl_min_b_to_a, ttl_min[1])                                                                                  \
	X(dscp_a_to_b, dscp[0])                                                                                        \
	X(dscp_b_to_a, dscp[1])

#define NSC_X(column, member)                                                                                          \
	static void row_set_##column(struct nsc_flow_row *row, const char *at, size_t length)                          \
	{                                                                                                              \
		memcpy(&row->record.member, at, sizeof(row->record.member));                                           \
	}
ROW_NUMBERS(NSC_X)
#undef NSC_X

static const struct {
	const char *column;
	void (*set)(struct nsc_flow_row *row, const char *at, size_t length);
	size_t width;
} row_fields[] = { { "protocol", row_set_protocol, 0 },
		   { "endpoint_a_ip", row_set_address_a, 16 },
		   { "endpoint_b_ip", row_set_address_b, 16 },
		   { "tcp_state", row_set_state, 0 },
		   { "client", row_set_client, 0 },
		   { "end_reason", row_set_reason, 0 },
		   { "tcp_flags_a_to_b", row_set_flags_a, 0 },
		   { "tcp_flags_b_to_a", row_set_flags_b, 0 },
		   { "vlan", row_set_vlan, 0 },
		   { "app", row_set_app, 0 },
		   { "app_source", row_set_source, 0 },
		   { "name", row_set_name, 0 },
#define NSC_X(column, member) { #column, row_set_##column, sizeof(((struct nsc_flow_record *)0)->member) },
		   ROW_NUMBERS(NSC_X)
#undef NSC_X
};

/* --- rows ------------------------------------------------------------------------------------- */

void nsc_flow_rows_begin(struct nsc_flow_rows *rows, const char *data, size_t bytes)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	size_t found = 0;

	*rows = (struct nsc_flow_rows){ .at = data, .end = data + bytes };
	rows->n = nsc_ship_columns(column, NSC_SEGMENT_FLOWS);
	for (uint32_t i = 0; i < rows->n; i++) {
		rows->column[i].width = nsc_ship_column_width(&column[i]);
		for (size_t f = 0; f < NSC_ARRAY_LEN(row_fields); f++)
			if (!strcmp(column[i].name, row_fields[f].column)) {
				nsc_assert(rows->column[i].width == row_fields[f].width,
					   "a column is as wide as its member");
				rows->column[i].set = row_fields[f].set;
				found++;
			}
	}
	nsc_assert(found == NSC_ARRAY_LEN(row_fields), "each field is a column of the schema");
}

/* A length in LEB128. False: it is not whole. */
static bool rows_length(struct nsc_flow_rows *rows, size_t *length)
{
	uint8_t byte = 128;

	*length = 0;
	for (unsigned shift = 0; byte & 128; shift += 7) {
		if (rows->at == rows->end || shift > 21)
			return false;
		byte = (uint8_t)*rows->at++;
		*length |= (size_t)(byte & 127) << shift;
	}
	return true;
}

static bool row_is_sound(const struct nsc_flow_record *r)
{
	return r->proto != NO_WORD && r->tcp_state != NO_WORD && r->client != NO_WORD && r->end_reason != NO_WORD &&
	       r->last_seen_ns >= r->first_seen_ns;
}

int nsc_flow_rows_next(struct nsc_flow_rows *rows, struct nsc_flow_row *row)
{
	if (rows->at == rows->end)
		return 0;
	memset(row, 0, sizeof(*row));
	for (uint32_t i = 0; i < rows->n; i++) {
		size_t length = rows->column[i].width;

		if ((!length && !rows_length(rows, &length)) || length > (size_t)(rows->end - rows->at))
			return -EBADMSG;
		if (rows->column[i].set)
			rows->column[i].set(row, rows->at, length);
		rows->at += length;
	}
	if (!row->said)
		row->words.app.n = 0;
	row->record.ended_ns = row->record.last_seen_ns;
	return row_is_sound(&row->record) ? 1 : -EBADMSG;
}
