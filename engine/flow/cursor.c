/* SPDX-License-Identifier: MIT
 *
 * A cursor is the row behind which the next page begins: its value of the sort, and its record, by which rows of one
 * value are ordered. Its text is made of bytes of this machine, and is read by nobody else.
 */
#include <errno.h>
#include <string.h>

#include "netscope/query.h"

enum { CURSOR_VERSION = 1 };

struct cursor {
	uint8_t version, column, ascending, known;
	uint8_t unused[4];
	struct nsc_flow_key_value key;
	struct nsc_flow_record record;
};

static_assert(2 * sizeof(struct cursor) == NSC_CURSOR_TEXT, "its bytes as hexadecimal digits");

/* What tells apart two records of one connection that begin and end at the same moment. */
static bool cursor_is_same_flow(const struct nsc_flow_record *x, const struct nsc_flow_record *y)
{
	return x->first_seen_ns == y->first_seen_ns && x->ended_ns == y->ended_ns && x->proto == y->proto &&
	       x->ip_version == y->ip_version && x->port_a == y->port_a && x->port_b == y->port_b &&
	       x->part == y->part && x->interface == y->interface && x->n_vlans == y->n_vlans &&
	       x->n_tunnels == y->n_tunnels && !memcmp(x->addr_a, y->addr_a, sizeof(x->addr_a)) &&
	       !memcmp(x->addr_b, y->addr_b, sizeof(x->addr_b)) && !memcmp(x->vlan, y->vlan, sizeof(x->vlan)) &&
	       !memcmp(x->tunnel_id, y->tunnel_id, sizeof(x->tunnel_id));
}

bool nsc_flow_hit_passed(const struct nsc_flow_query *query, const struct nsc_flow_hit *hit)
{
	return nsc_flow_hit_compare(query, hit, &query->after) <= 0 ||
	       cursor_is_same_flow(&hit->record, &query->after.record);
}

void nsc_flow_cursor_write(char text[NSC_CURSOR_TEXT + 1], const struct nsc_flow_query *query,
			   const struct nsc_flow_hit *hit)
{
	static const char digits[] = "0123456789abcdef";
	struct cursor cursor = {
		.version = CURSOR_VERSION,
		.column = (uint8_t)(query->sort - nsc_column_table),
		.ascending = query->ascending,
		.known = hit->known,
		.key = hit->key,
		.record = hit->record,
	};
	const uint8_t *bytes = (const uint8_t *)&cursor;

	nsc_flow_name_set(&cursor.record, 0); /* a handle that comes back from outside is none */
	for (size_t i = 0; i < sizeof(cursor); i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[NSC_CURSOR_TEXT] = '\0';
}

static bool cursor_read_digits(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		char c = text[i];
		uint8_t value = c >= '0' && c <= '9' ? (uint8_t)(c - '0') : (uint8_t)(c - 'a' + 10);

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | value);
	}
	return true;
}

int nsc_flow_cursor_parse(struct nsc_flow_query *query, const char *text, size_t length, struct nsc_error *error)
{
	struct cursor cursor;

	query->follows = false;
	if (length != NSC_CURSOR_TEXT || !cursor_read_digits(text, (uint8_t *)&cursor, sizeof(cursor)) ||
	    cursor.version != CURSOR_VERSION)
		return nsc_fail(error, -EINVAL, "after: wanted `next` or one of `cursors` of an answer");
	if (cursor.column != query->sort - nsc_column_table || cursor.ascending != query->ascending)
		return nsc_fail(error, -EINVAL, "after: this cursor belongs to another sort or order");
	query->after = (struct nsc_flow_hit){ .key = cursor.key, .known = cursor.known != 0, .record = cursor.record };
	nsc_flow_name_set(&query->after.record, 0);
	query->follows = true;
	return 0;
}
