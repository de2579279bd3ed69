/* SPDX-License-Identifier: MIT
 *
 * Does a filter let a flow through? Runs on workers, for the records that the sweep passes.
 */
#include <ctype.h>
#include <string.h>

#include "netscope/query.h"

static bool match_network(const struct nsc_filter_value *want, const uint8_t addr[16], uint8_t ip_version)
{
	unsigned bytes = want->prefix / 8, bits = want->prefix % 8;

	if (want->ip_version != ip_version || memcmp(want->address, addr, bytes))
		return false;
	return !bits || !((want->address[bytes] ^ addr[bytes]) >> (8 - bits));
}

static bool match_compare(enum nsc_filter_op op, const struct nsc_filter_value *want, uint64_t have)
{
	switch (op) {
	case NSC_OP_LT:
		return have < want->low;
	case NSC_OP_LE:
		return have <= want->low;
	case NSC_OP_GT:
		return have > want->low;
	case NSC_OP_GE:
		return have >= want->low;
	default:
		return have >= want->low && have <= want->high;
	}
}

/* One end of the flow against one value; b: the end b. */
static bool match_end(const struct nsc_filter_term *term, const struct nsc_filter_value *want,
		      const struct nsc_flow_record *record, bool b)
{
	if (term->column->kind == NSC_COLUMN_ADDRESS)
		return match_network(want, b ? record->addr_b : record->addr_a, record->ip_version);
	return match_compare(term->op, want, b ? record->port_b : record->port_a);
}

static bool match_side(const struct nsc_filter_term *term, const struct nsc_filter_value *want,
		       const struct nsc_flow_record *record)
{
	bool b = (record->client == NSC_CLIENT_B) == (term->column->end == NSC_SIDE_CLIENT);

	if (term->column->end == NSC_SIDE_EITHER)
		return match_end(term, want, record, false) || match_end(term, want, record, true);
	return match_end(term, want, record, b);
}

/* `*` stands for any characters, also none; letters of any size are the same. Goes back to the last star only: it may
 * take what it took less, so the work is at most the product of both lengths. */
static bool match_pattern(const char *want, size_t want_length, const char *have, size_t have_length)
{
	size_t w = 0, h = 0, star = SIZE_MAX, taken = 0;

	while (h < have_length) {
		if (w < want_length && want[w] == '*') {
			star = w++;
			taken = h;
		} else if (w < want_length && tolower((unsigned char)want[w]) == tolower((unsigned char)have[h])) {
			w++;
			h++;
		} else if (star != SIZE_MAX) {
			w = star + 1;
			h = ++taken;
		} else {
			return false;
		}
	}
	while (w < want_length && want[w] == '*')
		w++;
	return w == want_length;
}

static bool match_part(const struct nsc_column *column, const char *want, size_t want_length, const char *have,
		       size_t length)
{
	if (match_pattern(want, want_length, have, length))
		return true;
	return column->below && length > want_length && have[length - want_length - 1] == '.' &&
	       match_pattern(want, want_length, have + length - want_length, want_length);
}

static bool match_text(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term,
		       const struct nsc_flow_record *record)
{
	struct nsc_named named;
	const char *text, *end, *part;
	uint32_t length;
	bool any = false;

	nsc_flow_named(record, &named);
	length = term->column->text(&named, &text);
	if (!length)
		return false;
	for (end = text + length; text < end && !any; text = part + 1) {
		part = memchr(text, ';', (size_t)(end - text));
		part = part ? part : end;
		for (unsigned i = 0; i < term->n && !any; i++) {
			const struct nsc_filter_value *want = &filter->value[term->first + i];

			any = match_part(term->column, filter->text + want->low, want->high, text,
					 (size_t)(part - text));
		}
	}
	return term->op == NSC_OP_NE ? !any : any;
}

static bool match_term(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term,
		       const struct nsc_flow_record *record, const struct nsc_flow_moment *moment)
{
	bool ends = term->column->end != NSC_SIDE_NONE, any = false;
	struct nsc_flow_key_value have;

	if (term->column->kind == NSC_COLUMN_TEXT)
		return match_text(filter, term, record);
	if (ends ? term->column->end != NSC_SIDE_EITHER && record->client == NSC_CLIENT_NONE
		 : !term->column->value(record, moment, &have))
		return false;
	for (unsigned i = 0; i < term->n && !any; i++) {
		const struct nsc_filter_value *want = &filter->value[term->first + i];

		any = ends ? match_side(term, want, record) : match_compare(term->op, want, have.word[0]);
	}
	return term->op == NSC_OP_NE ? !any : any;
}

bool nsc_flow_filter_match(const struct nsc_flow_filter *filter, const struct nsc_flow_record *record,
			   const struct nsc_flow_moment *moment)
{
	for (uint32_t i = 0; i < filter->n; i++)
		if (match_term(filter, &filter->term[i], record, moment) == filter->term[i].negated)
			return false;
	return true;
}
